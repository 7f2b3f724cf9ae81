"""What stands for an equation that has no native form: a function of operations that have one.

One function a primitive takes the equation and returns the function of its operands, or None where
there is nothing to be done. ``lowering.py`` traces them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.graph import ArrayType, Equation
from chainrule.core.trace import shape_of
from chainrule.executors.native.convolving import convolved
from chainrule.executors.native.einsum import contracted
from chainrule.executors.native.expressions import template
from chainrule.executors.native.indexed import ADD, READ, WRITE, Parts
from chainrule.executors.native.lapack import LINEAR_ALGEBRA
from chainrule.ops.contraction import matmul
from chainrule.ops.define import Array, as_dtype
from chainrule.ops.elementwise import isfinite, select
from chainrule.ops.exponentials import exp, log
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem, scatter_add, setitem
from chainrule.ops.reductions import any_p, keep, max_p, min_p, sum_p
from chainrule.ops.searching import bisected
from chainrule.ops.shaping import concatenate, expand, reshape, transpose
from chainrule.ops.special.construct import FORMULAS
from chainrule.ops.spherical import computed

Meaning = Callable[..., Any]


def rule_for(equation: Equation) -> Meaning | None:
    """The function of an equation's operands that is to be traced in its place."""
    name = equation.primitive.name
    if name in LINEAR_ALGEBRA:
        return _in_one_dtype(equation)
    if name in FORMULAS:
        return _formula(equation)
    return _RULES.get(name, _of_floats)(equation)


def _in_one_dtype(equation: Equation) -> Meaning | None:
    """The same of operands that are brought to the dtype of the result."""
    dtype = equation.outputs[0].type.dtype
    if all(x.type.dtype == dtype and not x.type.weak for x in equation.inputs):
        return None
    return lambda *xs: equation.primitive(*(as_dtype(x, dtype) for x in xs), **equation.params)


def _of_floats(equation: Equation) -> Meaning | None:
    """Elementwise functions of integers that give floats, ``1 / i`` or ``np.sqrt(i)``."""
    if len(equation.outputs) != 1:
        return None
    dtype = equation.outputs[0].type.dtype
    if dtype.kind != "f" or template(equation.primitive.name, dtype, dtype) is None:
        return None
    return _in_one_dtype(equation)


def _formula(equation: Equation) -> Meaning:
    """The formula that is a primitive's value, computed in float64 as there."""
    formula, dtype = FORMULAS[equation.primitive.name], equation.outputs[0].type.dtype

    def in_double(*xs: Array) -> Array:
        wide = [as_dtype(x, np.dtype(np.float64)) for x in xs]
        return as_dtype(formula(*wide, **equation.params), dtype)

    return in_double


def _logsumexp(equation: Equation) -> Meaning:
    """The logarithm of the sum, shifted by the maximum where that is finite."""
    axes = equation.params["axes"]

    def shifted(x: Array) -> Array:
        largest = max_p(x, axes=axes)
        shift = select(isfinite(largest), largest, 0)
        return log(sum_p(exp(x - keep(shift, x, axes)), axes=axes)) + shift

    return shifted


# ---- products ------------------------------------------------------------------------------------


def _matmul(equation: Equation) -> Meaning:
    """Products with vectors, of several dtypes and of integers."""
    out = equation.outputs[0].type

    def product(x: Array, y: Array) -> Array:
        x, y = as_dtype(x, out.dtype), as_dtype(y, out.dtype)
        x = x if len(shape_of(x)) > 1 else expand(x, 0)
        y = y if len(shape_of(y)) > 1 else expand(y, 1)
        if out.dtype.kind == "f":
            return reshape(matmul(x, y), shape=out.shape)
        rows, columns = expand(x, len(shape_of(x))), expand(y, len(shape_of(y)) - 2)
        axes = (max(len(shape_of(rows)), len(shape_of(columns))) - 2,)
        if out.dtype.kind == "b":
            return reshape(any_p(rows & columns, axes=axes), shape=out.shape)
        return reshape(as_dtype(sum_p(rows * columns, axes=axes), out.dtype), shape=out.shape)

    return product


def _einsum(equation: Equation) -> Meaning | None:
    out = equation.outputs[0].type
    terms, result = equation.params["terms"], equation.params["result"]
    if out.dtype.kind == "b":
        return None

    def product(*xs: Array) -> Array:
        factors = [as_dtype(x, out.dtype) for x in xs]
        return as_dtype(contracted(factors, terms, result), out.dtype)

    return product


def _convolve(equation: Equation) -> Meaning | None:
    dtype = equation.outputs[0].type.dtype
    if dtype.kind not in "fi":
        return None
    mode, rank = equation.params["mode"], equation.params["rank"]

    def in_one_dtype(a: Array, v: Array) -> Array:
        return convolved(as_dtype(a, dtype), as_dtype(v, dtype), mode, rank)

    return in_one_dtype


# ---- indexing ------------------------------------------------------------------------------------


def _indexing(equation: Equation) -> Meaning | None:
    """One dtype, and integer arrays side by side; beside arrays an integer is an array, too."""
    parts, name = Parts.of(equation), equation.primitive.name
    if any(x.type.dtype.kind != "i" for x in parts.arrays):
        return None
    if name == WRITE and (_writes_nothing(parts) or not _one_dtype(parts)):
        return _writing(parts)
    if not parts.arrays:
        return None
    advanced = [i for i, p in enumerate(parts.index) if type(p) is Slot or isinstance(p, int)]
    together = advanced == list(range(advanced[0], advanced[-1] + 1))
    if together and not any(isinstance(p, int) for p in parts.index):
        return None
    function = _side_by_side if together else _in_front
    return lambda *xs: function(equation, xs[: len(parts.values)], xs[len(parts.values) :])


