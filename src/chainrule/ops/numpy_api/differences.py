"""NumPy's differences and what is made of them: diff, gradient, trapezoid, unwrap."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.elementwise import absolute, mod, select
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.reductions import cumsum_p, reduce_sum
from chainrule.ops.shaping import broadcast_to, concatenate, reshape, slice_axis


def _steps(x: Array, axis: int) -> Array:
    """Each entry along an axis less the one before it; of truth values, whether they differ."""
    differ = operator.ne if type_of(x).dtype.kind == "b" else operator.sub
    return _of_neighbours(x, axis, differ)


def _of_neighbours(x: Array, axis: int, function: Callable[[Array, Array], Array]) -> Array:
    n = shape_of(x)[axis]
    return function(slice_axis(x, axis, 1, n), slice_axis(x, axis, 0, max(n - 1, 0)))


@implements(np.diff)
def diff(a: Array, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Array:
    """``np.diff``: differences along an axis, ``n`` times."""
    if n < 0:
        raise ValueError(f"order must be non-negative but got {n!r}")
    if n == 0:
        return a
    a = as_operand(a)
    if not shape_of(a):
        raise ShapeError("diff requires input that is at least one dimensional")
    along = axis_of(axis, len(shape_of(a)))
    one = tuple(1 if i == along else m for i, m in enumerate(shape_of(a)))
    ends = (x if x is None or x is a else as_operand(x) for x in (prepend, a, append))
    parts = [x if shape_of(x) else broadcast_to(x, shape=one) for x in ends if x is not None]
    a = concatenate(parts, along) if len(parts) > 1 else a
    for _ in range(n):
        a = _steps(a, along)
    return a


@implements(np.ediff1d)
def ediff1d(ary: Array, to_end: Any = None, to_begin: Any = None) -> Array:
    """``np.ediff1d``: differences of the flattened array, with what is given put around them."""
    ary = as_operand(ary)
    dtype = type_of(ary).dtype
    flat = _of_neighbours(reshape(ary, shape=(type_of(ary).size,)), 0, operator.sub)
    parts: list[Array] = []
    for name, part in (("to_begin", to_begin), (None, flat), ("to_end", to_end)):
        if part is None:
            continue
        part = as_operand(part)
        if name and not np.can_cast(type_of(part).dtype, dtype, casting="same_kind"):
            raise TypeError(f"ediff1d: {name} of {type_of(part)} does not fit an array of {dtype}")
        parts.append(as_dtype(reshape(part, shape=(type_of(part).size,)), dtype))
    return concatenate(parts, 0) if len(parts) > 1 else flat


# ---- gradient ------------------------------------------------------------------------------------


@implements(np.gradient)
def gradient(f: Array, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """``np.gradient``: differences of second order inside, of ``edge_order`` at the ends.

    Differentiable in the spacing, too. Traced coordinates are treated as unequally spaced, whatever
    their values: the result is the same up to rounding, and their derivative the right one.

    >>> import chainrule as cr
    >>> cr.jvp(np.gradient, (np.array([1.0, 2.0, 4.0]),), (np.array([1.0, 0.0, 0.0]),))[1]
    array([-1. , -0.5,  0. ])
    """
    f = as_operand(f)
    rank = len(shape_of(f))
    given: Sequence[Any] = [axis] if isinstance(axis, (int, np.integer)) else axis
    axes = range(rank) if axis is None else [axis_of(i, rank) for i in given]
    if edge_order not in (1, 2):
        raise ValueError("'edge_order' must be 1 or 2")
    if type_of(f).dtype.kind in "iu":
        f = as_dtype(f, np.dtype(np.float64))
    spacings = _spacings(varargs, f, list(axes))
    slopes = tuple(_slope(f, i, h, edge_order) for i, h in zip(axes, spacings, strict=True))
    return slopes[0] if len(slopes) == 1 else slopes


def _spacings(given: Sequence[Any], f: Array, axes: list[int]) -> list[Array]:
    """For each axis a distance, or an array of distances."""
    values = [as_operand(x) for x in given]
    if not values:
        return [1.0] * len(axes)
    if len(values) == 1 and not shape_of(values[0]):
        return values * len(axes)
    if len(values) != len(axes):
        raise TypeError(f"gradient: {len(values)} spacings for {len(axes)} axes")
    return [
        _distances(x, shape_of(f)[i]) if shape_of(x) else x
        for x, i in zip(values, axes, strict=True)
    ]


def _distances(x: Array, n: int) -> Array:
    if shape_of(x) != (n,):
        raise ShapeError(f"gradient: coordinates of shape {shape_of(x)} for an axis of length {n}")
    if type_of(x).dtype.kind in "iub":
        x = as_dtype(x, np.dtype(np.float64))
    apart = _steps(x, 0)
    equal = not isinstance(x, TracedValue) and bool((apart == apart[0]).all())
    return apart[0] if equal else apart


def _slope(f: Array, axis: int, h: Array, edge_order: int) -> Array:
    n = shape_of(f)[axis]
    if n < edge_order + 1:
        raise ShapeError(f"gradient: axis {axis} of length {n} needs at least {edge_order + 1}")

    def part(start: int, stop: int) -> Array:
        return slice_axis(f, axis, start, stop)

    if shape_of(h):
        column = tuple(-1 if i == axis else 1 for i in range(len(shape_of(f))))
        inner = _unequal(part, h, column, n)
        first, last = h[0], h[-1]
    else:
        inner = (part(2, n) - part(0, n - 2)) / (2.0 * h)
        first = last = h
    if edge_order == 1:
        start, end = (part(1, 2) - part(0, 1)) / first, (part(n - 1, n) - part(n - 2, n - 1)) / last
    else:
        a, b, c = _edge_weights(h[0], h[1]) if shape_of(h) else (-1.5 / h, 2.0 / h, -0.5 / h)
        start = a * part(0, 1) + b * part(1, 2) + c * part(2, 3)
        a, b, c = _edge_weights(h[-1], h[-2]) if shape_of(h) else (-1.5 / h, 2.0 / h, -0.5 / h)
        end = -c * part(n - 3, n - 2) + -b * part(n - 2, n - 1) + -a * part(n - 1, n)
    dtype = type_of(f).dtype
    return concatenate([as_dtype(x, dtype) for x in (start, inner, end)], axis)


def _unequal(part: Any, h: Array, column: tuple[int, ...], n: int) -> Array:
    size = shape_of(h)[0] - 1
    wanted = tuple(size if m == -1 else m for m in column)
    before, after = (reshape(slice_axis(h, 0, i, i + size), shape=wanted) for i in (0, 1))
    a = -after / (before * (before + after))
    b = (after - before) / (before * after)
    c = before / (after * (before + after))
    return a * part(0, n - 2) + b * part(1, n - 1) + c * part(2, n)


def _edge_weights(near: Array, far: Array) -> tuple[Array, Array, Array]:
    """Of a one-sided difference at the beginning, from the end inwards."""
    both = near + far
    return -(2.0 * near + far) / (near * both), both / (near * far), -near / (far * both)


# ---- sums of differences -------------------------------------------------------------------------


@implements(np.trapezoid)
def trapezoid(y: Array, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Array:
    """``np.trapezoid``: the integral of the polygon through the points, in each of their parts."""
    y = as_operand(y)
    along = axis_of(axis, len(shape_of(y)))
    n = shape_of(y)[along]
    widths = as_operand(dx)
    if x is not None:
        x = as_operand(x)
        if len(shape_of(x)) == 1:
            widths = _steps(x, 0)
            column = tuple(-1 if i == along else 1 for i in range(len(shape_of(y))))
            wanted = tuple(shape_of(widths)[0] if m == -1 else m for m in column)
            widths = reshape(widths, shape=wanted)
        else:
            widths = _steps(x, axis_of(axis, len(shape_of(x))))
    pairs = slice_axis(y, along, 1, n) + slice_axis(y, along, 0, max(n - 1, 0))
    return reduce_sum(widths * pairs / 2.0, axis)


@implements(np.unwrap)
def unwrap(p: Array, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Array:
    """``np.unwrap``: steps of more than half a period made smaller by whole periods.

    These are constant in ``p``, so each entry has the derivative 1 in itself and 0 in the others.
    """
    p = as_operand(p)
    along = axis_of(axis, len(shape_of(p)))
    step = _steps(p, along)
    discont = period / 2 if discont is None else discont
    whole = type_of(step).dtype.kind in "iu" and isinstance(period, int)
    high = period // 2 if whole else period / 2
    within = mod(step + high, period) - high
    if not whole or period % 2 == 0:
        within = select((within == -high) & (step > 0), high, within)
    moved = select(absolute(step) < discont, 0, within - step)
    n = shape_of(p)[along]
    rest = slice_axis(p, along, 1, n) + cumsum_p(moved, axis=along)
    return concatenate([as_dtype(slice_axis(p, along, 0, 1), type_of(rest).dtype), rest], along)
