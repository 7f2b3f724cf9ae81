"""``implicit_root``: derivatives of the solution of an equation, whatever found it.

Where ``r(x, a) = 0`` holds along a path, its derivative holds too: ``(dr/dx) dx + (dr/da) da = 0``.
So the derivative of a root is the solution of one linear system, of its transpose in reverse mode.
The rules are written with the root itself, so they can be differentiated in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError, DTypeError
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten_up_to
from chainrule.transforms.control.body import is_float
from chainrule.transforms.custom.arguments import Arguments, arrays_in, is_array, name_of
from chainrule.transforms.custom.call import Rules, require_same
from chainrule.transforms.custom.derivative import CustomDerivative
from chainrule.transforms.derived import jacobian
from chainrule.transforms.jvp import jvp, linearize
from chainrule.transforms.vector import VectorForm, form_of
from chainrule.transforms.vjp import vjp

LinearSolve = Callable[[Callable[[Any], Any], Any], Any]


def _unknown(x: Any, name: str) -> VectorForm:
    form = form_of(x)
    if not form.types or not all(map(is_float, form.types)):
        raise DTypeError(
            f"implicit_root: {name} returned {[str(t) for t in form.types]}; a root has a"
            " derivative if it is of floating-point numbers"
        )
    return form


@dataclass(frozen=True)
class _Equation:
    """``residual(x, *args) = 0`` for x as a vector; the arguments' floats stand for themselves."""

    residual: Callable[..., Any]
    unknown: VectorForm
    name: str  # what errors call the function that found the root

    def __call__(self, vector: Any, args: Sequence[Any]) -> Any:
        """The residual as a vector."""
        x = self.unknown.whole(vector)
        r = self.residual(x, *args)
        require_same(r, x, f"implicit_root: the residual of {self.name}")
        return self.unknown.vector(r)

    def at(self, args: Any) -> Callable[[Any], Any]:
        """The residual as a function of the unknown."""

        def of_unknown(vector: Any) -> Any:
            return self(vector, args)

        return of_unknown

    def along(self, vector: Any, rest: Arguments) -> Callable[..., Any]:
        """The residual as a function of the floats among the arguments."""

        def of_floats(*values: Any) -> Any:
            return self(vector, rest.filled(values))

        return of_floats


def _is_float_array(x: Any) -> bool:
    return is_array(x) and is_float(type_of(x))


# ---- the linear system --------------------------------------------------------------------------


def _solution(
    equation: _Equation,
    linear_solve: LinearSolve | None,
    b: Any,
    place: tuple[Any, Any],
    *,
    transposed: bool,
) -> Any:
    """``(dr/dx)^-1 b`` at the root, or with the transpose of the matrix."""
    vector, args = place
    if linear_solve is not None:
        solve = _matrix_free(equation, linear_solve, transposed=transposed)
        return solve(b, vector, args)
    matrix = jacobian(equation.at(args), mode="forward")(vector)
    try:
        return cast("Any", np.linalg.solve(matrix.T if transposed else matrix, b))
    except np.linalg.LinAlgError as error:
        n = type_of(vector).size
        raise ArgumentError(
            f"implicit_root: the derivative of the residual in the root of"
            f" {equation.name}, a matrix of shape ({n}, {n}), is singular, so the root has"
            " no derivative there: a double root, or equations that depend on each other"
        ) from error


def _matrix_free(
    equation: _Equation, linear_solve: LinearSolve, *, transposed: bool
) -> Callable[..., Any]:
    """``(b, vector, args) -> solution``: the root of a linear equation, and so differentiable."""

    def applied(u: Any, vector: Any, args: Any) -> Any:
        at = equation.at(args)
        return vjp(at, vector)[1](u)[0] if transposed else jvp(at, (vector,), (u,))[1]

    def residual(u: Any, b: Any, vector: Any, args: Any) -> Any:
        return applied(u, vector, args) - b

    def solve(b: Any, vector: Any, args: Any) -> Any:
        at = equation.at(args)
        if not transposed:
            return linear_solve(linearize(at, vector)[1], b)
        pullback = vjp(at, vector)[1]

        def matvec(u: Any) -> Any:
            return pullback(u)[0]

        return linear_solve(matvec, b)

    return implicit_root(residual, solve, linear_solve=linear_solve)


# ---- what users call ----------------------------------------------------------------------------


