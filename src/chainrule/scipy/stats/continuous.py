"""Continuous distributions in standard form; location and scale are in ``distribution.py``.

Formulas: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions (1994, 1995).
"""

from __future__ import annotations

import math
from typing import final

from chainrule.ops.define import Array
from chainrule.ops.elementwise import absolute, maximum, minimum, select
from chainrule.ops.exponentials import exp, expm1, log, log1p
from chainrule.ops.powers import square
from chainrule.ops.special.densities import beta_density, gamma_density
from chainrule.ops.special.entropy import xlog1py, xlogy
from chainrule.ops.special.error_functions import ROOT_TWO_PI, gaussian, log_ndtr, ndtr
from chainrule.ops.special.gamma import betaln, gammaln
from chainrule.ops.special.incomplete import (
    betainc,
    betaincc,
    gammainc,
    gammaincc,
    stdtr,
    student_log_density,
)
from chainrule.scipy.stats.distribution import Continuous

_LOG_ROOT_TWO_PI = 0.5 * math.log(2 * math.pi)
_LN2 = math.log(2)


def _log_one_minus_exp(x: Array) -> Array:
    """``log(1 - exp(-x))`` for x > 0, by the form that keeps its digits (Maechler, 2012)."""
    near = x < _LN2
    return select(near, log(-expm1(-minimum(x, _LN2))), log1p(-exp(-maximum(x, _LN2))))


@final
class Norm(Continuous):
    """The normal distribution, of mean ``loc`` and standard deviation ``scale``.

    Density ``exp(-z**2 / 2) / sqrt(2 pi)``.

    >>> import chainrule as cr
    >>> print(f"{cr.scipy.stats.norm.logpdf(3.0, 1.0, 2.0):.6g}")
    -2.11209
    """

    def _logpdf(self, z: Array, *shapes: Array) -> Array:
        return -0.5 * square(z) - _LOG_ROOT_TWO_PI

    def _pdf(self, z: Array, *shapes: Array) -> Array:
        return gaussian(z, rate=0.5) / ROOT_TWO_PI

    def _cdf(self, z: Array, *shapes: Array) -> Array:
        return ndtr(z)

    def _sf(self, z: Array, *shapes: Array) -> Array:
        return ndtr(-z)

    def _logcdf(self, z: Array, *shapes: Array) -> Array:
        return log_ndtr(z)

    def _logsf(self, z: Array, *shapes: Array) -> Array:
        return log_ndtr(-z)


@final
class Expon(Continuous):
    """The exponential distribution, of mean ``scale`` from ``loc`` on: density ``exp(-z)``.

    >>> import chainrule as cr
    >>> print(f"{cr.scipy.stats.expon.sf(3.0, scale=2.0):.6g}")
    0.22313
    """

    low = 0.0

    def _logpdf(self, z: Array, *shapes: Array) -> Array:
        return -z

    def _cdf(self, z: Array, *shapes: Array) -> Array:
        return -expm1(-z)

    def _sf(self, z: Array, *shapes: Array) -> Array:
        return exp(-z)

    def _logcdf(self, z: Array, *shapes: Array) -> Array:
        return _log_one_minus_exp(z)

    def _logsf(self, z: Array, *shapes: Array) -> Array:
        return -z


@final
class Laplace(Continuous):
    """Laplace's distribution: density ``exp(-|z|) / 2``; its slope at 0 counts as 0.

    >>> import chainrule as cr
    >>> print(f"{cr.scipy.stats.laplace.cdf(1.0):.6g}")
    0.81606
    """

    def _logpdf(self, z: Array, *shapes: Array) -> Array:
        return -absolute(z) - _LN2

    def _cdf(self, z: Array, *shapes: Array) -> Array:
        tail = 0.5 * exp(-absolute(z))
        return select(z > 0, 1 - tail, tail)

    def _sf(self, z: Array, *shapes: Array) -> Array:
        return self._cdf(-z)

    def _logcdf(self, z: Array, *shapes: Array) -> Array:
        right = log1p(-0.5 * exp(-maximum(z, 0)))
        return select(z > 0, right, z - _LN2)

    def _logsf(self, z: Array, *shapes: Array) -> Array:
        return self._logcdf(-z)


