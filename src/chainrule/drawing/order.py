"""The order of vertices within each layer, with few crossings: the second step of a drawing.

Sweeps down and up sort each layer by the mean position of its neighbours in the layer before
(barycentres; Sugiyama et al. 1981), then adjacent vertices change places where that saves crossings
(Gansner et al. 1993). Nothing is random: the same graph has the same order.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Segment(NamedTuple):
    """A line between vertices of two adjacent layers, and where it meets each, from its middle.

    ``above`` and ``below`` are the lengths of the longest paths that lead to it and on from it.
    """

    upper: int
    lower: int
    start: float = 0.0
    end: float = 0.0
    above: int = 0
    below: int = 0


WORK = 400_000  # vertices and segments that sweeps may visit in all


Line = tuple[int, int, float, float]
Layers = tuple[tuple[int, ...], ...]
Orders = dict[tuple[Layers, tuple[Line, ...], frozenset[int]], Layers]


def in_order(
    layers: Sequence[Sequence[int]],
    segments: Sequence[Segment],
    widths: Sequence[float],
    first: frozenset[int],
    known: Orders,
) -> Layers:
    """The layers with their vertices in an order that has few crossings.

    Args:
        layers: the vertices of each layer in a first order.
        segments: what joins adjacent layers.
        widths: the width of each vertex, which puts the places where lines meet it in proportion.
        first: vertices that stay at the start of their layer.
        known: the orders that were found before; equal blocks of a graph are ordered once.
    """
    # in units of places: a port at the left end of a vertex is at its place - 0.4
    lines = tuple(
        (
            s.upper,
            s.lower,
            round(0.8 * s.start / max(widths[s.upper], 1.0), 2),
            round(0.8 * s.end / max(widths[s.lower], 1.0), 2),
        )
        for s in segments
    )
    key = tuple(map(tuple, layers)), lines, first
    if key not in known:
        known[key] = _Ordering(*key).improved()
    return known[key]


class _Ordering:
    """Layers of vertices whose order is being improved."""

    def __init__(self, layers: Layers, lines: Sequence[Line], first: frozenset[int]) -> None:
        self._first = first
        count = sum(map(len, layers))
        self._up: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]
        self._down: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]
        for u, v, a, b in lines:
            self._down[u].append((v, b, a))
            self._up[v].append((u, a, b))
        self._place = [0] * count
        for i, v in enumerate(self._walk(layers)):
            self._place[v] = i
        self.layers = [
            sorted(layer, key=lambda v: (v not in first, self._place[v])) for layer in layers
        ]
        for layer in self.layers:
            self._note(layer)
        self._size = count + len(lines)

    def _walk(self, layers: Layers) -> list[int]:
        """All vertices by walks along lines, depth first: neighbours start close to each other."""
        found: dict[int, None] = {}
        for layer in layers:
            for v in layer:
                waiting = [v]
                while waiting:
                    v = waiting.pop()
                    if v not in found:
                        found[v] = None
                        waiting += [w for w, _, _ in reversed(self._up[v])]
                        waiting += [w for w, _, _ in reversed(self._down[v])]
        return list(found)

    def improved(self) -> Layers:
        """Sweep as long as it helps and the work is bounded; the best layers that were seen."""
        best, fewest = [list(layer) for layer in self.layers], self.crossings()
        idle = 0
        for turn in range(max(4, min(24, WORK // max(self._size, 1)))):
            if not fewest or idle > 4:
                break
            self._sweep(down=turn % 2 == 0)
            if self._size < 4_000:
                self._transpose()
            found = self.crossings()
            idle += 1
            if found < fewest:
                best, fewest, idle = [list(layer) for layer in self.layers], found, 0
        self._set(best)
        self._mirror(fewest)
        return tuple(map(tuple, self.layers))

    def _set(self, layers: list[list[int]]) -> None:
        self.layers = layers
        for layer in layers:
            self._note(layer)

    def _mirror(self, fewest: int) -> None:
        """Turn the drawing over if then more vertices stand in the order of their numbers."""
        rising = sum(1 if v < w else -1 for layer in self.layers for v, w in pairwise(layer))
        if rising < 0:
            kept = self.layers
            last = self._first.__contains__  # a title stays the first
            turned = [sorted(layer, key=last)[::-1] for layer in kept]
            self._set(turned)
            if self.crossings() > fewest:  # ports do not turn with their boxes
                self._set(kept)

    def crossings(self) -> int:
        """How many pairs of segments cross."""
        return sum(map(self._crossings_below, self.layers))

    def _crossings_below(self, layer: list[int]) -> int:
        place = self._place
        ends: list[float] = []
        found = 0
        lines = sorted((place[v] + a, place[w] + b) for v in layer for w, b, a in self._down[v])
        for _, end in lines:
            found += len(ends) - bisect_right(ends, end)
            insort(ends, end)
        return found

    def _note(self, layer: list[int]) -> None:
        for i, v in enumerate(layer):
            self._place[v] = i

    def _sweep(self, *, down: bool) -> None:
        neighbours = self._up if down else self._down
        for layer in self.layers[1:] if down else self.layers[-2::-1]:
            self._sort(layer, neighbours)

    def _sort(self, layer: list[int], neighbours: list[list[tuple[int, float, float]]]) -> None:
        """Sort by barycentres; who has no neighbours keeps its place."""
        place = self._place
        keys: dict[int, float] = {}
        for v in layer:
            lines = neighbours[v]
            if v in self._first:
                keys[v] = -1.0
            elif lines:
                keys[v] = sum(place[u] + there - here for u, there, here in lines) / len(lines)
        sorted_ones = iter(sorted(keys, key=lambda v: (keys[v], place[v])))
        layer[:] = [next(sorted_ones) if v in keys else v for v in layer]
        layer.sort(key=lambda v: v not in self._first)
        self._note(layer)

    def _transpose(self) -> None:
        """Change places of adjacent vertices where that saves crossings."""
        for _ in range(4):
            changed = False
            for layer in self.layers:
                for i in range(len(layer) - 1):
                    v, w = layer[i], layer[i + 1]
                    if v in self._first:
                        continue
                    if self._gain(v, w) > 0:
                        layer[i], layer[i + 1] = w, v
                        self._place[v], self._place[w] = i + 1, i
                        changed = True
            if not changed:
                break

    def _gain(self, left: int, right: int) -> int:
        """How many crossings fewer there are if two adjacent vertices change places."""
        place = self._place
        found = 0
        for side in (self._up, self._down):
            if side[left] and side[right]:
                ends = [place[u] + there for u, there, _ in side[right]]
                for u, there, _ in side[left]:
                    at = place[u] + there
                    for end in ends:
                        found += (at > end) - (at < end)
        return found
