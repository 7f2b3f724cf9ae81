"""Logarithms of sums of exponentials: log_expit, logit, logaddexp, logsumexp.

The sigmoid itself, ``expit``, is in ``ops/exponentials.py``.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from scipy import special

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import edge, primitive
from chainrule.ops.batch import along_axes
from chainrule.ops.define import Array, binary, composition, scipy_unary, times_or_zero
from chainrule.ops.elementwise import as_dtype_of, div, isfinite, isinf, select, stop_gradient
from chainrule.ops.exponentials import LN2, LN10, exp, exp2, expit, expm1, log1p
from chainrule.ops.reductions import dropped_shape, keep, max_p, sum_p
from chainrule.ops.special.construct import from_scipy

log_expit = scipy_unary("log_expit", special.log_expit, lambda out, x: expit(-x))
logit = from_scipy("logit", special.logit, lambda out, x: div(1, x * (1 - x)), unbounded=True)
exp10 = from_scipy("exp10", special.exp10, lambda out, x: LN10 * out, unbounded=True)
composition(special.expm1, expm1)
composition(special.log1p, log1p)


def _difference(x: Array, y: Array) -> Array:
    same = (x == y) & isinf(x)  # two equal infinities, whose difference would be NaN
    return select(same, 0, x - select(same, 0, y))


def _rounded_off(x: Array, y: Array, difference: Array) -> Array:
    """What ``x - y`` lost by rounding (Knuth, TAOCP 2, 4.2.2, theorem B): exp makes it matter."""
    back = difference - x
    lost = (x - (difference - back)) - (y + back)
    return stop_gradient(select(isfinite(lost), lost, 0))


def _share(x: Array, y: Array) -> Array:
    """``exp(x) / (exp(x) + exp(y))``."""
    away = _difference(x, y)
    return expit(away) * (1 + _rounded_off(x, y, away) * expit(-away))


def _share_2(x: Array, y: Array) -> Array:
    """``2**x / (2**x + 2**y)``; not by ``expit``, for the product with ln 2 would be rounded."""
    away = _difference(x, y)
    above = away > 0
    power = exp2(select(above, -away, away))
    share, other = select(above, 1, power) / (1 + power), select(above, power, 1) / (1 + power)
    return share * (1 + LN2 * _rounded_off(x, y, away) * other)


logaddexp = binary(
    "logaddexp", np.logaddexp, lambda out, x, y: _share(x, y), lambda out, x, y: _share(y, x)
)
logaddexp2 = binary(
    "logaddexp2", np.logaddexp2, lambda out, x, y: _share_2(x, y), lambda out, x, y: _share_2(y, x)
)

# ---- logsumexp -----------------------------------------------------------------------------------


def shares(x: Array, axes: tuple[int, ...]) -> Array:
    """The softmax of real ``x``: what each entry has of the sum of exponentials.

    Entries that are +inf share equally, as ties of a maximum do. Where all are -inf each has 0, so
    that what cannot be reached leaves no NaN.
    """
    largest = stop_gradient(keep(max_p(x, axes=axes), x, axes))
    bounded = isfinite(largest)
    shifted = select(bounded, select(bounded, x, 0) - select(bounded, largest, 0), 0)
    ties = as_dtype_of((x == largest) & (x > 0), x)
    weights = select(bounded, exp(shifted), ties)
    total = keep(sum_p(weights, axes=axes), x, axes)
    return weights / select(total == 0, 1, total)


def _value(x: Any, axes: tuple[int, ...]) -> Any:
    if not all(np.shape(x)[a] for a in axes):
        return np.full(dropped_shape(np.shape(x), axes), -np.inf, np.result_type(x))[()]
    return np.asarray(cast("Any", special).logsumexp(x, axis=axes)).astype(np.result_type(x))[()]


logsumexp_p = primitive(
    "logsumexp",
    _value,
    lambda x, axes: ArrayType(dropped_shape(x.shape, axes), x.dtype),
    (
        edge(
            lambda t, out, x, axes: sum_p(times_or_zero(t, shares(x, axes)), axes=axes),
            lambda ct, out, x, axes: times_or_zero(keep(ct, x, axes), shares(x, axes)),
        ),
    ),
    batch=along_axes("logsumexp"),
)
