"""The gradient of a cost against differences, parameter by parameter: which ones are worst.

``gradients.py`` compares along random directions, which finds every mistake, and names the
operation to blame. Here each single number is moved by itself, as in the definition of a partial
derivative, which says where a mistake shows: in one layer, in the biases, in a row.

The difference is a central one at two steps, extrapolated (Richardson, 1911); what the two differ,
and the rounding of the cost, are its error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checking.differences import in_double, rounding_of
from chainrule.checking.problem import Problem, Vector, entry_name, problem_of, random_like, vector
from chainrule.checking.ways import Executor
from chainrule.compile import compile as compiled
from chainrule.core import html
from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.trace import type_of
from chainrule.core.tracebacks import users_frames
from chainrule.transforms.derived import grad
from chainrule.transforms.trace import input_names

Cost = Callable[..., Any]
Progress = Callable[[int, int], None]

STEP = 1e-4  # of parameters of size 1: truncation (h^4) and rounding (eps / h) are both about 1e-12
_SAFE = 10.0
_BENT = 1e-2  # of a smooth cost the slopes at steps h and 2h are h^2 apart
_ROUNDING = 4.0  # rounding here, in relation to where it was measured
_EPS = float(np.finfo(np.float64).eps)
_TOLD = 500  # parameters between two words of progress


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
        point = in_double(problem.point)
        if any(np.iscomplexobj(x) for x in point):
            raise DTypeError("check_parameters takes no complex parameters; use cr.check_gradients")
        wide = compiled(problem.result, executor=executor, branches=True)
        require_one_number(problem, wide(*point), "check_parameters")
        chosen = _chosen(vector(point).size, most, seed)
        analytic = vector(grad(problem.result, tuple(range(len(point))))(*point))
        numeric, error = _differences(wide, point, chosen, step, _noise(wide, point), progress)
    shown = _called(problem, f, args) if names is None else list(names)
    if len(shown) != len(point):
        raise ArgumentError(f"check_parameters: {len(shown)} names for {len(point)} arrays")
    return _report(problem, shown, chosen, analytic, numeric, error, step, worst)


def require_one_number(problem: Problem, value: Any, what: str) -> None:
    """Raise unless a function gives one real number, which is finite."""
    known = isinstance(value, (np.ndarray, np.generic, float))
    kind = type_of(value) if known else None
    if kind is None or kind.shape != () or kind.dtype.kind != "f":
        shown = type(value).__name__ if kind is None else str(kind)
        raise ArgumentError(
            f"{problem.title} returns {shown}; parameters are checked of a cost, one real number:"
            " take np.sum or np.mean of it, or use cr.check_gradients"
        )
    if not np.isfinite(value):
        raise ArgumentError(
            f"{what}: {problem.title} is {float(value)} here, where differences tell"
            " nothing; cr.find_nonfinite tells where that comes from"
        )


def _chosen(parameters: int, most: int | None, seed: int) -> Vector:
    if most is None or most >= parameters:
        return np.arange(parameters)
    return np.sort(np.random.default_rng(seed).choice(parameters, most, replace=False))


def _noise(cost: Cost, point: list[Any]) -> float:
    """What rounding makes of the cost near here: measured, since terms of it can cancel."""
    direction = random_like(point, np.random.default_rng(0), scaled=True)
    here = np.array([float(cost(*point))])
    found = rounding_of(lambda *xs: [cost(*xs)], point, direction, here, _EPS)
    return _ROUNDING * float(found[0])


def _differences(
    cost: Cost,
    point: list[Any],
    chosen: Vector,
    step: float,
    noise: float,
    progress: Progress | None,
) -> tuple[Vector, Vector]:
    """The extrapolated differences, and what they may be wrong by."""
    numeric, error = np.empty(chosen.size), np.empty(chosen.size)
    own = [np.array(x, np.float64) for x in point]  # written to, one number at a time
    place = _places(own)
    for i, number in enumerate(chosen):
        array, index = place(int(number))
        w = array[index]
        h = step * max(abs(float(w)), 1.0)
        values: list[float] = []
        for factor in (1.0, -1.0, 2.0, -2.0):
            array[index] = w + factor * h
            values.append(float(cost(*own)))
        array[index] = w
        near, far = (values[0] - values[1]) / (2 * h), (values[2] - values[3]) / (4 * h)
        numeric[i] = (4 * near - far) / 3
        rounding = noise / h
        error[i] = abs(near - far) + rounding
        if abs(near - far) > max(_BENT * max(abs(near), abs(far)), 100 * rounding):
            error[i] = np.inf  # a kink between the points: no difference tells the derivative
        if progress is not None and (i + 1) % _TOLD == 0:
            progress(i + 1, chosen.size)
    return numeric, error


def _places(arrays: Sequence[Vector]) -> Callable[[int], tuple[Vector, tuple[int, ...]]]:
    """From the number of a parameter to its array and index."""
    ends = np.cumsum([x.size for x in arrays])

    def place(number: int) -> tuple[Vector, tuple[int, ...]]:
        which = int(np.searchsorted(ends, number, side="right"))
        inside = number - int(ends[which]) + arrays[which].size
        return arrays[which], tuple(map(int, np.unravel_index(inside, arrays[which].shape)))

    return place


def _report(
    problem: Problem,
    names: list[str],
    chosen: Vector,
    analytic: Vector,
    numeric: Vector,
    error: Vector,
    step: float,
    worst: int,
) -> ParameterReport:
    found = analytic[chosen]
    allowed = _SAFE * error
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
    return ParameterReport(problem.title, analytic.size, chosen.size, step, arguments, offenders)


def _called(problem: Problem, f: Cost, args: Sequence[Any]) -> list[str]:
    """What the function calls its arguments; else "argument 0"."""
    called = input_names(f, args, {})
    return [called[i] or name for i, name in zip(problem.places, problem.names, strict=True)]


def _by_argument(
    problem: Problem,
    names: list[str],
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
