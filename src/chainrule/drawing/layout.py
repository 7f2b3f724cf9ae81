"""Places for everything in a :class:`~chainrule.drawing.view.View`: boxes in boxes, and lines.

A group is arranged by itself (``layered.py``) and is then one box of the level above, with a port
on its border for every variable that enters or leaves it; so groups contain what is theirs and
nothing else, and lines go through no box. The result is plain data in pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from chainrule.drawing.layered import Box, Bundle, Level, Point, Target, arrange
from chainrule.drawing.layers import acyclic
from chainrule.drawing.order import Orders
from chainrule.drawing.view import Edge, Group, Node, View

Size = tuple[float, float]
Signal = tuple[str, ...]

PADDING, MARGIN = 14.0, 16.0


@dataclass(frozen=True)
class Sizes:
    """How large what is written is: width and height of a node, of the numbers of an edge (width
    0: none), of a group's title, of the name that stands where a line is cut.
    """

    node: Callable[[Node], Size]
    edge: Callable[[Edge], Size]
    group: Callable[[Group], Size]
    tag: Callable[[Edge], Size]


@dataclass(frozen=True)
class Rect:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Route:
    """A line, or the part of it on one level, that some edges (their indices) take.

    Between two points that differ across the direction of the drawing it is a curve, else straight;
    ``arrow`` says whether it ends at a node.
    """

    edges: tuple[int, ...]
    points: tuple[Point, ...]
    arrow: bool


@dataclass(frozen=True)
class Note:
    """Where the text of an edge (its index) stands: its numbers, or its name where it is cut.

    ``goes_on`` says that the rest of a line that is cut begins here.
    """

    edge: int
    place: Rect
    goes_on: bool = False


@dataclass(frozen=True)
class Layout:
    """A view with places: nodes and groups by key, routes, labels of edges, tags of cut edges."""

    width: float
    height: float
    direction: str
    nodes: dict[str, Rect]
    groups: dict[str, Rect]
    routes: tuple[Route, ...]
    labels: tuple[Note, ...]
    tags: tuple[Note, ...]


def lay_out(view: View, sizes: Sizes, direction: str = "down") -> Layout:
    """Places for the boxes and lines of a view, from top to bottom or ("right") left to right."""
    return _LayingOut(view, sizes, direction).layout()


@dataclass
class _Inside:
    """What is on one level: boxes by key, lines by (box, signal) and end."""

    boxes: dict[tuple[str, ...], None] = field(default_factory=dict[tuple[str, ...], None])
    lines: dict[tuple[tuple[str, ...], Signal], dict[tuple[str, ...], list[int]]] = field(
        default_factory=dict[tuple[tuple[str, ...], Signal], dict[tuple[str, ...], list[int]]]
    )


class _LayingOut:
    """One run: everything in the frame of "down"; another direction is turned at the end."""

    def __init__(self, view: View, sizes: Sizes, direction: str) -> None:
        self.view = view
        self.sizes = sizes
        self.direction = direction
        self.turned = direction == "right"
        self.nodes = {node.key: node for node in view.nodes}
        self.groups = {group.key: group for group in view.groups}
        self.inside: dict[str, _Inside] = {"": _Inside()}
        self.levels: dict[str, Level] = {}
        self.orders: Orders = {}
        self.frames: dict[str, Size] = {}
        self.ports: dict[tuple[str, str, Signal], float] = {}
        self.above, self.below = _lengths(view)
        for node in view.nodes:
            for outer, inner in zip(self._around(node), self._around(node)[1:], strict=False):
                self.inside.setdefault(outer, _Inside()).boxes["group", inner] = None
            self.inside.setdefault(node.group, _Inside()).boxes["node", node.key] = None
        for i, edge in enumerate(view.edges):
            self._cut_by_level(i, edge)

    def _around(self, node: Node) -> list[str]:
        """The groups around a node, the whole ("") first."""
        found: list[str] = []
        key = node.group
        while key:
            found.append(key)
            key = self.groups[key].group
        return ["", *reversed(found)]

    def _cut_by_level(self, index: int, edge: Edge) -> None:
        """Enter an edge as one line on each level that it goes through."""
        signal = (edge.start, edge.variable, edge.value, edge.gradient)
        up, down = self._around(self.nodes[edge.start]), self._around(self.nodes[edge.end])
        common = 0
        while common < min(len(up), len(down)) and up[common] == down[common]:
            common += 1
        start: tuple[str, ...] = ("node", edge.start)
        for key in reversed(up[common:]):
            self._enter(key, start, signal, ("out", *signal), index)
            start = ("group", key)
        ends = [("group", key) for key in down[common:]] + [("node", edge.end, str(index))]
        self._enter(up[common - 1], start, signal, ends[0], index)
        for key, end in zip(down[common:], ends[1:], strict=True):
            self._enter(key, ("in", *signal), signal, end, index)

    def _enter(
        self, key: str, start: tuple[str, ...], signal: Signal, end: tuple[str, ...], index: int
    ) -> None:
        inside = self.inside[key]
        for box in (start, end[:2] if end[0] == "node" else end):
            inside.boxes.setdefault(box)
        inside.lines.setdefault((start, signal), {}).setdefault(end, []).append(index)

    def layout(self) -> Layout:
        """Levels from the innermost outwards, then places from the whole inwards."""
        for key in reversed(list(self._keys(""))):
            self._arrange(key)
        nodes: dict[str, Rect] = {}
        groups: dict[str, Rect] = {}
        routes: list[Route] = []
        labels: list[Note] = []
        tags: list[Note] = []
        corners: dict[str, Point] = {"": (MARGIN, MARGIN)}
        for key in self._keys(""):
            x, y = corners[key]
            level, inside = self.levels[key], self.inside[key]
            if key:
                x, y = x + self._pad()[0], y + self._pad()[1]
            for i, box in enumerate(inside.boxes):
                if box[0] in ("node", "group"):
                    width, height = self._size(box)
                    left, top = x + level.middles[i] - width / 2, y + level.tops[i]
                    places = nodes if box[0] == "node" else groups
                    places[box[1]] = self._rect(left, top, width, height)
                    if box[0] == "group":
                        corners[box[1]] = (left, top)
            routes += self._routes(key, x, y)
            edges = [next(iter(ends.values()))[0] for ends in inside.lines.values()]
            for placed in level.labels:
                size = self._turn(self.sizes.edge(self.view.edges[edges[placed.name]]))
                rect = self._rect(x + placed.x, y + placed.y, *size)
                labels.append(Note(edges[placed.name], rect))
            for placed in level.tags:
                edge = placed.target if placed.target >= 0 else edges[placed.name]
                size = self._turn(self.sizes.tag(self.view.edges[edge]))
                rect = self._rect(x + placed.x, y + placed.y, *size)
                tags.append(Note(edge, rect, placed.target >= 0))
        whole = self.levels[""]
        width, height = self._turn((whole.width + 2 * MARGIN, whole.height + 2 * MARGIN))
        return Layout(
            width, height, self.direction, nodes, groups, tuple(routes), tuple(labels), tuple(tags)
        )

    def _keys(self, key: str) -> Iterator[str]:
        """Groups that hold something, each before those in it."""
        waiting = [key]
        while waiting:
            key = waiting.pop()
            yield key
            inner = [box[1] for box in self.inside[key].boxes if box[0] == "group"]
            waiting += reversed(inner)

    def _pad(self) -> Point:
        """From a frame's corner to what is in it; the title is above, whatever the direction."""
        return (PADDING + 14.0, PADDING) if self.turned else (PADDING, 6.0)

    def _turn(self, size: Size) -> Size:
        return (size[1], size[0]) if self.turned else size

    def _rect(self, x: float, y: float, width: float, height: float) -> Rect:
        return Rect(y, x, height, width) if self.turned else Rect(x, y, width, height)

    def _size(self, box: tuple[str, ...]) -> Size:
        if box[0] == "node":
            return self._turn(self.sizes.node(self.nodes[box[1]]))
        return self.frames[box[1]] if box[0] == "group" else (0.0, 0.0)

    def _arrange(self, key: str) -> None:
        inside = self.inside[key]
        sides = {"in": "first", "out": "last"}
        boxes = [Box(*self._size(box), sides.get(box[0], "")) for box in inside.boxes]
        title = self._turn(self.sizes.group(self.groups[key])) if key else (0.0, 0.0)
        if key and not self.turned:  # lines come from above, so the title has a place among them
            boxes.append(Box(*title, "first", leading=True))
        bundles = list(self._bundles(key, inside))
        level = arrange(boxes, bundles, 0.0 if self.turned else -0.5, self.orders)
        self.levels[key] = level
        x, y = self._pad()
        width, height = level.width + x + PADDING, level.height + y + PADDING
        if self.turned:
            height = max(height, title[1] + 2 * PADDING)
        self.frames[key] = (width, height)
        for i, box in enumerate(inside.boxes):
            if box[0] in sides:
                self.ports[key, box[0], box[1:]] = level.middles[i] + x - width / 2

    def _bundles(self, key: str, inside: _Inside) -> Iterator[Bundle]:
        number = {box: i for i, box in enumerate(inside.boxes)}
        for name, ((start, signal), ends) in enumerate(inside.lines.items()):
            first = self.view.edges[next(iter(ends.values()))[0]]
            targets: list[Target] = []
            for end, edges in ends.items():
                box = end[:2] if end[0] == "node" else end
                offset = self.ports[end[1], "in", signal] if end[0] == "group" else None
                if end[0] == "out":
                    offset = 0.0
                below = max(self.below[self.view.edges[i].end] for i in edges)
                targets.append(Target(number[box], edges[0], offset, below))
            offset = self.ports[start[1], "out", signal] if start[0] == "group" else None
            own = start[0] == "node"  # the numbers stand where the variable is made
            label = self._turn(self.sizes.edge(first)) if own else (0.0, 0.0)
            tag = self._turn(self.sizes.tag(first))
            above = self.above[signal[0]]
            yield Bundle(number[start], name, tuple(targets), offset, label, tag, above)

    def _routes(self, key: str, x: float, y: float) -> Iterator[Route]:
        level, inside = self.levels[key], self.inside[key]
        named = list(inside.lines.items())
        found = [{edges[0]: end for end, edges in ends.items()} for _, ends in named]
        top, bottom = y - self._pad()[1], y + level.height + PADDING
        for line in level.lines:
            (start, _), ends = named[line.bundle]
            end = found[line.bundle].get(line.target, ("tag",))
            edges = ends.get(end) or [i for indices in ends.values() for i in indices]
            points = [(x + a, y + b) for a, b in line.points]
            if start[0] == "in" and line.whole:
                points.insert(0, (points[0][0], top))
            if end[0] == "out":
                points.append((points[-1][0], bottom))
            turned = [(b, a) for a, b in points] if self.turned else points
            yield Route(tuple(edges), _straightened(turned, self.turned), end[0] == "node")


def _lengths(view: View) -> tuple[dict[str, int], dict[str, int]]:
    """The lengths of the longest paths to each node and from it."""
    number = {node.key: i for i, node in enumerate(view.nodes)}
    arcs = [(number[e.start], number[e.end], 1) for e in view.edges]
    order, arcs = acyclic(len(number), arcs)
    after: list[list[int]] = [[] for _ in number]
    for start, end, _ in arcs:
        after[start].append(end)
    above, below = [0] * len(order), [0] * len(order)
    for v in order:
        for w in after[v]:
            above[w] = max(above[w], above[v] + 1)
    for v in reversed(order):
        below[v] = max((below[w] + 1 for w in after[v]), default=0)
    return dict(zip(number, above, strict=True)), dict(zip(number, below, strict=True))


def _straightened(points: list[Point], turned: bool) -> tuple[Point, ...]:
    """Without points that lie on a straight line between their neighbours."""
    across = 1 if turned else 0
    kept: list[Point] = []
    for point in points:
        while len(kept) > 1 and all(abs(p[across] - point[across]) < 0.05 for p in kept[-2:]):
            kept.pop()
        kept.append(point)
    return tuple(kept)
