"""NumPy's functions on sets of numbers: unique, intersect1d, union1d, isin and their kin.

Entries are sorted, and those that differ from the one before are read. So the values follow the
input, with a derivative, and only the mask of what is read must be known, for its number.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_operand, axis_of
from chainrule.ops.elementwise import minimum, stop_gradient
from chainrule.ops.index import Slot
from chainrule.ops.indexing import mask_positions, read, setitem
from chainrule.ops.numpy_api.implements import constant, implements
from chainrule.ops.numpy_api.searching import lexsort
from chainrule.ops.numpy_api.shapes import moveaxis, packed
from chainrule.ops.reductions import any_p, argsort_p, cumsum_p
from chainrule.ops.searching import searchsorted
from chainrule.ops.shaping import concatenate, reshape


class UniqueAllResult(NamedTuple):
    """What ``np.unique_all`` gives, with NumPy's names."""

    values: Array
    indices: Array
    inverse_indices: Array
    counts: Array


class UniqueCountsResult(NamedTuple):
    """What ``np.unique_counts`` gives, with NumPy's names."""

    values: Array
    counts: Array


class UniqueInverseResult(NamedTuple):
    """What ``np.unique_inverse`` gives, with NumPy's names."""

    values: Array
    inverse_indices: Array


def _flat(x: Any) -> Array:
    x = as_operand(x)
    return reshape(x, shape=(type_of(x).size,))


def _sorted(x: Array) -> Array:
    return read(x, (argsort_p(x, axis=0),))


def _true(count: int) -> Any:
    return np.ones(count, np.bool_)


def _differ(x: Array, *, equal_nan: bool) -> Array:
    """Where a row of a sorted array is not the one before; a NaN may be equal to a NaN."""
    now, before = read(x, slice(1, None)), read(x, slice(None, -1))
    differ = now != before
    if equal_nan and type_of(x).dtype.kind in "fc":
        isnan = PRIMITIVES["isnan"]
        differ = differ & ~(isnan(now) & isnan(before))
    return differ if len(shape_of(x)) == 1 else any_p(differ, axes=(1,))


