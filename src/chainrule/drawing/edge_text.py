"""What stands on the edges of a graph: value and gradient of each variable, in a few characters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.core.errors import ChainruleError
from chainrule.core.graph import Graph, Var, VariableNumbers
from chainrule.drawing.short import magnitude, short


class EdgeText(NamedTuple):
    """Value and gradient as texts, and the gradient's norm; empty where they are not known."""

    value: str = ""
    gradient: str = ""
    magnitude: float | None = None


class EdgeTexts:
    """The texts of a graph's variables, each made once."""

    def __init__(self, numbers: VariableNumbers | None, graph: Graph) -> None:
        self._numbers = numbers
        self._has_gradients = numbers is not None and _has_gradients(numbers, graph)
        self._known: dict[Var, EdgeText] = {}

    def of(self, x: Var) -> EdgeText:
        """What stands on the edges of a variable."""
        if x not in self._known:
            self._known[x] = self._made(x)
        return self._known[x]

    def _made(self, x: Var) -> EdgeText:
        if self._numbers is None:
            return EdgeText()
        with np.errstate(all="ignore"):  # what is not finite is marked in the text
            value = short(self._numbers.value(x))
            gradient = self._numbers.cotangent(x) if self._has_gradients else None
        if gradient is None:
            return EdgeText(value)
        return EdgeText(value, short(gradient), magnitude(gradient))


def _has_gradients(numbers: VariableNumbers, graph: Graph) -> bool:
    """Whether a reverse sweep can be made: several outputs need cotangents, operations rules."""
    variables = [x for x in (*graph.outputs, *graph.inputs) if isinstance(x, Var)]
    try:
        with np.errstate(all="ignore"):
            return any(numbers.cotangent(x) is not None for x in variables)
    except ChainruleError:
        return False