def _writing(parts: Parts) -> Meaning:
    """With a value of the dtype of what it is written into; without writing, if it is empty."""
    dtype, nothing = parts.values[0].type.dtype, _writes_nothing(parts)

    def write(x: Array, v: Array, *arrays: Array) -> Array:
        return x if nothing else setitem(x, as_dtype(v, dtype), *arrays, index=parts.index)

    return write


def _writes_nothing(parts: Parts) -> bool:
    types = [x.type for x in (parts.values[0], *parts.arrays)]
    part = cast("ArrayType", getitem.type_rule(*types, index=parts.index))
    return 0 in part.shape and all(0 in x.type.shape for x in parts.arrays)


def _one_dtype(parts: Parts) -> bool:
    return len({x.type.dtype for x in parts.values}) == 1


def _arrays_of(index: tuple[Any, ...], arrays: Sequence[Any]) -> list[Any]:
    """The integer arrays and integers of an index, in its order."""
    found = [p for p in index if type(p) is Slot or isinstance(p, int)]
    return [arrays[p.n] if isinstance(p, Slot) else np.asarray(p) for p in found]


def _side_by_side(equation: Equation, values: Sequence[Any], arrays: Sequence[Any]) -> Any:
    params = dict(equation.params)
    index, count = params.pop("index"), iter(range(len(equation.params["index"])))
    numbered = tuple(
        Slot(next(count)) if type(p) is Slot or isinstance(p, int) else p for p in index
    )
    return equation.primitive(*values, *_arrays_of(index, arrays), index=numbered, **params)


def _in_front(equation: Equation, values: Sequence[Any], arrays: Sequence[Any]) -> Any:
    """Arrays apart from each other: their axes are brought to the front, as NumPy does it."""
    index: tuple[Any, ...] = equation.params["index"]
    known = _arrays_of(index, arrays)
    slots = tuple(Slot(i) for i in range(len(known)))
    cut = tuple(slice(None) if type(p) is Slot or isinstance(p, int) else p for p in index)
    name = equation.primitive.name
    shape = equation.params["shape"] if name == ADD else shape_of(values[0])
    order = _front_order(index, len(_cut_shape(shape, cut)))
    back = tuple(sorted(range(len(order)), key=order.__getitem__))
    if name == ADD:
        turned = tuple(_cut_shape(shape, cut)[i] for i in order)
        added = scatter_add(*values, *known, index=slots, shape=turned)
        return scatter_add(transpose(added, order=back), index=cut, shape=shape)
    part = transpose(getitem(values[0], index=cut), order=order)
    if name == READ:
        return getitem(part, *known, index=slots)
    written = setitem(part, values[1], *known, index=slots)
    return setitem(values[0], transpose(written, order=back), index=cut)


def _cut_shape(shape: tuple[int, ...], cut: tuple[Any, ...]) -> tuple[int, ...]:
    return np.broadcast_to(np.empty((), np.bool_), shape)[cut].shape


def _front_order(index: tuple[Any, ...], ndim: int) -> tuple[int, ...]:
    """Axes of the integer arrays first, then the others."""
    dots = index.index(Ellipsis) if Ellipsis in index else len(index)
    axes = [
        i if i < dots else ndim - (len(index) - i)
        for i, p in enumerate(index)
        if type(p) is Slot or isinstance(p, int)
    ]
    return (*axes, *(i for i in range(ndim) if i not in axes))


def _concatenate(equation: Equation) -> Meaning | None:
    """Without the arrays that are empty."""
    dtype, axis = equation.outputs[0].type.dtype, equation.params["axis"]
    filled = [i for i, x in enumerate(equation.inputs) if 0 not in x.type.shape]
    if len(filled) in (0, len(equation.inputs)):
        return None
    return lambda *xs: concatenate([as_dtype(xs[i], dtype) for i in filled], axis)


# ---- positions -----------------------------------------------------------------------------------


def _position(equation: Equation) -> Meaning:
    """``argmax``: the first place where the largest stands; a NaN counts as the largest."""
    axis: int = equation.params["axis"]
    extreme = max_p if equation.primitive.name == "argmax" else min_p

    def first(x: Array) -> Array:
        shape = shape_of(x)
        found = (x == keep(extreme(x, axes=(axis,)), x, (axis,))) | (x != x)
        places = np.arange(shape[axis]).reshape((-1, *(1,) * (len(shape) - axis - 1)))
        return min_p(select(found, places, shape[axis]), axes=(axis,))

    return first


def _searchsorted(equation: Equation) -> Meaning:
    side: str = equation.params["side"]

    def bisect(a: Array, v: Array) -> Array:
        return bisected(a, v, side)

    return bisect


def _spherical_bessel(equation: Equation) -> Meaning | None:
    order: int = equation.params["order"]
    if equation.outputs[0].type.dtype.kind == "c":
        return None

    def elementwise(y: Array) -> Array:
        return computed(y, order)

    return elementwise


def _update(equation: Equation) -> Meaning:
    dtype = equation.outputs[0].type.dtype

    def updated(w: Array, s: Array, a: Array, b: Array) -> Array:
        return as_dtype(w - s * (a @ b), dtype)

    return updated


_RULES: dict[str, Callable[[Equation], Meaning | None]] = {
    "matmul": _matmul,
    "einsum": _einsum,
    "convolve": _convolve,
    "spherical_bessel": _spherical_bessel,
    "concatenate": _concatenate,
    "getitem": _indexing,
    "setitem": _indexing,
    "scatter_add": _indexing,
    "argmax": _position,
    "argmin": _position,
    "searchsorted": _searchsorted,
    "subtract_product": _update,
    "logsumexp": _logsumexp,
}
