"""What every layout must be, on random views: nothing overlaps, all is where it belongs."""

from __future__ import annotations

import time
from itertools import combinations, pairwise

import pytest
from tests.drawing.views import random_view

from chainrule.drawing import layered
from chainrule.drawing.layout import Layout, Rect, lay_out
from chainrule.drawing.svg import sizes
from chainrule.drawing.view import Edge, Node, View

SEEDS = range(80)
DIRECTIONS = ("down", "right")


def made(seed: int, direction: str, *, convex: bool = True) -> tuple[View, Layout]:
    view = random_view(seed, convex=convex)
    return view, lay_out(view, sizes(direction), direction)


def overlap(a: Rect, b: Rect) -> bool:
    return (
        a.x < b.x + b.width - 0.01
        and b.x < a.x + a.width - 0.01
        and a.y < b.y + b.height - 0.01
        and b.y < a.y + a.height - 0.01
    )


def within(a: Rect, b: Rect) -> bool:
    return (
        a.x >= b.x - 0.01
        and a.y >= b.y - 0.01
        and a.x + a.width <= b.x + b.width + 0.01
        and a.y + a.height <= b.y + b.height + 0.01
    )


def around(view: View, key: str) -> set[str]:
    outer = {g.key: g.group for g in view.groups}
    found: set[str] = set()
    while key:
        found.add(key)
        key = outer[key]
    return found


def assert_apart(layout: Layout) -> None:
    notes = [note.place for note in (*layout.labels, *layout.tags)]
    for a, b in combinations([*layout.nodes.values(), *notes], 2):
        assert not overlap(a, b), (a, b)
    whole = Rect(0, 0, layout.width, layout.height)
    assert all(within(r, whole) for r in (*layout.nodes.values(), *notes))


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("convex", [True, False])
def test_boxes_and_labels_are_apart(direction: str, convex: bool) -> None:
    for seed in SEEDS:
        _, layout = made(seed, direction, convex=convex)
        assert_apart(layout)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("convex", [True, False])
def test_groups_hold_their_nodes_and_no_others(direction: str, convex: bool) -> None:
    for seed in SEEDS:
        view, layout = made(seed, direction, convex=convex)
        for node in view.nodes:
            own = around(view, node.group)
            for key, frame in layout.groups.items():
                place = layout.nodes[node.key]
                assert within(place, frame) if key in own else not overlap(place, frame), seed
        for (a, p), (b, q) in combinations(layout.groups.items(), 2):
            if b in around(view, a):
                assert within(p, q), seed
            elif a in around(view, b):
                assert within(q, p), seed
            else:
                assert not overlap(p, q), seed


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_edges_go_forward(direction: str) -> None:
    along = 0 if direction == "right" else 1
    for seed in SEEDS:
        view, layout = made(seed, direction)
        for edge in view.edges:
            start, end = layout.nodes[edge.start], layout.nodes[edge.end]
            assert (
                (start.x + start.width <= end.x) if along == 0 else start.y + start.height <= end.y
            )
        for route in layout.routes:
            assert all(a[along] <= b[along] + 0.01 for a, b in pairwise(route.points)), seed


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("convex", [True, False])
def test_no_line_runs_through_a_box_or_a_text(direction: str, convex: bool) -> None:
    for seed in SEEDS:
        view, layout = made(seed, direction, convex=convex)
        for route in layout.routes:
            edge = view.edges[route.edges[0]]
            for p, q in pairwise(route.points):
                piece = spanned(p, q)
                for key, place in layout.nodes.items():
                    assert not overlap(piece, place), (seed, edge, key)
                for note in (*layout.labels, *layout.tags):
                    own = view.edges[note.edge]
                    if (own.start, own.variable) != (edge.start, edge.variable):
                        assert not overlap(piece, note.place), (seed, edge, note)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("convex", [True, False])
def test_no_line_runs_through_a_title(direction: str, convex: bool) -> None:
    for seed in SEEDS:
        view, layout = made(seed, direction, convex=convex)
        titles = {group.key: sizes(direction).group(group)[0] for group in view.groups}
        for key, frame in layout.groups.items():
            title = Rect(frame.x + 10, frame.y + 8, titles[key], 12)
            assert within(title, frame), (seed, key)
            for route in layout.routes:
                for p, q in pairwise(route.points):
                    assert not overlap(spanned(p, q), title), (seed, key)


