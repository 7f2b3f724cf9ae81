"""How many units in the last place a derivative is from the true one.

An ulp is that of the true derivative, rounded; below the smallest normal number it is the smallest
subnormal. Where the true derivative is beyond the largest number, infinity is right; where it is
within some ulp of that border, both are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import mpmath as mp
import numpy as np
from mpmath import mpf

import chainrule as cr

from .functions import Function

DIGITS = 50
DTYPES: dict[str, Any] = {"float64": np.float64, "float32": np.float32, "float16": np.float16}
MODES = ("forward", "reverse")


def derivative(function: Function, place: int, mode: str) -> Any:
    """The derivative by the argument at ``place``, as a function of arrays."""

    def along(*xs: Any) -> Any:
        def f(x: Any) -> Any:
            return function.f(*xs[:place], x, *xs[place + 1 :])

        if mode == "forward":
            return cr.jvp(f, (xs[place],), (np.ones_like(xs[place]),))[1]
        return cr.grad(lambda x: np.sum(f(x)))(xs[place])

    return along


def second(function: Function, places: tuple[int, int], mode: str) -> Any:
    """The derivative by two arguments: forward over forward, or reverse over reverse."""
    inner = derivative(function, places[0], mode)
    return derivative(Function(inner, (), ()), places[1], mode)


def places_of(function: Function) -> Sequence[tuple[int, int]]:
    """The pairs of arguments that ``function.second`` is by."""
    return ((0, 0),) if len(function.first) == 1 else ((0, 0), (0, 1), (1, 1))


def ulps(found: Any, exact: Any, dtype: Any, terms: Any = 0) -> float:
    """The distance in ulp of the true value; infinite if the two are of different kinds.

    ``terms``: the size of what a second derivative is a sum of, if that is to be measured by.
    """
    limits = np.finfo(dtype)
    size = max(abs(exact), terms)
    if size == 0:
        return 0.0 if found == 0 else float("inf")
    exponent = max(int(mp.floor(mp.log(size, 2))), limits.minexp)
    ulp = mp.ldexp(mpf(1), exponent - limits.nmant)
    top = mpf(float(limits.max))
    if terms and 2 * size > top:  # a difference of terms that are infinite, or may be
        return 0.0
    if np.isnan(found) or (np.isinf(found) and (found > 0) != (exact > 0)):
        return float("inf")
    if np.isinf(found):
        return max(0.0, float((top - size) / ulp))
    return float(abs(mpf(float(found)) - (exact if size <= top else mp.sign(exact) * top)) / ulp)


def samples(function: Function, dtype: Any, n: int, seed: int = 0) -> list[Any]:
    """Arguments over the whole range: ordinary, of any exponent, near critical points."""
    rng = np.random.default_rng(seed)
    limits = np.finfo(dtype)
    count = len(function.first)

    def column() -> Any:
        signs = rng.choice([-1.0, 1.0], n)
        ordinary = signs * 10.0 ** rng.uniform(-3, 3, n)
        exponents = rng.integers(limits.minexp - limits.nmant, limits.maxexp, n)
        any_size = np.ldexp(signs * rng.uniform(1, 2, n), exponents)
        middle = rng.uniform(-1, 1, n) * {64: 760, 32: 106, 16: 18}[limits.bits]
        places = rng.choice(function.critical, n)
        near = places + signs * 2.0 ** -rng.uniform(1, limits.nmant + 2, n) * np.where(
            places == 0, 1, np.abs(places)
        )
        with np.errstate(all="ignore"):
            values = np.stack([ordinary, any_size, middle, near])[rng.integers(0, 4, n), range(n)]
            return values.astype(dtype)

    columns = [column() for _ in range(count)]
    if count == 2:  # half of the pairs of like size, where sums and quotients are not trivial
        with np.errstate(over="ignore"):
            near = columns[0] * (rng.choice([-1, 1], n) * 2.0 ** rng.uniform(-12, 12, n))
            columns[1] = np.where(rng.random(n) < 0.5, columns[1], near.astype(dtype))
    return inside(function, dtype, columns)


def inside(function: Function, dtype: Any, columns: Sequence[Any]) -> list[Any]:
    """Those arguments at which the function is differentiable and its bound is stated.

    0 is among the special points; of two arguments none may be subnormal, since the quotient of two
    such numbers has as few digits as they have.
    """
    limits = np.finfo(dtype)
    least = limits.tiny if len(columns) == 2 else limits.smallest_subnormal
    within = np.ones(len(columns[0]), bool)
    for c in columns:
        within &= (c > function.low) & (c < function.high) & np.isfinite(c) & (np.abs(c) >= least)
    return [c[within] for c in columns]


Error = tuple[float, tuple[Any, ...], Any, Any]  # ulp, the point, what was found, what is true


def errors(
    function: Function, dtype: Any, mode: str, order: int, xs: Sequence[Any]
) -> Iterator[Error]:
    """Of each derivative of an order at each point."""
    if order == 1:
        tasks = [derivative(function, i, mode) for i in range(len(function.first))]
    else:
        tasks = [second(function, p, mode) for p in places_of(function)]
    with np.errstate(all="ignore"):
        found = [task(*xs) for task in tasks]
    return errors_of(function, dtype, xs, found, order)


def errors_of(
    function: Function, dtype: Any, xs: Sequence[Any], found: Sequence[Any], order: int
) -> Iterator[Error]:
    """Of derivatives that were found, at each point."""
    within = ordinary(function, dtype, xs)
    points = [tuple(x.tolist()) for x in np.stack(xs, 1)]
    for values, truth in zip(found, (function.first, function.second)[order - 1], strict=True):
        for point, value, counts in zip(points, values, within, strict=True):
            if not counts or not function.allowed(*point):
                continue
            with mp.workdps(DIGITS):
                exact = truth(*map(mpf, point))
                if isinstance(exact, mp.mpc):
                    continue
                if function.flushes and value == 0 and abs(exact) < np.finfo(dtype).tiny:
                    continue
                terms = 0
                if order == 2:
                    terms = function.size(*map(mpf, point)) if function.size else abs(exact)
                yield ulps(value, exact, dtype, terms), point, value, exact


def ordinary(function: Function, dtype: Any, xs: Sequence[Any]) -> Any:
    """Where all that the rules compute on the way is neither subnormal nor infinite."""
    limits = np.finfo(dtype)
    within = np.ones(len(xs[0]), bool)
    for intermediate in function.through:
        with np.errstate(all="ignore"):
            size = np.abs(intermediate(*xs))
        within &= (size >= limits.tiny) & (size <= limits.max)
    return within
