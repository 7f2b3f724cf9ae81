"""NumPy's functions that join arrays: concatenate, stack and their kin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.primitive import NUMPY
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.elementwise import copied
from chainrule.ops.numpy_api.implements import axes_of, implements
from chainrule.ops.numpy_api.shapes import at_least
from chainrule.ops.shaping import concatenate, expand, reshape


@implements(np.concatenate)
def np_concatenate(
    arrays: Sequence[Array],
    /,
    axis: int | None = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: Any = "same_kind",
) -> Array:
    """``np.concatenate``; without an axis of the flattened arrays."""
    parts = _of_dtype([as_operand(x) for x in arrays], dtype, casting)
    if axis is None:
        parts, axis = [reshape(x, shape=(type_of(x).size,)) for x in parts], 0
    if not parts:
        raise ValueError("need at least one array to concatenate")
    return concatenate(parts, axes_of(parts[0], axis)[0])


def _of_dtype(parts: list[Array], dtype: Any, casting: Any) -> list[Array]:
    if dtype is None:
        return parts
    kind = np.dtype(dtype)
    for x in parts:
        here = type_of(x).dtype
        if not np.can_cast(here, kind, casting):
            raise DTypeError(
                f"concatenate cannot cast {here} to {kind} according to the rule {casting!r};"
                " convert the parts by x.astype first, or give casting='unsafe'"
            )
    return [as_dtype(x, kind) for x in parts]


@implements(np.stack)
def stack(
    arrays: Sequence[Array],
    axis: int = 0,
    out: Any = None,
    *,
    dtype: Any = None,
    casting: Any = "same_kind",
) -> Array:
    """``np.stack``: join along a new axis."""
    parts = _of_dtype([as_operand(x) for x in arrays], dtype, casting)
    if not parts:
        raise ValueError("need at least one array to stack")
    shapes = {shape_of(x) for x in parts}
    if len(shapes) != 1:
        raise ShapeError(
            f"stack: all arrays must have one shape, got {sorted(shapes)}; reshape or broadcast"
            " them first, or use np.concatenate"
        )
    n = len(shape_of(parts[0])) + 1
    number = axis_of(axis, n)
    return concatenate([expand(x, number) for x in parts], number)


def _stacker(dims: int, axis_of: Callable[[int], int]) -> Callable[..., Any]:
    def join(tup: Sequence[Array], *, dtype: Any = None, casting: Any = "same_kind") -> Array:
        parts = [at_least(dims)(x) for x in tup]
        along = axis_of(len(shape_of(parts[0])))
        return np_concatenate(parts, along, dtype=dtype, casting=casting)

    return join


NUMPY[np.hstack] = _stacker(1, lambda n: 0 if n == 1 else 1)
NUMPY[np.vstack] = _stacker(2, lambda n: 0)
_deep = _stacker(3, lambda n: 2)


@implements(np.dstack)
def dstack(tup: Sequence[Array]) -> Array:
    """``np.dstack``: along the third axis."""
    return _deep(tup)


@implements(np.column_stack)
def column_stack(tup: Sequence[Array]) -> Array:
    """``np.column_stack``: vectors become columns."""
    parts = [as_operand(x) for x in tup]
    return np_concatenate([expand(x, 1) if len(shape_of(x)) == 1 else x for x in parts], 1)


@implements(np.block)
def block(arrays: Any) -> Array:
    """``np.block``: nested lists of blocks; the innermost are joined along the last axis."""
    depths = {depth for depth, _ in _leaves(arrays, 0)}
    if len(depths) != 1:
        raise ValueError(f"block: lists are nested to different depths, {sorted(depths)}")
    (depth,) = depths
    ndim = max(depth, *(len(shape_of(x)) for _, x in _leaves(arrays, 0)))
    return copied(_joined(arrays, depth, ndim))


def _leaves(arrays: Any, depth: int) -> Iterator[tuple[int, Array]]:
    if isinstance(arrays, tuple):
        raise TypeError("block: only lists can be nested to arrange blocks, got a tuple")
    if not isinstance(arrays, list):
        yield depth, as_operand(arrays)
        return
    if not arrays:
        raise ValueError("block: lists cannot be empty")
    for part in cast("list[Any]", arrays):
        yield from _leaves(part, depth + 1)


def _joined(arrays: Any, depth: int, ndim: int) -> Array:
    if depth == 0:
        x = as_operand(arrays)
        return reshape(x, shape=(*(1,) * (ndim - len(shape_of(x))), *shape_of(x)))
    return concatenate([_joined(part, depth - 1, ndim) for part in arrays], ndim - depth)
