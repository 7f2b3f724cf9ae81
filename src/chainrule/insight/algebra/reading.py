"""Reading an expression as a quotient of polynomials in what it is made of.

Unknowns are named values, functions of expressions, and sums over axes, out of which everything is
taken that is the same along them. Exponentials of sums are products of exponentials. So softmax,
shifted or not, is one quotient, and what cancels in the derivative of one does.

Written back by ``writing.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from math import prod

from chainrule.insight.algebra import polynomials, ratios
from chainrule.insight.algebra.building import Key, key, make, number
from chainrule.insight.algebra.polynomials import Monomial, Polynomial
from chainrule.insight.algebra.ratios import Ratio
from chainrule.insight.algebra.writing import written
from chainrule.insight.notation.expression import Apply, Expression

MOST_FACTORS = 4
_HIGHEST_POWER = 8


class Reading:
    """Expressions read into the same unknowns.

    Attributes:
        expressions: what stands behind each unknown.
        factors: sums that stood as factors, by which a result may be divided again.
        ranks: where an expression first stood as a factor, by its key.

    Args:
        facts: quotients that stand for unknowns, by the key of the unknown, made by a function of
            the reading.
        whole: keys of expressions that are unknowns as they stand, although they have parts.
    """

    def __init__(
        self,
        facts: Mapping[Key, Callable[[Reading], Ratio]] | None = None,
        whole: Collection[Key] = (),
    ) -> None:
        self.expressions: list[Expression] = []
        self.factors: list[Polynomial] = []
        self.ranks: dict[Key, int] = {}
        self._facts = dict(facts or {})
        self._whole = frozenset(whole)
        self._known: dict[Key, int] = {}

    def read(self, x: Expression) -> Ratio:
        """The quotient that ``x`` is.

        Raises:
            TooLargeError: it has too many terms.
        """
        value = number(x)
        if value is not None:
            return ratios.of_number(value)
        if self._whole and key(x) in self._whole:
            return Ratio(polynomials.unknown(self.index(x)))
        if isinstance(x, Apply) and x.primitive in _READERS:
            return _READERS[x.primitive](self, x)
        if isinstance(x, Apply):
            operands = tuple(self.plain(y) for y in x.operands)
            x = Apply(x.primitive, operands, x.type, x.params, x.result)
        return self.unknown(x)

    def unknown(self, x: Expression) -> Ratio:
        """``x`` as an unknown, or what is known to stand for it."""
        mark = key(x)
        if mark in self._facts:
            return self._facts[mark](self)
        return Ratio(polynomials.unknown(self.index(x)))

    def index(self, x: Expression) -> int:
        """The number of an unknown."""
        mark = key(x)
        if mark not in self._known:
            self._known[mark] = len(self.expressions)
            self.expressions.append(x)
        return self._known[mark]

    def plain(self, x: Expression) -> Expression:
        """An operand of a function, in the one form that equal operands share."""
        if not isinstance(x, Apply) or x.type.dtype.kind not in "f":
            return x
        return written(self, self.read(x))

    def factor(self, x: Expression) -> Ratio:
        """``x`` as a factor of a product, whose place is remembered."""
        self.ranks.setdefault(key(x), len(self.ranks))
        found = self.read(x)
        self._remember(found.above)
        return found

    def _remember(self, p: Polynomial) -> None:
        _, rest = polynomials.primitive_part(p)
        if 1 < len(rest) <= MOST_FACTORS and rest not in self.factors:
            self.factors.append(rest)

    # ---- what an unknown is like ----------------------------------------------------------------

    def is_constant(self, index: int, axes: tuple[int, ...], rank: int) -> bool:
        """Whether an unknown is the same along axes of an array of that rank."""
        shape = self.expressions[index].type.shape
        padded = (1,) * (rank - len(shape)) + shape
        return all(padded[axis] == 1 for axis in axes)


def _add(reading: Reading, x: Apply) -> Ratio:
    return _with_signs(reading, ratios.add(*map(reading.read, x.operands)))


def _sub(reading: Reading, x: Apply) -> Ratio:
    left, right = map(reading.read, x.operands)
    return _with_signs(reading, ratios.add(left, ratios.scaled(right, -1)))


def _mul(reading: Reading, x: Apply) -> Ratio:
    left, right = map(reading.factor, x.operands)
    return _with_signs(reading, ratios.multiply(left, right))


def _div(reading: Reading, x: Apply) -> Ratio:
    left = reading.factor(x.operands[0])
    right = _inverted(reading, x.operands[1])
    if right is None:
        return reading.unknown(x)
    return _with_signs(reading, ratios.multiply(left, right))


def _inverted(reading: Reading, x: Expression) -> Ratio | None:
    """1 / x, factor by factor, since a product that was expanded is not factored again."""
    if isinstance(x, Apply) and x.primitive in ("mul", "square"):
        factors = [_inverted(reading, y) for y in (*x.operands, *x.operands)[:2]]
        if factors[0] is None or factors[1] is None:
            return None
        return ratios.multiply(factors[0], factors[1])
    found = reading.factor(x)
    return None if found.is_zero else ratios.inverted(found)


def _square(reading: Reading, x: Apply) -> Ratio:
    base = reading.factor(x.operands[0])
    return _with_signs(reading, ratios.multiply(base, base))


def _pow(reading: Reading, x: Apply) -> Ratio:
    exponent = number(x.operands[1])
    base = reading.factor(x.operands[0])
    if exponent is None or abs(exponent) > _HIGHEST_POWER:
        return reading.unknown(x)
    if exponent.denominator == 1 and not base.is_zero:
        return ratios.power(base, int(exponent))
    return _root(reading, x, base, exponent)


def _sqrt(reading: Reading, x: Apply) -> Ratio:
    return _root(reading, x, reading.read(x.operands[0]), Fraction(1, 2))


def _root(reading: Reading, x: Apply, base: Ratio, exponent: Fraction) -> Ratio:
    """A power of one unknown; of anything else, whose sign may matter, it is an unknown itself."""
    single = base.monomial
    if single is not None and single[1] == 1 and len(single[0]) == 1 and single[0][0][1] == 1:
        return Ratio(polynomials.unknown(single[0][0][0], exponent))
    operands = (reading.plain(x.operands[0]), *x.operands[1:])
    return reading.unknown(Apply(x.primitive, operands, x.type, x.params))


def _exp(reading: Reading, x: Apply) -> Ratio:
    """Of terms that are the same for all entries a factor of its own; of -u the inverse of u's."""
    argument = reading.read(x.operands[0])
    if argument.below:
        return _exponential(reading, argument)
    groups: dict[tuple[int, ...], dict[Monomial, Fraction]] = {}
    for m, c in argument.above.items():
        shape = written(reading, Ratio({m: Fraction(1)})).type.shape if m else x.type.shape
        groups.setdefault(shape, {})[m] = c
    if x.type.shape not in groups or (len(groups) > 1 and set(groups[x.type.shape]) == {()}):
        groups = {x.type.shape: dict(argument.above)}
    total = ratios.of_number(1)
    for terms in groups.values():
        total = ratios.multiply(total, _exponential(reading, Ratio(terms)))
    return total


