"""The derivation of any NumPy function at given arguments, line by line beside its source.

Each line of the function gets the equations that the graph has for it, forwards,
and what each equation gives back to the cotangents of its operands: local derivatives, read off the
rules of the primitives. The reverse sweep follows in its order, where the contributions of all uses
of a variable are added up. Nothing is shown that has not been computed with numbers, too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Literal, Var
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten, flatten_like, leaf_names, unflatten
from chainrule.insight.derivations.folding import foldable
from chainrule.insight.derivations.naming import symbols_of, symbols_of_arrays
from chainrule.insight.derivations.parts import CotangentSum, Row
from chainrule.insight.derivations.program import Program, run_program
from chainrule.insight.derivations.steps import Steps
from chainrule.insight.notation.expression import Symbol
from chainrule.transforms.numbers import Numbers
from chainrule.transforms.recording import require_function

Array = Any
LIMIT = 100  # equations that are shown unless more are asked for


@dataclass(frozen=True, eq=False)
class FunctionDerivation:
    """The derivation of a function's gradient at given arguments.

    ``str()`` has two parts: the source with the equations of each line and what they give back, to
    be read upwards, and the reverse sweep in its order. :meth:`latex` is the same as LaTeX.

    Attributes:
        name: the function's name.
        inputs: symbols and values of the arguments.
        outputs: symbols of the results, from which the sweep starts.
        constants: symbols and values of the arrays that stand in it.
        drawn: whether it starts with cotangents that were drawn at random.
        rows: lines of the source.
        sweep: cotangents in the order of the reverse sweep.
        equations: how many there are.
        left_out: how many are not shown.
        error: the largest relative error of all checks.
    """

    name: str
    inputs: tuple[tuple[Symbol, Array], ...]
    outputs: tuple[Symbol, ...]
    constants: tuple[tuple[Symbol, Array], ...]
    drawn: bool
    rows: tuple[Row, ...]
    sweep: tuple[CotangentSum, ...]
    equations: int
    left_out: int
    error: float

    @property
    def gradients(self) -> dict[str, Array]:
        """The derivative in each argument, by the argument's name."""
        return {s.of.text: s.value for s in self.sweep if s.is_input}

    def __str__(self) -> str:
        from chainrule.insight.derivations.printing import as_text

        return as_text(self)

    __repr__ = __str__

    def latex(self) -> str:
        """The lines as an array, and the reverse sweep as an aligned environment."""
        from chainrule.insight.derivations.printing import as_latex

        return as_latex(self)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        from chainrule.insight.derivations.printing import as_html

        return as_html(self)


def function_derivation(
    f: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    cotangent: Any = None,
    limit: int = LIMIT,
) -> FunctionDerivation:
    """The derivation of ``f`` at ``args``: equations line by line, and the reverse sweep.

    ``f`` is called twice: its lines are taken from the first run, and the gradient, which must be
    the same, from the second.

    Args:
        f: a function of plain NumPy.
        args: its arguments, or nested containers of them.
        argnums: positions of the arguments to differentiate; left out, those with floating-point
            numbers, or all if there are none. Others stay plain values.
        cotangent: of the result, where the sweep starts; 1 for a single real number, and random
            numbers for a result of another shape, since the equations hold for any.
        limit: equations that are shown at most.

    Raises:
        GradientError: a line does not have the number that the gradient has.
        ArgumentError: there is nothing to differentiate, or f has another result the second time.

    >>> def f(a, b):
    ...     c = a + b
    ...     d = b + 1
    ...     return c * d
    >>> print(function_derivation(f, 2.0, 1.0))
    f(a, b) at a = 2, b = 1
    <BLANKLINE>
    source            forward        reverse, read upwards
    ────────────────  ─────────────  ─────────────────────
    def f(a, b):
        c = a + b     c = a + b = 3  ā += c̄ = 2
                                     b̄ += c̄ = 2
        d = b + 1     d = b + 1 = 2  b̄ += d̄ = 3
        return c * d  f = c · d = 6  c̄ += f̄ · d = 2
                                     d̄ += f̄ · c = 3
    <BLANKLINE>
    Reverse sweep, in its order; x̄ is the cotangent of x, the derivative df/dx
    f̄ = 1
    d̄ = f̄ · c = 3
    c̄ = f̄ · d = 2
    ā = c̄ = 2
    b̄ = d̄ + c̄ = 3 + 2 = 5
    <BLANKLINE>
    Each line was checked with numbers, the sums against the gradient: without any difference.
    """
    require_function(f, "insight.derivation", "(f, x)")
    with users_frames:
        return _derive(f, args, argnums, cotangent, limit)


