"""The variational equation: how a solution moves with its start and its parameters.

With ``y' = f(t, y, p)``, a perturbation obeys ``d' = (df/dy) d + (df/dp) dp``. Solved beside y for
one direction it is forward mode; for all directions at once its solution is the matrix of
sensitivities, which serves where no values of the direction are known, or where a derivative is
differentiated: the larger equation is a problem like any, so its solution has derivatives in turn.

Source: Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I (1993), section I.14.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.scipy.integrate.problem import Problem, floats_in
from chainrule.transforms.derived import jacobian
from chainrule.transforms.jvp import jvp
from chainrule.transforms.vector import form_of

Solve = Callable[[Problem, Any, Any], Any]  # problem, start, args -> values at the times


def moved(problem: Problem, solve: Solve, y0: Any, start: Any, args: Any, along: Any) -> Any:
    """The perturbation at all times, which is ``start`` at first; ``along`` moves the floats."""
    n = np.shape(y0)[0]

    def both(t: Any, z: Any, args: Any, along: Any) -> Any:
        rest, floats = floats_in(args)

        def of_floats(y: Any, *xs: Any) -> Any:
            return problem.f(t, y, *rest.filled(xs))

        out, tangent = jvp(of_floats, (z[:n], *floats), (z[n:], *along))
        return np.concatenate([out, tangent])

    larger = problem.derived("variational", both, n, 2 * n)
    return solve(larger, np.concatenate([y0, start]), (args, along))[:, n:]


def sensitivities(problem: Problem, solve: Solve, y0: Any, args: Any) -> Any:
    """The matrices d y(t) / d (y0, floats), of shape (times, n, n + number of parameters)."""
    n = np.shape(y0)[0]
    width = n + sum(np.size(x) for x in floats_in(args)[1])

    def both(t: Any, z: Any, args: Any) -> Any:
        rest, floats = floats_in(args)
        form = form_of([z[:n], *floats])

        def of_vector(v: Any) -> Any:
            y, *xs = form.whole(v)
            return problem.f(t, y, *rest.filled(xs))

        vector = form.vector([z[:n], *floats])
        slope = jacobian(of_vector, mode="forward")(vector)
        matrix = np.reshape(z[n:], (n, width))
        change = slope[:, :n] @ matrix + np.concatenate([np.zeros((n, n)), slope[:, n:]], axis=1)
        return np.concatenate([of_vector(vector), np.reshape(change, (-1,))])

    start = np.reshape(np.eye(n, width), (-1,))
    larger = problem.derived("sensitivities", both, n, n + n * width)
    values = solve(larger, np.concatenate([y0, start]), (args,))
    return np.reshape(values[:, n:], (-1, n, width))
