"""``solve_ivp``: SciPy's, with derivatives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tree import STATIC
from chainrule.scipy.integrate.problem import Problem, as_vector
from chainrule.scipy.integrate.trajectory import trajectory, with_ends, with_values

REFUSED = {
    "events": "the time of an event is a root of an equation, whose derivative cr.implicit_root"
    " gives; find it with SciPy and end t_span there",
    "dense_output": "a function has no derivative; ask for the times with t_eval",
    "vectorized": "fun is called with one state at a time",
}


@dataclass(frozen=True)
class Solution:
    """What :func:`solve_ivp` found: ``y[:, i]`` at ``t[i]``, the rest as SciPy has it."""

    t: Any
    y: Any
    status: int = field(metadata=STATIC)
    message: str = field(metadata=STATIC)
    success: bool = field(metadata=STATIC)
    nfev: int = field(metadata=STATIC)
    njev: int = field(metadata=STATIC)
    nlu: int = field(metadata=STATIC)


def solve_ivp(
    fun: Callable[..., Any],
    t_span: Any,
    y0: Any,
    method: Any = "RK45",
    t_eval: Any = None,
    *,
    args: tuple[Any, ...] | None = None,
    rtol: Any = 1e-3,
    atol: Any = 1e-6,
    **options: Any,
) -> Solution:
    """The solution of ``y' = fun(t, y, *args)``, ``y(t_span[0]) = y0``, by SciPy's ``solve_ivp``.

    Values and steps are SciPy's; Radau, BDF and LSODA are given the Jacobian of ``fun``.
    Derivatives in ``y0``, ``args``, ``t_span`` and ``t_eval`` are those of the exact solution, to
    the tolerances, which should be finer than the defaults: in reverse mode by the adjoint
    equation, at the price of some solutions however many parameters there are, in forward mode by
    the variational equation. A derivative that is differentiated in turn solves for the matrix of
    all sensitivities, at the price of as many equations as there are unknowns and parameters. A
    plain ``fun`` is run as it is; of ``cr.compile(fun)`` all that the solvers call is compiled.

    Args:
        fun: ``fun(t, y, *args)``, an array or a list of the length of ``y``.
        t_span: start and end.
        y0: the start, shape (n,); real where derivatives are taken.
        method: "RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA" or a solver class of SciPy.
        t_eval: times of the values, from start to end; without, the solver's steps, where the last
            one is the end of ``t_span`` and the others are constants.
        args: further arguments, arrays or containers of them: what is to be differentiated goes in
            here.
        rtol, atol, options: as in SciPy (first_step, max_step, jac ...).

    Returns:
        A :class:`Solution`.

    Raises:
        TraceError: ``fun`` uses a traced value that is not in ``args``, or only types are known
            (inside of ``cr.compile`` or ``cr.vmap``).
        ArgumentError: an option that has no derivative (events, dense_output); or a derivative is
            asked for where SciPy did not reach the end.

    >>> import numpy as np, chainrule as cr
    >>> swing = lambda t, y, w: [y[1], -(w**2) * y[0]]
    >>> def end(w):
    ...     found = solve_ivp(swing, (0.0, 1.0), [1.0, 0.0], args=(w,), rtol=1e-9, atol=1e-9)
    ...     return found.y[0, -1]  # cos(w t)
    >>> bool(np.isclose(cr.grad(end)(2.0), -np.sin(2.0)))
    True
    >>> bool(np.isclose(cr.grad(cr.grad(end))(2.0), -np.cos(2.0)))
    True

    Source: Chen et al., "Neural ordinary differential equations" (2018); Hairer, Norsett and
    Wanner, Solving Ordinary Differential Equations I (1993), section I.14.
    """
    for name in options.keys() & REFUSED.keys():
        if options[name]:
            raise ArgumentError(f"solve_ivp: {name} is not taken: {REFUSED[name]}")
        del options[name]
    args = () if args is None else tuple(args)
    with_values("solve_ivp", t_span, y0, t_eval, args)
    t0, t1 = t_span
    y0 = as_vector(y0)
    y0 = y0.astype(np.float64) if y0.dtype.kind in "iub" else y0
    t_eval = None if t_eval is None else as_vector(t_eval)

    def f(t: Any, y: Any, *args: Any) -> Any:
        return as_vector(fun(t, y, *args))

    def run(y0: Any, t0: Any, t1: Any, t_eval: Any, args: Any) -> Any:
        return problem.solve(y0, (t0, t1), args, t_eval=t_eval)

    problem = Problem(
        f, fun, ("solve_ivp",), "solve_ivp", method, {"rtol": rtol, "atol": atol, **options}
    )
    found: list[Any] = []
    ys = trajectory(problem, run, found)(y0, t0, t1, t_eval, args)
    solved = found[0]
    times = t_eval if t_eval is not None and solved.success else solved.t
    if t_eval is None and solved.success:
        times = with_ends(t0, solved.t[1:-1], t1)
    counts = (int(solved[name]) for name in ("nfev", "njev", "nlu"))
    return Solution(
        times, np.transpose(ys), int(solved.status), solved.message, bool(solved.success), *counts
    )
