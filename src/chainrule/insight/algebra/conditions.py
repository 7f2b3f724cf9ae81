"""Conditions of choices between values: decided where they can be, else brought into one form.

What holds for all points but a few (``x != y`` of floating-point numbers) or on the domain of a
function alone (``a > 0`` for a logarithm) is an assumption, which is handed back to be stated.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction

import numpy as np

from chainrule.insight.algebra import polynomials
from chainrule.insight.algebra.building import (
    Key,
    key,
    make,
    number,
    of_fraction,
    size,
    whole,
)
from chainrule.insight.algebra.polynomials import TooLargeError
from chainrule.insight.algebra.ratios import Ratio
from chainrule.insight.algebra.reading import Reading
from chainrule.insight.algebra.rules import tidied
from chainrule.insight.algebra.writing import written
from chainrule.insight.notation.expression import Apply, Constant, Expression

OPPOSITE = {
    "greater": "less_equal",
    "less_equal": "greater",
    "less": "greater_equal",
    "greater_equal": "less",
    "equal": "not_equal",
    "not_equal": "equal",
}
_COMPARED = {
    "greater": operator.gt,
    "less": operator.lt,
    "greater_equal": operator.ge,
    "less_equal": operator.le,
    "equal": operator.eq,
    "not_equal": operator.ne,
}
_MIRRORED = {
    "greater": "less",
    "less": "greater",
    "greater_equal": "less_equal",
    "less_equal": "greater_equal",
}
_AND = ("bitwise_and", "logical_and")
_OR = ("bitwise_or", "logical_or")
_NOT = ("invert", "logical_not")

Assumptions = dict[Key, Expression]


def truth(value: bool) -> Constant:
    """A truth value as an expression."""
    return Constant(value, make("equal", whole(1), whole(1)).type)


def as_truth(x: Expression) -> bool | None:
    """The truth value that an expression is, if it is a constant."""
    if isinstance(x, Constant) and x.type.dtype.kind == "b":
        entries = np.asarray(x.value)
        if entries.size and bool(np.all(entries == entries.flat[0])):
            return bool(entries.flat[0])
    return None


def settled(x: Expression, assumptions: Assumptions) -> Expression:
    """``x`` with its conditions decided where they can be, and choices made that depend on them.

    What had to be assumed for that is entered in ``assumptions``.
    """
    if not isinstance(x, Apply):
        return x
    if x.type.dtype.kind == "b":
        guarded = _guard(x)
        if guarded is not None:
            assumptions[key(guarded)] = guarded
            return truth(False)
    if x.primitive in (*_AND, *_OR):
        return _combined(x, assumptions)
    operands = tuple(settled(y, assumptions) for y in x.operands)
    x = Apply(x.primitive, operands, x.type, x.params, x.result)
    if x.primitive == "select":
        chosen = as_truth(x.operands[0])
        return x if chosen is None else x.operands[1 if chosen else 2]
    return _decided(x, assumptions) if x.type.dtype.kind == "b" else x


def _guard(x: Apply) -> Expression | None:
    """``x == 0 and (y <= pole or y == inf)`` keeps a logarithm in its domain: ``y > pole``."""
    if x.primitive not in _AND or not _is(x.operands[0], "equal") or not _is(x.operands[1], *_OR):
        return None
    outer = x.operands[1]
    assert isinstance(outer, Apply)
    below, infinite = outer.operands
    if not (isinstance(below, Apply) and isinstance(infinite, Apply)):
        return None
    if below.primitive != "less_equal" or not _is_infinite(infinite.operands[-1]):
        return None
    inside, pole = tidied(below.operands[0]), below.operands[1]
    if isinstance(inside, Apply) and inside.primitive == "sub":
        top, bottom = number(inside.operands[0]), number(pole)
        if top is not None and bottom is not None:  # 1 - a > 0 is a < 1
            return make("less", inside.operands[1], of_fraction(top - bottom))
    return make("greater", inside, pole)


def _is(x: Expression, *names: str) -> bool:
    return isinstance(x, Apply) and x.primitive in names


def _is_infinite(x: Expression) -> bool:
    return isinstance(x, Constant) and np.ndim(x.value) == 0 and math.isinf(float(x.value))


def _decided(x: Apply, assumptions: Assumptions) -> Expression:
    """A condition of settled operands."""
    if x.primitive == "isfinite":
        return truth(True)  # expressions are compared where their values are
    if x.primitive in ("isinf", "isnan"):
        return truth(False)
    if x.primitive in _NOT:
        inner = as_truth(x.operands[0])
        return x if inner is None else truth(not inner)
    if x.primitive not in _COMPARED or len(x.operands) != 2:
        return x
    left, right = x.operands
    left = _without_bound(left, number(right))
    x = _moved_over(make(x.primitive, left, right))
    left, right = x.operands
    one, other = number(left), number(right)
    if one is not None and other is not None:
        return truth(bool(_COMPARED[x.primitive](one, other)))
    if key(left) == key(right):
        return truth(x.primitive in ("equal", "less_equal", "greater_equal"))
    if x.primitive in ("equal", "not_equal") and left.type.dtype.kind == "f":
        if _has_extremes(left) or _has_extremes(right):
            return x  # one entry is equal to the largest
        if not (_is_infinite(left) or _is_infinite(right)):
            apart = make("not_equal", left, right)
            assumptions[key(apart)] = apart
        return truth(x.primitive == "not_equal")
    return x


def _without_bound(x: Expression, than: Fraction | None) -> Expression:
    """``max(x, k)`` compared with a number above k is ``x`` compared with it; min alike."""
    if than is None or not isinstance(x, Apply) or x.primitive not in ("maximum", "minimum"):
        return x
    bound = number(x.operands[1])
    if bound is None or bound == than or (bound < than) != (x.primitive == "maximum"):
        return x
    return x.operands[0]


def _combined(x: Apply, assumptions: Assumptions) -> Expression:
    """And, or: with a constant on one side, where what the other one assumes is not needed."""
    absorbing = x.primitive in _OR
    sides: list[tuple[Expression, Assumptions]] = []
    for y in x.operands:
        assumed: Assumptions = {}
        sides.append((settled(y, assumed), assumed))
    for (one, _), (other, assumed) in (sides, sides[::-1]):
        value = as_truth(one)
        if value == absorbing:
            return truth(absorbing)
        if value is not None:
            assumptions.update(assumed)
            return other
    for _, assumed in sides:
        assumptions.update(assumed)
    (left, _), (right, _) = sides
    return left if key(left) == key(right) else make(x.primitive, left, right)


def _moved_over(x: Apply) -> Apply:
    """A comparison with its number alone on the right: ``1 - a y > 0`` is ``a y < 1``."""
    reading = Reading()
    try:
        apart = reading.read(tidied(make("sub", *x.operands)))
    except TooLargeError:
        return x
    rest = {m: c for m, c in apart.above.items() if m != polynomials.ONE}
    if apart.below or not rest:
        return x
    scale, rest = polynomials.normalised(rest)
    threshold = -apart.above.get(polynomials.ONE, Fraction(0)) / scale
    left, right = written(reading, Ratio(rest)), of_fraction(threshold)
    if threshold == 0 and isinstance(left, Apply) and left.primitive == "sub":
        left, right = left.operands
    name = x.primitive if scale > 0 else _MIRRORED.get(x.primitive, x.primitive)
    return make(name, left, right) if size(left) + size(right) <= size(x) - 3 else x


def _has_extremes(x: Expression) -> bool:
    """Whether the largest or smallest of several entries stands in ``x``."""
    return isinstance(x, Apply) and (
        x.primitive in ("max", "min") or any(map(_has_extremes, x.operands))
    )
