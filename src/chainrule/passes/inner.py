"""Passes inside loops and branches: the graphs that equations hold go through a pass too."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.core.graph import Equation, Graph

Pass = Callable[[Graph], Graph]


def everywhere(step: Pass) -> Pass:
    """The pass on a graph and, before that, on all graphs that its equations hold.

    A graph in which nothing changes is returned as the same object.
    """

    def run(graph: Graph) -> Graph:
        if any(e.primitive.several for e in graph.equations):
            equations = tuple(_inside(e, run) for e in graph.equations)
            if any(e is not before for e, before in zip(equations, graph.equations, strict=True)):
                graph = Graph(graph.inputs, equations, graph.outputs)
        return step(graph)

    return run


def _inside(equation: Equation, run: Pass) -> Equation:
    if not equation.primitive.several:
        return equation
    params = {k: run(v) if isinstance(v, Graph) else v for k, v in equation.params.items()}
    if all(params[k] is v for k, v in equation.params.items()):
        return equation
    return Equation(equation.primitive, equation.inputs, equation.outputs, params, equation.source)
