"""The derivation of any NumPy function at given arguments, line by line beside its source.

The function is run once. Each line of it gets the equations that the graph has for it, forwards,
and what each equation gives back to the cotangents of its operands: local derivatives, read off the
rules of the primitives. The reverse sweep follows in its order, where the contributions of all uses
of a variable are added up. Nothing is shown that has not been computed with numbers, too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, GradientError
from chainrule.core.graph import Equation, Source, Var
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten, leaf_names, unflatten
from chainrule.insight.derivation.edges import (
    Contribution,
    Used,
    applied,
    contributions,
    relative_error,
    tolerance,
)
from chainrule.insight.derivation.naming import symbols_of
from chainrule.insight.derivation.program import Program, run_program
from chainrule.insight.notation.expression import Apply, Symbol
from chainrule.insight.notation.names import cotangent
from chainrule.insight.notation.reading import evaluate_expression
from chainrule.transforms.numbers import Numbers
from chainrule.transforms.recording import require_function
from chainrule.transforms.vjp import vjp

Array = Any
LIMIT = 100  # equations that are shown unless more are asked for


@dataclass(frozen=True, eq=False)
class Step:
    """An equation of the graph: ``c = a + b``, and what it gives back in the reverse sweep.

    Attributes:
        left: the symbols of its results.
        right: what each is equal to.
        values: their numbers.
        contributions: one for each operand with a cotangent.
    """

    left: tuple[Symbol, ...]
    right: tuple[Apply, ...]
    values: tuple[Array, ...]
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, eq=False)
class Row:
    """A line of the source and its equations.

    Attributes:
        source: the line, "" where it is not known.
        place: its file and number.
        steps: its equations, in the order in which they ran.
    """

    source: str
    place: Source | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, eq=False)
class CotangentSum:
    """A cotangent of the reverse sweep: the sum of the contributions of all uses of a variable.

    Attributes:
        left: its symbol.
        terms: the contributions, in the order in which they come in.
        hidden: how many more there are, of equations that are not shown.
        value: its number.
        is_input: whether it is the derivative in an argument.
    """

    left: Symbol
    terms: tuple[Contribution, ...]
    hidden: int
    value: Array
    is_input: bool


@dataclass(frozen=True, eq=False)
class FunctionDerivation:
    """The derivation of a function's gradient at given arguments.

    ``str()`` has two parts: the source with the equations of each line and what they give back, to
    be read upwards, and the reverse sweep in its order. :meth:`latex` is the same as LaTeX.

    Attributes:
        name: the function's name.
        inputs: symbols and values of the arguments.
        output: the symbol of the result that the sweep starts from.
        seed: the cotangent that it starts with.
        rows: lines of the source.
        sweep: cotangents in the order of the reverse sweep.
        left_out: equations that are not shown.
        error: the largest relative error of all checks.
    """

    name: str
    inputs: tuple[tuple[Symbol, Array], ...]
    outputs: tuple[Symbol, ...]
    rows: tuple[Row, ...]
    sweep: tuple[CotangentSum, ...]
    left_out: int
    error: float

    @property
    def gradients(self) -> dict[str, Array]:
        """The derivative in each argument, by the argument's name."""
        return {s.terms[0].variable.text: s.value for s in self.sweep if s.is_input and s.terms}

    def __str__(self) -> str:
        from chainrule.insight.derivation.printing import as_text

        return as_text(self)

    def latex(self) -> str:
        """The lines as an array, and the reverse sweep as an aligned environment."""
        from chainrule.insight.derivation.printing import as_latex

        return as_latex(self)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"

    def _repr_html_(self) -> str:
        from chainrule.insight.derivation.printing import as_html

        return as_html(self)


def function_derivation(
    f: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    cotangent: Any = None,
    limit: int = LIMIT,
) -> FunctionDerivation:
    """The derivation of ``f`` at ``args``: equations line by line, and the reverse sweep.

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
        ArgumentError: there is nothing to differentiate.

    >>> def f(a, b):
    ...     c = a + b
    ...     d = b + 1
    ...     return c * d
    >>> print(function_derivation(f, 2.0, 1.0))
    """
    require_function(f, "insight.derivation")
    with users_frames:
        return _derive(f, args, argnums, cotangent, limit)


@dataclass(frozen=True)
class _Arguments:
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


def _arguments(
    f: Callable[..., Any], args: tuple[Any, ...], argnums: int | Sequence[int] | None
) -> _Arguments:
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
    shown = [
        f"{names[i]}{end}" for i in positions for end in leaf_names(flatten(args[i])[1])
    ]
    floats = [float(x) if isinstance(x, int) else x for x in leaves]
    return _Arguments(args, tuple(positions), tuple(shown), tuple(floats), structure)


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
    arguments = _arguments(f, args, argnums)

    def of_leaves(*xs: Any) -> Any:
        return f(*arguments.filled(xs))

    program = run_program(f, arguments.leaves, of_leaves)
    name = str(getattr(f, "__name__", "f"))
    symbols = symbols_of(program.graph, arguments.names, program.names, name)
    seeds = _seeds(program, arguments.leaves, cotangent)
    numbers = Numbers(program.graph, arguments.leaves, seeds.graph)
    sweep = _Sweep(program, symbols, numbers, limit)
    confirmed = sweep.confirm(of_leaves, arguments.leaves, seeds.tree)
    return FunctionDerivation(
        name,
        tuple((symbols[v], numbers.value(v)) for v in program.graph.inputs),
        tuple(symbols[v] for v in program.graph.outputs if isinstance(v, Var)),
        sweep.rows,
        sweep.sums,
        len(program.graph.equations) - len(sweep.shown),
        max(sweep.error, confirmed),
    )


