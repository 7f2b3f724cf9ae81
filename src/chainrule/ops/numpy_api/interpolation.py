"""NumPy's linear interpolation between points, differentiable in the points, too."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import absolute, maximum, minimum, mod, select
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem
from chainrule.ops.numpy_api.implements import implements, require_real
from chainrule.ops.reductions import argsort_p
from chainrule.ops.shaping import concatenate, slice_axis

_FLOAT = np.dtype(np.float64)


def _at(points: Array, places: Array) -> Array:
    return getitem(points, places, index=(Slot(0),))


@implements(np.interp)
def interp(
    x: Array, xp: Array, fp: Array, left: Any = None, right: Any = None, period: Any = None
) -> Array:
    """``np.interp``: the polygon through the points ``(xp, fp)`` at ``x``.

    At a point the slope is that of the piece to its right, at the last one of the piece to its
    left; outside it is 0.

    >>> import chainrule as cr
    >>> points = np.array([0.0, 1.0, 3.0]), np.array([0.0, 10.0, 14.0])
    >>> [float(cr.grad(lambda x: np.interp(x, *points))(at)) for at in (-1.0, 0.5, 1.0, 3.0, 4.0)]
    [0.0, 10.0, 2.0, 2.0, 0.0]
    """
    x, xp, fp = as_operand(x), as_operand(xp), as_operand(fp)
    kind = np.dtype(np.complex128) if type_of(fp).dtype.kind == "c" else _FLOAT
    x, xp = (as_dtype(require_real(v, "np.interp"), _FLOAT) for v in (x, xp))
    fp = as_dtype(fp, kind)
    if len(shape_of(xp)) != 1 or shape_of(xp) != shape_of(fp):
        raise ShapeError(
            f"np.interp: xp of shape {shape_of(xp)} and fp of shape {shape_of(fp)} must be vectors"
            " of one length"
        )
    if shape_of(xp)[0] == 0:
        raise ValueError("array of sample points is empty")
    if period is not None:
        x, xp, fp = _around(x, xp, fp, period)
        left = right = None
    before = fp[0] if left is None else as_dtype(as_operand(left), kind)
    after = fp[-1] if right is None else as_dtype(as_operand(right), kind)
    inside = _polygon(x, xp, fp) if shape_of(xp)[0] > 1 else select(x == x, fp[0], x)
    return select(x < xp[0], before, select(x > xp[-1], after, inside))


def _around(x: Array, xp: Array, fp: Array, period: Any) -> tuple[Array, Array, Array]:
    """Everything within one period, with the last point before the first and vice versa."""
    period = absolute(as_operand(period))
    x, xp = mod(x, period), mod(xp, period)
    order = argsort_p(xp, axis=0)
    xp, fp = _at(xp, order), _at(fp, order)
    n = shape_of(xp)[0]
    first, last = (slice_axis(xp, 0, i, i + 1) for i in (0, n - 1))
    ends = (slice_axis(fp, 0, i, i + 1) for i in (n - 1, 0))
    before, after = ends
    joined = concatenate([last - period, xp, first + period], 0)
    return x, joined, concatenate([before, fp, after], 0)


def _polygon(x: Array, xp: Array, fp: Array) -> Array:
    """On the piece that holds ``x``; the other end is taken where the first one gives NaN."""
    n = shape_of(xp)[0]
    piece = cast("Array", np.searchsorted(xp, x, side="right")) - 1
    piece = maximum(minimum(piece, n - 2), 0)
    x0, x1, f0, f1 = (_at(v, piece + i) for v in (xp, fp) for i in (0, 1))
    slope = (f1 - f0) / (x1 - x0)
    low, high = slope * (x - x0) + f0, slope * (x - x1) + f1
    other = select((high != high) & (f0 == f1), f0, high)
    value = select(x == x1, high, low)
    value = select(value == value, value, select(x == x0, f0, other))
    return select((value == value) | (x != x1), value, f1)
