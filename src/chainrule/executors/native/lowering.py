"""Equations without a native form of their own, written with equations that have one.

A rule (``rules.py``) is a function of ``chainrule.ops`` that means the same as the equation; it is
traced by types, and its equations take the place of the one. A rule is taken only if all that comes
of it is native: what stays is what the user wrote, and the report names it.

Empty arrays have no native form. What is empty, or computed from empty arrays alone, is a constant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.core.interpreter import evaluate
from chainrule.core.trace import Trace
from chainrule.executors.native.indexed import READ
from chainrule.executors.native.lapack import LINEAR_ALGEBRA
from chainrule.executors.native.rules import rule_for
from chainrule.executors.native.schedule import KNOWN, is_native
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze

Operand = Var | Literal


def lowered(graph: Graph) -> Graph:
    """The same graph, in as many native equations as can be.

    >>> import numpy as np, chainrule as cr
    >>> print(lowered(cr.trace(lambda x, i: x / i)(np.ones(3), np.arange(1, 4))))
    graph(a: float64[3], b: int64[3])
      c: float64[3] = div a b
      return c
    >>> print(lowered(cr.trace(lambda i: 1 / i)(np.arange(1, 4))))
    graph(a: int64[3])
      b: float64[3] = convert[dtype=float64] a
      c: float64[3] = div 1.0 b
      return c
    """
    same: dict[Operand, Operand] = {}
    equations: list[Equation] = []
    for equation in graph.equations:
        inputs = tuple(same.get(x, x) for x in equation.inputs)
        equation = _with_lowered_parts(replace(equation, inputs=inputs))
        form = None if is_native(equation) else _constant(equation) or _native_form(equation)
        if form is None:
            equations.append(equation)
        else:
            equations += form.equations
            same.update(zip(equation.outputs, form.outputs, strict=True))
    return Graph(graph.inputs, tuple(equations), tuple(same.get(x, x) for x in graph.outputs))


def _with_lowered_parts(equation: Equation) -> Equation:
    """A loop or branch with its graphs lowered."""
    if not equation.primitive.several:
        return equation
    params = {k: lowered(v) if isinstance(v, Graph) else v for k, v in equation.params.items()}
    return replace(equation, params=params)


def _native_form(equation: Equation) -> Graph | None:
    """Native equations that mean the same, of the same operands; None if there are none."""
    known = all(x.type.dtype in KNOWN for x in (*equation.inputs, *equation.outputs))
    rule = rule_for(equation) if known else None
    if rule is None:
        return None
    free = [x for x in equation.inputs if isinstance(x, Var)]

    def of_free(*values: Any) -> Any:
        given = iter(values)
        return rule(*(next(given) if isinstance(x, Var) else x.value for x in equation.inputs))

    traced = freeze(record(of_free, [x.type for x in free], trace=Trace(differentiates=False)))
    graph = lowered(_on_operands(traced, free, equation))
    return graph if all(map(is_native, graph.equations)) else None


def _on_operands(graph: Graph, operands: Sequence[Operand], origin: Equation) -> Graph:
    """A graph of other operands than its inputs, made of the user's line that made ``origin``."""
    new: dict[Operand, Operand] = dict(zip(graph.inputs, operands, strict=True))
    equations = tuple(
        replace(e, inputs=tuple(new.get(x, x) for x in e.inputs), source=origin.source)
        for e in graph.equations
    )
    return Graph((), equations, tuple(new.get(x, x) for x in graph.outputs))


# ---- empty arrays --------------------------------------------------------------------------------


def _constant(equation: Equation) -> Graph | None:
    """The results of an equation as constants, where emptiness alone says what they are."""
    if equation.primitive.several or equation.primitive.name in LINEAR_ALGEBRA:
        return None  # which can fail, or do not end, whatever they return
    (out,) = equation.outputs
    operands = equation.inputs
    if any(isinstance(x, Var) and 0 not in x.type.shape for x in operands):
        indices = equation.inputs[1:] if equation.primitive.name == READ else ()
        if 0 not in out.type.shape or any(0 not in x.type.shape for x in indices):
            return None  # an index could be out of range
        return Graph((), (), (_empty(out.type),))
    if not any(0 in x.type.shape for x in operands):
        return None
    # nothing is in the operands that could make a difference, so the interpreter can tell
    stand_in = tuple(_empty(x.type) if isinstance(x, Var) else x for x in operands)
    try:
        value = evaluate(Graph((), (replace(equation, inputs=stand_in),), (out,)), [])[0]
    except ValueError:  # the largest of no entries: an error of the call, not of compiling
        return None
    return Graph((), (), (Literal(value, replace(out.type, weak=False)),))


def _empty(kind: ArrayType) -> Literal:
    return Literal(np.empty(kind.shape, kind.dtype), kind)