@dataclass(frozen=True)
class _Seeds:
    """The cotangents of the results: for the graph, and in the function's own container."""

    graph: list[Array]
    tree: Any


def _seeds(program: Program, leaves: Sequence[Any], given: Any) -> _Seeds:
    if given is not None:
        return _Seeds(list(flatten(given)[0]), given)
    numbers = Numbers(program.graph, leaves)
    values = [np.asarray(numbers.value(x)) for x in program.graph.outputs]
    rng = np.random.default_rng(0)
    seeds: list[Array] = []
    for value in values:
        single = len(values) == 1 and value.shape == ()
        drawn = np.ones(()) if single else rng.normal(size=value.shape)
        seeds.append(drawn.astype(value.dtype if value.dtype.kind in "fc" else float)[()])
    return _Seeds(seeds, unflatten(program.structure, seeds))


class _Sweep:
    """Rows and sums of cotangents of a program at its values."""

    def __init__(
        self, program: Program, symbols: Mapping[Var, Symbol], numbers: Numbers, limit: int
    ) -> None:
        self._program = program
        self._symbols = dict(symbols)
        self._numbers = numbers
        equations = program.graph.equations
        ends = {*equations[: (limit + 1) // 2], *equations[len(equations) - limit // 2 :]}
        self.shown = set(equations) if len(equations) <= limit else ends
        self.error = 0.0
        self._terms: dict[Var, list[Contribution]] = {}
        self._hidden: dict[Var, int] = {}
        self._steps = {e: self._step(e) for e in reversed(equations) if e in self.shown}
        for e in equations:
            if e not in self.shown:
                for v in dict.fromkeys(e.inputs):
                    if isinstance(v, Var):
                        self._hidden[v] = self._hidden.get(v, 0) + 1

    def _cotangent(self, v: Var) -> Array | None:
        return self._numbers.cotangent(v) if v.type.dtype.kind in "fc" else None

    def _step(self, equation: Equation) -> Step:
        right = applied(equation, self._symbols)
        values = tuple(self._numbers.value(v) for v in equation.outputs)
        seen = [v for v in (*equation.inputs, *equation.outputs) if isinstance(v, Var)]
        known = {v: self._numbers.value(v) for v in seen}
        by_text = {self._symbols[v].text: x for v, x in known.items()}
        for x, value in zip(right, values, strict=True):
            self._check(evaluate_expression(x, by_text), value, x.primitive)
        cts = tuple(map(self._cotangent, equation.outputs))
        found: list[Contribution] = []
        if any(ct is not None for ct in cts):
            wanted = [isinstance(x, Var) and self._cotangent(x) is not None for x in equation.inputs]
            used = Used(equation, self._symbols, known, cts)
            for x, c in zip(equation.inputs, contributions(used, wanted), strict=True):
                if c is not None and isinstance(x, Var):
                    found.append(c)
                    self.error = max(self.error, c.error)
                    self._terms.setdefault(x, []).append(c)
        left = tuple(self._symbols[v] for v in equation.outputs)
        return Step(left, right, values, tuple(found))

    def _check(self, found: Array, value: Array, what: str) -> None:
        error = relative_error(found, value)
        if error > tolerance(value):
            raise GradientError(
                f"{what}: a line of the derivation has relative error {error:.1e}; this is a bug in"
                " chainrule, please report it with the function"
            )
        self.error = max(self.error, error)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Lines of the source with their equations; lines of hidden equations are left out."""
        rows: list[Row] = []
        for line in self._program.lines:
            kept = tuple(self._steps[e] for e in line.equations if e in self.shown)
            if kept or not line.equations:
                rows.append(Row(line.text, line.source, kept))
        return tuple(rows)

    @cached_property
    def sums(self) -> tuple[CotangentSum, ...]:
        """Cotangents in the order in which the reverse sweep has them complete."""
        graph = self._program.graph
        made = [v for e in graph.equations for v in e.outputs]
        outputs = set(graph.outputs)
        sums: list[CotangentSum] = []
        for v in (*reversed(made), *graph.inputs):
            value = self._cotangent(v)
            terms = tuple(self._terms.get(v, ()))
            if value is None or (not terms and v not in outputs):
                continue
            hidden = self._hidden.get(v, 0)
            if not hidden and v not in outputs:
                total = sum((t.value for t in terms[1:]), terms[0].value)
                self._check(total, value, f"the sum of {cotangent(self._symbols[v]).text}")
            left = cotangent(self._symbols[v])
            sums.append(CotangentSum(left, terms, hidden, value, v in graph.inputs))
        return tuple(sums)

    def confirm(self, f: Callable[..., Any], leaves: Sequence[Any], seed: Any) -> float:
        """Compare the derivatives in the arguments with those of an eager sweep."""
        _, pullback = vjp(f, *leaves)
        before = self.error
        for v, expected in zip(self._program.graph.inputs, pullback(seed), strict=True):
            found = self._cotangent(v)
            none = np.zeros(np.shape(expected)) if found is None else found
            self._check(none, expected, f"the derivative in {self._symbols[v].text}")
        return max(before, self.error)

