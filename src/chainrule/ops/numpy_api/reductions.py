"""NumPy's reductions: sum, prod, max, min, mean, var, std, cumsum, argmax and their kin."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.errors import TraceError
from chainrule.core.primitive import Primitive
from chainrule.core.trace import bind, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import imag, maximum, minimum, real, select
from chainrule.ops.matrices import real_dtype
from chainrule.ops.numpy_api.implements import Axis, axes_of, constant, implements
from chainrule.ops.numpy_api.shapes import ravel
from chainrule.ops.powers import sqrt, square
from chainrule.ops.reductions import (
    all_p,
    any_p,
    argmax_p,
    argmin_p,
    argsort_p,
    cumsum_p,
    dropped_shape,
    keep,
    max_p,
    min_p,
    prod_p,
    sum_p,
)
from chainrule.ops.shaping import broadcast_to


def _reduction(primitive: Primitive, neutral: Any, combine: Callable[[Array, Array], Array]) -> Any:
    def reduce(
        a: Array,
        axis: Axis = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = True,
    ) -> Array:
        name = f"np.{primitive.name}"
        a = as_operand(a)
        if dtype is not None:
            a = as_dtype(a, np.dtype(dtype))
        axes = axes_of(a, None if _is_first_of_none(a, axis) else axis)
        if where is not True:
            fill = initial if neutral is None else neutral
            if fill is None:
                raise ValueError(f"{name}(where=...) needs an initial value")
            a = select(chosen(where, a), a, as_dtype(as_operand(fill), type_of(a).dtype))
        if neutral is None and initial is not None and 0 in (shape_of(a)[i] for i in axes):
            initial = as_dtype(as_operand(initial), type_of(a).dtype)
            result = broadcast_to(initial, shape=dropped_shape(shape_of(a), axes))
        else:
            result = bind(primitive, (a,), {"axes": axes})
            if initial is not None:
                result = combine(result, as_dtype(as_operand(initial), type_of(result).dtype))
        return keep(result, a, axes) if keepdims else result

    return reduce


def _is_first_of_none(a: Array, axis: Any) -> bool:
    """NumPy's ufuncs treat a 0-d array as one with an axis of length one."""
    return not shape_of(a) and type(axis) is int and axis in (0, -1)


def chosen(where: Any, a: Array) -> Array:
    """The argument ``where`` of a reduction as truth values of the shape of ``a``."""
    where = as_operand(where)
    if type_of(where).dtype.kind != "b":
        where = where != 0
    if shape_of(where) == shape_of(a):
        return where
    return broadcast_to(where, shape=shape_of(a))


def _without_dtype(reduce: Any) -> Any:
    def extreme(
        a: Array,
        axis: Axis = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        return reduce(a, axis, None, out, keepdims, initial, where)

    return extreme


sum = implements(np.sum)(_reduction(sum_p, 0, lambda x, y: x + y))
prod = implements(np.prod)(_reduction(prod_p, 1, lambda x, y: x * y))
max = implements(np.max, np.amax)(_without_dtype(_reduction(max_p, None, maximum)))
min = implements(np.min, np.amin)(_without_dtype(_reduction(min_p, None, minimum)))
all = constant(np.all)(_without_dtype(_reduction(all_p, True, lambda x, y: x & y)))
any = constant(np.any)(_without_dtype(_reduction(any_p, False, lambda x, y: x | y)))


@implements(np.ptp)
def ptp(a: Array, axis: Axis = None, out: Any = None, keepdims: Any = False) -> Array:
    """``np.ptp``: the largest entry less the smallest; equal ones share the derivative."""
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)


# ---- means and variances -------------------------------------------------------------------------


def count(a: Array, axes: tuple[int, ...], where: Any = True, *, keepdims: Any = False) -> Any:
    """How many entries are reduced to one: a number, or an array of them with ``where``."""
    if where is True:
        return math.prod(shape_of(a)[i] for i in axes)
    number = sum_p(chosen(where, a), axes=axes)
    return keep(number, a, axes) if keepdims else number


def summed_in(a: Array, dtype: Any) -> tuple[Any, np.dtype[Any]]:
    """The dtype in which a mean is summed, and that of the mean: NumPy sums float16 in float32."""
    if dtype is not None:
        return np.dtype(dtype), np.dtype(dtype)
    here = type_of(a).dtype
    if here.kind in "iub":
        return np.dtype(np.float64), np.dtype(np.float64)
    return (np.dtype(np.float32) if here == np.float16 else here), here


