"""Products of several factors, summed over axes, in the cheapest order of pairs.

As ``np.einsum``, with axes named by any numbers; the order is the best of all, found for subsets of
growing size. With ``delta`` and ``a`` of a layer twice each, that is ``(delta . delta)(a . a)``
where the sums over positions are short, and ``delta a^T`` multiplied out where they are long.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from chainrule.core.trace import shape_of
from chainrule.ops.contraction import einsum_p
from chainrule.ops.define import Array
from chainrule.ops.shaping import broadcast_to, reshape

Labels = tuple[int, ...]
_MOST = 7  # factors of which every order is looked at
Tree = Any  # the number of a factor, or a pair of trees
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Factor:
    """An array with a label for each axis, none of them twice.

    With ``rows`` it is a lookup: ``value`` holds integers, and the factor is one where its last
    label, an axis of that length which ``value`` has not, is that integer; else zero.
    """

    value: Array
    labels: Labels
    rows: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        shape = shape_of(self.value)
        return (*shape, self.rows) if self.rows else shape


@dataclass(frozen=True, slots=True)
class Order:
    """In which pairs to multiply: the price in multiplications, and the largest array made."""

    price: int
    largest: int
    tree: Tree


def best_order(factors: Sequence[Labels], result: Sequence[int], sizes: Mapping[int, int]) -> Order:
    """The cheapest order of pairs for a product of factors with these labels.

    Arrays that are made count as much as a few multiplications, for they go through memory.

    >>> batch, row, column = 0, 1, 2
    >>> factors = [(batch, row), (batch, column)] * 2
    >>> best_order(factors, [batch], {batch: 8, row: 100, column: 50}).tree
    ((0, 2), (1, 3))
    """
    known = [(frozenset(labels), Order(0, 0, i)) for i, labels in enumerate(factors)]
    wanted = frozenset(result)
    while len(known) > _MOST:  # too many to look at every order
        known = _closest_joined(known, wanted, sizes)
    labels, orders = [x for x, _ in known], [order for _, order in known]
    everything = frozenset(range(len(known)))

    def kept(part: frozenset[int]) -> frozenset[int]:
        return _union(labels, part) & (wanted | _union(labels, everything - part))

    best = {frozenset([i]): order for i, order in enumerate(orders)}
    for count in range(2, len(known) + 1):
        for part in map(frozenset, combinations(range(len(known)), count)):
            axes = kept(part)
            found = (
                _joined(best[left], best[part - left], kept(left) | kept(part - left), axes, sizes)
                for left in _halves(part)
            )
            best[part] = min(found, key=lambda order: order.price)
    return best[everything]


def _closest_joined(
    known: Sequence[tuple[frozenset[int], Order]],
    wanted: frozenset[int],
    sizes: Mapping[int, int],
) -> list[tuple[frozenset[int], Order]]:
    """One factor less: the two whose product costs least are one."""
    labels = [x for x, _ in known]
    choices: list[tuple[Order, frozenset[int], frozenset[int]]] = []
    for i, j in combinations(range(len(known)), 2):
        pair = frozenset((i, j))
        axes = _union(labels, pair)
        made = axes & (wanted | _union(labels, frozenset(range(len(known))) - pair))
        choices.append((_joined(known[i][1], known[j][1], axes, made, sizes), made, pair))
    order, made, pair = min(choices, key=lambda choice: choice[0].price)
    return [x for k, x in enumerate(known) if k not in pair] + [(made, order)]


def _joined(
    a: Order, b: Order, axes: frozenset[int], made: frozenset[int], sizes: Mapping[int, int]
) -> Order:
    """The product of two products, over ``axes``, of which those of ``made`` are left."""
    entries = _size(made, sizes)
    price = a.price + b.price + _size(axes, sizes) + 4 * entries
    return Order(price, max(a.largest, b.largest, entries), (a.tree, b.tree))


def _size(axes: frozenset[int], sizes: Mapping[int, int]) -> int:
    return math.prod(sizes[axis] for axis in axes)


def _union(labels: Sequence[frozenset[int]], part: frozenset[int]) -> frozenset[int]:
    return frozenset[int]().union(*(labels[i] for i in part))


def _halves(part: frozenset[int]) -> Sequence[frozenset[int]]:
    """One side of each way to cut a set in two: the one with its smallest member."""
    first, *others = sorted(part)
    return [
        frozenset((first, *chosen))
        for count in range(len(others))
        for chosen in combinations(others, count)
    ]


def contract(factors: Sequence[Factor], result: Sequence[int], sizes: Mapping[int, int]) -> Array:
    """The product of the factors, summed over all labels but those of the result.

    A label of the result that no factor has is an axis along which the product is constant.
    """
    order = best_order([f.labels for f in factors], result, sizes)

    def made(tree: Tree, outside: frozenset[int]) -> Factor:
        if isinstance(tree, int):
            return factors[tree]
        left, right = tree
        x = made(left, outside | _labels(factors, right))
        y = made(right, outside | _labels(factors, left))
        return _product((x, y), outside)

    whole = made(order.tree, frozenset(result))
    known = tuple(axis for axis in result if axis in whole.labels)
    value = whole.value if known == whole.labels else _einsum((whole,), known)
    shape = tuple(sizes[axis] for axis in result)
    if len(known) < len(shape):
        value = reshape(value, shape=tuple(sizes[a] if a in known else 1 for a in result))
        value = broadcast_to(value, shape=shape)
    return value


def _labels(factors: Sequence[Factor], tree: Tree) -> frozenset[int]:
    if isinstance(tree, int):
        return frozenset(factors[tree].labels)
    return _labels(factors, tree[0]) | _labels(factors, tree[1])


def _product(pair: tuple[Factor, Factor], needed: frozenset[int]) -> Factor:
    x, y = pair
    labels = dict.fromkeys((*x.labels, *y.labels))
    kept = tuple(axis for axis in labels if axis in needed)
    if not x.labels or not y.labels:
        value = x.value * y.value
        whole = Factor(value, (*x.labels, *y.labels))
        return whole if whole.labels == kept else Factor(_einsum((whole,), kept), kept)
    return Factor(_einsum(pair, kept), kept)


def _einsum(factors: Sequence[Factor], result: Labels) -> Array:
    """Letters in the order of appearance, so that equal products are equal equations."""
    names: dict[int, str] = {}
    for factor in factors:
        for axis in factor.labels:
            names.setdefault(axis, _LETTERS[len(names)])
    terms = tuple("".join(names[axis] for axis in f.labels) for f in factors)
    return einsum_p(
        *(f.value for f in factors), terms=terms, result="".join(names[axis] for axis in result)
    )


def sizes_of(factors: Sequence[Factor]) -> dict[int, int]:
    """The length of each label."""
    return {axis: n for f in factors for axis, n in zip(f.labels, f.shape, strict=True)}
