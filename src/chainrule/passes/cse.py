"""Common subexpressions: what is computed twice from the same operands is computed once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, cast

import numpy as np

from chainrule.core.graph import Equation, Graph, Literal, Var
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
        key = (equation.primitive, tuple(map(operand_key, inputs)), _params_key(equation.params))
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


def _params_key(params: Mapping[str, Any]) -> Hashable:
    return tuple((name, _value_key(value)) for name, value in sorted(params.items()))


def _value_key(value: Any) -> Hashable:
    if isinstance(value, tuple):
        return tuple(map(_value_key, cast("tuple[Any, ...]", value)))
    if isinstance(value, slice):
        whole = cast("slice[Any, Any, Any]", value)
        return ("slice", whole.start, whole.stop, whole.step)
    if isinstance(value, (str, int, float, bool, np.dtype)):
        return (type(cast("Any", value)).__name__, str(cast("Any", value)))
    return ("object", id(value))
