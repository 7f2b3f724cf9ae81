"""What an equation makes of the tangents of its operands: in symbols, and in numbers.

The forward counterpart of ``edges.py``: the symbols are read off the primitive's own rule, whose
push is run on types; the number is what the same rule gives for the values at hand, and an
expression is shown only if it has that number.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ChainruleError, GradientError
from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.core.primitive import Joint, missing_rule
from chainrule.insight.algebra.building import size
from chainrule.insight.derivations.edges import LONGEST, TREE, readings, relative_error, tolerance
from chainrule.insight.notation.expression import Expression, Symbol
from chainrule.insight.notation.names import tangent
from chainrule.insight.notation.reading import evaluate_expression, expression_of
from chainrule.insight.notation.text import text
from chainrule.insight.notation.writing import parts_of
from chainrule.transforms.trace import trace

Array = Any
_ANY = sys.maxsize


@dataclass(frozen=True, eq=False)
class Pushed:
    """One edge of the graph, walked forwards: ``ẏ += cos(x) · ẋ``.

    Attributes:
        operand: the position of the operand x in its equation.
        variable: the symbol of x.
        result: the symbol of the result y.
        expression: what is added to ẏ; None of what is too long to be read, or holds a program.
        value: its number, by the primitive's rule.
    """

    operand: int
    variable: Symbol
    result: Symbol
    expression: Expression | None
    value: Array

    def __str__(self) -> str:
        x, y = self.variable.text, self.result.text
        by_name = f"(∂{y}/∂{x}) {tangent(self.variable).text}"
        added = by_name if self.expression is None else text(self.expression)
        return f"{tangent(self.result).text} += {added}"

    __repr__ = __str__


@dataclass(frozen=True, eq=False)
class Entering:
    """An equation at given values, with the tangents that come in.

    Attributes:
        equation: the equation.
        symbols: of its variables, and of arrays that stand in it.
        values: of its operands and results.
        tangents: of its operands, None where they are zero.
    """

    equation: Equation
    symbols: Mapping[Var | Literal, Symbol]
    values: Mapping[Var | Literal, Array]
    tangents: tuple[Array | None, ...]

    def by_text(self) -> dict[str, Array]:
        """Values of all symbols that a rule is made of."""
        known = {self.symbols[x].text: y for x, y in self.values.items() if x in self.symbols}
        for x, t in zip(self.equation.inputs, self.tangents, strict=True):
            if t is not None:
                known[tangent(self.symbols[x]).text] = t
        return known


def pushes(entering: Entering) -> list[list[Pushed]]:
    """For each result of an equation what each operand's tangent gives to it.

    Raises:
        GradientError: no way of writing the rule has the rule's number.
        NoRuleError: the primitive has no rule for forward mode.

    >>> import chainrule as cr
    >>> from chainrule.insight.notation.names import symbol
    >>> graph = cr.trace(lambda a, b: a * b)(2.0, 3.0)
    >>> (product,) = graph.equations
    >>> variables = (*product.inputs, *product.outputs)
    >>> symbols = {v: symbol(name, v.type) for v, name in zip(variables, "abc")}
    >>> values = {v: graph.numbers.value(v) for v in variables}
    >>> pushes(Entering(product, symbols, values, (1.0, 0.5)))
    [[ċ += ȧ · b, ċ += ḃ · a]]
    """
    equation = entering.equation
    found: list[list[Pushed]] = [[] for _ in equation.outputs]
    outs = tuple(entering.values[v] for v in equation.outputs)
    operands = [entering.values[x] for x in equation.inputs]
    for i, t in enumerate(entering.tangents):
        if t is None:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = _push(equation, i, t, outs, operands)
        for k, value in enumerate(parts):
            if value is not None:
                found[k].append(_pushed(entering, i, k, value))
    return found


def _push(
    equation: Equation, i: int, t: Any, outs: Sequence[Any], operands: Sequence[Any]
) -> Sequence[Any]:
    """What the tangent of one operand gives to each result; None is zero."""
    several = equation.primitive.several
    out = tuple(outs) if several else outs[0]
    derivative = equation.primitive.derivative
    if isinstance(derivative, Joint):
        tangents = [t if j == i else None for j in range(len(operands))]
        found = derivative.push(tangents, out, *operands, **equation.params)
    elif isinstance(derivative, tuple):
        found = derivative[i].push(t, out, *operands, **equation.params)
    else:
        raise missing_rule(equation.primitive, "forward mode")
    if found is None:
        return [None] * len(outs)
    return list(found) if several else [found]


def _pushed(entering: Entering, i: int, k: int, value: Array) -> Pushed:
    equation, symbols = entering.equation, entering.symbols
    variable, result = symbols[equation.inputs[i]], symbols[equation.outputs[k]]
    known = entering.by_text()
    raw = _raw(entering, i, k)
    for expression, _ in () if raw is None else readings(raw, equation, symbols, known):
        with np.errstate(all="ignore"):
            error = relative_error(evaluate_expression(expression, known), value)
        if error <= tolerance(value):
            short = parts_of(expression) <= TREE and size(expression) <= LONGEST
            return Pushed(i, variable, result, expression if short else None, value)
    if raw is None:
        return Pushed(i, variable, result, None, value)
    raise GradientError(
        f"{equation.primitive.name}: what its rule makes of the tangent of {variable.text} is not"
        " what the rule says in symbols; this is a bug in chainrule, please report it with the"
        " function"
    )


def _raw(entering: Entering, i: int, k: int) -> Expression | None:
    """The rule of one edge as it records itself; None of what holds a program."""
    equation, symbols = entering.equation, entering.symbols
    if any(isinstance(x, Graph) for x in equation.params.values()):
        return None
    seen = [x for x in dict.fromkeys(equation.inputs) if x in symbols]
    outs = len(equation.outputs)

    def rule(t: Any, *xs: Any) -> Any:
        at = dict(zip(seen, xs[outs:], strict=True))
        operands = [at[x] if x in at else entering.values[x] for x in equation.inputs]
        return _push(equation, i, t, xs[:outs], operands)[k]

    variables = (*equation.outputs, *seen)
    types = [x.type for x in (equation.inputs[i], *variables)]
    try:
        graph = trace(rule)(*(ArrayType(t.shape, t.dtype) for t in types))
    except ChainruleError:
        return None
    given = [tangent(symbols[equation.inputs[i]]), *(symbols[v] for v in variables)]
    names = dict(zip(graph.inputs, given, strict=True))
    return expression_of(graph, names, readable=_ANY, repeated=_ANY).results[0]
