"""Which inputs each entry of a value depends on: sets of inputs as rows of a Boolean matrix.

A value has a ``scipy.sparse.csr_array`` with a row for each of its entries, in C order, and a
column for each input; None stands for a value that depends on no input. All operations here are a
few calls of SciPy, so a million entries take some hundredths of a second. ``rules.py`` says which
of them a primitive is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from scipy import sparse

from chainrule.core.errors import ArgumentError

Rows = Any  # a csr_array of bool in canonical form
Array = Any

LARGEST = 1 << 28  # entries that may be nonzero: 1.3 GB


def made(indices: Array, starts: Array, columns: int) -> Rows:
    """Rows from the inputs of each row, one row after the other."""
    kind = np.int32 if max(len(indices), columns) < 2**31 else np.int64
    parts = np.ones(len(indices), np.bool_), indices.astype(kind), starts.astype(kind)
    return sparse.csr_array(parts, shape=(len(starts) - 1, columns))


def own(first: int, size: int, columns: int) -> Rows:
    """The rows of an input whose entries are the inputs from ``first`` on."""
    return made(np.arange(first, first + size), np.arange(size + 1), columns)


def empty(size: int, columns: int) -> Rows:
    """Rows of a value that depends on nothing."""
    return made(np.zeros(0, np.int32), np.zeros(size + 1, np.int32), columns)


def union(parts: Sequence[Rows | None]) -> Rows | None:
    """Row by row, the inputs that any of the parts depends on; one that has all is returned."""
    total = None
    for part in parts:
        if part is None or part is total:
            continue
        if total is None:
            total = part
            continue
        both = total + part
        if both.nnz > LARGEST:
            _refuse(both.nnz)
        total = total if both.nnz == total.nnz else part if both.nnz == part.nnz else both
    return total


def gathered(rows: Rows | None, positions: Array) -> Rows | None:
    """The rows at positions; -1 stands for an entry that depends on nothing."""
    if rows is None:
        return None
    positions = np.ravel(positions)
    size, columns = map(int, rows.shape)
    if np.array_equal(positions, np.arange(size)):
        return rows
    starts = np.append(rows.indptr, rows.indptr[-1])  # the row that -1 finds is empty
    count = int(np.diff(starts)[positions].sum(dtype=np.int64))
    if count > LARGEST:
        _refuse(count)
    if count == 0:
        return None
    parts = rows.data, rows.indices, starts
    longer: Rows = sparse.csr_array(parts, shape=(size + 1, columns))
    return longer[np.where(positions < 0, size, positions)]


def linked(rows: Rows | None, to: Array, of: Array, size: int) -> Rows | None:
    """The union over pairs, for ``size`` entries: ``to[i]`` depends on what ``of[i]`` does."""
    if rows is None:
        return None
    ones = np.ones(np.size(to), np.bool_)
    links = sparse.csr_array((ones, (np.ravel(to), np.ravel(of))), shape=(size, rows.shape[0]))
    return composed(links, rows)


def composed(links: Rows, rows: Rows) -> Rows | None:
    """The dependence of a function of what has ``rows``, from that of the function."""
    lengths = np.diff(rows.indptr)[links.indices]
    count = min(int(lengths.sum(dtype=np.int64)), links.shape[0] * rows.shape[1])
    if count > LARGEST:
        _refuse(count)
    result = links @ rows
    result.sort_indices()
    return result if result.nnz else None


def pooled(rows: Rows | None, shape: tuple[int, ...], axes: Sequence[int]) -> Rows | None:
    """The union along axes, which keep a length of one."""
    if rows is None or all(shape[axis] == 1 for axis in axes):
        return rows
    short = tuple(1 if i in axes else n for i, n in enumerate(shape))
    size = int(np.prod(short))
    if size == 0 or 0 in shape:
        return None
    owners = np.broadcast_to(np.arange(size).reshape(short), shape)
    return linked(rows, owners, np.arange(rows.shape[0]), size)


def stretched(rows: Rows | None, shape: tuple[int, ...], target: tuple[int, ...]) -> Rows | None:
    """Rows of a value of ``shape`` after broadcasting to ``target``."""
    if rows is None or shape == target:
        return rows
    return gathered(rows, np.broadcast_to(places(shape), target))


def stacked(parts: Sequence[Rows | None], sizes: Sequence[int], columns: int) -> Rows:
    """The rows of several values of these sizes, one below the other."""
    filled = [
        empty(size, columns) if part is None else part
        for part, size in zip(parts, sizes, strict=True)
    ]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        return empty(0, columns)
    return cast("Any", sparse).vstack(filled, format="csr")


def places(shape: tuple[int, ...]) -> Array:
    """The number of each entry of an array, in its shape."""
    return np.arange(int(np.prod(shape))).reshape(shape)


def _refuse(count: int) -> None:
    raise ArgumentError(
        f"{count:,} entries may be nonzero: this derivative is not sparse; take cr.jacobian or"
        " cr.hessian without sparse, or products with vectors (cr.jvp, cr.vjp, cr.hvp)"
    )
