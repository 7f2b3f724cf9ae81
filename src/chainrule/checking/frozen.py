"""The function whose differences the derivative is, where ``stop_gradient`` holds values constant.

``x * stop_gradient(x)`` has the derivative of ``x * c`` with c the value of x, so differences are
taken of its graph with these values as constants.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from chainrule.checking.blame import graph_with_lines
from chainrule.checking.inside import operations
from chainrule.checking.problem import Leaves
from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.core.interpreter import evaluate
from chainrule.core.trace import type_of

Function = Callable[..., Any]


def held_constant(f: Function, xs: Leaves) -> Function | None:
    """``f`` with what is stopped as a constant; None if nothing is."""
    graph = graph_with_lines(f, xs)
    if all(e.primitive.name != "stop_gradient" for e in graph.equations):
        return None
    fixed: dict[Var, Literal] = {}
    for operation in operations(graph, xs, through_rules=False):
        if operation.equation.primitive.name == "stop_gradient" and not operation.path:
            value = operation.results[0]
            fixed[operation.equation.outputs[0]] = Literal(value, type_of(value))
    held = _with_constants(graph, fixed)
    return lambda *ys: evaluate(held, ys)


def _with_constants(graph: Graph, fixed: dict[Var, Literal]) -> Graph:
    def of(xs: Sequence[Var | Literal]) -> tuple[Var | Literal, ...]:
        return tuple(fixed.get(x, x) if isinstance(x, Var) else x for x in xs)

    equations: list[Equation] = [
        replace(e, inputs=of(e.inputs)) for e in graph.equations if e.outputs[0] not in fixed
    ]
    return Graph(graph.inputs, tuple(equations), of(graph.outputs))
