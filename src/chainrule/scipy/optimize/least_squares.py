"""``least_squares``: SciPy's, with the Jacobian of the residuals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.scipy.optimize.implicit import differentiable
from chainrule.scipy.optimize.unknown import library, start_of, unknown_of
from chainrule.transforms.custom.plain import any_traced
from chainrule.transforms.derived import grad
from chainrule.transforms.vector import form_of


def least_squares(
    fun: Callable[..., Any],
    x0: Any,
    jac: Any = None,
    bounds: Any = (-np.inf, np.inf),
    method: str = "trf",
    loss: Any = "linear",
    args: tuple[Any, ...] = (),
    **options: Any,
) -> Any:
    """A local minimum of ``sum(fun(x, *args)**2) / 2`` by ``scipy.optimize.least_squares``.

    The Jacobian of the residuals is filled in; it is compiled if ``fun`` is (see :func:`minimize`).

    Args:
        fun: the residuals: an array of any shape, or a container of arrays.
        x0: the start: an array, or a container of arrays.
        jac: as in SciPy, where the derivative is to be another.
        bounds, method, loss, options: as in SciPy, of the vector of all numbers of ``x``.
        args: further arguments of ``fun``.

    Returns:
        SciPy's ``OptimizeResult``, ``x`` in the form of ``x0``. Where ``args`` are traced, ``x``
        has its derivatives by :func:`cr.implicit_root`, and ``cost`` and the rest are numbers.

    Raises:
        TraceError: as :func:`minimize`.
        ArgumentError: ``args`` are traced, and there are bounds or another loss.

    >>> import numpy as np
    >>> t = np.linspace(0.0, 4.0, 9)
    >>> decay = lambda p, t, y: p["a"] * np.exp(-p["k"] * t) - y
    >>> found = least_squares(decay, {"a": 1.0, "k": 1.0}, args=(t, 3 * np.exp(-0.5 * t)))
    >>> {name: float(np.round(x, 6)) for name, x in found.x.items()}
    {'a': 3.0, 'k': 0.5}
    """
    x0, args = start_of(x0, "least_squares"), tuple(args)

    def solve(x0: Any, args: tuple[Any, ...]) -> Any:
        unknown, start = unknown_of(x0, "least_squares")
        ours = unknown.jacobian(fun) if jac is None else jac
        result = library.optimize.least_squares(
            unknown.evaluated(fun),
            start,
            unknown.evaluated(jac) if callable(jac) else ours,
            bounds=bounds,
            method=method,
            loss=loss,
            args=args,
            **options,
        )
        result["x"] = unknown.form.whole(result.x)
        return result

    if not any_traced(x0, args):
        return solve(x0, args)
    if loss != "linear" or not np.all(np.isinf(np.concatenate([np.ravel(b) for b in bounds]))):
        raise ArgumentError(
            "least_squares: args are traced, and with bounds or another loss the solution is not"
            " the root of J^T r; give cr.implicit_root the equation that holds there"
        )

    def half_square(x: Any, *args: Any) -> Any:
        out = fun(x, *args)
        r = form_of(out).vector(out)
        return r @ r / 2

    return differentiable(solve, grad(half_square), x0, args, "least_squares")