@implements(np.mean)
def mean(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = True,
) -> Array:
    """``np.mean``; float16 is summed in float32, as NumPy does."""
    a = as_operand(a)
    inner, result = summed_in(a, dtype)
    total = sum(a, axis, inner, keepdims=keepdims, where=where)
    number = count(a, axes_of(a, axis), where, keepdims=keepdims)
    return as_dtype(total / _as_divisor(number, total), result)


def _as_divisor(number: Any, total: Array) -> Any:
    """Counts in the dtype of what they divide; a plain number is one already."""
    return number if isinstance(number, int) else as_dtype(number, real_dtype(type_of(total).dtype))


def squared(away: Array) -> Array:
    """``|away|**2``, real."""
    if type_of(away).dtype.kind == "c":
        return square(real(away)) + square(imag(away))
    return square(away)


def degrees_taken(ddof: float, correction: Any) -> float:
    """The arguments ``ddof`` and ``correction``, two names for one."""
    if correction is None:
        return ddof
    if ddof != 0:
        raise ValueError("ddof and correction can't be provided simultaneously.")
    return correction


@implements(np.var)
def var(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Array:
    """``np.var``: the mean of ``|a - mean|**2``, with ``ddof`` degrees of freedom taken off.

    A given ``mean`` is what it is: of a traced one, the derivative is followed, too.
    """
    a, ddof = as_operand(a), degrees_taken(ddof, correction)
    inner, result = summed_in(a, dtype)
    axes = axes_of(a, axis)
    if mean is None:
        total = sum(a, axis, inner, keepdims=True, where=where)
        mean = total / _as_divisor(count(a, axes, where, keepdims=True), total)
    squares = squared(a - as_operand(mean))
    kind = None if dtype is None and inner.kind == "c" else inner
    total = sum(squares, axis, kind, keepdims=keepdims, where=where)
    number = count(a, axes, where, keepdims=keepdims)
    left: Any = (
        builtins.max(number - ddof, 0)
        if isinstance(number, int)
        else maximum(_as_divisor(number, total) - ddof, 0)
    )
    return as_dtype(total / left, type_of(total).dtype if kind is None else result)


@implements(np.std)
def std(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
    *,
    where: Any = True,
    mean: Any = None,
    correction: Any = None,
) -> Array:
    """``np.std``: the square root of :func:`var`; where all entries are equal its derivative is 0.

    >>> import chainrule as cr
    >>> cr.grad(np.std)(np.array([2.0, 2.0]))
    array([0., 0.])
    """
    options: Any = {"where": where, "mean": mean, "correction": correction}
    return root(var(a, axis, dtype, out, ddof, keepdims, **options))


def root(variance: Array) -> Array:
    """The square root, with the derivative 0 at 0."""
    zero = variance == 0
    return select(zero, 0.0, sqrt(select(zero, 1, variance)))


# ---- scans and positions -------------------------------------------------------------------------


@implements(np.cumsum)
def cumsum(a: Array, axis: int | None = None, dtype: Any = None, out: Any = None) -> Array:
    """``np.cumsum``; without an axis over the flattened array."""
    if dtype is not None:
        a = as_dtype(a, np.dtype(dtype))
    if axis is None or _is_first_of_none(a, axis):
        a, axis = ravel(a), 0
    return cumsum_p(a, axis=axes_of(a, axis)[0])


def _position(primitive: Primitive) -> Any:
    def find(a: Array, axis: int | None = None, out: Any = None, *, keepdims: Any = False) -> Array:
        flat = ravel(a) if axis is None else a
        axes = axes_of(flat, 0 if axis is None else axis)
        found = primitive(flat, axis=axes[0])
        return keep(found, a, axes_of(a, axis)) if keepdims else found

    return find


argmax = constant(np.argmax)(_position(argmax_p))
argmin = constant(np.argmin)(_position(argmin_p))


@constant(np.argsort)
def argsort(a: Array, axis: int | None = -1, kind: Any = None, order: Any = None) -> Array:
    """``np.argsort``, always stable."""
    if order is not None:
        raise TraceError("np.argsort(order=...) is for structured arrays, which are not traced")
    if axis is None:
        a, axis = ravel(a), 0
    return argsort_p(a, axis=axes_of(a, axis)[0])
