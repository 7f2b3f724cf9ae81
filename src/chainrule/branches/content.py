"""Graphs by what they say: two with equal keys compute the same.

The parts of a path that goes through a loop are one graph again and again; it is compiled once.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.graph import Graph, Literal, Var

LARGEST = 1 << 12
"""Entries of a constant that are compared; larger ones are equal if they are one object."""


def content_key(graph: Graph) -> Hashable:
    """A key that is equal for graphs that compute the same in the same way.

    It holds for as long as the graph is kept: objects in it are told apart by their address.

    >>> import numpy as np, chainrule as cr
    >>> one, two = (cr.trace(lambda x: np.sin(x) * 2)(x) for x in (1.0, 2.0))
    >>> content_key(one) == content_key(two)
    True
    """
    numbers: dict[Var, int] = {}

    def named(variables: Sequence[Var]) -> Hashable:
        for v in variables:
            numbers[v] = len(numbers)
        return tuple(v.type for v in variables)

    def operand(x: Var | Literal) -> Hashable:
        return numbers[x] if isinstance(x, Var) else _constant(x)

    inputs = named(graph.inputs)
    equations = tuple(
        (e.primitive, tuple(map(operand, e.inputs)), _parameters(e.params), named(e.outputs))
        for e in graph.equations
    )
    return inputs, equations, tuple(map(operand, graph.outputs))


def _constant(x: Literal) -> Hashable:
    array = np.asarray(x.value)
    if array.size > LARGEST or array.dtype.hasobject:
        return "object", id(x.value)
    return x.type, array.strides, array.tobytes()


def _parameters(params: Mapping[str, Any]) -> Hashable:
    return tuple((name, _value(value)) for name, value in sorted(params.items()))


def _value(value: Any) -> Hashable:
    if isinstance(value, Graph):
        return content_key(value)
    if isinstance(value, tuple):
        return tuple(map(_value, cast("tuple[Any, ...]", value)))
    if isinstance(value, slice):
        whole = cast("slice[Any, Any, Any]", value)
        return "slice", whole.start, whole.stop, whole.step
    if isinstance(value, (float, complex)):
        return type(value).__name__, repr(value)
    return (type(value), value) if isinstance(value, Hashable) else ("object", id(value))
