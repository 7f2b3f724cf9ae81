"""Exponentials, logarithms, the sigmoid and tanh with their partial derivatives, one line each.

As in ``elementwise.py``: ``unary(name, ufunc, partial)`` with ``partial(out, x)``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import special

from chainrule.core.primitive import Primitive, edge, primitive
from chainrule.ops.batch import elementwise
from chainrule.ops.define import Array, scipy_unary, ufunc_type, unary
from chainrule.ops.elementwise import div, is_complex
from chainrule.ops.powers import square

LN2 = math.log(2.0)
LN10 = math.log(10.0)

exp = unary("exp", np.exp, lambda out, x: out, unbounded=True)
exp2 = unary("exp2", np.exp2, lambda out, x: LN2 * out, unbounded=True)
expm1 = unary("expm1", np.expm1, lambda out, x: exp(x), unbounded=True)
log = unary("log", np.log, lambda out, x: div(1, x), unbounded=True)
log2 = unary("log2", np.log2, lambda out, x: div(1 / LN2, x), unbounded=True)
log10 = unary("log10", np.log10, lambda out, x: div(1 / LN10, x), unbounded=True)
log1p = unary("log1p", np.log1p, lambda out, x: div(1, 1 + x), unbounded=True)


expit: Primitive = scipy_unary("expit", special.expit, lambda out, x: out * expit(-x))


def _sech_squared(x: Any) -> Any:
    """``4 e / (1 + e)^2`` of ``e = exp(-2 |x|)``, in two arrays."""
    power = np.asarray(np.minimum(np.abs(x), 400))  # 0 beyond; 2 x would overflow
    power *= -2
    np.exp(power, out=power)
    below = 1 + power
    below *= below
    power /= below
    power *= 4
    return power[()]


def _times_slope(t: Array, out: Array, x: Array) -> Array:
    return t * (-2 * tanh(x) * out)


# its own primitive, because no form of it by others has a derivative that does not cancel at 0
sech_squared = primitive(
    "sech_squared",
    _sech_squared,
    ufunc_type(np.tanh),
    (edge(_times_slope, _times_slope),),
    batch=elementwise("sech_squared"),
)


def _tanh_partial(out: Array, x: Array) -> Array:
    """``1 / cosh(x)**2``: ``1 - out**2`` would cancel far from 0."""
    return 1 - square(out) if is_complex(x) else sech_squared(x)


tanh = unary("tanh", np.tanh, _tanh_partial)
