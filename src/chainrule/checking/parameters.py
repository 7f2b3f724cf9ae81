"""The gradient of a cost against differences, parameter by parameter: which ones are worst.

``gradients.py`` compares along random directions, which finds every mistake, and names the
operation to blame. Here each single number is moved by itself, as in the definition of a partial
derivative, which says where a mistake shows: in one layer, in the biases, in a row.

The differences and their errors are from ``quotients.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checking.differences import in_double
from chainrule.checking.problem import Problem, Vector, entry_name, problem_of, vector
from chainrule.checking.quotients import STEP, Cost, Progress, Quotients, quotients_of
from chainrule.checking.ways import Executor
from chainrule.core import html
from chainrule.core.errors import ArgumentError
from chainrule.core.trace import type_of
from chainrule.core.tracebacks import users_frames
from chainrule.transforms.derived import grad
from chainrule.transforms.trace import input_names


@dataclass(frozen=True)
class ParameterError:
    """One number, with its derivative by the graph and by differences."""

    name: str
    analytic: float
    numeric: float
    allowed: float

    @property
    def gap(self) -> float:
        """How far the two are apart."""
        return abs(self.analytic - self.numeric)

    @property
    def relative(self) -> float:
        """The gap in relation to the larger of the two."""
        return self.gap / max(abs(self.analytic), abs(self.numeric), 1e-300)

    @property
    def agrees(self) -> bool:
        """Whether they are equal up to the error of the difference."""
        return self.gap <= self.allowed


@dataclass(frozen=True)
class ArgumentErrors:
    """The numbers of one argument, such as the weights of a layer."""

    name: str
    shape: tuple[int, ...]
    checked: int
    wrong: int
    unclear: int
    largest_gap: float
    largest_derivative: float


@dataclass(frozen=True)
class ParameterReport:
    """What came of comparing each parameter.

    Attributes:
        function: its name and line.
        parameters: how many there are.
        checked: how many were compared, the others being left out by ``most``.
        step: of the differences, for numbers of size 1.
        arguments: one entry for each array.
        worst: the worst offenders, wrong ones first, then by gap against what is allowed.
        unclear: at how many the two steps of the difference disagree, as at a kink, or are NaN.
    """

    function: str
    parameters: int
    checked: int
    step: float
    arguments: tuple[ArgumentErrors, ...]
    worst: tuple[ParameterError, ...]

    @property
    def wrong(self) -> int:
        """How many derivatives differ by more than the difference can be wrong."""
        return sum(a.wrong for a in self.arguments)

    @property
    def agrees(self) -> bool:
        """Whether none is wrong."""
        return self.wrong == 0

    def __str__(self) -> str:
        of_all = "" if self.checked == self.parameters else f" of {self.parameters:,}"
        parameters = "parameter" if self.parameters == 1 else "parameters"
        verdict = "all agree" if self.agrees else f"{self.wrong:,} are wrong"
        lines = [
            f"{self.checked:,}{of_all} {parameters} of {self.function} against central differences"
            f" (step {self.step:.0e}): {verdict}"
        ]
        width = max(len(a.name) for a in self.arguments)
        for a in self.arguments:
            shape = "x".join(map(str, a.shape)) or "number"
            notes = [f"{a.wrong:,} wrong"] if a.wrong else []
            notes += [f"{a.unclear:,} not judged: at a kink, or beside NaN"] if a.unclear else []
            lines.append(
                f"  {a.name:{width}}  {shape:>9}  {a.checked:>9,} checked  largest derivative"
                f" {a.largest_derivative:.2e}  largest gap {a.largest_gap:.1e}"
                + "".join(f"  {note}" for note in notes)
            )
        lines.append("worst offenders" if self.worst else "")
        longest = max((len(w.name) for w in self.worst), default=0)
        lines += [
            f"  {w.name:{longest}}  by the graph {w.analytic:+.9e}  by differences"
            f" {w.numeric:+.9e}  gap {w.gap:.1e} of {w.allowed:.1e}"
            + ("" if w.agrees else "  WRONG")
            for w in self.worst
        ]
        return "\n".join(line for line in lines if line)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = ["parameter", "by the graph", "by differences", "gap", "allowed", ""]
        rows = [
            [
                w.name, f"{w.analytic:+.9e}", f"{w.numeric:+.9e}", f"{w.gap:.1e}",
                f"{w.allowed:.1e}", "" if w.agrees else "wrong",
            ]
            for w in self.worst
        ]  # fmt: skip
        return html.table(head, rows, str(self).split("\n", 1)[0])


def check_parameters(
    f: Cost,
    *args: Any,
    step: float = STEP,
    most: int | None = None,
    worst: int = 8,
    executor: Executor = "native",
    seed: int = 0,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> ParameterReport:
    """The derivative of a cost in each single number, beside its difference quotient.

    ``dC/dw = (4 D(h) - D(2h)) / 3``, with ``D(h) = (C(w + h) - C(w - h)) / 2h`` and h = step times
    the size of w (at least 1).

    Args:
        f: a function of arrays or containers of them that returns one real number.
        args: where it is checked; all floating-point numbers among them are parameters.
        step: h for a parameter of size 1.
        most: compare so many parameters at most, chosen at random; None compares all.
        worst: how many offenders to report.
        executor: what computes the cost four times a parameter.
        seed: of the choice.
        names: what to call the arrays of parameters, one name each; as the function does, if left
            out: ``weights[0]``.
        progress: is told ``(done, all)`` now and then.

    Raises:
        DTypeError: nothing to differentiate, or complex numbers.
        ArgumentError: the function does not return one real number, or an option is out of range.

    >>> import numpy as np
    >>> cost = lambda w, b: 0.5 * np.sum((np.tanh(w @ np.ones(3)) + b) ** 2)
    >>> report = check_parameters(cost, np.ones((2, 3)), np.zeros(2), executor="interpreter")
    >>> report.agrees, report.checked
    (True, 8)

    Source: Nielsen, chapter 2, "In what sense is backpropagation a fast algorithm?", for the
    difference quotient; Ridders (1982) for its extrapolation.
    """
    if not 0 < step < 1 or worst < 0 or (most is not None and most < 1):
        raise ArgumentError(
            f"check_parameters needs 0 < step < 1, worst >= 0 and most >= 1, got step={step},"
            f" worst={worst}, most={most}"
        )
    with users_frames:
        problem = problem_of(f, args, {})
        chosen = _chosen(vector(problem.point).size, most, seed)
        found = quotients_of(
            f, *args, step=step, chosen=chosen, executor=executor, progress=progress
        )
        point = in_double(problem.point)
        analytic = vector(grad(problem.result, tuple(range(len(point))))(*point))
    shown = _called(problem, f, args) if names is None else list(names)
    if len(shown) != len(point):
        raise ArgumentError(f"check_parameters: {len(shown)} names for {len(point)} arrays")
    return report_of(found, analytic, shown, worst)


def _chosen(parameters: int, most: int | None, seed: int) -> Vector:
    if most is None or most >= parameters:
        return np.arange(parameters)
    return np.sort(np.random.default_rng(seed).choice(parameters, most, replace=False))


def report_of(
    quotients: Quotients, analytic: Vector, names: Sequence[str], worst: int
) -> ParameterReport:
    """A gradient, all its numbers as one vector, against difference quotients."""
    problem, chosen, numeric = quotients.problem, quotients.chosen, quotients.numeric
    found, allowed = analytic[chosen], quotients.allowed
    gap = np.abs(found - numeric)
    judged = np.isfinite(allowed)
    share = np.divide(gap, allowed, out=np.zeros(gap.size), where=judged & (allowed > 0))
    share[np.isnan(gap) & judged] = np.inf  # a derivative that is NaN is as wrong as can be
    order = [i for i in np.argsort(-share, kind="stable") if judged[i]][:worst]
    point = problem.point
    offenders = tuple(
        ParameterError(
            entry_name(point, names, int(chosen[i])),
            float(found[i]), float(numeric[i]), float(allowed[i]),
        )
        for i in order
    )  # fmt: skip
    arguments = tuple(_by_argument(problem, names, chosen, found, gap, allowed))
    return ParameterReport(
        problem.title, analytic.size, chosen.size, quotients.step, arguments, offenders
    )


def _called(problem: Problem, f: Cost, args: Sequence[Any]) -> list[str]:
    """What the function calls its arguments; else "argument 0"."""
    called = input_names(f, args, {})
    return [called[i] or name for i, name in zip(problem.places, problem.names, strict=True)]


def _by_argument(
    problem: Problem,
    names: Sequence[str],
    chosen: Vector,
    found: Vector,
    gap: Vector,
    allowed: Vector,
) -> Iterator[ArgumentErrors]:
    start = 0
    for x, name in zip(problem.point, names, strict=True):
        size = type_of(x).size
        mine = (chosen >= start) & (chosen < start + size)
        start += size
        clear = mine & np.isfinite(allowed)
        yield ArgumentErrors(
            name,
            type_of(x).shape,
            int(mine.sum()),
            int(np.sum(~(gap[clear] <= allowed[clear]))),  # NaN is wrong, too
            int(np.sum(mine & ~np.isfinite(allowed))),
            float(np.max(gap[clear], initial=0.0)),
            float(np.max(np.abs(found[mine]), initial=0.0)),
        )
