"""NumPy's functions that choose between values: choose, select, piecewise, compress, extract.

And what works along an axis: take_along_axis, apply_along_axis, apply_over_axes.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import DTypeError
from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.elementwise import constant_like, copied, select
from chainrule.ops.indexing import mask_positions, read, written
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.joining import stack
from chainrule.ops.numpy_api.kinds import result_type
from chainrule.ops.numpy_api.selecting import take, within
from chainrule.ops.numpy_api.shapes import expand_dims, laid_out_like, np_transpose, packed
from chainrule.ops.shaping import broadcast_to, reshape

# ---- among several values ------------------------------------------------------------------------


@implements(np.choose)
def choose(a: Array, choices: Any, out: Any = None, mode: str = "raise") -> Array:
    """``np.choose``: of several arrays the entry of the one whose number stands in ``a``."""
    a = as_operand(a)
    parts = [as_operand(x) for x in choices]
    if type_of(a).dtype.kind not in "iub":
        raise DTypeError(f"choose: numbers of choices are integers, got {type_of(a)}")
    if mode == "raise" and not isinstance(a, TracedValue) and np.any((a < 0) | (a >= len(parts))):
        raise ValueError("invalid entry in choice array")
    number = within(as_dtype(a, np.dtype(np.intp)), len(parts), mode)
    wanted = np.broadcast_shapes(shape_of(a), *(shape_of(x) for x in parts))
    together = stack([broadcast_to(x, shape=wanted) for x in parts])
    return packed(read(together, (broadcast_to(number, shape=wanted), *_open_grid(wanted))))


def _open_grid(shape: Sequence[int]) -> tuple[Any, ...]:
    return cast("tuple[Any, ...]", np.ix_(*map(np.arange, shape)))


@implements(np.select)
def np_select(condlist: Any, choicelist: Any, default: Any = 0) -> Array:
    """``np.select``: the choice of the first condition that holds."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    conditions = [as_operand(x) for x in condlist]
    for i, condition in enumerate(conditions):
        if type_of(condition).dtype.kind != "b":
            raise TypeError(f"invalid entry {i} in condlist: should be boolean ndarray")
    values = [as_operand(x) for x in (*choicelist, default)]
    kind = result_type(*values)
    wanted = np.broadcast_shapes(*(shape_of(x) for x in (*conditions, *values)))
    *choices, result = [as_dtype(x, kind) for x in values]
    for condition, choice in zip(conditions[::-1], choices[::-1], strict=True):
        result = select(condition, choice, result)
    return packed(result if shape_of(result) == wanted else broadcast_to(result, shape=wanted))


