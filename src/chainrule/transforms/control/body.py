"""The graphs that control flow holds: a traced body, and the graphs of its derivatives.

A body is traced by the types of its arguments. What it closes over, traced values of the function
around it and arrays, becomes additional inputs that stand first, so that derivatives reach them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.core.interpreter import evaluate
from chainrule.core.trace import Trace, TracedValue, shape_of, type_of
from chainrule.core.tree import Structure, flatten, structure_text, unflatten
from chainrule.transforms.control.origin import origin
from chainrule.transforms.directions import or_zeros
from chainrule.transforms.jvp import walk_forwards
from chainrule.transforms.points import recomputed
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze
from chainrule.transforms.vjp import walk_backwards

_NUMBERS = (bool, int, float, complex)


@dataclass(frozen=True)
class Body:
    """A traced body: ``graph`` takes the constants it closes over, then its arguments."""

    graph: Graph
    constants: list[Any]
    structure: Structure


def trace_body(f: Callable[..., Any], types: Sequence[ArrayType]) -> Body:
    """Trace ``f``, a function of leaves, by the types of its arguments."""

    def strong(*xs: Any) -> Any:
        leaves, structure = flatten(f(*xs))
        return unflatten(structure, [as_array(x, strong_type(x)) for x in leaves])

    recording = record(strong, types, trace=Trace(differentiates=False, sources=True))
    graph, constants = closed(freeze(recording))
    return Body(graph, constants, recording.structure)


def closed(graph: Graph, *, keep_weak: bool = False) -> tuple[Graph, list[Any]]:
    """The graph with the arrays and traced values that stand in it as its first inputs.

    Python numbers among them become numbers with a dtype, unless ``keep_weak``.
    """
    constants: list[Any] = []
    variables: dict[Hashable, Var] = {}

    def moved(x: Var | Literal) -> Var | Literal:
        if isinstance(x, Var) or not (isinstance(x.value, TracedValue) or x.type.ndim):
            return x
        key = origin(x.value) if isinstance(x.value, TracedValue) else id(x.value)
        if key not in variables:
            constants.append(x.value)
            variables[key] = Var(replace(x.type, weak=keep_weak and x.type.weak))
        return variables[key]

    equations = tuple(
        Equation(e.primitive, tuple(map(moved, e.inputs)), e.outputs, e.params, e.source)
        for e in graph.equations
    )
    outputs = tuple(map(moved, graph.outputs))
    return Graph((*variables.values(), *graph.inputs), equations, outputs), constants


def with_inputs(body: Body, constants: Sequence[Any]) -> Graph:
    """The body's graph with the inputs for ``constants``, of which its own are a part."""
    n = len(body.constants)
    own = {id(x): v for x, v in zip(body.constants, body.graph.inputs, strict=False)}
    shared = tuple(own.get(id(x)) or Var(strong_type(x)) for x in constants)
    return replace(body.graph, inputs=(*shared, *body.graph.inputs[n:]))


def strong_type(x: Any) -> ArrayType:
    """The type of a value as an array: a Python number is float64, int64 or complex128."""
    return replace(type_of(x), weak=False)


def as_array(x: Any, kind: ArrayType) -> Any:
    """A Python number as an array of ``kind``; anything else as it is."""
    return kind.dtype.type(x) if type(x) in _NUMBERS else x


def is_float(kind: ArrayType) -> bool:
    """Whether a value of this type can have a derivative."""
    return kind.dtype.kind in "fc"


def is_predicate(kind: ArrayType, what: str) -> None:
    """Raise unless this is the type of one truth value."""
    if kind.shape != () or kind.dtype != np.bool_:
        raise ArgumentError(
            f"{what} must be one boolean, not {kind}; compare, or use np.any/np.all"
        )


def require_carry(name: str, structure: Any, types: Any, body: Body, returned: Any) -> None:
    """Raise unless the carry that the body returns is like the one it takes."""
    if returned != structure:
        raise ShapeError(
            f"{name}: the step takes a carry {structure_text(structure)} and returns"
            f" {structure_text(returned)}; they must agree"
        )
    made = [x.type for x in body.graph.outputs[: len(types)]]
    for i, (new, old) in enumerate(zip(made, types, strict=True)):
        if (new.shape, new.dtype) != (old.shape, old.dtype):
            raise ShapeError(
                f"{name}: the step takes {old} as part {i} of the carry and returns {new}; they"
                " must agree (use .astype, np.broadcast_to, or another first carry)"
            )


def or_zero(direction: Any, x: Any) -> Any:
    """A tangent or cotangent of ``x``, zeros in place of None."""
    return np.zeros(shape_of(x), type_of(x).dtype)[()] if direction is None else direction


def graph_of(f: Callable[..., Any], types: Sequence[ArrayType]) -> Graph:
    """The graph of a function of leaves that closes over nothing traced, of a derivative."""
    return recomputed(freeze(record(f, types, trace=Trace(differentiates=False))))


def tangents_of(body: Graph, inputs: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """Outputs of a graph and their tangents; a tangent of None is zero, going in."""
    recording = record(lambda *xs: evaluate(body, xs), inputs, trace=Trace(differentiates=True))
    return recording.outputs, walk_forwards(recording, tangents)


def cotangents_of(
    body: Graph, inputs: Sequence[Any], cts: Sequence[Any], wanted: Sequence[bool]
) -> list[Any]:
    """The cotangents of the wanted inputs, of floats; the others are constants.

    A cotangent of None is zero, going in.
    """
    pulled = cotangents_of_some(body, inputs, cts, wanted)
    return or_zeros(pulled, list(itertools.compress(inputs, wanted)))


def cotangents_of_some(
    body: Graph, inputs: Sequence[Any], cts: Sequence[Any], wanted: Sequence[bool]
) -> list[Any]:
    """The cotangents of the wanted inputs; None where one is zero. The others are constants."""
    given = [x for x, want in zip(inputs, wanted, strict=True) if want]

    def of_wanted(*xs: Any) -> list[Any]:
        feed = iter(xs)
        return evaluate(
            body, [next(feed) if want else x for x, want in zip(inputs, wanted, strict=True)]
        )

    return walk_backwards(record(of_wanted, given, trace=Trace(differentiates=True)), cts)
