"""Forward and reverse mode node by node: tangents from an input on, cotangents from an output back.

Forward mode applies ∂/∂x to every node of the graph, reverse mode ∂y/∂ to every node. Each node's
number is a sum over the edges that come in, or that leave: the general chain rule, the same with
what the primitives' own rules say for the derivatives, and the same in numbers.

Rests on ``derivations/tangents.py`` and ``derivations/edges.py``, which read the rules, and on
``Numbers``, which has values and cotangents of a graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.drawing.points import without_points
from chainrule.drawing.variable_names import variable_names
from chainrule.insight.derivations.edges import Contribution, Used, contributions
from chainrule.insight.derivations.naming import symbols_of_arrays
from chainrule.insight.derivations.tangents import Entering, Pushed, pushes
from chainrule.insight.local import Point, with_numbers
from chainrule.insight.notation.expression import Constant, Symbol
from chainrule.insight.notation.names import cotangent, symbol_of_text, tangent
from chainrule.insight.sums import Sum, Term, edge_of
from chainrule.transforms.numbers import Numbers

Array = Any


@dataclass(frozen=True, eq=False)
class NodeStep:
    """One node of a sweep: an input, or an equation with its results.

    Attributes:
        key: of the node in drawings: "i0", "e3".
        sums: one for each result that has derivatives.
    """

    key: str
    sums: tuple[Sum, ...]


class Lockstep:
    """The two sweeps through a graph that was traced at values.

    Args:
        graph: a graph that was traced at values.
        start: the input number that forward mode starts from, with tangent 1.
        end: the output number that reverse mode starts from, with cotangent 1.
        symbols: of all variables, and of arrays that stand in the graph; from the source if left
            out.

    >>> import chainrule as cr
    >>> from chainrule.insight.local import input_point, output_point
    >>> def f(a, b):
    ...     c = a + b
    ...     d = b + 1
    ...     return c * d
    >>> graph = cr.trace(f)(2.0, 1.0)
    >>> sweeps = Lockstep(graph, input_point(graph, "b"), output_point(graph, 0))
    >>> for left, right in zip(sweeps.forward, sweeps.reverse):
    ...     print(f"{left.sums[0]!s:55} {right.sums[0]}")
    ȧ = 0                                                   f̄ = 1
    ḃ = 1                                                   d̄ = f̄ · ∂f/∂d = f̄ · c = 1 · 3 = 3
    ċ = ∂c/∂a · ȧ + ∂c/∂b · ḃ = ȧ + ḃ = 0 + 1 = 1           c̄ = f̄ · ∂f/∂c = f̄ · d = 1 · 2 = 2
    ḋ = ∂d/∂b · ḃ = ḃ = 1                                   b̄ = c̄ · ∂c/∂b + d̄ · ∂d/∂b = c̄ + d̄ = 2 + 3 = 5
    ḟ = ∂f/∂c · ċ + ∂f/∂d · ḋ = ċ · d + ḋ · c = 1 · 2 + 1 · 3 = 5 ā = c̄ · ∂c/∂a = c̄ = 2
    """  # noqa: E501 - what is printed

    def __init__(
        self,
        graph: Graph,
        start: Point,
        end: Point,
        symbols: Mapping[Var | Literal, Symbol] | None = None,
    ) -> None:
        self._graph, self._start, self._end = graph, start, end
        self._numbers = with_numbers(graph)
        self._kept = without_points(graph)
        self._symbols = _symbols_of(graph, self._kept.names) if symbols is None else symbols

    @property
    def order(self) -> tuple[tuple[str, tuple[Var, ...]], ...]:
        """The nodes with their results, in the order of forward mode."""
        inputs = [(f"i{n}", (v,)) for n, v in enumerate(self._graph.inputs)]
        made = [(f"e{n}", e.outputs) for n, e in self._kept.equations]
        real = [(key, tuple(v for v in vs if _has_derivative(v))) for key, vs in inputs + made]
        return tuple((key, vs) for key, vs in real if vs)

    @cached_property
    def forward(self) -> tuple[NodeStep, ...]:
        """Tangents, node by node in the order of the graph."""
        sums = {v: self._given(v) for v in self._graph.inputs if _has_derivative(v)}
        for _, e in self._kept.equations:
            sums |= self._pushed(e, sums)
        return tuple(NodeStep(key, tuple(sums[v] for v in vs)) for key, vs in self.order)

    @cached_property
    def reverse(self) -> tuple[NodeStep, ...]:
        """Cotangents, node by node, backwards."""
        back = reversed(self.order)
        return tuple(NodeStep(key, tuple(self._pulled(v) for v in vs)) for key, vs in back)

    def _given(self, v: Var) -> Sum:
        """The tangent of an input: 1 at the start, else 0."""
        is_start = v is self._start.variable
        one = _one(v.type, self._start.entry if is_start else None)
        return Sum(v, tangent(self._symbols[v]), "start" if is_start else "other", one)

    def _pushed(self, e: Equation, known: Mapping[Var, Sum]) -> dict[Var, Sum]:
        """The tangents of an equation's results."""
        tangents = tuple(
            known[x].value if isinstance(x, Var) and x in known else None for x in e.inputs
        )
        found: list[list[Pushed]] = [[] for _ in e.outputs]
        entering = Entering(e, self._symbols, self._values(e), tangents)
        if not e.primitive.is_constant and any(t is not None for t in tangents):
            found = pushes(entering)
        sums: dict[Var, Sum] = {}
        for v, parts in zip(e.outputs, found, strict=True):
            if _has_derivative(v):
                terms = [_forward_term(part) for part in parts]
                sums[v] = _summed(v, tangent(self._symbols[v]), terms, entering.by_text())
        return sums

    def _pulled(self, v: Var) -> Sum:
        """The cotangent of a variable: what all its uses give, and 1 at the end."""
        name, terms = cotangent(self._symbols[v]), list(self._uses.get(v, []))
        if v is self._kept.outputs[self._output]:
            one = _one(v.type, self._end.entry)
            if not terms:
                return Sum(v, name, "start", one)
            constant = Constant(one, v.type)
            terms.insert(0, Term((constant,), constant, one))
        return _summed(v, name, terms, self._cotangents)

    @cached_property
    def _uses(self) -> dict[Var, list[Term]]:
        """What each equation gives back to the cotangents of its operands."""
        uses: dict[Var, list[Term]] = {}
        for e, used in self._used:
            wanted = [isinstance(x, Var) and _has_derivative(x) for x in e.inputs]
            for x, found in zip(e.inputs, contributions(used, wanted), strict=True):
                if found is not None and isinstance(x, Var):
                    uses.setdefault(x, []).append(_reverse_term(found, used))
        return uses

    @cached_property
    def _used(self) -> list[tuple[Equation, Used]]:
        """The equations that the output depends on, with the cotangents of their results."""
        one = _one(self._end.variable.type, self._end.entry)
        seeds = [one if n == self._output else None for n in range(len(self._graph.outputs))]
        numbers = Numbers(self._graph, self._inputs, seeds)
        found: list[tuple[Equation, Used]] = []
        for _, e in self._kept.equations:
            cts = tuple(numbers.cotangent(v) for v in e.outputs)
            if not e.primitive.is_constant and any(ct is not None for ct in cts):
                found.append((e, Used(e, self._symbols, self._values(e), cts)))
        return found

    @cached_property
    def _cotangents(self) -> dict[str, Array]:
        """The numbers of all symbols that the rules of the reverse sweep are made of."""
        return {text: x for _, used in self._used for text, x in used.by_text().items()}

    @property
    def _output(self) -> int:
        """The number of the output that the reverse sweep starts from."""
        return self._graph.outputs.index(self._end.variable)

    @property
    def _inputs(self) -> list[Array]:
        return [self._numbers.value(v) for v in self._graph.inputs]

    def _values(self, e: Equation) -> dict[Var | Literal, Array]:
        return {x: self._numbers.value(x) for x in (*e.inputs, *e.outputs)}


