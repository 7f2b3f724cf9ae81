"""Results in memory of their own: for executors that hand out arrays as they come.

A result that is an argument, a constant of the graph or a view of one would let a write into it
change what the caller gave, or later calls. So would two results that are one array.
"""

from __future__ import annotations

from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.ops.elementwise import copied

VIEWS = frozenset({"transpose", "reshape", "broadcast_to", "flip", "getitem", "real", "imag"})
"""Primitives whose result NumPy gives as a view where it can: they cost next to nothing."""


def separate_results(graph: Graph) -> Graph:
    """The same graph with copies of results that would share memory; results of loops are copied.

    >>> import chainrule as cr, numpy as np
    >>> print(separate_results(cr.trace(lambda x: (x.T, 2 * x))(np.ones((2, 3)))))
    graph(a: float64[2, 3])
      b: float64[3, 2] = transpose[order=(1, 0)] a
      c: float64[2, 3] = mul 2 a
      d: float64[3, 2] = copy b
      return d c
    """
    owner: dict[Var | Literal, Var | Literal] = {}
    taken: set[Var | Literal] = set(graph.inputs)
    for equation in graph.equations:
        if equation.primitive.several:
            taken.update(equation.outputs)
        elif equation.primitive.name in VIEWS:
            x = equation.inputs[0]
            owner[equation.outputs[0]] = owner.get(x, x)
    copies: list[Equation] = []
    results: list[Var | Literal] = []
    for x in graph.outputs:
        whose = owner.get(x, x)
        shared = whose in taken or isinstance(whose, Literal)
        if shared and x.type.size and not x.type.weak:
            out = Var(x.type)
            copies.append(Equation(copied, (x,), (out,)))
            x = out
        taken.add(whose)
        results.append(x)
    return Graph(graph.inputs, (*graph.equations, *copies), tuple(results)) if copies else graph
