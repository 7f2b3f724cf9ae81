"""The reverse sweep of a network with symbols in the place of numbers.

One example is sent through the layers as a column, ``z = W a + b``. Activations and the cost are
primitives of which nothing is known but that they have a derivative, which is a primitive again:
``σ`` and ``σ′``. The sweep is the one that computes gradients, recorded; its graph holds the four
equations, for any activation and cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import ArrayType, Graph, Literal, Var
from chainrule.core.primitive import (
    NO_BATCH,
    Derivative,
    NoRule,
    Primitive,
    TypeRule,
    edge,
)
from chainrule.core.trace import Trace
from chainrule.insight.derivations.symbols import Names
from chainrule.insight.notation.expression import Apply, Constant, Expression, Symbol
from chainrule.ops.define import times_or_zero
from chainrule.ops.shaping import transpose
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze
from chainrule.transforms.vjp import walk_backwards

DOUBLE = np.dtype(np.float64)
LARGEST = 3_000  # operations of a formula that is written out


@dataclass(frozen=True)
class Equations:
    """Equations of the sweep: for each family and layer what its value is, in numbered symbols."""

    names: Names
    right: Mapping[tuple[str, int], Expression]
    left: Mapping[tuple[str, int], Symbol]


def vector(n: int) -> ArrayType:
    """The type of n numbers."""
    return ArrayType((n,), DOUBLE)


def equations_of_sweep(
    sizes: Sequence[int], elementwise: Mapping[int, bool], names: Names
) -> Equations:
    """The equations of all layers, forwards and backwards.

    Args:
        sizes: neurons in each layer, the input layer first.
        elementwise: for each layer whether its activation is, else it has a Jacobian.
        names: makes the symbols.
    """
    depth = len(sizes) - 1
    opaque = {n: _activation(elementwise[n]) for n in range(1, depth + 1)}
    cost, gradient = _cost()

    def sweep(a0: Any, y: Any, *parameters: Any) -> list[Any]:
        def forward(a: Any, *parameters: Any) -> list[Any]:
            zs: list[Any] = []
            activations = [a]
            for n in range(1, depth + 1):
                zs.append(parameters[n - 1] @ activations[-1] + parameters[depth + n - 1])
                activations.append(opaque[n][0](zs[-1]))
            return [cost(activations[-1], y), *zs, *activations[1:]]

        recording = record(forward, [a0, *parameters], trace=Trace(differentiates=True))
        seeds = [np.ones(()), *[None] * (2 * depth)]
        wanted = [*recording.output_indices[1:], *range(1, 1 + 2 * depth)]
        return [*recording.outputs, *walk_backwards(recording, seeds, wanted)]

    types = [vector(sizes[0]), vector(sizes[-1])]
    types += [ArrayType((m, n), DOUBLE) for n, m in pairwise(sizes)]
    types += [vector(n) for n in sizes[1:]]
    graph = freeze(record(sweep, types, trace=Trace(differentiates=False)))
    layers = range(1, depth + 1)
    families = ["z", "a", "delta", "delta_a", "nabla_w", "nabla_b"]
    places = [("cost", 0), *((family, n) for family in families for n in layers)]
    inputs = [
        ("a", 0),
        ("y", 0),
        *(("weights", n) for n in layers),
        *(("biases", n) for n in layers),
    ]
    made = {primitive: (family, n) for n in layers for primitive, family in opaque[n][1].items()}
    made[gradient] = ("delta_a", depth)
    return _read(graph, inputs, places, made, names)


# ---- functions of which nothing is known ---------------------------------------------------------


def _unknown(*_: Any) -> NoReturn:
    raise AssertionError("a function of which nothing is known has no value")


def _primitive(name: str, type_rule: TypeRule, derivative: Derivative) -> Primitive:
    return Primitive(name, _unknown, type_rule, derivative, NO_BATCH)


def _same(z: ArrayType, *_: ArrayType) -> ArrayType:
    return z


def _square(z: ArrayType) -> ArrayType:
    return ArrayType((z.size, z.size), z.dtype)


def _number(a: ArrayType, y: ArrayType) -> ArrayType:
    return ArrayType((), a.dtype)


_END = NoRule("a derivation differentiates once")


def _activation(elementwise: bool) -> tuple[Primitive, dict[Primitive, str]]:
    """A function of a column, and what the primitives that belong to it are called."""
    if elementwise:
        slope = _primitive("slope", _same, _END)
        pull = edge(_unknown, lambda ct, out, z: times_or_zero(ct, slope(z)))
        sigma = _primitive("activation", _same, (pull,))
        return sigma, {sigma: "activation", slope: "slope"}
    jacobian = _primitive("jacobian", _square, _END)
    pull = edge(_unknown, lambda ct, out, z: transpose(jacobian(z), order=(1, 0)) @ ct)
    sigma = _primitive("activation", _same, (pull,))
    return sigma, {sigma: "activation", jacobian: "jacobian"}


def _cost() -> tuple[Primitive, Primitive]:
    gradient = _primitive("gradient", _same, _END)
    pull = edge(_unknown, lambda ct, out, a, y: times_or_zero(ct, gradient(a, y)))
    return _primitive("cost", _number, (pull,)), gradient


# ---- reading the graph ---------------------------------------------------------------------------


def _read(
    graph: Graph,
    inputs: Sequence[tuple[str, int]],
    places: Sequence[tuple[str, int]],
    made: Mapping[Primitive, tuple[str, int]],
    names: Names,
) -> Equations:
    """Each output as an expression of the points that have names."""
    named: dict[Var, Symbol] = {
        v: _symbol(names, place, v.type) for v, place in zip(graph.inputs, inputs, strict=True)
    }
    right: dict[tuple[str, int], Expression] = {}
    left: dict[tuple[str, int], Symbol] = {}
    for x, place in zip(graph.outputs, places, strict=True):
        if isinstance(x, Var):
            left[place] = _symbol(names, place, x.type)
            named.setdefault(x, left[place])
    for equation in graph.equations:
        if equation.primitive in made and equation.primitive.name != "activation":
            out = equation.outputs[0]
            named[out] = _symbol(names, made[equation.primitive], out.type)
    for x, place in zip(graph.outputs, places, strict=True):
        if isinstance(x, Var):
            own = named.get(x) == left[place]
            known = {v: s for v, s in named.items() if not own or v is not x}
            right[place] = inlined(graph, known, x, {p: names.of(*made[p], x.type) for p in made})
    return Equations(names, right, left)


def _symbol(names: Names, place: tuple[str, int], kind: ArrayType) -> Symbol:
    family, n = place
    if family in ("y", "cost"):
        return {"y": Symbol("y", "y", kind), "cost": Symbol("C", "C", kind)}[family]
    return names.of(family, n, kind)


def inlined(
    graph: Graph,
    named: Mapping[Var, Symbol],
    result: Var | Literal,
    opaque: Mapping[Primitive, Symbol] | None = None,
) -> Expression:
    """A variable as one expression of named ones.

    Raises:
        ArgumentError: written out it has more than ``LARGEST`` operations.
    """
    known: dict[Var, Expression] = dict(named)
    sizes: dict[Var, int] = dict.fromkeys(named, 1)

    def operand(x: Var | Literal) -> Expression:
        return Constant(x.value, x.type) if isinstance(x, Literal) else known[x]

    for e in graph.equations:
        operands = tuple(map(operand, e.inputs))
        count = 1 + sum(sizes.get(x, 1) if isinstance(x, Var) else 1 for x in e.inputs)
        for i, v in enumerate(e.outputs):
            if v in known:
                continue
            symbol = (opaque or {}).get(e.primitive)
            made = Apply(e.primitive.name, operands, v.type, e.params, i)
            known[v], sizes[v] = (made, count) if symbol is None else (symbol, 1)
    if isinstance(result, Var) and sizes.get(result, 1) > LARGEST:
        raise ArgumentError(
            f"the formula has {sizes[result]} operations when it is written out; look at it"
            " line by line: cr.insight.derivation(f, x) of the activation or cost itself"
        )
    return operand(result)
