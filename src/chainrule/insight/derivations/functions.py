"""What is special to a network: its activations and its cost as formulas, from their own graphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.graph import ArrayType, Graph
from chainrule.insight.algebra.building import substituted
from chainrule.insight.algebra.simplify import Known, Simplified, simplified
from chainrule.insight.derivations.sweep import inlined, vector
from chainrule.insight.notation.expression import Symbol
from chainrule.nn.activations import Activation
from chainrule.nn.costs import Cost
from chainrule.sparse.pattern import pattern_of
from chainrule.transforms.trace import trace
from chainrule.transforms.vjp import vjp


@dataclass(frozen=True)
class Formula:
    """A function as an expression, and its derivative.

    ``derivative`` is the slope of an elementwise activation, the gradient of a cost, and of another
    activation its transposed Jacobian times ``v``.
    """

    name: str
    value: Simplified
    derivative: Simplified

    def with_symbols(self, symbols: Mapping[str, Symbol]) -> Formula:
        """The same of another layer: symbols in the place of others, by their text."""
        value, derivative = (
            Simplified(
                substituted(x.expression, symbols),
                tuple(substituted(c, symbols) for c in x.assumptions),
            )
            for x in (self.value, self.derivative)
        )
        return Formula(self.name, value, derivative)


def name_of(f: Any, otherwise: str) -> str:
    """What a function is called in a reason."""
    name = getattr(f, "__name__", otherwise)
    return otherwise if name == "<lambda>" else name.replace("_", " ")


def is_elementwise(f: Activation, n: int) -> bool:
    """Whether each entry of ``f(z)`` depends on the same entry of z alone, as its graph says.

    >>> is_elementwise(np.tanh, 3), is_elementwise(lambda z: z / np.sum(z), 3)
    (True, False)
    """
    graph = _traced(f, "activation", vector(n))
    try:
        rows = pattern_of(graph, [0], {}).tocoo()
    except ChainruleError:
        return False
    return bool(np.all(rows.row == rows.col))


def activation_formula(
    f: Activation, z: Symbol, a: Symbol, direction: Symbol, *, elementwise: bool
) -> Formula:
    """An activation ``a = f(z)`` in symbols."""

    def pulled(z: Any, v: Any) -> tuple[Any, Any]:
        out, pullback = vjp(f, z)
        return out, pullback(np.ones(direction.type.shape) if elementwise else v)[0]

    graph = _traced(pulled, "activation", z.type, direction.type)
    named = dict(zip(graph.inputs, (z, direction), strict=True))
    value, derivative = (inlined(graph, named, x) for x in graph.outputs)
    # a stands for f(z) wherever that helps, but not for z itself
    known = (Known(a, value),) if value != z else ()
    return Formula(name_of(f, "given"), simplified(value), simplified(derivative, known))


def cost_formula(cost: Cost, a: Symbol, y: Symbol) -> Formula:
    """A cost ``C(a, y)`` of one example in symbols."""

    def pulled(a: Any, y: Any) -> tuple[Any, Any]:
        def of_output(a: Any) -> Any:
            return cost.of_activation(a, y)

        out, pullback = vjp(of_output, a)
        return out, pullback(np.ones(()))[0]

    graph = _traced(pulled, "cost", a.type, y.type)
    named = dict(zip(graph.inputs, (a, y), strict=True))
    value, derivative = (inlined(graph, named, x) for x in graph.outputs)
    name = cost.name if cost.name != "<lambda>" else "given"
    return Formula(name, simplified(value), simplified(derivative))


def _traced(f: Callable[..., Any], what: str, *types: ArrayType) -> Graph:
    try:
        return trace(f)(*types)
    except (np.exceptions.AxisError, IndexError) as error:
        raise ArgumentError(
            f"the {what} cannot be computed for one example of shape {types[0].shape}: {error};"
            " count axes from the end, as in np.sum(..., axis=-1)"
        ) from error
