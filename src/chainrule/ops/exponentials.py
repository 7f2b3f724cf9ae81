"""Exponentials, logarithms, the sigmoid and tanh with their partial derivatives, one line each.

As in ``elementwise.py``: ``unary(name, ufunc, partial)`` with ``partial(out, x)``.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from chainrule.core.primitive import Primitive
from chainrule.ops.define import Array, scipy_unary, unary
from chainrule.ops.elementwise import div, is_complex, square

LN2 = math.log(2.0)
LN10 = math.log(10.0)

exp = unary("exp", np.exp, lambda out, x: out, unbounded=True)
exp2 = unary("exp2", np.exp2, lambda out, x: LN2 * out, unbounded=True)
expm1 = unary("expm1", np.expm1, lambda out, x: out + 1, unbounded=True)
log = unary("log", np.log, lambda out, x: div(1, x), unbounded=True)
log2 = unary("log2", np.log2, lambda out, x: div(1 / LN2, x), unbounded=True)
log10 = unary("log10", np.log10, lambda out, x: div(1 / LN10, x), unbounded=True)
log1p = unary("log1p", np.log1p, lambda out, x: div(1, 1 + x), unbounded=True)


expit: Primitive = scipy_unary("expit", special.expit, lambda out, x: out * expit(-x))


def _tanh_partial(out: Array, x: Array) -> Array:
    """``1 - tanh(x)**2``, for real x in a form that keeps its digits far from 0."""
    if is_complex(x):
        return 1 - square(out)
    twice = x + x
    return 4 * expit(twice) * expit(-twice)


tanh = unary("tanh", np.tanh, _tanh_partial)
