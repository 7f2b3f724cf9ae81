"""Places in ordered arrays: searchsorted and argpartition. No derivative follows a place.

Both are NumPy's own. A batch of ordered arrays, each with values of its own, counts the entries
before a value instead of searching for it, in NumPy's order, where NaN comes last.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PIECEWISE_CONSTANT, PRIMITIVES, primitive
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.batch import Flags, along_axes, with_axis
from chainrule.ops.define import Array
from chainrule.ops.reductions import sum_p
from chainrule.ops.shaping import reshape


def _searchsorted_type(a: ArrayType, v: ArrayType, side: str) -> ArrayType:
    if len(a.shape) != 1:
        raise ShapeError(f"searchsorted looks in a vector, got an array of shape {a.shape}")
    return ArrayType(v.shape, np.dtype(np.intp))


def _batch_searchsorted(batched: Flags, size: int, a: Array, v: Array, side: str) -> Array:
    if not batched[0]:
        return searchsorted(a, v, side=side)
    v = with_axis(v, batched[1], size)
    n, values = shape_of(a)[1], shape_of(v)
    entries = reshape(a, shape=(size, *(1,) * (len(values) - 1), n))
    wanted = reshape(v, shape=(*values, 1))
    before = entries < wanted if side == "left" else entries <= wanted
    if {type_of(x).dtype.kind for x in (a, v)} & {"f", "c"}:
        beside = PRIMITIVES["isnan"](wanted)
        before = before | (beside if side == "right" else beside & ~PRIMITIVES["isnan"](entries))
    return sum_p(before, axes=(len(values),))


def _searchsorted(a: Any, v: Any, side: Any) -> Any:
    return cast("Any", np.searchsorted)(a, v, side)


searchsorted = primitive(
    "searchsorted",
    _searchsorted,
    _searchsorted_type,
    PIECEWISE_CONSTANT,
    batch=_batch_searchsorted,
)

Places = int | tuple[int, ...]


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
