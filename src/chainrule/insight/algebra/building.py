"""Expressions as values: made by the primitives' type rules, compared, measured, substituted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import type_of
from chainrule.insight.notation.expression import Apply, Constant, Expression, Symbol

Key = tuple[Any, ...]


def make(primitive: str, *operands: Expression, **params: Any) -> Apply:
    """A primitive applied to expressions, with the type that its rule gives.

    >>> x = Symbol("x", "x", ArrayType((3,), "float64"))
    >>> make("add", x, whole(1)).type
    float64[3]
    """
    kind = PRIMITIVES[primitive].type_rule(*(x.type for x in operands), **params)
    assert isinstance(kind, ArrayType), primitive
    return Apply(primitive, operands, kind, params)


def whole(value: float) -> Constant:
    """A Python number as an expression."""
    return Constant(value, type_of(value))


def number(x: Expression) -> Fraction | None:
    """The number that a constant holds everywhere; None if it is not one finite real number.

    A float stands for the decimal number that it prints as: 0.1 is one tenth.
    """
    if not isinstance(x, Constant):
        return None
    entries = np.asarray(x.value)
    if entries.dtype.kind not in "fiub" or entries.size == 0:
        return None
    first = entries.flat[0].item()
    if not np.isfinite(first) or not np.all(entries == first):
        return None
    return _as_fraction(first) if isinstance(first, float) else Fraction(int(first))


def _as_fraction(value: float) -> Fraction:
    short = Fraction(value).limit_denominator(_SMALL)
    return short if float(short) == value else Fraction(repr(value))


_SMALL = 10_000  # denominators of numbers that were meant to be quotients: 1/3, 0.01


def key(x: Expression) -> Key:
    """What two expressions have in common if they are written alike, whatever their dtypes.

    >>> x = Symbol("x", "x", ArrayType((3,), "float64"))
    >>> key(make("exp", x)) == key(make("exp", x)), key(make("exp", x)) == key(x)
    (True, False)
    """
    if isinstance(x, Symbol):
        return ("symbol", x.text)
    if isinstance(x, Constant):
        found = number(x)
        return ("array", np.asarray(x.value).tobytes()) if found is None else ("number", found)
    params = tuple((name, str(value)) for name, value in sorted(x.params.items()))
    return (x.primitive, x.result, params, *map(key, x.operands))


def size(x: Expression) -> int:
    """How much there is to read: symbols and numbers count one, functions of them two more."""
    if not isinstance(x, Apply):
        return 1
    own = _SIZES.get(x.primitive, 3)
    return own + sum(map(size, x.operands))


_SIZES: dict[str, int] = {
    **dict.fromkeys(("add", "sub", "mul", "div", "neg", "transpose", "reshape", "matmul"), 1),
    "square": 2,
}


def base_of(x: Expression) -> Expression:
    """x of ``x**n``."""
    return x.operands[0] if isinstance(x, Apply) and x.primitive in ("square", "pow") else x


def replaced(x: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """``x`` with every part for which ``change`` has something else, from the outside inwards."""
    found = change(x)
    if found is not None:
        return found
    if not isinstance(x, Apply):
        return x
    operands = tuple(replaced(y, change) for y in x.operands)
    if all(new is old for new, old in zip(operands, x.operands, strict=True)):
        return x
    return Apply(x.primitive, operands, x.type, x.params, x.result)


def substituted(x: Expression, values: Mapping[str, Expression]) -> Expression:
    """``x`` with expressions in the place of symbols, by their text."""
    return replaced(x, lambda y: values.get(y.text) if isinstance(y, Symbol) else None)


def symbols_of(x: Expression) -> dict[str, Symbol]:
    """The symbols that stand in an expression, in the order in which they do."""
    if isinstance(x, Symbol):
        return {x.text: x}
    found: dict[str, Symbol] = {}
    if isinstance(x, Apply):
        for y in x.operands:
            found.update(symbols_of(y))
    return found


def of_fraction(value: Fraction) -> Expression:
    """A number as it is best read: 2, 0.25, or 1 / 3.

    >>> of_fraction(Fraction(1, 4)).value
    0.25
    """
    if value.denominator == 1:
        return whole(value.numerator)
    rest = value.denominator
    for p in (2, 5):
        while rest % p == 0:
            rest //= p
    if rest == 1 or value.denominator > _SMALL:
        return whole(float(value))
    return make("div", whole(value.numerator), whole(value.denominator))


def product_of(factors: list[Expression]) -> Expression:
    """The product of factors that are no numbers; 1 of none."""
    if not factors:
        return whole(1)
    total = factors[0]
    for factor in factors[1:]:
        total = make("mul", total, factor)
    return total


def scaled_quotient(
    value: Fraction, above: list[Expression], below: list[Expression]
) -> Expression:
    """``value * above / below`` with the number where it is best read."""
    if value == 0:
        return whole(0)
    size = abs(value)
    number = of_fraction(size)
    if size in _ROOTS:
        numerator, root = _ROOTS[size]
        above, below = _with(numerator, above), [*below, root]
    elif isinstance(number, Apply):
        above, below = _with(size.numerator, above), _with(size.denominator, below)
    elif size != 1:
        above = [number, *above]
    result = product_of(above)
    if below:
        result = make("div", result, product_of(below))
    return result if value > 0 else negative(result)


# c / sqrt(pi) and c / sqrt(2 pi), which the error function and its kin have in front
_ROOTS: dict[Fraction, tuple[int, Expression]] = {
    Fraction(repr(c / math.sqrt(square))): (c, make("sqrt", whole(square)))
    for c in (1, 2)
    for square in (math.pi, 2 * math.pi)
}


def _with(value: int, factors: list[Expression]) -> list[Expression]:
    return factors if value == 1 else [whole(value), *factors]


def negative(x: Expression) -> Expression:
    """-x; of a number the number."""
    found = number(x)
    return make("neg", x) if found is None else of_fraction(-found)
