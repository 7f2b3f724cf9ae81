"""Special functions from SciPy, and the stable compositions that networks need.

SciPy's are ufuncs and so dispatch on traced values: ``scipy.special.expit(x)`` works as it stands.
Rests on ``elementwise.py`` (where ``expit``, the sigmoid, is) and ``reductions.py``.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from chainrule.ops.define import Array, binary, scipy_unary
from chainrule.ops.elementwise import absolute, isfinite, isinf, select, square, stop_gradient
from chainrule.ops.exponentials import LN2, exp, exp2, expit, log
from chainrule.ops.reductions import expanded_max, reduce_sum

erf = scipy_unary("erf", special.erf, lambda out, x: (2 / math.sqrt(math.pi)) * exp(-square(x)))
# the distribution function of the standard normal; its derivative is the density
ndtr = scipy_unary(
    "ndtr", special.ndtr, lambda out, x: (1 / math.sqrt(2 * math.pi)) * exp(-0.5 * square(x))
)
log_expit = scipy_unary("log_expit", special.log_expit, lambda out, x: expit(-x))


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


def softplus(x: Array) -> Array:
    """``log(1 + exp(x))`` without overflow: ``-log_expit(-x)``; its derivative is ``expit(x)``."""
    return -log_expit(-x)


def log_softmax(x: Array, axis: int = -1) -> Array:
    """``x - log(sum(exp(x)))`` along an axis, shifted by the maximum so that nothing overflows."""
    shifted = x - expanded_max(x, axis)
    return shifted - log(reduce_sum(exp(shifted), axis, keepdims=True))


def softmax(x: Array, axis: int = -1) -> Array:
    """``exp(x) / sum(exp(x))`` along an axis, shifted by the maximum so that nothing overflows."""
    weights = exp(x - expanded_max(x, axis))
    return weights / reduce_sum(weights, axis, keepdims=True)


def xlogy(x: Array, y: Array) -> Array:
    """``x * log(y)``, and 0 where ``x`` is 0 whatever ``y`` is."""
    nothing = x == 0
    return select(nothing, 0, x * log(select(nothing, 1, y)))


def huber(x: Array, width: float = 1.0) -> Array:
    """``x**2 / 2`` near zero, ``width * (|x| - width / 2)`` beyond ``width`` (Huber, 1964)."""
    size = absolute(x)
    return select(size <= width, 0.5 * square(x), width * (size - 0.5 * width))


def relu(x: Array) -> Array:
    """``max(x, 0)`` with derivative 0 at 0, as is usual for networks."""
    return select(x > 0, x, 0)
