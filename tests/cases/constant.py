"""What is piecewise constant: comparisons, rounding, integers, positions."""

from __future__ import annotations

import numpy as np

import chainrule as cr

from .table import MASK, case, ints, x, y, z

# ---- piecewise constant --------------------------------------------------------------------------

for _name in (
    "less", "less_equal", "greater", "greater_equal", "equal", "not_equal", "logical_and",
    "logical_or", "logical_xor", "heaviside", "floor_divide",
):  # fmt: skip
    case(_name, getattr(np, _name), x(2, 3), y(3), constant=True)
    case(f"{_name}-python", getattr(np, _name), 1.7, 0.5, constant=True)
for _name in (
    "logical_not", "isnan", "isinf", "isfinite", "signbit", "floor", "ceil", "rint", "trunc",
    "sign", "round", "around",
):  # fmt: skip
    case(_name, getattr(np, _name), x(2, 3), constant=True)
    case(f"{_name}-python", getattr(np, _name), 1.6, constant=True)
for _name in (
    "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift", "gcd", "lcm",
):  # fmt: skip
    case(_name, getattr(np, _name), ints(2, 3), ints(3), constant=True)
case("invert", np.invert, ints(4), constant=True)
case("bitwise_count", np.bitwise_count, ints(4), constant=True)
case("integer-operators", lambda i, j: ((i & j) | (i ^ 3)) + (i << 1) - (j >> 1) + ~i // 2,
     ints(4), ints(4), constant=True)  # fmt: skip
case("comparison-operators", lambda a, b: ((a < b) | (a >= 1.0)) & ~((a == b) ^ (a != b)),
     x(4), y(4), constant=True)  # fmt: skip
case("sign-complex", np.sign, z(3))
case("round-decimals", lambda a: np.round(a, 1), x(5), constant=True)
case("stop_gradient", lambda a: a * cr.stop_gradient(a * a), x(3), smooth=False)
case("argmax", np.argmax, x(2, 3), constant=True)
case("argmax-axis", lambda a: np.argmax(a, axis=-1), x(2, 3), constant=True)
case("argmin-keepdims", lambda a: np.argmin(a, axis=0, keepdims=True), x(2, 3), constant=True)
case("argmax-none-keepdims", lambda a: np.argmax(a, keepdims=True), x(2, 3), constant=True)
case("argmin-method", lambda a: a.argmin(), x(2, 3), constant=True)
case("argsort", np.argsort, x(2, 4), constant=True)
case("argsort-axis-0", lambda a: np.argsort(a, axis=0), x(3, 2), constant=True)
case("argsort-none", lambda a: np.argsort(a, axis=None), x(3, 2), constant=True)
case("all", lambda a: np.all(a > -1.0, axis=1), x(2, 3), constant=True)
case("any", lambda a: np.any(a > 1.0), x(2, 3), constant=True)
case("any-where", lambda a: np.any(a > 1.0, axis=0, where=MASK), x(2, 3), constant=True)
case("all-keepdims", lambda a: (a > -1.0).all(axis=0, keepdims=True), x(2, 3), constant=True)
case("nonzero", lambda a: np.nonzero(a > 0), x(2, 3), constant=True, by_types=False)
case("where-one-argument", lambda a: np.where(a > 0), x(2, 3), constant=True, by_types=False)
case("shape-ndim-size", lambda a: a * np.ndim(a) + np.size(a) + np.size(a, 1) + np.shape(a)[0],
     x(2, 3))  # fmt: skip