@dataclass(frozen=True)
class Arguments:
    """The arguments with what is differentiated taken out as leaves."""

    args: tuple[Any, ...]
    positions: tuple[int, ...]
    names: tuple[str, ...]
    leaves: tuple[Any, ...]
    structure: Any

    def filled(self, leaves: Sequence[Any]) -> tuple[Any, ...]:
        """All arguments, with other leaves."""
        full = list(self.args)
        for i, x in zip(self.positions, unflatten(self.structure, leaves), strict=True):
            full[i] = x
        return tuple(full)


def arguments_of(
    f: Callable[..., Any], args: tuple[Any, ...], argnums: int | Sequence[int] | None = None
) -> Arguments:
    """What is differentiated of a function's arguments: see :func:`function_derivation`."""
    if argnums is None:
        positions = [i for i, x in enumerate(args) if _is_numbers(x, "fc")]
        positions = positions or [i for i, x in enumerate(args) if _is_numbers(x, "iufc")]
    else:
        given = [argnums] if isinstance(argnums, int) else list(argnums)
        positions = [i % max(len(args), 1) for i in given]
    if not positions:
        raise ArgumentError(
            "derivation needs an argument to differentiate: a number or an array of floating-point"
            " numbers, or containers of them; write cr.insight.derivation(f, x)"
        )
    names = _parameter_names(f, args)
    leaves, structure = flatten(tuple(args[i] for i in positions))
    shown = [f"{names[i]}{end}" for i in positions for end in leaf_names(flatten(args[i])[1])]
    floats = [float(x) if isinstance(x, int) else x for x in leaves]
    return Arguments(args, tuple(positions), tuple(shown), tuple(floats), structure)


def _is_numbers(x: Any, kinds: str) -> bool:
    """Whether all leaves of an argument are numbers of these kinds."""
    leaves, _ = flatten(x)
    numbers = (int, float, complex, np.ndarray, np.generic)
    return bool(leaves) and all(
        isinstance(leaf, numbers) and np.asarray(leaf).dtype.kind in kinds for leaf in leaves
    )


def _parameter_names(f: Callable[..., Any], args: Sequence[Any]) -> list[str]:
    fallback = [f"x{i + 1}" for i in range(len(args))]
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return fallback
    names: list[str] = []
    for p in parameters:
        if p.kind is p.VAR_POSITIONAL:
            names += [f"{p.name}[{i}]" for i in range(len(args) - len(names))]
        elif p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
            names.append(p.name)
    return (names + fallback[len(names) :])[: len(args)]


# ---- the derivation ------------------------------------------------------------------------------


def _derive(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    argnums: int | Sequence[int] | None,
    cotangent: Any,
    limit: int,
) -> FunctionDerivation:
    prepared = prepare(f, args, argnums)
    graph, symbols = prepared.program.graph, prepared.symbols
    seeds = _seeds(prepared.program, cotangent)
    numbers = Numbers(graph, prepared.leaves, seeds.of_graph)
    steps = Steps(prepared.program, symbols, prepared.transposes, numbers, limit)
    rows, sweep = steps.rows, steps.sums
    steps.confirm(prepared.of_leaves, prepared.leaves, seeds.of_function)
    arrays = {x: s for x, s in symbols.items() if isinstance(x, Literal)}
    return FunctionDerivation(
        name="" if prepared.name == "<lambda>" else prepared.name,
        inputs=tuple((symbols[v], numbers.value(v)) for v in graph.inputs),
        outputs=tuple(symbols[v] for v in graph.outputs if isinstance(v, Var)),
        constants=tuple({s.text: (s, x.value) for x, s in arrays.items()}.values()),
        drawn=seeds.drawn,
        rows=rows,
        sweep=sweep,
        equations=len(graph.equations),
        left_out=len(graph.equations) - len(steps.shown),
        error=steps.error,
    )


