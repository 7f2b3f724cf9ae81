"""The template of an index: what of ``x[index]`` is known before there are values.

Slices, integers, None and Ellipsis stand in it as they are, each integer array as a :class:`Slot`.
:func:`batched_index` says what the index of one example is for a batch of them, which is a matter
of where NumPy puts the axes of integer arrays: together at their place if they are neighbours, else
first of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.ops.batch import Array, Flags, core_rank, padded


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of the n-th integer array in an index."""

    n: int

    def __repr__(self) -> str:
        return f"#{self.n}"


Index = tuple[Any, ...]  # of slice, int, None, Ellipsis, Slot


def filled(index: Index, arrays: tuple[Any, ...]) -> Index:
    """The index with arrays in their places."""
    if not arrays:
        return index
    return tuple(arrays[i.n] if type(i) is Slot else i for i in index)


@dataclass(frozen=True, slots=True)
class BatchedIndex:
    """The index of a batch: ``x[index]`` has the axes of ``part``, once put into ``order``.

    ``order`` names, for each axis of the batch of parts (examples first), the one that it is in
    what NumPy gives; ``rank`` is the number of axes of the part of one example.
    """

    index: Index
    arrays: tuple[Array, ...]
    order: tuple[int, ...]
    rank: int

    @property
    def is_ordered(self) -> bool:
        """Whether NumPy puts the axes in the order of the batch itself."""
        return self.order == tuple(range(len(self.order)))

    @property
    def back(self) -> tuple[int, ...]:
        """The order from the batch of parts to what NumPy wants."""
        return tuple(int(i) for i in np.argsort(self.order))


def batched_index(
    index: Index, ndim: int, arrays: Sequence[Array], batched: Flags, *, whole: bool, size: int
) -> BatchedIndex:
    """The index that reads the parts of all examples at once.

    Args:
        index: the index of one example, an array of ``ndim`` axes.
        arrays: the integer arrays in it, those with a flag in ``batched`` one for each example.
        whole: whether there is an indexed array for each example, or one for all.
        size: the number of examples.
    """
    parts = _written_out(index, ndim)
    free = [i for i, part in enumerate(parts) if part is None or isinstance(part, slice)]
    taken = [i for i in range(len(parts)) if i not in free]
    if not arrays:
        rank = len(free)
        return BatchedIndex((slice(None), *parts), (), tuple(range(rank + 1)), rank)
    r = max(map(core_rank, arrays, batched))
    neighbours = taken == list(range(taken[0], taken[-1] + 1))
    pre = sum(i < taken[0] for i in free) if neighbours else 0
    rank = r + len(free)
    own = tuple(padded(a, flag, r) for a, flag in zip(arrays, batched, strict=True))
    if not any(batched):
        first = 0 if neighbours else r  # the axis of the examples among what NumPy gives
        return BatchedIndex((slice(None), *parts), own, _from(first, rank), rank)
    if not whole:
        return BatchedIndex(parts, own, _from(pre, rank), rank)
    examples = np.arange(size).reshape(size, *(1,) * r)
    moved = tuple(Slot(part.n + 1) if type(part) is Slot else part for part in parts)
    order = (0, *range(1 + r, 1 + r + pre), *range(1, 1 + r), *range(1 + r + pre, 1 + rank))
    return BatchedIndex((Slot(0), *moved), (examples, *own), order, rank)


def _written_out(index: Index, ndim: int) -> Index:
    """The index with a part for each axis, and none for the rest of them."""
    used = sum(part is not None and part is not Ellipsis for part in index)
    rest = (slice(None),) * (ndim - used)
    if Ellipsis not in index:  # by identity or ==: no arrays stand in a template
        return (*index, *rest)
    at = index.index(Ellipsis)
    return (*index[:at], *rest, *index[at + 1 :])


def _from(first: int, rank: int) -> tuple[int, ...]:
    """The order that brings axis ``first`` of ``rank + 1`` to the front."""
    return (first, *(i for i in range(rank + 1) if i != first))
