"""NumPy's functions that change an array's shape: reshape, transpose, squeeze, broadcast, flip.

Reshaped and transposed traced values share memory with what they were made of, as NumPy's views do;
see ``core/aliasing.py``.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from chainrule.core.aliasing import is_contiguous, memory_order, view
from chainrule.core.errors import ShapeError, TraceError
from chainrule.core.primitive import NUMPY
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_operand, axis_of
from chainrule.ops.elementwise import copied
from chainrule.ops.indexing import read, setitem
from chainrule.ops.numpy_api.implements import Axis, axes_of, constant, implements
from chainrule.ops.reductions import flip
from chainrule.ops.shaping import broadcast_to, reshape, transpose


@constant(np.shape)
def shape(a: Array) -> tuple[int, ...]:
    """``np.shape``."""
    return shape_of(a)


@constant(np.ndim)
def ndim(a: Array) -> int:
    """``np.ndim``."""
    return len(shape_of(a))


@constant(np.size)
def size(a: Array, axis: int | None = None) -> int:
    """``np.size``."""
    return type_of(a).size if axis is None else shape_of(a)[axis]


def _full_shape(a: Array, wanted: Any) -> tuple[int, ...]:
    several = isinstance(wanted, (tuple, list, np.ndarray))
    sizes = [*map(operator.index, cast("Any", wanted) if several else (wanted,))]
    total = type_of(a).size
    if sizes.count(-1) == 1:
        known = math.prod(n for n in sizes if n != -1)
        if known and total % known == 0:
            sizes[sizes.index(-1)] = total // known
    if -1 in sizes or math.prod(sizes) != total:
        raise ShapeError(
            f"cannot reshape an array of shape {shape_of(a)} into shape {wanted}: the number of"
            " entries must stay; one axis may be -1, which is worked out"
        )
    return tuple(sizes)


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(n for n in shape if n != 1)


def reshape_view(a: Array, wanted: tuple[int, ...], *, layout_decides: bool = False) -> Array:
    """A reshaped array that shares memory with ``a`` where NumPy's would."""
    before = shape_of(a)
    return view(
        reshape(a, shape=wanted),
        a,
        redo=lambda parent: reshape(parent, shape=wanted),
        undo=lambda parent, child: reshape(child, shape=before),
        layout_decides=layout_decides,
    )


@implements(np.reshape)
def np_reshape(a: Array, /, shape: Any, order: str = "C", *, copy: Any = None) -> Array:
    """``np.reshape``; in Fortran's order it is that of the transposed array."""
    wanted = _full_shape(a, shape)
    if _order_of(a, order) == "F":
        turned = np_reshape(np_transpose(a), wanted[::-1], copy=copy)
        return np_transpose(turned)
    result = reshape_view(
        a, wanted, layout_decides=_without_ones(shape_of(a)) != _without_ones(wanted)
    )
    return copied(result) if copy else result


def _order_of(a: Array, order: Any) -> str:
    """Which of C and F an order stands for: A and K ask for the memory of the array."""
    if order in ("C", "F"):
        return order
    if order not in ("A", "K"):
        raise ValueError(f"order must be one of 'C', 'F', 'A', or 'K' (got {order!r})")
    here = memory_order(a)
    if here is None or (here == "" and order == "K"):
        raise TraceError(
            f"order={order!r} follows the layout of the memory, which is not known here; write"
            " order='C' or order='F'"
        )
    return here or "C"


@implements(np.ravel)
def ravel(a: Array, order: str = "C") -> Array:
    """``np.ravel``: contiguous, so a copy of what is not."""
    if _order_of(a, order) == "F":
        return ravel(np_transpose(a))
    flat = (type_of(a).size,)
    if not is_contiguous(a):
        return reshape(a, shape=flat)
    return reshape_view(a, flat, layout_decides=True)


def packed(x: Array, order: str = "C") -> Array:
    """``x`` in C's or Fortran's order of memory, which decides what its reshapes share with it.

    A copy is made only where it lies otherwise and that is known.
    """
    return x if memory_order(x) in (None, order) else copied(x, order=order)


def read_along(x: Array, axis: int, places: Array, order: str = "C") -> Array:
    """The entries of ``x`` at places along an axis, in an order of memory.

    NumPy's ``x[:, places]`` lies by columns, which neither ``np.take`` nor its kin do.
    """
    part = read(x, (*(slice(None),) * axis, places))
    return copied(part, order=order) if axis else packed(part, order)


def order_like(x: Array) -> str:
    """The order that NumPy gives to a new array made from ``x``: Fortran's if it is in that."""
    return "F" if memory_order(x) == "F" else "C"


def laid_out_like(new: Array, x: Array) -> Array:
    """``new`` in the order of memory of ``x``, as ``np.empty_like(x)`` gives it."""
    order = memory_order(x)
    if order == "":
        return setitem(copied(x, order="K"), new, index=(Ellipsis,))
    return new if order is None else packed(new, order)


def transpose_view(a: Array, order: tuple[int, ...]) -> Array:
    """A transposed array that shares memory with ``a``."""
    inverse = tuple(sorted(range(len(order)), key=order.__getitem__))
    return view(
        transpose(a, order=order),
        a,
        redo=lambda parent: transpose(parent, order=order),
        undo=lambda parent, child: transpose(child, order=inverse),
    )


