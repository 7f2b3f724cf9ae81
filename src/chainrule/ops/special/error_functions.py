"""The error function, its complement, its inverses, and the normal distribution function.

The derivative of every one of them is a Gaussian or its reciprocal. ``exp(-x**2)`` of the rounded
square is off by ``x**2`` ulp; the primitive ``gaussian`` adds what rounding takes away. Where a
quotient of Gaussian and tail is wanted it is taken from the scaled function ``erfcx(x) =
exp(x**2) erfc(x)``, which varies slowly, so that nothing is lost in the tails.

Formulas: DLMF chapter 7, https://dlmf.nist.gov/7 (7.2, 7.18).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from chainrule.core.errors import NoRuleError
from chainrule.ops.define import Array, scipy_unary
from chainrule.ops.elementwise import absolute, is_complex, maximum, minimum, select
from chainrule.ops.exponentials import exp
from chainrule.ops.powers import square
from chainrule.ops.special.construct import from_scipy, of_numbers

ROOT_PI = math.sqrt(math.pi)
ROOT_TWO_PI = math.sqrt(2 * math.pi)
_ROOT_HALF = math.sqrt(0.5)


def _gaussian(x: Any, rate: float) -> Any:
    """The square of the leading 24 bits is exact; the rest is a factor near 1."""
    size = np.minimum(np.abs(x), 64.0)
    high = size.astype(np.float32).astype(np.float64)
    return np.exp(-rate * high * high) * np.exp(-rate * (size - high) * (size + high))


gaussian = of_numbers(
    "gaussian",
    _gaussian,
    lambda out, x, rate: (-2 * rate) * x * gaussian(x, rate=rate),
    formula=True,
)


def _bell(x: Array, rate: float) -> Array:
    """``exp(-rate x**2)``, for rates that are powers of two."""
    return exp(-rate * square(x)) if is_complex(x) else gaussian(x, rate=rate)


# ---- erfcx and its derivatives -------------------------------------------------------------------


def _repeated(x: Any, order: int) -> Any:
    """``exp(x**2) i^n erfc(x)``, DLMF 7.18.7.

    The recurrence is run forwards up to 0.75 and backwards, as a continued fraction of the ratios
    of two neighbours, beyond, where it is the minimal solution (Gautschi, "Recursive computation of
    the repeated integrals of the error function", Math. Comp. 15, 1961).
    """
    small = x < 0.75
    before, last = np.full(x.shape, 2 / ROOT_PI), special.erfcx(np.where(x >= 0.75, 0.75, x))
    for k in range(1, order + 1):
        before, last = last, (0.5 * before - np.where(small, x, 0.75) * last) / k
    z = np.where(small, 0.75, x)
    terms = int((math.sqrt(order) + 14 / np.min(z, initial=30.0)) ** 2) + order + 8
    ratio, product = np.zeros(x.shape), np.full(x.shape, 2 / ROOT_PI)
    for k in range(terms, -1, -1):
        ratio = 0.5 / (z + (k + 1) * ratio)
        if k <= order:
            product = product * ratio
    return np.where(small, last, product)


repeated_erfc = of_numbers(
    "repeated_erfc",
    _repeated,
    lambda out, x, order: (-2 * (order + 1)) * repeated_erfc(x, order=order + 1),
)


def _erfcx_partial(out: Array, x: Array) -> Array:
    return 2 * x * out - 2 / ROOT_PI if is_complex(x) else -2 * repeated_erfc(x, order=1)


erfcx = from_scipy("erfcx", special.erfcx, _erfcx_partial)

# ---- the functions -------------------------------------------------------------------------------

erf = scipy_unary("erf", special.erf, lambda out, x: (2 / ROOT_PI) * _bell(x, 1.0))
erfc = from_scipy("erfc", special.erfc, lambda out, x: (-2 / ROOT_PI) * _bell(x, 1.0))
# the distribution function of the standard normal; its derivative is the density
ndtr = scipy_unary("ndtr", special.ndtr, lambda out, x: (1 / ROOT_TWO_PI) * _bell(x, 0.5))


def _log_ndtr_partial(out: Array, x: Array) -> Array:
    """The density over the distribution function, the inverse of Mills' ratio (DLMF 7.8)."""
    if is_complex(x):
        raise NoRuleError("log_ndtr has no derivative for complex numbers; use log(ndtr(z))")
    left = (2 / ROOT_TWO_PI) / erfcx(-_ROOT_HALF * minimum(x, 0))
    right = maximum(x, 0)
    return select(x < 0, left, (1 / ROOT_TWO_PI) * gaussian(right, rate=0.5) / ndtr(right))


log_ndtr = from_scipy("log_ndtr", special.log_ndtr, _log_ndtr_partial)


def _inverse(z: Array, tail: Array, scale: float, rate: float) -> Array:
    """``exp(rate z**2)`` at the place z beyond which ``tail = erfc(scale z)`` is left.

    With ``rate = scale**2``; as ``erfcx(scale z) / tail``, which does not amplify the rounding of
    z.
    """
    middle = absolute(z) < 0.5
    bell = gaussian(select(middle, z, 0), rate=-rate)
    end = tail == 0
    quotient = erfcx(scale * absolute(select(middle | end, 1, z))) / select(end, 1, tail)
    return select(middle, bell, select(end, np.inf, quotient))


erfinv = from_scipy(
    "erfinv",
    special.erfinv,
    lambda out, x: (ROOT_PI / 2) * _inverse(out, 1 - absolute(x), 1.0, 1.0),
    unbounded=True,
)
erfcinv = from_scipy(
    "erfcinv",
    special.erfcinv,
    lambda out, x: (-ROOT_PI / 2) * _inverse(out, select(x < 1, x, 2 - x), 1.0, 1.0),
    unbounded=True,
)
ndtri = from_scipy(
    "ndtri",
    special.ndtri,
    lambda out, p: ROOT_TWO_PI * _inverse(out, 2 * select(p < 0.5, p, 1 - p), _ROOT_HALF, 0.5),
    unbounded=True,
)
