"""Colouring: columns (or rows) that can share a sweep because no row (column) meets two of them.

The Jacobian times the sum of all unit vectors of one colour has every entry of these columns in a
place of its own. For symmetric matrices a star colouring needs fewer, because an entry can be read
at (i, j) or at (j, i). Source: Gebremedhin, Manne and Pothen, "What color is your Jacobian? Graph
coloring for computing derivatives", SIAM Review 47 (2005).

The least number of colours is hard to find. Vertices are taken in the order in which they stand
and, if that needs more colours than the widest row has entries, in order of falling degree; the
better one is kept.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.sparse.dependence import Rows
from chainrule.sparse.greedy import colour_columns, colour_stars, find_stars

Array = Any
Kernel = Callable[..., bool]
LARGE = 200_000  # entries from which machine code is worth its start


def column_colours(pattern: Rows) -> Array:
    """A colour for each column such that no row has two of a colour; -1 for empty columns.

    >>> from scipy import sparse
    >>> column_colours(sparse.csr_array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]))
    array([0, 1, 0, 1], dtype=int32)
    """
    by_columns = pattern.tocsc()
    sizes = np.diff(by_columns.indptr)
    bound = widest(pattern)
    if bound == np.count_nonzero(sizes):  # a row with all columns
        return np.where(sizes > 0, np.cumsum(sizes > 0) - 1, -1).astype(np.int32)
    best: Array = None
    for order in _orders(sizes):
        given = order, by_columns.indptr, by_columns.indices
        colours = _coloured(colour_columns, given, [pattern.shape[0], pattern.shape[1]])
        if best is None or colours.max(initial=-1) < best.max(initial=-1):
            best = colours
        if best.max(initial=-1) < bound:
            break
    return np.asarray(best)


def star_colours(pattern: Rows) -> Array:
    """A star colouring of a symmetric pattern; -1 for empty rows.

    >>> from scipy import sparse
    >>> arrow = sparse.csr_array([[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1]])
    >>> star_colours(arrow)
    array([0, 1, 1, 1], dtype=int32)
    """
    n = pattern.shape[0]
    best: Array = None
    for order in _orders(np.diff(pattern.indptr)):
        given = order, pattern.indptr, pattern.indices
        colours = _coloured(colour_stars, given, [n, n, n, n])
        if best is None or colours.max(initial=-1) < best.max(initial=-1):
            best = colours
    return np.asarray(best)


def is_direct(pattern: Rows, colours: Array) -> Array:
    """For each entry (i, j) whether row i has no other column of the colour of j."""
    direct = np.zeros(pattern.nnz, np.int64)
    counts = np.zeros(len(colours), np.int64)
    given = [pattern.indptr, pattern.indices, colours, counts, direct]
    return np.asarray(_last(find_stars, given, pattern.nnz)) != 0


def widest(pattern: Rows) -> int:
    """The number of entries of the row that has most: no colouring of the columns has fewer."""
    return int(np.diff(pattern.indptr).max(initial=0))


def _orders(sizes: Array) -> Iterator[Array]:
    """Columns that have entries, as they stand and in order of falling degree."""
    natural = np.flatnonzero(sizes)
    yield natural
    falling = natural[np.argsort(-sizes[natural], kind="stable")]
    if not np.array_equal(falling, natural):
        yield falling


def _coloured(kernel: Kernel, given: Sequence[Array], sizes: Sequence[int]) -> Array:
    """The colours that a kernel gives, from 0; ``sizes`` are those of its sets of colours."""
    bits = _last(kernel, [*given, *(np.zeros(n, np.int64) for n in sizes)], len(given[2]))
    if type(bits) is np.ndarray:
        return (np.frexp(bits.astype(np.float64))[1] - 1).astype(np.int32)
    return np.array([int(b).bit_length() - 1 for b in bits], np.int32)


def _last(kernel: Kernel, arrays: Sequence[Array], entries: int) -> Array:
    """The last argument of a kernel after it ran, as machine code if there is enough to do."""
    if entries >= LARGE:
        wide = [np.array(x, np.int64) for x in arrays]
        if _compiled(kernel, len(wide))(*wide):
            return wide[-1]
    lists: list[list[int]] = [x.tolist() for x in arrays]
    kernel(*lists)
    return lists[-1]


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
