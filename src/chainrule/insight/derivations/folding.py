"""Transposes without a name are written where they are used: ``X Wᵀ``, and no line of their own.

The cotangent of a transpose is the transpose of a cotangent, so what a use gives back goes to the
matrix itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.core.graph import Equation, Graph, Var
from chainrule.insight.algebra.building import replaced
from chainrule.insight.derivations.edges import Contribution, placed
from chainrule.insight.derivations.parts import Step
from chainrule.insight.notation.expression import Apply, Expression, Symbol
from chainrule.insight.notation.operators import exchanges_last

Check = Callable[[Expression, Any], None]


def foldable(graph: Graph, named: Collection[Var]) -> dict[Var, Var]:
    """Transposes without a name, and what they are the transposes of."""
    kept = {*named, *graph.outputs}
    found: dict[Var, Var] = {}
    for e in graph.equations:
        if e.primitive.name == "transpose" and exchanges_last(e.params["order"]):
            x, v = e.inputs[0], e.outputs[0]
            if isinstance(x, Var) and v not in kept:
                found[v] = x
    return found


@dataclass(frozen=True)
class Folded:
    """Steps without those of transposes, and the terms of cotangents with theirs."""

    steps: dict[Equation, Step]
    terms: dict[Var, list[Contribution]]


def folded(
    steps: Mapping[Equation, Step],
    terms: Mapping[Var, list[Contribution]],
    of: Mapping[Var, Var],
    symbols: Mapping[Any, Symbol],
    check: Check,
) -> Folded:
    """Steps and terms in which transposes are written where they are used.

    Args:
        steps: by their equations.
        terms: contributions to the cotangent of each variable.
        of: transposes, and what they are of.
        symbols: of the variables.
        check: raises if an expression does not have a number.
    """
    meaning = {symbols[v].text: (v, x) for v, x in of.items()}

    def spelled(y: Expression) -> Expression | None:
        if not isinstance(y, Symbol) or y.text not in meaning:
            return None
        v, x = meaning[y.text]
        return Apply("transpose", (written(symbols[x]),), v.type, {"order": _order(v)})

    def written(y: Expression) -> Expression:
        return replaced(y, spelled)

    changed: dict[int, Contribution] = {}
    for c in (c for step in steps.values() for c in step.contributions):
        changed[id(c)] = _redirected(replace(c, expression=written(c.expression)), meaning, symbols)
        if c.variable.text in meaning:
            check(changed[id(c)].expression, changed[id(c)].added)
    kept = {
        e: replace(
            step,
            right=tuple(map(written, step.right)),
            contributions=tuple(changed[id(c)] for c in step.contributions),
        )
        for e, step in steps.items()
        if e.outputs[0] not in of
    }
    return Folded(kept, _terms(steps, terms, of, changed))


def _terms(
    steps: Mapping[Equation, Step],
    terms: Mapping[Var, list[Contribution]],
    of: Mapping[Var, Var],
    changed: Mapping[int, Contribution],
) -> dict[Var, list[Contribution]]:
    """Terms of each cotangent: in the place of a transpose's own step what its uses gave."""
    through = {
        id(c): e.outputs[0]
        for e, step in steps.items()
        if e.outputs[0] in of
        for c in step.contributions
    }

    def opened(c: Contribution) -> list[Contribution]:
        if id(c) not in through:
            return [changed[id(c)]]
        return [y for t in terms.get(through[id(c)], []) for y in opened(t)]

    return {v: [y for c in found for y in opened(c)] for v, found in terms.items() if v not in of}


def _redirected(
    c: Contribution, meaning: Mapping[str, tuple[Var, Var]], symbols: Mapping[Any, Symbol]
) -> Contribution:
    """A contribution to a transpose as one to what it is the transpose of."""
    if c.variable.text not in meaning:
        return c
    while c.variable.text in meaning:
        v, x = meaning[c.variable.text]
        whole = c.expression
        if c.index is not None:
            params = {"index": c.index, "shape": v.type.shape}
            whole = Apply("scatter_add", (whole,), v.type, params)
        value = np.swapaxes(c.value, -1, -2)
        c = replace(
            c, variable=symbols[x], index=None, expression=transposed(whole, x), value=value
        )
    index, expression = placed(c.expression, c.value)
    return replace(c, index=index, expression=expression)


def transposed(y: Expression, x: Var) -> Expression:
    """The transpose of an expression, which has the type of ``x``: of A B it is Bᵀ Aᵀ."""
    if isinstance(y, Apply) and y.primitive == "transpose":
        return y.operands[0]
    if isinstance(y, Apply) and y.primitive == "neg":
        return Apply("neg", (transposed(y.operands[0], x),), x.type)
    if isinstance(y, Apply) and y.primitive == "matmul":
        left, right = y.operands
        fit = left.type.ndim == right.type.ndim == 2 and left.type.shape[1] == right.type.shape[0]
        if fit:  # a rule that is named has no shape
            return Apply("matmul", (_turned(right), _turned(left)), x.type)
    return Apply("transpose", (y,), x.type, {"order": _order(x)})


def _turned(y: Expression) -> Expression:
    shape = (*y.type.shape[:-2], y.type.shape[-1], y.type.shape[-2])
    return transposed(y, Var(replace(y.type, shape=shape)))


def _order(v: Var) -> tuple[int, ...]:
    n = v.type.ndim
    return (*range(n - 2), n - 1, n - 2)
