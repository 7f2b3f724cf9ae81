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

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache, update_wrapper
from typing import Any, final

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.graph import ArrayType, Graph
from chainrule.core.interpreter import Make, interpreted
from chainrule.core.primitive import Joint, primitive
from chainrule.core.trace import Trace, TracedValue, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.transforms.checkpointing.schedule import Schedule, planned
from chainrule.transforms.control.batch import batch_checkpoint
from chainrule.transforms.control.body import (
    closed,
    cotangents_of,
    graph_of,
    is_float,
    tangents_of,
)
from chainrule.transforms.control.content import content_of
from chainrule.transforms.control.residuals import needed
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze

Flags = tuple[bool, ...]
KNOWN = 64  # graphs of a function that are remembered


def prepared(
    make: Make, *, body: Graph, memory: int | None = None
) -> Callable[..., tuple[Any, ...]]:
    """The function of its inputs, its graph made executable by ``make``."""
    run = make(body)
    return lambda *inputs: tuple(run(inputs))


def _value(*inputs: Any, body: Graph, memory: int | None = None) -> tuple[Any, ...]:
    return tuple(interpreted(body)(inputs))


def _types(*inputs: ArrayType, body: Graph, memory: int | None = None) -> tuple[ArrayType, ...]:
    wanted = [(v.type.shape, v.type.dtype) for v in body.inputs]
    if [(t.shape, t.dtype) for t in inputs] != wanted:
        raise ShapeError(f"checkpoint: the function takes {wanted}, got {list(inputs)}")
    return tuple(x.type for x in body.outputs)


def _push(
    tangents: Sequence[Any], _out: Any, *inputs: Any, body: Graph, memory: int | None = None
) -> list[Any]:
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
    cts: Sequence[Any],
    _out: Any,
    wanted: Sequence[bool],
    *inputs: Any,
    body: Graph,
    memory: int | None = None,
) -> list[Any]:
    arriving = tuple(ct is not None for ct in cts)
    useful = tuple(want and is_float(type_of(x)) for want, x in zip(wanted, inputs, strict=True))
    if memory is None:
        graph = cotangent_graph(body, arriving, useful)
    else:
        graph = planned(body, arriving, useful, memory, checkpoint_p).graph
    pulled = iter(checkpoint_p(*inputs, *(ct for ct in cts if ct is not None), body=graph))
    return [next(pulled) if use else None for use in useful]


@lru_cache(maxsize=1024)
def cotangent_graph(body: Graph, arriving: Flags, useful: Flags) -> Graph:
    """Forwards and back: (inputs, the cotangents that arrive) -> the cotangents that are wanted."""
    types = [v.type for v in body.inputs]
    outputs = [x.type for x in body.outputs]

    def cotangents(*values: Any) -> Any:
        inputs, given = values[: len(types)], iter(values[len(types) :])
        cts = [next(given) if flag else None for flag in arriving]
        return cotangents_of(body, inputs, cts, useful)

    coming = [t for t, arrives in zip(outputs, arriving, strict=True) if arrives]
    return needed(graph_of(cotangents, [*types, *coming]))


checkpoint_p = primitive(
    "checkpoint", _value, _types, Joint(_push, _pull), batch=batch_checkpoint, several=True
)


# ---- what users call ----------------------------------------------------------------------------


