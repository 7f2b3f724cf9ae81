"""Forms of what moves entries, adds them up or holds programs: indices, axes, einsum, loops."""

from __future__ import annotations

from itertools import count
from typing import Any, cast

import numpy as np

from chainrule.insight.notation.expression import Apply, Expression, Symbol
from chainrule.insight.notation.forms import axes_of, default, latex_words, param
from chainrule.insight.notation.operators import (
    as_vector,
    bracket,
    is_transpose,
    matrix_product,
    side_by_side,
    transposed,
    value_of,
)
from chainrule.insight.notation.styles import SUBSCRIPTS, digits
from chainrule.insight.notation.writing import Form, Kind, Level, Piece, Writer
from chainrule.ops.index import Slot


def index_text(template: tuple[Any, ...], arrays: tuple[str, ...], kind: Kind) -> str:
    """An index between brackets, with arrays in their places: ``[0, 1:3, i]``."""

    def part(i: Any) -> str:
        if isinstance(i, Slot):
            return arrays[i.n]
        if isinstance(i, slice):
            s = cast("slice[Any, Any, Any]", i)
            bounds = ["" if b is None else str(b) for b in (s.start, s.stop)]
            colons = ":".join(bounds) + ("" if s.step in (None, 1) else f":{s.step}")
            return colons if kind == "text" else colons.replace(":", "{:}")
        if i is Ellipsis:
            return "..." if kind == "text" else r"\ldots"
        if i is None:
            return "None" if kind == "text" else latex_words("None")
        return str(i)

    return f"[{', '.join(map(part, template))}]"


def _index(x: Apply, arrays: tuple[Expression, ...], w: Writer) -> str:
    written = tuple(w.at(a, Level.OR) for a in arrays)
    return index_text(x.params["index"], written, w.kind)


def entry(x: Apply, w: Writer) -> Piece:
    """x[3]."""
    return Piece(w.at(x.operands[0], Level.ATOM) + _index(x, x.operands[1:], w))


def scattered(x: Apply, w: Writer) -> Piece:
    """An array of zeros with x added at an index: the transpose of taking entries."""
    at = _index(x, x.operands[1:], w)
    return w.call(_scatter(w) + at, w.at(x.operands[0], Level.CHOICE))


def _scatter(w: Writer) -> str:
    return "scatter" if w.kind == "text" else r"\operatorname{scatter}"


def replaced(x: Apply, w: Writer) -> Piece:
    """x with other values at an index."""
    target, values, *arrays = x.operands
    arrow = "←" if w.kind == "text" else r"\leftarrow"
    changed = f"{_index(x, tuple(arrays), w)} {arrow} {w.at(values, Level.CHOICE)}"
    return Piece(f"{w.at(target, Level.ATOM)}{{{changed}}}" if w.kind == "text" else
                 rf"{w.at(target, Level.ATOM)}\{{{changed}\}}")  # fmt: skip


def turned(x: Apply, w: Writer) -> Piece:
    """Aᵀ, or a call where axes are put into another order."""
    order = tuple(x.params["order"])
    if order == tuple(range(len(order))):
        return w.piece(x.operands[0])
    if is_transpose(x):
        return transposed(x.operands[0], w)
    return default("transpose")(x, w)


def spread_out(x: Apply, w: Writer) -> Piece:
    """A number everywhere: 𝟏 · c; an array along new axes: broadcast(x, shape)."""
    inner = _without_leading(x.operands[0])
    if inner.type.shape == x.type.shape:
        return w.piece(inner)
    if inner.type.shape != ():
        return shaped("broadcast", x, w)
    ones, sign = ("𝟏", "·") if w.kind == "text" else (r"\mathbf{1}", r"\,")
    before = w.at(inner, Level.SIGN, followed=True)
    level = Level.SIGN if before.startswith("-") else Level.PRODUCT
    return Piece(f"{before} {sign} {ones}", level)


def _without_leading(x: Expression) -> Expression:
    """An array without first axes of length 1, which broadcasting adds by itself."""
    if isinstance(x, Apply) and x.primitive == "reshape":
        inner = x.operands[0]
        lead = x.type.ndim - inner.type.ndim
        if lead >= 0 and x.type.shape == (1,) * lead + inner.type.shape:
            return inner
    return x


