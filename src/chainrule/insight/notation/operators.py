"""Forms of the operators whose writing depends on their operands: sums, products, powers, choices.

Products of scalars are written side by side (with a dot in text), elementwise products of arrays
with ⊙, matrix products side by side. Arrays with one axis are columns: ``x @ W`` is Wᵀ x, and
``x @ y`` is xᵀ y.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.insight.notation.expression import Apply, Constant, Expression, Symbol
from chainrule.insight.notation.styles import SUPERSCRIPTS
from chainrule.insight.notation.writing import Level, Piece, Writer


def _is(x: Expression, *names: str) -> bool:
    return isinstance(x, Apply) and x.primitive in names


def value_of(x: Expression) -> Any:
    """The number of a scalar constant, None of anything else."""
    if isinstance(x, Constant) and np.ndim(x.value) == 0:
        return np.asarray(x.value).item()
    return None


def _is_negative(x: Expression) -> bool:
    number = value_of(x)
    return isinstance(number, (int, float)) and number < 0


def _unspread(x: Expression, beside: Expression, whole: Apply) -> Expression:
    """An operand without the broadcasting that the operand beside it implies."""
    if not isinstance(x, Apply) or beside.type.shape != whole.type.shape:
        return x
    inner = x.operands[0]
    if x.primitive == "broadcast_to":
        return _unspread(inner, beside, whole)
    if x.primitive == "reshape" and inner.type.shape == ():
        return _unspread(inner, beside, whole)
    return x


def pair(x: Apply) -> tuple[Expression, Expression]:
    """The operands of an elementwise operation as they are written."""
    left, right = x.operands
    left, right = _unspread(left, right, x), _unspread(right, left, x)
    return left, right


def sum_of(x: Apply, w: Writer) -> Piece:
    """a + b, and a - b where b has a minus sign."""
    left, right = pair(x)
    first = w.at(left, Level.SUM)
    if _is(right, "neg"):
        assert isinstance(right, Apply)
        return Piece(f"{first} - {w.at(right.operands[0], Level.PRODUCT)}", Level.SUM)
    if _is_negative(right):
        return Piece(f"{first} - {w.piece(right).string.removeprefix('-')}", Level.SUM)
    second = w.piece(right)
    needed = Level.PRODUCT if second.string.startswith("-") else Level.SUM
    return Piece(f"{first} + {w.at(second, needed)}", Level.SUM)


def difference(x: Apply, w: Writer) -> Piece:
    """a - b."""
    left, right = pair(x)
    return Piece(f"{w.at(left, Level.SUM)} - {w.at(right, Level.PRODUCT)}", Level.SUM)


def negative(x: Apply, w: Writer) -> Piece:
    """-a."""
    operand = w.piece(x.operands[0])
    return Piece(f"-{w.at(operand, Level.PRODUCT)}", Level.SIGN, operand.open_right)


def product(x: Apply, w: Writer) -> Piece:
    """a · b of scalars, a ⊙ b of arrays; u vᵀ where a column meets a row."""
    outer = _outer(x, w)
    if outer is not None:
        return outer
    left, right = pair(x)
    scalar = left.type.shape == () or right.type.shape == ()
    first, second = (_factor(o, w, elementwise=not scalar) for o in (left, right))
    before = w.at(first, Level.SIGN, followed=True)
    after = w.at(second, Level.PRODUCT)
    if w.kind == "text":
        sign = "·" if scalar else "⊙"
    elif not scalar:
        sign = r"\odot"
    else:
        sign = r"\cdot" if after[0].isdigit() or after.startswith(r"\frac{1}") else r"\,"
    level = Level.SIGN if before.startswith("-") else Level.PRODUCT
    return Piece(f"{before} {sign} {after}", level, second.open_right)


def _factor(x: Expression, w: Writer, *, elementwise: bool) -> Piece:
    piece = w.piece(x)
    if elementwise and piece.level is Level.MATRIX and isinstance(x, Apply):
        return Piece(w.style.in_parentheses(piece.string))
    return piece


def _outer(x: Apply, w: Writer) -> Piece | None:
    """A column times a row is an outer product."""
    left, right = x.operands
    for column, row in ((left, right), (right, left)):
        inner = as_vector(column)
        flat = _as_row(row)
        if inner is not column and flat.type.ndim == 1:
            return side_by_side(w, w.piece(inner), transposed(flat, w))
    return None


def _as_row(x: Expression) -> Expression:
    """A row of a product without the axis that makes a vector a matrix."""
    if isinstance(x, Apply) and x.primitive == "reshape":
        inner = x.operands[0]
        if inner.type.ndim == 1 and x.type.shape == (1, *inner.type.shape):
            return inner
    return x


def quotient(x: Apply, w: Writer) -> Piece:
    """a / b, a fraction in LaTeX."""
    left, right = pair(x)
    if w.kind == "latex":
        return Piece(rf"\frac{{{w.piece(left).string}}}{{{w.piece(right).string}}}", Level.POWER)
    before = w.at(left, Level.SIGN, followed=True)
    level = Level.SIGN if before.startswith("-") else Level.PRODUCT
    return Piece(f"{before} / {w.at(right, Level.POWER)}", level)


def raised(base: Expression, exponent: str, w: Writer) -> Piece:
    """A base with a superscript; a base that has one is put in parentheses."""
    piece = w.piece(base)
    string = w.at(piece, Level.ATOM)
    if isinstance(base, Symbol) and "^" in string:
        string = w.style.in_parentheses(string)
    if w.kind == "latex":
        return Piece(f"{string}^{{{exponent}}}", Level.POWER)
    short = exponent.isdigit() or (exponent[:1] == "-" and exponent[1:].isdigit())
    if short:
        return Piece(string + exponent.translate(SUPERSCRIPTS), Level.POWER)
    return Piece(f"{string}^{exponent}", Level.POWER)


def power(x: Apply, w: Writer) -> Piece:
    """x², x^n."""
    base, exponent = x.operands
    number = value_of(exponent)
    if isinstance(number, (int, float)) and number == 1:
        return w.piece(base)
    whole = isinstance(number, (int, float)) and float(number).is_integer()
    written = w.piece(exponent)
    if w.kind == "latex" or (whole and abs(float(number)) < 1e6):
        return raised(base, written.string, w)
    return raised(base, w.at(written, Level.ATOM), w)


def squared(x: Apply, w: Writer) -> Piece:
    """x²."""
    return raised(x.operands[0], "2", w)


def root(x: Apply, w: Writer) -> Piece:
    """√x."""
    operand = x.operands[0]
    string = w.piece(operand).string
    if w.kind == "latex":
        return Piece(rf"\sqrt{{{string}}}", Level.ATOM)
    short = isinstance(operand, Symbol) or string.isalnum()
    return Piece(f"√{string}" if short else f"√({string})", Level.POWER)


def exponential(x: Apply, w: Writer) -> Piece:
    """exp(x), in LaTeX e to the power of x."""
    string = w.piece(x.operands[0]).string
    if w.kind == "latex":
        return Piece(f"e^{{{string}}}", Level.POWER)
    return Piece(f"exp({string})")


def side_by_side(w: Writer, left: Piece, right: Piece) -> Piece:
    """A matrix product."""
    first = w.at(left, Level.MATRIX, followed=True)
    gap = r"\, " if w.kind == "latex" else ""
    return Piece(f"{first} {gap}{w.at(right, Level.MATRIX)}", Level.MATRIX, right.open_right)


def transposed(x: Expression, w: Writer) -> Piece:
    """xᵀ; of a transpose it is what is transposed, a number is its own."""
    if x.type.shape == ():
        return w.piece(x)
    if isinstance(x, Apply) and is_transpose(x):
        return w.piece(x.operands[0])
    string = w.at(x, Level.ATOM)
    if w.kind == "text":
        has_one = isinstance(x, Symbol) and string.endswith("ᵀ")
        return Piece(f"({string})ᵀ" if has_one else f"{string}ᵀ", Level.POWER)
    bracketed = string.startswith(r"\left(") and string.endswith(r"\right)")
    if isinstance(x, Symbol) and "^" in string and not bracketed:
        string = w.style.in_parentheses(string)
    return Piece(rf"{string}^{{\top}}", Level.POWER)


def as_vector(x: Expression) -> Expression:
    """A column of a matrix product without the axis that makes a vector a matrix."""
    if _is(x, "reshape"):
        assert isinstance(x, Apply)
        inner = x.operands[0]
        if inner.type.ndim == 1 and x.type.shape == (*inner.type.shape, 1):
            return inner
    return x


def is_transpose(x: Apply) -> bool:
    """Whether it exchanges the last two axes, and nothing else."""
    return x.primitive == "transpose" and exchanges_last(x.params["order"])


def exchanges_last(order: Sequence[int]) -> bool:
    """Whether an order of axes exchanges the last two."""
    n = len(order)
    return n >= 2 and tuple(order) == (*range(n - 2), n - 1, n - 2)


def matrix_product(x: Apply, w: Writer) -> Piece:
    """A B; vectors are columns."""
    left, right = map(as_vector, x.operands)
    if left.type.ndim != 1:
        return side_by_side(w, w.piece(left), w.piece(right))
    if right.type.ndim == 1:
        return side_by_side(w, transposed(left, w), w.piece(right))
    return side_by_side(w, transposed(right, w), w.piece(left))


def choice(x: Apply, w: Writer) -> Piece:
    """a where c is true and b elsewhere; [c] · a where b is zero."""
    condition, if_true, if_false = x.operands
    if value_of(if_false) == 0:
        return _indicated(w, w.piece(condition), if_true, x)
    c, a, b = (w.at(o, Level.OR) for o in (condition, if_true, if_false))
    if w.kind == "text":
        return Piece(f"{a} if {c} else {b}", Level.CHOICE)
    rows = rf"{a} & \text{{if }} {c} \\ {b} & \text{{otherwise}}"
    return Piece(rf"\begin{{cases}} {rows} \end{{cases}}")


def bracket(w: Writer, condition: Piece) -> str:
    """Iverson's bracket: 1 where the condition holds, else 0."""
    return f"[{condition.string}]" if w.kind == "text" else rf"\mathbf{{1}}[{condition.string}]"


def _indicated(w: Writer, condition: Piece, then: Expression, x: Apply) -> Piece:
    if value_of(then) == 1:
        return Piece(bracket(w, condition))
    scalar = x.type.shape == () or then.type.shape == ()
    factor = w.at(_factor(then, w, elementwise=not scalar), Level.PRODUCT)
    if w.kind == "text":
        return Piece(f"[{condition.string}] {'·' if scalar else '⊙'} {factor}", Level.PRODUCT)
    sign = r"\," if scalar else r"\odot"
    return Piece(f"{bracket(w, condition)} {sign} {factor}", Level.PRODUCT)
