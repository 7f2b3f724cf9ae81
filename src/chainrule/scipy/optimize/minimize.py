"""``minimize``: SciPy's, with gradients, Hessians and Jacobians of constraints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.scipy.optimize.conditions import bounds_of, constraints_of
from chainrule.scipy.optimize.implicit import differentiable
from chainrule.scipy.optimize.unknown import (
    Unknown,
    library,
    start_of,
    unknown_of,
)
from chainrule.transforms.custom.plain import any_traced, plain
from chainrule.transforms.derived import grad

WITHOUT_GRADIENT = frozenset({"nelder-mead", "powell", "cobyla", "cobyqa"})
WITH_PRODUCTS = frozenset({"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"})
WITH_HESSIAN = frozenset({"dogleg", "trust-exact"})


def minimize(
    fun: Callable[..., Any],
    x0: Any,
    args: tuple[Any, ...] = (),
    method: str | None = None,
    jac: Any = None,
    hess: Any = None,
    hessp: Any = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """A local minimum of ``fun(x, *args)``, by ``scipy.optimize.minimize`` with our derivatives.

    What a method wants and is not given is filled in: the gradient; for Newton-CG, trust-ncg,
    trust-krylov and trust-constr the product of Hessian and vector; for dogleg and trust-exact the
    Hessian; the Jacobians of constraints. A plain ``fun`` is run as it is, branches on values
    included. Of ``cr.compile(fun)`` the derivatives are compiled, once for all calls: the choice
    where one evaluation takes long, or there are thousands.

    Args:
        fun: ``fun(x, *args) -> `` a real number.
        x0: the start: an array of any shape, a number, or a container of arrays (a list or tuple of
            numbers is an array). ``fun``, constraints and callback get ``x`` in this form.
        args: further arguments of ``fun``.
        method: one of SciPy's; without, BFGS, or L-BFGS-B with bounds and SLSQP with constraints.
        jac, hess, hessp: as in SciPy, where the derivatives are to be others; ``jac`` returns the
            form of ``x``, ``hess`` and ``hessp`` are of the vector of all its numbers.
        bounds: SciPy's, of that vector; for a container also one of the same structure with a pair
            (lowest, highest) for each array, None where there is none.
        constraints: SciPy's; functions of ``x``, a ``LinearConstraint`` of the vector. The Hessian
            of a ``NonlinearConstraint`` is what it says, BFGS unless given.
        tol, callback, options: as in SciPy.

    Returns:
        SciPy's ``OptimizeResult``; ``x`` has the structure, shapes and dtypes of ``x0``, ``jac``
        and the rest are of the vector. Where ``args`` are traced (inside of ``cr.grad`` ...), ``x``
        is the root of the gradient and has its derivatives, of any order and in both modes, by
        :func:`cr.implicit_root`; so has ``fun``. They are as exact as the minimum.

    Raises:
        TraceError: ``fun`` uses a traced value of a function around it that is not in ``args``, or
            only types are known (inside of ``cr.compile`` or ``cr.vmap``).
        ArgumentError: ``args`` are traced and there are bounds or constraints.

    >>> import numpy as np, chainrule as cr
    >>> def rosenbrock(p, a):
    ...     return (a - p["x"]) ** 2 + 100 * (p["y"] - p["x"] ** 2) ** 2
    >>> start = {"x": -1.0, "y": 2.0}
    >>> found = minimize(rosenbrock, start, (2.0,), method="trust-krylov", tol=1e-10)
    >>> {name: float(np.round(x, 6)) for name, x in found.x.items()}
    {'x': 2.0, 'y': 4.0}

    The minimum is at (a, a^2), so dy/da is 2a:

    >>> y = lambda a: minimize(rosenbrock, start, (a,), tol=1e-10).x["y"]
    >>> bool(np.isclose(cr.grad(y)(2.0), 4.0))
    True

    Source: Nocedal and Wright, Numerical Optimization (2006), chapters 6, 7 and 18.
    """
    x0, args = start_of(x0, "minimize"), tuple(args)
    given = {"jac": jac, "hess": hess, "hessp": hessp, "bounds": bounds}
    given |= {"constraints": constraints, "tol": tol, "callback": callback, "options": options}
    if not any_traced(x0, args):
        return _minimum(fun, x0, args, method, given)
    if bounds is not None or constraints not in ((), []):
        raise ArgumentError(
            "minimize: args are traced, and the derivative of a minimum under bounds or constraints"
            " is not that of a root of the gradient; give cr.implicit_root the conditions that hold"
            " there (gradient of the Lagrangian, active constraints), or stop the derivative with"
            " cr.stop_gradient(args)"
        )
    result = differentiable(
        lambda x0, args: _minimum(fun, x0, args, method, given), grad(fun), x0, args, "minimize"
    )
    result["fun"] = fun(result.x, *args)
    return result


def _minimum(
    fun: Callable[..., Any],
    x0: Any,
    args: tuple[Any, ...],
    method: str | None,
    given: Mapping[str, Any],
) -> Any:
    unknown, start = unknown_of(x0, "minimize")
    derivatives = _derivatives(fun, unknown, (method or "").lower(), given)
    callback = given["callback"]
    result = library.optimize.minimize(
        x0=start,
        args=args,
        method=method,
        bounds=bounds_of(given["bounds"], unknown),
        constraints=constraints_of(given["constraints"], unknown),
        tol=given["tol"],
        callback=None if callback is None else _of_container(callback, unknown),
        options=None if given["options"] is None else dict(given["options"]),
        **derivatives,
    )
    result["x"] = unknown.form.whole(result.x)
    return result


def _derivatives(
    fun: Callable[..., Any], unknown: Unknown, method: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """``fun``, ``jac``, ``hess`` and ``hessp`` as SciPy gets them."""
    jac, hess, hessp = given["jac"], given["hess"], given["hessp"]
    made: dict[str, Any] = {"fun": unknown.value_and_grad(fun), "jac": True}
    if method in WITHOUT_GRADIENT or jac not in (None, True):
        made = {"fun": _value(fun, unknown), "jac": jac}
        if callable(jac):
            made["jac"] = unknown.evaluated(jac)
    elif jac is True:
        made["fun"] = _pair(fun, unknown)
        fun = _first(fun)
    if hess is not None or hessp is not None:
        made["hess"] = unknown.of_vector(hess) if callable(hess) else hess
        made["hessp"] = unknown.of_vector(hessp) if hessp is not None else None
    elif method in WITH_PRODUCTS:
        made["hessp"] = unknown.hvp(fun)
    elif method in WITH_HESSIAN:
        made["hess"] = unknown.hessian(fun)
    return made


def _value(fun: Callable[..., Any], unknown: Unknown) -> Callable[..., Any]:
    flat = unknown.of_vector(fun)

    def value(vector: Any, *args: Any) -> Any:
        return plain(flat(np.array(vector), *args), unknown.name)

    return value


def _first(fun: Callable[..., Any]) -> Callable[..., Any]:
    def first(x: Any, *args: Any) -> Any:
        return fun(x, *args)[0]

    return first


def _pair(fun: Callable[..., Any], unknown: Unknown) -> Callable[..., Any]:
    """A function that returns its gradient, too (``jac=True``)."""
    flat = unknown.of_vector(fun)

    def pair(vector: Any, *args: Any) -> Any:
        value, gradient = flat(np.array(vector), *args)
        return plain((value, unknown.form.vector(gradient)), unknown.name)

    return pair


def _of_container(callback: Callable[..., Any], unknown: Unknown) -> Callable[..., Any]:
    """The callback, which SciPy calls in the way that the names of its arguments ask for."""
    whole = unknown.form.whole
    if set(inspect.signature(callback).parameters) == {"intermediate_result"}:

        def of_result(intermediate_result: Any) -> Any:
            x = whole(np.array(intermediate_result.x))
            state = cast("dict[str, Any]", {**intermediate_result, "x": x})
            return callback(intermediate_result=library.optimize.OptimizeResult(state))

        return of_result

    def of_x(x: Any, *rest: Any) -> Any:
        return callback(whole(np.array(x)), *rest)

    return of_x
