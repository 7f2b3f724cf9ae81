"""The primitive ``custom``: a call of a function with rules of its own, as one equation.

A call with values computes them by the function itself, which may be any Python; the graph of the
function is traced only where types are known and no values, and then stands in the equation as
``graph``: a pass puts it in the equation's place before the graph is executed. Derivatives ask the
rules. One rule is enough: the map that it states is linear, and recorded it can be walked the other
way (its transpose).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import EscapedTracerError, NoRuleError, ShapeError
from chainrule.core.graph import ArrayType, Graph
from chainrule.core.interpreter import Make
from chainrule.core.primitive import Joint, primitive
from chainrule.core.trace import Trace, TracedValue, record_several, shape_of, type_of
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.transforms.control.body import is_float
from chainrule.transforms.custom.batch import batched_call
from chainrule.transforms.custom.call import Call, Leaves, require_same
from chainrule.transforms.directions import or_zeros
from chainrule.transforms.recording import record
from chainrule.transforms.vjp import walk_backwards


@dataclass(frozen=True, eq=False)
class Typed:
    """A call with the types that go in and come out: what an equation needs to know of it."""

    call: Call
    inputs: tuple[ArrayType, ...]
    structure: Structure  # of the result
    results: tuple[ArrayType, ...]

    def __str__(self) -> str:
        return str(self.call)

    @property
    def key(self) -> Hashable:
        """Equal for calls of one function with the same rules and constants."""
        call = self.call
        constants = tuple((i, id(x)) for i, x in call.arguments.constants.items())
        return id(call.f), call.rules, call.arguments.structure, constants

    def whole(self, leaves: Leaves) -> Any:
        """The result as the function's own container."""
        return unflatten(self.structure, leaves)


@dataclass(frozen=True, eq=False)
class Applied:
    """A call that was made: its results, and the equation's parameters."""

    results: tuple[Any, ...]
    params: Mapping[str, Any]


SMALL = 2.0**-10  # a direction, in every dtype


# ---- calls --------------------------------------------------------------------------------------


def apply(call: Call, inputs: Leaves) -> Any:
    """The result of the call, recorded at every level that the inputs belong to."""
    applied = _applied(call, inputs)
    return applied.params["call"].whole(applied.results)


def _applied(call: Call, inputs: Leaves) -> Applied:
    top = max(
        (x.recorder for x in inputs if isinstance(x, TracedValue)),
        key=lambda trace: trace.level,
        default=None,
    )
    if top is None:
        return _made(call, inputs, *call.value(inputs))
    if top.finished:
        raise EscapedTracerError(
            f"{call}: a traced value was used after the function it belongs to had returned; return"
            " the value from the function instead of storing it elsewhere"
        )
    if top.guards is not None:  # values are known: what it does is recorded, with its branches
        try:
            return _made(call, inputs, *call.value(inputs))
        except (TypeError, AttributeError, NotImplementedError):
            pass  # any Python: one equation, which calls it
    mine = [isinstance(x, TracedValue) and x.recorder is top for x in inputs]
    indices = [x.index if own else -1 for x, own in zip(inputs, mine, strict=True)]
    below = [x.value if own else top.keep(x) for x, own in zip(inputs, mine, strict=True)]
    found = _below(call, below, top)
    operation = custom_p, indices, below, found.params
    return Applied(record_several(top, operation, found.results), found.params)


def _below(call: Call, below: Leaves, top: Trace) -> Applied:
    """The values of a call one level below, and what the recording ``top`` keeps with them."""
    types = [type_of(x) for x in below]
    if any(isinstance(x, ArrayType) for x in below):
        graph, structure = call.traced(types)
        made = _made(call, types, [x.type for x in graph.outputs], structure)
        return Applied(made.results, {**made.params, "graph": graph})
    if any(isinstance(x, TracedValue) for x in below):
        # residuals that the level below keeps are values of that level alone
        made = _applied(call, below)
        params = {name: x for name, x in made.params.items() if name != "kept"}
        return Applied(made.results, params)
    if not top.differentiates:
        made = _made(call, below, *call.value(below))
        found = call.traced_if_possible(types)  # for who runs the graph: machine code needs one
        graph = {"graph": found[0]} if found is not None else {}
        return Applied(made.results, {**made.params, **graph})
    if call.rules.forward is None:
        return _made(call, below, *call.value(below))
    out, residuals = call.forward(below)
    made = _made(call, below, *flatten(out))
    return Applied(made.results, {**made.params, "kept": Kept(residuals)})


def _made(call: Call, inputs: Leaves, results: Leaves, structure: Structure) -> Applied:
    types = tuple(map(type_of, results))
    typed = Typed(call, tuple(map(type_of, inputs)), structure, types)
    return Applied(tuple(results), {"call": typed})


