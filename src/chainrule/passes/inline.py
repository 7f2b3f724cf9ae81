"""Functions with rules of their own, and names: what is executed is what they do.

The rules matter as long as a graph may still be differentiated, and names as long as somebody may
look into it, so this is no pass of the pipeline: a compiled function keeps one graph with these
equations and executes another without.
"""

from __future__ import annotations

from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.ops.naming import NAMES
from chainrule.passes.inner import everywhere
from chainrule.passes.placing import placed

Operand = Var | Literal


def inlined(graph: Graph) -> Graph:
    """The same graph with the graphs of ``custom`` equations in their place, and without names.

    Inside of loops, too.

    >>> import numpy as np, chainrule as cr
    >>> square = cr.custom_derivative(lambda x: x * x)
    >>> graph = cr.trace(lambda x: square(x) + 1)(cr.ArrayType((2,), np.float64))
    >>> print(inlined(graph))
    graph(a: float64[2])
      b: float64[2] = mul a a
      c: float64[2] = add b 1
      return c
    """
    return everywhere(_inlined_here)(graph)


def _inlined_here(graph: Graph) -> Graph:
    same: dict[Operand, Operand] = {}
    kept: list[Equation] = []
    for e in graph.equations:
        e = Equation(
            e.primitive, tuple(same.get(x, x) for x in e.inputs), e.outputs, e.params, e.source
        )
        if e.primitive.name == "custom" and "graph" in e.params:
            equations, outputs = placed(e.params["graph"], e.inputs)
            kept += equations
            same.update(zip(e.outputs, outputs, strict=True))
        elif e.primitive.name in NAMES:
            same[e.outputs[0]] = e.inputs[0]
        else:
            kept.append(e)
    if not same:
        return graph
    return Graph(graph.inputs, tuple(kept), tuple(same.get(x, x) for x in graph.outputs))
