"""Rewriting a graph by local rules: one walk over the equations, in order.

A rule looks at one equation, whose operands are rewritten already, and at what made them. It says
what stands for the result instead, an operand or the result of new equations, or None. A new
equation goes through the rules too, so chains collapse in one walk; equations that nobody reads any
more stay for ``dce.py``. The walk takes time in proportion to the graph.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from chainrule.core.graph import NO_PARAMS, ArrayType, Equation, Graph, Literal, Source, Var
from chainrule.core.primitive import Primitive
from chainrule.ops.elementwise import convert, convert_to_discrete
from chainrule.ops.shaping import broadcast_to
from chainrule.passes.literals import Number, uniform

Operand = Var | Literal
_DEEPEST = 16  # rewrites of rewrites; rules shrink what they find, this bounds a mistake in one


class Rewriting:
    """One walk. What rules may ask: ``maker``, ``number``, ``uses``; what they may do: ``apply``.

    ``uses[x]`` counts the equations and results that read a value, as far as the walk has come.
    """

    def __init__(self, graph: Graph, rules: Callable[[Primitive], Sequence[Rule]]) -> None:
        self.uses = Counter(x for e in graph.equations for x in e.inputs) + Counter(graph.outputs)
        self._graph = graph
        self._rules = rules
        self._same: dict[Operand, Operand] = {}
        self._maker: dict[Operand, Equation] = {}
        self._numbers: dict[Literal, Number | None] = {}
        self._equations: list[Equation] = []
        self._source: Source | None = None
        self._depth = 0

    def run(self) -> Graph:
        """The graph after the walk; the same object if no rule applied."""
        same = self._same
        for equation in self._graph.equations:
            inputs = tuple(same.get(x, x) for x in equation.inputs)
            if inputs != equation.inputs:
                equation = Equation(
                    equation.primitive, inputs, equation.outputs, equation.params, equation.source
                )
            self._source = equation.source
            self._place(equation, 0)
        if not same:
            return self._graph
        outputs = tuple(same.get(x, x) for x in self._graph.outputs)
        return Graph(self._graph.inputs, tuple(self._equations), outputs)

    # ---- what rules ask -------------------------------------------------------------------------

    def maker(self, x: Operand, *names: str) -> Equation | None:
        """The equation that made ``x``, if it is of one of these primitives."""
        equation = self._maker.get(x)
        return equation if equation is not None and equation.primitive.name in names else None

    def number(self, x: Operand) -> Number | None:
        """The number that a literal holds everywhere, or None."""
        if isinstance(x, Var):
            return None
        if x not in self._numbers:
            self._numbers[x] = uniform(x)
        return self._numbers[x]

    # ---- what rules do --------------------------------------------------------------------------

    def apply(self, primitive: Primitive, *operands: Operand, **params: Any) -> Operand:
        """The result of a new equation, or what the rules make of it."""
        kind = primitive.type_rule(*(x.type for x in operands), **params)
        assert isinstance(kind, ArrayType), primitive
        out = Var(kind)
        self.uses.update(operands)
        equation = Equation(primitive, operands, (out,), params or NO_PARAMS, self._source)
        self._place(equation, self._depth + 1)
        return self._same.get(out, out)

    def fit(self, x: Operand, kind: ArrayType) -> Operand | None:
        """``x`` brought to a dtype and shape as operands are by NumPy; None if it cannot be."""
        if x.type == kind:
            return x
        moved = x.type.shape != kind.shape or x.type.dtype != kind.dtype
        if not moved or kind.weak or (x.type.dtype.kind, kind.dtype.kind) not in _PROMOTIONS:
            return None
        if x.type.dtype != kind.dtype:
            primitive = convert if kind.dtype.kind == "f" else convert_to_discrete
            x = self.apply(primitive, x, dtype=kind.dtype)
        return x if x.type == kind else self.apply(broadcast_to, x, shape=kind.shape)

    # ---- the walk -------------------------------------------------------------------------------

    def _place(self, equation: Equation, depth: int) -> None:
        """Put an equation into the new graph, or what a rule makes of it."""
        if depth < _DEEPEST and not equation.primitive.several:
            (out,) = equation.outputs
            for rule in self._rules(equation.primitive):
                self._depth, before = depth, self._depth
                found = rule(self, equation)
                self._depth = before
                if found is not None and found.type == out.type:
                    self._replace(equation, out, found)
                    return
        self._equations.append(equation)
        for v in equation.outputs:
            self._maker[v] = equation

    def _replace(self, equation: Equation, out: Var, found: Operand) -> None:
        self._same[out] = found
        self.uses.subtract(equation.inputs)
        self.uses[found] += self.uses[out]


Rule = Callable[[Rewriting, Equation], Operand | None]
_PROMOTIONS = {("f", "f"), ("i", "i"), ("u", "u"), ("b", "b"), ("i", "f"), ("u", "f"), ("b", "f")}
