"""Quotients of polynomials, in lowest terms as far as the factors below the line are known."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from chainrule.insight.algebra import polynomials
from chainrule.insight.algebra.polynomials import Monomial, Polynomial


@dataclass(frozen=True)
class Ratio:
    """``above / (f1^k1 f2^k2 ...)``; each factor below is a sum without common unknowns.

    Unknowns alone never stand below: they have negative exponents above.
    """

    above: Polynomial
    below: tuple[tuple[Polynomial, int], ...] = ()

    @property
    def is_zero(self) -> bool:
        """Whether it is the number 0."""
        return not self.above

    @property
    def value(self) -> Fraction | None:
        """The number that it is, if it is one."""
        if self.below or any(m != polynomials.ONE for m in self.above):
            return None
        return self.above.get(polynomials.ONE, Fraction(0))

    @property
    def monomial(self) -> tuple[Monomial, Fraction] | None:
        """(m, c) if it is ``c m``."""
        if self.below or len(self.above) != 1:
            return None
        ((m, c),) = self.above.items()
        return m, c


def of_number(value: Fraction | int) -> Ratio:
    """A number."""
    return Ratio(polynomials.constant(Fraction(value)))


def _reduced(above: Polynomial, below: tuple[tuple[Polynomial, int], ...]) -> Ratio:
    """Cancel what divides."""
    kept: list[tuple[Polynomial, int]] = []
    for factor, k in below:
        while k > 0:
            quotient = polynomials.divide(above, factor)
            if quotient is None:
                break
            above, k = quotient, k - 1
        if k and above:
            kept.append((factor, k))
    return Ratio(above, tuple(kept))


def add(r: Ratio, s: Ratio) -> Ratio:
    """r + s over their common denominator.

    >>> x = Ratio(polynomials.unknown(0))
    >>> one = of_number(1)
    >>> total = add(inverted(add(x, one)), multiply(x, inverted(add(x, one))))
    >>> total.value
    Fraction(1, 1)
    """
    below = [*r.below]
    for factor, k in s.below:
        place = next((i for i, (f, _) in enumerate(below) if f == factor), None)
        if place is None:
            below.append((factor, k))
        else:
            below[place] = (factor, max(k, below[place][1]))
    above = polynomials.add(_over(r, below), _over(s, below))
    return _reduced(above, tuple(below))


def _over(r: Ratio, below: list[tuple[Polynomial, int]]) -> Polynomial:
    above = r.above
    for factor, k in below:
        own = next((n for f, n in r.below if f == factor), 0)
        above = polynomials.multiply(above, polynomials.power(factor, k - own))
    return above


def multiply(r: Ratio, s: Ratio) -> Ratio:
    """r s."""
    left, right = _reduced(r.above, s.below), _reduced(s.above, r.below)
    below = [*left.below]
    for factor, k in right.below:
        place = next((i for i, (f, _) in enumerate(below) if f == factor), None)
        if place is None:
            below.append((factor, k))
        else:
            below[place] = (factor, k + below[place][1])
    return Ratio(polynomials.multiply(left.above, right.above), tuple(below))


def scaled(r: Ratio, factor: Fraction | int) -> Ratio:
    """factor * r."""
    return multiply(of_number(factor), r)


def inverted(r: Ratio) -> Ratio:
    """1 / r, of an r that is not zero."""
    above: Polynomial = polynomials.constant(Fraction(1))
    for factor, k in r.below:
        above = polynomials.multiply(above, polynomials.power(factor, k))
    content, rest = polynomials.primitive_part(r.above)
    scale, rest = polynomials.normalised(rest)
    above = polynomials.times_monomial(above, polynomials.inverse(content), 1 / scale)
    if len(rest) == 1:
        return Ratio(above)
    return _reduced(above, ((rest, 1),))


def power(r: Ratio, exponent: int) -> Ratio:
    """r to a whole number."""
    base = r if exponent >= 0 else inverted(r)
    total = of_number(1)
    for _ in range(abs(exponent)):
        total = multiply(total, base)
    return total
