"""``cr.compile``: trace once for each signature, run the passes, hand the graph to an executor.

The only place that joins tracing, passes and executors. A signature is the structure of the
arguments with shapes and dtypes; each new one is traced again. Arrays and Python numbers are traced
by their types, so a branch on their values is an error; everything else (strings, booleans,
functions) is static, a part of the signature.

Donated arguments are arrays that the caller gives up: results of the same type may be written into
them, so that ``params = step(params, x, y)`` needs no memory for new parameters.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any, get_args, overload
from typing import Literal as OneOf

import numpy as np

from chainrule.branches.branching import Branching
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph
from chainrule.core.interpreter import Run, evaluate
from chainrule.core.trace import Trace, TracedValue, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.executors.choice import make_executable
from chainrule.executors.executable import Executable
from chainrule.passes.inline import inlined
from chainrule.passes.inner import Pass
from chainrule.passes.pipeline import STEPS, OnStep, Pipeline, Repeated
from chainrule.transforms.recording import Recording, record, require_function
from chainrule.transforms.signature import (
    is_traced,
    signature_of,
    signature_of_arrays,
    with_traced,
)
from chainrule.transforms.trace import captures_traced, freeze

Executor = OneOf["native", "interpreter"]


@dataclass(frozen=True, slots=True)
class Specialisation:
    """A compiled function at one signature: its graph, and what goes in and comes out."""

    graph: Graph
    source: Graph  # before functions with rules of their own were put in their place
    structure: Structure
    positions: list[int]  # of the leaves that are traced; the others are static
    lasting: bool  # no traced values of an outer function stand in the graph
    donated: dict[int, int]  # outputs of the graph -> inputs that they may be written into


class Compiled:
    """A compiled function: call it like the function it was made of."""

    def __init__(
        self,
        f: Callable[..., Any],
        executor: Executor,
        donate: tuple[int, ...] = (),
        steps: Sequence[Pass | Repeated] = STEPS,
    ) -> None:
        functools.update_wrapper(self, f)
        self._f = f
        self._steps = steps
        self._executor: Executor = executor
        self._donate = donate
        self._specialisations: dict[Hashable, Specialisation] = {}
        self._executables: dict[Hashable, Executable] = {}
        self._direct: dict[Hashable, tuple[Run, Structure]] = {}
        self._derived: dict[Hashable, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, by the graph of these arguments' signature."""
        with users_frames:
            signature = None if kwargs else signature_of_arrays(args)
            known = self._direct.get(signature)
            if known is not None:  # arrays alone, as before: the containers need no look
                run, structure = known
                return unflatten(structure, run(args))
            return self._by_containers(signature, args, kwargs)

    def _by_containers(
        self, signature: Hashable | None, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call the function with any arguments, or for the first time with these."""
        leaves, structure = flatten((args, kwargs))
        key = (structure, tuple(map(signature_of, leaves)))
        made = self._specialise(key, leaves, structure)
        inputs = [leaves[i] for i in made.positions]
        if not made.lasting or any(isinstance(x, TracedValue) for x in inputs):
            return unflatten(made.structure, evaluate(made.source, inputs))  # recorded in turn
        executable = self._executables.get(key)
        if executable is None:
            executable = make_executable(made.graph, self._executor, made.donated)
            self._executables[key] = executable
        if signature is not None:
            self._direct[signature] = executable.run, made.structure
        return unflatten(made.structure, executable.run(inputs))

    def graph(self, *args: Any, **kwargs: Any) -> Graph:
        """The graph that a call with these arguments runs, after all passes."""
        with users_frames:
            leaves, structure = flatten((args, kwargs))
            key = (structure, tuple(map(signature_of, leaves)))
            return self._specialise(key, leaves, structure).graph

    def passes(self, *args: Any, **kwargs: Any) -> list[tuple[str, Graph]]:
        """The graph as it was recorded and after each pass that changed it, by name.

        >>> import numpy as np, chainrule as cr
        >>> steps = cr.compile(lambda x: np.log(1 + np.exp(x * 1))).passes(1.0)
        >>> [(name, len(graph.equations)) for name, graph in steps]
        [('trace', 4), ('simplify', 3), ('stabilise', 5), ('eliminate_dead_code', 3)]
        """
        with users_frames:
            leaves, structure = flatten((args, kwargs))
            recording, _ = self._record(leaves, structure)
            steps = [("trace", freeze(recording))]

            def note(name: str, before: Graph, after: Graph) -> None:
                if after is not before:
                    steps.append((name, after))

            self._passed(steps[0][1], note)
            return steps

    @property
    def function(self) -> Callable[..., Any]:
        """The function that was compiled."""
        return self._f

    @property
    def executor(self) -> Executor:
        """What runs the graphs: "native" or "interpreter"."""
        return self._executor

    def derived(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What was made of this function before under this key, such as the plan of a Jacobian."""
        if key not in self._derived:
            self._derived[key] = make()
        return self._derived[key]

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
            total, given = executable.equations, len(executable.overwrites)
            inside = executable.inside
            lines.append(
                f"({types}): {total - len(left)} of {total} equations native"
                + (f"; in the interpreter: {_counted(left)}" if left else "")
                + (f"; inside of loops: {_counted(inside)}" if inside else "")
                + (f"; results in donated arguments: {given}" if given else "")
            )
        return "\n".join(lines) or "not called yet"

    def _specialise(self, key: Hashable, leaves: list[Any], structure: Structure) -> Specialisation:
        made = self._specialisations.get(key)
        if made is None:
            made = self._trace(leaves, structure)
            if made.lasting:
                self._specialisations[key] = made
        return made

    def _record(self, leaves: list[Any], structure: Structure) -> tuple[Recording, list[int]]:
        """What the function does with the types of these leaves, and which ones are traced."""

        def of_traced(*traced: Any) -> Any:
            args, kwargs = unflatten(structure, with_traced(leaves, traced))
            return self._f(*args, **kwargs)

        positions = [i for i, x in enumerate(leaves) if is_traced(x)]
        types = [type_of(leaves[i]) for i in positions]
        trace = Trace(differentiates=False, sources=True)
        return record(of_traced, types, trace=trace), positions

    def _trace(self, leaves: list[Any], structure: Structure) -> Specialisation:
        recording, positions = self._record(leaves, structure)
        source, graph = self._passed(freeze(recording))
        given = [positions.index(i) for i in self._donated_leaves(leaves, structure)]
        return Specialisation(
            graph,
            source,
            recording.structure,
            positions,
            not captures_traced(graph),
            _taken(graph, given),
        )

    def _passed(self, recorded: Graph, on_step: OnStep | None = None) -> tuple[Graph, Graph]:
        """The graph after all passes, as it is differentiated and as it is executed."""
        pipeline = Pipeline(self._steps, on_step)
        source = pipeline(recorded)
        graph = inlined(source)
        if graph is source:
            return source, graph
        if on_step is not None:
            on_step("inline", source, graph)
        return source, pipeline(graph)

    def _donated_leaves(self, leaves: list[Any], structure: Structure) -> list[int]:
        """Which leaves of the arguments are arrays of donated ones."""
        args, _ = unflatten(structure, range(len(leaves)))
        if self._donate and max(self._donate) >= len(args):
            raise ArgumentError(
                f"donate={self._donate} names argument {max(self._donate)}, but"
                f" the function was called with {len(args)} positional arguments; donated"
                " arguments are counted from 0 and passed by position"
            )
        numbers = [i for n in self._donate for i in flatten(args[n])[0]]
        return [i for i in numbers if type(leaves[i]) is np.ndarray]


def _taken(graph: Graph, given: list[int]) -> dict[int, int]:
    """Each output with the first donated input of its type that is left."""
    left, taken = list(given), dict[int, int]()
    for i, out in enumerate(graph.outputs):
        for j in left:
            if out.type == graph.inputs[j].type and out.type.shape:
                taken[i] = j
                left.remove(j)
                break
    return taken


def _counted(names: Sequence[str]) -> str:
    return ", ".join(f"{name} x{n}" for name, n in sorted(Counter(names).items()))


@overload
def compile(
    f: Callable[..., Any],
    *,
    executor: Executor = ...,
    donate: int | Sequence[int] = ...,
    branches: OneOf[False] = ...,
) -> Compiled: ...
@overload
def compile(
    f: Callable[..., Any], *, executor: Executor = ..., branches: OneOf[True]
) -> Branching: ...
@overload
def compile(
    *, executor: Executor = ..., donate: int | Sequence[int] = ..., branches: OneOf[False] = ...
) -> Callable[[Callable[..., Any]], Compiled]: ...
@overload
def compile(
    *, executor: Executor = ..., branches: OneOf[True]
) -> Callable[[Callable[..., Any]], Branching]: ...
def compile(
    f: Callable[..., Any] | None = None,
    *,
    executor: Executor = "native",
    donate: int | Sequence[int] = (),
    branches: bool = False,
) -> Any:
    """A function that traces ``f`` once for each signature and then runs its graph.

    The graph is simplified and brought to stable forms first: where plain NumPy overflows, as
    ``np.log(np.sum(np.exp(x)))`` does for x = 1000, the compiled function may give the finite true
    value; elsewhere it gives the same up to rounding.

    Args:
        f: a function of NumPy arrays, or of nested containers of them; left out when ``compile`` is
            used as a decorator with arguments. Arrays that it closes over are constants, as they
            are at the first call of a signature: what changes is to be an argument.
        executor: "native" makes machine code of the graph, and runs in the interpreter what it has
            no machine code for (``compiled.report()`` lists it); "interpreter" calls NumPy, one
            equation after the other.
        donate: numbers of positional arguments that the caller does not use again. Machine code
            writes results of the same type into their arrays where nothing reads these any more,
            and returns them. An array that cannot be written into (read-only, not in C order, a
            subclass, memory shared with another argument) is copied. The interpreter takes no use
            of it.
        branches: follow Python's ``if``, ``while`` and masks on values: a graph for each path that
            ``f`` takes, and a new one when it takes another; see :class:`Branching`. Without, a
            branch on a value is an error.

    Returns:
        A :class:`Compiled` function, or a :class:`Branching` one; ``compiled.graph(*args)`` is the
        graph that a call runs.

    Raises:
        TraceError: ``f`` branches on the value of an argument, and ``branches`` is false.
        ArgumentError: ``donate`` names an argument that a call does not have, or is given together
            with ``branches``.

    >>> import numpy as np, chainrule as cr
    >>> @cr.compile
    ... def slope(x):
    ...     return cr.grad(np.sin)(x)
    >>> slope(0.0)
    np.float64(1.0)
    """
    if executor not in get_args(Executor):
        raise ArgumentError(f"executor {executor!r} is not one of {', '.join(get_args(Executor))}")
    if f is not None:
        require_function(f, "compile")
    numbers = _numbers(donate)
    if branches:
        if numbers:
            raise ArgumentError(
                "donate and branches=True exclude each other: where a branch has no graph yet, the"
                " function itself runs with the arguments; leave one of them out"
            )
        return (
            functools.partial(Branching, executor=executor) if f is None else Branching(f, executor)
        )
    if f is None:
        return functools.partial(Compiled, executor=executor, donate=numbers)
    return Compiled(f, executor, numbers)


def compiled_like(f: Callable[..., Any], key: Hashable, g: Callable[..., Any]) -> Any:
    """``g``, which is made of ``f``: compiled and kept with ``f`` if that is a compiled function.

    What SciPy's solvers call follows the function that they were given: a plain one is run as it
    is, with its branches on values, a compiled one costs one compilation, whoever solves with it.
    Two functions made of one ``f`` under one ``key`` must be the same.
    """
    return f.derived(key, lambda: compile(g, executor=f.executor)) if isinstance(f, Compiled) else g


def _numbers(donate: int | Sequence[int]) -> tuple[int, ...]:
    """The numbers of donated arguments, in order, each once."""
    given = (donate,) if isinstance(donate, int) else donate
    try:
        numbers = sorted({index(n) for n in given})
    except TypeError:
        numbers = [-1]
    if numbers and numbers[0] < 0:
        raise ArgumentError(
            f"donate={donate!r} must be a number, or numbers, of positional arguments from 0"
        )
    return tuple(numbers)
