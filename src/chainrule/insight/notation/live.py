"""An expression with numbers in the place of symbols, for one entry of what it stands for.

``δ^2 = (a^2 - y) ⊙ a^2 ⊙ (1 - a^2)`` is, for neuron 7, ``(0.93 - 1) · 0.93 · (1 - 0.93)``. What
acts entry by entry is written out down to its symbols; of anything else (a product with a matrix)
the entry of the result stands there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import bind
from chainrule.insight.notation.expression import Apply, Constant, Expression
from chainrule.insight.notation.reading import evaluate_expression

Array = Any
Index = tuple[int, ...]

_DIGITS = 4


def live(expression: Expression, values: Mapping[str, Array], index: Index) -> Expression:
    """``expression`` for the entry at ``index``, with the symbols' values in it.

    Args:
        expression: of arrays that have the shape of the result, or are single numbers, or go into
            an operation that is not elementwise.
        values: the value of each symbol, by its text.
        index: of an entry of the result.

    Raises:
        TypeError: a value is complex; its real part alone would be a wrong number.

    >>> from chainrule.insight.notation.expression import Symbol
    >>> from chainrule.insight.notation.text import text
    >>> t = ArrayType((2,), "float64")
    >>> a, y = Symbol("a", "a", t), Symbol("y", "y", t)
    >>> known = {"a": np.array([0.5, 0.25]), "y": np.array([1.0, 0.0])}
    >>> print(text(live(Apply("mul", (Apply("sub", (a, y), t), a), t), known, (0,))))
    (0.5 - 1) · 0.5
    """
    if isinstance(expression, Apply) and _by_entries(expression):
        operands = tuple(live(x, values, index) for x in expression.operands)
        entry = Apply(expression.primitive, operands, _scalar(expression), expression.params)
        if _is(entry, _entry(expression, values, index)):
            return entry
    return _rounded(_entry(expression, values, index), expression)


def _by_entries(x: Apply) -> bool:
    """Whether each operand has an entry wherever the result has one, or is one number."""
    return all(operand.type.shape in ((), x.type.shape) for operand in x.operands)


def _entry(x: Expression, values: Mapping[str, Array], index: Index) -> Array:
    whole = np.asarray(evaluate_expression(x, values))
    return whole[index] if whole.ndim else whole[()]


def _is(entry: Apply, value: Array) -> bool:
    """Whether the operation, applied to entries alone, gives the entry: it is elementwise."""
    try:
        found = bind(PRIMITIVES[entry.primitive], [_value(x) for x in entry.operands], entry.params)
    except (ValueError, TypeError, IndexError):
        return False
    return np.shape(found) == () and bool(np.isclose(found, value, rtol=1e-2, atol=1e-12))


def _value(x: Expression) -> Array:
    return np.asarray(evaluate_expression(x, {}))[()]


def _rounded(value: Array, x: Expression) -> Constant:
    """A number to four digits, as it is printed."""
    if isinstance(x, Constant) and x.type.ndim == 0:
        return x
    if np.iscomplexobj(value):
        raise TypeError(f"{value} is complex: formulas are written with real numbers")
    shown = float(f"{float(value):.{_DIGITS}g}")
    return Constant(int(shown) if shown.is_integer() and abs(shown) < 1e4 else shown, _scalar(x))


def _scalar(x: Expression) -> ArrayType:
    return ArrayType((), x.type.dtype)
