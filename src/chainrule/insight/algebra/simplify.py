"""The entry: an expression, and one that is equal to it and shorter.

Several forms are made and the shortest is taken: the expression tidied up (``rules.py``), what is
left of it as a quotient of polynomials (``reading.py``), and the same after a known value has been
used to get rid of a function: with ``a = 1 / (1 + exp(-z))`` the exponential is ``(1 - a) / a``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from chainrule.insight.algebra import polynomials, ratios
from chainrule.insight.algebra.building import Key, base_of, key, size
from chainrule.insight.algebra.cases import by_choices, conditions_of, in_case, joined
from chainrule.insight.algebra.conditions import Assumptions, settled
from chainrule.insight.algebra.polynomials import Polynomial, TooLargeError
from chainrule.insight.algebra.ratios import Ratio
from chainrule.insight.algebra.reading import Reading
from chainrule.insight.algebra.rules import parts, tidied
from chainrule.insight.algebra.writing import written
from chainrule.insight.notation.expression import Apply, Expression, Symbol

MOST_CONDITIONS = 4


@dataclass(frozen=True)
class Known:
    """A named value and the expression that it is: ``a`` and ``1 / (1 + exp(-z))``."""

    name: Symbol
    definition: Expression


@dataclass(frozen=True)
class Simplified:
    """An expression, and the conditions under which it is equal to what was given."""

    expression: Expression
    assumptions: tuple[Expression, ...]


def simplified(
    x: Expression,
    known: tuple[Known, ...] = (),
    facts: Mapping[Key, Expression] | None = None,
) -> Simplified:
    """A shorter expression that is equal to ``x``.

    Args:
        x: what is simplified.
        known: names of values that may stand in it instead of what they are.
        facts: expressions that stand for others, by the ``key`` of these: that targets sum to 1.
    """
    assumptions: Assumptions = {}
    start = _prepared(x, assumptions)
    definitions = [Known(k.name, _prepared(k.definition, assumptions)) for k in known]
    result = _by_cases(start, definitions, dict(facts or {}))
    return Simplified(result, tuple(assumptions.values()))


def _prepared(x: Expression, assumptions: Assumptions) -> Expression:
    return by_choices(tidied(settled(tidied(x), assumptions)), assumptions)


def _by_cases(x: Expression, known: list[Known], facts: dict[Key, Expression]) -> Expression:
    conditions = conditions_of(x)
    if not conditions or len(conditions) > MOST_CONDITIONS:
        return _shortest(x, known, facts)
    condition = next(iter(conditions.values()))
    yes, no = (
        _by_cases(
            in_case(x, condition, value),
            [Known(k.name, in_case(k.definition, condition, value)) for k in known],
            facts,
        )
        for value in (True, False)
    )
    return joined(condition, yes, no)


def _shortest(x: Expression, known: list[Known], facts: dict[Key, Expression]) -> Expression:
    if not isinstance(x, Apply):
        return x
    reading = Reading({k: _constantly(v) for k, v in facts.items()})
    forms: list[Expression] = [x]
    try:
        plain = written(reading, reading.read(x))
        if facts:
            return plain
        forms.append(plain)
        for k in known:
            forms.extend(_without_functions(plain, k))
    except TooLargeError:
        pass
    # a form that fails where a value is 0 is no simpler
    allowed = _poles(x) | {key(k.name) for k in known}
    return min((form for form in forms if _poles(form) <= allowed), key=size)


def _poles(x: Expression) -> set[Key]:
    """Symbols that ``x`` is divided by."""
    found: set[Key] = set()
    if isinstance(x, Apply):
        for y in x.operands:
            found |= _poles(y)
        if x.primitive == "div":
            below = map(base_of, parts(x.operands[1])[1])
            found |= {key(y) for y in below if isinstance(y, Symbol)}
    return found


def _constantly(x: Expression) -> Callable[[Reading], Ratio]:
    return lambda reading: reading.read(x)


# ---- known values --------------------------------------------------------------------------------


def _without_functions(x: Expression, known: Known) -> Iterator[Expression]:
    """``x`` after the definition of a name was solved for one of the functions in it."""
    if conditions_of(known.definition):
        return
    reading = Reading()
    definition = reading.read(known.definition)
    own = reading.index(known.name)
    relation = polynomials.add(
        polynomials.multiply(polynomials.unknown(own), _product(definition)),
        polynomials.times_monomial(definition.above, polynomials.ONE, Fraction(-1)),
    )
    _, relation = polynomials.primitive_part(relation)
    whole = [key(y) for y in reading.expressions if isinstance(y, Apply)]
    for index in polynomials.unknowns(relation):
        if index != own:
            solved = _solved(relation, index)
            if solved is not None:
                yield _replaced(x, reading, index, *solved, whole)


def _product(r: Ratio) -> Polynomial:
    total = polynomials.constant(Fraction(1))
    for f, k in r.below:
        total = polynomials.multiply(total, polynomials.power(f, k))
    return total


def _solved(relation: Polynomial, index: int) -> tuple[Fraction, Ratio] | None:
    """(g, r) with ``unknown^g = r``, where the relation has two powers of the unknown alone."""
    by_power: dict[Fraction, dict[polynomials.Monomial, Fraction]] = {}
    for m, c in relation.items():
        powers = dict(m)
        exponent = powers.pop(index, Fraction(0))
        by_power.setdefault(exponent, {})[tuple(sorted(powers.items()))] = c
    if len(by_power) != 2 or Fraction(0) not in by_power:
        return None
    (g,) = set(by_power) - {Fraction(0)}
    if g < 0:
        return None
    quotient = ratios.multiply(Ratio(by_power[Fraction(0)]), ratios.inverted(Ratio(by_power[g])))
    return g, ratios.scaled(quotient, -1)


def _replaced(
    x: Expression, reading: Reading, index: int, g: Fraction, value: Ratio, whole: list[Key]
) -> Expression:
    """``x`` with the value of a power of an unknown put in its place."""
    mark = key(reading.expressions[index])

    def moved(other: Reading) -> Ratio:
        """The value, in the unknowns of another reading."""
        above = _moved(value.above, reading, other)
        below = tuple((_moved(f, reading, other), k) for f, k in value.below)
        return Ratio(above, below)

    kept = [k for k in whole if k != mark]
    if g == 1:
        other = Reading({mark: moved}, kept)
        return written(other, other.read(x))
    other = Reading(None, kept)
    found = other.read(x)
    place = other.index(reading.expressions[index])
    result = _power_replaced(found.above, place, g, moved(other))
    for f, k in found.below:
        by = None if result is None else _power_replaced(f, place, g, moved(other))
        if result is None or by is None or by.is_zero:
            return x
        result = ratios.multiply(result, ratios.power(ratios.inverted(by), k))
    return x if result is None else written(other, result)


def _moved(p: Polynomial, reading: Reading, other: Reading) -> Polynomial:
    return {
        tuple(sorted((other.index(reading.expressions[i]), e) for i, e in m)): c
        for m, c in p.items()
    }


def _power_replaced(p: Polynomial, index: int, g: Fraction, value: Ratio) -> Ratio | None:
    """``p`` with ``value`` for the g-th power of an unknown; None if it has other powers."""
    total = ratios.of_number(0)
    for m, c in p.items():
        powers = dict(m)
        times = powers.pop(index, Fraction(0)) / g
        if times.denominator != 1:
            return None
        rest = Ratio({tuple(sorted(powers.items())): c})
        total = ratios.add(total, ratios.multiply(rest, ratios.power(value, int(times))))
    return total