@final
class LogNorm(Continuous):
    """The distribution of ``exp(s n)`` for a standard normal n.

    Density ``exp(-log(z)**2 / (2 s**2)) / (s z sqrt(2 pi))`` for z > 0.

    >>> import chainrule as cr
    >>> print(f"{cr.scipy.stats.lognorm.pdf(2.0, 0.5):.6g}")
    0.152614
    """

    shapes = ("s",)
    low = 5e-324  # 0 itself has the density 0 and no logarithm

    def _logpdf(self, z: Array, *shapes: Array) -> Array:
        (s,) = shapes
        return -0.5 * square(log(z) / s) - log(s * z) - _LOG_ROOT_TWO_PI

    def _cdf(self, z: Array, *shapes: Array) -> Array:
        return ndtr(log(z) / shapes[0])

    def _sf(self, z: Array, *shapes: Array) -> Array:
        return ndtr(-log(z) / shapes[0])

    def _logcdf(self, z: Array, *shapes: Array) -> Array:
        return log_ndtr(log(z) / shapes[0])

    def _logsf(self, z: Array, *shapes: Array) -> Array:
        return log_ndtr(-log(z) / shapes[0])


@final
class T(Continuous):
    """Student's t with ``df`` degrees of freedom; the normal distribution where that is ``inf``.

    Density ``(1 + z**2 / df)**(-(df + 1) / 2) / (sqrt(df) B(df / 2, 1 / 2))``.

    >>> import chainrule as cr
    >>> print(f"{cr.scipy.stats.t.cdf(2.0, 5.0):.6g}")
    0.94903
    """

    shapes = ("df",)

    def _logpdf(self, z: Array, *shapes: Array) -> Array:
        return student_log_density(shapes[0], z)

    def _cdf(self, z: Array, *shapes: Array) -> Array:
        return stdtr(shapes[0], z)

    def _sf(self, z: Array, *shapes: Array) -> Array:
        return stdtr(shapes[0], -z)


@final
class Gamma(Continuous):
    """The gamma distribution of shape a: density ``z**(a - 1) exp(-z) / Gamma(a)`` for z >= 0.

    >>> import chainrule as cr
    >>> print(f"{cr.scipy.stats.gamma.cdf(2.0, 3.0, scale=0.5):.6g}")
    0.761897
    """

    shapes = ("a",)
    low = 0.0

    def _logpdf(self, z: Array, *shapes: Array) -> Array:
        (a,) = shapes
        return xlogy(a - 1, z) - z - gammaln(a)

    def _pdf(self, z: Array, *shapes: Array) -> Array:
        return gamma_density(shapes[0], z)

    def _cdf(self, z: Array, *shapes: Array) -> Array:
        return gammainc(shapes[0], z)

    def _sf(self, z: Array, *shapes: Array) -> Array:
        return gammaincc(shapes[0], z)


@final
class Chi2(Continuous):
    """The sum of ``df`` squared standard normals: the gamma distribution of df/2 and scale 2.

    >>> import chainrule as cr
    >>> print(f"{cr.scipy.stats.chi2.sf(3.84, 1.0):.6g}")
    0.0500435
    """

    shapes = ("df",)
    low = 0.0

    def _logpdf(self, z: Array, *shapes: Array) -> Array:
        a = 0.5 * shapes[0]
        return xlogy(a - 1, 0.5 * z) - 0.5 * z - gammaln(a) - _LN2

    def _pdf(self, z: Array, *shapes: Array) -> Array:
        return 0.5 * gamma_density(0.5 * shapes[0], 0.5 * z)

    def _cdf(self, z: Array, *shapes: Array) -> Array:
        return gammainc(0.5 * shapes[0], 0.5 * z)

    def _sf(self, z: Array, *shapes: Array) -> Array:
        return gammaincc(0.5 * shapes[0], 0.5 * z)


@final
class Beta(Continuous):
    """The beta distribution: density ``z**(a - 1) (1 - z)**(b - 1) / B(a, b)`` for 0 <= z <= 1.

    >>> import chainrule as cr
    >>> print(f"{cr.scipy.stats.beta.logpdf(0.3, 2.0, 3.0):.6g}")
    0.567584
    """

    shapes = ("a", "b")
    low, high, middle = 0.0, 1.0, 0.5

    def _logpdf(self, z: Array, *shapes: Array) -> Array:
        a, b = shapes
        return xlogy(a - 1, z) + xlog1py(b - 1, -z) - betaln(a, b)

    def _pdf(self, z: Array, *shapes: Array) -> Array:
        return beta_density(*shapes, z)

    def _cdf(self, z: Array, *shapes: Array) -> Array:
        return betainc(*shapes, z)

    def _sf(self, z: Array, *shapes: Array) -> Array:
        return betaincc(*shapes, z)
