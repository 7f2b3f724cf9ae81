"""NumPy's sorting functions: the positions of the sorted entries, then the entries there.

The order is stable, so of equal entries each keeps its own derivative: the first of them is where
the first of them is sorted to.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.core.errors import TraceError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem
from chainrule.ops.numpy_api.implements import axes_of, implements
from chainrule.ops.reductions import argsort_p
from chainrule.ops.shaping import reshape, transpose

_ROW_AND_PLACE = (Slot(0), Slot(1))


def at_places(x: Array, places: Array) -> Array:
    """Entries of ``x`` at positions along its last axis, which each row has its own of."""
    *front, length = shape_of(x)
    if not front:
        return getitem(x, places, index=_ROW_AND_PLACE[:1])
    rows, number = math.prod(front), shape_of(places)[-1]
    matrix = reshape(x, shape=(rows, length))
    columns = reshape(places, shape=(rows, number))
    found = getitem(matrix, np.arange(rows)[:, None], columns, index=_ROW_AND_PLACE)
    return reshape(found, shape=(*front, number))


def lasts(x: Array, axis: Any) -> Array:
    """``x`` with the axes to be reduced as one, the last; None stands for all axes."""
    axes, shape = axes_of(x, axis), shape_of(x)
    kept = [i for i in range(len(shape)) if i not in axes]
    order = (*kept, *axes)
    moved = x if order == tuple(range(len(shape))) else transpose(x, order=order)
    wanted = (*(shape[i] for i in kept), math.prod(shape[i] for i in axes))
    return moved if shape_of(moved) == wanted else reshape(moved, shape=wanted)


def sorted_along(x: Array, axis: int) -> Array:
    """``x`` in ascending order along an axis, which must not be negative; NaN comes last."""
    last = len(shape_of(x)) - 1
    if axis != last:
        order = (*(i for i in range(last + 1) if i != axis), axis)
        back = tuple(int(i) for i in np.argsort(order))
        return transpose(sorted_along(transpose(x, order=order), last), order=back)
    return at_places(x, argsort_p(x, axis=last))


@implements(np.sort)
def sort(
    a: Array,
    axis: int | None = -1,
    kind: Any = None,
    order: Any = None,
    *,
    stable: Any = None,
) -> Array:
    """``np.sort``, always stable; the derivative of a sorted entry is that of where it was.

    >>> import chainrule as cr
    >>> cr.grad(lambda x: np.sort(x) @ np.array([1.0, 10.0, 100.0]))(np.array([5.0, 3.0, 4.0]))
    array([100.,   1.,  10.])
    """
    if order is not None:
        raise TraceError("np.sort(order=...) is for structured arrays, which are not traced")
    a = as_operand(a)
    if axis is None:
        a, axis = reshape(a, shape=(type_of(a).size,)), 0
    return sorted_along(a, axis_of(axis, len(shape_of(a))))


@implements(np.sort_complex)
def sort_complex(a: Array) -> Array:
    """``np.sort_complex``: sorted along the last axis, as complex numbers."""
    ordered, small = sort(a), ("int8", "uint8", "int16", "uint16")
    here = type_of(ordered).dtype
    if here.kind == "c":
        return ordered
    return as_dtype(ordered, np.dtype(np.complex64 if here.name in small else np.complex128))


@implements(np.partition)
def partition(
    a: Array, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None
) -> Array:
    """``np.partition``, fully sorted, which is one of the orders that NumPy leaves open.

    Entries at ``kth`` are as NumPy's; those before and after them may stand in another order.
    """
    ordered = sort(a, axis, order=order)
    length = shape_of(ordered)[-1 if axis is None else axis]
    for k in np.ravel(kth):
        if not -length <= k < length:
            raise ValueError(f"partition: kth {k} is out of bounds for an axis of {length}")
    return ordered
