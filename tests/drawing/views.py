"""Random views: acyclic graphs of nodes with nested groups, as tests draw them."""

from __future__ import annotations

import random

from chainrule.drawing.view import Edge, Group, Node, View


def random_view(seed: int, most: int = 40, *, convex: bool = True) -> View:
    """A view whose nodes come in topological order.

    With ``convex`` groups hold consecutive nodes, so that folding them closes no cycle; else any.
    """
    rng = random.Random(seed)
    count = rng.randint(1, most)
    groups = _groups(rng, count)
    nodes: list[Node] = []
    for i in range(count):
        around = [g for g, low, high, _ in groups if low <= i < high]
        kind = rng.choice(["operation"] * 4 + ["input", "constant", "output", "group"])
        group = around[-1] if around else ""
        if not convex and groups:
            group = rng.choice(["", *(g for g, *_ in groups)])
        nodes.append(Node(f"n{i}", kind, "x" * rng.randint(1, 12), group=group))
    edges = [_edge(rng, start, end) for end in range(1, count) for start in _uses(rng, end)]
    made = tuple(Group(g, f"group {g}", outer, rng.choice([1, 1, 12])) for g, _, _, outer in groups)
    return View(tuple(nodes), tuple(edges), made, "a random view")


def _groups(rng: random.Random, count: int) -> list[tuple[str, int, int, str]]:
    """Name, first node, node behind the last, and the group around: nested or apart."""
    found: list[tuple[str, int, int, str]] = []
    waiting = [(0, count, "")]
    while waiting and len(found) < 8:
        low, high, outer = waiting.pop(0)
        cuts = sorted(rng.sample(range(low, high + 1), min(4, high - low + 1)))
        for a, b in zip(cuts[::2], cuts[1::2]):
            if b - a > 1 and rng.random() < 0.7:
                name = f"g{len(found)}"
                found.append((name, a, b, outer))
                waiting.append((a, b, name))
    return found


def _uses(rng: random.Random, end: int) -> list[int]:
    near = range(max(0, end - rng.choice([3, 10, 100])), end)
    return [rng.choice(near) for _ in range(rng.randint(0, 3))]


def _edge(rng: random.Random, start: int, end: int) -> Edge:
    value = rng.choice(["", "", str(start), f"[{start}.25, …] 30×10"])
    norm = rng.choice([None, 0.0, 10.0 ** rng.randint(-9, 3)]) if value else None
    gradient = "" if norm is None else f"{norm:.3g}"
    return Edge(f"n{start}", f"n{end}", f"v{start}", "float64", value, gradient, norm)
