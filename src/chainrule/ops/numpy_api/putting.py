"""NumPy's functions that write into an array: put, putmask, place, copyto, fill_diagonal.

A traced array lets its name hold an updated value, which every view of it sees, as for
``x[i] = v`` (``core/aliasing.py``). All but ``put`` and ``put_along_axis`` choose between old and
new values, so masks need not be known.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.core.aliasing import write
from chainrule.core.errors import DTypeError, ShapeError, TraceError
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.elementwise import select
from chainrule.ops.indexing import read, setitem, written
from chainrule.ops.numpy_api.choosing import along_axis
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.repeating import cycled
from chainrule.ops.numpy_api.selecting import within
from chainrule.ops.reductions import cumsum_p
from chainrule.ops.shaping import broadcast_to, reshape


def _require_traced(a: Any, name: str) -> TracedValue:
    if not isinstance(a, TracedValue):
        raise TraceError(
            f"np.{name} into a plain array, which cannot hold traced values; fill np.zeros_like(x)"
            " of a traced x instead of np.zeros(n)"
        )
    return a


def _for(a: Array, values: Any) -> Array:
    """Values with the dtype of ``a``, into which they are to be written."""
    values = as_operand(values)
    kind = type_of(a).dtype
    if type_of(values).dtype.kind == "c" and kind.kind != "c":
        raise DTypeError(f"complex values do not fit an array of {kind}; use v.real")
    return as_dtype(values, kind)


def _flat(x: Array) -> Array:
    return reshape(x, shape=(type_of(x).size,))


@implements(np.put)
def put(a: Array, ind: Any, v: Any, mode: str = "raise") -> None:
    """``np.put``: write at indices of the flattened array, values over and over again."""
    target = _require_traced(a, "put")
    places = _flat(as_operand(ind))
    count, values = shape_of(places)[0], _for(a, v)
    if count == 0 or type_of(values).size == 0:
        return
    places = within(places, type_of(a).size, mode)
    flat = written(_flat(a), (places,), cycled(values, count))
    write(target, reshape(flat, shape=shape_of(a)))


@implements(np.put_along_axis)
def put_along_axis(arr: Array, indices: Array, values: Any, axis: int | None) -> None:
    """``np.put_along_axis``: write along an axis, by an index for each entry."""
    target = _require_traced(arr, "put_along_axis")
    indices = as_operand(indices)
    whole = _flat(arr) if axis is None else arr
    axis = axis_of(0 if axis is None else axis, len(shape_of(whole)))
    new = written(whole, along_axis(whole, indices, axis), _for(arr, values))
    write(target, reshape(new, shape=shape_of(arr)))


def _truth(mask: Any, shape: tuple[int, ...], name: str) -> Array:
    mask = as_operand(mask)
    if type_of(mask).size != math.prod(shape):
        raise ShapeError(f"{name}: a mask of {shape_of(mask)} for an array of shape {shape}")
    mask = reshape(mask, shape=shape)
    return mask if type_of(mask).dtype.kind == "b" else mask != 0


@implements(np.putmask)
def putmask(a: Array, /, mask: Any, values: Any) -> None:
    """``np.putmask``: write where a mask holds; values are repeated to the size of the array."""
    target = _require_traced(a, "putmask")
    shape, values = shape_of(a), _for(a, values)
    if type_of(values).size == 0:
        return
    full = reshape(cycled(values, type_of(a).size), shape=shape)
    write(target, select(_truth(mask, shape, "putmask"), full, a))


@implements(np.place)
def place(arr: Array, mask: Any, vals: Any) -> None:
    """``np.place``: the places where a mask holds get the values in turn, over and over again.

    Values that are a part of the array are those before the write.
    """
    target = _require_traced(arr, "place")
    shape, values = shape_of(arr), _flat(_for(arr, vals))
    count = shape_of(values)[0]
    chosen = _truth(mask, shape, "place")
    if count == 0:
        raise ValueError("Cannot insert from an empty array!")
    turn = (cumsum_p(_flat(chosen), axis=0) - 1) % count
    write(target, select(chosen, reshape(read(values, (turn,)), shape=shape), arr))


@implements(np.copyto)
def copyto(dst: Array, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """``np.copyto``: write values, where a mask holds."""
    target = _require_traced(dst, "copyto")
    src, kind = as_operand(src), type_of(dst).dtype
    if not np.can_cast(type_of(src).dtype, kind, casting):
        raise DTypeError(
            f"copyto cannot cast {type_of(src).dtype} to {kind} according to the rule {casting!r}"
        )
    values = _for(dst, src)
    surplus = len(shape_of(values)) - len(shape_of(dst))
    if surplus > 0 and set(shape_of(values)[:surplus]) == {1}:  # as NumPy: leading ones go
        values = reshape(values, shape=shape_of(values)[surplus:])
    values = broadcast_to(values, shape=shape_of(dst))
    if where is not True:
        chosen = as_operand(where)
        if type_of(chosen).dtype.kind != "b":
            raise DTypeError(f"copyto(where=...) takes a mask of truth values, got {chosen}")
        values = select(broadcast_to(chosen, shape=shape_of(dst)), values, dst)
    write(target, written(dst, ..., values))  # values may be plain, what is written is traced


@implements(np.fill_diagonal)
def fill_diagonal(a: Array, val: Any, wrap: bool = False) -> None:
    """``np.fill_diagonal``: write on the main diagonal; ``wrap`` starts again below a square."""
    target = _require_traced(a, "fill_diagonal")
    shape = shape_of(a)
    if len(shape) < 2:
        raise ValueError("array must be at least 2-d")
    end = None
    if len(shape) == 2:
        step = shape[1] + 1
        end = None if wrap else shape[1] * shape[1]
    elif len(set(shape)) > 1:
        raise ValueError("All dimensions of input must be of equal length")
    else:
        step = 1 + sum(math.prod(shape[:i]) for i in range(1, len(shape)))
    places = slice(None, end, step)
    count = len(range(*places.indices(type_of(a).size)))
    if count == 0 or type_of(as_operand(val)).size == 0:
        return
    flat = setitem(_flat(a), cycled(_for(a, val), count), index=(places,))
    write(target, reshape(flat, shape=shape))
