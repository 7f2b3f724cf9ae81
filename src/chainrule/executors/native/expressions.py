"""What each elementwise primitive is in native code: one scalar expression of its operands.

In the templates ``{x}`` and ``{y}`` stand for the operands and ``{t}`` for the name of the dtype
that they were brought to. What has no entry here runs in the interpreter.
"""

from __future__ import annotations

ARITHMETIC = {  # of floats and integers
    "add": "{x} + {y}",
    "sub": "{x} - {y}",
    "mul": "{x} * {y}",
    "neg": "-{x}",
    "square": "{x} * {x}",
    "abs": "abs({x})",
    "copy": "{x}",
    "stop_gradient": "{x}",
}
FLOAT_ONLY = {
    "div": "{x} / {y}",
    "reciprocal": "{t}(1) / {x}",
    "mul_or_zero": "({t}(0) if {x} == 0 else {x} * {y})",
    "pow": "{x} ** {y}",
    "sqrt": "np.sqrt({x})",
    "exp": "exp_{t}({x})",
    "expm1": "expm1_{t}({x})",
    "expit": "expit_{t}({x})",
    "tanh": "tanh_{t}({x})",
    "log": "np.log({x})",
    "log1p": "np.log1p({x})",
    "log_expit": "(min({x}, {t}(0)) - np.log1p(exp_{t}(-abs({x}))))",
    "sin": "np.sin({x})",
    "cos": "np.cos({x})",
    "tan": "np.tan({x})",
    "arctan": "np.arctan({x})",
    "sinh": "np.sinh({x})",
    "cosh": "np.cosh({x})",
    "maximum": "({x} if {x} >= {y} or {x} != {x} else {y})",
    "minimum": "({x} if {x} <= {y} or {x} != {x} else {y})",
    "floor": "np.floor({x})",
    "ceil": "np.ceil({x})",
    "sign": "({x} if {x} != {x} else {t}({x} > 0) - {t}({x} < 0))",
}
TRUTH = {
    "less": "{x} < {y}",
    "less_equal": "{x} <= {y}",
    "greater": "{x} > {y}",
    "greater_equal": "{x} >= {y}",
    "equal": "{x} == {y}",
    "not_equal": "{x} != {y}",
    "isfinite": "np.isfinite({x})",
    "isnan": "{x} != {x}",
}
BOOLEAN = {
    "logical_and": "{x} & {y}",
    "logical_or": "{x} | {y}",
    "logical_not": "not {x}",
    "bitwise_and": "{x} & {y}",
    "bitwise_or": "{x} | {y}",
}