def shaped(name: str, x: Apply, w: Writer) -> Piece:
    """name(x, shape)."""
    inner = _without_leading(x.operands[0]) if name == "broadcast" else x.operands[0]
    return w.call(w.style.name(name), w.at(inner, Level.CHOICE), param(x.type.shape))


def reshaped(x: Apply, w: Writer) -> Piece:
    """reshape(x, shape); nothing where the shape stays, or a column becomes a vector."""
    inner = x.operands[0]
    if inner.type.shape in (x.type.shape, (*x.type.shape, 1)):
        return w.piece(inner)
    added = _added_axes(inner.type.shape, x.type.shape)
    if added is None:
        return shaped("reshape", x, w)
    return Piece(w.at(inner, Level.ATOM) + index_text(added, (), w.kind))


def _added_axes(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[Any, ...] | None:
    """The index [:, None] that makes one shape of another by axes of length 1; None if none is."""
    index: list[Any] = []
    rest = list(before)
    for n in after:
        if rest and n == rest[0]:
            index.append(slice(None))
            rest.pop(0)
        elif n == 1:
            index.append(None)
        else:
            return None
    return None if rest or not before else tuple(index)


def converted(x: Apply, w: Writer) -> Piece:
    """float32(x); a truth value as a number is Iverson's bracket [p]."""
    inner = x.operands[0]
    if inner.type.dtype == x.type.dtype:
        return w.piece(inner)
    if inner.type.dtype.kind == "b":
        return Piece(bracket(w, w.piece(inner)))
    return w.call(w.style.name(str(np.dtype(x.params["dtype"]))), w.at(inner, Level.CHOICE))


def unchanged(x: Apply, w: Writer) -> Piece:
    """A copy is what it copies."""
    return w.piece(x.operands[0])


def summed(text: str, latex: str) -> Form:
    """∑(x), ∑₀(x) over the axis 0."""

    def write(x: Apply, w: Writer) -> Piece:
        axes = axes_of(x, w)
        if w.kind == "text":
            return w.call(text + axes, w.at(x.operands[0], Level.CHOICE))
        inner = w.at(x.operands[0], Level.PRODUCT)
        return Piece(rf"{latex}{axes} {inner}", Level.PRODUCT, open_right=True)

    return write


# ---- einsum --------------------------------------------------------------------------------------


def _canonical(terms: tuple[str, ...], result: str) -> str:
    fresh = (chr(ord("a") + i) for i in count())
    names: dict[str, str] = {}
    for letter in "".join(terms):
        if letter not in names:
            names[letter] = next(fresh)
    renamed = [*("".join(names[c] for c in t) for t in terms)]
    return f"{','.join(renamed)}->{''.join(names[c] for c in result)}"


# which operands the product has, in their order, and which of them are transposed
_PRODUCTS: dict[str, tuple[tuple[int, bool], tuple[int, bool]]] = {
    "a,a->": ((0, True), (1, False)),
    "a,b->ab": ((0, False), (1, True)),
    "a,b->ba": ((1, False), (0, True)),
    "ab,b->a": ((0, False), (1, False)),
    "ab,a->b": ((0, True), (1, False)),
    "a,ab->b": ((1, True), (0, False)),
    "a,ba->b": ((1, False), (0, False)),
    "ab,bc->ac": ((0, False), (1, False)),
    "ab,bc->ca": ((1, True), (0, True)),
    "ab,cb->ac": ((0, False), (1, True)),
    "ab,cb->ca": ((1, False), (0, True)),
    "ab,ac->bc": ((0, True), (1, False)),
    "ab,ac->cb": ((1, True), (0, False)),
    "ab,ca->bc": ((0, True), (1, True)),
    "ab,ca->cb": ((1, False), (0, False)),
}


def contraction(x: Apply, w: Writer) -> Piece:
    """A B, xᵀ y, x yᵀ, tr(A) where einsum is that, else a call with its axes."""
    terms, result = tuple(x.params["terms"]), str(x.params["result"])
    pattern = _canonical(terms, result)
    if pattern in _PRODUCTS:
        first, second = _PRODUCTS[pattern]
        left, right = (
            transposed(x.operands[i], w) if flipped else w.piece(x.operands[i])
            for i, flipped in (first, second)
        )
        return side_by_side(w, left, right)
    if pattern == "ab,ab->":
        inside = ", ".join(w.piece(o).string for o in x.operands)
        return Piece(f"⟨{inside}⟩" if w.kind == "text" else rf"\langle {inside} \rangle")
    if pattern in ("aa->", "aa->a"):
        name = "tr" if pattern == "aa->" else "diag"
        return w.call(w.style.name(name), w.piece(x.operands[0]).string)
    axes = f"{','.join(terms)}→{result}"
    name = f"einsum[{axes}]"
    if w.kind == "latex":
        name = rf"\operatorname{{einsum}}_{{{axes.replace('→', chr(92) + 'to ')}}}"
    return w.call(name, *(w.at(o, Level.CHOICE) for o in x.operands))


# ---- linear algebra ------------------------------------------------------------------------------


def solution(x: Apply, w: Writer) -> Piece:
    """A⁻¹ b; of a triangle of A, tril(A)⁻¹ b."""
    matrix, right = x.operands[0], as_vector(x.operands[1])
    base = w.at(matrix, Level.ATOM)
    if x.primitive == "solve_triangular":
        name = w.style.name("tril" if x.params["lower"] else "triu")
        base = w.call(name, w.piece(matrix).string).string
    elif w.kind == "latex" and isinstance(matrix, Symbol) and "^" in base:
        base = w.style.in_parentheses(base)
    inverse = Piece(f"{base}⁻¹" if w.kind == "text" else f"{base}^{{-1}}", Level.POWER)
    return side_by_side(w, inverse, w.piece(right))


def updated(x: Apply, w: Writer) -> Piece:
    """w - s · A B."""
    weights, step, left, right = x.operands
    update = matrix_product(Apply("matmul", (left, right), x.type), w)
    sign = "·" if w.kind == "text" else r"\,"
    factor = "" if value_of(step) == 1 else f"{w.at(step, Level.PRODUCT)} {sign} "
    return Piece(f"{w.at(weights, Level.SUM)} - {factor}{update.string}", Level.SUM)


def convolution(x: Apply, w: Writer) -> Piece:
    """x ∗ y, with the mode where it is not "full"."""
    if x.params.get("mode") != "full":
        return default("convolve")(x, w)
    left, right = (w.at(o, Level.POWER) for o in x.operands)
    return Piece(f"{left} {'∗' if w.kind == 'text' else chr(92) + 'ast'} {right}", Level.MATRIX)


def bessel(text: str, latex: str) -> Form:
    """J_n(x): the order, an operand, as index."""

    def write(x: Apply, w: Writer) -> Piece:
        order, argument = x.operands
        if w.kind == "latex":
            symbol = f"{latex}_{{{w.piece(order).string}}}"
        else:
            symbol = f"{text}[{w.piece(order).string}]"
        return w.call(symbol, w.at(argument, Level.CHOICE))

    return write


def gaussian(x: Apply, w: Writer) -> Piece:
    """exp(-rate x²)."""
    rate = digits(float(x.params["rate"]))
    inner = x.operands[0]
    string = w.at(inner, Level.ATOM)
    if w.kind == "latex":
        return Piece(rf"e^{{-{rate} \, {string}^{{2}}}}", Level.POWER)
    return Piece(f"exp(-{rate} · {string}²)")


# ---- what holds programs -------------------------------------------------------------------------


def branch(x: Apply, w: Writer) -> Piece:
    """cond(p, x, y).1: one of the results of a branch."""
    return _program(w.style.name(x.primitive), x, w)


def loop(x: Apply, w: Writer) -> Piece:
    """scan₄(carry, xs).1: one of the results of a loop, its length as index."""
    index = str(x.params.get("length", ""))
    if w.kind == "text":
        return _program(x.primitive + index.translate(SUBSCRIPTS), x, w)
    name = w.style.name(x.primitive)
    return _program(f"{name}_{{{index}}}" if index else name, x, w)


def own_function(x: Apply, w: Writer) -> Piece:
    """A function with a derivative of its own, by its name."""
    return _program(w.style.name(str(x.params["call"]) or "custom"), x, w)


def _program(name: str, x: Apply, w: Writer) -> Piece:
    called = w.call(name, *(w.at(o, Level.CHOICE) for o in x.operands))
    return Piece(f"{called.string}.{x.result}") if x.result else called
