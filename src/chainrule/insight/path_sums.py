"""Sums over all paths to an output, by one walk backwards, and the largest of them.

Every sum over paths is the same walk with other numbers: ones count the paths, local derivatives
give the gradient, their sizes say how much cancels. Whole numbers are Python's, so a count is
exact however large.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.core.graph import Var
from chainrule.insight.local import LocalDerivative, Point

Array = Any
Key = tuple[Var, int]


@dataclass(frozen=True, eq=False)
class Link:
    """A path from a number to the output: its first edge, and the path after that."""

    edge: LocalDerivative | None
    to: Key
    derivative: float
    size: float  # logarithm of the size of the product, -inf for 0
    then: Link | None

    def __lt__(self, other: Link) -> bool:
        return self.size < other.size

    def edges(self) -> Iterator[Link]:
        """The links with an edge, from the number on."""
        link: Link | None = self
        while link is not None and link.edge is not None:
            yield link
            link = link.then


@dataclass(eq=False)
class PathSums:
    """Sums over the paths from each number to the output, array by array.

    Attributes:
        counts: how many paths there are, and
        nonzero: how many of them have no factor 0.
        lengths: the number of edges of all these paths together.
        cotangents: the sum of their products, d output / d number.
        sizes: the sum of the sizes of their products.
    """

    counts: dict[Var, Array] = field(default_factory=dict[Var, Array])
    nonzero: dict[Var, Array] = field(default_factory=dict[Var, Array])
    lengths: dict[Var, Array] = field(default_factory=dict[Var, Array])
    cotangents: dict[Var, Array] = field(default_factory=dict[Var, Array])
    sizes: dict[Var, Array] = field(default_factory=dict[Var, Array])


def path_sums(edges: Sequence[LocalDerivative], start: Var, end: Point) -> PathSums:
    """One walk backwards over all edges."""
    sums = PathSums()
    variables = {start, end.variable, *(x for d in edges for x in (d.operand, d.result))}
    for v in variables:
        for whole in (sums.counts, sums.nonzero, sums.lengths):
            whole[v] = np.full(v.type.size, 0, object)
        for real in (sums.cotangents, sums.sizes):
            real[v] = np.zeros(v.type.size)
    for kept in (sums.counts, sums.nonzero, sums.cotangents, sums.sizes):
        kept[end.variable][end.entry] += 1
    for d in reversed(edges):
        counts = sums.counts[d.result][d.rows]
        some = d.values != 0
        for kept, part in (
            (sums.counts, counts),
            (sums.lengths, sums.lengths[d.result][d.rows] + counts),
            (sums.cotangents, sums.cotangents[d.result][d.rows] * d.values),
            (sums.sizes, sums.sizes[d.result][d.rows] * np.abs(d.values)),
        ):
            np.add.at(kept[d.operand], d.columns, part)
        np.add.at(sums.nonzero[d.operand], d.columns[some], sums.nonzero[d.result][d.rows[some]])
    return sums


def reached(edges: Sequence[LocalDerivative], start: Point, counts: dict[Var, Array]) -> list[Any]:
    """The edges that lie on a path from ``start``, as pairs ``(edge, places in it)``."""
    marks: dict[Var, Array] = {v: np.zeros(v.type.size, bool) for v in counts}
    marks[start.variable][start.entry] = True
    found: list[Any] = []
    for d in edges:
        alive = counts[d.result][d.rows].astype(bool)
        on = np.flatnonzero(marks[d.operand][d.columns] & alive)
        if on.size:
            marks[d.result][d.rows[on]] = True
            found.append((d, on))
    return found


def largest_paths(on_way: Sequence[Any], start: Point, end: Point, most: int) -> list[Link]:
    """The paths of the largest products, the largest first: each number keeps its best ``most``."""
    goal = (end.variable, end.entry)
    best: dict[Key, list[Link]] = {goal: [Link(None, goal, 1.0, 0.0, None)]}
    for d, on in reversed(on_way):
        for place in on.tolist():
            to = (d.result, int(d.rows[place]))
            slope = float(d.values[place])
            size = math.log(abs(slope)) if slope else -math.inf
            here = best.setdefault((d.operand, int(d.columns[place])), [])
            here += [Link(d, to, slope, size + then.size, then) for then in best[to]]
            if len(here) > most:
                here[:] = heapq.nlargest(most, here)
    return heapq.nlargest(most, best.get((start.variable, start.entry), []))


def merges_of(
    on_way: Sequence[Any], sums: PathSums, name: Callable[[Key], str]
) -> list[tuple[str, int, tuple[tuple[str, float, float], ...], float]]:
    """The sum at each number on a way: its uses with derivative and cotangent, the total."""
    uses: dict[Key, list[tuple[str, float, float]]] = {}
    for d, on in on_way:
        for place in on.tolist():
            to = (d.result, int(d.rows[place]))
            use = name(to), float(d.values[place]), float(sums.cotangents[to[0]][to[1]])
            uses.setdefault((d.operand, int(d.columns[place])), []).append(use)
    return [
        (
            name(key),
            sums.counts[key[0]][key[1]],
            tuple(found),
            float(sums.cotangents[key[0]][key[1]]),
        )
        for key, found in reversed(uses.items())
    ]
