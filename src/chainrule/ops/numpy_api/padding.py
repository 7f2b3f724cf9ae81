"""NumPy's functions that put a margin around an array or take one off: pad, trim_zeros.

``np.pad`` goes from axis to axis, the margins made so far included. Margins that repeat entries are
read at the places that NumPy itself gives to the numbers of these entries.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype
from chainrule.ops.elementwise import copied, floor, rint
from chainrule.ops.indexing import mask_positions, read
from chainrule.ops.numpy_api.implements import axes_of, implements
from chainrule.ops.numpy_api.known import known
from chainrule.ops.numpy_api.reductions import max, mean, min
from chainrule.ops.numpy_api.shapes import moveaxis, order_like, packed, read_along
from chainrule.ops.reductions import flip
from chainrule.ops.shaping import broadcast_to, concatenate, slice_axis

_STATISTICS = ("maximum", "mean", "median", "minimum")
_OPTIONS = {
    "constant": "constant_values", "empty": None, "linear_ramp": "end_values",
    **dict.fromkeys(_STATISTICS, "stat_length"), "reflect": "reflect_type",
    "symmetric": "reflect_type", "edge": None, "wrap": None,
}  # fmt: skip


@implements(np.pad)
def pad(array: Array, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Array:
    """``np.pad`` in every mode; the margin of ``mode="empty"``, which may be anything, is zeros."""
    widths = _widths(pad_width, len(shape_of(array)))
    if callable(mode):
        function = cast("Callable[..., Any]", mode)
        return _by_function(copied(array), widths, function, kwargs)
    if mode not in _OPTIONS:
        raise ValueError(f"mode '{mode}' is not supported")
    unsupported = set(kwargs) - {_OPTIONS[mode]}
    if unsupported:
        raise ValueError(f"unsupported keyword arguments for mode '{mode}': {unsupported}")
    option = next(iter(kwargs.values()), None)
    if mode not in ("constant", "empty"):
        _require_entries(array, widths)
        mode = mode if type_of(array).size else "empty"
    if not any(map(sum, widths)):
        new = copied(array)
    elif mode in ("empty", "constant", "linear_ramp"):
        new = _filled(array, widths, mode, 0 if option is None or mode == "empty" else option)
    else:
        by = _by_statistic if mode in _STATISTICS else _continued
        new = by(array, widths, mode, option)
    return packed(new, order_like(array))


def _require_entries(x: Array, widths: list[tuple[int, int]]) -> None:
    for axis, (n, width) in enumerate(zip(shape_of(x), widths, strict=True)):
        if n == 0 and sum(width):
            raise ValueError(
                f"can't extend empty axis {axis} using modes other than 'constant' or 'empty'"
            )


def _pairs(values: Any, ndim: int) -> Any:
    """``values`` for both sides of each axis, indexable by axis and side."""
    if isinstance(values, TracedValue):
        return broadcast_to(values, shape=(ndim, 2))
    return np.broadcast_to(np.asarray(values), (ndim, 2)).tolist()


def _widths(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    if isinstance(pad_width, dict):
        by_axis: dict[int, tuple[int, int]] = dict.fromkeys(range(ndim), (0, 0))
        for axis, width in cast("dict[int, Any]", pad_width).items():
            by_axis[axis % ndim] = (width, width) if isinstance(width, int) else width
        pad_width = [by_axis[i] for i in range(ndim)]
    pad_width = known(pad_width)
    if pad_width.dtype.kind != "i":
        raise TypeError("`pad_width` must be of integral type.")
    pairs = [(before, after) for before, after in _pairs(pad_width, ndim)]
    if any(n < 0 for pair in pairs for n in pair):
        raise ValueError("index can't contain negative values")
    return pairs


def _along(x: Array, axis: int, length: int) -> tuple[int, ...]:
    shape = shape_of(x)
    return (*shape[:axis], length, *shape[axis + 1 :])


# ---- margins of numbers that are given -----------------------------------------------------------


def _filled(x: Array, widths: list[tuple[int, int]], mode: str, values: Any) -> Array:
    of_sides = _pairs(values, len(widths))
    make = _ramp if mode == "linear_ramp" else _constant
    for axis, (before, after) in enumerate(widths):
        parts = [x]
        if before:
            parts.insert(0, make(x, axis, before, of_sides[axis][0]))
        if after:
            mirrored = flip(x, axes=(axis,)) if mode == "linear_ramp" else x
            parts.append(flip(make(mirrored, axis, after, of_sides[axis][1]), axes=(axis,)))
        x = concatenate(parts, axis) if len(parts) > 1 else x
    return x


def _constant(x: Array, axis: int, width: int, value: Any) -> Array:
    kind = type_of(x).dtype
    if not isinstance(value, TracedValue):
        return np.full(_along(x, axis, width), value, kind)
    return broadcast_to(as_dtype(value, kind), shape=_along(x, axis, width))


def _ramp(x: Array, axis: int, width: int, end: Any) -> Array:
    """From ``end`` on to the first entries, which are not included; integers are rounded down."""
    kind = type_of(x).dtype
    start = end if isinstance(end, TracedValue) else np.asarray(end)[()]
    away = slice_axis(x, axis, 0, 1) - start
    inexact = np.result_type(type_of(away).dtype, np.float16)
    steps = np.arange(width, dtype=inexact).reshape(-1, *(1,) * (len(shape_of(x)) - axis - 1))
    ramp = as_dtype(away, inexact) / width * steps + start
    return as_dtype(floor(ramp) if kind.kind in "iu" else ramp, kind)


# ---- margins of statistics -----------------------------------------------------------------------


def _by_statistic(x: Array, widths: list[tuple[int, int]], mode: str, lengths: Any) -> Array:
    pairs = _pairs(known(lengths) if lengths is not None else None, len(widths))
    for axis, (before, after) in enumerate(widths):
        n = shape_of(x)[axis]
        left, right = (n if most is None else np.minimum(most, n) for most in pairs[axis])
        if mode in ("maximum", "minimum") and 0 in (left, right) and n:
            raise ValueError("stat_length of 0 yields no value for padding")
        parts = [
            _statistic(slice_axis(x, axis, 0, int(left)), axis, mode, before),
            x,
            _statistic(slice_axis(x, axis, n - int(right), n), axis, mode, after),
        ]
        x = concatenate(parts, axis) if before + after else x
    return x


def _statistic(part: Array, axis: int, mode: str, width: int) -> Array:
    function = {"maximum": max, "minimum": min, "mean": mean, "median": np.median}[mode]
    found = function(part, axis=axis, keepdims=True)
    kind = type_of(part).dtype
    found = as_dtype(rint(found) if kind.kind in "iu" else found, kind)
    return broadcast_to(found, shape=_along(part, axis, width))


# ---- margins that continue the array -------------------------------------------------------------


def _continued(x: Array, widths: list[tuple[int, int]], mode: Any, kind: Any) -> Array:
    """Entries once more, reflected or from the other end; ``kind`` is "odd" for point symmetry."""
    for axis, (before, after) in enumerate(widths):
        n = shape_of(x)[axis]
        if kind == "odd" and n > 1:
            x = _odd(x, axis, before, after, includes_edge=mode == "symmetric")
        elif before + after:
            places = np.pad(np.arange(n), (before, after), mode)
            x = read_along(x, axis, places)
    return x


def _odd(x: Array, axis: int, before: int, after: int, *, includes_edge: bool) -> Array:
    """Reflected in the point of the edge, ``2 edge - x``, again and again until it is wide enough.

    A reflection is as long as the periods of the original that are there, as in NumPy.
    """
    period = shape_of(x)[axis] - (not includes_edge)
    off = int(not includes_edge)  # the edge itself is not reflected
    kind = type_of(x).dtype
    while before or after:
        n = shape_of(x)[axis]
        length = (n - off) // period * period
        parts, left, right = [x], np.minimum(length, before), np.minimum(length, after)
        if left:
            part = flip(slice_axis(x, axis, off, off + int(left)), axes=(axis,))
            parts.insert(0, as_dtype(2 * slice_axis(x, axis, 0, 1) - part, kind))
        if right:
            part = flip(slice_axis(x, axis, n - off - int(right), n - off), axes=(axis,))
            parts.append(as_dtype(2 * slice_axis(x, axis, n - 1, n) - part, kind))
        x = concatenate(parts, axis)
        before, after = before - int(left), after - int(right)
    return x


def _by_function(
    x: Array, widths: list[tuple[int, int]], function: Callable[..., Any], options: Any
) -> Array:
    """The function writes into the margins of each row, which are views of the result."""
    padded = _filled(x, widths, "constant", 0)
    for axis, pair in enumerate(widths):
        rows = moveaxis(padded, axis, -1)
        for index in itertools.product(*map(range, shape_of(rows)[:-1])):
            function(read(rows, (*index, ...)), np.array(pair), axis, options)
    return padded


# ---- taking a margin off -------------------------------------------------------------------------


@implements(np.trim_zeros)
def trim_zeros(filt: Array, trim: str = "fb", axis: Any = None) -> Array:
    """``np.trim_zeros``: without the zeros at the ends, where values are known; a view."""
    sides = trim.lower()
    if sides not in {"fb", "bf", "f", "b"}:
        raise ValueError(f"unexpected character(s) in `trim`: {trim!r}")
    axes = axes_of(filt, axis)
    if not axes:
        return filt
    places = mask_positions(filt)
    index = [slice(None)] * len(shape_of(filt))
    for i in axes:
        if places[i].size == 0:
            index[i] = slice(0, 0)
            continue
        first, last = operator.index(places[i].min()), operator.index(places[i].max())
        index[i] = slice(first if "f" in sides else None, last + 1 if "b" in sides else None)
    return read(filt, tuple(index))
