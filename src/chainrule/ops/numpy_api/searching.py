"""NumPy's functions that find places: argwhere, searchsorted, digitize, lexsort, nanargmax.

No derivative follows a place. Where it decides a shape (``argwhere``) values must be known.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import TraceError
from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_operand, axis_of
from chainrule.ops.elementwise import select, stop_gradient
from chainrule.ops.indexing import mask_positions, read
from chainrule.ops.numpy_api import reductions
from chainrule.ops.numpy_api.choosing import take_along_axis
from chainrule.ops.numpy_api.implements import Axis, axes_of, constant
from chainrule.ops.numpy_api.reductions import argmax, argmin
from chainrule.ops.reductions import all_p, argsort_p, flip, keep, sum_p
from chainrule.ops.searching import argpartition, searchsorted
from chainrule.ops.shaping import reshape


@constant(np.argwhere)
def argwhere(a: Array) -> Any:
    """``np.argwhere``: the positions of what is not zero, one a row; values must be known."""
    if not shape_of(a):
        return argwhere(reshape(a, shape=(1,)))[:, :0]
    return np.transpose(mask_positions(a))


@constant(np.flatnonzero)
def flatnonzero(a: Array) -> Any:
    """``np.flatnonzero``: the positions in the flattened array; values must be known."""
    return mask_positions(reshape(a, shape=(type_of(a).size,)))[0]


@constant(np.count_nonzero)
def count_nonzero(a: Array, axis: Axis = None, *, keepdims: bool = False) -> Array:
    """``np.count_nonzero``."""
    a = as_operand(a)
    axes = axes_of(a, axis)
    count = sum_p(a if type_of(a).dtype.kind == "b" else a != 0, axes=axes)
    return keep(count, a, axes) if keepdims else count


@constant(np.argpartition)
def np_argpartition(
    a: Array, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None
) -> Array:
    """``np.argpartition``: the places of NumPy's own algorithm."""
    if order is not None:
        raise TraceError("np.argpartition(order=...) is for structured arrays; leave it out")
    if axis is None:
        a, axis = reshape(a, shape=(type_of(a).size,)), 0
    places = np.atleast_1d(kth)
    n = shape_of(a)[axis]
    if places.dtype.kind not in "iu":
        raise TypeError("Partition index must be integer")
    if np.any((places < -n) | (places >= n)):
        raise ValueError(f"kth(={kth}) out of bounds ({n})")
    several = tuple(int(i) for i in places)
    return argpartition(a, kth=several, axis=axis_of(axis, len(shape_of(a))))


@constant(np.searchsorted)
def np_searchsorted(a: Array, v: Array, side: Any = "left", sorter: Any = None) -> Array:
    """``np.searchsorted``: where in an ordered vector values would be put in."""
    if side not in ("left", "right"):
        raise ValueError(f"side must be 'left' or 'right' (got {side!r})")
    a, v = as_operand(a), as_operand(v)
    if sorter is not None:
        a = read(a, (as_operand(sorter),))
    return searchsorted(a, v, side=side)


@constant(np.digitize)
def digitize(x: Array, bins: Array, right: bool = False) -> Array:
    """``np.digitize``: the number of the bin of each value.

    Bins may rise or fall. That they do one of it is checked where their values are known.
    """
    x, bins = as_operand(x), as_operand(bins)
    if type_of(x).dtype.kind == "c":
        raise TypeError("x may not be complex")
    side = "left" if right else "right"
    steps = read(bins, slice(1, None)), read(bins, slice(None, -1))
    rises, falls = all_p(steps[0] >= steps[1], axes=(0,)), all_p(steps[0] <= steps[1], axes=(0,))
    rising = searchsorted(bins, x, side=side)
    falling = shape_of(bins)[0] - searchsorted(flip(bins, axes=(0,)), x, side=side)
    if isinstance(rises, TracedValue):
        return select(rises, rising, falling)
    if not (rises or falls):
        raise ValueError("bins must be monotonically increasing or decreasing")
    return rising if rises else falling


@constant(np.lexsort)
def lexsort(keys: Any, axis: int = -1) -> Array:
    """``np.lexsort``: the order by the last key, then the one before it, and so on."""
    several = [as_operand(k) for k in keys]
    if not several:
        raise TypeError("need sequence of keys with len > 0 in lexsort")
    ndim = len(shape_of(several[0]))
    if not ndim:
        return as_operand(np.intp(0))
    along = axis_of(axis, ndim)
    order = argsort_p(several[0], axis=along)
    for key in several[1:]:
        again = argsort_p(take_along_axis(key, order, along), axis=along)
        order = take_along_axis(order, again, along)
    return order


def _without_nan(position: Any, name: str, fill: float) -> Any:
    def find(a: Array, axis: int | None = None, out: Any = None, *, keepdims: Any = False) -> Array:
        x = stop_gradient(as_operand(a))
        if type_of(x).dtype.kind not in "fc":
            return position(x, axis, keepdims=bool(keepdims))
        gap = PRIMITIVES["isnan"](x)
        nothing = reductions.any(reductions.all(gap, axis))
        if not isinstance(nothing, TracedValue) and nothing:
            raise ValueError("All-NaN slice encountered")
        return position(select(gap, fill, x), axis, keepdims=bool(keepdims))

    return find


constant(np.nanargmax)(_without_nan(argmax, "nanargmax", -np.inf))
constant(np.nanargmin)(_without_nan(argmin, "nanargmin", np.inf))
