"""Greedy colouring, one vertex after the other, with sets of colours as the bits of integers.

Colour c is the integer ``1 << c``, so the least colour that is free is a formula, and a vertex
costs as many steps as it has neighbours, however many these have. The functions are run as they
stand, on lists of Python integers, which are as long as need be, and by Numba, on arrays of 64-bit
ones, which are enough for 63 colours. They call nothing, so their text is complete.
"""

from __future__ import annotations

from typing import Any

Ints = Any  # a list of ints, or an array of them


def colour_columns(
    order: Ints, starts: Ints, rows: Ints, used: Ints, bits: Ints, most: Ints
) -> bool:
    """Give each column the least colour that none of its rows has met (Curtis, Powell and Reid).

    Args:
        order: the columns in the order in which they are coloured.
        starts, rows: the rows of column j are ``rows[starts[j]:starts[j + 1]]``.
        used: zeros, one a row: the colours that the row has met.
        bits: zeros, one a column: the result.
        most: the greatest colour that may be given, as a bit; False if it does not suffice.
    """
    for j in order:
        mine = rows[starts[j] : starts[j + 1]]
        taken = 0
        for i in mine:
            taken |= used[i]
        free = ~taken & (taken + 1)
        if not 0 < free <= most[0]:
            return False
        bits[j] = free
        for i in mine:
            used[i] |= free
    return True


def colour_stars(
    order: Ints, starts: Ints, columns: Ints, near: Ints, ends: Ints, hubs: Ints, bits: Ints,
    most: Ints,
) -> bool:  # fmt: skip
    """Colour so that neighbours differ and no path of four vertices has but two colours.

    Neighbours of a vertex without colour get different ones, so only a path that ends in v can come
    to have two: v - w - x - y with w and y alike. Then v does not get the colour of x, the hub.

    Args:
        order: the vertices in the order in which they are coloured.
        starts, columns: the neighbours of v are ``columns[starts[v]:starts[v + 1]]``; v may be one.
        near: zeros, one a vertex: the colours of its neighbours.
        ends: zeros: the colours of hubs of stars that the vertex is an end of.
        hubs: zeros: the colours of the ends of stars that the vertex is the hub of.
        bits: zeros: the result.
        most: the greatest colour that may be given, as a bit; False if it does not suffice.
    """
    for v in order:
        mine = columns[starts[v] : starts[v + 1]]
        taken = 0
        for w in mine:
            if bits[w] != 0:
                taken |= bits[w] | ends[w]
            else:
                taken |= near[w]
        free = ~taken & (taken + 1)
        if not 0 < free <= most[0]:
            return False
        bits[v] = free
        for w in mine:
            if w == v:
                continue
            if bits[w] != 0 and near[w] & free != 0:  # w has another neighbour of this colour
                if hubs[w] & free == 0:
                    hubs[w] |= free
                    for u in columns[starts[w] : starts[w + 1]]:
                        if bits[u] == free:
                            ends[u] |= bits[w]
                ends[v] |= bits[w]
            near[w] |= free
    return True


def find_stars(starts: Ints, columns: Ints, colours: Ints, counts: Ints, direct: Ints) -> bool:
    """For each entry (i, j) whether j is the only column of its colour in row i.

    If it is not, then i is the only one of its colour in row j (Gebremedhin, Manne and Pothen,
    2005, section 4.3). ``counts`` are zeros, one a colour; ``direct`` is the result.
    """
    for i in range(len(starts) - 1):
        mine = columns[starts[i] : starts[i + 1]]
        for j in mine:
            counts[colours[j]] += 1
        for place in range(starts[i], starts[i + 1]):
            direct[place] = counts[colours[columns[place]]] == 1
        for j in mine:
            counts[colours[j]] = 0
    return True
