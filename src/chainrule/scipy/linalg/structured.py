"""Matrices of given structure, put together of their parts."""

from __future__ import annotations

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_operand
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem
from chainrule.ops.matrices import conjugate
from chainrule.ops.shaping import concatenate, reshape


def block_diag(*arrs: Array) -> Array:
    """The matrix with these matrices along its diagonal and zeros elsewhere; vectors are rows.

    >>> import numpy as np
    >>> block_diag(np.array([[1.0], [2.0]]), 3.0)
    array([[1., 0.],
           [2., 0.],
           [0., 3.]])
    """
    blocks = [_matrix(as_operand(x)) for x in arrs] or [np.zeros((1, 0))]
    dtype = np.result_type(*(type_of(x).dtype for x in blocks))
    width = sum(shape_of(x)[1] for x in blocks)
    strips: list[Array] = []
    start = 0
    for x in blocks:
        height, columns = shape_of(x)
        before, after = (np.zeros((height, n), dtype) for n in (start, width - start - columns))
        strips.append(concatenate([before, x, after], 1))
        start += columns
    return concatenate(strips, 0)


def _matrix(x: Array) -> Array:
    shape = shape_of(x)
    if len(shape) > 2:
        raise ShapeError(f"block_diag: blocks are matrices, got an array of shape {shape}")
    return reshape(x, shape=(1,) * (2 - len(shape)) + shape)


def toeplitz(c: Array, r: Array | None = None) -> Array:
    """The matrix that is constant along diagonals, with first column c and first row r.

    Without r it is Hermitian, ``r = conj(c)``. The first entry of r is not looked at.

    >>> import numpy as np
    >>> toeplitz(np.array([1.0, 2.0, 3.0]), np.array([0.0, 4.0]))
    array([[1., 4.],
           [2., 1.],
           [3., 2.]])
    """
    c = as_operand(c)
    row = conjugate(c) if r is None else as_operand(r)
    for x in (c, row):
        if len(shape_of(x)) != 1:
            raise ShapeError(f"toeplitz takes vectors, got shape {shape_of(x)}; use cr.vmap")
    m, n = shape_of(c)[0], shape_of(row)[0]
    values = concatenate([c[::-1], row[1:]], 0)
    places = np.arange(m)[::-1, None] + np.arange(n)
    return getitem(values, places, index=(Slot(0),))