def implicit_root(
    residual: Callable[..., Any],
    solve: Callable[..., Any],
    *,
    linear_solve: LinearSolve | None = None,
) -> Callable[..., Any]:
    """A solution ``x`` of ``residual(x, *args) = 0`` as a function of ``args``, differentiable.

    ``solve`` finds it, in any way; its steps are neither recorded nor differentiated. Derivatives
    of any order and in both modes come from the equation that holds at the solution::

        dx = -(d residual / dx)^-1 (d residual / d args) d args

    A fixed point ``x = g(x, a)`` is the root of ``g(x, a) - x``; the minimum of a function the root
    of its gradient.

    Args:
        residual: ``residual(x, *args)``, of the structure and shapes of ``x``; it must be
            differentiable, and close over nothing traced.
        solve: ``solve(*args) -> x``, an array or a nested container of arrays of floats. With
            values it may be any Python; inside ``compile``, ``vmap`` and loops it is traced, so it
            is written with NumPy, ``cr.while_loop``, ``cr.scan``. The derivative is as exact as the
            root.
        linear_solve: ``linear_solve(matvec, b) -> u`` with ``matvec(u) = b``, of vectors with all
            numbers of ``x``, for large systems: ``matvec`` multiplies by the derivative of the
            residual, or its transpose, and no matrix is made. Without it the matrix is made, by as
            many forward sweeps as ``x`` has numbers, and factored once.

    Returns:
        A function of ``args``, which are passed by position.

    Raises:
        ArgumentError: the derivative of the residual in ``x`` is singular.
        ShapeError: the residual is not of the structure and shapes of the root.

    >>> import numpy as np, chainrule as cr
    >>> from scipy import optimize
    >>> def kepler(E, M, e):  # the eccentric anomaly E at the mean anomaly M
    ...     return E - e * np.sin(E) - M
    >>> anomaly = cr.implicit_root(
    ...     kepler, lambda M, e: optimize.brentq(kepler, 0.0, np.pi, (M, e), xtol=1e-14)
    ... )
    >>> E = anomaly(1.0, 0.1)
    >>> bool(np.isclose(cr.grad(anomaly)(1.0, 0.1), 1 / (1 - 0.1 * np.cos(E))))
    True

    The fixed point of cos(a x), by iteration:

    >>> def iterate(a):
    ...     far = lambda x: np.abs(np.cos(a * x) - x) > 1e-15
    ...     return cr.while_loop(far, lambda x: np.cos(a * x), 0.5)
    >>> fixed = cr.implicit_root(lambda x, a: np.cos(a * x) - x, iterate)
    >>> x, s = fixed(1.0), np.sin(fixed(1.0))
    >>> bool(np.isclose(cr.compile(cr.grad(fixed))(1.0), -x * s / (1 + s)))
    True

    Source: Griewank and Walther, Evaluating Derivatives (2008), chapter 15; Krantz and Parks, The
    Implicit Function Theorem (2002); Blondel et al., "Efficient and modular implicit
    differentiation" (2022).
    """

    def root(*args: Any) -> Any:
        return solve(*args)

    root.__name__ = name = name_of(solve)

    def push(x: Any, args: Any, tangents: Any) -> Any:
        equation = _Equation(residual, _unknown(x, name), name)
        vector = equation.unknown.vector(x)
        rest, floats = arrays_in(args, _is_float_array)
        given = rest.arrays(flatten_up_to(rest.structure, tangents, "tangents"))
        moved = jvp(equation.along(vector, rest), floats, given)[1]
        dx = _solution(equation, linear_solve, moved, (vector, args), transposed=False)
        return equation.unknown.whole(-dx)

    def pull(x: Any, args: Any, _residuals: Any, ct: Any) -> tuple[Any, ...]:
        equation = _Equation(residual, _unknown(x, name), name)
        vector = equation.unknown.vector(x)
        b = equation.unknown.vector(ct)
        back = _solution(equation, linear_solve, b, (vector, args), transposed=True)
        rest, floats = arrays_in(args, _is_float_array)
        pulled = vjp(equation.along(vector, rest), *floats)[1](-back)
        return rest.directions(pulled)

    stated_by = ("root found by", solve), ("as the root of", residual)
    return CustomDerivative(root, Rules(push=push, pull=pull, stated_by=stated_by))