@final
class Checkpointed:
    """A function whose reverse sweep computes its values again; see :func:`checkpoint`."""

    def __init__(self, f: Callable[..., Any], memory: int | None = None) -> None:
        update_wrapper(self, f)
        self._f = f
        self._memory = memory
        self._known: dict[Hashable, Graph] = {}  # equal graphs are one, so they are planned once

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The value of the function."""
        with users_frames:
            graph, inputs, result = self._traced(args, kwargs)
            bound = {} if self._memory is None else {"memory": self._memory}
            return unflatten(result, checkpoint_p(*inputs, body=graph, **bound))

    def schedule(self, *args: Any, **kwargs: Any) -> Schedule:
        """How the reverse sweep is made for arguments of these types, and what it costs.

        The sweep is the one for the cotangents of all arguments and closed-over values.
        """
        with users_frames:
            if self._memory is None:
                raise ArgumentError(
                    "a schedule is made for a bound: cr.checkpoint(f, memory=bytes)"
                )
            graph, _, _ = self._traced(args, kwargs)
            arriving = tuple(is_float(x.type) for x in graph.outputs)
            useful = tuple(is_float(v.type) for v in graph.inputs)
            return planned(graph, arriving, useful, self._memory, checkpoint_p)

    def _traced(self, args: Any, kwargs: Any) -> tuple[Graph, list[Any], Structure]:
        """The function's graph by the types of its arguments, its inputs, its result's form."""
        leaves, structure = flatten((args, kwargs))
        given = [x for x in leaves if _is_traced(x)]

        def of_traced(*values: Any) -> Any:
            feed = iter(values)
            full = [next(feed) if _is_traced(x) else x for x in leaves]
            positional, named = unflatten(structure, full)
            return self._f(*positional, **named)

        trace = Trace(differentiates=False, sources=True)
        recording = record(of_traced, list(map(type_of, given)), trace=trace)
        graph, constants = closed(freeze(recording), keep_weak=True)
        if len(self._known) >= KNOWN:
            self._known.clear()
        graph = self._known.setdefault(content_of(graph), graph)
        return graph, [*constants, *given], recording.structure


def _is_traced(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic, TracedValue)) or type(x) in (float, complex)


def checkpoint(f: Callable[..., Any], memory: int | None = None) -> Checkpointed:
    """``f``, computed again in the reverse sweep instead of keeping its values.

    A reverse sweep through a chain of n such functions keeps n inputs and the values of one
    function, at the price of computing each function twice. With ``memory`` the sweep through the
    one function stays within a bound: values are kept at some places and computed again between
    them, loops (``cr.scan``) are reversed in blocks with few carries kept, and of the schedules
    that take so little, one of the least recomputation found is taken.

    Args:
        f: a function of arrays, or of nested containers of them; it may close over arrays and
            traced values. It is traced by types, so Python control flow on the values of arrays is
            an error that names ``cr.cond`` and ``cr.scan``. Integers, booleans and strings are
            static, as without ``checkpoint``.
        memory: bytes. What counts are the arrays that the computation of ``f``, or the reverse
            sweep through it, makes: values, temporaries, cotangents, and the results. Arguments,
            closed-over arrays and the cotangents of results belong to others (a recording copies
            arrays that can be written to). It is a bound for reverse mode, for each example where
            the function is batched; what forward mode makes of ``f``, or of the sweep, is a
            checkpoint without a bound.

    Returns:
        A function of the same arguments with the same values and derivatives. With ``memory``,
        ``schedule(*args)`` gives its :class:`Schedule`, whose text is the schedule and its price.

    Raises:
        ArgumentError: when a derivative is taken, or a schedule asked for, that cannot be kept
            within the bound; the message says the least that can.

    >>> import numpy as np, chainrule as cr
    >>> layer = cr.checkpoint(lambda W, x: np.tanh(W @ x))
    >>> W, x = np.eye(2), np.array([0.0, 1.0])
    >>> cr.grad(lambda W: np.sum(layer(W, layer(W, x))))(W)
    array([[0.        , 1.761...],
           [0.        , 0.694...]])
    >>> def chain(x):
    ...     for _ in range(8):
    ...         x = np.sin(x)
    ...     return np.sum(x)
    >>> print(cr.checkpoint(chain, memory=60_000).schedule(np.ones(1000)))
    reverse sweep of 9 equations within 60 kB
      equations 0 to 3 forwards, 8 kB kept
      equations 3 to 6 forwards, 8 kB kept
      equations 6 to 9 forwards and back
      equations 3 to 6 forwards and back
      equations 0 to 3 forwards and back
    recomputed equations: 15, 1.67 times the function
    predicted peak: 56 kB of 60 kB

    Source: Griewank and Walther, Evaluating Derivatives (2008), chapter 12; for the choice of what
    to keep see ``transforms/checkpointing/plan.py``.
    """
    if memory is not None and (isinstance(memory, bool) or not memory > 0):
        raise ArgumentError(f"checkpoint: memory={memory!r} must be a positive number of bytes")
    return Checkpointed(f, None if memory is None else int(memory))
