"""Expressions as Unicode text, for terminals and docstrings."""

from __future__ import annotations

from chainrule.insight.notation.expression import Expression
from chainrule.insight.notation.styles import TextStyle
from chainrule.insight.notation.symbols import form_of
from chainrule.insight.notation.writing import Writer


def text(expression: Expression) -> str:
    """An expression as Unicode text.

    Matrix products stand side by side, elementwise products of arrays have ``⊙``, products with a
    scalar ``·``; arrays with one axis are columns; ``∑₀`` is a sum over the axis 0, ``∑`` over all;
    ``[p]`` is 1 where p holds, else 0.

    Raises:
        ArgumentError: written out, the expression is too large to be read.

    >>> from chainrule.core.graph import ArrayType
    >>> from chainrule.insight.notation.expression import Apply, Constant, Symbol
    >>> t = ArrayType((3,), "float64")
    >>> a, y = Symbol("a^L", "a^{L}", t), Symbol("y", "y", t)
    >>> one = Constant(1, ArrayType((), "float64", weak=True))
    >>> slope = Apply("mul", (a, Apply("sub", (one, a), t)), t)
    >>> print(text(Apply("mul", (Apply("sub", (a, y), t), slope), t)))
    (a^L - y) ⊙ a^L ⊙ (1 - a^L)
    """
    return Writer(TextStyle()).write(expression, form_of).string
