"""Choices between values: conditions decided, and expressions split into cases and joined again.

What holds for all points but a few (``x != y`` of floating-point numbers) or on the domain of a
function alone (``a > 0`` for a logarithm) is an assumption, which is handed back to be stated.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.insight.algebra.building import (
    Key,
    key,
    make,
    number,
    of_fraction,
    product_of,
    replaced,
    scaled_quotient,
    whole,
)
from chainrule.insight.algebra.rules import parts, tidied
from chainrule.insight.notation.expression import Apply, Constant, Expression
from chainrule.passes.fold import ELEMENTWISE

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
    if x.primitive in _AND or x.primitive in _OR:
        return _combined(x)
    if x.primitive in _NOT:
        inner = as_truth(x.operands[0])
        return x if inner is None else truth(not inner)
    if x.primitive not in _COMPARED or len(x.operands) != 2:
        return x
    left, right = x.operands
    left = _without_bound(left, number(right))
    x = make(x.primitive, left, right)
    one, other = number(left), number(right)
    if one is not None and other is not None:
        return truth(bool(_COMPARED[x.primitive](one, other)))
    if key(left) == key(right):
        return truth(x.primitive in ("equal", "less_equal", "greater_equal"))
    if x.primitive in ("equal", "not_equal") and left.type.dtype.kind == "f":
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


def _combined(x: Apply) -> Expression:
    """And, or: with a constant on one side."""
    absorbing = x.primitive in _OR
    left, right = x.operands
    for one, other in ((left, right), (right, left)):
        value = as_truth(one)
        if value is not None:
            return truth(absorbing) if value == absorbing else other
    return left if key(left) == key(right) else x


# ---- cases ---------------------------------------------------------------------------------------


def conditions_of(x: Expression) -> dict[Key, Expression]:
    """Conditions of choices that are made entry by entry, outermost first."""
    found: dict[Key, Expression] = {}
    if isinstance(x, Apply) and x.primitive in ELEMENTWISE:
        if x.primitive == "select":
            found[key(x.operands[0])] = x.operands[0]
        for y in x.operands:
            found.update(conditions_of(y))
    return found


def in_case(x: Expression, condition: Expression, value: bool) -> Expression:
    """``x`` where a condition is true, or where it is false."""
    this, other = key(condition), _opposite_key(condition)

    def choose(y: Expression) -> Expression | None:
        if not isinstance(y, Apply):
            return None
        if y.primitive == "select":
            mark = key(y.operands[0])
            if mark in (this, other):
                taken = value if mark == this else not value
                return in_case(y.operands[1 if taken else 2], condition, value)
        return None if y.primitive in ELEMENTWISE else y

    return tidied(replaced(x, choose))


def _opposite_key(condition: Expression) -> Key | None:
    if isinstance(condition, Apply) and condition.primitive in OPPOSITE:
        return key(opposite(condition))
    return None


def opposite(condition: Expression) -> Apply:
    """Not the condition."""
    if isinstance(condition, Apply) and condition.primitive in OPPOSITE:
        return make(OPPOSITE[condition.primitive], *condition.operands)
    return make("logical_not", condition)


def joined(condition: Expression, yes: Expression, no: Expression) -> Expression:
    """``yes`` if the condition holds, else ``no``; what both are multiplied by in front.

    A choice between something and 0 is a product with the indicator of the condition.
    """
    if key(yes) == key(no):
        return yes
    if number(no) == 0:
        return _times_indicator(yes, condition)
    if number(yes) == 0:
        return _times_indicator(no, opposite(condition))
    (v, above, below), (w, other_above, other_below) = parts(yes), parts(no)
    shared = _taken_out(above, other_above)
    shared_below = _taken_out(below, other_below)
    choice = make(
        "select",
        condition,
        scaled_quotient(v, above, below),
        scaled_quotient(w, other_above, other_below),
    )
    return scaled_quotient(v / v, [*shared, choice], shared_below)


def _taken_out(one: list[Expression], other: list[Expression]) -> list[Expression]:
    """Remove from both lists what is in both, and return it."""
    shared: list[Expression] = []
    for x in list(one):
        place = next((i for i, y in enumerate(other) if key(y) == key(x)), None)
        if place is not None:
            del other[place]
            one.remove(x)
            shared.append(x)
    return shared


def _times_indicator(x: Expression, condition: Expression) -> Any:
    if _may_fail(x):
        return make("select", condition, x, whole(0))
    indicator = make("select", condition, whole(1), whole(0))
    if number(x) == 1:
        return indicator
    value, above, below = parts(x)
    return scaled_quotient(value, [product_of([*above, indicator])], below)


# values wherever their operands have
_DEFINED = frozenset(
    (
        "add", "sub", "mul", "neg", "square", "matmul", "transpose", "reshape", "broadcast_to",
        "sum", "abs", "sign", "tanh", "sin", "cos", "arctan", "erf", "ndtr", "select",
    )
)  # fmt: skip


def _may_fail(x: Expression) -> bool:
    """Whether ``x`` may be infinite or NaN where its case does not hold."""
    if not isinstance(x, Apply):
        return False
    if x.type.dtype.kind == "b":
        return False
    if x.primitive == "div" and number(x.operands[1]) is not None:
        return _may_fail(x.operands[0])
    return x.primitive not in _DEFINED or any(map(_may_fail, x.operands))
