"""The difference quotient of a cost in each single parameter, with what it may be wrong by.

A parameter is moved by itself, as in the definition of a partial derivative. The quotient is a
central one at two steps, extrapolated (Richardson, 1911); what the two differ, and the rounding of
the cost, are its error. ``parameters.py`` holds gradients against it, ``step_size.py`` shows what
the step does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checking.differences import in_double, rounding_of
from chainrule.checking.problem import Problem, Vector, problem_of, random_like, vector
from chainrule.checking.ways import Executor
from chainrule.compile import compile as compiled
from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.trace import type_of

Cost = Callable[..., Any]
Progress = Callable[[int, int], None]

STEP = 1e-4  # of parameters of size 1: truncation (h^4) and rounding (eps / h) are both about 1e-12
_SAFE = 10.0
_BENT = 1e-2  # of a smooth cost the slopes at steps h and 2h are h^2 apart
_ROUNDING = 4.0  # rounding here, in relation to where it was measured
_EPS = float(np.finfo(np.float64).eps)
_TOLD = 500  # parameters between two words of progress


@dataclass(frozen=True, eq=False)
class Quotients:
    """Difference quotients of a cost at a point.

    Attributes:
        problem: the cost, and where.
        chosen: the numbers of the parameters, counted through all arrays.
        numeric: the quotient of each.
        error: what it may be wrong by; infinite where no difference tells the derivative.
        step: of the differences, for numbers of size 1.
    """

    problem: Problem
    chosen: Vector
    numeric: Vector
    error: Vector
    step: float

    @property
    def allowed(self) -> Vector:
        """How far a derivative that is right can be from the quotient."""
        return _SAFE * self.error

    @property
    def parameters(self) -> int:
        """How many there are, chosen or not."""
        return sum(type_of(x).size for x in self.problem.point)


def quotients_of(
    f: Cost,
    *args: Any,
    step: float = STEP,
    chosen: Vector | None = None,
    executor: Executor = "native",
    progress: Progress | None = None,
) -> Quotients:
    """The difference quotients of a cost; arguments are those of ``check_parameters``.

    ``chosen`` are the numbers of the parameters, counted through all arrays; None are all.

    >>> found = quotients_of(lambda x: np.sum(x**3), np.array([1.0, 2.0]), executor="interpreter")
    >>> found.numeric.round(6)
    array([ 3., 12.])
    """
    problem = problem_of(f, args, {})
    point = in_double(problem.point)
    if any(np.iscomplexobj(x) for x in point):
        raise DTypeError("check_parameters takes no complex parameters; use cr.check_gradients")
    wide = compiled(problem.result, executor=executor, branches=True)
    require_one_number(problem, wide(*point), "check_parameters")
    numbers = np.arange(vector(point).size) if chosen is None else chosen
    numeric, error = _differences(wide, point, numbers, step, _noise(wide, point), progress)
    return Quotients(problem, numbers, numeric, error, step)


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
