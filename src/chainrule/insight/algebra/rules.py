"""The table of identities by which expressions are tidied, each a function of one expression.

A rule looks at one application of the primitives it is for, whose operands are tidied already, and
returns what is equal to it and plainer, or None. It holds wherever both sides are finite real
numbers; ``tests/insight/test_algebra.py`` evaluates both sides of every row at random numbers.
Sums, products and quotients, in which much can cancel, are the business of ``reading.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

from chainrule.insight.algebra.building import (
    key,
    make,
    negative,
    number,
    of_fraction,
    scaled_quotient,
    whole,
)
from chainrule.insight.notation.expression import Apply, Constant, Expression

Found = Expression | None


class Rule(NamedTuple):
    """An identity: how it reads, the primitives it is looked for at, and what it puts there."""

    identity: str
    primitives: tuple[str, ...]
    apply: Callable[[Apply], Found]


# ---- products and sums -------------------------------------------------------------------------


def parts(x: Expression) -> tuple[Fraction, list[Expression], list[Expression]]:
    """A number, factors above and factors below the line, whose quotient ``x`` is."""
    found = number(x)
    if found is not None:
        return found, [], []
    if isinstance(x, Apply) and x.primitive == "neg":
        value, above, below = parts(x.operands[0])
        return -value, above, below
    if isinstance(x, Apply) and x.primitive in ("mul", "div"):
        value, above, below = parts(x.operands[0])
        by, more_above, more_below = parts(x.operands[1])
        if x.primitive == "mul":
            return value * by, above + more_above, below + more_below
        if by != 0:
            return value / by, above + more_below, below + more_above
    if x.type.dtype.kind == "b":
        x = make("select", x, whole(1), whole(0))
    return Fraction(1), [x], []


def _product(x: Apply) -> Found:
    value, above, below = parts(x)
    below_keys = [key(y) for y in below]
    kept: list[Expression] = []
    for y in above:
        if key(y) in below_keys:
            place = below_keys.index(key(y))
            del below_keys[place], below[place]
        else:
            kept.append(y)
    for over, under, name in (("sinh", "cosh", "tanh"), ("sin", "cos", "tan")):
        _merge(kept, below, over, under, name)
    return _if_new(x, scaled_quotient(value, kept, below))


def _merge(
    above: list[Expression], below: list[Expression], over: str, under: str, name: str
) -> None:
    """``sinh(x) / cosh(x) = tanh(x)``."""
    for i, y in enumerate(above):
        for j, z in enumerate(below):
            if not (isinstance(y, Apply) and isinstance(z, Apply)):
                continue
            if (y.primitive, z.primitive) == (over, under) and key(y.operands[0]) == key(
                z.operands[0]
            ):
                above[i] = make(name, *y.operands)
                del below[j]
                return


def _sum(x: Apply) -> Found:
    left, right = x.operands
    if x.primitive == "sub":
        right_negated = _negated(right)
        if right_negated is not None:
            return make("add", left, right_negated)
    elif _negated(right) is not None:
        return make("sub", left, _negated(right) or right)
    elif _negated(left) is not None:
        return make("sub", right, _negated(left) or left)
    values = number(left), number(right)
    if values[0] is not None and values[1] is not None:
        return of_fraction(values[0] + (values[1] if x.primitive == "add" else -values[1]))
    if values[1] == 0:
        return left
    if values[0] == 0:
        return right if x.primitive == "add" else negative(right)
    return None


def _negated(x: Expression) -> Found:
    """y, if ``x`` is written as ``-y``."""
    value = number(x)
    if value is not None:
        return of_fraction(-value) if value < 0 else None
    return x.operands[0] if isinstance(x, Apply) and x.primitive == "neg" else None


def _if_new(old: Expression, new: Expression) -> Found:
    return None if key(old) == key(new) else new


# ---- functions ---------------------------------------------------------------------------------


def _even(x: Apply) -> Found:
    inner = _negated(x.operands[0])
    return None if inner is None else make(x.primitive, inner)


def _odd(x: Apply) -> Found:
    inner = _negated(x.operands[0])
    return None if inner is None else negative(make(x.primitive, inner))


def _operand(x: Apply) -> Found:
    return x.operands[0]


def _plain_product(x: Apply) -> Found:
    return make("mul", *x.operands)


def _reciprocal(x: Apply) -> Found:
    return make("div", whole(1), x.operands[0])


def _log1p(x: Apply) -> Found:
    return make("log", make("add", whole(1), x.operands[0]))


def _logaddexp(x: Apply) -> Found:
    one, other = (make("exp", y) for y in x.operands)
    return make("log", make("add", one, other))


def _exp(x: Apply) -> Found:
    return whole(1) if number(x.operands[0]) == 0 else None


def _expm1(x: Apply) -> Found:
    return make("sub", make("exp", x.operands[0]), whole(1))


def _expit(x: Apply) -> Found:
    return make("div", whole(1), make("add", whole(1), make("exp", negative(x.operands[0]))))


def _log_expit(x: Apply) -> Found:
    one_more = make("add", whole(1), make("exp", negative(x.operands[0])))
    return negative(make("log", one_more))


def _sech_squared(x: Apply) -> Found:
    return make("sub", whole(1), make("square", make("tanh", x.operands[0])))


def _gaussian(x: Apply) -> Found:
    rate = of_fraction(-Fraction(repr(float(x.params["rate"]))))
    return make("exp", make("mul", rate, make("square", x.operands[0])))


def _hypot_of_one(x: Apply) -> Found:
    if number(x.operands[0]) != 1:
        return None
    return make("sqrt", make("add", whole(1), make("square", x.operands[1])))


def _power(x: Apply) -> Found:
    exponent = number(x.operands[1])
    base = x.operands[0]
    named = {Fraction(1): base, Fraction(0): whole(1)}
    if exponent is not None and exponent in named:
        return named[exponent]
    if exponent == 2:
        return make("square", base)
    if exponent == Fraction(1, 2):
        return make("sqrt", base)
    return None


def _folded(x: Apply) -> Found:
    """A square of a number."""
    value = number(x.operands[0])
    return None if value is None else of_fraction(value * value)


# ---- choices, types and shapes -----------------------------------------------------------------


def _select(x: Apply) -> Found:
    _, chosen, other = x.operands
    return chosen if key(chosen) == key(other) else None


def _convert(x: Apply) -> Found:
    inner = x.operands[0]
    if inner.type.dtype.kind == "b":
        return make("select", inner, whole(1), whole(0))
    return inner if x.type.dtype.itemsize >= inner.type.dtype.itemsize else None


def _reshape(x: Apply) -> Found:
    """A vector of one entry and a number are one thing."""
    inner = x.operands[0]
    return inner if x.type.size == 1 and x.type.ndim <= 1 and inner.type.ndim <= 1 else None


def _broadcast(x: Apply) -> Found:
    """Sums and products repeat their operands by themselves."""
    return x.operands[0] if x.type.ndim <= 1 and number(x.operands[0]) is None else None


def _scaled(x: Apply) -> Found:
    """A number times a vector, written as einsum."""
    terms = tuple(x.params["terms"])
    if len(terms) != 2 or "" not in terms or x.params["result"] != "".join(terms):
        return None
    return make("mul", *x.operands)


def _vector_times_matrix(x: Apply) -> Found:
    left, right = x.operands
    if left.type.ndim != 1 or right.type.ndim != 2:
        return None
    return make("matmul", make("transpose", right, order=(1, 0)), left)


EVEN = ("cos", "cosh", "abs", "square")
ODD = ("sin", "sinh", "tan", "tanh", "arctan", "arcsinh", "arctanh", "arcsin", "erf", "sign")

RULES = (
    Rule("zero wins: 0 * x = 0", ("mul_or_zero",), _plain_product),
    Rule("a copy of x is x", ("copy", "stop_gradient"), _operand),
    Rule("a truth value as a number is 1 or 0", ("convert",), _convert),
    Rule("a vector of one entry is a number", ("reshape",), _reshape),
    Rule("x repeated is x", ("broadcast_to",), _broadcast),
    Rule("c (x / y) (z / x) = c z / y", ("mul", "div", "neg"), _product),
    Rule("x + (-y) = x - y, x + 0 = x", ("add", "sub"), _sum),
    Rule("c^2 is a number", ("square",), _folded),
    Rule("f(-x) = f(x) of even functions", EVEN, _even),
    Rule("f(-x) = -f(x) of odd functions", ODD, _odd),
    Rule("expit(x) = 1 / (1 + exp(-x))", ("expit",), _expit),
    Rule("log_expit(x) = -log(1 + exp(-x))", ("log_expit",), _log_expit),
    Rule("sech(x)^2 = 1 - tanh(x)^2", ("sech_squared",), _sech_squared),
    Rule("gaussian(x) = exp(-rate x^2)", ("gaussian",), _gaussian),
    Rule("hypot(1, x) = sqrt(1 + x^2)", ("hypot",), _hypot_of_one),
    Rule("log1p(x) = log(1 + x)", ("log1p",), _log1p),
    Rule("logaddexp(x, y) = log(exp(x) + exp(y))", ("logaddexp",), _logaddexp),
    Rule("exp(0) = 1", ("exp",), _exp),
    Rule("expm1(x) = exp(x) - 1", ("expm1",), _expm1),
    Rule("1 / x as a quotient", ("reciprocal",), _reciprocal),
    Rule("x^1, x^2, x^(1/2) by their names", ("pow",), _power),
    Rule("x if c else x is x", ("select",), _select),
    Rule("einsum of a number and an array", ("einsum",), _scaled),
    Rule("v W = W^T v for a vector v", ("matmul",), _vector_times_matrix),
)
"""All identities, in the order in which they are tried."""


BY_PRIMITIVE: dict[str, list[Rule]] = {}
for _rule in RULES:
    for _name in _rule.primitives:
        BY_PRIMITIVE.setdefault(_name, []).append(_rule)


def tidied(x: Expression) -> Expression:
    """``x`` after the rules, from its leaves up, until none applies."""
    if isinstance(x, Constant) and x.type.shape and number(x) is not None:
        return of_fraction(number(x) or Fraction(0))
    if not isinstance(x, Apply):
        return x
    operands = tuple(map(tidied, x.operands))
    if any(new is not old for new, old in zip(operands, x.operands, strict=True)):
        x = _with_operands(x, operands)
    for rule in BY_PRIMITIVE.get(x.primitive, ()):
        found = rule.apply(x)
        if found is not None:
            return tidied(found)
    return x


def _with_operands(x: Apply, operands: tuple[Expression, ...]) -> Apply:
    """The same primitive; a reduction still runs over all entries that it ran over."""
    if "axes" in x.params:
        operands = tuple(
            new
            if new.type.shape == old.type.shape
            else make("broadcast_to", new, shape=old.type.shape)
            for new, old in zip(operands, x.operands, strict=True)
        )
        return Apply(x.primitive, operands, x.type, x.params, x.result)
    if x.primitive in _BY_OPERANDS:
        return make(x.primitive, *operands, **x.params)
    return Apply(x.primitive, operands, x.type, x.params, x.result)


_BY_OPERANDS = {"add", "sub", "mul", "div", "neg", "mul_or_zero", "square", "exp", "select"}
