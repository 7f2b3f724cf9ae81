"""Whether to multiply the gradients of one parameter out, by the sizes of the factors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chainrule.core.trace import type_of
from chainrule.transforms.examples.contraction import best_order
from chainrule.transforms.examples.lookups import labels_of_product
from chainrule.transforms.examples.pieces import Piece, axes_of, pair_of, pairs_of, sizes_with

_MOST_FACTORS = 8  # in a product whose best order is looked for
_MOST_PIECES = 12  # whose pairs are looked at
_THROUGH_MEMORY = 5  # multiplications that an entry which is written and read costs


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether gradients are multiplied out, and the bytes that this takes for one example."""

    multiplied: bool
    room: int


def choose(pieces: Sequence[Piece]) -> Choice:
    """The cheaper way to the norm of a sum of pieces.

    Multiplied out, every entry of the gradient is made; else every pair of pieces has its product.
    A gradient that had to be materialised is there anyway.
    """
    if not pieces:
        return Choice(multiplied=False, room=0)
    axes, sizes = axes_of(pieces[0].shape), sizes_with(pieces, {})
    full = math.prod(pieces[0].shape)
    factors = [f for p in pieces for f in p.factors if not f.rows]
    itemsize = max(type_of(f.value).dtype.itemsize for f in factors)
    longest = 2 * max(len(p.factors) for p in pieces)
    alone = all(len(p.factors) == 1 for p in pieces)
    many = longest > _MOST_FACTORS or len(pieces) > _MOST_PIECES
    if alone or many or any(p.materialised for p in pieces):
        return Choice(multiplied=True, room=full * itemsize)
    out = [best_order([f.labels for f in p.factors if not f.rows], axes, sizes) for p in pieces]
    pairs = [labels_of_product(pair_of(p, q)) for p, q in pairs_of(pieces)]
    paired = [best_order(labels, [], sizes) for labels in pairs]
    if sum(o.price for o in out) + _THROUGH_MEMORY * full < sum(o.price for o in paired):
        return Choice(multiplied=True, room=full * itemsize)
    return Choice(multiplied=False, room=max(o.largest for o in paired) * itemsize)
