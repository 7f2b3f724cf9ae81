"""Running products, and the linear recurrence that their derivatives are.

With ``y_i = x_i y_{i-1}`` a tangent follows ``t'_i = x_i t'_{i-1} + y_{i-1} t_i``, and cotangents
the transposed recurrence from the end. It is solved by doubling, without a division, so that zeros
are no special case and derivatives of any order are right there. Doubling is due to Kogge and
Stone, "A parallel algorithm for the efficient solution of a general class of recurrence equations",
IEEE Transactions on Computers 22 (1973).
"""

from __future__ import annotations

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import edge, primitive
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.batch import along_axes
from chainrule.ops.define import Array
from chainrule.ops.elementwise import as_dtype_of
from chainrule.ops.reductions import flip
from chainrule.ops.shaping import concatenate, slice_axis


def _shifted(y: Array, axis: int, by: int, fill: float) -> Array:
    """``y`` moved by some places along an axis, away from its beginning or, if negative, end."""
    shape = shape_of(y)
    n = shape[axis]
    new = np.full((*shape[:axis], min(abs(by), n), *shape[axis + 1 :]), fill, type_of(y).dtype)
    if by < 0:
        return concatenate([slice_axis(y, axis, min(-by, n), n), new], axis)
    return concatenate([new, slice_axis(y, axis, 0, max(n - by, 0))], axis)


def recurrence(a: Array, b: Array, axis: int) -> Array:
    """``s_i = a_i s_{i-1} + b_i`` from 0, along an axis, in log2(n) steps of whole arrays."""
    step, n = 1, shape_of(b)[axis]
    while step < n:
        b = b + a * _shifted(b, axis, step, 0)
        step *= 2
        if step < n:
            a = a * _shifted(a, axis, step // 2, 0)
    return b


def _before(out: Array, axis: int) -> Array:
    return _shifted(out, axis, 1, 1)


def _push_cumprod(t: Array, out: Array, x: Array, axis: int) -> Array:
    return recurrence(as_dtype_of(x, out), as_dtype_of(t, out) * _before(out, axis), axis)


def _pull_cumprod(ct: Array, out: Array, x: Array, axis: int) -> Array:
    after = _shifted(as_dtype_of(x, out), axis, -1, 0)
    backwards = recurrence(flip(after, axes=(axis,)), flip(ct, axes=(axis,)), axis)
    return as_dtype_of(flip(backwards, axes=(axis,)) * _before(out, axis), x)


cumprod_p = primitive(
    "cumprod",
    lambda x, axis: np.multiply.accumulate(x, axis=axis),
    lambda x, axis: ArrayType(x.shape, np.multiply.accumulate(np.empty(1, x.dtype)).dtype),
    (edge(_push_cumprod, _pull_cumprod),),
    batch=along_axes("cumprod"),
)
