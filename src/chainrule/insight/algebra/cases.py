"""Choices between values: expressions split into the cases of their conditions and joined again.

Each case is simplified by itself (``simplify.py``). What is common to both sides of a choice comes
in front of it, and a choice between something and 0 is a product with an indicator.
"""

from __future__ import annotations

from chainrule.insight.algebra.building import (
    Key,
    key,
    make,
    number,
    product_of,
    replaced,
    scaled_quotient,
    whole,
)
from chainrule.insight.algebra.conditions import OPPOSITE, Assumptions, settled
from chainrule.insight.algebra.rules import parts, tidied
from chainrule.insight.notation.expression import Apply, Expression
from chainrule.passes.fold import ELEMENTWISE


def by_choices(x: Expression, assumptions: Assumptions) -> Expression:
    """``x`` with max and min as choices, where there are choices anyway.

    Where both sides of a comparison are assumed to differ, ``<`` is the opposite of ``>``.
    """
    if not conditions_of(x):
        return x

    def choose(y: Expression) -> Expression | None:
        if not isinstance(y, Apply) or y.primitive not in ("maximum", "minimum"):
            return None
        name = "greater" if y.primitive == "maximum" else "less"
        condition = settled(make(name, *y.operands), assumptions)
        one, other = (replaced(z, choose) for z in y.operands)
        return settled(make("select", condition, one, other), {})

    chosen = tidied(replaced(x, choose))
    present = conditions_of(chosen)

    def turn(y: Expression) -> Expression | None:
        if not isinstance(y, Apply) or y.primitive != "less":
            return None
        both = key(make("greater", *y.operands)) in present
        apart = key(make("not_equal", *y.operands)) in assumptions
        return make("less_equal", *y.operands) if both and apart else None

    return replaced(chosen, turn)


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


def _times_indicator(x: Expression, condition: Expression) -> Expression:
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
