"""Products with lookups: rows of a table, taken by integers that differ between examples.

The gradient of a table in ``table[i]`` has the cotangents of the result in the rows that were
looked up: ``onehot(i)`` times a cotangent. The array of zeros and ones is never made. Of two
lookups in one table it is told which positions look at the same row (Li et al.,
arXiv:2110.05679, section 4.3), of a lookup and another factor the rows of that one are taken.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem, scatter_add
from chainrule.ops.shaping import reshape, transpose
from chainrule.transforms.examples.contraction import Factor, Labels, contract


def product(factors: Sequence[Factor], result: Sequence[int], sizes: Mapping[int, int]) -> Array:
    """As :func:`~.contraction.contract`, of factors that may be lookups."""
    lookup = next((f for f in factors if f.rows), None)
    if lookup is None:
        return contract(factors, result, sizes)
    rest = [f for f in factors if f is not lookup]
    there = [_looked_up(f, lookup, rest) for f in rest]
    if lookup.labels[-1] in result:
        return _scattered(lookup, there, result, sizes)
    value = product(there, result, sizes)
    lost = _lost(lookup, rest, result)
    return value * math.prod(sizes[a] for a in lost) if lost else value


def labels_of_product(factors: Sequence[Factor]) -> list[Labels]:
    """The labels of what is multiplied in the end, to find its price."""
    lookup = next((f for f in factors if f.rows), None)
    if lookup is None:
        return [f.labels for f in factors]
    positions, row = lookup.labels[:-1], lookup.labels[-1]

    def replaced(f: Factor) -> Factor:
        if row not in f.labels:
            return f
        others = (a for a in f.labels if a != row)
        return Factor(f.value, tuple(dict.fromkeys((*positions, *others))))

    return labels_of_product([replaced(f) for f in factors if f is not lookup])


def _lost(lookup: Factor, rest: Sequence[Factor], result: Sequence[int]) -> list[int]:
    """Positions along which nothing else differs: each counts once."""
    if any(lookup.labels[-1] in f.labels for f in rest):
        return []
    there = {a for f in rest for a in f.labels} | set(result)
    return [a for a in lookup.labels[:-1] if a not in there]


def _looked_up(f: Factor, lookup: Factor, rest: Sequence[Factor]) -> Factor:
    """A factor, with the positions of a lookup in place of the axis of the table."""
    row = lookup.labels[-1]
    if row not in f.labels:
        return f
    positions = lookup.labels[:-1]
    if f.rows:
        ordinary = next(g for g in rest if not g.rows)
        labels = tuple(dict.fromkeys((*positions, *f.labels[:-1])))
        here, there = _aligned(lookup.value, positions, labels), f.labels[:-1]
        same = here == _aligned(f.value, there, labels)
        return Factor(as_dtype(same, type_of(ordinary.value).dtype), labels)
    shared = [a for a in positions if a in f.labels]
    others = [a for a in f.labels if a != row and a not in shared]
    value = _turned(f, (*shared, row, *others))
    numbers = [_counted(lookup, a) for a in shared]
    slots = tuple(Slot(n) for n in range(len(shared) + 1))
    return Factor(getitem(value, *numbers, lookup.value, index=slots), (*positions, *others))


def _scattered(
    lookup: Factor, rest: Sequence[Factor], result: Sequence[int], sizes: Mapping[int, int]
) -> Array:
    """The product, added into the rows that the lookup names."""
    positions, row = lookup.labels[:-1], lookup.labels[-1]
    shared = [a for a in positions if a in result]
    others = [a for a in result if a != row and a not in shared]
    value = product(rest, (*positions, *others), sizes)
    numbers = [_counted(lookup, a) for a in shared]
    slots = tuple(Slot(n) for n in range(len(shared) + 1))
    labels = (*shared, row, *others)
    shape = tuple(sizes[a] for a in labels)
    added = scatter_add(value, *numbers, lookup.value, index=slots, shape=shape)
    return _turned(Factor(added, labels), tuple(result))


def _counted(lookup: Factor, label: int) -> Array:
    """The numbers along one axis of a lookup, as an index beside it."""
    place, shape = lookup.labels.index(label), shape_of(lookup.value)
    ones = (1,) * (len(shape) - place - 1)
    return np.arange(shape[place]).reshape((*(1,) * place, -1, *ones))


def _turned(f: Factor, labels: Labels) -> Array:
    return transpose(f.value, order=tuple(f.labels.index(a) for a in labels))


def _aligned(value: Array, own: Labels, labels: Labels) -> Array:
    sizes = dict(zip(own, shape_of(value), strict=True))
    kept = tuple(a for a in labels if a in own)
    turned = _turned(Factor(value, own), kept)
    return reshape(turned, shape=tuple(sizes.get(a, 1) for a in labels))


def as_lookup(numbers: Array, labels: Labels, rows: int) -> Factor:
    """The factor that is one where an integer names the row; negative ones count from the end."""
    return Factor(np.where(numbers < 0, numbers + rows, numbers), labels, rows)
