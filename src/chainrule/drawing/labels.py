"""What stands in the box of an equation: the operation as people write it.

``label`` is short ("+ 1", "σ", "sum", "[0, :]"), ``detail`` has the parameters that must be seen
with it, ``description`` all of them and the name of the primitive. Numbers that stand in an
equation are a part of its label; arrays are nodes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.drawing.short import number

INFIX = {
    "add": "+", "sub": "−", "mul": "×", "mul_or_zero": "×", "div": "÷", "pow": "^",
    "matmul": "@", "mod": "mod", "fmod": "fmod", "floor_divide": "//", "less": "<",
    "less_equal": "≤", "greater": ">", "greater_equal": "≥", "equal": "=", "not_equal": "≠",
    "logical_and": "and", "logical_or": "or", "logical_xor": "xor", "bitwise_and": "&",
    "bitwise_or": "|", "bitwise_xor": "xor", "left_shift": "<<", "right_shift": ">>",
}  # fmt: skip
"""Operations of two inputs that are written between them."""

SIGNS = {
    "neg": "−", "expit": "σ", "sech_squared": "sech²", "square": "x²", "sqrt": "√", "cbrt": "∛",
    "reciprocal": "1/x", "abs": "|x|", "exp2": "2^x", "exp10": "10^x", "logical_not": "not",
    "invert": "~", "floor": "⌊x⌋", "ceil": "⌈x⌉", "convert_to_discrete": "convert",
    "log_expit": "log σ", "select": "where", "gammaln": "ln Γ", "gamma": "Γ", "ndtr": "Φ",
}  # fmt: skip
"""Other operations whose sign is not their name."""

MAX_LABEL = 24


def is_inside(x: Var | Literal) -> bool:
    """Whether an operand stands in the label: a single number."""
    return isinstance(x, Literal) and x.type.shape == ()


def label(equation: Equation) -> str:
    """The operation as it is written, with the numbers that stand in it.

    >>> import chainrule as cr
    >>> graph = cr.trace(lambda x: 1 / (2 * x[0] + x[1] ** 2))(cr.ArrayType((2,), "float64"))
    >>> [label(equation) for equation in graph.equations]
    ['[0]', '2 ×', '[1]', '^ 2', '+', '1 ÷']
    """
    name = equation.primitive.name
    special = _SPECIAL.get(name)
    made = special(equation) if special is not None else ""
    return made or _written(equation, INFIX.get(name), SIGNS.get(name, name))


def _written(equation: Equation, sign: str | None, name: str) -> str:
    inputs = equation.inputs
    if sign is not None and len(inputs) == 2:
        left, right = (_constant(x) if is_inside(x) else "" for x in inputs)
        if right.startswith("-") and sign in "+−×÷":
            right = f"({right})"
        return " ".join(part for part in (left, sign, right) if part)
    if any(map(is_inside, inputs)):
        inner = ", ".join(_constant(x) if is_inside(x) else "·" for x in inputs)
        return _cut(f"{name}({inner})")
    return name


def _constant(x: Var | Literal) -> str:
    return number(np.asarray(cast("Literal", x).value)[()])


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LABEL else f"{text[: MAX_LABEL - 1]}…"


def _index_of(equation: Equation) -> str:
    return _cut(index_text(equation.params["index"]))


def _is_matrix_transpose(equation: Equation) -> bool:
    return equation.primitive.name == "transpose" and tuple(equation.params["order"]) == (1, 0)


def _of_setitem(equation: Equation) -> str:
    _, value, *_ = equation.inputs
    written = f" {_constant(value)}" if is_inside(value) else ""
    return _cut(f"{index_text(equation.params['index'])} ←{written}")


_SPECIAL: dict[str, Callable[[Equation], str]] = {
    "getitem": _index_of,
    "setitem": _of_setitem,
    "scatter_add": lambda e: f"into {_index_of(e)}",
    "scan": lambda e: f"scan × {e.params['length']}",
    "transpose": lambda e: ".T" if _is_matrix_transpose(e) else "",
}


def index_text(index: tuple[Any, ...]) -> str:
    """An index as it is written.

    >>> index_text((slice(None), slice(1, None), None, 3, Ellipsis))
    '[:, 1:, None, 3, ...]'
    """
    return f"[{', '.join(map(param_text, index))}]"


def param_text(value: Any) -> str:
    """One parameter of an equation, as it is written."""
    if isinstance(value, slice):
        whole = cast("slice[Any, Any, Any]", value)
        bounds = ["" if b is None else str(b) for b in (whole.start, whole.stop)]
        return ":".join([*bounds, *([] if whole.step is None else [str(whole.step)])])
    if isinstance(value, tuple):
        parts = [param_text(v) for v in cast("tuple[Any, ...]", value)]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if isinstance(value, np.ndarray):
        array = cast("Any", value)
        return f"<{array.dtype}{list(array.shape)}>"
    return "..." if value is Ellipsis else str(value)


def shape_text(kind: ArrayType) -> str:
    """The shape of an array, "" for a number.

    >>> shape_text(ArrayType((30, 784), "float64")), shape_text(ArrayType((), "float64"))
    ('30 × 784', '')
    """
    return " × ".join(map(str, kind.shape))


SHOWN = ("axes", "axis", "order", "mode")
"""Parameters that stand below the label."""


def detail(equation: Equation) -> str:
    """What must be seen of the parameters.

    >>> import numpy as np, chainrule as cr
    >>> detail(cr.trace(lambda x: np.sum(x, axis=1))(np.ones((2, 3))).equations[0])
    'axes 1'
    """
    if _is_matrix_transpose(equation):
        return ""
    known = equation.params
    told = {k: known[k] for k in SHOWN if known.get(k) not in (None, ())}
    if equation.primitive.name == "einsum":
        return _cut(f"{','.join(known['terms'])} → {known['result']}")
    if equation.primitive.name in ("reshape", "broadcast_to"):
        return shape_text(equation.outputs[0].type)
    return _cut(", ".join(f"{k} {_listed(v)}" for k, v in told.items()))


def _listed(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(param_text, cast("tuple[Any, ...]", value)))
    return param_text(value)


def description(equation: Equation) -> str:
    """The primitive, its parameters and the types of its results, for a tooltip.

    >>> import numpy as np, chainrule as cr
    >>> description(cr.trace(lambda x: np.sum(x, axis=1))(np.ones((2, 3))).equations[0])
    'sum, axes (1,): float64[2]'
    """
    plain = {k: v for k, v in equation.params.items() if _is_plain(v)}
    told = [_cut(f"{k} {param_text(v)}") for k, v in plain.items()]
    types = ", ".join(str(v.type) for v in equation.outputs)
    return f"{', '.join([equation.primitive.name, *told])}: {types}"


def _is_plain(value: Any) -> bool:
    return not isinstance(value, Graph) and (
        value is Ellipsis or isinstance(value, (bool, int, float, str, tuple, slice, np.dtype))
    )


MOVING = {"transpose", "reshape", "broadcast_to", "getitem", "convert", "copy", "scatter_add"}
MOST_SIGNS = 4


def summary(equations: Sequence[Equation]) -> str:
    """What a group of equations does: its signs in order, each once.

    >>> import numpy as np, chainrule as cr
    >>> graph = cr.trace(lambda W, x, b: np.tanh(W @ x.T + b) + b)(np.ones((2, 2)), np.ones(2), 1.0)
    >>> summary(graph.equations)
    '@ + tanh'
    """
    names = [e.primitive.name for e in equations]
    useful = [n for n in names if n not in MOVING] or names
    signs = list(dict.fromkeys(INFIX.get(n) or SIGNS.get(n, n) for n in useful))
    return " ".join([*signs[:MOST_SIGNS], *(["…"] if len(signs) > MOST_SIGNS else [])])
