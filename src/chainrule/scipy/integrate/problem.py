"""An ordinary differential equation with the solver of SciPy that solves it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import scipy

from chainrule.compile import Compiled, compiled_like
from chainrule.core.trace import TracedValue, type_of
from chainrule.transforms.control.body import is_float
from chainrule.transforms.custom.arguments import Arguments, arrays_in, is_array
from chainrule.transforms.custom.plain import any_traced, plain
from chainrule.transforms.derived import jacobian

Function = Callable[..., Any]

library: Any = scipy  # ships no types, and loads its parts when they are asked for

IMPLICIT = frozenset({"Radau", "BDF", "LSODA"})
ACCURACY = frozenset({"rtol", "atol", "max_step"})


def wants_jacobian(method: Any) -> bool:
    """Whether a method of SciPy's, or a class of that name, is an implicit one."""
    return (method if isinstance(method, str) else method.__name__) in IMPLICIT


def floats_in(args: Any) -> tuple[Arguments, list[Any]]:
    """The arguments in two parts: the arrays of floats in them, which have derivatives, and all."""
    return arrays_in(args, lambda x: is_array(x) and is_float(type_of(x)))


def as_vector(x: Any) -> Any:
    """An array of one axis, for a list of numbers too; traced or plain."""
    if isinstance(x, (list, tuple)):
        parts = cast("list[Any]", x)
        return np.stack(parts) if any_traced(parts) else np.asarray(parts)
    return x if isinstance(x, TracedValue) else np.asarray(x)


@dataclass(frozen=True, eq=False)
class Problem:
    """``y' = f(t, y, *args)`` with a method of ``scipy.integrate.solve_ivp`` and its options.

    ``owner`` is the function that the user gave: what is made of a compiled one is compiled, and
    kept with it under ``key``. ``name`` is what errors call the solver.
    """

    f: Function
    owner: Function
    key: tuple[Hashable, ...]
    name: str
    method: Any
    options: Mapping[str, Any]

    @property
    def accuracy(self) -> dict[str, Any]:
        """The options that hold for whatever is solved because of this problem."""
        return {name: x for name, x in self.options.items() if name in ACCURACY}

    def made(self, kind: Hashable, g: Function, args: Any) -> Function:
        """``(t, *vectors) -> g(t, *vectors, args)`` for SciPy, where ``g`` is made of ``f``."""
        rest, arrays = arrays_in(args)
        given = [np.asarray(x) for x in arrays]  # a compiled function is called fastest with arrays
        here = np.asarray if isinstance(self.owner, Compiled) else float

        def of_arrays(t: Any, *xs: Any) -> Any:
            vectors = xs[: len(xs) - len(given)]
            return g(t, *vectors, rest.filled(xs[len(vectors) :]))

        constants = tuple((i, type(x).__name__, x) for i, x in rest.constants.items())
        run = compiled_like(self.owner, (*self.key, kind, rest.structure, constants), of_arrays)

        def called(t: Any, *vectors: Any) -> Any:
            return plain(run(here(t), *vectors, *given), f"cr.scipy.integrate.{self.name}")

        return called

    def derived(self, kind: Hashable, f: Function, n: int, size: int) -> Problem:
        """A larger problem, of ``size`` unknowns for ``n``, to the same tolerances."""
        options = self.accuracy
        for name in ("rtol", "atol"):
            if np.ndim(options[name]):
                finest = np.full(size - n, np.min(options[name]))
                options[name] = np.append(options[name], finest)
        return Problem(f, self.owner, (*self.key, kind, n, size), self.name, self.method, options)

    def solve(self, y0: Any, span: tuple[Any, Any], args: Any, **asked: Any) -> Any:
        """SciPy's solution of the problem."""
        options = dict(self.options)
        given = options.get("jac")
        if wants_jacobian(self.method) and given is None:
            options["jac"] = self.made("jacobian", self.jacobian, args)
        elif callable(given):
            options["jac"] = lambda t, y: given(t, y, *args)  # pyright: ignore[reportUnknownLambdaType]
        run = self.made("f", self.values, args)
        return library.integrate.solve_ivp(run, span, y0, method=self.method, **options, **asked)

    def values(self, t: Any, y: Any, args: Any) -> Any:
        """f, with its arguments as one."""
        return self.f(t, y, *args)

    def jacobian(self, t: Any, y: Any, args: Any) -> Any:
        """The matrix df/dy."""
        return jacobian(self.f, 1)(t, y, *args)

    def values_at(self, y0: Any, t0: Any, t1: Any, times: Any, args: Any) -> Any:
        """The solution, with the values at these times in their order, which may be equal."""
        distinct, places = np.unique(times, return_inverse=True)
        backwards = t1 < t0
        asked = distinct[::-1] if backwards else distinct
        solved = self.solve(y0, (t0, t1), args, t_eval=asked)
        if solved.success:
            order = len(distinct) - 1 - places if backwards else places
            solved.y = solved.y[:, order]
        return solved
