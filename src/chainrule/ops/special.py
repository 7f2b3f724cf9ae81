"""Special functions from SciPy, and the stable compositions that networks need.

SciPy's are ufuncs and so dispatch on traced values: ``scipy.special.expit(x)`` works as it stands.
Rests on ``elementwise.py`` (where ``expit``, the sigmoid, is) and ``reductions.py``.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from chainrule.ops.define import Array, binary, scipy_unary
from chainrule.ops.elementwise import absolute, select, square
from chainrule.ops.exponentials import LN2, exp, expit, log
from chainrule.ops.reductions import expanded_max, reduce_sum

erf = scipy_unary("erf", special.erf, lambda out, x: (2 / math.sqrt(math.pi)) * exp(-square(x)))
# the distribution function of the standard normal; its derivative is the density
ndtr = scipy_unary(
    "ndtr", special.ndtr, lambda out, x: (1 / math.sqrt(2 * math.pi)) * exp(-0.5 * square(x))
)
log_expit = scipy_unary("log_expit", special.log_expit, lambda out, x: expit(-x))


def _difference(x: Array, y: Array) -> Array:
    same = x == y  # also two equal infinities, whose difference would be NaN
    return select(same, 0, x - select(same, 0, y))


logaddexp = binary(
    "logaddexp",
    np.logaddexp,
    lambda out, x, y: expit(_difference(x, y)),
    lambda out, x, y: expit(_difference(y, x)),
)
logaddexp2 = binary(
    "logaddexp2",
    np.logaddexp2,
    lambda out, x, y: expit(LN2 * _difference(x, y)),
    lambda out, x, y: expit(LN2 * _difference(y, x)),
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
