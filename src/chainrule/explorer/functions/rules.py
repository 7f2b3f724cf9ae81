"""One equation of a traced function: its rule in symbols and in numbers, forwards and backwards.

The symbols come from :class:`~chainrule.insight.derivations.steps.Steps`, which checks each by
numbers, as ``chainrule explain`` shows them; here they are written as LaTeX with numbers put in.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.core.errors import ChainruleError
from chainrule.core.graph import Equation, Literal, Var
from chainrule.drawing.short import FEW, number, short
from chainrule.explorer.functions.sweeping import Moments
from chainrule.explorer.functions.traced import Array, Traced, sum_of
from chainrule.insight.algebra.building import replaced, substituted, symbols_of
from chainrule.insight.derivations.edges import Contribution, relative_error, tolerance
from chainrule.insight.derivations.parts import Row, Step
from chainrule.insight.notation.expression import Apply, Constant, Expression, Symbol
from chainrule.insight.notation.latex import latex
from chainrule.insight.notation.live import live
from chainrule.insight.notation.names import cotangent
from chainrule.insight.notation.reading import evaluate_expression
from chainrule.insight.notation.text import text

Plain = Any
MOST_TERMS = 6  # of a sum that are written out
MOST_ROWS = 40  # of the body of a loop
MOST_ENTRIES = 250_000  # of an array whose numbers are sent


class Rules:
    """What there is to say of the equations of a traced function."""

    def __init__(self, traced: Traced) -> None:
        self._traced = traced
        self._moments = Moments(traced)

    def of(self, n: int) -> Plain:
        """Equation ``n``: its forward rule, and what it gives back to each operand."""
        equation = self._traced.graph.equations[n]
        try:
            with np.errstate(all="ignore"):
                step = self._traced.step(equation)
        except ChainruleError as error:
            return {"problem": str(error), "forward": None, "backward": [], "body": []}
        return {
            "problem": "",
            "forward": self._forward(equation, step),
            "backward": [*self._backward(n, equation, step)],
            "title": step.title,
            "body": [*_body(step.body)][:MOST_ROWS],
        }

    # ---- forwards -------------------------------------------------------------------------------

    def _forward(self, equation: Equation, step: Step) -> Plain:
        left = ", ".join(s.latex for s in step.left)
        value = step.values[0] if len(step.values) == 1 else None
        return {
            "latex": f"{left} = {latex(step.right[0])}",
            "text": f"{', '.join(s.text for s in step.left)} = {text(step.right[0])}",
            "numbers": self._numbers(step.right[0]),
            "value": "" if value is None else short(value),
            "results": [self.variable(v) for v in equation.outputs],
            "operands": self._operands(equation),
        }

    def _operands(self, equation: Equation) -> list[str]:
        known = self._traced.symbols
        return [known[x].text for x in dict.fromkeys(equation.inputs) if x in known]

    def _numbers(self, x: Expression) -> str:
        """``2 + 1`` for ``a + b``, as LaTeX; "" where it is no formula of single numbers."""
        if x.type.shape or x.type.dtype.kind != "f" or not isinstance(x, Apply):
            return ""
        try:
            with np.errstate(all="ignore"):
                found = live(x, self._known, ())
        except (ChainruleError, ValueError, TypeError, OverflowError):
            return ""
        return "" if isinstance(found, Constant) else latex(replaced(found, _decimal))

    @cached_property
    def _known(self) -> dict[str, Array]:
        """Values and cotangents by the texts of their symbols."""
        traced = self._traced
        known = {symbol.text: traced.value(x) for x, symbol in traced.symbols.items()}
        for x in traced.variables:
            ct = traced.cotangent(x)
            if ct is not None:
                known[cotangent(traced.symbols[x]).text] = ct
        return known

    # ---- backwards ------------------------------------------------------------------------------

    def _backward(self, n: int, equation: Equation, step: Step) -> Sequence[Plain]:
        variables = {self._traced.symbols[x].text: x for x in equation.inputs if isinstance(x, Var)}
        done: dict[Var, Plain] = {}
        for c in step.contributions:
            x = variables[c.variable.text]
            rule = self._rule(step, c)
            before = done.get(x)
            done[x] = {
                "variable": c.variable.text,
                "latex": c.to.latex,
                "text": c.to.text,
                "rules": [*([] if before is None else before["rules"]), rule],
                "sum": self._sum(x, n),
            }
        return list(done.values())

    def _rule(self, step: Step, c: Contribution) -> Plain:
        """One term: what is added, by the chain rule, by the derivation, and in numbers."""
        to = c.to.latex + c.at("latex")
        chain, numbers = self._chain(step, c)
        return {
            "latex": rf"{to} \mathrel{{+}}= {latex(c.expression)}",
            "text": str(c),
            "to": to,
            "chain": chain,
            "right": latex(c.expression),
            "numbers": numbers,
            "value": short(c.added),
            "when": [text(a) for a in c.assumptions],
        }

    def _chain(self, step: Step, c: Contribution) -> tuple[str, str]:
        """``ē · ∂e/∂c`` and ``1 · 2``, of an equation of single real numbers that has a formula."""
        single = [*step.left, c.variable]
        if len(single) != 2 or any(s.type.shape or s.type.dtype.kind != "f" for s in single):
            return "", ""
        if any(name not in self._known for name in symbols_of(c.expression)):
            return "", ""  # a rule that is only named
        of, ct = step.left[0], cotangent(step.left[0])
        chain = rf"{ct.latex} \cdot \frac{{\partial {of.latex}}}{{\partial {c.variable.latex}}}"
        local = self._local(c, ct)
        if local is None:
            return chain, ""
        numbers = [_factor(self._known[ct.text], first=True), _factor(local)]
        return chain, r" \cdot ".join(numbers)

    def _local(self, c: Contribution, ct: Symbol) -> Array | None:
        """The number of ∂e/∂c: the term with 1 in the place of ē."""
        one = Constant(np.ones((), ct.type.dtype)[()], ct.type)
        with np.errstate(all="ignore"):
            found = evaluate_expression(substituted(c.expression, {ct.text: one}), self._known)
            product = np.asarray(found * self._known[ct.text], np.asarray(c.added).dtype)
        return found if relative_error(product, c.added) <= tolerance(c.added) else None

    def _sum(self, x: Var, n: int) -> Plain:
        """The cotangent of a variable after equation ``n`` gave its terms to it."""
        uses = [use for use in self._traced.uses[x] if self._traced.contribution(*use) is not None]
        here = self._moments.given(n)
        so_far = [use for use in uses if self._moments.given(use[0]) <= here]
        parts = [self._traced.contribution(*use) for use in so_far]
        total = sum_of(parts)
        shown = so_far[-MOST_TERMS:]
        terms = [self._term(x, *use) for use in shown]
        dots = [r"\cdots"] if len(shown) < len(so_far) else []
        numbers = [_number(p) for p in parts[-len(shown) :] if p is not None]
        return {
            "latex": _joined([*dots, *(t for t in terms if t)]),
            "numbers": _joined(numbers) if all(numbers) and not dots else "",
            "value": "" if total is None else short(total),
            "terms": len(so_far),
            "of": len(uses),
        }

    def _term(self, x: Var, n: int, i: int) -> str:
        """What one use gives back, in symbols."""
        if n < 0:
            return "1"
        equation = self._traced.graph.equations[n]
        with np.errstate(all="ignore"):
            step = self._traced.step(equation)
        own = [c for c in step.contributions if c.variable.text == self._traced.symbols[x].text]
        operands = [k for k, y in enumerate(equation.inputs) if y is x]
        c = own[operands.index(i)]
        return latex(c.expression)

    # ---- one variable ---------------------------------------------------------------------------

    def variable(self, x: Var | Literal) -> Plain:
        """A variable or array with all its numbers."""
        symbol = self._traced.symbols[x]
        value = self._traced.value(x)
        ct = self._traced.cotangent(x) if isinstance(x, Var) else None
        return {
            "name": symbol.text,
            "latex": symbol.latex,
            "bar": cotangent(symbol).text,
            "type": str(x.type),
            "value": _plain(value),
            "short": short(value),
            "gradient": None if ct is None else _plain(ct),
            "short_gradient": "" if ct is None else short(ct),
            "at": self._moments.made.get(x, 0) if isinstance(x, Var) else 0,
            "back": self._moments.complete(x) if isinstance(x, Var) and ct is not None else -1,
        }


def _plain(x: Array) -> Plain:
    """A number as it is, an array as one whose numbers are sent, unless they are very many."""
    array: Any = np.asarray(x)
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag], axis=-1)
    if array.size > MOST_ENTRIES:
        return None
    return array if array.shape else array.item()


def _decimal(x: Expression) -> Expression | None:
    """A number that is not whole as a decimal, and not as a quotient."""
    if not isinstance(x, Constant):
        return None
    shown = _number(x.value)
    whole = shown.removeprefix("-").isdigit()
    return None if whole else Symbol(shown, f"({shown})" if shown[:1] == "-" else shown, x.type)


def _factor(x: Array, *, first: bool = False) -> str:
    """A number in a product."""
    found = _number(x)
    return rf"({found})" if found.startswith("-") and not first else found


def _number(x: Array) -> str:
    """A number or a small vector as LaTeX, "" for a larger array."""
    array = np.asarray(x)
    if array.ndim > 1 or array.size > FEW or array.dtype.kind not in "biuf":
        return ""
    if array.ndim:
        return f"[{', '.join(_number(y) for y in array)}]"
    shown = number(array)
    base, mark, exponent = shown.partition("e")
    if mark:
        return rf"{base} \cdot 10^{{{int(exponent)}}}"
    return {"nan": r"\text{nan}", "inf": r"\infty", "-inf": r"-\infty"}.get(shown, shown)


def _joined(terms: Sequence[str]) -> str:
    signed = (f" - {t[1:]}" if t.startswith("-") else f" + {t}" for t in terms[1:])
    return terms[0] + "".join(signed) if terms else ""


def _body(rows: Sequence[Row]) -> list[Plain]:
    """The equations of one turn of a loop, or of the branch that is taken."""
    found: list[Plain] = []
    for row in rows:
        for step in row.steps:
            found.append({
                "source": row.source.strip(),
                "latex": f"{', '.join(s.latex for s in step.left)} = {latex(step.right[0])}",
                "backward": [
                    rf"{c.to.latex}{c.at('latex')} \mathrel{{+}}= {latex(c.expression)}"
                    for c in step.contributions
                ],
            })  # fmt: skip
            found += _body(step.body)
    return found
