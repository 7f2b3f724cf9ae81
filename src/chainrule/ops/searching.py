"""Places in ordered arrays: searchsorted and argpartition. No derivative follows a place.

Both are NumPy's own. The same bisection written with other primitives stands for ``searchsorted``
in a batch of ordered arrays and in machine code.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PIECEWISE_CONSTANT, primitive
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.batch import Flags, along_axes, with_axis
from chainrule.ops.define import Array, as_dtype
from chainrule.ops.elementwise import minimum, select
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem


def _searchsorted_type(a: ArrayType, v: ArrayType, side: str) -> ArrayType:
    if len(a.shape) != 1:
        raise ShapeError(f"searchsorted looks in a vector, got an array of shape {a.shape}")
    return ArrayType(v.shape, np.dtype(np.intp))


def bisected(a: Array, v: Array, side: str, *, examples: tuple[Array, ...] = ()) -> Array:
    """How many entries of the ordered ``a`` are before each of ``v``; NaN comes after all others.

    The number is found bit by bit, the highest first: log2(n) readings of ``a``. With ``examples``,
    the index of each of ``v`` in the first axis of ``a``, there is an ordered array for each.
    """
    kind = np.result_type(type_of(a).dtype, type_of(v).dtype)
    a, v = as_dtype(a, kind), as_dtype(v, kind)
    n = shape_of(a)[-1]
    index = tuple(Slot(i) for i in range(len(examples) + 1))
    found: Array = np.zeros(shape_of(v), np.intp)
    bit = 1 << n.bit_length() >> 1
    while bit:
        further = found + bit
        entry = getitem(a, *examples, minimum(further, n) - 1, index=index)
        before = entry < v if side == "left" else entry <= v
        if kind.kind in "fc":
            before = before | ((v != v) if side == "right" else ((v != v) & (entry == entry)))
        found = select((further <= n) & before, further, found)
        bit >>= 1
    return found


def _batch_searchsorted(batched: Flags, size: int, a: Array, v: Array, side: str) -> Array:
    if not batched[0]:
        return searchsorted(a, v, side=side)
    v = with_axis(v, batched[1], size)
    examples = np.arange(size).reshape(size, *(1,) * (len(shape_of(v)) - 1))
    return bisected(a, v, side, examples=(examples,))


def _searchsorted(a: Any, v: Any, side: Any) -> Any:
    return cast("Any", np.searchsorted)(a, v, side)


searchsorted = primitive(
    "searchsorted",
    _searchsorted,
    _searchsorted_type,
    PIECEWISE_CONSTANT,
    batch=_batch_searchsorted,
)

Places = tuple[int, ...]


def _argpartition(x: Any, kth: Places, axis: int) -> Any:
    return np.argpartition(x, kth, axis=axis)


def _argpartition_type(x: ArrayType, kth: Places, axis: int) -> ArrayType:
    return ArrayType(x.shape, np.dtype(np.intp))


argpartition = primitive(
    "argpartition",
    _argpartition,
    _argpartition_type,
    PIECEWISE_CONSTANT,
    batch=along_axes("argpartition"),
)