@implements(np.unique)
def unique(
    ar: Array,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """``np.unique``: sorted, in any case; the first of equal entries carries the derivative."""
    ar = as_operand(ar)
    shape = shape_of(ar)
    along = 0 if axis is None else axis_of(axis, len(shape))
    by_rows = axis is not None and len(shape) > 1
    rows = moveaxis(ar, along, 0) if by_rows else _flat(ar)
    n = shape_of(rows)[0]
    if by_rows:
        table = stop_gradient(reshape(rows, shape=(n, type_of(rows).size // max(n, 1))))
        columns = range(shape_of(table)[1])[::-1]
        order = lexsort([table[:, i] for i in columns]) if columns else np.arange(n)
        differ = _differ(read(table, (order,)), equal_nan=False)
    else:
        order = argsort_p(rows, axis=0)
        differ = _differ(stop_gradient(read(rows, (order,))), equal_nan=equal_nan)
    first = concatenate([_true(min(n, 1)), differ], 0) if n else _true(0)
    (places,) = mask_positions(first)
    index = read(order, (places,))
    values = packed(read(rows, (index,)))
    results = [moveaxis(values, 0, along) if by_rows else values]
    if return_index:
        results.append(index)
    if return_inverse:
        results.append(reshape(_inverse(order, first), shape=(n,) if by_rows else shape))
    if return_counts:
        results.append(np.diff(np.append(places, n)))
    return tuple(results) if len(results) > 1 else results[0]


def _inverse(order: Array, first: Array) -> Array:
    """For each entry of the sorted ones in ``order`` the number of its group."""
    numbers = cumsum_p(first, axis=0) - 1
    nothing = np.zeros(shape_of(order), np.intp)
    return setitem(nothing, numbers, order, index=(Slot(0),))


@implements(np.unique_all)
def unique_all(x: Array) -> UniqueAllResult:
    """``np.unique_all``."""
    return UniqueAllResult(*unique(x, True, True, True, equal_nan=False))


@implements(np.unique_counts)
def unique_counts(x: Array) -> UniqueCountsResult:
    """``np.unique_counts``."""
    return UniqueCountsResult(*unique(x, return_counts=True, equal_nan=False))


@implements(np.unique_inverse)
def unique_inverse(x: Array) -> UniqueInverseResult:
    """``np.unique_inverse``."""
    return UniqueInverseResult(*unique(x, return_inverse=True, equal_nan=False))


@implements(np.unique_values)
def unique_values(x: Array) -> Array:
    """``np.unique_values``, sorted, which NumPy leaves open."""
    return unique(x, equal_nan=False)


@implements(np.union1d)
def union1d(ar1: Array, ar2: Array) -> Array:
    """``np.union1d``: what is in one of two arrays."""
    return unique(concatenate([_flat(ar1), _flat(ar2)], 0))


@implements(np.intersect1d)
def intersect1d(
    ar1: Array, ar2: Array, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    """``np.intersect1d``: what is in both of two arrays; values are those of the first."""
    first, second = _flat(ar1), _flat(ar2)
    places: list[Array] = []
    if not assume_unique:
        (first, *places), (second, *more) = (unique(x, return_index=True) for x in (first, second))
        places += more
    both = concatenate([first, second], 0)
    order = argsort_p(both, axis=0)
    values = read(both, (order,))
    (equal,) = mask_positions(~_differ(stop_gradient(values), equal_nan=False))
    common = read(values, (equal,))
    if not return_indices:
        return common
    index = [read(order, (equal,)), read(order, (equal + 1,)) - shape_of(first)[0]]
    if not assume_unique:
        index = [read(own, (i,)) for own, i in zip(places, index, strict=True)]
    return common, *index


@implements(np.setxor1d)
def setxor1d(ar1: Array, ar2: Array, assume_unique: bool = False) -> Array:
    """``np.setxor1d``: what is in one of two arrays, and not in both."""
    parts = [_flat(x) for x in (ar1, ar2)]
    both = concatenate(parts if assume_unique else [unique(x) for x in parts], 0)
    if shape_of(both)[0] == 0:
        return both
    values = _sorted(both)
    differ = concatenate([_true(1), _differ(stop_gradient(values), equal_nan=False), _true(1)], 0)
    alone = read(differ, slice(1, None)) & read(differ, slice(None, -1))
    return read(values, (mask_positions(alone)[0],))


@implements(np.setdiff1d)
def setdiff1d(ar1: Array, ar2: Array, assume_unique: bool = False) -> Array:
    """``np.setdiff1d``: what is in the first of two arrays, and not in the second."""
    first = _flat(ar1) if assume_unique else unique(ar1)
    return read(first, (mask_positions(isin(first, ar2, invert=True))[0],))


@constant(np.isin)
def isin(
    element: Array,
    test_elements: Array,
    assume_unique: bool = False,
    invert: bool = False,
    *,
    kind: str | None = None,
) -> Array:
    """``np.isin``: which entries are among others, found by bisection whatever ``kind`` says."""
    if kind not in (None, "sort", "table"):
        raise ValueError(f"Invalid kind: '{kind}'. Please use None, 'sort' or 'table'.")
    wanted, known = stop_gradient(as_operand(element)), stop_gradient(_flat(test_elements))
    if kind == "table" and {type_of(x).dtype.kind for x in (wanted, known)} - {"i", "u", "b"}:
        raise ValueError("The 'table' method is only supported for boolean or integer arrays.")
    n = shape_of(known)[0]
    if n == 0:
        return np.full(shape_of(wanted), invert)
    ordered = _sorted(known)
    place = minimum(searchsorted(ordered, wanted, side="left"), n - 1)
    found = read(ordered, (place,)) == wanted
    return ~found if invert else found
