"""``cr.compile``: trace once for each signature, run the passes, hand the graph to an executor.

The only place that joins tracing, passes and executors. A signature is the structure of the
arguments with shapes and dtypes; each new one is traced again. Arrays and Python numbers are traced
by their types, so a branch on their values is an error; everything else (strings, booleans,
functions) is static, a part of the signature.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, overload
from typing import Literal as OneOf

import numpy as np

from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.graph import Graph, Literal
from chainrule.core.trace import Trace, TracedValue, type_of
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.executors.interpreter import evaluate, interpret
from chainrule.passes.dce import eliminate_dead_code
from chainrule.passes.transposes import push_transposes
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze

Executor = OneOf["interpreter"]
EXECUTORS: dict[str, Callable[[Graph], Callable[[Sequence[Any]], list[Any]]]] = {
    "interpreter": interpret
}


@dataclass(frozen=True, slots=True)
class Specialisation:
    """One signature of a compiled function: its graph, and the graph made executable."""

    graph: Graph
    run: Callable[[Sequence[Any]], list[Any]] | None  # None: it holds traced values of a closure
    structure: Structure
    positions: list[int]  # of the leaves that are traced; the others are static


class Compiled:
    """A compiled function: call it like the function it was made of."""

    def __init__(self, f: Callable[..., Any], executor: str) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self._executor = executor
        self._specialisations: dict[Hashable, Specialisation] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, by the graph of these arguments' signature."""
        leaves, structure = flatten((args, kwargs))
        made = self._specialise(leaves, structure)
        inputs = [leaves[i] for i in made.positions]
        if made.run is None or any(isinstance(x, TracedValue) for x in inputs):
            return unflatten(made.structure, evaluate(made.graph, inputs))  # recorded in turn
        return unflatten(made.structure, made.run(inputs))

    def graph(self, *args: Any, **kwargs: Any) -> Graph:
        """The graph that a call with these arguments runs, after all passes."""
        return self._specialise(*flatten((args, kwargs))).graph

    def _specialise(self, leaves: list[Any], structure: Structure) -> Specialisation:
        key = (structure, tuple(map(_signature, leaves)))
        made = self._specialisations.get(key)
        if made is None:
            made = self._trace(leaves, structure)
            if made.run is not None:
                self._specialisations[key] = made
        return made

    def _trace(self, leaves: list[Any], structure: Structure) -> Specialisation:
        def of_traced(*traced: Any) -> Any:
            values = iter(traced)
            full = [next(values) if _is_traced(x) else x for x in leaves]
            args, kwargs = unflatten(structure, full)
            return self._f(*args, **kwargs)

        positions = [i for i, x in enumerate(leaves) if _is_traced(x)]
        types = [type_of(leaves[i]) for i in positions]
        recording = record(of_traced, types, trace=Trace(differentiates=False, sources=True))
        graph = eliminate_dead_code(push_transposes(freeze(recording)))
        run = None if _captures_traced(graph) else EXECUTORS[self._executor](graph)
        return Specialisation(graph, run, recording.structure, positions)


def _captures_traced(graph: Graph) -> bool:
    """Whether traced values of an outer function stand in the graph: good for one call only."""
    operands = [x for e in graph.equations for x in e.inputs] + list(graph.outputs)
    return any(isinstance(x, Literal) and isinstance(x.value, TracedValue) for x in operands)


def _is_traced(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic, TracedValue)) or type(x) in (int, float, complex)


def _signature(x: Any) -> Hashable:
    if type(x) is np.ndarray:  # the usual case, on the way of every call
        return x.shape, x.dtype
    if _is_traced(x):
        return type_of(x)
    if isinstance(x, Hashable):
        return x
    raise DTypeError(
        f"a compiled function got an argument of type {type(x).__name__}, which is neither an array"
        " nor hashable; pass arrays, numbers, containers of them, or keep the value in a closure"
    )


@overload
def compile(f: Callable[..., Any], *, executor: Executor = ...) -> Compiled: ...
@overload
def compile(*, executor: Executor = ...) -> Callable[[Callable[..., Any]], Compiled]: ...
def compile(f: Callable[..., Any] | None = None, *, executor: Executor = "interpreter") -> Any:
    """A function that traces ``f`` once for each signature and then runs its graph.

    Args:
        f: a function of NumPy arrays, or of nested containers of them; left out when ``compile`` is
            used as a decorator with arguments.
        executor: "interpreter" calls NumPy, one equation after the other.

    Returns:
        A :class:`Compiled` function; ``compiled.graph(*args)`` is the graph that a call runs.

    Raises:
        TraceError: ``f`` branches on the value of an argument.

    >>> import numpy as np, chainrule as cr
    >>> @cr.compile
    ... def slope(x):
    ...     return cr.grad(np.sin)(x)
    >>> slope(0.0)
    np.float64(1.0)
    """
    if executor not in EXECUTORS:
        raise ArgumentError(f"executor {executor!r} is not one of {', '.join(EXECUTORS)}")
    if f is None:
        return functools.partial(Compiled, executor=executor)
    return Compiled(f, executor)
