"""The numbers of all blocks of a repetition, for the one picture that is drawn of them.

Equal blocks have one picture. Its lines and boxes stand for those of each block in turn: a line is
recognised by the boxes at its ends, and one that leaves the block or comes from outside by the box
at its other end and its number there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.drawing.folding import FROM, TO, Insides
from chainrule.drawing.view import Edge, Node, View

Numbers = tuple[str, str, float | None]
Ends = tuple[int, int, int]


@dataclass(frozen=True)
class Steps:
    """``numbers[k][i]`` are value, gradient and its norm of edge i of the picture in block k.

    ``labels`` has, for boxes whose label is not the same in all blocks, the label in each.
    """

    numbers: tuple[tuple[Numbers, ...], ...]
    labels: dict[str, tuple[str, ...]]


def steps_of(insides: Insides, key: str) -> Steps:
    """The numbers of each block that a group stands for."""
    views = [insides.of(block) for block in insides.blocks(key)]
    edges = [dict(_numbered(view)) for view in views]
    numbers = [[_numbers(known.get(ends)) for ends, _ in _numbered(views[0])] for known in edges]
    labels: dict[str, tuple[str, ...]] = {}
    for nodes in zip(*map(_boxes, views), strict=True):
        each = tuple(node.label.partition("\n")[0] for node in nodes)
        if len(set(each)) > 1:
            labels[nodes[0].key] = each
    return Steps(tuple(map(tuple, numbers)), labels)


def _boxes(view: View) -> list[Node]:
    return [node for node in view.nodes if not _is_stub(node.key)]


def _is_stub(key: str) -> bool:
    return key.partition(" ")[0] in (FROM, TO)


def _numbered(view: View) -> Iterator[tuple[Ends, Edge]]:
    """Each edge with the numbers of its ends, -1 for outside, and which of several it is there."""
    place = {node.key: n for n, node in enumerate(_boxes(view))}
    seen: dict[tuple[int, int], int] = {}
    for edge in view.edges:
        ends = place.get(edge.start, -1), place.get(edge.end, -1)
        seen[ends] = seen.get(ends, -1) + 1
        yield (*ends, seen[ends]), edge


def _numbers(edge: Edge | None) -> Numbers:
    return ("", "", None) if edge is None else (edge.value, edge.gradient, edge.magnitude)
