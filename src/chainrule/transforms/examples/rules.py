"""How pieces pass backwards through equations: products, sums, and views.

A rule takes the piece at the result of an equation, the number of the operand, the operands and the
parameters, and returns the piece at the operand; None where this piece cannot pass as a product.
What is not in the table has no rule: the piece is multiplied out, and the equation's own pull goes
on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chainrule.core.trace import shape_of
from chainrule.ops.define import Array
from chainrule.ops.index import Slot
from chainrule.transforms.examples import views
from chainrule.transforms.examples.contraction import Factor
from chainrule.transforms.examples.lookups import as_lookup
from chainrule.transforms.examples.pieces import Piece, labelled, new_label

Params = Mapping[str, Any]
Rule = Callable[[Piece, int, Sequence[Array], Params], "Piece | None"]
Letters = list[Hashable]


def _through(
    piece: Piece,
    target: tuple[int, ...],
    letters: tuple[Letters, Letters],
    others: Sequence[tuple[Array, Letters]] = (),
    looked_up: tuple[Array, Letters, int] | None = None,
) -> Piece:
    """The piece of an operand ``target`` in ``out[..] = sum target[..] other[..]``.

    ``letters`` name the axes of the result and of the operand, those that go together alike.
    ``looked_up`` are integers, names of their axes, and the axis of the operand that they index.
    """
    of_out, of_target = letters
    places: dict[Hashable, int] = {
        letter: k for k, (letter, n) in enumerate(zip(of_target, target, strict=True)) if n != 1
    }

    def placed(letter: Hashable) -> int:
        if letter not in places:
            places[letter] = new_label()
        return places[letter]

    factors = [
        replace(f, labels=tuple(a if a < 0 else placed(of_out[a]) for a in f.labels))
        for f in piece.factors
    ]
    for value, names in others:
        bare = labelled(value, range(len(names)))
        factors.append(Factor(bare.value, tuple(placed(names[a]) for a in bare.labels)))
    if looked_up is not None:
        numbers, names, axis = looked_up
        bare = labelled(numbers, range(len(names)))
        labels = (*(placed(names[a]) for a in bare.labels), axis)
        factors.append(as_lookup(bare.value, labels, target[axis]))
    axes = zip(of_out, piece.shape, strict=True)
    times = math.prod(n for letter, n in axes if letter not in places)
    if times != 1:  # summed over, and nothing differs along it
        factors[0] = replace(factors[0], value=factors[0].value * times)
    return Piece(target, tuple(factors), piece.materialised)


def _right(shape: Sequence[int], rank: int) -> Letters:
    """Names of axes that are aligned from the right in a result with ``rank`` axes."""
    return [("out", rank - len(shape) + k) for k in range(len(shape))]


# ---- products and sums --------------------------------------------------------------------------


def _mul(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    rank = len(piece.shape)
    shapes = [shape_of(x) for x in xs]
    target, other = shapes[operand], 1 - operand
    names = [_right(shape, rank) for shape in shapes]
    out = _right(piece.shape, rank)
    return _through(piece, target, (out, names[operand]), [(xs[other], names[other])])


def _div(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    return _mul(piece, 0, (xs[0], 1 / xs[1]), params) if operand == 0 else None


def _add(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    target, rank = shape_of(xs[operand]), len(piece.shape)
    return _through(piece, target, (_right(piece.shape, rank), _right(target, rank)))


def _sub(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    return _add(_negative(piece) if operand else piece, operand, xs, params)


def _neg(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    return _negative(piece)


def _negative(piece: Piece) -> Piece:
    first, *rest = piece.factors
    return Piece(piece.shape, (Factor(-first.value, first.labels), *rest), piece.materialised)


def _matmul(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    left, right = (shape_of(x) for x in xs)
    rank = max(len(left), len(right), 2) - 2  # of the stacks
    rows: Letters = [] if len(left) == 1 else ["row"]
    columns: Letters = [] if len(right) == 1 else ["column"]
    names = (
        [*_right(left[:-2], rank), *rows, "sum"],
        [*_right(right[:-2], rank), "sum", *columns],
    )
    stack = len(piece.shape) - len(rows) - len(columns)
    out = [*_right(piece.shape[:stack], rank), *rows, *columns]
    other = 1 - operand
    target = (left, right)[operand]
    return _through(piece, target, (out, names[operand]), [(xs[other], names[other])])


def _einsum(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    terms: Sequence[str] = params["terms"]
    if any(len(set(term)) < len(term) for term in terms):
        return None
    pairs = enumerate(zip(xs, terms, strict=True))
    others: list[tuple[Array, Letters]] = [(x, [*term]) for k, (x, term) in pairs if k != operand]
    letters: tuple[Letters, Letters] = ([*params["result"]], [*terms[operand]])
    return _through(piece, shape_of(xs[operand]), letters, others)


def _sum(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    target = shape_of(xs[0])
    names: Letters = [*range(len(target))]
    kept = [k for k in range(len(target)) if k not in params["axes"]]
    return _through(piece, target, ([*kept], names))


def _getitem(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    """A slice, or a lookup by one array of integers along one axis."""
    target, index = shape_of(xs[0]), params["index"]
    parts = views.explicit(index, len(target))
    axes = [k for k, part in enumerate(parts) if type(part) is Slot]
    if not axes:
        return views.sliced(piece, parts, target)
    if len(axes) > 1 or any(part != slice(None) for k, part in enumerate(parts) if k != axes[0]):
        return None
    (axis,), numbers = axes, xs[1]
    positions: Letters = [("position", k) for k in range(len(shape_of(numbers)))]
    names: Letters = [*range(len(target))]
    out: Letters = [*names[:axis], *positions, *names[axis + 1 :]]
    if target[axis] == 1:
        return _through(piece, target, (out, names))
    return _through(piece, target, (out, names), (), (numbers, positions, axis))


RULES: dict[str, Rule] = {
    "mul": _mul, "div": _div, "add": _add, "sub": _sub, "neg": _neg, "matmul": _matmul,
    "einsum": _einsum, "sum": _sum, "broadcast_to": _add, "getitem": _getitem,
    **views.RULES,
}  # fmt: skip
"""By the primitive's name."""