def _exponential(reading: Reading, argument: Ratio) -> Ratio:
    if argument.is_zero:
        return ratios.of_number(1)
    scale, inner = polynomials.normalised(argument.above)
    found = reading.unknown(make("exp", written(reading, Ratio(inner, argument.below))))
    if scale.denominator == 1 and abs(scale) <= _HIGHEST_POWER:
        return ratios.power(found, int(scale))
    single = found.monomial
    if single is not None and len(single[0]) == 1 and single[1] == 1:
        ((index, exponent),) = single[0]
        return Ratio(polynomials.unknown(index, exponent * scale))
    return reading.unknown(make("exp", written(reading, argument)))


def _log(reading: Reading, x: Apply) -> Ratio:
    """Exponentials among the factors come out."""
    argument = reading.read(x.operands[0])
    content, _ = polynomials.primitive_part(argument.above)
    total, inside = ratios.of_number(0), argument
    for index, exponent in content:
        behind = reading.expressions[index]
        if isinstance(behind, Apply) and behind.primitive == "exp":
            total = ratios.add(total, ratios.scaled(reading.read(behind.operands[0]), exponent))
            inside = ratios.multiply(inside, Ratio(polynomials.unknown(index, -exponent)))
    if inside.value == 1:
        return total
    return ratios.add(total, reading.unknown(make("log", written(reading, inside))))


