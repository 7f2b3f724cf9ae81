"""Polynomials in any number of unknowns, with rational coefficients and exponents.

A monomial is a sorted tuple of pairs (unknown, exponent), where exponents may be negative; a
polynomial maps monomials to coefficients that are not zero. Unknowns are numbers: whoever uses
these says what stands behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd, lcm

Monomial = tuple[tuple[int, Fraction], ...]
Polynomial = Mapping[Monomial, Fraction]

ONE: Monomial = ()
MOST_TERMS = 80
_MOST_DIGITS = 10_000  # denominators of coefficients that are quotients of small numbers


class TooLargeError(Exception):
    """A polynomial has more terms than anybody would read."""


def constant(value: Fraction) -> Polynomial:
    """A number."""
    return {ONE: value} if value else {}


def unknown(index: int, exponent: Fraction = Fraction(1)) -> Polynomial:
    """A power of one unknown."""
    return {((index, exponent),): Fraction(1)}


def times_monomial(p: Polynomial, m: Monomial, factor: Fraction = Fraction(1)) -> Polynomial:
    """``factor * m * p``."""
    return {product(k, m): c * factor for k, c in p.items()}


def product(m: Monomial, n: Monomial) -> Monomial:
    """The product of two monomials."""
    powers = dict(m)
    for x, e in n:
        powers[x] = powers.get(x, Fraction(0)) + e
    return tuple(sorted((x, e) for x, e in powers.items() if e))


def inverse(m: Monomial) -> Monomial:
    """1 / m."""
    return tuple((x, -e) for x, e in m)


def add(p: Polynomial, q: Polynomial) -> Polynomial:
    """p + q, terms in the order in which they came.

    >>> x = unknown(0)
    >>> add(x, times_monomial(x, ONE, Fraction(-1)))
    {}
    """
    total = dict(p)
    for m, c in q.items():
        total[m] = total.get(m, Fraction(0)) + c
    return {m: c for m, c in total.items() if c}


def multiply(p: Polynomial, q: Polynomial) -> Polynomial:
    """p q, expanded.

    Raises:
        TooLargeError: there are more than ``MOST_TERMS`` terms.
    """
    total: dict[Monomial, Fraction] = {}
    for m, c in p.items():
        for n, d in q.items():
            mn = product(m, n)
            total[mn] = total.get(mn, Fraction(0)) + c * d
        if len(total) > MOST_TERMS:
            raise TooLargeError
    return {m: c for m, c in total.items() if c}


def power(p: Polynomial, exponent: int) -> Polynomial:
    """p to a natural number."""
    total = constant(Fraction(1))
    for _ in range(exponent):
        total = multiply(total, p)
    return total


def unknowns(p: Polynomial) -> list[int]:
    """The unknowns that occur, in order."""
    return sorted({x for m in p for x, _ in m})


def common(ms: Iterable[Monomial]) -> Monomial:
    """The monomial that divides all: for each unknown its least exponent."""
    powers = [dict(m) for m in ms]
    seen = sorted({x for p in powers for x in p})
    least = ((x, min(p.get(x, Fraction(0)) for p in powers)) for x in seen)
    return tuple((x, e) for x, e in least if e)


def primitive_part(p: Polynomial) -> tuple[Monomial, Polynomial]:
    """(m, q) with ``p = m q``, where q has no negative exponents and no common unknown."""
    content = common(p)
    return content, times_monomial(p, inverse(content))


def normalised(p: Polynomial) -> tuple[Fraction, Polynomial]:
    """(c, q) with ``p = c q``: the first coefficient of q is positive, and all are whole
    without a common factor where those of p are quotients of small numbers.

    >>> c, q = normalised({unknown_power: Fraction(-1, 2) for unknown_power in unknown(0)})
    >>> c, list(q.values())
    (Fraction(-1, 2), [Fraction(1, 1)])
    """
    below = lcm(*(c.denominator for c in p.values()))
    if below > _MOST_DIGITS:
        return p[min(p)], times_monomial(p, ONE, 1 / p[min(p)])
    scale = Fraction(gcd(*(c.numerator * (below // c.denominator) for c in p.values())), below)
    if p[min(p)] < 0:
        scale = -scale
    return scale, times_monomial(p, ONE, 1 / scale)


def divide(p: Polynomial, divisor: Polynomial) -> Polynomial | None:
    """p / divisor where that is a polynomial again, else None. Negative exponents are allowed.

    >>> x, one = unknown(0), constant(Fraction(1))
    >>> square = multiply(x, x)
    >>> divide(add(square, constant(Fraction(-1))), add(x, one)) == add(x, constant(Fraction(-1)))
    True
    """
    m, rest = primitive_part(p)
    n, by = primitive_part(divisor)
    order = sorted({*unknowns(rest), *unknowns(by)})

    def rank(k: Monomial) -> list[Fraction]:
        powers = dict(k)
        return [powers.get(x, Fraction(0)) for x in order]

    lead = max(by, key=rank)
    quotient: dict[Monomial, Fraction] = {}
    while rest:
        top = max(rest, key=rank)
        step = product(top, inverse(lead))
        if any(e < 0 for _, e in step) or len(quotient) > MOST_TERMS:
            return None
        c = rest[top] / by[lead]
        quotient[step] = c
        rest = add(rest, times_monomial(by, step, -c))
    return times_monomial(quotient, product(m, inverse(n)))
