"""What a graph says, apart from the names of its variables: equal graphs have equal contents."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, cast

import numpy as np

from chainrule.core.graph import Graph, Literal, Var
from chainrule.core.trace import TracedValue

LARGEST = 1 << 12
"""Entries of a constant that are compared; a larger one is equal to itself alone."""


def content_of(graph: Graph) -> Hashable:
    """A key under which equal graphs can be found; it holds what is compared by identity.

    >>> import chainrule as cr
    >>> a, b = (cr.trace(lambda x, n=n: x * 2 + n)(1.0) for n in (3, 3))
    >>> content_of(a) == content_of(b) != content_of(cr.trace(lambda x: x * 2 + 4)(1.0))
    True
    """
    numbers: dict[Var, int] = {}

    def number(v: Var) -> Hashable:
        return numbers.setdefault(v, len(numbers)), v.type

    def operand(x: Var | Literal) -> Hashable:
        if isinstance(x, Var):
            return number(x)
        value: Any = x.value
        if isinstance(value, TracedValue) or np.size(value) > LARGEST:
            return _Same(cast("Any", value))
        entries = np.asarray(value)
        return entries.tobytes(), entries.strides, x.type

    inputs = tuple(map(number, graph.inputs))
    equations = tuple(
        (
            e.primitive.name,
            tuple(map(operand, e.inputs)),
            tuple((name, _content(value)) for name, value in e.params.items()),
            tuple(map(number, e.outputs)),
        )
        for e in graph.equations
    )
    return inputs, equations, tuple(map(operand, graph.outputs))


class _Same:
    """Equal to what holds the same object."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def _content(value: Any) -> Hashable:
    if isinstance(value, Graph):
        return content_of(value)
    if isinstance(value, tuple):
        return tuple(map(_content, cast("tuple[Any, ...]", value)))
    if isinstance(value, slice):
        whole = cast("slice[Any, Any, Any]", value)
        return "slice", whole.start, whole.stop, whole.step
    if isinstance(value, (float, complex)):
        return type(value).__name__, repr(value)  # which tells zeros of both signs apart
    if value is None or isinstance(value, (str, int, bool, np.dtype)):
        return type(cast("Any", value)).__name__, cast("Any", value)
    return _Same(value) if value.__hash__ is None else value
