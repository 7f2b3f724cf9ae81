"""Folding: from all of a graph to what fits into a picture, plain data to plain data.

:func:`folded` draws groups that are not open as one node; :func:`inside` is the picture of one
group, with stubs for what comes from outside and goes there.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from chainrule.drawing.view import Edge, Group, Node, View

MOST_BETWEEN = 2
"""Variables between two boxes of which each has its own line, if one of them is a group."""

FROM, TO = "from", "to"
"""How the keys of stubs begin; no other key has a blank."""

MOST_STUBS = 12
"""Variables from or to outside of a group that each have their own stub."""


def folded(view: View, open: Collection[str] = frozenset()) -> View:
    """A view in which each group whose key is not ``open`` is one node.

    Edges within a closed group are not drawn; those between the same two boxes are one if they are
    many. A path in the view is one in the folded view, which has no cycles that the view has not.

    >>> view = View(
    ...     nodes=(Node("a", "input", "a"), Node("b", "operation", "exp", group="g"),
    ...            Node("c", "operation", "sin", group="g")),
    ...     edges=(Edge("a", "b", "a", "float64"), Edge("b", "c", "b", "float64")),
    ...     groups=(Group("g", "exp sin"),))
    >>> [node.label for node in folded(view).nodes], [e.end for e in folded(view).edges]
    (['a', 'exp sin\\n2 operations'], ['g'])
    >>> folded(view, {"g"}) == view
    True
    """
    around = _Around(view)
    stands = {node.key: around.standing(node, open) for node in view.nodes}
    members: dict[str, list[Node]] = {}
    for node in view.nodes:
        members.setdefault(stands[node.key], []).append(node)
    nodes = [
        around.folded_node(key, inside) if key in around.groups else inside[0]
        for key, inside in members.items()
    ]
    needed = {key for node in nodes for key in around.chain(node.group)}
    groups = tuple(group for group in view.groups if group.key in needed)
    return View(tuple(nodes), tuple(_merged(view.edges, stands)), groups, view.title)


def inside(view: View, key: str) -> View:
    """The picture of one group: what is in it, its own groups folded.

    Of equal blocks it is the first one. What comes from outside, or goes there, is an input or an
    output with the name of the variable.
    """
    return Insides(view).of(key)


class Insides:
    """The pictures of many groups of one view."""

    def __init__(self, view: View) -> None:
        self._around = _Around(view)
        self._labels = {node.key: node.label.partition("\n")[0] for node in view.nodes}
        self._chains = {node.key: self._around.chain(node.group) for node in view.nodes}
        self._children: dict[str, list[str]] = {}
        for group in view.groups:
            self._children.setdefault(group.group, []).append(group.key)
        self._nodes: dict[str, list[Node]] = {}
        self._edges: dict[str, list[Edge]] = {}
        for node in view.nodes:
            for key in self._chains[node.key]:
                self._nodes.setdefault(key, []).append(node)
        for edge in view.edges:
            for key in dict.fromkeys((*self._chains[edge.start], *self._chains[edge.end])):
                self._edges.setdefault(key, []).append(edge)

    def blocks(self, key: str) -> list[str]:
        """The equal blocks that a group stands for, in order; the group itself if it is none."""
        children = self._children.get(key, [])
        if self._around.groups[key].times == 1 or not children:
            return [key]
        return [block for child in children for block in self.blocks(child)]

    def children(self, key: str) -> list[str]:
        """The groups that are drawn, folded, in the picture of a group, or ("") in the whole."""
        return self._children.get(self.blocks(key)[0] if key else "", [])

    def of(self, key: str) -> View:
        """The picture of a group; of equal blocks, of the first."""
        block = self.blocks(key)[0]
        nodes = [
            replace(node, group="") if node.group == block else node for node in self._nodes[block]
        ]
        stubs, cut = self._with_stubs(self._edges[block], {node.key for node in nodes})
        chains = [self._chains[node.key] for node in nodes]
        groups = [
            self._around.groups[key]
            for key in dict.fromkeys(key for chain in chains for key in chain)
            if block in self._around.chain(key)[:-1]
        ]
        outermost = tuple(replace(g, group="") if g.group == block else g for g in groups)
        first = [stub for stub in stubs if stub.kind == "input"]
        last = [stub for stub in stubs if stub.kind == "output"]
        title = titled(self._around.groups[key])
        return folded(View((*first, *nodes, *last), tuple(cut), outermost, title))

    def _with_stubs(
        self, edges: Sequence[Edge], within: Collection[str]
    ) -> tuple[list[Node], list[Edge]]:
        """Nodes for what is outside of a group, and its edges, which begin and end there."""
        coming = len({(e.start, e.variable) for e in edges if e.start not in within})
        going = len({(e.start, e.variable) for e in edges if e.end not in within})
        stubs: dict[str, Node] = {}
        cut: list[Edge] = []
        for e in edges:
            if e.start in within and e.end in within:
                cut.append(e)
            elif e.start not in within:
                stub = self._stub(FROM, e, coming)
                stubs.setdefault(stub.key, stub)
                cut.append(replace(e, start=stub.key))
            else:
                stub = self._stub(TO, e, going)
                if stub.key not in stubs:
                    stubs[stub.key] = stub
                    cut.append(replace(e, end=stub.key))
        return list(stubs.values()), cut

    def _stub(self, which: str, e: Edge, count: int) -> Node:
        """What stands for the other end of an edge; one for all if they are too many to name."""
        kind = "input" if which == FROM else "output"
        if count > MOST_STUBS:
            return Node(which, kind, f"{count} variables", f"{which} outside")
        other = self._labels[e.start if which == FROM else e.end]
        name = e.variable or other
        key = f"{which} {e.start} {e.variable}"
        return Node(key, kind, name, f"{name}: {e.type}, {which} {other}")


class _Around:
    """The groups around each node."""

    def __init__(self, view: View) -> None:
        self.groups = {group.key: group for group in view.groups}
        self._chains: dict[str, tuple[str, ...]] = {"": ()}

    def chain(self, key: str) -> tuple[str, ...]:
        """A group and those around it, the outermost first."""
        if key not in self._chains:
            self._chains[key] = (*self.chain(self.groups[key].group), key)
        return self._chains[key]

    def standing(self, node: Node, open: Collection[str]) -> str:
        """The node itself, or the outermost closed group around it."""
        return next((key for key in self.chain(node.group) if key not in open), node.key)

    def folded_node(self, key: str, inside: Sequence[Node]) -> Node:
        """A closed group as a node."""
        group = self.groups[key]
        operations = [node for node in inside if node.kind == "operation"]
        each = len(operations) // group.times if operations else 0
        kinds = {node.kind for node in inside}
        told = f"{each:,} operation{'s' if each != 1 else ''}" if operations else ""
        below = {node.label.partition("\n")[2] for node in inside}
        if not operations and len(kinds) == 1 and len(below) == 1:
            told = below.pop()
        sweeps = {node.sweep for node in operations}
        places = list(dict.fromkeys(node.source for node in operations if node.source))
        sweep = sweeps.pop() if len(sweeps) == 1 else ""
        label = "\n".join([titled(group), *([told] if told else [])])
        detail = "\n".join([label, *_few(places)])
        return Node(key, "group", label, detail, "", group.group, sweep)


def _few(places: Sequence[str]) -> list[str]:
    return list(places) if len(places) < 6 else [*places[:4], f"and {len(places) - 4} other lines"]


def titled(group: Group) -> str:
    """What a group is called, with how many blocks it stands for."""
    return f"{group.label} × {group.times}" if group.times > 1 else group.label


def _merged(edges: Iterable[Edge], stands: dict[str, str]) -> Iterable[Edge]:
    """Edges between the boxes that stand for their ends."""
    between: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        start, end = stands[edge.start], stands[edge.end]
        if start != end:
            between.setdefault((start, end), []).append(edge)
    for (start, end), parallel in between.items():
        if all((edge.start, edge.end) == (start, end) for edge in parallel):
            yield from parallel
            continue
        different = list({(edge.start, edge.variable): edge for edge in parallel}.values())
        if len(different) > MOST_BETWEEN:
            yield _bundle(start, end, different)
        else:
            yield from (replace(edge, start=start, end=end) for edge in different)


def _bundle(start: str, end: str, edges: Sequence[Edge]) -> Edge:
    """One line for several variables."""
    types = {edge.type for edge in edges}
    norms = [edge.magnitude for edge in edges if edge.magnitude is not None]
    kind = f"{len(edges)} × {types.pop()}" if len(types) == 1 else ""
    norm = math.hypot(*norms) if norms else None
    return Edge(start, end, f"{len(edges)} variables", kind, magnitude=norm)