@dataclass(frozen=True, eq=False)
class Kept:
    """What the forward rule computed for the backward one, None included."""

    residuals: Any


# ---- the rules of the primitive -----------------------------------------------------------------


def prepared(
    make: Make, *, call: Typed, graph: Graph | None = None
) -> Callable[..., tuple[Any, ...]]:
    """The call as a function of its inputs: its graph made executable, or the function itself."""
    if graph is None:
        return lambda *inputs: tuple(call.call.value(inputs)[0])
    run = make(graph)
    return lambda *inputs: tuple(run(inputs))


def _value(*inputs: Any, call: Typed, graph: Graph | None = None) -> tuple[Any, ...]:
    return tuple(call.call.value(inputs)[0])


def _types(*inputs: ArrayType, call: Typed, graph: Graph | None = None) -> tuple[ArrayType, ...]:
    wanted = [(t.shape, t.dtype) for t in call.inputs]
    if [(t.shape, t.dtype) for t in inputs] != wanted:
        raise ShapeError(f"{call} was called with {list(call.inputs)}, not with {list(inputs)}")
    return call.results


def _push(
    tangents: Leaves,
    out: Leaves,
    *inputs: Any,
    call: Typed,
    graph: Graph | None = None,
    kept: Kept | None = None,
) -> list[Any]:
    rules = call.call.rules
    given = [t if is_float(type_of(x)) else None for t, x in zip(tangents, inputs, strict=True)]
    if rules.push is not None:
        return call.call.push(call.whole(out), inputs, given)
    residuals = _residuals(call, inputs, kept)

    def back(*cts: Any) -> Leaves:
        return call.call.pull(call.whole(out), inputs, residuals, cts)

    return _transposed(back, out, given, inputs)


def _pull(
    cts: Leaves,
    out: Leaves,
    _wanted: Sequence[bool],
    *inputs: Any,
    call: Typed,
    graph: Graph | None = None,
    kept: Kept | None = None,
) -> list[Any]:
    rules = call.call.rules
    if rules.pull is not None or rules.push is None:
        residuals = _residuals(call, inputs, kept)
        return call.call.pull(call.whole(out), inputs, residuals, cts)

    def along(*tangents: Any) -> Leaves:
        return call.call.push(call.whole(out), inputs, tangents)

    return _transposed(along, inputs, cts, out)


def _residuals(call: Typed, inputs: Leaves, kept: Kept | None) -> Any:
    """What the backward rule needs: kept, or computed now."""
    rules = call.call.rules
    if rules.pull is None:
        raise NoRuleError(
            f"{call} has no derivative: define one with {call}.def_jvp(rule) or"
            f" {call}.def_vjp(forward, backward)"
        )
    if kept is not None or rules.forward is None:
        return None if kept is None else kept.residuals
    out, residuals = call.call.forward(inputs)
    require_same(out, call.whole(call.results), f"the forward rule of {call}")
    return residuals


def _transposed(
    linear: Callable[..., Leaves], points: Leaves, cts: Leaves, values: Leaves
) -> list[Any]:
    """The cotangents of the arguments of a linear map, given those of its results.

    The map takes directions of ``points`` and gives directions of ``values``; it is recorded and
    walked backwards. Where does not matter to what is linear; a direction that is not zero is no
    reason for a rule to leave out its work.
    """
    places = [i for i, x in enumerate(points) if is_float(type_of(x))]
    small = [np.full(shape_of(points[i]), SMALL, type_of(points[i]).dtype)[()] for i in places]

    def of_floats(*given: Any) -> list[Any]:
        full: list[Any] = [None] * len(points)
        for i, t in zip(places, given, strict=True):
            full[i] = t
        return or_zeros(linear(*full), values)

    with np.errstate(divide="ignore", invalid="ignore"):  # as in the walks: nobody sees the values
        recording = record(of_floats, small, trace=Trace(differentiates=True))
    pulled = walk_backwards(recording, cts)
    full: list[Any] = [None] * len(points)
    for i, ct in zip(places, pulled, strict=True):
        full[i] = ct
    return full


def _batch(
    batched: Sequence[bool], size: int, *inputs: Any, call: Typed, graph: Graph | None = None
) -> tuple[list[Any], tuple[bool, ...]]:
    if graph is None:
        graph = call.call.traced(call.inputs)[0]
    many = batched_call(call.call, graph, call.structure, tuple(batched), size)
    results = apply(many, inputs)
    return results, (True,) * len(results)


custom_p = primitive("custom", _value, _types, Joint(_push, _pull), batch=_batch, several=True)
