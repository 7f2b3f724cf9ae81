"""NumPy's rows of numbers between two ends: linspace, logspace, geomspace."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.elementwise import convert_to_discrete, is_complex, sign, stop_gradient
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.shapes import moveaxis
from chainrule.ops.shaping import broadcast_to, concatenate, expand, reshape, slice_axis


@implements(np.linspace)
def linspace(
    start: Array,
    stop: Array,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """``np.linspace``, differentiable in both ends.

    >>> import chainrule as cr
    >>> cr.jvp(lambda a: np.linspace(a, 1.0, 3), (0.0,), (1.0,))[1]
    array([1. , 0.5, 0. ])
    """
    number = operator.index(num)
    if number < 0:
        raise ValueError(f"Number of samples, {number}, must be non-negative.")
    start, stop = as_operand(start), as_operand(stop)
    kind = _inexact(start, stop)
    start, stop = as_dtype(start, kind), as_dtype(stop, kind)
    delta = stop - start
    divisions = number - 1 if endpoint else number
    counted = np.arange(0, number, dtype=kind).reshape((-1,) + (1,) * len(shape_of(delta)))
    step = delta / divisions if divisions > 0 else math.nan
    values = start + counted * (step if divisions > 0 else delta)
    if endpoint and number > 1:
        shape = shape_of(values)
        values = concatenate([slice_axis(values, 0, 0, number - 1), _row(stop, shape)], 0)
    values = moveaxis(values, 0, axis) if axis != 0 else values
    values = _converted(values, dtype)
    return (values, step) if retstep else values


def _row(x: Array, shape: tuple[int, ...]) -> Array:
    return broadcast_to(x, shape=(1, *shape[1:]))


def _inexact(*xs: Array) -> np.dtype[Any]:
    kinds = [type_of(x).dtype for x in xs if not type_of(x).weak] or [np.dtype(np.float64)]
    kind = np.result_type(*kinds)
    if any(is_complex(x) for x in xs):
        return np.result_type(kind, np.complex64)
    return kind if kind.kind in "fc" else np.dtype(np.float64)


def _converted(values: Array, dtype: Any) -> Array:
    if dtype is None:
        return values
    kind = np.dtype(dtype)
    if kind.kind not in "iu":
        return as_dtype(values, kind)
    return convert_to_discrete(np.floor(values), dtype=kind)


@implements(np.logspace)
def logspace(
    start: Array,
    stop: Array,
    num: Any = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Array:
    """``np.logspace``: powers of ``base``, whose exponents are evenly spaced."""
    base = as_operand(base)
    if shape_of(base):
        start, stop = as_operand(start), as_operand(stop)
        rank = max(len(shape_of(x)) for x in (start, stop, base))
        start, stop, base = (
            reshape(x, shape=(1,) * (rank - len(shape_of(x))) + shape_of(x))
            for x in (start, stop, base)
        )
        base = expand(base, axis_of(axis, rank + 1))
    powers = base ** linspace(start, stop, num, endpoint, axis=axis)
    return powers if dtype is None else as_dtype(powers, np.dtype(dtype))


@implements(np.geomspace)
def geomspace(
    start: Array,
    stop: Array,
    num: Any = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Array:
    """``np.geomspace``: each number is the same multiple of the one before.

    An end that is zero gives NaN, not the ValueError of NumPy, which looks at values.
    """
    start, stop = as_operand(start), as_operand(stop)
    kind = np.result_type(_inexact(start, stop), np.dtype(dtype or np.float64))
    start, stop = as_dtype(start, kind), as_dtype(stop, kind)
    turn = start / np.abs(start) if is_complex(start) else stop_gradient(sign(start))
    first, last = start / turn, stop / turn
    values = logspace(np.log10(first), np.log10(last), num, endpoint)
    shape = shape_of(values)
    parts = [values]
    if shape[0] > 0:
        ends_too = shape[0] > 1 and endpoint
        inner = slice_axis(values, 0, 1, shape[0] - ends_too)
        parts = [_row(first, shape), inner, *([_row(last, shape)] if ends_too else [])]
    values = concatenate(parts, 0) * turn
    values = moveaxis(values, 0, axis) if axis != 0 else values
    return values if dtype is None else as_dtype(values, np.dtype(dtype))
