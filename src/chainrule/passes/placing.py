"""A graph put into another one: its equations on other operands, its own variables all new."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.core.graph import Equation, Graph, Literal, Var

Operand = Var | Literal


def placed(
    graph: Graph, operands: Sequence[Operand]
) -> tuple[tuple[Equation, ...], tuple[Operand, ...]]:
    """The equations and the outputs of ``graph`` with ``operands`` in place of its inputs.

    >>> import chainrule as cr
    >>> graph = cr.trace(lambda x: x * x + 1)(3.0)
    >>> equations, outputs = placed(graph, graph.outputs)
    >>> equations[0].inputs == graph.outputs * 2, outputs == equations[1].outputs
    (True, True)
    """
    new: dict[Operand, Operand] = dict(zip(graph.inputs, operands, strict=True))
    equations: list[Equation] = []
    for e in graph.equations:
        outputs = tuple(Var(v.type) for v in e.outputs)
        inputs = tuple(new.get(x, x) for x in e.inputs)
        equations.append(Equation(e.primitive, inputs, outputs, e.params, e.source))
        new.update(zip(e.outputs, outputs, strict=True))
    return tuple(equations), tuple(new.get(x, x) for x in graph.outputs)
