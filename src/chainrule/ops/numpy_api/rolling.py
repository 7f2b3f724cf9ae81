"""NumPy's functions that turn arrays: roll, rot90, fliplr, flipud."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, axis_of
from chainrule.ops.elementwise import copied
from chainrule.ops.indexing import read
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.shapes import laid_out_like, np_flip, swapaxes
from chainrule.ops.shaping import concatenate, reshape, slice_axis


@implements(np.roll)
def roll(a: Array, shift: Any, axis: Any = None) -> Array:
    """``np.roll``: what leaves an axis at its end enters at its beginning; a copy."""
    here, x = shape_of(a), a
    if axis is None:
        flat = _rolled(reshape(a, shape=(type_of(a).size,)), 0, operator.index(shift))
        return reshape(flat, shape=here)
    pairs = np.broadcast(shift, axis)
    if pairs.ndim > 1:
        raise ValueError("'shift' and 'axis' should be scalars or 1D sequences")
    for by, along in pairs:
        a = _rolled(a, axis_of(along, len(here)), operator.index(by))
    return laid_out_like(a, x)


def _rolled(x: Array, axis: int, by: int) -> Array:
    n = shape_of(x)[axis]
    cut = -by % n if n else 0
    if cut == 0:
        return copied(x, order="K")
    return concatenate([slice_axis(x, axis, cut, n), slice_axis(x, axis, 0, cut)], axis)


@implements(np.rot90)
def rot90(m: Array, k: int = 1, axes: Any = (0, 1)) -> Array:
    """``np.rot90``: a quarter turn ``k`` times in the plane of two axes; a view."""
    if len(axes) != 2:
        raise ValueError("len(axes) must be 2.")
    first, second = (axis_of(i, len(shape_of(m))) for i in axes)
    if first == second:
        raise ValueError("Axes must be different.")
    turns = operator.index(k) % 4
    if turns == 0:
        return read(m, slice(None))
    if turns == 1:
        return swapaxes(np_flip(m, second), first, second)
    if turns == 2:
        return np_flip(m, (first, second))
    return np_flip(swapaxes(m, first, second), second)


@implements(np.fliplr)
def fliplr(m: Array) -> Array:
    """``np.fliplr``: columns in reverse order; a view."""
    _require_axes(m, 2, "fliplr")
    return np_flip(m, 1)


@implements(np.flipud)
def flipud(m: Array) -> Array:
    """``np.flipud``: rows in reverse order; a view."""
    _require_axes(m, 1, "flipud")
    return np_flip(m, 0)


def _require_axes(m: Array, least: int, name: str) -> None:
    if len(shape_of(m)) < least:
        raise ShapeError(f"{name} needs an array of {least} axes or more, got {shape_of(m)}")
