"""A view as SVG: one file that needs nothing else, light and dark, with tooltips.

``layout.py`` gives the places, ``theme.py`` the colours, ``text.py`` the widths of texts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from itertools import pairwise

from chainrule.core.errors import ArgumentError
from chainrule.drawing.layered import Point
from chainrule.drawing.layout import MARGIN, Layout, Note, Rect, Route, Size, Sizes, lay_out
from chainrule.drawing.text import shortened, width_of
from chainrule.drawing.theme import DETAIL, LABEL, NUMBER, THEMES, TITLE, style
from chainrule.drawing.view import Edge, Group, Node, View

DIRECTIONS = ("down", "right")

_LABEL_ROW, _DETAIL_ROW, _NUMBER_ROW = 17.0, 14.0, 14.0
_DECADES = 6.0  # of gradients, that widths of lines tell apart
_PILE = 4.0  # by how much a folded group's second card looks out
_HEAD = 7.0  # the length of an arrow's head
_MOST = 48  # characters of a line of text; tooltips have all
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0


def svg(
    view: View,
    *,
    direction: str = "down",
    theme: str = "auto",
    controls: Mapping[str, str] | None = None,
    styled: bool = True,
) -> str:
    """A view as a drawing of boxes in layers, data flowing ``direction`` ("down" or "right").

    Args:
        view: what to draw.
        direction: where the inputs' data flows to.
        theme: "light" or "dark", or "auto": as the reader's system is set.
        controls: in a page, the ids of the elements that folded groups open, by the key of the
            group: their boxes are buttons.
        styled: whether the style sheet is in it, or in the page around it.

    Returns:
        The text of an SVG file: no scripts, no fonts, nothing to be loaded. Boxes are coloured by
        kind; a line has its value and below it, in another colour, the derivative with respect to
        it; the line is the wider, the larger that is, on a logarithmic scale over six decades, and
        dotted where it is 0. Tooltips tell what the picture has no room for.

    Raises:
        ArgumentError: an unknown direction or theme.

    >>> view = View((Node("a", "input", "a"), Node("b", "operation", "tanh")),
    ...     (Edge("a", "b", "a", "float64", "0.5"),))
    >>> svg(view, direction="right").startswith("<svg")
    True
    """
    if direction not in DIRECTIONS:
        raise ArgumentError(f"direction {direction!r}; there are: {', '.join(DIRECTIONS)}")
    if theme not in THEMES:
        raise ArgumentError(f"theme {theme!r}; there are: {', '.join(THEMES)}")
    layout = lay_out(view, sizes(direction), direction)
    sheet = style(theme) if styled else ""
    lines = _document(view, layout, theme, sheet, controls or {})
    return _FORBIDDEN.sub("\ufffd", "\n".join(lines)) + "\n"


def sizes(direction: str) -> Sizes:
    """How large the texts of a picture are."""
    return Sizes(_node_size, lambda edge: _edge_size(edge, direction), _title_size, _tag_size)


def _node_size(node: Node) -> Size:
    lines = _lines(node)
    wide = max(width_of(lines[0], LABEL, bold=True), *(width_of(t, DETAIL) for t in lines))
    pile = _PILE if node.kind == "group" else 0.0
    return max(36.0, wide + 20) + pile, _LABEL_ROW + _DETAIL_ROW * (len(lines) - 1) + 10 + pile


def _lines(node: Node) -> list[str]:
    """The text in a box: a label may have lines below the first, which are smaller."""
    return [shortened(line, _MOST) for line in node.label.splitlines()] or [""]


def _numbers(edge: Edge) -> list[tuple[str, str]]:
    """The classes and texts of an edge's numbers."""
    both = (("value", edge.value), ("gradient", edge.gradient))
    return [(kind, shortened(text, _MOST)) for kind, text in both if text]


def _edge_size(edge: Edge, direction: str) -> Size:
    numbers = _numbers(edge)
    if not numbers:
        return 0.0, 0.0
    wide = max(width_of(text, NUMBER) for _, text in numbers)
    if direction == "right":
        return wide + 10, 2 * _NUMBER_ROW + 4
    return wide + 8, _NUMBER_ROW * len(numbers)


def _title_size(group: Group) -> Size:
    return width_of(_title(group), TITLE, bold=True) + 4, 20.0


def _title(group: Group) -> str:
    times = f" × {group.times}" if group.times > 1 else ""
    return shortened(f"{group.label}{times}", _MOST)


def _tag_size(edge: Edge) -> Size:
    return width_of(f"→ {edge.variable}", NUMBER) + 6, _NUMBER_ROW


