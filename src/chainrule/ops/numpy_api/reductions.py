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
from chainrule.ops.elementwise import imag, maximum, minimum, real, select, sqrt, square
from chainrule.ops.numpy_api.implements import Axis, axes_of, constant, implements, refuse_out
from chainrule.ops.numpy_api.shapes import ravel
from chainrule.ops.reductions import (
    all_p,
    any_p,
    argmax_p,
    argmin_p,
    argsort_p,
    cumsum_p,
    keep,
    max_p,
    min_p,
    prod_p,
    sum_p,
)


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
        refuse_out(out, f"np.{primitive.name}")
        if dtype is not None:
            a = as_dtype(a, np.dtype(dtype))
        if where is not True:
            if neutral is None and initial is None:
                raise ValueError(f"np.{primitive.name}(where=...) needs an initial value")
            a = select(as_operand(where), a, neutral if neutral is not None else initial)
        axes = axes_of(a, axis)
        result = bind(primitive, (a,), {"axes": axes})
        if initial is not None:
            result = combine(result, initial)
        return keep(result, a, axes) if keepdims else result

    return reduce


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


def _count(x: Array, axes: tuple[int, ...]) -> int:
    return math.prod(shape_of(x)[a] for a in axes)


@implements(np.mean)
def mean(
    a: Array, axis: Axis = None, dtype: Any = None, out: Any = None, keepdims: Any = False
) -> Array:
    """``np.mean``; float16 is summed in float32, as NumPy does."""
    refuse_out(out, "np.mean")
    here = type_of(a).dtype
    result_dtype = np.dtype(dtype) if dtype is not None else None
    if result_dtype is None and here.kind in "iub":
        result_dtype = np.dtype(np.float64)
    elif result_dtype is None:
        result_dtype = here
    inner = np.dtype(np.float32) if result_dtype == np.float16 and dtype is None else result_dtype
    axes = axes_of(a, axis)
    total = sum_p(as_dtype(a, inner), axes=axes) / _count(a, axes)
    mean = as_dtype(total, result_dtype)
    return keep(mean, a, axes) if keepdims else mean


@implements(np.var)
def var(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
) -> Array:
    """``np.var``: the mean of ``|a - mean|**2``, with ``ddof`` degrees of freedom taken off."""
    refuse_out(out, "np.var")
    axes = axes_of(a, axis)
    away = a - mean(a, axis, dtype, keepdims=True)
    squares = (
        square(real(away)) + square(imag(away)) if type_of(away).dtype.kind == "c" else square(away)
    )
    count = _count(a, axes)
    variance = mean(squares, axis, dtype, keepdims=keepdims)
    if ddof == 0:
        return variance
    return variance * float(np.divide(count, builtins.max(count - ddof, 0)))


@implements(np.std)
def std(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: Any = False,
) -> Array:
    """``np.std``: the square root of :func:`var`."""
    return sqrt(var(a, axis, dtype, out, ddof, keepdims))


@implements(np.cumsum)
def cumsum(a: Array, axis: int | None = None, dtype: Any = None, out: Any = None) -> Array:
    """``np.cumsum``; without an axis over the flattened array."""
    refuse_out(out, "np.cumsum")
    if dtype is not None:
        a = as_dtype(a, np.dtype(dtype))
    if axis is None:
        a, axis = ravel(a), 0
    return cumsum_p(a, axis=axes_of(a, axis)[0])


def _position(primitive: Primitive) -> Any:
    def find(a: Array, axis: int | None = None, out: Any = None, *, keepdims: Any = False) -> Array:
        refuse_out(out, f"np.{primitive.name}")
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
