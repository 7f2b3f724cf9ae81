"""``root``: SciPy's, with the Jacobian of the equations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chainrule.scipy.optimize.implicit import differentiable
from chainrule.scipy.optimize.unknown import library, start_of, unknown_of
from chainrule.transforms.custom.plain import any_traced

WITH_JACOBIAN = frozenset({"hybr", "lm"})


def root(
    fun: Callable[..., Any],
    x0: Any,
    args: tuple[Any, ...] = (),
    method: str = "hybr",
    tol: float | None = None,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """A root of ``fun(x, *args)``, by ``scipy.optimize.root`` with our Jacobian.

    Args:
        fun: the equations, with a result of the structure and shapes of ``x``.
        x0: the start: an array, or a container of arrays.
        args: further arguments of ``fun``.
        method, tol, options: as in SciPy; the Jacobian goes to "hybr" and "lm", which take one.

    Returns:
        SciPy's ``OptimizeResult``, ``x`` in the form of ``x0``. Where ``args`` are traced, ``x``
        has its derivatives by :func:`cr.implicit_root`.

    Raises:
        TraceError: as :func:`minimize`.

    >>> import numpy as np, chainrule as cr
    >>> circle = lambda p, r: np.stack([p[0] ** 2 + p[1] ** 2 - r**2, p[0] - p[1]])
    >>> root(circle, [1.0, 0.5], (2.0,)).x.round(6)
    array([1.414214, 1.414214])
    >>> cr.jacobian(lambda r: root(circle, [1.0, 0.5], (r,)).x)(2.0).round(6)
    array([0.707107, 0.707107])
    """
    x0, args = start_of(x0, "root"), tuple(args)

    def solve(x0: Any, args: tuple[Any, ...]) -> Any:
        unknown, start = unknown_of(x0, "root")
        result = library.optimize.root(
            unknown.evaluated(fun),
            start,
            args,
            method,
            unknown.jacobian(fun) if method in WITH_JACOBIAN else None,
            tol,
            options=None if options is None else dict(options),
        )
        result["x"] = unknown.form.whole(result.x)
        return result

    return differentiable(solve, fun, x0, args, "root") if any_traced(x0, args) else solve(x0, args)
