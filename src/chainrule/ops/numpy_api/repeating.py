"""NumPy's functions that say things more than once: repeat, tile, resize."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_operand, axis_of
from chainrule.ops.elementwise import constant_like, copied
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.known import known
from chainrule.ops.numpy_api.shapes import packed, read_along
from chainrule.ops.shaping import broadcast_to, reshape, slice_axis


@implements(np.repeat)
def repeat(a: Array, repeats: Any, axis: int | None = None) -> Array:
    """``np.repeat``: each entry several times; by one number it is a broadcast and a reshape."""
    a = as_operand(a)
    if axis is None:
        a, axis = reshape(a, shape=(type_of(a).size,)), 0
    here = shape_of(a) or (1,)
    axis = axis_of(axis, len(here))
    counts = known(repeats)
    if counts.size != 1:
        a = reshape(a, shape=here)
        places = np.repeat(np.arange(here[axis]), counts)
        return read_along(a, axis, places)
    count = operator.index(counts.reshape(())[()])
    if count < 0:
        raise ValueError("repeats may not contain negative values.")
    before, n, after = here[:axis], here[axis], here[axis + 1 :]
    several = broadcast_to(
        reshape(a, shape=(*before, n, 1, *after)), shape=(*before, n, count, *after)
    )
    return packed(reshape(several, shape=(*before, n * count, *after)))


@implements(np.tile)
def tile(A: Array, reps: Any) -> Array:
    """``np.tile``: the whole array side by side; a copy."""
    counts: list[int] = np.atleast_1d(known(reps)).astype(np.intp).tolist()
    x = as_operand(A)
    if set(counts) <= {1}:
        missing = max(len(counts) - len(shape_of(x)), 0)
        return reshape(copied(x, order="K"), shape=(*(1,) * missing, *shape_of(x)))
    return tiled(x, counts)


def tiled(x: Array, counts: Sequence[int]) -> Array:
    """``x`` repeated ``counts`` times along its last axes, with new ones where there are more."""
    ndim = max(len(counts), len(shape_of(x)))
    sizes = (*(1,) * (ndim - len(shape_of(x))), *shape_of(x))
    counts = (*(1,) * (ndim - len(counts)), *counts)
    pairs = tuple(zip(counts, sizes, strict=True))
    apart = reshape(x, shape=tuple(m for n in sizes for m in (1, n)))
    several = broadcast_to(apart, shape=tuple(m for pair in pairs for m in pair))
    return reshape(several, shape=tuple(map(math.prod, pairs)))


@implements(np.resize)
def resize(a: Array, new_shape: Any) -> Array:
    """``np.resize``: a new shape of any size, filled with the entries over and over again."""
    wanted = tuple(operator.index(n) for n in np.atleast_1d(known(new_shape)))
    if any(n < 0 for n in wanted):
        raise ValueError("all elements of `new_shape` must be non-negative")
    return reshape(cycled(a, math.prod(wanted)), shape=wanted)


def cycled(x: Array, count: int) -> Array:
    """The first ``count`` entries of the flattened ``x`` said over and over; zeros if it is empty.

    >>> cycled(np.array([[1, 2], [3, 4]]), 6)
    array([1, 2, 3, 4, 1, 2])
    """
    size = type_of(x).size
    if size == 0 or count == 0:
        return constant_like(x, np.zeros(count, type_of(x).dtype))
    flat = reshape(x, shape=(size,))
    times = -(-count // size)
    return slice_axis(tiled(flat, (times,)) if times > 1 else copied(flat), 0, 0, count)
