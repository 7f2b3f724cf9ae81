"""The derivative of a solution, by the equation that holds there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.scipy.optimize.unknown import library
from chainrule.transforms.custom.implicit import implicit_root
from chainrule.transforms.custom.plain import require_values

Solve = Callable[[Any, tuple[Any, ...]], Any]


REMEDY = (
    "with a compiled function if it is to be fast, or write the iteration with cr.while_loop in"
    " cr.implicit_root"
)


def differentiable(
    solve: Solve, equation: Callable[..., Any], x0: Any, args: tuple[Any, ...], name: str
) -> Any:
    """What ``solve(x0, args)`` found, its ``x`` as the root of ``equation(x, *args)``.

    The start is an argument, too, of which the solution is independent.
    """
    solver = f"cr.scipy.optimize.{name}"
    require_values(solver, REMEDY, x0, args)
    found: list[Any] = []

    def solution(x0: Any, *args: Any) -> Any:
        require_values(solver, REMEDY, x0, args)
        found.append(solve(x0, args))
        return found[-1].x

    solution.__name__ = name

    def residual(x: Any, _x0: Any, *args: Any) -> Any:
        return equation(x, *args)

    x = implicit_root(residual, solution)(x0, *args)
    return library.optimize.OptimizeResult({**found[-1], "x": x})
