"""Circular and hyperbolic functions with their partial derivatives, one line each.

As in ``elementwise.py``: ``unary(name, ufunc, partial)`` with ``partial(out, x)``.
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.core.primitive import NUMPY, Primitive
from chainrule.ops.define import binary, unary
from chainrule.ops.elementwise import div, sqrt, square

DEGREE = math.pi / 180.0

sin: Primitive = unary("sin", np.sin, lambda out, x: cos(x))
cos = unary("cos", np.cos, lambda out, x: -sin(x))
tan = unary("tan", np.tan, lambda out, x: 1 + square(out), unbounded=True)
arcsin = unary("arcsin", np.arcsin, lambda out, x: 1 / sqrt((1 - x) * (1 + x)), unbounded=True)
arccos = unary("arccos", np.arccos, lambda out, x: -1 / sqrt((1 - x) * (1 + x)), unbounded=True)
arctan = unary("arctan", np.arctan, lambda out, x: 1 / (1 + square(x)))
arctan2 = binary(
    "arctan2",
    np.arctan2,
    lambda out, y, x: div(x, square(x) + square(y)),
    lambda out, y, x: div(-y, square(x) + square(y)),
    unbounded=True,
)
sinh: Primitive = unary("sinh", np.sinh, lambda out, x: cosh(x), unbounded=True)
cosh = unary("cosh", np.cosh, lambda out, x: sinh(x), unbounded=True)
arcsinh = unary("arcsinh", np.arcsinh, lambda out, x: 1 / sqrt(1 + square(x)))
arccosh = unary("arccosh", np.arccosh, lambda out, x: 1 / sqrt(x - 1) / sqrt(x + 1), unbounded=True)
arctanh = unary("arctanh", np.arctanh, lambda out, x: div(1, (1 - x) * (1 + x)), unbounded=True)
degrees = unary("degrees", np.degrees, lambda out, x: 1 / DEGREE)
radians = unary("radians", np.radians, lambda out, x: DEGREE)
NUMPY[np.rad2deg] = degrees
NUMPY[np.deg2rad] = radians
