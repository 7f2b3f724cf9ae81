"""``reduce``, ``accumulate`` and ``reduceat`` of any ufunc of two arguments.

What has a primitive uses it. A ufunc that is associative is applied to halves, or to prefixes of
doubling length (Hillis and Steele, "Data parallel algorithms", 1986), so n entries take log n
operations; any other goes from entry to entry, as NumPy does.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.core.errors import TraceError
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.elementwise import select
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem, scatter_add
from chainrule.ops.numpy_api import reductions
from chainrule.ops.numpy_api.cumulative import cumprod
from chainrule.ops.numpy_api.implements import axes_of
from chainrule.ops.reductions import keep
from chainrule.ops.shaping import broadcast_to, concatenate, expand, reshape, slice_axis, transpose

_REDUCE: dict[np.ufunc, Any] = {
    np.add: reductions.sum,
    np.multiply: reductions.prod,
    np.maximum: reductions.max,
    np.minimum: reductions.min,
    np.logical_and: reductions.all,
    np.logical_or: reductions.any,
}
_TRUTHS = frozenset({np.logical_and, np.logical_or, np.logical_xor})
_ASSOCIATIVE = frozenset(
    {np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.hypot, np.logaddexp,
     np.logaddexp2, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.gcd, np.lcm, *_TRUTHS}
)  # fmt: skip


def _like(ufunc: np.ufunc, method: str, x: Array, *args: Any, **options: Any) -> Any:
    """What NumPy gives for a tiny array in place of ``x``: the dtype, and its own errors."""
    tiny = np.ones(tuple(min(n, 2) for n in shape_of(x)), type_of(x).dtype)
    return np.asarray(getattr(ufunc, method)(tiny, *args, **options)).dtype


def _prepared(ufunc: np.ufunc, x: Array, kind: np.dtype[Any]) -> Array:
    return x != 0 if ufunc in _TRUTHS and type_of(x).dtype.kind != "b" else as_dtype(x, kind)


# ---- reduce --------------------------------------------------------------------------------------


def reduce(
    ufunc: np.ufunc,
    array: Any,
    axis: Any = 0,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Array:
    """``ufunc.reduce``; the result is written to ``out`` by whoever calls this."""
    x = as_operand(array)
    start = {} if initial is None else {"initial": np.ones((), type_of(initial).dtype)[()]}
    mask = {} if where is True else {"where": np.array(True)}
    kind = _like(ufunc, "reduce", x, axis=axis, dtype=dtype, **start, **mask)
    axes = axes_of(x, axis)
    if ufunc in _REDUCE:
        if ufunc not in _TRUTHS:
            x = as_dtype(x, kind)
        options = {"keepdims": keepdims, "initial": initial, "where": where}
        return _REDUCE[ufunc](x, axis=axes, **options)
    rows, keeps = _in_rows(_prepared(ufunc, x, kind), axes), None
    if where is not True:
        keeps = _in_rows(broadcast_to(as_operand(where), shape=shape_of(x)), axes)
    first = None if initial is None else _prepared(ufunc, as_operand(initial), kind)
    result = _folded(ufunc, rows, first, keeps)
    return keep(result, x, axes) if keepdims else result


def _in_rows(x: Array, axes: tuple[int, ...]) -> Array:
    """The reduced axes as one, the first."""
    here = shape_of(x)
    rest = tuple(i for i in range(len(here)) if i not in axes)
    length = math.prod(here[i] for i in axes)
    return reshape(transpose(x, order=(*axes, *rest)), shape=(length, *(here[i] for i in rest)))


def _folded(ufunc: np.ufunc, rows: Array, first: Array | None, keeps: Array | None) -> Array:
    neutral = ufunc.identity if first is None else first
    if ufunc in _ASSOCIATIVE:
        if keeps is not None:
            idle = neutral if ufunc.identity is None else ufunc.identity
            rows = select(keeps, rows, as_dtype(as_operand(idle), type_of(rows).dtype))
        if shape_of(rows)[0]:
            whole = _by_halves(ufunc, rows)
            return whole if first is None else ufunc(first, whole)
    if not shape_of(rows)[0]:
        filled = broadcast_to(as_operand(neutral), shape=shape_of(rows)[1:])
        return as_dtype(filled, type_of(rows).dtype)
    kind = type_of(rows).dtype
    result = _row(rows, 0) if first is None else first
    for i in range(1 if first is None else 0, shape_of(rows)[0]):
        step = as_dtype(ufunc(result, _row(rows, i)), kind)
        result = step if keeps is None else select(_row(keeps, i), step, result)
    return result


def _row(rows: Array, i: int) -> Array:
    return getitem(rows, index=(i,))


def _by_halves(ufunc: np.ufunc, rows: Array) -> Array:
    while (n := shape_of(rows)[0]) > 1:
        half = n // 2
        joined = ufunc(slice_axis(rows, 0, 0, half), slice_axis(rows, 0, half, 2 * half))
        rows = concatenate([joined, slice_axis(rows, 0, n - 1, n)], 0) if n % 2 else joined
    return _row(rows, 0)


# ---- accumulate ----------------------------------------------------------------------------------


def accumulate(
    ufunc: np.ufunc, array: Any, axis: int = 0, dtype: Any = None, out: None = None
) -> Array:
    """``ufunc.accumulate``: all partial results along an axis."""
    x = as_operand(array)
    kind = _like(ufunc, "accumulate", x, axis=axis, dtype=dtype)
    along = axis_of(axis, len(shape_of(x)))
    x = _prepared(ufunc, x, kind)
    if ufunc is np.add:
        return reductions.cumsum(x, along)
    if ufunc is np.multiply:
        return cumprod(x, along)
    if ufunc is np.subtract and shape_of(x)[along] > 1:
        n = shape_of(x)[along]
        head = slice_axis(x, along, 0, 1)
        rest = reductions.cumsum(slice_axis(x, along, 1, n), along)
        return concatenate([head, head - rest], along)
    return (_by_doubling if ufunc in _ASSOCIATIVE else _one_by_one)(ufunc, x, along)


def _by_doubling(ufunc: np.ufunc, x: Array, axis: int) -> Array:
    n, done = shape_of(x)[axis], 1
    while done < n:  # an entry is the result of the last `done` ones up to it
        later = ufunc(slice_axis(x, axis, 0, n - done), slice_axis(x, axis, done, n))
        x = concatenate([slice_axis(x, axis, 0, done), later], axis)
        done *= 2
    return x


def _one_by_one(ufunc: np.ufunc, x: Array, axis: int) -> Array:
    kind = type_of(x).dtype
    parts = [slice_axis(x, axis, i, i + 1) for i in range(shape_of(x)[axis])]
    for i in range(1, len(parts)):
        parts[i] = as_dtype(ufunc(parts[i - 1], parts[i]), kind)
    return concatenate(parts, axis) if parts else x


# ---- reduceat ------------------------------------------------------------------------------------


def reduceat(
    ufunc: np.ufunc,
    array: Any,
    indices: Any,
    axis: int = 0,
    dtype: Any = None,
    out: None = None,
) -> Array:
    """``ufunc.reduceat``: of the part from each index to the next one, or of its entry alone."""
    if isinstance(indices, TracedValue):
        raise TraceError(
            f"np.{ufunc.__name__}.reduceat needs plain indices, which say how long its parts are"
        )
    x = as_operand(array)
    along = axis_of(axis, len(shape_of(x)))
    starts = np.asarray(indices)
    line = np.ones(shape_of(x)[along], type_of(x).dtype)
    kind = np.asarray(ufunc.reduceat(line, starts, dtype=dtype)).dtype
    ends = [*(int(i) for i in starts[1:]), len(line)]
    parts = [(int(i), max(int(i) + 1, end)) for i, end in zip(starts, ends, strict=True)]
    x = _prepared(ufunc, x, kind)
    if ufunc is np.add and kind.kind in "fc":
        return _sums_of_parts(x, parts, along)
    results = [expand(reduce(ufunc, slice_axis(x, along, *p), along), along) for p in parts]
    return concatenate(results, along)


def _sums_of_parts(x: Array, parts: list[tuple[int, int]], axis: int) -> Array:
    """One look-up and one sum by numbers of parts, however many there are."""
    taken = np.concatenate([np.arange(*part) for part in parts])
    owner = np.repeat(np.arange(len(parts)), [stop - start for start, stop in parts])
    shape, index = shape_of(x), (*(slice(None),) * axis, Slot(0))
    entries = getitem(x, taken, index=index)
    whole = (*shape[:axis], len(parts), *shape[axis + 1 :])
    return scatter_add(entries, owner, index=index, shape=whole)