@implements(np.transpose)
def np_transpose(a: Array, axes: Any = None) -> Array:
    """``np.transpose``; without axes in reverse order."""
    n = len(shape_of(a))
    order = tuple(reversed(range(n))) if axes is None else tuple(axis_of(i, n) for i in axes)
    if sorted(order) != list(range(n)):
        raise ValueError(f"transpose: {axes} is not a permutation of {n} axes")
    return transpose_view(a, order)


@implements(np.matrix_transpose)
def matrix_transpose(x: Array, /) -> Array:
    """``np.matrix_transpose``: the last two axes exchanged."""
    return swapaxes(x, -1, -2)


@implements(np.swapaxes)
def swapaxes(a: Array, axis1: int, axis2: int) -> Array:
    """``np.swapaxes``."""
    order = list(range(len(shape_of(a))))
    axis1, axis2 = axis_of(axis1, len(order)), axis_of(axis2, len(order))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose_view(a, tuple(order))


@implements(np.moveaxis)
def moveaxis(a: Array, source: Any, destination: Any) -> Array:
    """``np.moveaxis``."""
    n = len(shape_of(a))
    sources = [axis_of(i, n) for i in np.atleast_1d(source)]
    targets = [axis_of(i, n) for i in np.atleast_1d(destination)]
    order = [i for i in range(n) if i not in sources]
    for target, origin in sorted(zip(targets, sources, strict=True)):
        order.insert(target, origin)
    return transpose_view(a, tuple(order))


@implements(np.rollaxis)
def rollaxis(a: Array, axis: int, start: int = 0) -> Array:
    """``np.rollaxis``."""
    n = len(shape_of(a))
    axis, start = axis_of(axis, n), axis_of(start, n + 1) if start >= 0 else axis_of(start, n)
    return moveaxis(a, axis, start - 1 if axis < start else start)


@implements(np.expand_dims)
def expand_dims(a: Array, axis: Any) -> Array:
    """``np.expand_dims``."""
    axes = cast("list[Any]", [axis] if isinstance(axis, (int, np.integer)) else [*axis])
    n = len(shape_of(a)) + len(axes)
    new = {axis_of(i, n) for i in axes}
    sizes = iter(shape_of(a))
    return reshape_view(a, tuple(1 if i in new else next(sizes) for i in range(n)))


@implements(np.squeeze)
def squeeze(a: Array, axis: Axis = None) -> Array:
    """``np.squeeze``."""
    here = shape_of(a)
    gone = {i for i, n in enumerate(here) if n == 1} if axis is None else set(axes_of(a, axis))
    for i in gone:
        if here[i] != 1:
            raise ValueError(f"squeeze: axis {i} of shape {here} is not of length one")
    return reshape_view(a, tuple(n for i, n in enumerate(here) if i not in gone))


def at_least(dims: int) -> Callable[..., Any]:
    """``np.atleast_1d``, ``2d`` or ``3d``."""

    def lift(x: Array) -> Array:
        here = shape_of(x)
        if len(here) >= dims:
            return x
        if dims == 3:
            full = {0: (1, 1, 1), 1: (1, *here, 1), 2: (*here, 1)}[len(here)]
        else:
            full = (1,) * (dims - len(here)) + here
        return reshape_view(x, full)

    def at_least(*arrays: Array) -> Any:
        lifted = tuple(lift(as_operand(x)) for x in arrays)
        return lifted[0] if len(lifted) == 1 else lifted

    return at_least


for _function, _dims in ((np.atleast_1d, 1), (np.atleast_2d, 2), (np.atleast_3d, 3)):
    NUMPY[_function] = at_least(_dims)


@implements(np.broadcast_to)
def np_broadcast_to(array: Array, shape: Any, subok: bool = False) -> Array:
    """``np.broadcast_to``: a view that cannot be written to."""
    sizes: Any = (shape,) if isinstance(shape, (int, np.integer)) else shape
    wanted = tuple(int(n) for n in sizes)

    def refuse(_parent: Array, _child: Array) -> Array:
        raise TraceError("a broadcast array is read-only; write into a .copy() of it")

    return view(
        broadcast_to(array, shape=wanted),
        array,
        redo=lambda parent: broadcast_to(parent, shape=wanted),
        undo=refuse,
    )


@implements(np.broadcast_arrays)
def broadcast_arrays(*args: Array, subok: bool = False) -> tuple[Array, ...]:
    """``np.broadcast_arrays``."""
    arrays = [as_operand(x) for x in args]
    wanted = np.broadcast_shapes(*(shape_of(x) for x in arrays))
    return tuple(x if shape_of(x) == wanted else np_broadcast_to(x, wanted) for x in arrays)


@implements(np.flip)
def np_flip(m: Array, axis: Axis = None) -> Array:
    """``np.flip``: a view that runs backwards."""
    axes = axes_of(m, axis)
    return view(
        flip(m, axes=axes),
        m,
        redo=lambda parent: flip(parent, axes=axes),
        undo=lambda _parent, child: flip(child, axes=axes),
    )
