"""A program at given values: its equations with what they give back, checked as they are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, GradientError
from chainrule.core.graph import Equation, Literal, Var
from chainrule.core.tree import flatten
from chainrule.insight.algebra.building import symbols_of
from chainrule.insight.derivations.bodies import Inner, inner_of
from chainrule.insight.derivations.edges import (
    Contribution,
    Used,
    applied,
    contributions,
    relative_error,
    tolerance,
)
from chainrule.insight.derivations.folding import folded
from chainrule.insight.derivations.parts import CotangentSum, Row, Step
from chainrule.insight.derivations.program import Program, grouped
from chainrule.insight.notation.expression import Expression, Symbol
from chainrule.insight.notation.names import cotangent
from chainrule.insight.notation.reading import evaluate_expression
from chainrule.insight.notation.text import text
from chainrule.transforms.numbers import Numbers
from chainrule.transforms.vjp import vjp

Array = Any


class Steps:
    """Rows and sums of cotangents of a program at its values.

    Args:
        program: the graph, its lines and names.
        symbols: of its variables and of the arrays that stand in it.
        transposes: variables that are written where they are used, and what they are of.
        numbers: its values and cotangents.
        limit: how many equations are shown.
        at_once: whether they are made now; else each is when :meth:`step` is asked for it.
    """

    def __init__(
        self,
        program: Program,
        symbols: Mapping[Var | Literal, Symbol],
        transposes: Mapping[Var, Var],
        numbers: Numbers,
        limit: int,
        *,
        at_once: bool = True,
    ) -> None:
        self._program = program
        self._symbols = dict(symbols)
        self._transposes = transposes
        self._numbers = numbers
        self._limit = limit
        equations = program.graph.equations
        half = (limit + 1) // 2
        ends = {*equations[:half], *equations[max(half, len(equations) - limit // 2) :]}
        self.shown = set(equations) if len(equations) <= limit else ends
        self.error = 0.0
        self._terms: dict[Var, list[Contribution]] = {}
        made = reversed(equations) if at_once else ()
        self._steps = {e: self.step(e) for e in made if e in self.shown}
        if transposes:
            made = folded(self._steps, self._terms, transposes, self._symbols, self._check_written)
            self._steps, self._terms = made.steps, made.terms

    def _check_written(self, x: Expression, value: Array) -> None:
        known = self._by_text
        if all(name in known for name in symbols_of(x)):  # a rule that is named was checked before
            self._check(evaluate_expression(x, known), value, text(x))

    @cached_property
    def _by_text(self) -> dict[str, Array]:
        """Values and cotangents of all symbols."""
        known: dict[str, Array] = {}
        for v, symbol in self._symbols.items():
            known[symbol.text] = self._numbers.value(v)
            ct = self._cotangent(v) if isinstance(v, Var) else None
            if ct is not None:
                known[cotangent(symbol).text] = ct
        return known

    def _cotangent(self, v: Var) -> Array | None:
        return self._numbers.cotangent(v) if v.type.dtype.kind in "fc" else None

    def step(self, equation: Equation) -> Step:
        """One equation: what it is equal to, and what it gives back, each checked by numbers."""
        right = applied(equation, self._symbols)
        values = tuple(self._numbers.value(v) for v in equation.outputs)
        used = Used(
            equation,
            self._symbols,
            {x: self._numbers.value(x) for x in (*equation.inputs, *equation.outputs)},
            tuple(map(self._cotangent, equation.outputs)),
        )
        for x, value in zip(right, values, strict=True):
            self._check(evaluate_expression(x, used.by_text()), value, equation.primitive.name)
        left = tuple(self._symbols[v] for v in equation.outputs)
        inner = inner_of(used, self._program.inner_names)
        body = () if inner is None else self._body(inner)
        title = "" if inner is None else inner.title
        return Step(left, right, values, tuple(self._contributions(used)), body, title)

    def _contributions(self, used: Used) -> list[Contribution]:
        if all(ct is None for ct in used.cotangents):
            return []
        inputs = used.equation.inputs
        wanted = [isinstance(x, Var) and self._cotangent(x) is not None for x in inputs]
        found: list[Contribution] = []
        for x, c in zip(inputs, contributions(used, wanted), strict=True):
            if c is not None and isinstance(x, Var):
                found.append(c)
                self.error = max(self.error, c.error)
                self._terms.setdefault(x, []).append(c)
        return found

    def _body(self, inner: Inner) -> tuple[Row, ...]:
        """Rows of a graph that an equation holds, at its first values."""
        rng = np.random.default_rng(0)
        floats = [isinstance(x, Var) and x.type.dtype.kind in "fc" for x in inner.graph.outputs]
        if not any(floats):
            return ()
        seeds = [
            rng.normal(size=x.type.shape).astype(x.type.dtype)[()] if ok else None
            for x, ok in zip(inner.graph.outputs, floats, strict=True)
        ]
        numbers = Numbers(inner.graph, inner.values, seeds)
        lines = tuple(grouped(inner.graph.equations, {}))
        program = Program(inner.graph, lines, {}, None, self._program.inner_names)
        steps = Steps(program, inner.symbols, inner.transposes, numbers, self._limit)
        self.error = max(self.error, steps.error)
        return steps.rows

    def _check(self, found: Array, value: Array, what: str) -> None:
        error = relative_error(found, value)
        if not error <= tolerance(value):
            raise GradientError(
                f"{what}: a line of the derivation has relative error {error:.1e}; this is a bug in"
                " chainrule, please report it with the function"
            )
        self.error = max(self.error, error)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Lines of the source with their equations; equations that are too many are counted."""
        rows: list[Row] = []
        for line in self._program.lines:
            kept = tuple(self._steps[e] for e in line.equations if e in self._steps)
            missing = sum(1 for e in line.equations if e not in self.shown)
            if missing and not kept and rows and rows[-1].left_out:
                rows[-1] = Row("", None, rows[-1].steps, rows[-1].left_out + missing)
            elif missing and not kept:
                rows.append(Row("", None, (), missing))
            elif kept or not (rows and rows[-1].left_out):
                rows.append(Row(line.text, line.source, kept, missing))
        return tuple(rows)

    @cached_property
    def sums(self) -> tuple[CotangentSum, ...]:
        """Cotangents in the order in which the reverse sweep has them complete."""
        graph = self._program.graph
        made = [v for e in graph.equations for v in e.outputs]
        hidden = self._hidden_uses()
        sums: list[CotangentSum] = []
        for v in (*reversed(made), *graph.inputs):
            if v in self._transposes:
                continue
            value, terms = self._cotangent(v), tuple(self._terms.get(v, ()))
            more = hidden.get(v, 0)
            if value is None and v in graph.inputs and v.type.dtype.kind in "fc":
                value = np.zeros(v.type.shape, v.type.dtype)[()]  # no derivative leads to it
            if value is None or not (terms or v in graph.outputs or v in graph.inputs):
                continue
            if not more and terms and v not in graph.outputs:
                total = sum((t.value for t in terms[1:]), terms[0].value)
                self._check(total, value, f"the sum of {cotangent(self._symbols[v]).text}")
            sums.append(CotangentSum(self._symbols[v], terms, more, value, v in graph.inputs))
        return tuple(sums)

    def _hidden_uses(self) -> dict[Var, int]:
        """How many equations that are not shown give something to a variable's cotangent."""
        found: dict[Var, int] = {}
        for e in self._program.graph.equations:
            if e in self.shown or all(self._cotangent(v) is None for v in e.outputs):
                continue
            for v in e.inputs:
                while isinstance(v, Var) and v in self._transposes:
                    v = self._transposes[v]
                if isinstance(v, Var):
                    found[v] = found.get(v, 0) + 1
        return found

    def confirm(self, f: Callable[..., Any], leaves: Sequence[Any], seed: Any) -> None:
        """Compare the derivatives in the arguments with those of an eager sweep of the function.

        Raises:
            ArgumentError: the function has another result now.
            GradientError: the derivatives differ.
        """
        out, pullback = vjp(f, *leaves)
        for x, before in zip(flatten(out)[0], self._program.graph.outputs, strict=True):
            if relative_error(x, self._numbers.value(before)) > tolerance(x):
                raise ArgumentError(
                    "the function has another result at a second call with the same arguments; give"
                    " it a random generator that is made anew in each call, or no state"
                )
        for v, expected in zip(self._program.graph.inputs, pullback(seed), strict=True):
            found = self._cotangent(v)
            none = np.zeros(np.shape(expected)) if found is None else found
            self._check(none, expected, f"the derivative in {self._symbols[v].text}")
