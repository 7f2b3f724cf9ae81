"""What the incomplete beta function differentiates to in its parameters.

As in ``moments.py``: ``dI/da = int_0^x (log t - psi(a) + psi(a + b)) t^(a-1) (1-t)^(b-1) dt / B``
is, with ``log t = log x + log(t/x)``, a multiple of I plus an integral of one sign; so is dI/db.
Up to the mean a/(a + b) both parts have the same sign. Beyond it, ``I_x(a, b) = 1 - I_(1-x)(b, a)``
(DLMF 8.17.4) is used. The integrals are the primitive ``beta_moment``, whose derivatives are
moments again, so that there are derivatives of any order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.ops.define import Array, as_dtype
from chainrule.ops.elementwise import select
from chainrule.ops.exponentials import log
from chainrule.ops.special.construct import of_numbers
from chainrule.ops.special.densities import beta_density
from chainrule.ops.special.gamma import digamma_rise

_STEP, _TURNS = 0.05, 66
_REACH = 50.0  # exp(-50) is beyond what counts
_DOUBLE = np.dtype(np.float64)


def _beta_moment(a: Any, b: Any, x: Any, j: int, k: int) -> Any:
    """``int_0^inf v^j w^k exp(-a v + (b-1) w) dv / (1 - x)``, ``w = log((1 - x e^-v) / (1 - x))``.

    By the tanh-sinh rule (Takahasi and Mori, 1974), since w can vary much faster than v.
    """
    with np.errstate(all="ignore"):
        ratio = x / (1 - x)
        end = (_REACH + 2 * (j + k) + np.maximum(b - 1, 0) * np.log1p(ratio)) / a
        total = np.zeros(end.shape)
        for i in range(-_TURNS, _TURNS + 1):
            s = math.pi / 2 * math.sinh(i * _STEP)
            node = 1 / (1 + math.exp(-2 * s))
            weight = _STEP * math.pi / 2 * math.cosh(i * _STEP) / (2 * math.cosh(s) ** 2)
            v = node * end
            w = np.log1p(-ratio * np.expm1(-v))
            total += weight * end * v**j * w**k * np.exp((b - 1) * w - a * v)
        return total / (1 - x)


def _slope(out: Array, a: Array, b: Array, x: Array, j: int, k: int) -> Array:
    """In x, by ``dw/dx = (1 - exp(-w)) / (x (1 - x))``."""
    part = (b - 1) * (out - beta_moment(a, b - 1, x, j=j, k=k))
    if k:
        lower = beta_moment(a, b, x, j=j, k=k - 1) - beta_moment(a, b - 1, x, j=j, k=k - 1)
        part = part + k * lower
    return out / (1 - x) + part / (x * (1 - x))


beta_moment = of_numbers(
    "beta_moment",
    _beta_moment,
    lambda out, a, b, x, j, k: -beta_moment(a, b, x, j=j + 1, k=k),
    lambda out, a, b, x, j, k: beta_moment(a, b, x, j=j, k=k + 1),
    _slope,
)


def _below_in_first(a: Array, b: Array, x: Array) -> Array:
    """dI/da over ``x^a (1-x)^b / B(a, b)``, with a moved by one since small a cancel.

    ``I_x(a, b) = I_x(a + 1, b) + x^a (1-x)^b / (a B(a, b))``, DLMF 8.17.20.
    """
    first = (log(x) + digamma_rise(a + 1, b - 1)) / a
    c = a + 1
    whole = (log(x) + digamma_rise(c, b)) * beta_moment(c, b, x, j=0, k=0)
    return first + x * (a + b) / a * (whole - beta_moment(c, b, x, j=1, k=0))


def _below_in_second(a: Array, b: Array, x: Array, y: Array) -> Array:
    """dI/db over ``x^a (1-x)^b / B(a, b)``, for ``y = 1 - x``."""
    whole = (log(y) + digamma_rise(b, a)) * beta_moment(a, b, x, j=0, k=0)
    return whole + beta_moment(a, b, x, j=0, k=1)


def in_parameters(a: Array, b: Array, x: Array) -> tuple[Array, Array]:
    """``dI_x(a, b)/da`` and ``dI_x(a, b)/db``; 0 at the ends and outside of the domain."""
    a, b, x = (as_dtype(value, _DOUBLE) for value in (a, b, x))
    inside = (x > 0) & (x < 1) & (a > 0) & (b > 0)
    a, b, x = select(inside, a, 1), select(inside, b, 1), select(inside, x, 0.5)
    y = 1 - x
    low = x * (a + b) <= a
    p, q, z = select(low, a, b), select(low, b, a), select(low, x, y)
    first = _below_in_first(p, q, z)
    second = _below_in_second(p, q, z, select(low, y, x))
    size = select(inside, x * y * beta_density(a, b, x), 0)
    return size * select(low, first, -second), size * select(low, second, -first)
