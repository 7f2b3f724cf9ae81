"""NumPy's functions that choose, bound, split off parts and fill: where, clip, real, zeros_like."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.aliasing import view
from chainrule.core.errors import TraceError
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.circular import arctan2
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.elementwise import (
    constant_like,
    convert_to_discrete,
    copied,
    imag,
    maximum,
    minimum,
    real,
    rint,
    select,
)
from chainrule.ops.indexing import mask_positions
from chainrule.ops.numpy_api.implements import constant, implements
from chainrule.ops.numpy_api.shapes import read_along
from chainrule.ops.shaping import broadcast_to, reshape


@implements(np.where)
def where(condition: Array, x: Any = None, y: Any = None) -> Array:
    """``np.where`` with all three arguments."""
    if x is None or y is None:
        if isinstance(condition, TracedValue):
            return mask_positions(condition)
        raise TraceError("np.where takes one or three arguments")
    condition = as_operand(condition)
    if type_of(condition).dtype.kind != "b":
        condition = condition != 0
    return select(condition, as_operand(x), as_operand(y))


@constant(np.nonzero)
def nonzero(a: Array) -> Any:
    """``np.nonzero``, where the values are known."""
    return mask_positions(a)


@implements(np.take)
def take(a: Array, indices: Array, axis: Any = None, out: Any = None, mode: str = "raise") -> Array:
    """``np.take``: entries along an axis, or of the flattened array."""
    if axis is None:
        a, axis = reshape(a, shape=(math.prod(shape_of(a)),)), 0
    if not shape_of(a):
        a = reshape(a, shape=(1,))
    shape = type_of(a).shape
    along = axis_of(axis, len(shape))
    places = within(as_operand(indices), shape[along], mode)
    return read_along(a, along, _as_array(places))


def _as_array(x: Array) -> Array:
    """An index that is an array, so that what it reads is no view."""
    return x if isinstance(x, TracedValue) else np.asarray(x)


def within(indices: Array, n: int, mode: str) -> Array:
    """Indices below ``n``: negative or large ones wrapped, clipped, or left as they are."""
    if mode == "wrap":
        return indices % n
    if mode == "clip":
        return minimum(maximum(indices, 0), n - 1)
    if mode != "raise":
        raise ValueError(f"mode is {mode!r}, must be 'raise', 'wrap' or 'clip'")
    return indices


@implements(np.clip)
def clip(a: Array, a_min: Any = None, a_max: Any = None, out: Any = None, **kw: Any) -> Array:
    """``np.clip``; on a bound the derivative is shared with it, as for maximum and minimum."""
    low, high = kw.pop("min", a_min), kw.pop("max", a_max)
    kind = kw.pop("dtype", None)
    if kind is not None:
        inputs = (x if x is None else as_operand(x) for x in (a, low, high))
        a, low, high = (x if x is None else as_dtype(x, np.dtype(kind)) for x in inputs)
    if kw:
        raise TraceError(f"np.clip of traced values does not take {', '.join(kw)}")
    a = copied(a, order="K") if low is None else maximum(a, as_operand(low))
    return minimum(a, as_operand(high)) if high is not None else a


@implements(np.real)
def np_real(val: Array) -> Array:
    """``np.real``: a view of the real part."""
    if type_of(val).dtype.kind != "c":
        return val
    return view(real(val), val, redo=real, undo=lambda parent, child: child + imag(parent) * 1j)


@implements(np.imag)
def np_imag(val: Array) -> Array:
    """``np.imag``: a view of the imaginary part; zeros for a real array."""
    if type_of(val).dtype.kind != "c":
        return constant_like(val, np.zeros(shape_of(val), type_of(val).dtype))
    return view(imag(val), val, redo=imag, undo=lambda parent, child: real(parent) + child * 1j)


@implements(np.angle)
def angle(z: Array, deg: bool = False) -> Array:
    """``np.angle``: the argument of a complex number."""
    argument = arctan2(np_imag(z), np_real(z))
    return argument * (180.0 / math.pi) if deg else argument


@constant(np.round, np.around)
def round(a: Array, decimals: int = 0, out: Any = None) -> Array:
    """``np.round``; its derivative is 0 wherever it exists."""
    if decimals == 0:
        return rint(a)
    scale = 10.0**decimals
    return rint(a * scale) / scale


# ---- copies and fillings
# ---------------------------------------------------------------------------


@implements(np.copy)
def np_copy(a: Array, order: str = "K", subok: bool = False) -> Array:
    """``np.copy``: the same value, sharing no memory."""
    return copied(a, order=order)


@implements(np.full_like)
def full_like(
    a: Array,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Array:
    """``np.full_like``; the result is traced, so that traced values can be written into it."""
    kind = np.dtype(dtype) if dtype is not None else type_of(a).dtype
    wanted = shape_of(a) if shape is None else tuple(np.atleast_1d(shape).tolist())
    if isinstance(fill_value, TracedValue):
        return broadcast_to(as_dtype(fill_value, kind), shape=wanted)
    return constant_like(a, np.full(wanted, fill_value, kind))


def _filled_with(fill: float) -> Callable[..., Any]:
    def filled_like(a: Array, dtype: Any = None, order: str = "K", subok: bool = True,
                    shape: Any = None, *, device: Any = None) -> Array:  # fmt: skip
        return full_like(a, fill, dtype, order, subok, shape)

    return filled_like


constant(np.zeros_like, np.empty_like)(_filled_with(0))
constant(np.ones_like)(_filled_with(1))


@implements(np.astype)
def astype(x: Array, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Array:
    """``np.astype``; a whole number or a truth value ends the derivative."""
    kind = np.dtype(dtype)
    if kind.kind in "fc":
        if type_of(x).dtype.kind == "c" and kind.kind == "f":
            raise TraceError("astype from complex to real drops the imaginary part; use x.real")
        converted = as_dtype(x, kind)
    else:
        converted = convert_to_discrete(x, dtype=kind) if type_of(x).dtype != kind else x
    return copied(x, order="K") if converted is x and copy else converted
