"""Diagonals and triangles: diagonal, diag, diagflat, trace, tril, triu.

A diagonal is a slice: of the flattened matrix with m columns each (m + 1)-th entry. So it is read
and written without index arrays.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule.core.aliasing import view
from chainrule.core.errors import ShapeError, TraceError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype, axis_of
from chainrule.ops.elementwise import select
from chainrule.ops.indexing import getitem, scatter_add
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.reductions import reduce_sum
from chainrule.ops.shaping import reshape, transpose


def _on_diagonal(rows: int, columns: int, offset: int) -> slice:
    """Where in the flattened matrix its diagonal is."""
    i, j = max(0, -offset), max(0, offset)
    length = max(0, min(rows - i, columns - j))
    start = i * columns + j
    return slice(start, start + length * (columns + 1), columns + 1) if length else slice(0, 0)


def _diagonal(x: Array, offset: int, axis1: int, axis2: int) -> Array:
    rest = tuple(i for i in range(len(shape_of(x))) if i not in (axis1, axis2))
    moved = transpose(x, order=(*rest, axis1, axis2))
    *lead, rows, columns = shape_of(moved)
    flat = reshape(moved, shape=(*lead, rows * columns))
    return getitem(flat, index=(..., _on_diagonal(rows, columns, offset)))


def _read_only(_parent: Array, _child: Array) -> Array:
    raise TraceError(
        "np.diagonal gives a read-only view; write into a .copy() of it, or np.fill_diagonal(x, v)"
    )


@implements(np.diagonal)
def diagonal(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """``np.diagonal``: entries ``a[i, i + offset]`` of two axes, last; a read-only view."""
    n = len(shape_of(a))
    if n < 2:
        raise ShapeError(f"diagonal needs an array of two axes or more, got {shape_of(a)}")
    first, second, k = axis_of(axis1, n), axis_of(axis2, n), operator.index(offset)
    if first == second:
        raise ValueError("axis1 and axis2 cannot be the same")

    def redo(parent: Array) -> Array:
        return _diagonal(parent, k, first, second)

    return view(redo(a), a, redo=redo, undo=_read_only)


@implements(np.linalg.diagonal)
def matrix_diagonal(x: Array, /, *, offset: int = 0) -> Array:
    """``np.linalg.diagonal``: of the last two axes."""
    return diagonal(x, offset, -2, -1)


@implements(np.trace)
def trace(
    a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: Any = None
) -> Array:
    """``np.trace``: the sum of a diagonal."""
    entries = diagonal(a, offset, axis1, axis2)
    if dtype is None:
        return reduce_sum(entries, -1)
    return as_dtype(reduce_sum(as_dtype(entries, np.dtype(dtype)), -1), np.dtype(dtype))


@implements(np.linalg.trace)
def matrix_trace(x: Array, /, *, offset: int = 0, dtype: Any = None) -> Array:
    """``np.linalg.trace``: of the last two axes."""
    return trace(x, offset, -2, -1, dtype)


@implements(np.diag)
def diag(v: Array, k: int = 0) -> Array:
    """``np.diag``: the diagonal of a matrix, or the matrix that has this diagonal."""
    if len(shape_of(v)) == 1:
        return diagflat(v, k)
    if len(shape_of(v)) != 2:
        raise ValueError("Input must be 1- or 2-d.")
    return diagonal(v, k)


@implements(np.diagflat)
def diagflat(v: Array, k: int = 0) -> Array:
    """``np.diagflat``: the matrix whose diagonal is the flattened array."""
    size = type_of(v).size
    n = size + abs(operator.index(k))
    places = _on_diagonal(n, n, operator.index(k))
    flat = scatter_add(reshape(v, shape=(size,)), index=(places,), shape=(n * n,))
    return reshape(flat, shape=(n, n))


@implements(np.tril)
def tril(m: Array, k: int = 0) -> Array:
    """``np.tril``: zeros above a diagonal."""
    return _where(np.tri(*shape_of(m)[-2:], k=k, dtype=np.bool_), m)


@implements(np.triu)
def triu(m: Array, k: int = 0) -> Array:
    """``np.triu``: zeros below a diagonal."""
    return _where(~np.tri(*shape_of(m)[-2:], k=k - 1, dtype=np.bool_), m)


def _where(mask: Any, m: Array) -> Array:
    return select(mask, m, type_of(m).dtype.type(0))
