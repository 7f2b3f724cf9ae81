"""Changing the shape and not the values: reshape, transpose, broadcast, join.

All are linear, so each is its own ``push``; what is stated is the transpose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import Joint, primitive
from chainrule.core.trace import bind, shape_of, type_of
from chainrule.ops.batch import Flags, padded, with_axis
from chainrule.ops.define import Array, linear, match, spread
from chainrule.ops.indexing import getitem

Shape = tuple[int, ...]
_SMALL = 1 << 13  # entries; below, filling an array is faster than making a strided view


def _reshape(x: Any, shape: Shape) -> Any:
    return cast("Any", x.reshape(shape) if isinstance(x, np.ndarray) else np.reshape(x, shape))


def _reshape_type(x: ArrayType, shape: Shape) -> ArrayType:
    return ArrayType(shape, x.dtype)


def _batch_reshape(batched: Flags, size: int, x: Array, shape: Shape) -> Array:
    return reshape(x, shape=(size, *shape))


reshape = linear(
    "reshape",
    _reshape,
    _reshape_type,
    lambda ct, x, shape: reshape(ct, shape=shape_of(x)),
    batch=_batch_reshape,
)


def _inverse(order: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(range(len(order)), key=order.__getitem__))


def _transpose_type(x: ArrayType, order: Sequence[int]) -> ArrayType:
    return ArrayType(tuple(x.shape[i] for i in order), x.dtype)


def _batch_transpose(batched: Flags, size: int, x: Array, order: Sequence[int]) -> Array:
    return transpose(x, order=(0, *(axis + 1 for axis in order)))


transpose = linear(
    "transpose",
    lambda x, order: np.asarray(x).transpose(order),
    _transpose_type,
    lambda ct, x, order: transpose(ct, order=_inverse(order)),
    batch=_batch_transpose,
)


def _broadcast_to(x: Any, shape: Shape) -> Any:
    size = 1
    for n in shape:
        size *= n
    if size > _SMALL:
        return np.broadcast_to(x, shape)
    out = np.empty(shape, type_of(x).dtype)
    out[...] = x
    return out if shape else out[()]


def _broadcast_type(x: ArrayType, shape: Shape) -> ArrayType:
    try:
        fits = np.broadcast_shapes(x.shape, shape) == tuple(shape)
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(f"broadcast_to: an array of shape {x.shape} does not broadcast to {shape}")
    return ArrayType(shape, x.dtype)


def _batch_broadcast(batched: Flags, size: int, x: Array, shape: Shape) -> Array:
    return broadcast_to(padded(x, True, len(shape)), shape=(size, *shape))


broadcast_to = linear(
    "broadcast_to",
    _broadcast_to,
    _broadcast_type,
    lambda ct, x, shape: match(ct, x),
    batch=_batch_broadcast,
)


# ---- joining -------------------------------------------------------------------------------------


def _concatenate_type(*types: ArrayType, axis: int) -> ArrayType:
    shapes = [t.shape for t in types]
    others = {(*s[:axis], *s[axis + 1 :]) for s in shapes}
    if len(others) != 1:
        raise ShapeError(
            f"concatenate along axis {axis}: shapes {shapes} differ in another axis; make the other"
            " axes equal (x[:, None]), or concatenate along another one"
        )
    length = sum(s[axis] for s in shapes)
    dtype = np.result_type(*(t.dtype for t in types))
    return ArrayType((*shapes[0][:axis], length, *shapes[0][axis + 1 :]), dtype)


def _push_concatenate(tangents: Sequence[Array], out: Array, *xs: Array, axis: int) -> Array:
    filled = [
        np.zeros(shape_of(x), type_of(x).dtype) if t is None else t
        for t, x in zip(tangents, xs, strict=True)
    ]
    return spread(concatenate(filled, axis), out)


def _pull_concatenate(
    ct: Array, out: Array, wanted: Sequence[bool], *xs: Array, axis: int
) -> list[Array]:
    cotangents: list[Array] = []
    start = 0
    for x, want in zip(xs, wanted, strict=True):
        stop = start + shape_of(x)[axis]
        cotangents.append(match(slice_axis(ct, axis, start, stop), x) if want else None)
        start = stop
    return cotangents


def _concatenate_value(*xs: Any, axis: int) -> Any:
    return np.concatenate(xs, axis=axis)


def _batch_concatenate(batched: Flags, size: int, *xs: Array, axis: int) -> Array:
    parts = [with_axis(x, flag, size) for x, flag in zip(xs, batched, strict=True)]
    return concatenate(parts, axis + 1)


concatenate_p = primitive(
    "concatenate",
    _concatenate_value,
    _concatenate_type,
    Joint(_push_concatenate, _pull_concatenate),
    batch=_batch_concatenate,
)


def concatenate(xs: Sequence[Array], axis: int) -> Array:
    """Join arrays along an axis, which must not be negative."""
    return bind(concatenate_p, xs, {"axis": axis})


def slice_axis(x: Array, axis: int, start: int, stop: int) -> Array:
    """``x[start:stop]`` along one axis."""
    return getitem(x, index=(*(slice(None),) * axis, slice(start, stop)))


def expand(x: Array, axis: int) -> Array:
    """``x`` with a new axis of length one at ``axis``, which must not be negative."""
    shape = shape_of(x)
    return reshape(x, shape=(*shape[:axis], 1, *shape[axis:]))


def exchange_front(x: Array) -> Array:
    """The first two axes exchanged: examples of steps, or steps of examples."""
    return transpose(x, order=(1, 0, *range(2, len(shape_of(x)))))


def swap_last(x: Array) -> Array:
    """The last two axes exchanged: the matrix transpose."""
    n = len(shape_of(x))
    return transpose(x, order=(*range(n - 2), n - 1, n - 2))