def _symbols_of(graph: Graph, points: Mapping[Var, str]) -> dict[Var | Literal, Symbol]:
    names = variable_names(graph) | dict(points)
    symbols = {v: symbol_of_text(name, v.type) for v, name in names.items()}
    return {**symbols, **symbols_of_arrays(graph, {}, set(names.values()))}


def _has_derivative(v: Var) -> bool:
    return v.type.dtype.kind in "fc"


def _one(type: ArrayType, entry: int | None) -> Array:
    """1 at an entry, else 0."""
    one = np.zeros(type.shape, type.dtype)
    if entry is not None:
        one.reshape(-1)[entry] = 1
    return one[()]


def _forward_term(part: Pushed) -> Term:
    edge = edge_of(part.result, part.variable, tangent(part.variable), back=False)
    return Term((edge,), part.expression, part.value)


def _reverse_term(found: Contribution, used: Used) -> Term:
    given = zip(used.equation.outputs, used.cotangents, strict=True)
    results = [used.symbols[v] for v, ct in given if ct is not None]
    edges = tuple(edge_of(y, found.variable, cotangent(y), back=True) for y in results)
    return Term(edges, found.expression if found.index is None else None, found.value)


def _summed(v: Var, name: Symbol, terms: Sequence[Term], numbers: Mapping[str, Array]) -> Sum:
    if not terms:
        return Sum(v, name, "none", _one(v.type, None))
    value = reduce(np.add, (term.value for term in terms))
    return Sum(v, name, "sum", value, tuple(terms), numbers)
