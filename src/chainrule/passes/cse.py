"""Common subexpressions: what is computed twice from the same operands is computed once."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.core.keys import params_key
from chainrule.core.trace import TracedValue

Operand = Var | Literal


def share_common(graph: Graph) -> Graph:
    """The same graph with equal equations made one.

    Equations are equal if primitive, operands and parameters are; numbers are equal with their
    dtype and their bits, arrays and held graphs only if they are the same object.

    >>> import numpy as np, chainrule as cr
    >>> print(share_common(cr.trace(lambda x: np.sin(x) * np.sin(x))(2.0)))
    graph(a: float64~)
      b: float64 = sin a
      c: float64 = mul b b
      return c
    """
    same: dict[Operand, Operand] = {}
    known: dict[Hashable, tuple[Var, ...]] = {}
    kept: list[Equation] = []
    for equation in graph.equations:
        inputs = tuple(same.get(x, x) for x in equation.inputs)
        key = (equation.primitive, tuple(map(operand_key, inputs)), params_key(equation.params))
        first = known.get(key)
        if first is None:
            known[key] = equation.outputs
            kept.append(
                Equation(
                    equation.primitive, inputs, equation.outputs, equation.params, equation.source
                )
            )
        else:
            same.update(zip(equation.outputs, first, strict=True))
    if not same:
        return graph
    return Graph(graph.inputs, tuple(kept), tuple(same.get(x, x) for x in graph.outputs))


def operand_key(x: Operand) -> Hashable:
    """What makes two operands the same."""
    if isinstance(x, Var):
        return id(x)
    if x.type.shape != () or isinstance(x.value, TracedValue):
        return ("object", id(x.value), x.type.dtype.str)
    bits = np.asarray(x.value).tobytes()
    return ("number", bits, x.type.dtype.str, x.type.weak)
