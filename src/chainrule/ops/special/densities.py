"""The densities of the gamma and beta distributions, which incomplete functions differentiate to.

Powers of exact numbers are accurate, so ``x**(a-1) exp(-x) / Gamma(a)`` is taken as it stands where
nothing overflows; elsewhere in the saddle-point form of Loader, "Fast and accurate computation of
binomial probabilities" (2000), whose factors are all of moderate size.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
from scipy import special

from chainrule.ops.define import Array
from chainrule.ops.elementwise import div, select
from chainrule.ops.exponentials import log, log1p
from chainrule.ops.special.construct import of_numbers
from chainrule.ops.special.gamma import BERNOULLI, FAR, digamma, digamma_rise

_HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)
_LARGEST = 170.0  # powers up to here are taken as they stand


def _where(condition: Any, x: Any, y: Any) -> Any:
    return cast("Any", np.where(condition, x, y))


def _stirling_error(n: Any) -> Any:
    """``log Gamma(n+1) - (n + 1/2) log n + n - log(2 pi)/2``, DLMF 5.11.1."""
    far = np.maximum(n, FAR)
    total, power = np.zeros(far.shape), 1 / far
    for k, b in enumerate(BERNOULLI, start=1):
        total = total + b / (2 * k * (2 * k - 1)) * power
        power = power / (far * far)
    near = np.clip(n, 1e-300, FAR)
    plain = special.gammaln(near + 1) - (near + 0.5) * np.log(near) + near - _HALF_LOG_TWO_PI
    return _where(n >= FAR, total, plain)


def _deviance(x: Any, m: Any) -> Any:
    """``x log(x / m) + m - x``, without loss where x is near m: Loader's ``bd0``."""
    v = (x - m) / (x + m)
    near = np.abs(v) < 0.1
    z = _where(near, v, 0.0)
    series: Any = np.zeros(x.shape)
    power = 2 * x * z * z * z
    for k in range(3, 28, 2):
        series = series + power / k
        power = power * z * z
    plain = special.xlogy(x, _where(near, 1.0, x / m)) + m - x
    return _where(near, (x - m) * z + series, plain)


def _gamma_density(a: Any, x: Any) -> Any:
    with np.errstate(all="ignore"):
        # a - 1 is exact from 1/2 on
        power = _where(a < 0.5, x**a / x, x ** (a - 1))
        plain = power * np.exp(-x) / special.gamma(a)
        exponent = -_stirling_error(a) - _deviance(a, x)
        saddle = np.exp(exponent) * np.sqrt(a / (2 * np.pi)) / x
        fits = (a < _LARGEST) & (x < 600) & (plain > 1e-290) & np.isfinite(plain)
        inside = _where(fits, plain, saddle)
        edge = _where(a < 1, np.inf, _where(a == 1, 1.0, 0.0))
        inside = _where(x == 0, edge, _where(x == np.inf, 0.0, inside))
        return _where((a > 0) & (x >= 0), inside, np.nan)


def _positive(x: Array) -> Array:
    return select(x > 0, x, 1)


# x**(a-1) exp(-x) / Gamma(a)
gamma_density = of_numbers(
    "gamma_density",
    _gamma_density,
    lambda out, a, x: select(x > 0, out * (log(_positive(x)) - digamma(a)), 0),
    lambda out, a, x: select(x > 0, out * (div(a - 1, _positive(x)) - 1), 0),
    formula=True,
)


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    with np.errstate(all="ignore"):
        y = 1 - x
        lost = (1 - y) - x  # what rounding took from y
        power = y ** (b - 1) * np.exp((b - 1) * np.log1p(lost / y))
        left = _where(a < 0.5, x**a / x, x ** (a - 1))
        n = a + b
        rest = (a - (n - (n - a))) + (b - (n - a))  # what rounding took from n, by TwoSum
        risen = special.gamma(n) * (1 + rest * special.psi(n))
        plain = left * power / special.gamma(a) / special.gamma(b) * risen
        exponent = _stirling_error(n) - _stirling_error(a) - _stirling_error(b)
        exponent = exponent - _deviance(a, n * x) - _deviance(b, n * y)
        saddle = np.exp(exponent) * np.sqrt(a * b / (2 * np.pi * n)) / (x * y)
        fits = (n < _LARGEST) & (plain > 1e-290) & np.isfinite(plain)
        inside = _where(fits, plain, saddle)
        inside = _where(x == 0, _where(a < 1, np.inf, _where(a == 1, b, 0.0)), inside)
        inside = _where(x == 1, _where(b < 1, np.inf, _where(b == 1, a, 0.0)), inside)
        return _where((a > 0) & (b > 0) & (x >= 0) & (x <= 1), inside, np.nan)


def _within(x: Array) -> Array:
    return select((x > 0) & (x < 1), x, 0.5)


def _if_within(x: Array, value: Array) -> Array:
    return select((x > 0) & (x < 1), value, 0)


def _beta_slope(out: Array, a: Array, b: Array, x: Array) -> Array:
    z = _within(x)
    return _if_within(x, out * (div(a - 1, z) - div(b - 1, 1 - z)))


# x**(a-1) (1-x)**(b-1) / B(a, b)
beta_density = of_numbers(
    "beta_density",
    _beta_density,
    lambda out, a, b, x: _if_within(x, out * (log(_within(x)) + digamma_rise(a, b))),
    lambda out, a, b, x: _if_within(x, out * (log1p(-_within(x)) + digamma_rise(b, a))),
    _beta_slope,
    formula=True,
)