def _document(
    view: View, layout: Layout, theme: str, sheet: str, controls: Mapping[str, str]
) -> Iterator[str]:
    role = "group" if controls else "img"  # what is in an image cannot be reached
    legend = _legend(view, layout.height)
    wide = max([layout.width, *(x + width_of(text, NUMBER) + 16 for x, _, _, text in legend)])
    width, height = math.ceil(wide), math.ceil(layout.height + (14 if legend else 0))
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="cr-{theme}" role="{role}"'
        f' viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' style="max-width:100%;height:auto">'
    )
    yield f"<title>{escape(view.title or 'Computational graph', quote=False)}</title>"
    yield f"<desc>{escape(_description(view, layout), quote=False)}</desc>"
    if sheet:
        yield f"<style>{sheet}</style>"
    yield f'<rect class="paper" width="{width}" height="{height}"/>'
    for group in view.groups:  # those around others come first
        if group.key in layout.groups:
            yield from _frame(group, layout.groups[group.key])
    weigh = _weights(view)
    for route in layout.routes:
        yield from _route(route, view, layout.direction, weigh(route))
    for node in view.nodes:
        yield from _node(node, layout.nodes[node.key], controls.get(node.key))
    for note in layout.labels:
        yield from _label(view.edges[note.edge], note, layout.direction)
    for note in layout.tags:
        name = view.edges[note.edge].variable
        told = f"{name} →" if note.goes_on else f"→ {name}"
        yield _text("tag", *_middle(note.place, 10.5), told)
    for x, y, kind, text in legend:
        if kind in ("backward", "forward"):
            yield f'<g class="operation {kind}">{_box(Rect(x - 16, y - 9, 12, 10), 2)}</g>'
        yield _text(f"{kind} beside", x, y, text)
    yield "</svg>"


def _legend(view: View, bottom: float) -> list[tuple[float, float, str, str]]:
    """What the colours mean, where there are colours to explain: place, class and text."""
    entries: list[tuple[str, str]] = []
    if any(edge.gradient for edge in view.edges):
        entries += [("value", "value"), ("gradient", "derivative of the output")]
    sweeps = {node.sweep for node in view.nodes}
    entries += [(s, f"{s} sweep") for s in ("backward", "forward") if s in sweeps]
    placed: list[tuple[float, float, str, str]] = []
    x = MARGIN
    for kind, text in entries:
        x += 16 if kind == text.partition(" ")[0] != "value" else 0  # a sample stands before it
        placed.append((x, bottom + 2, kind, text))
        x += width_of(text, NUMBER) + 16
    return placed


def _description(view: View, layout: Layout) -> str:
    way = {"down": "from top to bottom", "right": "from left to right"}[layout.direction]
    parts = [f"{len(view.nodes)} boxes and {len(view.edges)} lines; data flows {way}."]
    if any(edge.gradient for edge in view.edges):
        parts.append("At each line: its value, and below it the derivative with respect to it.")
    labels = {node.key: node.label for node in view.nodes}
    inputs = [node.label for node in view.nodes if node.kind == "input"]
    parts.append(f"Inputs: {', '.join(inputs)}." if inputs else "")
    if len(view.edges) <= 60:
        arcs = (f"{labels[e.start]} to {labels[e.end]}" for e in view.edges)
        parts.append(f"Lines: {'; '.join(arcs)}.")
    return " ".join(filter(None, parts))


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(text, quote=False)}</text>'


def _middle(place: Rect, down: float) -> Point:
    return place.x + place.width / 2, place.y + down


def _box(place: Rect, radius: float, kind: str = "box") -> str:
    return (
        f'<rect class="{kind}" x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}"'
        f' height="{place.height:.1f}" rx="{radius:g}"/>'
    )


def _frame(group: Group, place: Rect) -> Iterator[str]:
    yield f'<g data-group="{escape(group.key)}">' + _box(place, 8, "frame")
    yield _text("title", place.x + 10, place.y + 18, _title(group)) + "</g>"