def _sum(reading: Reading, x: Apply) -> Ratio:
    """Term by term, with what is the same along the axes in front."""
    operand = x.operands[0]
    shape, axes = operand.type.shape, _axes(x)
    inner = reading.read(operand)
    outside, inside = ratios.of_number(1), ratios.of_number(1)
    for f, k in inner.below:
        same = all(reading.is_constant(i, axes, len(shape)) for i in polynomials.unknowns(f))
        by = ratios.power(ratios.inverted(Ratio(f)), k)
        outside, inside = (
            (ratios.multiply(outside, by), inside)
            if same
            else (outside, ratios.multiply(inside, by))
        )
    total = ratios.of_number(0)
    for m, c in inner.above.items():
        same = [p for p in m if reading.is_constant(p[0], axes, len(shape))]
        rest = tuple(p for p in m if p not in same)
        term = ratios.multiply(Ratio({tuple(same): c}), outside)
        summed = ratios.multiply(Ratio({rest: Fraction(1)}), inside)
        total = ratios.add(total, ratios.multiply(term, _summed(reading, summed, x)))
    return total


def _axes(x: Apply) -> tuple[int, ...]:
    return tuple(x.params["axes"])


def _summed(reading: Reading, inside: Ratio, x: Apply) -> Ratio:
    shape, axes = x.operands[0].type.shape, _axes(x)
    if inside.value is not None:
        return ratios.scaled(inside, prod([shape[axis] for axis in axes]))
    operand = written(reading, inside)
    if operand.type.shape != shape:
        operand = make("broadcast_to", operand, shape=shape)
    return reading.unknown(make("sum", operand, axes=axes))


def _with_signs(reading: Reading, r: Ratio) -> Ratio:
    """``sign(u) u = |u|``, and squares of both are ``u^2`` and 1, which holds but at u = 0."""
    above: Polynomial = {}
    for m, c in r.above.items():
        above = polynomials.add(above, _without_signs(reading, dict(m), c))
    return r if above == r.above else Ratio(above, r.below)


def _without_signs(reading: Reading, powers: dict[int, Fraction], c: Fraction) -> Polynomial:
    for index in list(powers):
        behind = reading.expressions[index]
        if not isinstance(behind, Apply) or behind.primitive not in ("sign", "abs"):
            continue
        twice, odd = divmod(powers.pop(index), 2)
        inner = reading.index(behind.operands[0])
        if behind.primitive == "abs" and twice:
            powers[inner] = powers.get(inner, Fraction(0)) + 2 * twice
        if odd and behind.primitive == "sign" and powers.get(inner, Fraction(0)) == 1:
            del powers[inner]
            size = reading.index(make("abs", behind.operands[0]))
            powers[size] = powers.get(size, Fraction(0)) + 1
        elif odd:
            powers[index] = odd
    return {tuple(sorted((i, e) for i, e in powers.items() if e)): c}


_READERS: dict[str, Callable[[Reading, Apply], Ratio]] = {
    "add": _add,
    "sub": _sub,
    "neg": lambda reading, x: ratios.scaled(reading.read(x.operands[0]), -1),
    "mul": _mul,
    "div": _div,
    "square": _square,
    "pow": _pow,
    "sqrt": _sqrt,
    "exp": _exp,
    "log": _log,
    "sum": _sum,
    "broadcast_to": lambda reading, x: reading.read(x.operands[0]),
}