@dataclass(frozen=True, eq=False)
class Prepared:
    """A function that was run once: its graph, and a symbol for each variable.

    Attributes:
        name: of the function.
        program: the graph, with its lines and names.
        symbols: of its variables and of the arrays that stand in it.
        transposes: variables that are written where they are used, and what they are of.
        names: of the leaves that are differentiated, as the function calls them.
        leaves: their values.
        of_leaves: calls the function with such leaves.
    """

    name: str
    program: Program
    symbols: dict[Var | Literal, Symbol]
    transposes: dict[Var, Var]
    names: tuple[str, ...]
    leaves: tuple[Any, ...]
    of_leaves: Callable[..., Any]


def prepare(
    f: Callable[..., Any], args: tuple[Any, ...], argnums: int | Sequence[int] | None = None
) -> Prepared:
    """Run a function once, for its derivation; see :func:`function_derivation`."""
    arguments = arguments_of(f, args, argnums)

    def of_leaves(*xs: Any) -> Any:
        return f(*arguments.filled(xs))

    program = run_program(f, arguments.leaves, of_leaves)
    name = str(getattr(f, "__name__", "f"))
    others = _parameter_names(f, args)
    transposes = foldable(program.graph, program.names)
    own = symbols_of(program.graph, arguments.names, program.names, transposes, name, others)
    taken = {symbol.text for symbol in own.values()}
    arrays = symbols_of_arrays(program.graph, _arrays_of(f, arguments, program), taken)
    symbols: dict[Var | Literal, Symbol] = {**own, **arrays}
    return Prepared(
        name, program, symbols, transposes, arguments.names, arguments.leaves, of_leaves
    )


def _arrays_of(f: Callable[..., Any], arguments: Arguments, program: Program) -> dict[str, Any]:
    """Plain arrays by the names that they have for the function: arguments, locals, globals."""
    found: dict[str, Any] = {
        name: x
        for name, x in zip(_parameter_names(f, arguments.args), arguments.args, strict=True)
        if isinstance(x, np.ndarray)
    }
    found.update((k, v) for k, v in program.arrays.items() if k not in found)
    if inspect.isfunction(f):
        around = inspect.getclosurevars(f)
        for names in (around.nonlocals, around.globals):
            found.update((k, v) for k, v in names.items() if k not in found)
    return found


@dataclass(frozen=True)
class _Seeds:
    """The cotangents of the results: for the graph, and in the function's own container."""

    of_graph: list[Array]
    of_function: Any
    drawn: bool


def _seeds(program: Program, given: Any) -> _Seeds:
    if given is not None:
        assert program.structure is not None
        return _Seeds(flatten_like(program.structure, given, "the cotangent"), given, drawn=False)
    types = [x.type for x in program.graph.outputs]
    if not types:
        raise ArgumentError(
            "derivation needs a function that returns a number or an array; this one returns none"
        )
    single = len(types) == 1 and types[0].shape == () and types[0].dtype.kind == "f"
    rng = np.random.default_rng(0)
    seeds: list[Array] = []
    for kind in types:
        drawn = np.ones(()) if single else rng.normal(size=kind.shape)
        seeds.append(drawn.astype(kind.dtype if kind.dtype.kind in "fc" else np.float64)[()])
    assert program.structure is not None
    return _Seeds(seeds, unflatten(program.structure, seeds), drawn=not single)