@implements(np.piecewise)
def piecewise(x: Array, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Array:
    """``np.piecewise``: each function gets the entries for which its condition holds.

    So the conditions of functions must be known; ``np.select`` takes values instead of functions.
    """
    x = as_operand(x)
    shape = shape_of(x)
    conditions = _conditions(x, condlist)
    n = len(conditions)
    if n == len(funclist) - 1:
        met = conditions[0]
        for condition in conditions[1:]:
            met = met | condition
        conditions.append(~met)
    elif n != len(funclist):
        raise ValueError(f"with {n} condition(s), either {n} or {n + 1} functions are expected")
    if not shape:
        x, conditions = reshape(x, shape=(1,)), [reshape(c, shape=(1,)) for c in conditions]
    y = constant_like(x, np.zeros(shape_of(x), type_of(x).dtype))
    for condition, function in zip(conditions, funclist, strict=True):
        value = function
        if callable(function):
            entries = read(x, condition)
            if shape_of(entries)[0] == 0:
                continue
            value = function(entries, *args, **kw)
        y = written(y, condition, value)
    return laid_out_like(y, x) if shape else reshape(y, shape=())


def _conditions(x: Array, condlist: Any) -> list[Array]:
    """The conditions as truth values; one alone need not be in a list."""
    parts: list[Any] = [condlist]
    if isinstance(condlist, (list, tuple)) or shape_of(as_operand(condlist)):
        rows: list[Any] = list(cast("Any", condlist))
        first = type(rows[0]) is list or bool(shape_of(as_operand(rows[0])))
        parts = rows if first or not shape_of(x) else parts
    conditions = [as_operand(part) for part in parts]
    return [c if type_of(c).dtype.kind == "b" else c != 0 for c in conditions]


# ---- some of the entries -------------------------------------------------------------------------


@implements(np.compress)
def compress(condition: Any, a: Array, axis: int | None = None, out: Any = None) -> Array:
    """``np.compress``: the entries along an axis where a vector, whose values are known, holds."""
    condition = as_operand(condition)
    if len(shape_of(condition)) != 1:
        raise ValueError("condition must be a 1-d array")
    return take(as_operand(a), mask_positions(condition)[0], axis)


@implements(np.extract)
def extract(condition: Any, arr: Array) -> Array:
    """``np.extract``: the entries where a condition, whose values are known, holds."""
    condition = as_operand(condition)
    flat = reshape(condition, shape=(type_of(condition).size,))
    return take(as_operand(arr), mask_positions(flat)[0])


def along_axis(x: Array, indices: Array, axis: int) -> tuple[Any, ...]:
    """The index that reads or writes ``x`` at integers along an axis, one for each entry."""
    if type_of(indices).dtype.kind not in "iu":
        raise IndexError("`indices` must be an integer array")
    shape = shape_of(x)
    if len(shape_of(indices)) != len(shape):
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    index: list[Any] = list(_open_grid(shape))
    index[axis] = indices
    return tuple(index)


@implements(np.take_along_axis)
def take_along_axis(arr: Array, indices: Array, axis: int | None = -1) -> Array:
    """``np.take_along_axis``: entries along an axis, by an index for each."""
    arr, indices = as_operand(arr), as_operand(indices)
    if axis is None:
        arr, axis = reshape(arr, shape=(type_of(arr).size,)), 0
    return read(arr, along_axis(arr, indices, axis_of(axis, len(shape_of(arr)))))


# ---- along axes ----------------------------------------------------------------------------------


@implements(np.apply_along_axis)
def apply_along_axis(
    func1d: Callable[..., Any], axis: int, arr: Array, *args: Any, **kwargs: Any
) -> Array:
    """``np.apply_along_axis``: a function of vectors for each vector along an axis.

    Each call is recorded; :func:`chainrule.vmap` records one for all of them.
    """
    arr = as_operand(arr)
    ndim = len(shape_of(arr))
    axis = axis_of(axis, ndim)
    rows = np_transpose(arr, (*(i for i in range(ndim) if i != axis), axis))
    lead = shape_of(rows)[:-1]
    if 0 in lead:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    results = [
        as_operand(func1d(read(rows, (*index, ...)), *args, **kwargs))
        for index in itertools.product(*map(range, lead))
    ]
    each = shape_of(results[0])
    kind = type_of(results[0]).dtype
    together = reshape(stack([as_dtype(r, kind) for r in results]), shape=(*lead, *each))
    new = range(len(lead), len(lead) + len(each))
    return np_transpose(together, (*range(axis), *new, *range(axis, len(lead))))


@implements(np.apply_over_axes)
def apply_over_axes(func: Callable[..., Any], a: Array, axes: Any) -> Array:
    """``np.apply_over_axes``: a function of array and axis, one axis after the other."""
    x = as_operand(a)
    ndim = len(shape_of(x))
    for axis in np.atleast_1d(axes):
        axis = operator.index(axis) + (ndim if axis < 0 else 0)
        result = func(x, axis)
        if len(shape_of(result)) != len(shape_of(x)):
            result = expand_dims(result, axis)
        if len(shape_of(result)) != len(shape_of(x)):
            raise ValueError("function is not returning an array of the correct shape")
        x = result
    return x


# ---- instead of what is no number ----------------------------------------------------------------


@implements(np.nan_to_num)
def nan_to_num(
    x: Array, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Array:
    """``np.nan_to_num``: numbers for NaN and infinities; the derivative is 0 at these."""
    kind = type_of(x).dtype
    if kind.kind not in "fc":
        return copied(x) if copy else x
    info = np.finfo(kind)
    fills = (nan, info.max if posinf is None else posinf, info.min if neginf is None else neginf)
    if kind.kind == "c":
        real, imag = (_finite(part, fills) for part in (np.real(x), np.imag(x)))
        result = as_dtype(real + imag * 1j, kind)
    else:
        result = _finite(x, fills)
    if not copy and shape_of(x):
        x[...] = result
        return x
    return result


def _finite(x: Array, fills: tuple[Any, Any, Any]) -> Array:
    kind = type_of(x).dtype
    tests = PRIMITIVES["isnan"](x), x == np.inf, x == -np.inf
    for test, fill in zip(tests, fills, strict=True):
        x = select(test, as_dtype(as_operand(fill), kind), x)
    return x