def _node(node: Node, place: Rect, opens: str | None) -> Iterator[str]:
    first, *others = _lines(node)
    tip = "\n".join(filter(None, (node.label, node.detail, node.source)))
    kind = f"{node.kind} {node.sweep}".strip()
    button = ""
    if opens is not None:
        button = f' role="button" tabindex="0" aria-expanded="false" aria-controls="{opens}"'
        button += f' aria-label="{escape(node.label)}"'
    yield f'<g class="{kind}" data-node="{escape(node.key)}"{button}>'
    yield f"<title>{escape(tip, quote=False)}</title>"
    if node.kind == "group":  # a pile of cards
        width, height = place.width - _PILE, place.height - _PILE
        yield _box(Rect(place.x + _PILE, place.y + _PILE, width, height), 5)
        place = Rect(place.x, place.y, width, height)
    round_ends = node.kind in ("input", "output")
    yield _box(place, min(place.height / 2, 15) if round_ends else 5)
    y = place.y + 5 + 12.5
    yield _text("label", *_middle(place, y - place.y), first)
    for line in others:
        y += _DETAIL_ROW
        yield _text("detail", *_middle(place, y - place.y), line)
    yield "</g>"


def _label(edge: Edge, note: Note, direction: str) -> Iterator[str]:
    place = note.place
    yield f'<g data-edge="{note.edge}"><title>{escape(_tip(edge), quote=False)}</title>'
    if direction == "right":  # above and below the line
        for kind, text in _numbers(edge):
            y = 10.5 if kind == "value" else place.height - 3.5
            yield _text(kind, *_middle(place, y), text)
    else:
        for i, (kind, text) in enumerate(_numbers(edge)):
            y = place.y + 10.5 + i * _NUMBER_ROW
            yield _text(f"{kind} beside", place.x + 6, y, text)
    yield "</g>"


def _tip(edge: Edge) -> str:
    lines = [f"{edge.variable}: {edge.type}"]
    lines += [f"value {edge.value}"] if edge.value else []
    lines += [f"derivative {edge.gradient}"] if edge.gradient else []
    if edge.magnitude is not None:
        lines.append(f"its norm {edge.magnitude:.4g}")
    return "\n".join(lines)


def _weights(view: View) -> Callable[[Route], float | None]:
    """The width of a route, from the norm of its gradient; None if that is 0."""
    known = [e.magnitude for e in view.edges if e.magnitude and math.isfinite(e.magnitude)]
    largest = math.log10(max(known, default=1.0))

    def weigh(route: Route) -> float | None:
        norms = [view.edges[i].magnitude for i in route.edges]
        found = [n for n in norms if n is not None]
        if not found:
            return 1.2
        if max(found) == 0:
            return None
        if not math.isfinite(max(found)):
            return 3.8
        return 1.0 + 2.2 * min(1.0, max(0.0, 1 + (math.log10(max(found)) - largest) / _DECADES))

    return weigh


def _route(route: Route, view: View, direction: str, width: float | None) -> Iterator[str]:
    points = [p for p, after in pairwise(route.points) if math.dist(p, after) > 0.05]
    points.append(route.points[-1])
    head = ""
    if route.arrow:
        points[-1], head = _head(points[-2], points[-1], _HEAD + (width or 1.0), direction)
    kind = "line" if width is not None else "line none"
    yield (
        f'<g class="edge" data-edges="{" ".join(map(str, route.edges))}">'
        f"<title>{escape(_tip(view.edges[route.edges[0]]), quote=False)}</title>"
        f'<path class="{kind}" stroke-width="{width or 1.0:.1f}"'
        f' d="{_path(points, direction)}"/>{head}</g>'
    )


def _head(before: Point, tip: Point, size: float, direction: str) -> tuple[Point, str]:
    """Where a line ends that has an arrow's head before its last point, and the head."""
    along = 1 if direction == "down" else 0
    back = -size if tip[along] >= before[along] else size
    half = 0.42 * size
    (x, y) = tip
    if direction == "down":
        corners = ((x - half, y + back), tip, (x + half, y + back))
    else:
        corners = ((x + back, y - half), tip, (x + back, y + half))
    (a, b), _, (c, d) = corners
    shape = " ".join(f"{p:.1f} {q:.1f}" for p, q in corners)
    return ((a + c) / 2, (b + d) / 2), f'<path class="head" d="M{shape}Z"/>'


def _path(points: list[Point], direction: str) -> str:
    """Straight pieces along the direction, and curves that leave and arrive along it."""
    pieces = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for (x, y), (a, b) in pairwise(points):
        if direction == "down" and abs(a - x) > 0.05:
            middle = (y + b) / 2
            pieces.append(f"C{x:.1f} {middle:.1f} {a:.1f} {middle:.1f} {a:.1f} {b:.1f}")
        elif direction == "right" and abs(b - y) > 0.05:
            middle = (x + a) / 2
            pieces.append(f"C{middle:.1f} {y:.1f} {middle:.1f} {b:.1f} {a:.1f} {b:.1f}")
        else:
            pieces.append(f"L{a:.1f} {b:.1f}")
    return "".join(pieces)
