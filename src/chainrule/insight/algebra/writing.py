"""Writing a quotient of polynomials as an expression: the shortest of several forms.

Forms differ in which factors are taken out: none, what all terms share, sums that stood as factors
before, and one unknown after another as Horner does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from chainrule.insight.algebra import polynomials
from chainrule.insight.algebra.building import (
    base_of,
    key,
    make,
    negative,
    of_fraction,
    product_of,
    scaled_quotient,
    size,
    whole,
)
from chainrule.insight.algebra.polynomials import ONE, Monomial, Polynomial
from chainrule.insight.algebra.rules import parts
from chainrule.insight.notation.expression import Apply, Expression

if TYPE_CHECKING:
    from chainrule.insight.algebra.ratios import Ratio
    from chainrule.insight.algebra.reading import Reading

Factors = list[tuple[Polynomial, int]]
FEW_TERMS = 6  # of a sum out of which unknowns are taken one after another


def written(reading: Reading, r: Ratio) -> Expression:
    """The shortest of the forms of ``r``."""
    if r.is_zero:
        return whole(0)
    forms = [
        _quotient(reading, way, below)
        for above, below in _expanded(reading, r)
        for way in _factorings(reading, above)
    ]
    return min(forms, key=size)


def _expanded(reading: Reading, r: Ratio) -> Iterator[tuple[Polynomial, Factors]]:
    """Numerator and denominator; and both times exp(-u), for exp(u) that stands below.

    ``exp(u) / (1 + exp(u))`` is ``1 / (1 + exp(-u))``.
    """
    yield r.above, list(r.below)
    for place, (f, k) in enumerate(r.below):
        for index in polynomials.unknowns(f):
            behind = reading.expressions[index]
            if not (isinstance(behind, Apply) and behind.primitive == "exp"):
                continue
            degree = max(dict(m).get(index, Fraction(0)) for m in f)
            by, by_all = ((index, -degree),), ((index, -degree * k),)
            below = [*r.below]
            below[place] = (polynomials.times_monomial(f, by), k)
            yield polynomials.times_monomial(r.above, by_all), below


def _factorings(reading: Reading, p: Polynomial) -> list[Factors]:
    """Ways to write ``p`` as a product: none taken out, or each sum that stood as a factor."""
    if len(p) == 1:
        return [[(p, 1)]]
    ways: list[Factors] = []
    content, factored = polynomials.primitive_part(p)
    rest = factored
    found: Factors = []
    for f in reading.factors:
        k = 0
        while len(rest) > 1 and (quotient := polynomials.divide(rest, f)) is not None:
            rest, k = quotient, k + 1
        if k:
            found.append((f, k))
    if found:
        ways.append([({content: Fraction(1)}, 1), *found, (rest, 1)])
    if content:
        ways.append([({content: Fraction(1)}, 1), (factored, 1)])
    shared = tuple((x, e) for x, e in content if e > 0)
    if shared != content:
        others = polynomials.times_monomial(p, polynomials.inverse(shared))
        ways.append([({shared: Fraction(1)}, 1), (others, 1)])
    return [*ways, [(p, 1)]]


def _quotient(reading: Reading, above: Factors, below: Factors) -> Expression:
    """Products of sums and powers above and below the line."""
    value = Fraction(1)
    over: list[Expression] = []
    under: list[Expression] = []
    for p, k in above:
        if len(p) == 1:
            ((m, c),) = p.items()
            value *= c**k
            for index, exponent in m:
                _place(reading, index, exponent * k, over, under)
            continue
        common, q = _integral(p)
        value *= common**k
        if _begins_negative(q):
            q, value = polynomials.times_monomial(q, ONE, Fraction(-1)), value * (-1) ** k
        over.append(_power(_total(reading, q), Fraction(k)))
    under += [_power(_total(reading, p), Fraction(k)) for p, k in below]
    over.sort(key=lambda x: reading.ranks.get(key(base_of(x)), len(reading.ranks)))
    return _flipped(value, over, under)


def _flipped(value: Fraction, over: list[Expression], under: list[Expression]) -> Expression:
    """``-(1 - a)`` as ``a - 1``, where a minus sign would stand before all."""
    plain = scaled_quotient(value, over, under)
    for i, x in enumerate(over):
        if value < 0 and isinstance(x, Apply) and x.primitive == "sub":
            turned = [*over[:i], make("sub", *x.operands[::-1]), *over[i + 1 :]]
            return scaled_quotient(-value, turned, under)
    return plain


def _integral(p: Polynomial) -> tuple[Fraction, Polynomial]:
    """(c, q) with ``p = c q`` where the coefficients of q are whole and share nothing."""
    scale, q = polynomials.normalised(p)
    if scale < 0:
        scale, q = -scale, polynomials.times_monomial(q, ONE, Fraction(-1))
    readable = max(map(abs, q.values())) <= _LARGEST and scale not in (1, 0)
    return (scale, q) if readable else (Fraction(1), p)


_LARGEST = 100  # whole coefficients that are better read than the decimals they come from


def _begins_negative(p: Polynomial) -> bool:
    return all(c < 0 for c in p.values())


def _place(
    reading: Reading,
    index: int,
    exponent: Fraction,
    over: list[Expression],
    under: list[Expression],
) -> None:
    """A power of an unknown, above or below; of exponentials always above."""
    x = reading.expressions[index]
    if isinstance(x, Apply) and x.primitive == "exp":
        value, above, below = parts(x.operands[0])
        over.append(make("exp", scaled_quotient(exponent * value, above, below)))
    elif exponent > 0:
        over.append(_power(x, exponent))
    else:
        under.append(_power(x, -exponent))


def _power(x: Expression, exponent: Fraction) -> Expression:
    if exponent == 1:
        return x
    if exponent == 2:
        return make("square", x)
    if exponent == Fraction(1, 2):
        return make("sqrt", x)
    return make("pow", x, of_fraction(exponent))


# ---- sums ----------------------------------------------------------------------------------------


def _total(reading: Reading, p: Polynomial) -> Expression:
    """A sum, as it is or with one unknown taken out of those terms that have it."""
    forms = [_terms(reading, p)]
    for index in polynomials.unknowns(p) if len(p) <= FEW_TERMS else ():
        having = {m: c for m, c in p.items() if dict(m).get(index, Fraction(0)) > 0}
        if 1 < len(having) < len(p):
            rest = {m: c for m, c in p.items() if m not in having}
            forms.append(_joined([(rest, reading), (having, reading)]))
    gathered = _gathered(reading, p)
    return min([*forms, *([gathered] if gathered is not None else [])], key=size)


def _joined(parts: Sequence[tuple[Polynomial, Reading]]) -> Expression:
    total: Expression | None = None
    for p, reading in parts:
        content, rest = polynomials.primitive_part(p)
        signs = -1 if next(iter(_ordered(rest)))[1] < 0 else 1
        above: Factors = [({content: Fraction(signs)}, 1), (_signed(rest, signs), 1)]
        if len(p) == 1:
            above = [(_signed(p, signs), 1)]
        x = _quotient(reading, above, [])
        total = _plus(total, x, signs)
    assert total is not None
    return total


def _signed(p: Polynomial, sign: int) -> Polynomial:
    return polynomials.times_monomial(p, ONE, Fraction(sign))


def _plus(total: Expression | None, x: Expression, sign: int) -> Expression:
    if total is None:
        return x if sign > 0 else negative(x)
    return make("add" if sign > 0 else "sub", total, x)


def _ordered(p: Polynomial) -> list[tuple[Monomial, Fraction]]:
    """Positive terms first, lower degrees first."""

    def rank(term: tuple[Monomial, Fraction]) -> tuple[bool, Fraction, Monomial]:
        m, c = term
        return c < 0, sum((abs(e) for _, e in m), Fraction(0)), m

    return sorted(p.items(), key=rank)


def _terms(reading: Reading, p: Polynomial) -> Expression:
    total: Expression | None = None
    for m, c in _ordered(p):
        x = _quotient(reading, [({m: abs(c)}, 1)], [])
        total = _plus(total, x, 1 if c > 0 else -1)
    assert total is not None
    return total


def _gathered(reading: Reading, p: Polynomial) -> Expression | None:
    """Sums over the same axes with the same factor as one: ``sum(u) - sum(v) = sum(u - v)``."""
    groups: dict[tuple[Monomial, str], list[tuple[Expression, Fraction]]] = {}
    for m, c in p.items():
        sums = [i for i, e in m if e == 1 and _is_sum(reading.expressions[i])]
        if len(sums) != 1:
            return None
        rest = tuple(pair for pair in m if pair[0] != sums[0])
        x = reading.expressions[sums[0]]
        assert isinstance(x, Apply)
        groups.setdefault((rest, str(x.params["axes"])), []).append((x, c))
    total: Expression | None = None
    for (rest, _), members in groups.items():
        one = _one_sum(reading, rest, members)
        if one is None:
            return None
        total = _plus(total, one, 1)
    return total


def _is_sum(x: Expression) -> bool:
    return isinstance(x, Apply) and x.primitive == "sum"


def _one_sum(
    reading: Reading, rest: Monomial, members: list[tuple[Expression, Fraction]]
) -> Expression | None:
    inside: Polynomial = {}
    first = members[0][0]
    assert isinstance(first, Apply)
    for x, c in members:
        assert isinstance(x, Apply)
        term = reading.read(x.operands[0])
        if term.below:
            return None
        inside = polynomials.add(inside, polynomials.times_monomial(term.above, ONE, c))
    forms = [_quotient(reading, way, []) for way in _factorings(reading, inside)]
    summed = make("sum", min(forms, key=size), **dict(first.params))
    return (
        product_of([_quotient(reading, [({rest: Fraction(1)}, 1)], []), summed]) if rest else summed
    )
