"""A cotangent as a sum of pieces, each a product of factors that is not multiplied out.

``piece[i, o] = sum_s delta[s, o] a[s, i]``: a factor has a label for each of its axes, which is the
number of an axis of the whole, or negative where it is summed over. Axes of length one have no
label; along an axis whose label no factor has, the piece is constant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, permutations
from typing import Any

from chainrule.core.trace import shape_of
from chainrule.ops.define import Array
from chainrule.ops.reductions import sum_p
from chainrule.ops.shaping import reshape, transpose
from chainrule.transforms.examples.contraction import Factor, sizes_of
from chainrule.transforms.examples.lookups import product

Depends = Callable[[Any], bool]
"""Whether a value differs between examples."""
_fresh = count(1)
_OTHER = 1 << 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A product of factors, of the shape of a parameter or of a view of one.

    ``materialised``: a factor is a whole gradient, larger than what it was made of.
    """

    shape: tuple[int, ...]
    factors: tuple[Factor, ...]
    materialised: bool = False


def new_label() -> int:
    """A label of an axis that is summed over."""
    return -next(_fresh)


def dense(value: Array, *, materialised: bool = False) -> Piece:
    """A piece with one factor, which is all of it."""
    shape = shape_of(value)
    return Piece(shape, (labelled(value, range(len(shape))),), materialised)


def labelled(value: Array, labels: Sequence[int]) -> Factor:
    """A factor without the axes of length one."""
    shape = shape_of(value)
    kept = [i for i, n in enumerate(shape) if n != 1]
    if len(kept) < len(shape):
        value = reshape(value, shape=tuple(shape[i] for i in kept))
    return Factor(value, tuple(labels[i] for i in kept))


def whole(piece: Piece) -> Array:
    """The piece multiplied out."""
    value = product(piece.factors, axes_of(piece.shape), sizes_with([piece], {}))
    return value if shape_of(value) == piece.shape else reshape(value, shape=piece.shape)


def axes_of(shape: Sequence[int]) -> list[int]:
    """The axes that have labels."""
    return [k for k, n in enumerate(shape) if n != 1]


def sizes_with(pieces: Sequence[Piece], known: Mapping[int, int]) -> dict[int, int]:
    """The length of each label of pieces, and what is known of others."""
    sizes = dict(known)
    for piece in pieces:
        sizes |= {k: piece.shape[k] for k in axes_of(piece.shape)} | sizes_of(piece.factors)
        sizes |= {_moved(a): sizes[a] for f in piece.factors for a in f.labels}
    return sizes


def pairs_of(pieces: Sequence[Piece]) -> Iterable[tuple[Piece, Piece]]:
    """Each pair of pieces once, and each with itself."""
    return ((p, q) for i, p in enumerate(pieces) for q in pieces[: i + 1])


def pair_of(p: Piece, q: Piece) -> list[Factor]:
    """The factors of the inner product of two pieces of one shape."""
    moved = (replace(f, labels=tuple(map(_moved, f.labels))) for f in q.factors)
    return [*p.factors, *moved]


def _moved(label: int) -> int:
    """The label in the second piece of a pair: what is summed over has another one."""
    return label - _OTHER if label < 0 else label


def largest(piece: Piece) -> int:
    """Entries of the largest factor."""
    return max(_size(shape_of(f.value)) for f in piece.factors)


def _size(shape: Sequence[int]) -> int:
    total = 1
    for n in shape:
        total *= n
    return total


def tidy(piece: Piece, depends: Depends) -> Piece:
    """The same product with fewer and smaller factors, none larger than before.

    A factor whose labels another one has, too, is multiplied into that one, if the same is true
    of differing between examples; a sum that concerns one factor alone is taken.
    """
    factors = list(piece.factors)
    changed = True
    while changed:
        changed = _sum_alone(factors) or _merge(factors, depends)
    return Piece(piece.shape, tuple(factors), piece.materialised)


def _merge(factors: list[Factor], depends: Depends) -> bool:
    for i, j in permutations(range(len(factors)), 2):
        small, big = factors[i], factors[j]
        inside = set(small.labels) <= set(big.labels) and not (small.rows or big.rows)
        if inside and (depends(big.value) or not depends(small.value)):
            value = big.value * _spread(small, big)
            factors[j] = Factor(value, big.labels)
            del factors[i]
            return True
    return False


def _spread(small: Factor, big: Factor) -> Array:
    """The smaller factor with its axes where the bigger one has them."""
    kept = [axis for axis in big.labels if axis in small.labels]
    order = tuple(small.labels.index(axis) for axis in kept)
    turned = transpose(small.value, order=order) if order else small.value
    sizes = dict(zip(small.labels, shape_of(small.value), strict=True))
    shape = tuple(sizes.get(axis, 1) for axis in big.labels)
    return turned if shape_of(turned) == shape else reshape(turned, shape=shape)


def _sum_alone(factors: list[Factor]) -> bool:
    for i, factor in enumerate(factors):
        others = {axis for j, f in enumerate(factors) if j != i for axis in f.labels}
        alone = [k for k, a in enumerate(factor.labels) if a < 0 and a not in others]
        if alone and not factor.rows:
            kept = tuple(a for k, a in enumerate(factor.labels) if k not in alone)
            factors[i] = Factor(sum_p(factor.value, axes=tuple(alone)), kept)
            return True
    return False
