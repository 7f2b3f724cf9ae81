"""NumPy's functions that add entries to an array or take them out: append, insert, delete.

Where entries go is found by NumPy itself, on the numbers of the places along the axis.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.joining import np_concatenate
from chainrule.ops.numpy_api.known import known
from chainrule.ops.numpy_api.shapes import moveaxis, order_like, read_along
from chainrule.ops.shaping import broadcast_to, concatenate, reshape


@implements(np.append)
def append(arr: Array, values: Array, axis: int | None = None) -> Array:
    """``np.append``: without an axis of the flattened arrays."""
    return np_concatenate([arr, values], axis)


def _flat_unless(arr: Array, axis: int | None) -> tuple[Array, int]:
    """The array and the axis to work along, which is that of the flattened array for None."""
    if axis is None:
        return reshape(arr, shape=(type_of(arr).size,)), 0
    return arr, axis_of(axis, len(shape_of(arr)))


def _places(obj: Any) -> Any:
    """What the index names; its values, if it is traced."""
    return cast("Any", obj) if isinstance(obj, slice) else known(obj)


@implements(np.delete)
def delete(arr: Array, obj: Any, axis: int | None = None) -> Array:
    """``np.delete``: without the entries at an index, a slice, indices or a mask; a copy."""
    arr, along = _flat_unless(as_operand(arr), axis)
    n = shape_of(arr)[along]
    left = np.delete(np.arange(n), _places(obj))
    return read_along(arr, along, left, order_like(arr))


@implements(np.insert)
def insert(arr: Array, obj: Any, values: Array, axis: int | None = None) -> Array:
    """``np.insert``: values before an index, a slice, indices or a mask, of the old array."""
    arr, along = _flat_unless(as_operand(arr), axis)
    shape = shape_of(arr)
    n, ndim = shape[along], len(shape)
    places: Any = _places(obj)
    values = as_operand(values)
    if not isinstance(values, TracedValue):
        values = np.asarray(values)
    values = as_dtype(values, type_of(arr).dtype)
    count = _count(places, n)
    if len(shape_of(values)) < ndim:
        values = reshape(values, shape=(*(1,) * (ndim - len(shape_of(values))), *shape_of(values)))
    if count == 1:
        if type(places) is not slice and np.ndim(places) == 0:
            values = moveaxis(values, 0, along)
        count = shape_of(values)[along]
    wanted = (*shape[:along], count, *shape[along + 1 :])
    try:
        values = broadcast_to(values, shape=wanted)
    except ValueError as error:
        raise ShapeError(
            f"insert: values of shape {shape_of(values)} do not broadcast to {wanted}"
        ) from error
    order = np.insert(np.arange(n), places, np.arange(n, n + count))
    return read_along(concatenate([arr, values], along), along, order, order_like(arr))


def _count(places: Any, n: int) -> int:
    """How many places there are."""
    if isinstance(places, slice):
        return len(range(*cast("Any", places).indices(n)))
    array = np.asarray(places)
    return int(np.count_nonzero(array)) if array.dtype.kind == "b" else array.size
