"""``quad``: SciPy's, with the derivative under the integral."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.tree import flatten_up_to
from chainrule.scipy.integrate.problem import floats_in, library
from chainrule.transforms.custom.call import Rules
from chainrule.transforms.custom.derivative import CustomDerivative
from chainrule.transforms.custom.plain import any_traced, plain, require_values
from chainrule.transforms.derived import jacobian
from chainrule.transforms.vector import form_of

REMEDY = "or write a rule with fixed points (np.polynomial.legendre.leggauss)"


def quad(
    func: Callable[..., Any],
    a: Any,
    b: Any,
    args: tuple[Any, ...] = (),
    *,
    epsabs: float = 1.49e-8,
    epsrel: float = 1.49e-8,
    limit: int = 50,
    points: Any = None,
) -> tuple[Any, float]:
    """The integral of ``func(x, *args)`` from a to b, and an estimate of its error, as SciPy.

    The derivative in ``args`` is the integral of that of ``func``, all entries at once
    (``scipy.integrate.quad_vec``); in a limit it is ``func`` there. So ``func`` must be smooth in
    ``args`` but for places that do not move with them.

    Args:
        func: ``func(x, *args) -> `` a real number, for a number x.
        a, b: limits, which may be infinite.
        args: further arguments: what is to be differentiated goes in here.
        epsabs, epsrel, limit, points: as in SciPy.

    Raises:
        TraceError: ``func`` uses a traced value that is not in ``args``, or only types are known.

    >>> import numpy as np, chainrule as cr
    >>> area = lambda s: quad(lambda x, s: np.exp(-((x / s) ** 2)), -np.inf, np.inf, (s,))[0]
    >>> bool(np.isclose(cr.grad(area)(2.0), np.sqrt(np.pi)))
    True

    Source: Leibniz's rule; Flanders, "Differentiation under the integral sign" (1973).
    """
    require_values("cr.scipy.integrate.quad", REMEDY, a, b, args)
    errors: list[float] = []

    def value(a: Any, b: Any, args: Any) -> Any:
        options: dict[str, Any] = {"epsabs": epsabs, "epsrel": epsrel, "limit": limit}
        found, error = library.integrate.quad(_given(func, args), a, b, points=points, **options)[
            :2
        ]
        errors.append(error)
        return found

    return _integral(func, value, (epsabs, epsrel, points))(a, b, tuple(args)), errors[0]


def _given(func: Callable[..., Any], args: Any) -> Callable[[Any], Any]:
    """The integrand with its arguments, for SciPy."""

    def integrand(x: Any) -> Any:
        return plain(func(x, *args), "cr.scipy.integrate.quad")

    return integrand


def _ends(func: Callable[..., Any], a: Any, b: Any, args: Any) -> list[Any]:
    """The derivatives of the integral in its limits; zero in one that is infinite."""
    return [
        sign * func(x, *args) if any_traced(x) or np.isfinite(x) else None
        for sign, x in ((-1.0, a), (1.0, b))
    ]


def _integral(
    func: Callable[..., Any], value: Callable[..., Any], accuracy: tuple[float, float, Any]
) -> Callable[..., Any]:
    """``(a, b, args) -> `` the integral of ``func``, a number or a vector."""

    def quad(a: Any, b: Any, args: Any) -> Any:
        require_values("cr.scipy.integrate.quad", REMEDY, a, b, args)
        return value(a, b, args)

    def slope(x: Any, *args: Any) -> Any:
        """The derivative of ``func`` in all floats of ``args``, a last axis."""
        rest, floats = floats_in(args)
        form = form_of(floats)

        def of_vector(v: Any) -> Any:
            return func(x, *rest.filled(form.whole(v)))

        return jacobian(of_vector)(form.vector(floats))

    def slopes(a: Any, b: Any, args: Any) -> Any:
        epsabs, epsrel, points = accuracy

        def value(a: Any, b: Any, args: Any) -> Any:
            return library.integrate.quad_vec(
                _given(slope, args), a, b, epsabs, epsrel, points=points
            )[0]

        return _integral(slope, value, accuracy)(a, b, args)

    def push(_out: Any, primals: Any, tangents: Any) -> Any:
        a, b, args = primals
        rest, floats = floats_in(args)
        along = rest.arrays(flatten_up_to(rest.structure, tangents[2], "tangents"))
        terms = [
            f * t for f, t in zip(_ends(func, a, b, args), tangents, strict=False) if f is not None
        ]
        if floats:
            terms.append(slopes(a, b, args) @ form_of(floats).vector(along))
        return sum(terms[1:], terms[0]) if terms else None

    def pull(_out: Any, primals: Any, _residuals: Any, ct: Any) -> tuple[Any, ...]:
        a, b, args = primals
        rest, floats = floats_in(args)
        at_ends = [None if f is None else np.sum(f * ct) for f in _ends(func, a, b, args)]
        if not floats:
            return (*at_ends, None)
        product = np.tensordot(ct, slopes(a, b, args), np.ndim(ct))
        return (*at_ends, rest.directions(form_of(floats).whole(product)))

    return CustomDerivative(quad, Rules(push=push, pull=pull))
