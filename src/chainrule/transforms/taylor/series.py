"""Power series whose coefficients are found one after the other, and products and quotients.

A series stands for the values along a path: coefficient k is the k-th derivative in t, divided by
k!. It has the shape and dtype of the value, which is coefficient 0; None is zero. So scaled, the
coefficients of a product are convolutions (Griewank and Walther, Evaluating Derivatives, 2008,
table 13.1).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chainrule.core.primitive import Primitive
from chainrule.ops.contraction import matmul
from chainrule.ops.define import spread
from chainrule.ops.elementwise import div, mul_or_zero
from chainrule.ops.linalg import solve

Coefficients = Sequence[Any]
Find = Callable[[int], Any]


class Series:
    """A power series; ``find(k)`` computes coefficient k and may ask for those before it."""

    def __init__(self, known: Coefficients, find: Find | None = None) -> None:
        self._known = list(known)
        self._find = find
        self.constant = find is None and all(x is None for x in self._known[1:])

    def at(self, k: int) -> Any:
        """Coefficient k, or None where it is zero."""
        while len(self._known) <= k:
            if self._find is None:
                return None
            self._known.append(self._find(len(self._known)))
        return self._known[k]

    def completed(self, order: int) -> Series:
        """The series up to this order, without what it is computed from."""
        return Series([self.at(k) for k in range(order + 1)])


def shifted(x: Series) -> Series:
    """The derivative of a series in t."""

    def find(k: int) -> Any:
        return times_number(x.at(k + 1), k + 1)

    return Series([find(0)], find)


def plus(x: Any, y: Any) -> Any:
    """The sum of two coefficients."""
    return y if x is None else x if y is None else x + y


def times_number(x: Any, n: float) -> Any:
    """A coefficient times a number."""
    return x if x is None or n == 1 else x * n


def by_number(x: Any, n: float) -> Any:
    """A coefficient divided by a number."""
    return x if x is None or n == 1 else x / n


# ---- products: linear in each factor -------------------------------------------------------------


def product(
    primitive: Primitive, inputs: Sequence[Series], params: Mapping[str, Any], out: Any
) -> Series:
    """What is linear in each input: the sum over all ways to share out the order."""
    moving = [i for i, x in enumerate(inputs) if not x.constant]

    def find(k: int) -> Any:
        total = None
        for orders in _compositions(k, len(moving)):
            factors = [x.at(0) for x in inputs]
            for i, order in zip(moving, orders, strict=True):
                factors[i] = inputs[i].at(order)
            if all(x is not None for x in factors):
                total = plus(total, primitive(*factors, **params))
        return None if total is None else spread(total, out)

    return Series([out], find)


def _compositions(k: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All tuples of ``parts`` numbers with the sum k."""
    for bars in itertools.combinations(range(k + parts - 1), parts - 1):
        edges = (-1, *bars, k + parts - 1)
        yield tuple(b - a - 1 for a, b in itertools.pairwise(edges))


# ---- quotients: b y = a, of numbers and of matrices ----------------------------------------------


def quotient(inputs: Sequence[Series], out: Any) -> Series:
    """``y = a / b``; where nothing changes nothing does, also for b = 0."""
    a, b = inputs
    inverse = div(1, b.at(0))

    def inverted(rest: Any) -> Any:
        return mul_or_zero(rest, inverse)

    return _dividing(b, a, mul_or_zero, inverted, out)


def solution(inputs: Sequence[Series], out: Any) -> Series:
    """``y = solve(b, a)``."""
    b, a = inputs

    def inverted(rest: Any) -> Any:
        return solve(b.at(0), rest)

    return _dividing(b, a, matmul, inverted, out)


def _dividing(
    b: Series,
    a: Series,
    times: Callable[[Any, Any], Any],
    inverted: Callable[[Any], Any],
    out: Any,
) -> Series:
    """``b_0 y_k = a_k - sum_(j > 0) b_j y_(k - j)``."""

    def find(k: int) -> Any:
        rest = a.at(k)
        for j in range(1, k + 1):
            factor, before = b.at(j), made.at(k - j)
            if factor is not None and before is not None:
                part = times(factor, before)
                rest = -part if rest is None else rest - part
        return None if rest is None else spread(inverted(rest), out)

    made = Series([out], find)
    return made
