"""``cr.compile``: trace once for each signature, run the passes, hand the graph to an executor.

The only place that joins tracing, passes and executors. A signature is the structure of the
arguments with shapes and dtypes; each new one is traced again. Arrays and Python numbers are traced
by their types, so a branch on their values is an error; everything else (strings, booleans,
functions) is static, a part of the signature.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, get_args, overload
from typing import Literal as OneOf

import numpy as np

from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.graph import Graph, Literal
from chainrule.core.interpreter import Run, evaluate, interpret
from chainrule.core.trace import Trace, TracedValue, type_of
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.executors.executable import Executable
from chainrule.passes.pipeline import Pipeline
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze

Executor = OneOf["native", "interpreter"]


@dataclass(frozen=True, slots=True)
class Specialisation:
    """A compiled function at one signature: its graph, and what goes in and comes out."""

    graph: Graph
    structure: Structure
    positions: list[int]  # of the leaves that are traced; the others are static
    lasting: bool  # no traced values of an outer function stand in the graph


class Compiled:
    """A compiled function: call it like the function it was made of."""

    def __init__(self, f: Callable[..., Any], executor: str) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self._executor = executor
        self._specialisations: dict[Hashable, Specialisation] = {}
        self._executables: dict[Hashable, Executable] = {}
        self._direct: dict[Hashable, tuple[Run, Structure]] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, by the graph of these arguments' signature."""
        signature = None if kwargs else _signature_of_arrays(args)
        known = self._direct.get(signature)
        if known is not None:  # arrays alone, as before: the containers need no look
            run, structure = known
            return unflatten(structure, run(args))
        leaves, structure = flatten((args, kwargs))
        key = (structure, tuple(map(_signature, leaves)))
        made = self._specialise(key, leaves, structure)
        inputs = [leaves[i] for i in made.positions]
        if not made.lasting or any(isinstance(x, TracedValue) for x in inputs):
            return unflatten(made.structure, evaluate(made.graph, inputs))  # recorded in turn
        executable = self._executables.get(key)
        if executable is None:
            executable = self._executables[key] = _executable(made.graph, self._executor)
        if signature is not None:
            self._direct[signature] = executable.run, made.structure
        return unflatten(made.structure, executable.run(inputs))

    def graph(self, *args: Any, **kwargs: Any) -> Graph:
        """The graph that a call with these arguments runs, after all passes."""
        leaves, structure = flatten((args, kwargs))
        key = (structure, tuple(map(_signature, leaves)))
        return self._specialise(key, leaves, structure).graph

    @property
    def source(self) -> str:
        """The source text that was emitted for the signatures called so far."""
        return "\n\n".join(text for made in self._executables.values() for text in made.sources)

    def report(self) -> str:
        """For each signature called so far, how many equations are native, and what fell back."""
        lines: list[str] = []
        for key, executable in self._executables.items():
            graph, left = self._specialisations[key].graph, executable.interpreted
            types = ", ".join(str(v.type) for v in graph.inputs)
            total = len(graph.equations)
            lines.append(
                f"({types}): {total - len(left)} of {total} equations native"
                + (f"; in the interpreter: {_counted(left)}" if left else "")
                + (f"; inside of loops: {_counted(executable.inside)}" if executable.inside else "")
            )
        return "\n".join(lines) or "not called yet"

    def _specialise(self, key: Hashable, leaves: list[Any], structure: Structure) -> Specialisation:
        made = self._specialisations.get(key)
        if made is None:
            made = self._trace(leaves, structure)
            if made.lasting:
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
        graph = Pipeline()(freeze(recording))
        return Specialisation(graph, recording.structure, positions, not _captures_traced(graph))


def _counted(names: Sequence[str]) -> str:
    return ", ".join(f"{name} x{n}" for name, n in sorted(Counter(names).items()))


def _executable(graph: Graph, executor: str) -> Executable:
    if executor == "interpreter":
        names = tuple(e.primitive.name for e in graph.equations)
        return Executable(interpret(graph), (), names)
    from chainrule.executors.native.executor import native  # Numba takes time to import

    return native(graph)


def _captures_traced(graph: Graph) -> bool:
    """Whether traced values of an outer function stand in the graph: good for one call only."""
    operands = [x for e in graph.equations for x in e.inputs] + list(graph.outputs)
    return any(isinstance(x, Literal) and isinstance(x.value, TracedValue) for x in operands)


def _is_traced(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic, TracedValue)) or type(x) in (int, float, complex)


def _signature_of_arrays(args: tuple[Any, ...]) -> Hashable | None:
    """Shapes and dtypes, or None if there is anything but plain arrays."""
    found: list[Any] = []
    for x in args:
        if type(x) is not np.ndarray:
            return None
        found += (x.shape, x.dtype)
    return tuple(found)


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
def compile(f: Callable[..., Any] | None = None, *, executor: Executor = "native") -> Any:
    """A function that traces ``f`` once for each signature and then runs its graph.

    Args:
        f: a function of NumPy arrays, or of nested containers of them; left out when ``compile`` is
            used as a decorator with arguments.
        executor: "native" makes machine code of the graph, and runs in the interpreter what it has
            no machine code for (``compiled.report()`` lists it); "interpreter" calls NumPy, one
            equation after the other.

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
    if executor not in get_args(Executor):
        raise ArgumentError(f"executor {executor!r} is not one of {', '.join(get_args(Executor))}")
    if f is None:
        return functools.partial(Compiled, executor=executor)
    return Compiled(f, executor)
