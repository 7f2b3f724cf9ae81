"""Coordinates within the layers: the third step of a drawing.

Brandes and Köpf, "Fast and simple horizontal coordinate assignment", Graph Drawing 2001: vertices
are aligned with the median of their neighbours, in each of the four directions; the mean of the
two middle results is taken. Long lines become straight. With vertices of any width and lines that
meet them anywhere, as in Rüegg et al., "Size- and port-aware horizontal node coordinate
assignment", Graph Drawing 2015: members of an aligned block are shifted against each other so that
lines are straight; and blocks are put side by side by longest paths, which needs no classes of
blocks (the part of the first paper that had to be corrected).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from chainrule.drawing.order import Segment

Lines = list[list[tuple[int, float, float]]]  # of a vertex: (neighbour, offset there, offset here)


def coordinates(
    layers: Sequence[Sequence[int]],
    segments: Sequence[Segment],
    widths: Sequence[float],
    gaps: Sequence[float],
    passing: Sequence[bool],
) -> list[float]:
    """The middle of each vertex, so that neighbours in a layer are apart by width and gap.

    Args:
        layers: vertices in order.
        segments: what joins adjacent layers.
        widths: of each vertex.
        gaps: the space that each vertex wants beside it; two neighbours have the mean of theirs.
        passing: whether a vertex is a point of a long line, which is kept straight.
    """
    if not layers:
        return []
    straight = _straight(layers, segments, passing)
    found: list[list[float]] = []
    for upwards in (False, True):
        rows = [list(layer) for layer in (reversed(layers) if upwards else layers)]
        for mirrored in (False, True):
            sign = -1.0 if mirrored else 1.0
            order = [row[::-1] for row in rows] if mirrored else rows
            lines = _lines(straight, len(widths), sign, upwards=upwards)
            xs = _compact(order, *_aligned(order, lines), widths, gaps)
            found.append([sign * x for x in xs])
    return _balanced(found, widths)


def _balanced(found: list[list[float]], widths: Sequence[float]) -> list[float]:
    """The mean of the middle two, after all are moved to the narrowest one."""
    spans = [
        (min(x - w / 2 for x, w in zip(xs, widths, strict=True)),
         max(x + w / 2 for x, w in zip(xs, widths, strict=True)))
        for xs in found
    ]  # fmt: skip
    low, high = min(spans, key=lambda span: span[1] - span[0])
    for i, xs in enumerate(found):  # those that were packed to the left by left ends
        shift = low - spans[i][0] if i % 2 == 0 else high - spans[i][1]
        found[i] = [x + shift for x in xs]
    middle = [sorted(four)[1:3] for four in zip(*found, strict=True)]
    return [(a + b) / 2 - low for a, b in middle]


def _straight(
    layers: Sequence[Sequence[int]], segments: Sequence[Segment], passing: Sequence[bool]
) -> list[Segment]:
    """The segments that are drawn straight if there is room; no two of them cross.

    They are those by which the longest paths come to a vertex and go, so that a chain of operations
    does not give way to each parameter that joins it from the side. Where two cross, one within a
    long line goes first (as in the paper), then that of the longer path.
    """
    place = {v: i for layer in layers for i, v in enumerate(layer)}
    row = {v: i for i, layer in enumerate(layers) for v in layer}
    coming, going = [0] * len(passing), [0] * len(passing)
    for s in segments:
        coming[s.lower] = max(coming[s.lower], s.above)
        going[s.upper] = max(going[s.upper], s.below)
    main = [s for s in segments if s.above == coming[s.lower] and s.below == going[s.upper]]
    main.sort(key=lambda s: (not (passing[s.upper] and passing[s.lower]), -s.above - s.below))
    chosen: list[Segment] = []
    taken: list[list[tuple[int, float, int, float]]] = [[] for _ in layers]
    for s in main:
        among = taken[row[s.lower]]
        key = (place[s.upper], s.start, place[s.lower], s.end)
        i = bisect_left(among, key)
        if (i and among[i - 1][2:] > key[2:]) or (i < len(among) and among[i][2:] < key[2:]):
            continue
        among.insert(i, key)
        chosen.append(s)
    return chosen


def _lines(segments: Sequence[Segment], count: int, sign: float, *, upwards: bool) -> Lines:
    """For each vertex its lines to the layer before, in a drawing that may be turned over."""
    lines: Lines = [[] for _ in range(count)]
    for s in segments:
        if upwards:
            lines[s.upper].append((s.lower, sign * s.end, sign * s.start))
        else:
            lines[s.lower].append((s.upper, sign * s.start, sign * s.end))
    return lines


def _aligned(layers: list[list[int]], lines: Lines) -> tuple[list[int], list[float]]:
    """The block of each vertex, named by its first one, and its shift within the block."""
    count = len(lines)
    place = [0] * count
    root, shift = list(range(count)), [0.0] * count
    for layer in layers:
        for i, v in enumerate(layer):
            place[v] = i
        last = -1
        for v in layer:
            above = sorted(lines[v], key=lambda line: (place[line[0]], line[1]))
            half = (len(above) - 1) // 2
            for u, there, here in above[half : len(above) // 2 + 1]:
                if root[v] == v and place[u] > last:
                    root[v] = root[u]
                    shift[v] = shift[u] + there - here
                    last = place[u]
    return root, shift


def _compact(
    layers: list[list[int]],
    root: list[int],
    shift: list[float],
    widths: Sequence[float],
    gaps: Sequence[float],
) -> list[float]:
    """Blocks side by side: as far to the left as they go, then each up to its right neighbour."""
    count = len(root)
    right: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    left: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for layer in layers:
        for u, v in pairwise(layer):
            a, b = root[u], root[v]
            apart = (widths[u] + widths[v] + gaps[u] + gaps[v]) / 2 + shift[u] - shift[v]
            right[a].append((b, apart))
            left[b].append((a, apart))
    waits = list(map(len, left))
    order = [v for v in range(count) if root[v] == v and not waits[v]]
    for block in order:  # grows while it is read
        for other, _ in right[block]:
            waits[other] -= 1
            if not waits[other]:
                order.append(other)
    at = [0.0] * count
    for block in order:
        at[block] = max([at[u] + n for u, n in left[block]], default=0.0)
    for block in reversed(order):
        if right[block]:
            at[block] = max(at[block], min([at[v] - n for v, n in right[block]]))
    return [at[root[v]] + shift[v] for v in range(count)]
