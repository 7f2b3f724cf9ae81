"""``checkpoint``: a function whose values are computed again in the reverse sweep, not kept.

The equation holds the graph of the function. A sweep keeps its inputs and results alone. Its
reverse is one more such equation, whose graph goes forwards and back; forward mode gives one, too.

Common subexpressions are found among the equations of one graph (``passes/cse.py``), and what an
equation holds is another graph. So the recomputation is never merged with the first computation,
which would undo it, and executors run it in one piece, where it stands: at the time when the
cotangents are there. With a bound on memory the graph of the reverse sweep is planned
(``transforms/checkpointing``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, update_wrapper
from typing import Any, final

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.graph import ArrayType, Graph
from chainrule.core.interpreter import Make, interpret
from chainrule.core.primitive import Joint, primitive
from chainrule.core.trace import Trace, TracedValue, type_of
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.transforms.control.body import (
    closed,
    cotangents_of,
    graph_of,
    is_float,
    tangents_of,
)
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze

Flags = tuple[bool, ...]


def prepared(make: Make, *, body: Graph) -> Callable[..., tuple[Any, ...]]:
    """The function of its inputs, its graph made executable by ``make``."""
    run = make(body)
    return lambda *inputs: tuple(run(inputs))


def _value(*inputs: Any, body: Graph) -> tuple[Any, ...]:
    return tuple(interpret(body)(inputs))


def _types(*inputs: ArrayType, body: Graph) -> tuple[ArrayType, ...]:
    wanted = [(v.type.shape, v.type.dtype) for v in body.inputs]
    if [(t.shape, t.dtype) for t in inputs] != wanted:
        raise ShapeError(f"checkpoint: the function takes {wanted}, got {list(inputs)}")
    return tuple(x.type for x in body.outputs)


def _push(tangents: Sequence[Any], _out: Any, *inputs: Any, body: Graph) -> list[Any]:
    floats = [is_float(type_of(x)) for x in inputs]
    directions = [t if ok else None for t, ok in zip(tangents, floats, strict=True)]
    given = [t for t in directions if t is not None]
    graph = _tangent_graph(body, tuple(t is not None for t in directions))
    return list(checkpoint_p(*inputs, *given, body=graph))


@lru_cache(maxsize=1024)
def _tangent_graph(body: Graph, flags: Flags) -> Graph:
    types = [v.type for v in body.inputs]

    def tangents(*values: Any) -> Any:
        given = iter(values[len(types) :])
        directions = [next(given) if flag else None for flag in flags]
        return tangents_of(body, values[: len(types)], directions)[1]

    return graph_of(tangents, [*types, *(t for t, flag in zip(types, flags, strict=True) if flag)])


def _pull(
    cts: Sequence[Any], _out: Any, wanted: Sequence[bool], *inputs: Any, body: Graph
) -> list[Any]:
    arriving = tuple(ct is not None for ct in cts)
    useful = tuple(want and is_float(type_of(x)) for want, x in zip(wanted, inputs, strict=True))
    graph = cotangent_graph(body, arriving, useful)
    pulled = iter(checkpoint_p(*inputs, *(ct for ct in cts if ct is not None), body=graph))
    return [next(pulled) if use else None for use in useful]


@lru_cache(maxsize=1024)
def cotangent_graph(body: Graph, arriving: Flags, useful: Flags) -> Graph:
    """Forwards and back: (inputs, the cotangents that arrive) -> the cotangents that are wanted."""
    types = [v.type for v in body.inputs]
    outputs = [x.type for x in body.outputs]

    def cotangents(*values: Any) -> Any:
        given = iter(values[len(types) :])
        cts = [next(given) if flag else None for flag in arriving]
        pulled = cotangents_of(body, values[: len(types)], cts)[1]
        return [ct for ct, flag in zip(pulled, useful, strict=True) if flag]

    return graph_of(cotangents, [*types, *(t for t, a in zip(outputs, arriving, strict=True) if a)])


checkpoint_p = primitive("checkpoint", _value, _types, Joint(_push, _pull), several=True)


# ---- what users call ----------------------------------------------------------------------------


@final
class Checkpointed:
    """A function whose reverse sweep computes its values again; see :func:`checkpoint`."""

    def __init__(self, f: Callable[..., Any]) -> None:
        update_wrapper(self, f)
        self._f = f

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The value of the function."""
        leaves, structure = flatten((args, kwargs))
        graph, inputs, result = _traced(self._f, leaves, structure)
        return unflatten(result, checkpoint_p(*inputs, body=graph))


def _traced(
    f: Callable[..., Any], leaves: Sequence[Any], structure: Structure
) -> tuple[Graph, list[Any], Structure]:
    """The graph of a function by the types of its arguments, its inputs, and its result's form."""
    given = [x for x in leaves if _is_traced(x)]

    def of_traced(*values: Any) -> Any:
        feed = iter(values)
        args, kwargs = unflatten(structure, [next(feed) if _is_traced(x) else x for x in leaves])
        return f(*args, **kwargs)

    trace = Trace(differentiates=False, sources=True)
    recording = record(of_traced, list(map(type_of, given)), trace=trace)
    graph, constants = closed(freeze(recording), keep_weak=True)
    return graph, [*constants, *given], recording.structure


def _is_traced(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic, TracedValue)) or type(x) in (float, complex)


def checkpoint(f: Callable[..., Any]) -> Checkpointed:
    """``f``, computed again in the reverse sweep instead of keeping its values.

    A reverse sweep through a chain of n such functions keeps n inputs and the values of one
    function, at the price of computing each function twice.

    Args:
        f: a function of arrays, or of nested containers of them; it may close over arrays and
            traced values. It is traced by types, so Python control flow on the values of arrays is
            an error that names ``cr.cond`` and ``cr.scan``. Integers, booleans and strings are
            static, as without ``checkpoint``.

    Returns:
        A function of the same arguments with the same values and derivatives.

    >>> import numpy as np, chainrule as cr
    >>> layer = cr.checkpoint(lambda W, x: np.tanh(W @ x))
    >>> W, x = np.eye(2), np.array([0.0, 1.0])
    >>> cr.grad(lambda W: np.sum(layer(W, layer(W, x))))(W)
    array([[0.        , 0.        ],
           [0.        , 0.694...]])

    Source: Griewank and Walther, Evaluating Derivatives (2008), chapter 12.
    """
    return Checkpointed(f)
