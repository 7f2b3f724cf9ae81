"""One level of a drawing: boxes in layers from top to bottom, and lines between them.

Joins ``layers.py``, ``order.py`` and ``coordinates.py``. Lines of one start are a tree: they run
together, through a point in every layer that they pass, and branch where they have to. Nothing runs
through a box: between layers lines are curves, within a layer they are straight and have
their place like a box, and so has the label that stands at a line's beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chainrule.drawing.coordinates import coordinates
from chainrule.drawing.layers import Arc, acyclic, layers_of
from chainrule.drawing.order import Layers, Orders, Segment, in_order

Point = tuple[float, float]

GAP, LANE = 18.0, 9.0  # between boxes of a layer, and beside lines that pass it
BETWEEN = 26.0  # between layers
MOST_POINTS = 25_000  # of all lines together; longer lines are cut


@dataclass(frozen=True)
class Box:
    """A vertex of a level: its size, and whether it is a port in the first or last layer."""

    width: float
    height: float
    side: str = ""  # "first" or "last"
    leading: bool = False  # stays at the start of its layer


@dataclass(frozen=True)
class Target:
    """Where a line ends: at a box, at an offset from its middle (None: where there is room).

    ``below`` is the length of the longest path that goes on from there.
    """

    box: int
    name: int
    offset: float | None = None
    below: int = 0


@dataclass(frozen=True)
class Bundle:
    """Lines that start at one place of one box and have one label (width 0: none).

    ``above`` is the length of the longest path that leads there.
    """

    box: int
    name: int
    targets: tuple[Target, ...]
    offset: float | None = None
    label: tuple[float, float] = (0.0, 0.0)
    tag: tuple[float, float] = (0.0, 0.0)
    above: int = 0


@dataclass(frozen=True)
class Placed:
    """The upper left corner of a label or tag; ``name`` is its bundle's, ``target`` a line's."""

    name: int
    x: float
    y: float
    target: int = -1


@dataclass(frozen=True)
class Line:
    """A line through points; ``target`` is the name that its target has, -1 for a tag's.

    ``whole`` says that it begins at its bundle's box and not where it leaves another line.
    """

    bundle: int
    target: int
    points: tuple[Point, ...]
    whole: bool


@dataclass
class Level:
    """A level arranged: boxes by their middle and top, everything else by its corner."""

    width: float
    height: float
    middles: list[float]
    tops: list[float]
    lines: list[Line] = field(default_factory=list[Line])
    labels: list[Placed] = field(default_factory=list[Placed])
    tags: list[Placed] = field(default_factory=list[Placed])


def arrange(boxes: Sequence[Box], bundles: Sequence[Bundle], axis: float, known: Orders) -> Level:
    """Places for boxes, lines and labels.

    Args:
        boxes: the vertices.
        bundles: the lines between them.
        axis: where the line passes a label, in widths from its middle: -0.5 is the left border.
        known: orders of other levels, from which equal ones take theirs.
    """
    return _Arranging(boxes, bundles, axis).level(known)


@dataclass(frozen=True)
class _Path:
    """The vertices of one line, one in each layer, and whether it runs against the layers.

    ``near`` are all targets of the tree that it is of.
    """

    bundle: Bundle
    target: Target | None
    vertices: list[int]
    near: Sequence[Target] = ()
    turned: bool = False


class _Arranging:
    """The vertices of a level, to which points of lines, labels and tags are added."""

    def __init__(self, boxes: Sequence[Box], bundles: Sequence[Bundle], axis: float) -> None:
        self.boxes = boxes
        self.axis = axis
        self.widths = [b.width for b in boxes]
        self.heights = [b.height for b in boxes]
        self.gaps = [LANE if b.side and not b.leading else GAP for b in boxes]
        self.passing = [False] * len(boxes)
        self.layer = _layers(boxes, bundles)
        self.labels: dict[int, Bundle] = {}
        self.tags: dict[int, tuple[Bundle, Target | None]] = {}
        self.segments: dict[tuple[int, int, int], Segment] = {}
        self.paths: list[_Path] = []
        self.reach = self._reach(bundles)
        for bundle in bundles:
            self._add(bundle)

    def _reach(self, bundles: Sequence[Bundle]) -> int:
        """The layers that a line may pass at most, so that all of them have few points."""
        spans = sorted(
            max((abs(self.layer[t.box] - self.layer[b.box]) for t in b.targets), default=0)
            for b in bundles
        )
        left, count = MOST_POINTS, len(spans)
        for i, span in enumerate(spans):
            if span * (count - i) > left:
                return max(8, left // (count - i))
            left -= span
        return 1 << 30

    def _new(self, layer: int, size: tuple[float, float], gap: float, *, passing: bool) -> int:
        self.widths.append(size[0])
        self.heights.append(size[1])
        self.gaps.append(gap)
        self.passing.append(passing)
        self.layer.append(layer)
        return len(self.widths) - 1

    def _point(self, layer: int) -> int:
        return self._new(layer, (0.0, 0.0), LANE, passing=True)

    def _add(self, bundle: Bundle) -> None:
        layer, start = self.layer, bundle.box
        ahead = [t for t in bundle.targets if layer[t.box] > layer[start]]
        near = [t for t in ahead if layer[t.box] - layer[start] <= self.reach]
        head = [start]
        if ahead and bundle.label[0]:
            width, height = bundle.label
            label = self._new(layer[start] + 1, (width, height), GAP / 2, passing=False)
            self.labels[label] = bundle
            head.append(label)
        if len(near) < len(ahead):
            tag = self._new(layer[head[-1]] + 1, bundle.tag, GAP, passing=False)
            self.tags[tag] = (bundle, None)
            self._keep(_Path(bundle, None, [*head, tag], near))
            head = head[-1:]
        trunk = list(head)
        for i, target in enumerate(sorted(near, key=lambda t: -layer[t.box])):
            last = layer[target.box] - 1
            while layer[trunk[-1]] < last:
                trunk.append(self._point(layer[trunk[-1]] + 1))
            branch = [v for v in trunk if layer[v] == last] if i else trunk
            self._keep(_Path(bundle, target, [*branch, target.box], near))
        for target in ahead:
            if target not in near:
                tag = self._new(layer[target.box] - 1, bundle.tag, GAP, passing=False)
                self.tags[tag] = (bundle, target)
                self._keep(_Path(bundle, target, [tag, target.box]))
        for target in bundle.targets:
            if target not in ahead:
                between = range(layer[target.box] + 1, layer[start])
                points = [self._point(n) for n in between]
                self._keep(_Path(bundle, target, [target.box, *points, start], turned=True))

    def _keep(self, path: _Path) -> None:
        """Note the path and its segments, each of the trunk's once."""
        self.paths.append(path)
        first, last = path.bundle.offset, path.target.offset if path.target else None
        if path.turned:
            first, last = last, first
        end = len(path.vertices) - 2
        for i, (u, v) in enumerate(pairwise(path.vertices)):
            start = first if i == 0 and u < len(self.boxes) else None
            stop = last if i == end and v < len(self.boxes) else None
            # lines to one box from one place are apart if they may be spread there
            key = (u, v, len(self.paths) if i == end and stop is None else -1)
            here = self._axis(u) if start is None else start
            there = self._axis(v) if stop is None else stop
            beyond = [t.below for t in path.near if self.layer[t.box] > self.layer[v]]
            onward = max(beyond, default=0)
            if i == end:
                onward = path.target.below if path.target else 0
            self.segments[key] = Segment(u, v, here, there, path.bundle.above, onward)

    def _axis(self, v: int) -> float:
        return self.axis * self.widths[v] if v in self.labels else 0.0

    def level(self, known: Orders) -> Level:
        """Order, coordinates, and lines."""
        found: list[list[int]] = [[] for _ in range(max(self.layer, default=-1) + 1)]
        for v, n in enumerate(self.layer):
            found[n].append(v)
        leading = frozenset(i for i, box in enumerate(self.boxes) if box.leading)
        segments = list(self.segments.values())
        rows = in_order(found, segments, self.widths, leading, known)
        self._spread(rows)
        segments = list(self.segments.values())
        xs = coordinates(rows, segments, self.widths, self.gaps, self.passing)
        lowest = min((x - w / 2 for x, w in zip(xs, self.widths, strict=True)), default=0.0)
        xs = [x - lowest for x in xs]
        return self._drawn(xs, self._rows_from(rows, xs))

    def _spread(self, rows: Layers) -> None:
        """Lines that meet a box where they like get places side by side, in their order."""
        place = {v: i for row in rows for i, v in enumerate(row)}
        free = {b.name for b in self._bundles() if b.offset is None}
        into: dict[int, list[tuple[int, int, int]]] = {}
        out: dict[int, list[tuple[int, int, int]]] = {}
        for key in self.segments:
            if key[2] >= 0 and key[1] < len(self.boxes):
                into.setdefault(key[1], []).append(key)
        for path in self.paths:
            u, v = path.vertices[:2]
            key = (u, v, -1) if (u, v, -1) in self.segments else None
            if key and u < len(self.boxes) and path.bundle.name in free and not path.turned:
                into_same = out.setdefault(u, [])
                if key not in into_same:
                    into_same.append(key)
        for v, keys in into.items():
            keys.sort(key=lambda k: (place[k[0]], k[2]))
            lengths = [self.segments[key].above for key in keys]
            for key, offset in zip(keys, self._offsets(v, lengths), strict=True):
                self.segments[key] = self.segments[key]._replace(end=offset)
        for u, keys in out.items():
            keys.sort(key=lambda k: place[k[1]])
            lengths = [self.segments[key].below for key in keys]
            for key, offset in zip(keys, self._offsets(u, lengths), strict=True):
                self.segments[key] = self.segments[key]._replace(start=offset)

    def _bundles(self) -> list[Bundle]:
        return [path.bundle for path in self.paths]

    def _offsets(self, v: int, lengths: list[int]) -> list[float]:
        """Places for lines at a box, the one of the longest path in the middle."""
        count, longest = len(lengths), max(lengths)
        middle = (count - 1) / 2
        if count < 4 and lengths.count(longest) == 1:
            middle = lengths.index(longest)
        apart = min(18.0, 0.4 * self.widths[v] / max(middle, count - 1 - middle, 1.0))
        return [(i - middle) * apart for i in range(count)]

    def _rows_from(self, rows: Layers, xs: list[float]) -> list[tuple[float, float]]:
        """Top and bottom of each layer; the wider the curves between two, the more space."""
        slant = [0.0] * len(rows)
        for s in self.segments.values():
            n = self.layer[s.lower]
            slant[n] = max(slant[n], abs(xs[s.upper] + s.start - xs[s.lower] - s.end))
        spans: list[tuple[float, float]] = []
        y = 0.0
        for n, row in enumerate(rows):
            if n:
                y += BETWEEN + min(34.0, slant[n] / 9)
            height = max((self.heights[v] for v in row), default=0.0)
            spans.append((y, y + height))
            y += height
        return spans

    def _drawn(self, xs: list[float], spans: list[tuple[float, float]]) -> Level:
        tops = [self._top(v, *spans[n]) for v, n in enumerate(self.layer)]
        count = len(self.boxes)
        width = max((x + w / 2 for x, w in zip(xs, self.widths, strict=True)), default=0.0)
        level = Level(width, spans[-1][1] if spans else 0.0, xs[:count], tops[:count])
        for v, bundle in self.labels.items():
            level.labels.append(Placed(bundle.name, xs[v] - self.widths[v] / 2, tops[v]))
        for v, (bundle, target) in self.tags.items():
            name = target.name if target else -1
            level.tags.append(Placed(bundle.name, xs[v] - self.widths[v] / 2, tops[v], name))
        for i, path in enumerate(self.paths, start=1):
            points = self._points(path, i, xs, tops, spans)
            name = path.target.name if path.target else -1
            if path.turned:
                points.reverse()
            whole = path.bundle.box in path.vertices
            level.lines.append(Line(path.bundle.name, name, tuple(points), whole))
        return level

    def _top(self, v: int, low: float, high: float) -> float:
        """In the middle of the layer, but near its top beside something high."""
        height = self.heights[v]
        return (low + high - height) / 2 if high - low < 4 * height else low

    def _points(
        self,
        path: _Path,
        number: int,
        xs: list[float],
        tops: list[float],
        spans: list[tuple[float, float]],
    ) -> list[Point]:
        """From the lower border of the first vertex to the upper border of the last."""
        points: list[Point] = []
        last = len(path.vertices) - 2
        for i, (u, v) in enumerate(pairwise(path.vertices)):
            key = (u, v, number if i == last else -1)
            s = self.segments[key] if key in self.segments else self.segments[u, v, -1]
            start, end = xs[u] + s.start, xs[v] + s.end
            if i == 0:
                low = spans[self.layer[u]][1] if self.passing[u] else tops[u] + self.heights[u]
                points.append((start, low))
            points += [(start, spans[self.layer[u]][1]), (end, spans[self.layer[v]][0])]
        final = path.vertices[-1]
        points.append((points[-1][0], tops[final]))
        return points


def _layers(boxes: Sequence[Box], bundles: Sequence[Bundle]) -> list[int]:
    """Layers of all boxes; ports lie before and behind the others."""
    inner = [i for i, box in enumerate(boxes) if not box.side]
    number = {v: i for i, v in enumerate(inner)}
    arcs: list[Arc] = [
        (number[b.box], number[t.box], 2 if b.label[0] else 1)
        for b in bundles
        for t in b.targets
        if b.box in number and t.box in number
    ]
    order, arcs = acyclic(len(inner), arcs)
    found = layers_of(order, arcs)
    shift = 1 if any(box.side == "first" for box in boxes) else 0
    layer = [0] * len(boxes)
    for v, n in zip(inner, found, strict=True):
        layer[v] = n + shift
    behind = max((layer[v] + 1 for v in inner), default=shift)
    for b in bundles:
        if any(boxes[t.box].side == "last" for t in b.targets):
            behind = max(behind, layer[b.box] + (2 if b.label[0] else 1))
    for i, box in enumerate(boxes):
        if box.side == "last":
            layer[i] = behind
    return layer
