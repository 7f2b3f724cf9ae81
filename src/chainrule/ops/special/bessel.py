"""Bessel functions of a real order and the modified ones, DLMF chapter 10.

In the argument they differentiate to their neighbours in the order (10.6.1, 10.29.1). In the order
there are only series of digamma functions (10.15), so there is no rule.

Of ``i0e(x) = exp(-|x|) I_0(x)`` the neighbours nearly cancel where x is large. What is left is an
integral of one sign, which the primitive ``cosine_moment`` is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from chainrule.core.errors import NoRuleError
from chainrule.core.primitive import NoRule
from chainrule.ops.define import Array, as_dtype
from chainrule.ops.elementwise import absolute, is_complex, sign
from chainrule.ops.special.construct import from_scipy, of_numbers
from chainrule.ops.special.quadrature import gauss_legendre

ORDER = NoRule(
    "the derivative of a Bessel function in its order has no closed form (DLMF 10.15); pass the"
    " order as a constant, or wrap it in cr.stop_gradient"
)
_NODES = 36
_MIDPOINTS = 44


def _cosine_moment(x: Any, order: int) -> Any:
    """``1/pi int_0^pi (1 - cos t)^k exp(-x (1 - cos t)) dt`` for ``x >= 0``, DLMF 10.32.1.

    Up to 40 by the midpoint rule, which for a periodic function converges exponentially; beyond by
    Gauss' rule in ``w = sin(t/2)`` as far as the exponential reaches.
    """
    near, far = np.minimum(x, 40.0), np.clip(x, 40.0, 1e300)
    low, high = np.zeros(x.shape), np.zeros(x.shape)
    for i in range(_MIDPOINTS):
        u = 2 * np.sin((i + 0.5) * np.pi / (2 * _MIDPOINTS)) ** 2
        low += u**order * np.exp(-near * u)
    end = np.sqrt((20.0 + order) / far)
    for node, weight in gauss_legendre(_NODES):
        w = node * end
        u = 2 * w * w
        high += 2 * weight * end * u**order * np.exp(-far * u) / np.sqrt(1 - w * w)
    return np.where(x < 40, low / _MIDPOINTS, high / np.pi)


cosine_moment = of_numbers(
    "cosine_moment",
    _cosine_moment,
    lambda out, x, order: -cosine_moment(x, order=order + 1),
)


def _moment(x: Array, order: int) -> Array:
    return cosine_moment(absolute(as_dtype(x, np.dtype(np.float64))), order=order)


i0 = from_scipy("i0", special.i0, lambda out, x: i1(x))
i1 = from_scipy("i1", special.i1, lambda out, x: 0.5 * (i0(x) + iv(2, x)))
i0e = from_scipy("i0e", special.i0e, lambda out, x: -sign(x) * _moment(x, 1))
i1e = from_scipy("i1e", special.i1e, lambda out, x: _moment(x, 2) - _moment(x, 1))
iv = from_scipy("iv", special.iv, ORDER, lambda out, v, x: 0.5 * (iv(v - 1, x) + iv(v + 1, x)))


def _ive_partial(out: Array, v: Array, x: Array) -> Array:
    if is_complex(x):
        raise NoRuleError("ive(v, z) depends on |Re z|, which has no complex derivative; use iv")
    x = as_dtype(x, np.dtype(np.float64))  # neighbours nearly cancel
    return 0.5 * (ive(v - 1, x) + ive(v + 1, x)) - sign(x) * ive(v, x)


ive = from_scipy("ive", special.ive, ORDER, _ive_partial)
j0 = from_scipy("j0", special.j0, lambda out, x: -j1(x))
j1 = from_scipy("j1", special.j1, lambda out, x: 0.5 * (j0(x) - jv(2, x)))
jv = from_scipy("jv", special.jv, ORDER, lambda out, v, x: 0.5 * (jv(v - 1, x) - jv(v + 1, x)))
y0 = from_scipy("y0", special.y0, lambda out, x: -y1(x))
y1 = from_scipy("y1", special.y1, lambda out, x: 0.5 * (y0(x) - yn(2, x)))
yn = from_scipy("yn", special.yn, ORDER, lambda out, n, x: 0.5 * (yn(n - 1, x) - yn(n + 1, x)))
