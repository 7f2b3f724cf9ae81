"""``check_gradients``: every way to a derivative against every other, and who is to blame.

What is compared is in ``ways.py``, how in ``comparing.py``, the search for the operation that makes
two ways disagree in ``blame.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from chainrule.checking import ways as w
from chainrule.checking.blame import (
    Search,
    find,
    graph_with_lines,
    line_text,
    number_text,
    outside,
)
from chainrule.checking.comparing import (
    ARGUMENTS,
    DIFFERENCES,
    RESULTS,
    Disagreement,
    Kink,
    Outcome,
    Settings,
    compare,
    directions_of,
)
from chainrule.checking.frozen import held_constant
from chainrule.checking.problem import Problem, entry_name, is_float, like, problem_of, vector
from chainrule.checking.purity import check_purity
from chainrule.checking.report import Comparison, GradientReport
from chainrule.checking.ways import Directions, Executor
from chainrule.core.errors import ArgumentError, DTypeError, GradientError
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten, leaf_names

SEARCHED = 400  # entries, in the search for the worst one


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 2,
    executor: Executor | None = "native",
    directions: int = 2,
    entries: bool = False,
    seed: int = 0,
    **kwargs: Any,
) -> GradientReport:
    """Compute the derivatives of ``f`` at these arguments in every way, and compare.

    Forward against reverse mode, ``<u, J t> = <u J, t>``; the four nestings of the two for second
    order; each of them compiled, and batched with ``vmap``; and against differences, central ones
    extrapolated to step 0 or the complex step, whose error is estimated. Directions t and u are
    random. What may differ is measured: rounding by moving the arguments by units in the last
    place, differences by their own estimate. What ``stop_gradient`` holds constant is held in
    differences, too.

    Where two ways disagree, each recorded operation is checked by itself, and the error names the
    one to blame and the user's line. At a kink (``abs`` at 0) any slope between those of the two
    sides is right, and the report notes it.

    Args:
        f: any function of arrays or nested containers of them; all floating-point arguments are
            differentiated, by position or keyword, others are constant.
        order: 1 for first derivatives alone, 2 for second ones, too.
        executor: "native", "interpreter", or None to compile nothing.
        directions: how many random directions.
        entries: also along each single entry of the arguments.
        seed: of the random directions.
        kwargs: go to ``f``; one that is named like an option here needs a function around ``f``.

    Returns:
        A :class:`GradientReport`; its text is a table.

    Raises:
        GradientError: two ways disagree, or two runs of ``f`` give different numbers.
        ArgumentError: an option is out of its range.
        DTypeError: no argument is of floating-point numbers.

    >>> import numpy as np, chainrule as cr
    >>> report = cr.check_gradients(lambda x: np.sum(np.sin(x)), np.array([1.0, 2.0]), order=1)
    >>> all(c.agrees for c in report.comparisons)
    True

    A rule with a mistake:

    >>> wave = cr.custom_derivative(lambda x: np.sin(x))
    >>> wave.def_vjp(lambda x: (np.sin(x), x), lambda x, ct: (ct * np.sin(x),))
    >>> cr.check_gradients(wave, 1.0, order=1)
    Traceback (most recent call last):
        ...
    chainrule.core.errors.GradientError: ...

    Source: Griewank and Walther, Evaluating Derivatives (2008), section 3.3 for the pairing of
    modes; Ridders (1982) for differences.
    """
    with users_frames:
        _check_options(order, executor, directions)
        problem = problem_of(f, args, kwargs)
        notes = check_purity(problem)
        _require_numbers(problem)
        xs = problem.fresh()
        eps = w.precision_of(problem, xs)
        made = directions_of(problem, xs, directions, seed)
        if entries:
            made += _unit_directions(problem, made[0])
        settings = Settings(order, executor)
        outcome = compare(problem, xs, made, eps, settings, held_constant(problem, xs))
        failed = outcome.failed
        wrong_kinks = [k for k in outcome.kinks if outside(k)]
        if failed or wrong_kinks:
            raise _error(problem, made, outcome, settings)
        notes += [*_kink_notes(problem, outcome.kinks), *outcome.skipped]
        return GradientReport(
            problem.title,
            vector(xs).size,
            len(made),
            tuple(
                Comparison(order, pair, d.gap, d.allowed)
                for (order, pair), d in sorted(outcome.worst.items())
            ),
            outcome.method,
            tuple(dict.fromkeys(notes)),
        )


def _check_options(order: int, executor: Executor | None, directions: int) -> None:
    if order not in (1, 2):
        raise ArgumentError(f"check_gradients: order={order!r} is neither 1 nor 2")
    if executor is not None and executor not in get_args(Executor):
        raise ArgumentError(
            f"check_gradients: executor={executor!r} is not one of"
            f" {', '.join(get_args(Executor))} or None"
        )
    if directions < 1:
        raise ArgumentError(f"check_gradients: directions={directions!r} must be at least 1")


def _require_numbers(problem: Problem) -> None:
    """Raise where there is nothing to compare."""
    returned = problem.result(*problem.fresh())
    known = (np.ndarray, np.generic, bool, int, float, complex)
    if not any(isinstance(x, known) for x in flatten(returned)[0]):
        raise DTypeError(
            f"check_gradients: {problem.title} returns {type(returned).__name__}, which has no"
            " number in it; return what is to be differentiated"
        )


def _unit_directions(problem: Problem, d: Directions) -> list[Directions]:
    """A direction along each entry of the arguments, of the size of its leaf."""
    sizes = np.abs(vector(d.t))
    units = np.eye(sizes.size) * sizes
    return [replace(d, t=like(row, problem.point)) for row in units]


# ---- what is said --------------------------------------------------------------------------------


def _result_names(problem: Problem) -> tuple[list[Any], list[str]]:
    """The results that are floating-point numbers, and their names."""
    leaves, structure = flatten(problem.result(*problem.fresh()))
    names = leaf_names(structure)
    kept = [(x, f"result{n}") for x, n in zip(leaves, names, strict=True) if is_float(x)]
    return [x for x, _ in kept], [n for _, n in kept]


def _kink_notes(problem: Problem, kinks: Sequence[Kink]) -> list[str]:
    outs, names = _result_names(problem) if kinks else ([], [])
    return [
        f"f has a kink here: {entry_name(outs, names, k.entry)} has left slope {k.left:.6g}, right"
        f" slope {k.right:.6g} along direction {k.direction}; the derivative given is"
        f" {k.derivative:.6g}"
        for k in kinks
    ]


def _error(
    problem: Problem, made: Sequence[Directions], outcome: Outcome, settings: Settings
) -> GradientError:
    """The error for what disagrees first, with the entry and the operation to blame."""
    kinks = [k for k in outcome.kinks if outside(k)]
    if not outcome.failed:
        note = _kink_notes(problem, kinks)[0]
        return GradientError(
            f"check_gradients of {problem.title}: {note}, which lies outside of the two"
        )
    first = outcome.failed[0]
    a, b = first.pair
    x, y = (number_text(n) for n in first.numbers)
    lines = [
        f"check_gradients of {problem.title}: {a} and {b} disagree",
        f"  {a} gives {x}, {b} gives {y} ({_place(problem, first)}; they may differ by"
        f" {first.allowed:.1e})",
        *_worst_entry(problem, made[first.direction], first),
    ]
    found = find(problem, problem.fresh(), outcome.failed, settings)
    return GradientError("\n".join([*lines, *_blame_lines(problem, found)]))


def _place(problem: Problem, d: Disagreement) -> str:
    """Where two ways disagree."""
    kind, number = d.place
    along = f"along random direction {d.direction}"
    if kind == RESULTS:
        outs, names = _result_names(problem)
        place = entry_name(outs, names, number)
        return f"{place}, {along}" if d.order else place
    if kind == ARGUMENTS:
        return f"{entry_name(problem.point, problem.names, number)}, {along}"
    return f"as one number, {along}"


def _worst_entry(problem: Problem, d: Directions, first: Disagreement) -> list[str]:
    """The argument entry in which the disagreement is largest, for first derivatives."""
    xs = problem.point
    size = vector(xs).size
    if first.order != 1 or first.place[0] == ARGUMENTS or size > SEARCHED:
        return []
    worst: tuple[float, str] = (0.0, "")
    eps = w.precision_of(problem, problem.fresh())
    settings = Settings(1, None, batch=False, differences=DIFFERENCES in first.pair)
    for i, unit in enumerate(_unit_directions(problem, d)):
        one = compare(problem, problem.fresh(), [unit], eps, settings)
        for found in one.failed:
            scale = float(np.abs(vector(unit.t)[i]))
            if found.pair == first.pair and found.gap / scale > worst[0]:
                numbers = [number_text(n / scale) for n in found.numbers]
                name = entry_name(xs, problem.names, i)
                ways = f"{found.pair[0]} gives {numbers[0]}, {found.pair[1]} gives {numbers[1]}"
                worst = found.gap / scale, f"  worst in {name}: {ways}"
    return [worst[1]] if worst[1] else []


def _blame_lines(problem: Problem, found: Search) -> list[str]:
    if found.blame is not None:
        return [str(found.blame)]
    if found.kinks:
        return [
            "no operation is wrong by itself, but these are at a kink, where the derivative of a"
            " sum or composition is none of the slopes:",
            *(f"  {name} at {line_text(source)}" for name, source in found.kinks),
        ]
    graph = graph_with_lines(problem, problem.fresh())
    return [f"none of the {len(graph.equations)} recorded operations is wrong by itself"]
