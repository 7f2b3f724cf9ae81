"""Running a function on traced values: the step that every transformation begins with.

:func:`record` calls ``f`` once and returns a :class:`Recording`: the operations that happened, in
order, with the variables of the inputs and outputs. ``jvp.py`` walks it forwards, ``vjp.py``
backwards, and ``trace.py`` freezes it into a :class:`~chainrule.core.graph.Graph`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError, DTypeError, EscapedTracerError, TraceError
from chainrule.core.graph import ArrayType
from chainrule.core.repetition import MOST_ITERATIONS, warn_of_loops
from chainrule.core.trace import Trace, TracedValue, type_of
from chainrule.core.tree import Structure, flatten, leaf_names, unflatten


@dataclass(frozen=True, slots=True)
class Recording:
    """What ``f`` did: one :class:`~chainrule.core.trace.Trace` with its inputs and outputs.

    ``outputs`` are values one level below; ``output_indices`` are their variables, or -1 for an
    output that does not depend on this recording.
    """

    trace: Trace
    inputs: list[Any]
    outputs: list[Any]
    output_indices: list[int]
    structure: Structure
    aux: Any = None


def record(
    f: Callable[..., Any],
    leaves: Sequence[Any],
    *,
    trace: Trace,
    has_aux: bool = False,
    of_user: bool = False,
) -> Recording:
    """Call ``f(*traced leaves)`` once and keep what it did.

    With ``has_aux`` the function returns a pair, whose second part comes back one level lower.
    ``of_user``: f is a user's Python, and not a graph, though neither a derivative nor the user's
    lines are recorded.
    """
    tracers = [trace.lift(trace.keep(x) if trace.differentiates else x) for x in leaves]
    try:
        result = f(*tracers)
    finally:
        trace.finished = True
    if len(trace.records) > MOST_ITERATIONS:
        python = of_user or trace.sources or trace.differentiates
        if python and not any(isinstance(x, TracedValue) for x in leaves):  # the outermost one
            warn_of_loops(trace)
    aux = None
    if has_aux:
        pair = cast("tuple[Any, ...]", result) if isinstance(result, tuple) else ()
        if len(pair) != 2:
            raise TraceError("with has_aux=True the function must return a pair (output, aux)")
        result, aux = pair
        aux = lower(trace, aux)
    out, structure = flatten(result)
    outputs = [
        x.value if _belongs(x, trace) else checked_value(x, "the function returned") for x in out
    ]
    indices = [x.index if _belongs(x, trace) else -1 for x in out]
    return Recording(trace, list(leaves), outputs, indices, structure, aux)


def require_function(f: Any, name: str, call: str = "(f)(x)") -> None:
    """Raise unless ``f`` is a function: the result of one was given in its place."""
    if not callable(f):
        raise ArgumentError(
            f"{name} takes a function, got {type(f).__name__}; write cr.{name}{call}, and not"
            f" cr.{name}(f(x))"
        )


def _belongs(x: Any, trace: Trace) -> bool:
    return isinstance(x, TracedValue) and x.recorder is trace


def checked_value(x: Any, what: str) -> Any:
    """``x``, which must be an array or a number and of no finished recording."""
    if isinstance(x, TracedValue) and x.recorder.finished:
        raise EscapedTracerError(
            f"{what} a traced value of another function, which had returned before; return it from"
            " there instead of storing it elsewhere"
        )
    name = type(x).__name__
    is_array = isinstance(x, (np.ndarray, np.generic))
    numbers = is_array and cast("Any", x).dtype.kind in "biufc"
    if numbers or isinstance(x, (TracedValue, ArrayType, int, float, complex)):
        return cast("Any", x)
    raise TraceError(
        f"{what} {name} {x!r}, which is not an array or a number; pass and return"
        " arrays in tuples, lists, dicts or dataclasses, and return other things with has_aux=True"
    )


def lower(trace: Trace, tree: Any) -> Any:
    """A container with the values of this recording taken one level down."""
    leaves, structure = flatten(tree)
    return unflatten(structure, [x.value if _belongs(x, trace) else x for x in leaves])


def differentiable_leaves(tree: Any, what: str) -> tuple[list[Any], Structure]:
    """The leaves of an argument to differentiate, each a real or complex floating-point value.

    A Python int counts as a float. ``what`` names the argument in the error.
    """
    leaves, structure = flatten(tree)
    for i, x in enumerate(leaves):
        if type(x) is float or (type(x) is np.ndarray and x.dtype.kind in "fc"):
            continue
        leaves[i] = _checked_leaf(x, lambda i=i: f"{what}{leaf_names(structure)[i]}")
    return leaves, structure


def _checked_leaf(x: Any, name: Callable[[], str]) -> Any:
    if type(x) is int:
        return float(x)
    if isinstance(x, (np.ndarray, np.generic, float, complex, TracedValue)):
        if type_of(x).dtype.kind in "fc":
            return cast("Any", x)
        raise DTypeError(
            f"{name()} is an array of {type_of(x).dtype}: a derivative needs floating-point"
            " numbers; pass x.astype(float)"
        )
    raise DTypeError(
        f"{name()} is a {type(x).__name__}, not an array or a number; differentiate other arguments"
        " with argnums, or keep such values in a closure"
    )
