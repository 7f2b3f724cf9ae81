"""What each elementwise primitive is in native code: one scalar expression of its operands.

In the templates ``{x}``, ``{y}`` and ``{z}`` stand for the operands and ``{t}`` for the name of the
dtype that they were brought to. What has no entry here runs in the interpreter.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.executors.native.special import SPECIAL

ARITHMETIC = {  # of floats and integers
    "add": "{x} + {y}",
    "sub": "{x} - {y}",
    "mul": "{x} * {y}",
    "neg": "-{x}",
    "square": "{x} * {x}",
    "abs": "abs({x})",
    "copy": "{x}",
    "stop_gradient": "{x}",
    "conj": "{x}",
    "real": "{x}",
    "imag": "{t}(0)",
}
FLOAT_ONLY = {
    "div": "{x} / {y}",
    "reciprocal": "{t}(1) / {x}",
    "mul_or_zero": "choose(({x} == 0) | ({y} == 0), {t}(0), {x} * {y})",
    "pow": "pow_{t}({x}, {y})",
    "sqrt": "np.sqrt({x})",
    "exp": "exp_{t}({x})",
    "expm1": "expm1_{t}({x})",
    "expit": "expit_{t}({x})",
    "tanh": "tanh_{t}({x})",
    "sech_squared": "sech_squared_{t}({x})",
    "log": "log_{t}({x})",
    "log1p": "log1p_{t}({x})",
    "log_expit": "(min({x}, {t}(0)) - log1p_{t}(exp_{t}(-abs({x}))))",
    "sin": "sin_{t}({x})",
    "cos": "cos_{t}({x})",
    "tan": "tan_{t}({x})",
    "arctan": "arctan_{t}({x})",
    "sinh": "sinh_{t}({x})",
    "cosh": "cosh_{t}({x})",
    "exp2": "exp2_{t}({x})",
    "floor_divide": "floor_divide_{t}({x}, {y})",
    "logaddexp": "logaddexp_{t}({x}, {y})",
    "maximum": "choose(({x} >= {y}) | ({x} != {x}), {x}, {y})",
    "minimum": "choose(({x} <= {y}) | ({x} != {x}), {x}, {y})",
    "floor": "np.floor({x})",
    "ceil": "np.ceil({x})",
    "sign": "choose({x} != {x}, {x}, {t}({x} > 0) - {t}({x} < 0))",
}
CALLS = {  # by NumPy's own name for it
    name: f"np.{name}({{x}})"
    for name in (
        "arccos", "arccosh", "arcsin", "arcsinh", "arctanh", "cbrt", "degrees", "log10",
        "log2", "radians", "rint", "trunc",
    )
} | {
    name: f"np.{name}({{x}}, {{y}})"
    for name in (
        "arctan2", "copysign", "fmax", "fmin", "fmod", "hypot",
        "logaddexp2", "mod",
    )
} | {
    "heaviside": "choose({x} == 0, {y}, choose({x} != {x}, {x}, {t}({x} > 0)))",
    "erf": "{t}(math.erf({x}))",
    "ndtr": "{t}(0.5 * math.erfc({x} * -0.7071067811865476))",
}  # fmt: skip
INTEGER = {
    name: f"np.{name}({{x}}, {{y}})"
    for name in (
        "floor_divide", "mod", "fmod", "gcd", "lcm", "left_shift", "right_shift", "bitwise_and",
        "bitwise_or", "bitwise_xor",
    )
} | {
    "invert": "~{x}",
    "maximum": "max({x}, {y})",
    "minimum": "min({x}, {y})",
    "fmax": "max({x}, {y})",
    "fmin": "min({x}, {y})",
    "sign": "{t}({x} > 0) - {t}({x} < 0)",
    "pow": "pow_{t}({x}, {y})",
    "mul_or_zero": "{x} * {y}",
    "floor": "{x}",
    "ceil": "{x}",
    "trunc": "{x}",
}  # fmt: skip
TRUTH = {
    "less": "{x} < {y}",
    "less_equal": "{x} <= {y}",
    "greater": "{x} > {y}",
    "greater_equal": "{x} >= {y}",
    "equal": "{x} == {y}",
    "not_equal": "{x} != {y}",
    "isfinite": "np.isfinite({x})",
    "isinf": "np.isinf({x})",
    "signbit": "np.signbit({x})",
    "logical_and": "({x} != 0) & ({y} != 0)",
    "logical_or": "({x} != 0) | ({y} != 0)",
    "logical_xor": "({x} != 0) != ({y} != 0)",
    "logical_not": "{x} == 0",
    "isnan": "{x} != {x}",
}
BOOLEAN = {
    "bitwise_and": "{x} & {y}",
    "bitwise_or": "{x} | {y}",
    "bitwise_xor": "{x} != {y}",
    "invert": "not {x}",
    "add": "{x} | {y}",
    "mul": "{x} & {y}",
    "mul_or_zero": "{x} & {y}",
    "maximum": "{x} | {y}",
    "minimum": "{x} & {y}",
    "fmax": "{x} | {y}",
    "fmin": "{x} & {y}",
} | dict.fromkeys(("abs", "ceil", "copy", "floor", "real", "stop_gradient", "trunc"), "{x}") | {
    "imag": "False",
}  # fmt: skip

POWERS = {  # to a number; by multiplications, at most 2 ulp from the power
    0.5: "choose({x} == {t}(-np.inf), {t}(np.inf), np.sqrt({x} + {t}(0)))",
    1.0: "{x}",
    1.5: "choose({x} == {t}(-np.inf), {t}(np.inf), {x} * np.sqrt({x}))",
    2.0: "{x} * {x}",
    3.0: "{x} * {x} * {x}",
    4.0: "({x} * {x}) * ({x} * {x})",
    -1.0: "{t}(1) / {x}",
    -2.0: "({t}(1) / {x}) * ({t}(1) / {x})",
}


def power(exponent: object) -> str | None:
    """The expression of a float to a power that is a number known beforehand, if it has one."""
    return POWERS.get(exponent) if isinstance(exponent, (int, float)) else None


def template(name: str, operand: np.dtype[Any], out: np.dtype[Any]) -> str | None:
    """The expression of a primitive for operands brought to one dtype; None if there is none."""
    if name in TRUTH:
        return TRUTH[name]
    if operand != out:
        return None
    tables = {
        "f": ARITHMETIC | FLOAT_ONLY | CALLS | SPECIAL,
        "i": ARITHMETIC | INTEGER,
        "b": BOOLEAN,
    }
    return tables[operand.kind].get(name)
