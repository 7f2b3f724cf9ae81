"""Rewrites of arithmetic that keep every bit: the functions behind the table in ``simplify.py``.

Each takes the walk and an equation and returns what stands for its result, or None. They hold for
infinities, NaN, both zeros and denormals. Not among them, because they do not: ``x * 0 -> 0`` and
``x - x -> 0`` (NaN), ``x / x -> 1``, ``x + 0 -> x`` where x can be -0.0, sums in another order.
Complex numbers are left alone: ``x * 1`` is a product of four, with NaN where x is infinite.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Literal
from chainrule.ops.elementwise import (
    add,
    convert,
    convert_to_discrete,
    mul,
    mul_or_zero,
    neg,
    select,
    sub,
)
from chainrule.ops.powers import reciprocal, sqrt, square
from chainrule.passes.literals import like, scalar
from chainrule.passes.rewriting import Operand, Rewriting

_POSITIVE = ("exp", "exp2", "square", "abs", "expit", "cosh", "sum")  # or +0.0 at least


def _is_real(*operands: Operand) -> bool:
    return all(x.type.dtype.kind != "c" for x in operands)


def _numbered(rewriting: Rewriting, equation: Equation) -> list[tuple[Literal, Any, Operand]]:
    """Each literal operand of a binary equation with its number, and the other operand."""
    x, y = equation.inputs
    found: list[tuple[Literal, Any, Operand]] = []
    for literal, other in ((x, y), (y, x)):
        number = rewriting.number(literal)
        if number is not None and isinstance(literal, Literal) and _is_real(x, y):
            found.append((literal, number, other))
    return found


def _is_minus_zero(number: Any) -> bool:
    return number == 0 and math.copysign(1.0, number) < 0


def _never_minus_zero(rewriting: Rewriting, x: Operand) -> bool:
    product = rewriting.maker(x, "mul")
    return (
        x.type.dtype.kind in "biu"
        or rewriting.maker(x, *_POSITIVE) is not None
        or (product is not None and product.inputs[0] is product.inputs[1])
    )


# ---- products and quotients ----------------------------------------------------------------------


def times_one(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``x * 1 -> x``, of the dtype and shape of the product."""
    for _, number, x in _numbered(rewriting, equation):
        if number == 1:
            return rewriting.fit(x, equation.outputs[0].type)
    return None


