"""Expressions as LaTeX that KaTeX and MathJax show."""

from __future__ import annotations

from chainrule.insight.notation.expression import Expression
from chainrule.insight.notation.styles import LatexStyle
from chainrule.insight.notation.symbols import form_of
from chainrule.insight.notation.writing import Writer


def latex(expression: Expression) -> str:
    r"""An expression as LaTeX, without the marks around a formula.

    Raises:
        ArgumentError: written out, the expression is too large to be read.

    >>> from chainrule.core.graph import ArrayType
    >>> from chainrule.insight.notation.expression import Apply, Symbol
    >>> t = ArrayType((), "float64")
    >>> x, y = Symbol("x", "x", t), Symbol("y", "y", t)
    >>> print(latex(Apply("div", (Apply("sin", (x,), t), Apply("add", (x, y), t)), t)))
    \frac{\sin(x)}{x + y}
    """
    return Writer(LatexStyle()).write(expression, form_of).string
