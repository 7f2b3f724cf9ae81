"""The adjoint equation: from cotangents of a solution to those of its start and parameters.

With cotangents c_i of y(t_i), the adjoint l runs backwards in time,

    l' = -(df/dy)^T l,    l jumps by c_i at t_i,    dL/dy0 = l(t0),
    dL/dp = integral of (df/dp)^T l dt,    dL/dt_i = c_i^T f,    dL/dt0 = -l(t0)^T f.

The solution y(t) is read from SciPy's dense output of a second forward solution and not integrated
backwards, which would be unstable wherever the forward equation forgets its start. The integral
is a Gauss rule on the steps of both, so the adjoint has as many unknowns as the equation.

Source: Pontryagin et al., The Mathematical Theory of Optimal Processes (1962); Chen et al., "Neural
ordinary differential equations" (2018), appendix B; Ma et al., "A comparison of automatic
differentiation and continuous sensitivity analysis" (2021), on the integral.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from chainrule.scipy.integrate.problem import Problem, floats_in, library, wants_jacobian
from chainrule.transforms.vjp import vjp

NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)


def adjoint(
    problem: Problem, y0: Any, t0: Any, times: Any, args: Any, cts: Any
) -> tuple[Any, list[Any]]:
    """The cotangents of y0, but for its own jumps at t0, and of the floats in ``args``."""
    _, floats = floats_in(args)
    pulled = [np.zeros(np.shape(x)) for x in floats]
    adjoint_at = np.zeros(np.shape(y0))
    places = [i for i in range(len(times)) if np.any(cts[i])]
    if not places:
        return adjoint_at, pulled
    last = times[places[-1]]
    path = problem.solve(y0, (t0, last), args, dense_output=True) if last != t0 else None
    for here, before in zip(reversed(places), [*reversed(places[:-1]), None], strict=True):
        adjoint_at = adjoint_at + cts[here]
        end = t0 if before is None else times[before]
        if path is None or times[here] == end:
            continue
        part = _backwards(problem, path.sol, adjoint_at, (times[here], end), args)
        if floats:
            more = _integral(problem, path, part, args)
            pulled = [a + b for a, b in zip(pulled, more, strict=True)]
        adjoint_at = part.y[:, -1]
    return adjoint_at, pulled


def _backwards(problem: Problem, y: Any, start: Any, span: tuple[Any, Any], args: Any) -> Any:
    """The adjoint equation from one jump to the one before."""

    def pull(t: Any, y: Any, ct: Any, args: Any) -> Any:
        def of_state(y: Any) -> Any:
            return problem.f(t, y, *args)

        return -vjp(of_state, y)[1](ct)[0]

    def matrix(t: Any, y: Any, args: Any) -> Any:
        return -problem.jacobian(t, y, args).T

    pulled, slope = problem.made("pull", pull, args), problem.made("matrix", matrix, args)

    def along(t: Any, ct: Any) -> Any:
        return pulled(t, y(t), ct)

    def matrix_along(t: Any, _ct: Any) -> Any:
        return slope(t, y(t))

    wanted = {"jac": matrix_along} if wants_jacobian(problem.method) else {}
    return library.integrate.solve_ivp(
        along, span, start, problem.method, dense_output=True, **problem.accuracy, **wanted
    )


def _integral(problem: Problem, path: Any, part: Any, args: Any) -> list[Any]:
    """The integral of ``(df/dp)^T l`` over one part, a cotangent for each float of ``args``."""

    def pull(t: Any, y: Any, ct: Any, args: Any) -> Any:
        rest, floats = floats_in(args)

        def of_floats(*xs: Any) -> Any:
            return problem.f(t, y, *rest.filled(xs))

        return vjp(of_floats, *floats)[1](ct)

    pulled = problem.made("pull_parameters", pull, args)
    low, high = sorted((part.t[0], part.t[-1]))
    inside = path.t[(path.t > low) & (path.t < high)]
    edges = np.unique(np.concatenate([part.t, inside]))
    total: list[Any] = []
    for left, right in itertools.pairwise(edges):
        middle, half = (left + right) / 2, (right - left) / 2
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            t = middle + half * node
            found = pulled(t, path.sol(t), part.sol(t))
            terms = [weight * half * x for x in found]
            total = [a + b for a, b in zip(total, terms, strict=True)] if total else terms
    forwards = part.t[-1] <= part.t[0]
    return total if forwards else [-x for x in total]
