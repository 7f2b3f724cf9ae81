"""``odeint``: SciPy's, with derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.scipy.integrate.problem import Problem, as_vector, library
from chainrule.scipy.integrate.trajectory import trajectory, with_values

TOLERANCE = 1.49012e-8  # SciPy's


def odeint(
    func: Callable[..., Any],
    y0: Any,
    t: Any,
    args: tuple[Any, ...] = (),
    *,
    tfirst: bool = False,
    rtol: Any = None,
    atol: Any = None,
    **options: Any,
) -> Any:
    """The solution of ``y' = func(y, t, *args)``, ``y(t[0]) = y0``, by ``scipy.integrate.odeint``.

    Values are SciPy's to the bit. Derivatives in ``y0``, ``t`` and ``args`` are those of the exact
    solution, to the tolerances: see :func:`solve_ivp`, which says how they are computed.

    Args:
        func: ``func(y, t, *args)``, or ``func(t, y, *args)`` with ``tfirst``; an array or a list.
        y0: the start, shape (n,).
        t: times, the first one that of ``y0``; shape (times,), rising or falling.
        args: further arguments, arrays or containers of them: what is to be differentiated goes in
            here.
        rtol, atol, options: as in SciPy (hmax, mxstep, tcrit ...), without ``full_output``.

    Returns:
        The values, shape (times, n).

    Raises:
        TraceError: ``func`` uses a traced value that is not in ``args``, or only types are known
            (inside of ``cr.compile`` or ``cr.vmap``).

    >>> import numpy as np, chainrule as cr
    >>> decay = lambda y, t, k: -k * y
    >>> last = lambda k: odeint(decay, np.array([2.0]), np.array([0.0, 1.0, 3.0]), (k,))[-1, 0]
    >>> bool(np.isclose(cr.grad(last)(0.5), -3 * 2 * np.exp(-1.5)))  # d/dk of 2 exp(-k t)
    True
    """
    with_values("odeint", y0, t, args)
    tolerances = {"rtol": rtol or TOLERANCE, "atol": TOLERANCE if atol is None else atol}

    def f(t: Any, y: Any, *args: Any) -> Any:
        return as_vector(func(t, y, *args) if tfirst else func(y, t, *args))

    def run(y0: Any, _t0: Any, _t1: Any, times: Any, args: Any) -> Any:
        called = problem.made("f", problem.values, args)
        ys = library.integrate.odeint(
            called, y0, times, tfirst=True, rtol=rtol, atol=atol, **options
        )
        return library.optimize.OptimizeResult(t=times, y=ys.T, success=True)

    key = ("odeint", tfirst)
    problem = Problem(f, func, key, "odeint", "LSODA", tolerances)
    y0, t = as_vector(y0), as_vector(t)
    y0 = y0.astype(np.float64) if y0.dtype.kind in "iub" else y0
    return trajectory(problem, run, [])(y0, t[0], t[-1], t, tuple(args))
