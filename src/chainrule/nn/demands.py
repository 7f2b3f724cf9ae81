"""What a part of a model asks for, known from sizes alone: operations and memory, off its graph.

A layer, a cost and a training step are traced by types and go through the passes of ``cr.compile``,
so any function of plain NumPy is counted as it will be run. What is said of one example is what one
more example in a mini-batch adds. ``summary.py`` tells it layer by layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Graph, Literal, Var
from chainrule.core.tree import flatten, map_leaves
from chainrule.passes.inline import inlined
from chainrule.passes.pipeline import Pipeline
from chainrule.transforms.derived import value_and_grad
from chainrule.transforms.operations import Operations, operations
from chainrule.transforms.trace import trace
from chainrule.transforms.vjp import vjp

Array = Any
DType = np.dtype[Any]
_FEW = 2  # examples, from which on one more is counted
_VIEWS = frozenset({"broadcast_to", "flip", "getitem", "reshape", "transpose"})


@dataclass(frozen=True)
class Demand:
    """What one example asks of a part of a model.

    Attributes:
        forward: operations to compute the part.
        training: operations of the part and of its share of the backward sweep.
        width: entries of its result.
        kept: bytes that the backward sweep reads, besides the first rows given and the result.
        keeps_input: whether the backward sweep reads the first rows that the part was given.
        keeps_output: whether it reads the result.
    """

    forward: Operations
    training: Operations
    width: int
    kept: int
    keeps_input: bool
    keeps_output: bool


def demand(
    f: Callable[..., Array],
    parameters: Sequence[tuple[int, ...]],
    rows: Sequence[int],
    dtype: DType,
    *,
    first: bool = False,
) -> Demand:
    """The demand of ``f(*parameters, *rows)`` for one example.

    Args:
        f: a function of parameters and rows; a result that is one number starts the sweep back.
        parameters: shapes of the parameters.
        rows: entries of each further argument for one example; only the first has a cotangent.
        dtype: of all.
        first: not even the first has one: nothing before it has parameters.
    """
    n = len(parameters)
    followed = n + (not first)

    def both(args: list[Array], ct: Array) -> Any:
        if not followed:
            return f(*args)
        out, pullback = vjp(lambda *xs: f(*xs, *args[followed:]), *args[:followed])
        return out, pullback(ct if np.ndim(out) else np.ones((), dtype))

    def graphs(examples: int) -> tuple[Graph, Graph]:
        shapes = [*parameters, *((examples, k) for k in rows)]
        args = [ArrayType(shape, dtype) for shape in shapes]
        forward = trace(f)(*args)
        out = forward.outputs[0].type
        return optimised(forward), optimised(trace(both)(args, out))

    (forward, training), (more_forward, more_training) = graphs(_FEW), graphs(_FEW + 1)
    x, out = more_training.inputs[n], _result(more_training)
    read = residuals(more_training, n)
    return Demand(
        operations(more_forward) - operations(forward),
        operations(more_training) - operations(training),
        more_training.outputs[0].type.shape[-1] if more_training.outputs[0].type.shape else 1,
        _inside(more_training, n) - _inside(training, n),
        x in read,
        out in read and out is not x,
    )


def _inside(graph: Graph, parameters: int) -> int:
    """Bytes that the backward sweep reads, but for the first rows and the result."""
    outside = {graph.inputs[parameters], graph.inputs[-1], _result(graph)}  # rows, cotangent
    return sum(nbytes(v.type) for v in residuals(graph, parameters) if v not in outside)


def _result(graph: Graph) -> Var | Literal:
    return bases(graph).get(graph.outputs[0], graph.outputs[0])


def step_graph(cost: Callable[..., Array], params: Any, n_in: int, n_out: int, rows: int) -> Graph:
    """A step of gradient descent ``w -> w - eta g`` over a mini-batch, after all passes.

    ``cost(params, X, Y)`` is the mean cost, ``params`` a container of types. The graph takes
    params, X, Y and eta, and gives the cost and the new params.
    """
    objective = value_and_grad(cost)

    def step(params: Any, X: Array, Y: Array, eta: Array) -> Any:
        value, gradient = objective(params, X, Y)

        def moved(w: Array, g: Array) -> Array:
            return w - eta * g

        return value, map_leaves(moved, params, gradient)

    dtype = flatten(params)[0][0].dtype
    X, Y = ArrayType((rows, n_in), dtype), ArrayType((rows, n_out), dtype)
    return optimised(trace(step)(params, X, Y, ArrayType((), np.dtype(np.float64), weak=True)))


def workspace(step: Graph) -> int | None:
    """Bytes that machine code of a step needs besides what it is given and gives; None if unknown.

    Parameters are overwritten in place; where values share memory one after the other they count
    once. It is not known where a part of the step runs in the interpreter.
    """
    from chainrule.executors.native.lowering import lowered
    from chainrule.executors.native.memory import plan_memory
    from chainrule.executors.native.schedule import is_native
    from chainrule.executors.native.scheduler import schedule

    graph = lowered(step)
    if not all(map(is_native, graph.equations)):
        return None
    donated = {i + 1: i for i in range(len(graph.outputs) - 1)}
    sizes = plan_memory(schedule(graph), donated).sizes
    return sum(n * np.dtype(name.removeprefix("w_")).itemsize for name, n in sizes.items())


def optimised(graph: Graph) -> Graph:
    """The graph as ``cr.compile`` hands it to an executor."""
    passes = Pipeline()
    made = passes(graph)
    whole = inlined(made)
    return made if whole is made else passes(whole)


def residuals(graph: Graph, parameters: int) -> set[Var]:
    """What the backward sweep reads of the forward sweep: values computed or given.

    The first output is the result of the forward sweep; what it does not depend on is the way back.
    The first inputs are ``parameters``, which are there in any case. A view counts as what it looks
    at.

    >>> import chainrule as cr
    >>> f = cr.value_and_grad(lambda w, x: np.tanh(w * x) ** 2)
    >>> graph = optimised(cr.trace(f)(0.5, 2.0))
    >>> len(residuals(graph, 1)), graph.inputs[1] in residuals(graph, 1)  # x, w x and tanh(w x)
    (3, True)
    """
    forward: set[Var | Literal] = {graph.outputs[0]}
    for e in reversed(graph.equations):
        if not forward.isdisjoint(e.outputs):
            forward |= set(e.inputs)
    known = forward | set(graph.inputs)
    back = [e for e in graph.equations if known.isdisjoint(e.outputs)]
    looked_at = bases(graph)
    read = {looked_at.get(x, x) for e in back for x in e.inputs if x in known}
    return {x for x in read if isinstance(x, Var)} - set(graph.inputs[:parameters])


def bases(graph: Graph) -> dict[Var | Literal, Var | Literal]:
    """For each variable that is a view of another what it looks at, through views of views."""
    found: dict[Var | Literal, Var | Literal] = {}
    for e in graph.equations:
        if e.primitive.name in _VIEWS and len(e.inputs) == 1:
            found[e.outputs[0]] = found.get(e.inputs[0], e.inputs[0])
    return found


def nbytes(t: ArrayType) -> int:
    """Bytes of an array of a type."""
    return t.size * t.dtype.itemsize