def times_minus_one(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``x * -1 -> -x``."""
    for _, number, x in _numbered(rewriting, equation):
        if number == -1 and x.type == equation.outputs[0].type:
            return rewriting.apply(neg, x)
    return None


def times_of_negated(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``(-x) * (-y) -> x * y`` and ``(-x) * 2 -> x * -2``; the same for quotients."""
    primitive, (x, y) = equation.primitive, equation.inputs
    if not _is_real(x, y):
        return None
    left, right = rewriting.maker(x, "neg"), rewriting.maker(y, "neg")
    if left is not None and right is not None:
        return rewriting.apply(primitive, left.inputs[0], right.inputs[0])
    minus_x, minus_y = (_minus(rewriting, z, equation) for z in (x, y))
    if left is not None and minus_y is not None:
        return rewriting.apply(primitive, left.inputs[0], minus_y)
    if right is not None and minus_x is not None:
        return rewriting.apply(primitive, minus_x, right.inputs[0])
    return None


def negation_outwards(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``(-x) * y -> -(x * y)``, where a sum may take the sign, if nobody else reads ``-x``.

    Of ``mul_or_zero`` in the first factor alone: the zero that wins has the sign of that factor.
    """
    x, y = equation.inputs
    for place, factor in enumerate((x, y)):
        made = rewriting.maker(factor, "neg") if _is_real(x, y) else None
        if made is None or rewriting.uses[factor] > 1:
            continue
        if place == 0 or equation.primitive is not mul_or_zero:
            factors = (made.inputs[0], y) if place == 0 else (x, made.inputs[0])
            return rewriting.apply(neg, rewriting.apply(equation.primitive, *factors))
    return None


def _minus(rewriting: Rewriting, x: Operand, equation: Equation) -> Literal | None:
    """A literal with the other sign, where the result is a float: some integers have no partner."""
    number = rewriting.number(x)
    if not isinstance(x, Literal) or number is None or equation.outputs[0].type.dtype.kind != "f":
        return None
    signed = x.type.dtype.kind == "f" or (x.type.weak and number != 0)
    return like(x, -number) if signed else None


def times_or_zero_of_finite(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """The product in which a zero wins is the plain one if a factor is a finite number but 0."""
    numbers = map(rewriting.number, equation.inputs)
    known = any(n is not None and n != 0 and abs(n) < math.inf for n in numbers)
    return rewriting.apply(mul, *equation.inputs) if known else None


def over_one(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``x / 1 -> x`` and ``x / -1 -> -x``."""
    (x, y), (out,) = equation.inputs, equation.outputs
    number = rewriting.number(y)
    if number == 1 and _is_real(x, y):
        return rewriting.fit(x, out.type)
    if number == -1 and x.type == out.type and _is_real(x, y):
        return rewriting.apply(neg, x)
    return None


def over_power_of_two(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``x / 4 -> x * 0.25``: both round the same number, if 0.25 is one."""
    (x, y), (out,) = equation.inputs, equation.outputs
    number = rewriting.number(y)
    if not isinstance(y, Literal) or not number or isinstance(number, complex):
        return None
    if out.type.dtype.kind != "f" or math.frexp(number)[0] not in (0.5, -0.5):
        return None
    with np.errstate(over="ignore", under="ignore"):
        inverse = out.type.dtype.type(1 / number)
    limits = np.finfo(out.type.dtype)
    if not limits.tiny <= abs(inverse) <= limits.max:
        return None
    weak = Literal(float(inverse), ArrayType((), np.dtype(float), weak=True))
    return rewriting.apply(mul, x, weak if y.type.weak else scalar(inverse, out.type.dtype))


# ---- sums and differences ------------------------------------------------------------------------


def plus_zero(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``x + 0 -> x`` where x cannot be -0.0, of which 0.0 is made; ``x + -0.0 -> x`` always."""
    for literal, number, x in _numbered(rewriting, equation):
        exact = _never_minus_zero(rewriting, x) or (
            literal.type.dtype.kind == "f" and _is_minus_zero(number)
        )
        if number == 0 and exact:
            return rewriting.fit(x, equation.outputs[0].type)
    return None


def plus_negated(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``x + -y -> x - y`` and ``-x + y -> y - x``."""
    x, y = equation.inputs
    for kept, other in ((x, y), (y, x)):
        negated = rewriting.maker(other, "neg")
        if negated is not None:
            return rewriting.apply(sub, kept, negated.inputs[0])
    return None


def minus_zero(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``x - 0 -> x``, but not ``x - -0.0``; ``-0.0 - x -> -x``, and of integers ``0 - x``."""
    (x, y), (out,) = equation.inputs, equation.outputs
    a, b = rewriting.number(x), rewriting.number(y)
    if not _is_real(x, y):
        return None
    if b == 0 and not (y.type.dtype.kind == "f" and _is_minus_zero(b)):
        return rewriting.fit(x, out.type)
    negates = a == 0 and (x.type.dtype.kind == "i" or _is_minus_zero(a))
    if negates and y.type == out.type and (x.type.dtype.kind == "f" or out.type.dtype.kind == "i"):
        return rewriting.apply(neg, y)
    return None


def minus_negated(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``x - -y -> x + y``."""
    x, y = equation.inputs
    negated = rewriting.maker(y, "neg")
    return None if negated is None else rewriting.apply(add, x, negated.inputs[0])


# ---- functions of one operand --------------------------------------------------------------------


def negated_twice(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``-(-x) -> x``; the same for the other functions that undo themselves."""
    made = rewriting.maker(equation.inputs[0], equation.primitive.name)
    return None if made is None else made.inputs[0]


def negated_multiple(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``-(x * 2) -> x * -2``, if nobody else reads the product; the same for quotients."""
    (x,) = equation.inputs
    made = rewriting.maker(x, "mul", "div")
    if made is None or rewriting.uses[x] > 1 or not _is_real(x):
        return None
    a, b = made.inputs
    minus_a, minus_b = (_minus(rewriting, z, made) for z in (a, b))
    if minus_b is not None:
        return rewriting.apply(made.primitive, a, minus_b)
    return None if minus_a is None else rewriting.apply(made.primitive, minus_a, b)


def of_even(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``f(-x) -> f(x)`` and ``f(|x|) -> f(x)`` for even functions."""
    (x,) = equation.inputs
    made = rewriting.maker(x, "neg", "abs") if _is_real(x) else None
    return None if made is None else rewriting.apply(equation.primitive, made.inputs[0])


def absolute_of_positive(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``|x| -> x`` of squares, exponentials and absolute values."""
    (x,) = equation.inputs
    positive = rewriting.maker(x, "square", "exp", "exp2", "expit", "abs") is not None
    return x if positive and x.type.dtype.kind == "f" else None


def small_power(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """Powers with the exponents 0, 1, 2, 3, 4, and those for which NumPy has other functions.

    As products they are off by at most a rounding more; NumPy itself takes ``x ** 0.5`` of an array
    as a square root and ``x ** -1`` as a reciprocal.
    """
    (x, y), (out,) = equation.inputs, equation.outputs
    exponent = rewriting.number(y)
    if exponent is None or x.type != out.type or out.type.dtype.kind not in "fi":
        return None
    floats, kind = out.type.dtype.kind == "f", out.type
    if exponent == 0 and y.type.shape == ():
        one = Literal(1.0, kind) if kind.weak and floats else scalar(1, kind.dtype)
        return rewriting.fit(one, kind)
    if exponent == 1:
        return x
    if exponent in (2, 3, 4):
        squared = rewriting.apply(square, x)
        if exponent == 2:
            return squared
        return (
            rewriting.apply(mul, x, squared) if exponent == 3 else rewriting.apply(square, squared)
        )
    if floats and kind.shape and exponent in (0.5, -1):
        return rewriting.apply(sqrt if exponent == 0.5 else reciprocal, x)
    return None


def part_of_real(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """The real part and the conjugate of a real number are the number."""
    (x,) = equation.inputs
    return x if _is_real(x) else None


def unchanged(_rewriting: Rewriting, equation: Equation) -> Operand | None:
    """A copy is its value, and so is a conversion to the dtype that is there; views alike."""
    return equation.inputs[0]


def converted_twice(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """A conversion of a conversion that lost nothing."""
    made = rewriting.maker(equation.inputs[0], "convert")
    if made is None:
        return None
    (x,), dtype = made.inputs, equation.params["dtype"]
    if not _holds(x.type.dtype, made.params["dtype"]) or x.type.weak:
        return None
    if x.type.dtype.kind == dtype.kind == "c" or x.type.dtype.kind != "c":
        primitive = convert if dtype.kind in "fc" else convert_to_discrete
        same = x.type == equation.outputs[0].type
        return x if same else rewriting.apply(primitive, x, dtype=dtype)
    return None


def _holds(small: np.dtype[Any], large: np.dtype[Any]) -> bool:
    """Whether every number of one dtype is one of the other."""
    if small.kind in "iu" and large.kind in "fc":
        part = large.itemsize // (2 if large.kind == "c" else 1)
        return small.itemsize < part
    return np.can_cast(small, large, "safe")


# ---- choices -------------------------------------------------------------------------------------


def of_equals(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``max(x, x) -> x``; the same for the minimum and the logic of truth values."""
    x, y = equation.inputs
    return x if x is y else None


def select_known(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """A choice whose condition is known, or between the same."""
    (cond, x, y), (out,) = equation.inputs, equation.outputs
    known = rewriting.number(cond)
    if known is not None:
        return rewriting.fit(x if known else y, out.type)
    return rewriting.fit(x, out.type) if x is y else None


def select_by_negation(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``select(not c, x, y) -> select(c, y, x)``."""
    cond, x, y = equation.inputs
    made = rewriting.maker(cond, "logical_not", "invert")
    if made is None or made.inputs[0].type.dtype.kind != "b":
        return None
    return rewriting.apply(select, made.inputs[0], y, x)


def select_again(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``select(c, select(c, x, _), y) -> select(c, x, y)``, on both sides."""
    cond, x, y = equation.inputs
    for place, side in ((1, x), (2, y)):
        made = rewriting.maker(side, "select")
        if made is not None and made.inputs[0] is cond:
            taken = made.inputs[place]
            if taken.type.dtype == side.type.dtype and taken.type.weak == side.type.weak:
                sides = (taken, y) if place == 1 else (x, taken)
                return rewriting.apply(select, cond, *sides)
    return None
