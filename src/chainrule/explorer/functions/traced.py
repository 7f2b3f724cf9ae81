"""A function at its arguments, ready to be shown: its graph, its symbols and all numbers.

What :class:`Traced` knows, ``picture.py`` draws and ``rules.py`` explains. It is the same graph
with the same symbols that ``chainrule explain FILE.py:NAME`` writes as text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.drawing.of_graph import view_of
from chainrule.drawing.points import without_points
from chainrule.drawing.view import View
from chainrule.explorer.functions.arguments import changed
from chainrule.explorer.subjects import FunctionSubject
from chainrule.insight.derivations.edges import Used, pulled
from chainrule.insight.derivations.function import LIMIT, Prepared, prepare
from chainrule.insight.derivations.steps import Steps
from chainrule.insight.notation.expression import Symbol
from chainrule.insight.notation.names import symbol
from chainrule.transforms.numbers import Numbers

Array = Any
MOST_CHOICES = 200  # entries of results that can be chosen


@dataclass(frozen=True)
class Choice:
    """What is differentiated: a result, a sum of entries, or one entry.

    ``key`` is how the page's address names it, "" for the first of all choices.
    """

    key: str
    text: str
    latex: str


class Traced:
    """A function at its arguments, and the reverse sweep from one of its results.

    Args:
        subject: the function.
        inputs: arguments that were changed, see ``arguments.py``.
        of: which choice is differentiated; "" for the first.

    >>> from chainrule.explorer.subjects import ESSAY
    >>> traced = Traced(ESSAY, "b=3")
    >>> traced.of.text, [float(traced.numbers.value(v)) for v in traced.graph.inputs]
    ('e', [2.0, 3.0])
    """

    def __init__(self, subject: FunctionSubject, inputs: str = "", of: str = "") -> None:
        self.subject = subject
        with np.errstate(all="ignore"):  # what is not finite is shown as such
            self.prepared: Prepared = prepare(subject.f, changed(subject, inputs))
        whole = self.prepared.program.graph
        equations, outputs, points = without_points(whole)
        self.graph = replace(
            whole, equations=tuple(e for _, e in equations), outputs=outputs, numbers=None
        )
        self.symbols: dict[Var | Literal, Symbol] = {
            **self.prepared.symbols,
            **{v: symbol(n, v.type) for v, n in points.items() if v not in self.graph.inputs},
        }
        self.choices = _choices(self.graph, self.symbols)
        self.of = next((c for c in self.choices if c.key == of), self.choices[0])
        self.seeds = _seeds(self.graph, self.of.key)
        self.numbers = Numbers(self.graph, self.prepared.leaves, self.seeds)
        program = replace(self.prepared.program, graph=self.graph)
        self._steps = Steps(program, self.symbols, {}, self.numbers, LIMIT, at_once=False)
        self.step = lru_cache(None)(self._steps.step)
        self.given = lru_cache(None)(self._given)

    @cached_property
    def view(self) -> View:
        """The graph as it is drawn, unfolded and without numbers."""
        names = {v: self.symbols[v].text for v in self.variables}
        return view_of(self.graph, names=self._inner_names(self.graph) | names)

    def _inner_names(self, graph: Graph) -> dict[Var, str]:
        """Names in the graphs that equations hold; what comes in from around keeps its own."""
        found: dict[Var, str] = {}
        for e in graph.equations:
            for inner in (x for x in e.params.values() if isinstance(x, Graph)):
                found |= self._inner_names(inner) | self.prepared.program.inner_names(inner)
                operands = e.inputs[len(e.inputs) - len(inner.inputs) :]  # a condition comes first
                shared = int(e.params.get("constants", 0))
                for v, x in list(zip(inner.inputs, operands, strict=True))[:shared]:
                    found |= {v: self.symbols[x].text} if x in self.symbols else {}
        return found

    @cached_property
    def variables(self) -> tuple[Var, ...]:
        """Inputs and results of equations, in order."""
        made = (v for e in self.graph.equations for v in e.outputs)
        return (*self.graph.inputs, *made)

    @cached_property
    def uses(self) -> dict[Var, list[tuple[int, int]]]:
        """Equation and operand at which each variable is used, in the order of the reverse sweep;
        a result of the function is used by equation -1, from which its seed comes.
        """
        found: dict[Var, list[tuple[int, int]]] = {v: [] for v in self.variables}
        for k, x in enumerate(self.graph.outputs):
            if isinstance(x, Var):
                found[x].append((-1, k))
        for n in reversed(range(len(self.graph.equations))):
            for i, x in enumerate(self.graph.equations[n].inputs):
                if isinstance(x, Var):
                    found[x].append((n, i))
        return found

    def cotangent(self, v: Var) -> Array | None:
        """The derivative of what was chosen in a variable, None where nothing leads to it."""
        if v.type.dtype.kind not in "fc":
            return None
        with np.errstate(all="ignore"):
            return self.numbers.cotangent(v)

    def value(self, x: Var | Literal) -> Array:
        """The value of a variable or a constant."""
        with np.errstate(all="ignore"):
            return self.numbers.value(x)

    def contribution(self, n: int, i: int) -> Array | None:
        """What comes back to operand i of equation n; of equation -1 the seed of result i."""
        if n < 0:
            return self.seeds[i]
        x = self.graph.equations[n].inputs[i]
        if not isinstance(x, Var):
            return None
        if len(self.uses[x]) == 1:
            return self.cotangent(x)
        return self.given(n)[i]

    def _given(self, n: int) -> list[Array | None]:
        """What an equation gives back to each of its operands."""
        e = self.graph.equations[n]
        cts = tuple(map(self.cotangent, e.outputs))
        wanted = [isinstance(x, Var) and self.cotangent(x) is not None for x in e.inputs]
        if not any(wanted) or all(ct is None for ct in cts):
            return [None] * len(e.inputs)
        values = {x: self.value(x) for x in (*e.inputs, *e.outputs)}
        found = pulled(Used(e, self.symbols, values, cts), wanted)
        return [x if ok else None for x, ok in zip(found, wanted, strict=True)]

    def has_back(self, e: Equation) -> bool:
        """Whether the reverse sweep goes through an equation."""
        return any(self.cotangent(v) is not None for v in e.outputs) and any(
            isinstance(x, Var) and self.cotangent(x) is not None for x in e.inputs
        )


def _choices(graph: Graph, symbols: dict[Var | Literal, Symbol]) -> tuple[Choice, ...]:
    """What can be differentiated, the default first."""
    if not graph.outputs:
        raise ArgumentError("the function returns nothing; it must return a number or an array")
    outputs = [(k, x.type, _name(k, x, symbols)) for k, x in enumerate(graph.outputs)]
    real = [(k, t, s) for k, t, s in outputs if t.dtype.kind in "fc"]
    if len(outputs) == 1 and len(real) == 1 and not real[0][1].shape:
        return (Choice("", real[0][2].text, real[0][2].latex),)
    names = ", ".join(s.text for _, _, s in real)
    latex = ", ".join(s.latex for _, _, s in real)
    found = [Choice("", f"sum({names})", rf"\textstyle\sum({latex})")]
    for k, kind, s in real:
        if not kind.shape:
            found.append(Choice(str(k), s.text, s.latex))
        for index in np.ndindex(kind.shape) if kind.shape else ():
            at = ",".join(map(str, index))
            found.append(Choice(f"{k}[{at}]", f"{s.text}[{at}]", rf"{s.latex}_{{[{at}]}}"))
            if len(found) >= MOST_CHOICES:
                return tuple(found)
    return tuple(found)


def _name(k: int, x: Var | Literal, symbols: dict[Var | Literal, Symbol]) -> Symbol:
    return symbols[x] if x in symbols else Symbol(f"result {k}", rf"\text{{result {k}}}", x.type)


def _seeds(graph: Graph, key: str) -> list[Array | None]:
    """The cotangents of the results: ones for the sum of all entries, or a single one."""
    types = [x.type for x in graph.outputs]
    if not key:
        return [_filled(t, 1) for t in types]
    found = re.fullmatch(r"(\d+)(?:\[([\d,]*)\])?", key)
    assert found is not None, key
    seeds = [_filled(t, 0) for t in types]
    index = tuple(int(i) for i in (found[2] or "").split(",") if i)
    seed = np.array(seeds[int(found[1])])
    seed[index] = 1
    seeds[int(found[1])] = seed[()]
    return seeds


def _filled(kind: ArrayType, x: float) -> Array | None:
    return np.full(kind.shape, x, kind.dtype)[()] if kind.dtype.kind in "fc" else None


def sum_of(parts: Sequence[Array | None]) -> Array | None:
    """The sum of what is there."""
    there = [x for x in parts if x is not None]
    return sum(there[1:], there[0]) if there else None
