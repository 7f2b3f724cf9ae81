"""The V-curve: how wrong a difference quotient is, over its step.

A large step is wrong by truncation, which shrinks like the step (forward differences) or its square
(central ones); a small one by rounding, which grows like 1/step. The best there is lies between, at
``eps^(1/2)`` and ``eps^(1/3)``, and loses half or a third of the digits: the derivative of the
graph loses none. Source: Griewank and Walther, Evaluating Derivatives (2008), section 1.1; Nocedal
and Wright, Numerical Optimization (2006), section 8.1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checking.differences import in_double
from chainrule.checking.problem import Problem, Vector, moved, problem_of, random_like, vector
from chainrule.checking.quotients import require_one_number
from chainrule.core import html
from chainrule.core.errors import ArgumentError
from chainrule.core.tracebacks import users_frames
from chainrule.transforms.derived import grad

STEPS: tuple[float, ...] = tuple(float(10.0 ** (-k / 2)) for k in range(32))
_WRONG = 1e-3
_EPS = 1e-16  # there are no more digits in a double
_WIDTH = 40  # of a bar in the terminal


@dataclass(frozen=True)
class VCurve:
    """The error of difference quotients over their step, along one direction.

    Attributes:
        function: its name and line.
        derivative: along the direction, by the graph.
        steps: epsilon, from large to small.
        forward: error of ``(C(x + e t) - C(x)) / e``, in relation to the derivative (unless it is
            0).
        central: error of ``(C(x + e t) - C(x - e t)) / 2e``.
    """

    function: str
    derivative: float
    steps: tuple[float, ...]
    forward: tuple[float, ...]
    central: tuple[float, ...]

    @property
    def best(self) -> tuple[float, float]:
        """The step at which central differences are best, and their error there."""
        i = int(np.argmin(self.central))
        return self.steps[i], self.central[i]

    def __str__(self) -> str:
        lines = [
            f"error of differences over their step, {self.function}: slope {self.derivative:.9e}"
            " along a random direction",
            f"  {'step':>8}  {'forward':>8}  {'central':>8}  central, from 1e-16 to 1",
        ]
        for e, a, b in zip(self.steps, self.forward, self.central, strict=True):
            bar = "█" * _length(b)
            lines.append(f"  {e:8.1e}  {a:8.1e}  {b:8.1e}  {bar}")
        return "\n".join([*lines, self._verdict()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        columns = self.steps, self.forward, self.central
        rows = [[f"{x:.1e}" for x in row] for row in zip(*columns, strict=True)]
        head = ["step", "error of forward differences", "error of central differences"]
        return f"{html.table(head, rows, self.function)}\n<p>{self._verdict()}</p>"

    def _verdict(self) -> str:
        step, error = self.best
        if error > _WRONG:
            return "no step comes near the derivative of the graph: it is wrong, or at a kink"
        digits = -math.log10(max(error, _EPS))
        return (
            f"central differences are best at {step:.1e}, where {digits:.0f} digits are right;"
            " larger steps are wrong by truncation, smaller ones by rounding"
        )


def _length(error: float) -> int:
    """The length of a bar, 0 for an error of 1e-16."""
    if not math.isfinite(error):
        return _WIDTH
    digits = min(max(math.log10(max(error, 1e-16)) + 16, 0.0), 16.0)
    return round(digits / 16 * _WIDTH)


def v_curve(
    f: Callable[..., Any], *args: Any, steps: Sequence[float] = STEPS, seed: int = 0
) -> VCurve:
    """The error of forward and central differences of a cost over their step.

    Args:
        f: a function of arrays or containers of them that returns one real number.
        args: where; all floating-point numbers among them are moved along one random direction,
            whose entries have about the size of the arguments.
        steps: epsilon, in relation to that direction.
        seed: of the direction.

    Raises:
        ArgumentError: the function does not return one real number, or a step is not positive.

    >>> curve = v_curve(np.exp, 1.0)
    >>> step, error = curve.best
    >>> 1e-7 < step < 1e-4 and error < 1e-8
    True
    """
    if not steps or not all(0 < e < math.inf for e in steps):
        raise ArgumentError(f"v_curve needs positive steps, got {list(steps)}")
    with users_frames:
        problem = problem_of(f, args, {})
        point = in_double(problem.point)
        require_one_number(problem, problem.result(*point), "v_curve")
        direction = random_like(point, np.random.default_rng(seed), scaled=True)
        gradient = vector(grad(problem.result, tuple(range(len(point))))(*point))
        slope = float(gradient @ vector(direction))
        forward, central = _errors(problem, point, direction, steps, slope)
    return VCurve(problem.title, slope, tuple(map(float, steps)), forward, central)


def _errors(
    problem: Problem, point: list[Any], direction: list[Any], steps: Sequence[float], slope: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    def along(t: float) -> float:
        return float(problem.result(*moved(point, direction, t)))

    scale = abs(slope) or 1.0
    forward, central = (np.abs(q - slope) / scale for q in difference_quotients(along, steps))
    return tuple(map(float, forward)), tuple(map(float, central))


def difference_quotients(
    f: Callable[[float], float], steps: Sequence[float]
) -> tuple[Vector, Vector]:
    """Forward and central differences at 0 of a function of one number, for each step.

    >>> forward, central = difference_quotients(lambda t: (1 + t) ** 2, [0.5])
    >>> float(forward[0]), float(central[0])
    (2.5, 2.0)
    """
    e, here = np.array(steps, np.float64), f(0.0)
    with np.errstate(all="ignore"):
        after, before = (np.array([f(sign * h) for h in steps]) for sign in (1, -1))
        return (after - here) / e, (after - before) / (2 * e)
