"""The values of a solution at given times, as a function with rules for its derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten_up_to
from chainrule.scipy.integrate.adjoint import adjoint
from chainrule.scipy.integrate.problem import Problem, floats_in
from chainrule.scipy.integrate.variational import moved, sensitivities
from chainrule.transforms.custom.call import Rules, by_types
from chainrule.transforms.custom.derivative import CustomDerivative
from chainrule.transforms.custom.plain import any_traced, require_values
from chainrule.transforms.vector import form_of

Run = Callable[..., Any]


def trajectory(problem: Problem, run: Run, found: list[Any]) -> Callable[..., Any]:
    """``(y0, t0, t1, t_eval, args) -> `` the values, of shape (times, unknowns).

    ``run`` is that with plain values, and gives SciPy's solution, which is appended to ``found``.
    Where ``t_eval`` is None the times are the solver's steps: t0, those between as constants, t1.
    """

    def solution(y0: Any, t0: Any, t1: Any, t_eval: Any, args: Any) -> Any:
        with_values(problem.name, y0, t0, t1, t_eval, args)
        found.append(run(y0, t0, t1, t_eval, args))
        return found[-1].y.T

    solution.__name__ = problem.name

    def push(ys: Any, primals: Any, tangents: Any) -> Any:
        y0, t0, t1, t_eval, args = primals
        dy0, dt0, dt1, dt_eval, dargs = tangents
        times = _times(problem, found, ys, t0, t1, t_eval)
        dtimes = dt_eval if t_eval is not None else with_ends(dt0, 0.0 * found[0].t[1:-1], dt1)
        rest, _ = floats_in(args)
        along = rest.arrays(flatten_up_to(rest.structure, dargs, "tangents"))
        start = dy0 - problem.f(t0, y0, *args) * dt0 if not _is_zero(dt0) else dy0
        solve = _solve_at(t0, t1, times)
        if by_types(tangents):
            matrices = sensitivities(problem, solve, y0, args)
            pushed = matrices @ np.concatenate([start, *(np.reshape(x, (-1,)) for x in along)])
        else:
            pushed = moved(problem, solve, y0, start, args, along)
        if _is_zero(dtimes):
            return pushed
        return pushed + _slopes(problem, times, ys, args) * dtimes[:, None]

    def pull(ys: Any, primals: Any, _residuals: Any, ct: Any) -> tuple[Any, ...]:
        y0, t0, t1, t_eval, args = primals
        times = _times(problem, found, ys, t0, t1, t_eval)
        rest, floats = floats_in(args)
        if any_traced(primals, ct):
            matrices = sensitivities(problem, _solve_at(t0, t1, times), y0, args)
            form = form_of([y0, *floats])
            back, *pulled = form.whole(np.einsum("ti,tij->j", ct, matrices))
        else:
            back, pulled = adjoint(problem, y0, t0, times, args, ct)
        at_times = np.sum(ct * _slopes(problem, times, ys, args), axis=1)
        at_start = -(back @ problem.f(t0, y0, *args))
        ends = (at_start, 0.0, at_times)
        if t_eval is None:
            ends = (at_start + at_times[0], at_times[-1], None)
        return (back, *ends, rest.directions(pulled))

    return CustomDerivative(solution, Rules(push=push, pull=pull))


def _times(problem: Problem, found: list[Any], ys: Any, t0: Any, t1: Any, t_eval: Any) -> Any:
    """The times of the values ``ys``; an error where they have no derivative."""
    if np.shape(ys)[0] != len(found[0].t) or not found[0].success:
        raise ArgumentError(
            f"{problem.name} has no derivative, for it did not reach the end: {found[0].message}"
        )
    if type_of(ys).dtype.kind == "c":
        raise DTypeError(
            f"the derivative of {problem.name} is of real unknowns; write the equation of real"
            " and imaginary parts"
        )
    return t_eval if t_eval is not None else with_ends(t0, found[0].t[1:-1], t1)


def with_values(name: str, *trees: Any) -> None:
    """Raise unless values are known."""
    remedy = "with a compiled function if it is to be fast, or write fixed steps with cr.scan"
    require_values(f"cr.scipy.integrate.{name}", remedy, *trees)


def _solve_at(t0: Any, t1: Any, times: Any) -> Callable[[Problem, Any, Any], Any]:
    def solve(problem: Problem, start: Any, args: Any) -> Any:
        def run(y0: Any, t0: Any, t1: Any, times: Any, args: Any) -> Any:
            return problem.values_at(y0, t0, t1, times, args)

        return trajectory(problem, run, [])(start, t0, t1, times, args)

    return solve


def with_ends(first: Any, between: Any, last: Any) -> Any:
    """A vector with other ends."""
    return np.concatenate([np.reshape(first, (1,)), between, np.reshape(last, (1,))])


def _slopes(problem: Problem, times: Any, ys: Any, args: Any) -> Any:
    """f at all times."""
    return np.stack([problem.f(times[i], ys[i], *args) for i in range(np.shape(ys)[0])])


def _is_zero(t: Any) -> bool:
    return not any_traced(t) and not np.any(t)
