"""Powers and roots, with their partial derivatives as in ``elementwise.py``, which they rest on.

Where a slope is infinite (the root at 0) nothing that comes in means nothing that comes out, see
``mul_or_zero``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import type_of
from chainrule.ops.define import Array, binary, unary
from chainrule.ops.elementwise import (
    PYTHON_NUMBERS,
    as_dtype_of,
    div,
    isinf,
    of_python,
    select,
)


def _pow(x: Any, y: Any) -> Any:
    if type(y) in PYTHON_NUMBERS and type(x) in PYTHON_NUMBERS:
        return of_python(np.power, x if type(y) is int and y >= 0 else x * 1.0, y)
    return x**y


def _power_partial_x(out: Array, x: Array, y: Array) -> Array:
    """``y x^(y - 1)``, or ``y x^y / x`` where y - 1 is rounded.

    What is rounded off matters, since x^eps is 1e-13 from 1 for x = 1e300. Not always the latter,
    for x^y can under- or overflow where x^(y - 1) does not.
    """
    if type(y) in PYTHON_NUMBERS:  # a constant exponent, the usual case
        if y == 0:
            return 0.0
        less = _one_less(y, type_of(out).dtype)
        if less is not None:
            return y * power(x, less)
        return y * _slope_of_root(out, x)
    less = select(y == 0, 1, y - 1)
    slope = power(x, less)
    if type_of(out).dtype.kind == "f" and type_of(y).dtype.kind == "f":
        kept = (less + 1 == y) | (x == 0) | isinf(x) | (y == 0)
        slope = select(kept, slope, div(out, select(kept, 1, x)))
    return select(y == 0, 0.0, y * slope)


def _slope_of_root(out: Array, x: Array) -> Array:
    """``out / x`` of a root, whose slope is infinite at 0 and 0 at infinity."""
    end = (x == 0) | isinf(x)
    return select(x == 0, math.inf, select(end, 0, div(out, select(end, 1, x))))


def _one_less(y: Any, dtype: np.dtype[Any]) -> Any:
    """``y - 1`` as a Python number, if it is one of the dtype once y is; None if it is rounded."""
    if type(y) is not float or dtype.kind != "f":
        return y - 1
    exponent = float(dtype.type(y))
    less = float(dtype.type(exponent - 1))
    return less if less + 1 == exponent else None


def _power_partial_y(out: Array, x: Array, y: Array) -> Array:
    return select(x == 0, 0.0, out * PRIMITIVES["log"](select(x == 0, 1, as_dtype_of(x, out))))


power = binary(
    "pow", np.power, _power_partial_x, _power_partial_y, value=_pow, unbounded=True, keeps_weak=True
)
square = unary("square", np.square, lambda out, x: 2 * x)
sqrt = unary("sqrt", np.sqrt, lambda out, x: 0.5 / out, unbounded=True)
# not 1 / (3 out^2), which doubles the error of out: NumPy's cbrt of float32 is 3 ulp off
cbrt = unary("cbrt", np.cbrt, lambda out, x: _slope_of_root(out, x) / 3, unbounded=True)
reciprocal = unary("reciprocal", np.reciprocal, lambda out, x: -square(out), unbounded=True)
