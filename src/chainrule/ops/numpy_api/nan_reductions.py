"""NumPy's reductions that pass over NaN: each is the plain one of an array without them.

An entry that is NaN has a derivative of exactly 0. Where nothing is left, values are NumPy's (NaN,
or 0 and 1 for sums and products), without its warnings, which need to look at values.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.core.trace import type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import select
from chainrule.ops.matrices import real_dtype
from chainrule.ops.numpy_api import reductions
from chainrule.ops.numpy_api.cumulative import cumprod
from chainrule.ops.numpy_api.implements import Axis, implements


def _replaced(a: Array, fill: float) -> Array:
    a = as_operand(a)
    return select(a == a, a, fill) if type_of(a).dtype.kind in "fc" else a


def _present(a: Array, where: Any) -> Array:
    here = a == a
    return here if where is True else here & reductions.chosen(where, a)


def _sum_or_product(name: str, reduce: Any, fill: float) -> Any:
    def without_nan(
        a: Array,
        axis: Axis = None,
        dtype: Any = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = True,
    ) -> Array:
        return reduce(_replaced(a, fill), axis, dtype, None, keepdims, initial, where)

    without_nan.__doc__ = f"""``{name}``: a NaN counts as {fill:.0f}."""
    return without_nan


nansum = implements(np.nansum)(_sum_or_product("np.nansum", reductions.sum, 0))
nanprod = implements(np.nanprod)(_sum_or_product("np.nanprod", reductions.prod, 1))


def _extreme(name: str, reduce: Any, fill: float) -> Any:
    def without_nan(
        a: Array,
        axis: Axis = None,
        out: Any = None,
        keepdims: Any = False,
        initial: Any = None,
        where: Any = True,
    ) -> Array:
        a = as_operand(a)
        if type_of(a).dtype.kind not in "fc":
            return reduce(a, axis, None, keepdims, initial, where)
        found = reduce(_replaced(a, fill), axis, None, keepdims, initial, where)
        if initial is not None:
            return found
        return select(reductions.any(_present(a, where), axis, None, keepdims), found, np.nan)

    without_nan.__doc__ = (
        f"""``{name}``; equal entries share the derivative, of which a NaN counts as {fill}."""
    )
    return without_nan


nanmax = implements(np.nanmax)(_extreme("np.nanmax", reductions.max, -math.inf))
nanmin = implements(np.nanmin)(_extreme("np.nanmin", reductions.min, math.inf))


@implements(np.nanmean)
def nanmean(
    a: Array,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    *,
    where: Any = True,
) -> Array:
    """``np.nanmean``: the mean of the entries that are not NaN.

    >>> import chainrule as cr
    >>> cr.grad(np.nanmean)(np.array([1.0, np.nan, 3.0]))
    array([0.5, 0. , 0.5])
    """
    a = as_operand(a)
    if type_of(a).dtype.kind not in "fc":
        return reductions.mean(a, axis, dtype, None, keepdims, where=where)
    total = reductions.sum(_replaced(a, 0), axis, dtype, None, keepdims, where=where)
    return _shared(total, _number(a, axis, keepdims, where, total))


def _number(a: Array, axis: Axis, keepdims: Any, where: Any, like: Array) -> Array:
    number = reductions.sum(_present(a, where), axis, np.intp, None, keepdims)
    return as_dtype(number, real_dtype(type_of(like).dtype))


def _shared(total: Array, number: Array) -> Array:
    """``total / number``, and NaN without a division where the number is not positive."""
    there = number > 0
    return select(there, total / select(there, number, 1), np.nan)


@implements(np.nanvar)
def nanvar(
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
    """``np.nanvar``: the variance of the entries that are not NaN; NaN if too few are left."""
    a = as_operand(a)
    options: Any = {"where": where, "mean": mean, "correction": correction}
    if type_of(a).dtype.kind not in "fc":
        return reductions.var(a, axis, dtype, None, ddof, keepdims, **options)
    ddof = reductions.degrees_taken(ddof, correction)
    if mean is None:
        mean = nanmean(a, axis, dtype, None, True, where=where)
    away = as_dtype(select(a == a, a - as_operand(mean), 0), type_of(a).dtype)
    squares = reductions.squared(away)
    total = reductions.sum(squares, axis, dtype, None, keepdims, where=where)
    return _shared(total, _number(a, axis, keepdims, where, total) - ddof)


@implements(np.nanstd)
def nanstd(
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
    """``np.nanstd``: the square root of :func:`nanvar`."""
    options: Any = {"where": where, "mean": mean, "correction": correction}
    return reductions.root(nanvar(a, axis, dtype, out, ddof, keepdims, **options))


@implements(np.nancumsum)
def nancumsum(a: Array, axis: int | None = None, dtype: Any = None, out: Any = None) -> Array:
    """``np.nancumsum``: a NaN counts as 0."""
    return reductions.cumsum(_replaced(a, 0), axis, dtype, out)


@implements(np.nancumprod)
def nancumprod(a: Array, axis: int | None = None, dtype: Any = None, out: Any = None) -> Array:
    """``np.nancumprod``: a NaN counts as 1."""
    return cumprod(_replaced(a, 1), axis, dtype, out)
