"""Reductions and scans along axes: sum, max, min, prod, cumsum, argmax and their kin.

Primitives take ``axes``, a sorted tuple of axis numbers, and drop these axes. What NumPy offers on
top (``keepdims``, ``axis=None``, negative axes, ``dtype``, ``where``) is composed in
``numpy_api.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PIECEWISE_CONSTANT, Primitive, edge, primitive
from chainrule.core.trace import shape_of
from chainrule.ops.batch import along_axes
from chainrule.ops.define import Array, linear
from chainrule.ops.elementwise import as_dtype_of, isfinite, mul_or_zero, select, stop_gradient
from chainrule.ops.shaping import broadcast_to, concatenate, reshape, slice_axis, transpose

Axes = tuple[int, ...]


def all_axes(x: Array) -> Axes:
    """Every axis of ``x``."""
    return tuple(range(len(shape_of(x))))


def kept_shape(shape: tuple[int, ...], axes: Axes) -> tuple[int, ...]:
    """The shape with length one in place of the reduced axes, as ``keepdims=True`` gives."""
    return tuple(1 if i in axes else n for i, n in enumerate(shape))


def dropped_shape(shape: tuple[int, ...], axes: Axes) -> tuple[int, ...]:
    """The shape without the reduced axes."""
    return tuple(n for i, n in enumerate(shape) if i not in axes)


def keep(reduced: Array, x: Array, axes: Axes) -> Array:
    """A reduced value with length one in place of the axes of ``x`` that were reduced."""
    return reshape(reduced, shape=kept_shape(shape_of(x), axes))


def _reduction_type(dtype_of: Callable[[np.dtype[Any]], np.dtype[Any]]) -> Callable[..., ArrayType]:
    def rule(x: ArrayType, axes: Axes) -> ArrayType:
        return ArrayType(dropped_shape(x.shape, axes), dtype_of(x.dtype))

    return rule


def _sum_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return np.add.reduce(np.empty(0, dtype)).dtype


# ---- sums ----------------------------------------------------------------------------------------


def _spread_back(ct: Array, x: Array, axes: Axes) -> Array:
    shape = shape_of(x)
    if len(axes) != len(shape):
        ct = reshape(ct, shape=kept_shape(shape, axes))
    return broadcast_to(ct, shape=shape)


sum_p = linear(
    "sum",
    lambda x, axes: np.add.reduce(x, axis=axes),
    _reduction_type(_sum_dtype),
    _spread_back,
    batch=along_axes("sum"),
)


def _flipped_cumsum(ct: Array, x: Array, axis: int) -> Array:
    return flip(cumsum_p(flip(ct, axes=(axis,)), axis=axis), axes=(axis,))


cumsum_p = linear(
    "cumsum",
    lambda x, axis: np.add.accumulate(x, axis=axis),
    lambda x, axis: ArrayType(x.shape, _sum_dtype(x.dtype)),
    _flipped_cumsum,
    batch=along_axes("cumsum"),
)
flip = linear(
    "flip",
    lambda x, axes: np.flip(x, axis=axes),
    lambda x, axes: ArrayType(x.shape, x.dtype),
    lambda ct, x, axes: flip(ct, axes=axes),
    batch=along_axes("flip"),
)

# ---- extremes: equal entries share the cotangent
# --------------------------------------------------


def _beside(reduced: Array, x: Array, axes: Axes) -> Array:
    """A reduced value in a shape that broadcasts against ``x``: a scalar does so as it is."""
    return reduced if len(axes) == len(shape_of(x)) else keep(reduced, x, axes)


def _share(out: Array, x: Array, axes: Axes) -> Array:
    chosen = as_dtype_of(x == _beside(out, x, axes), x)
    return chosen / _beside(sum_p(chosen, axes=axes), x, axes)


def _extreme(name: str, ufunc: np.ufunc) -> Primitive:
    def push(t: Array, out: Array, x: Array, axes: Axes) -> Array:
        return sum_p(mul_or_zero(_share(out, x, axes), t), axes=axes)

    def pull(ct: Array, out: Array, x: Array, axes: Axes) -> Array:
        return mul_or_zero(_beside(ct, x, axes), _share(out, x, axes))

    def value(x: Any, axes: Axes) -> Any:
        return ufunc.reduce(x, axis=axes)

    type_rule = _reduction_type(lambda dtype: dtype)
    return primitive(name, value, type_rule, (edge(push, pull),), batch=along_axes(name))


max_p = _extreme("max", np.maximum)
min_p = _extreme("min", np.minimum)

# ---- products: no division, so that zeros are no special case
# --------------------------------------


def _products_before(x: Array, axis: int) -> Array:
    """Products of all entries before each one, by doubling: log2(n) multiplications of arrays."""
    shape = shape_of(x)
    n = shape[axis]

    def ones(length: int) -> Any:
        return np.ones((*shape[:axis], length, *shape[axis + 1 :]))

    def shifted(y: Array, by: int) -> Array:
        head = as_dtype_of(ones(min(by, n)), x)
        return concatenate([head, slice_axis(y, axis, 0, max(n - by, 0))], axis)

    products, step = shifted(x, 1), 1
    while step < n:
        products = products * shifted(products, step)
        step *= 2
    return products


def _products_of_others(x: Array, axes: Axes) -> Array:
    """For each entry the product of all other entries that are reduced with it."""
    shape = shape_of(x)
    order = (*(i for i in range(len(shape)) if i not in axes), *axes)
    moved = transpose(x, order=order)
    moved_shape = shape_of(moved)
    flat = reshape(
        moved, shape=(*dropped_shape(shape, axes), int(np.prod([shape[i] for i in axes])))
    )
    last = len(shape_of(flat)) - 1
    after = flip(_products_before(flip(flat, axes=(last,)), last), axes=(last,))
    others = reshape(_products_before(flat, last) * after, shape=moved_shape)
    return transpose(others, order=tuple(int(i) for i in np.argsort(order)))


def _pull_prod(ct: Array, out: Array, x: Array, axes: Axes) -> Array:
    return mul_or_zero(keep(ct, x, axes), _products_of_others(x, axes))


def _push_prod(t: Array, out: Array, x: Array, axes: Axes) -> Array:
    return sum_p(mul_or_zero(t, _products_of_others(x, axes)), axes=axes)


prod_p = primitive(
    "prod",
    lambda x, axes: np.multiply.reduce(x, axis=axes),
    _reduction_type(lambda dtype: np.multiply.reduce(np.empty(0, dtype)).dtype),
    (edge(_push_prod, _pull_prod),),
    batch=along_axes("prod"),
)

# ---- positions and truth
# ---------------------------------------------------------------------------


def _positions(name: str) -> Primitive:
    function = getattr(np, name)

    def type_rule(x: ArrayType, axis: int) -> ArrayType:
        return ArrayType(dropped_shape(x.shape, (axis,)), np.dtype(np.intp))

    return primitive(
        name,
        lambda x, axis: function(x, axis=axis),
        type_rule,
        PIECEWISE_CONSTANT,
        batch=along_axes(name),
    )


argmax_p = _positions("argmax")
argmin_p = _positions("argmin")
argsort_p = primitive(
    "argsort",
    lambda x, axis: np.argsort(x, axis=axis, kind="stable"),
    lambda x, axis: ArrayType(x.shape, np.dtype(np.intp)),
    PIECEWISE_CONSTANT,
    batch=along_axes("argsort"),
)


def _truth(name: str, ufunc: np.ufunc) -> Primitive:
    return primitive(
        name,
        lambda x, axes: ufunc.reduce(x, axis=axes, dtype=bool),
        _reduction_type(lambda _dtype: np.dtype(np.bool_)),
        PIECEWISE_CONSTANT,
        batch=along_axes(name),
    )


all_p = _truth("all", np.logical_and)
any_p = _truth("any", np.logical_or)

# ---- for rules and compositions
# ---------------------------------------------------------------------


def reduce_sum(x: Array, axis: int, *, keepdims: bool = False) -> Array:
    """The sum along one axis, which may be negative."""
    axes = (axis % len(shape_of(x)),)
    total = sum_p(x, axes=axes)
    return keep(total, x, axes) if keepdims else total


def expanded_max(x: Array, axis: int) -> Array:
    """The largest entry along an axis as a constant that can be subtracted; 0 where infinite."""
    axes = (axis % len(shape_of(x)),)
    largest = stop_gradient(keep(max_p(x, axes=axes), x, axes))
    return select(isfinite(largest), largest, 0)
