"""Dead code: equations whose results nobody reads are left out."""

from __future__ import annotations

from chainrule.core.graph import Equation, Graph, Literal, Var


def eliminate_dead_code(graph: Graph) -> Graph:
    """The same graph without equations that no output depends on; inputs stay.

    >>> import chainrule as cr
    >>> def f(x):
    ...     x * 3
    ...     return x + 1
    >>> print(eliminate_dead_code(cr.trace(f)(2.0)))
    graph(a: float64~)
      b: float64~ = add a 1
      return b
    """
    needed: set[Var | Literal] = set(graph.outputs)
    kept: list[Equation] = []
    for equation in reversed(graph.equations):
        if any(v in needed for v in equation.outputs):
            needed.update(equation.inputs)
            kept.append(equation)
    if len(kept) == len(graph.equations):
        return graph
    return Graph(graph.inputs, tuple(reversed(kept)), graph.outputs)