def spanned(p: tuple[float, float], q: tuple[float, float]) -> Rect:
    """The rectangle that a piece of a line, straight or curved, stays in."""
    (a, b), (c, d) = p, q
    return Rect(min(a, c), min(b, d), abs(a - c), abs(b - d))


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_lines_join_what_they_should(direction: str) -> None:
    """The routes of an edge make one connected line from its start to its end."""
    for seed in SEEDS:
        view, layout = made(seed, direction)
        parts: dict[int, list[tuple[tuple[float, float], ...]]] = {}
        for route in layout.routes:
            for i in route.edges:
                parts.setdefault(i, []).append(route.points)
        for i, edge in enumerate(view.edges):
            begin, end = layout.nodes[edge.start], layout.nodes[edge.end]
            ends = [points[-1] for points in parts[i]]
            assert any(touches(p, end) for p in ends), (seed, edge)
            signal = [
                points[0]
                for j, other in enumerate(view.edges)
                if (other.start, other.variable) == (edge.start, edge.variable)
                for points in parts[j]
            ]
            assert any(touches(p, begin) for p in signal), (seed, edge)


def touches(p: tuple[float, float], box: Rect) -> bool:
    return within(Rect(*p, 0, 0), box) and not overlap(
        Rect(p[0] - 0.1, p[1] - 0.1, 0.2, 0.2),
        Rect(box.x + 0.2, box.y + 0.2, box.width - 0.4, box.height - 0.4),
    )


def test_layouts_are_always_the_same() -> None:
    for seed in SEEDS:
        assert made(seed, "down")[1] == made(seed, "down")[1]


def test_lines_that_are_too_long_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain whose every value is used at the end again, as a reverse sweep uses them."""
    monkeypatch.setattr(layered, "MOST_POINTS", 100)
    forward = [Node(f"f{i}", "operation", "exp") for i in range(30)]
    backward = [Node(f"b{i}", "operation", "mul") for i in range(30)]
    edges = [Edge(f"f{i}", f"f{i + 1}", f"a{i}", "float64", "1", "2") for i in range(29)]
    edges += [Edge(f"b{i + 1}", f"b{i}", f"d{i + 1}", "float64", "3") for i in range(29)]
    edges += [Edge(f"f{i}", f"b{i}", f"a{i}", "float64", "1", "2") for i in range(30)]
    view = View((*forward, *backward), tuple(edges))
    for direction in DIRECTIONS:
        layout = lay_out(view, sizes(direction), direction)
        cut = [view.edges[note.edge] for note in layout.tags]
        assert len(cut) >= 30 and all(cut.count(e) in (1, 2) for e in cut)
        assert_apart(layout)
        for key in {e.start for e in cut}:  # a tag where it leaves, one where it comes
            starts = [e for e in cut if e.start == key]
            assert len(starts) == 2 and layout.nodes[starts[0].end]
        for i, edge in enumerate(view.edges):
            ends = [r.points[-1] for r in layout.routes if i in r.edges and r.arrow]
            assert any(touches(p, layout.nodes[edge.end]) for p in ends), edge


def test_thousands_of_boxes_take_seconds() -> None:
    """A bound that a quadratic algorithm would miss by far, on a machine that is busy, too."""
    nodes = tuple(Node(f"n{i}", "operation", "f") for i in range(3000))
    edges = [Edge(f"n{i}", f"n{i + 1}", f"v{i}", "float64", "1") for i in range(2999)]
    edges += [Edge(f"n{i}", f"n{2999 - i}", f"v{i}", "float64", "1") for i in range(1400)]
    before = time.process_time()
    lay_out(View(nodes, tuple(edges)), sizes("down"))
    assert time.process_time() - before < 30


def test_an_empty_view() -> None:
    layout = lay_out(View((), ()), sizes("down"))
    assert layout.nodes == {} and layout.width > 0
