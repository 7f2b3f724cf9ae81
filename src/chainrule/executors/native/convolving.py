"""A convolution, written with what is native: shifted sums for short kernels, else a product.

With a short kernel each entry of it is one term, ``v_i a[i : i + n]``, and all terms share a loop
without memory of its own. With a longer one the windows of ``a`` are gathered as rows of a matrix.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from chainrule.core.trace import shape_of
from chainrule.ops.contraction import matmul
from chainrule.ops.convolution import FULL, convolved_shape, larger_first
from chainrule.ops.define import Array
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem, scatter_add
from chainrule.ops.reductions import flip, sum_p
from chainrule.ops.shaping import expand, reshape

_SHORT = 16


def convolved(a: Array, v: Array, mode: str, rank: int) -> Array:
    """The value of the primitive ``convolve``."""
    if mode == FULL:
        a, v = larger_first(a, v, rank)
        a = _padded(a, shape_of(v)[-rank:])
    last = len(shape_of(a))
    spatial = tuple(range(last - rank, last))
    v = flip(v, axes=spatial)
    if prod(shape_of(v)[-rank:]) <= _SHORT:
        return _shifted_sum(a, v, rank)
    return _windows_times(a, v, rank)


def _padded(a: Array, kernel: tuple[int, ...]) -> Array:
    """Zeros around ``a``, one entry less than the kernel has, on each side."""
    rank = len(kernel)
    (*lead,) = shape_of(a)[:-rank]
    lengths = [*zip(shape_of(a)[-rank:], kernel, strict=True)]
    inner = tuple(slice(k - 1, k - 1 + n) for n, k in lengths)
    wide = (*lead, *(n + 2 * (k - 1) for n, k in lengths))
    return scatter_add(a, index=(*(slice(None),) * len(lead), *inner), shape=wide)


def _shifted_sum(a: Array, v: Array, rank: int) -> Array:
    lead = (slice(None),) * (len(shape_of(a)) - rank)
    kernel = shape_of(v)[-rank:]
    out = convolved_shape(shape_of(a)[-rank:], kernel, "valid")
    total: Any = None
    for place in np.ndindex(*kernel):
        shifted = tuple(slice(i, i + n) for i, n in zip(place, out, strict=True))
        one = tuple(slice(i, i + 1) for i in place)
        term = getitem(a, index=(*lead, *shifted)) * getitem(v, index=(*lead, *one))
        total = term if total is None else total + term
    return total


def _windows_times(a: Array, v: Array, rank: int) -> Array:
    lead, kernel = shape_of(a)[:-rank], shape_of(v)[-rank:]
    out = convolved_shape(shape_of(a)[-rank:], kernel, "valid")
    starts, within = np.indices(out), np.indices(kernel)
    ones = (1,) * rank
    places = [s.reshape(out + ones) + w for s, w in zip(starts, within, strict=True)]
    slots = (*(slice(None),) * len(lead), *map(Slot, range(rank)))
    windows = getitem(a, *places, index=slots)
    rows = reshape(windows, shape=(*lead, prod(out), prod(kernel)))
    weights = reshape(v, shape=(*lead, prod(kernel)))
    if np.dtype(rows.dtype).kind == "f":
        product = matmul(rows, expand(weights, len(lead) + 1))
    else:
        product = sum_p(rows * expand(weights, len(lead)), axes=(len(lead) + 1,))
    return reshape(product, shape=(*lead, *out))
