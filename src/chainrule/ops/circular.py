"""Circular and hyperbolic functions with their partial derivatives, one line each.

As in ``elementwise.py``: ``unary(name, ufunc, partial)`` with ``partial(out, x)``.
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.core.primitive import NUMPY, Primitive
from chainrule.ops.define import Array, binary, unary
from chainrule.ops.elementwise import div, hypot, is_complex, select
from chainrule.ops.powers import sqrt, square

DEGREE = math.pi / 180.0

sin: Primitive = unary("sin", np.sin, lambda out, x: cos(x))
cos = unary("cos", np.cos, lambda out, x: -sin(x))


def _tan_partial(out: Array, x: Array) -> Array:
    """``1 / cos(x)**2``: in ``1 + out**2`` the error of out counts twice, 3 ulp in float32."""
    return 1 + square(out) if is_complex(x) else div(1, square(cos(x)))


tan = unary("tan", np.tan, _tan_partial, unbounded=True)


def _below_one(x: Array) -> Array:
    """``1 - x**2``: as a product it has its digits near 1, as it stands its derivative's at 0."""
    if is_complex(x):
        return -(x - 1) * (x + 1)  # 1 - x would lose the sign of zero, the side of the cut
    squared = square(x)
    return select(squared < 0.25, 1 - squared, (1 - x) * (1 + x))


arcsin = unary("arcsin", np.arcsin, lambda out, x: 1 / sqrt(_below_one(x)), unbounded=True)
arccos = unary("arccos", np.arccos, lambda out, x: -1 / sqrt(_below_one(x)), unbounded=True)


def _one_by_length(x: Array) -> Array:
    """``1 / sqrt(1 + x**2)``, for real x without the square, which can overflow."""
    return 1 / (sqrt(square(x) - -1) if is_complex(x) else hypot(1, x))


arctan = unary("arctan", np.arctan, lambda out, x: square(_one_by_length(x)))


def _by_squared_length(x: Array, y: Array) -> Array:
    """``x / (x**2 + y**2)`` without the squares, which can over- and underflow."""
    length = hypot(x, y)
    return div(div(x, length), length)


arctan2 = binary(
    "arctan2",
    np.arctan2,
    lambda out, y, x: _by_squared_length(x, y),
    lambda out, y, x: -_by_squared_length(y, x),
    unbounded=True,
)
sinh: Primitive = unary("sinh", np.sinh, lambda out, x: cosh(x), unbounded=True)
cosh = unary("cosh", np.cosh, lambda out, x: sinh(x), unbounded=True)
arcsinh = unary("arcsinh", np.arcsinh, lambda out, x: _one_by_length(x))
arccosh = unary("arccosh", np.arccosh, lambda out, x: 1 / sqrt(x - 1) / sqrt(x + 1), unbounded=True)
arctanh = unary("arctanh", np.arctanh, lambda out, x: div(1, _below_one(x)), unbounded=True)
degrees = unary("degrees", np.degrees, lambda out, x: 1 / DEGREE)
radians = unary("radians", np.radians, lambda out, x: DEGREE)
NUMPY[np.rad2deg] = degrees
NUMPY[np.deg2rad] = radians
