"""Moments of logarithms that the incomplete gamma function differentiates to in its order.

In ``dP/da = int_0^x (log t - psi(a)) t^(a-1) e^-t dt / Gamma(a)`` the integrand changes its sign.
Written with ``log t = log x + log(t/x)`` it is a multiple of P plus an integral of one sign, and
the two agree in sign where ``log x < psi(a)``; above, the same holds for Q = 1 - P. The integrals
are the primitive ``log_moment``: with ``t = x e^(+-v)`` smooth ones that fall off exponentially,
for which Gauss' rule is accurate to rounding. Its derivatives are moments again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.ops.define import Array
from chainrule.ops.special.construct import of_numbers
from chainrule.ops.special.quadrature import gauss_legendre

_NODES = 72
_SMALLEST = 50.0  # exp(-50) is beyond what counts


def _beyond_linear(v: Any, side: int) -> Any:
    """``expm1(s v) - s v`` for s = +-1, which is of second order at 0."""
    z = side * v
    small = np.abs(z) < 0.4
    w = np.where(small, z, 0.0)
    series = np.ones(w.shape)
    for k in range(16, 2, -1):  # 1 + w/3 (1 + w/4 (...))
        series = 1 + series * w / k
    series = 0.5 * w * w * series
    with np.errstate(over="ignore"):
        return np.where(small, series, np.expm1(z) - z)


def _log_moment(a: Any, x: Any, order: int, side: int) -> Any:
    """``int_0^inf v^k exp(s a v - x (e^(s v) - 1)) dv``: s = -1 for t < x, 1 for t > x.

    The exponent is ``-|x - a| v - x (e^(s v) - 1 - s v)``, where both terms have one sign.
    """
    slope = side * (x - a)
    tilt = np.maximum(slope, 0.0)
    reach = _SMALLEST + 2.0 * order
    with np.errstate(all="ignore"):
        if side < 0:  # e^-v - 1 + v >= v^2 / 2 / (1 + v/3)
            bend = (reach / 3 + np.sqrt(reach * reach / 9 + 2 * reach * x)) / x
        else:  # where e^v - 1 - v = r, v is below sqrt(2 r), and e^v = 1 + r + v
            bend = np.log1p(reach / x + np.sqrt(2 * reach / x))
        end = np.minimum(reach / tilt, bend)
        end = np.where(np.isfinite(end), end, 0.0)
        total = np.zeros(end.shape)
        for node, weight in gauss_legendre(_NODES):
            v = node * end
            exponent = -slope * v - x * _beyond_linear(v, side)
            total += weight * end * v**order * np.exp(exponent)
    return total


log_moment = of_numbers(
    "log_moment",
    _log_moment,
    lambda out, a, x, order, side: side * log_moment(a, x, order=order + 1, side=side),
    lambda out, a, x, order, side: out - log_moment(a + 1, x, order=order, side=side),
)


def below(a: Array, x: Array, order: int) -> Array:
    """``int_0^x log(x/t)^k t^(a-1) e^-t dt / (x^a e^-x)``."""
    return log_moment(a, x, order=order, side=-1)


def above(a: Array, x: Array, order: int) -> Array:
    """``int_x^inf log(t/x)^k t^(a-1) e^-t dt / (x^a e^-x)``."""
    return log_moment(a, x, order=order, side=1)
