"""Colouring: columns (or rows) that can share a sweep because no row (column) meets two of them.

The Jacobian times the sum of all unit vectors of one colour has every entry of these columns in a
place of its own. For symmetric matrices a star colouring needs fewer, because an entry can be read
at (i, j) or at (j, i). Source: Gebremedhin, Manne and Pothen, "What color is your Jacobian? Graph
coloring for computing derivatives", SIAM Review 47 (2005).

The least number of colours is hard to find. Vertices are taken in the order in which they stand
and, if that needs more colours than the widest row has entries, in order of falling degree and in
that of the colours found; the best is kept.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
from scipy import sparse

from chainrule.sparse.dependence import Rows
from chainrule.sparse.greedy import colour_columns, colour_stars, find_stars

Array = Any
Kernel = Callable[..., bool]
LARGE = 1_000_000  # entries from which machine code is worth its start
BITS = 64  # of its integers, the sign among them
MEMORY = 1 << 33  # bits that the sets of a kernel may have: 1 GB each


def column_colours(pattern: Rows) -> Array:
    """A colour for each column such that no row has two of a colour; -1 for empty columns.

    >>> from scipy import sparse
    >>> column_colours(sparse.csr_array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]))
    array([0, 1, 0, 1], dtype=int32)
    """
    by_columns = pattern.tocsc()
    sizes = np.diff(by_columns.indptr)
    natural, bound = np.flatnonzero(sizes), widest(pattern)

    def fewer(best: Array, order: Array) -> Array:
        if _count(best) == bound:
            return best
        given = order, by_columns.indptr, by_columns.indices
        return _fewer(best, colour_columns, given, pattern.shape)

    best = fewer(_each(sizes > 0), natural)
    best = fewer(best, _falling(natural, sizes))
    return fewer(best, _falling(natural, best))  # iterated greedy (Culberson, 1992)


def star_colours(pattern: Rows) -> Array:
    """A star colouring of a symmetric pattern; -1 for empty rows.

    >>> from scipy import sparse
    >>> arrow = sparse.csr_array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]])
    >>> star_colours(arrow)
    array([0, 1, 1, 1], dtype=int32)
    """
    sizes = np.diff(pattern.indptr)
    natural = np.flatnonzero(sizes)
    best = _each(sizes > 0)
    for order in (_falling(natural, sizes), natural):
        given = order, pattern.indptr, pattern.indices
        best = _fewer(best, colour_stars, given, [pattern.shape[0]] * 4)
    whole: Rows = cast("Any", sparse).diags_array(sizes > 0, dtype=bool, format="csr") + pattern
    if _count(best) > widest(whole):  # columns that share no row need no stars
        best = min(best, column_colours(whole), key=_count)
    return best


def is_direct(pattern: Rows, colours: Array) -> Array:
    """For each entry (i, j) whether row i has no other column of the colour of j."""
    direct = np.zeros(pattern.nnz, np.int64)
    counts = np.zeros(len(colours), np.int64)
    given = [pattern.indptr, pattern.indices, colours, counts, direct]
    if pattern.nnz >= LARGE:
        wide = [np.array(x, np.int64) for x in given]
        _compiled(find_stars, len(wide))(*wide)
        return wide[-1] != 0
    lists = [x.tolist() for x in given]
    find_stars(*lists)
    return np.array(lists[-1], bool)


def widest(pattern: Rows) -> int:
    """The number of entries of the row that has most: no colouring of the columns has fewer."""
    return int(np.diff(pattern.indptr).max(initial=0))


def _falling(columns: Array, sizes: Array) -> Array:
    """The columns in order of falling sizes; equal ones stay as they are."""
    return columns[np.argsort(-sizes[columns], kind="stable")]


def _each(coloured: Array) -> Array:
    """A colour of its own for each that is to have one."""
    return np.where(coloured, np.cumsum(coloured) - 1, -1).astype(np.int32)


def _count(colours: Array) -> int:
    return int(colours.max(initial=-1)) + 1


def _fewer(best: Array, kernel: Kernel, given: Sequence[Array], sizes: Sequence[int]) -> Array:
    """The colours of a kernel if it gets by with fewer than ``best`` has, else ``best``.

    ``sizes`` are the numbers of its sets of colours, whose bits must fit into memory.
    """
    most = min(_count(best) - 1, max(BITS - 1, MEMORY // max(1, *sizes)))
    if most < 1:
        return best
    sets = [np.zeros(n, np.int64) for n in sizes]
    if len(given[2]) >= LARGE:
        bits = _as_machine_code(kernel, [*given, *sets], min(most, BITS - 1))
        if bits is not None:
            return (np.frexp(bits.astype(np.float64))[1] - 1).astype(np.int32)
        if most < BITS:
            return best
    lists: list[list[int]] = [x.tolist() for x in (*given, *sets)]
    if not kernel(*lists, [1 << (most - 1)]):
        return best
    return np.array([bits.bit_length() - 1 for bits in lists[-1]], np.int32)


def _as_machine_code(kernel: Kernel, arrays: Sequence[Array], most: int) -> Array | None:
    wide = [np.array(x, np.int64) for x in arrays]
    done = _compiled(kernel, len(wide) + 1)(*wide, np.array([1 << (most - 1)]))
    return wide[-1] if done else None


@lru_cache
def _compiled(kernel: Kernel, arguments: int) -> Kernel:
    from numba import types  # which takes time to import

    from chainrule.executors.native.build import build

    source = (
        f"from typing import Any\nfrom numba import njit\nInts = Any\n"
        f"{inspect.getsource(kernel)}\n"
        f"run = njit(cache=True, nogil=True)({kernel.__name__})\n"
    )
    return build(source, [types.Array(types.int64, 1, "C")] * arguments)
