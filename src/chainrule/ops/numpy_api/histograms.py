"""NumPy's counts: bincount, and histograms over one and more axes.

Counts are linear in the weights and constant in the data. Edges that are found from the data follow
its least and largest entry.
"""

from __future__ import annotations

import operator
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError, TraceError
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import select, stop_gradient
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem, scatter_add
from chainrule.ops.numpy_api.deciding import known_index
from chainrule.ops.numpy_api.differences import diff
from chainrule.ops.numpy_api.implements import implements, require_real
from chainrule.ops.numpy_api.reductions import max as np_max
from chainrule.ops.numpy_api.reductions import min as np_min
from chainrule.ops.numpy_api.reductions import sum as np_sum
from chainrule.ops.numpy_api.spaces import linspace
from chainrule.ops.shaping import reshape

_INDEX, _FLOAT = np.dtype(np.intp), np.dtype(np.float64)


def _flat(x: Array) -> Array:
    return reshape(x, shape=(type_of(x).size,))


def _added(places: Array, weights: Array, length: int) -> Array:
    """The sum of the weights at each place."""
    return scatter_add(weights, places, index=(Slot(0),), shape=(length,))


@implements(np.bincount)
def bincount(x: Array, /, weights: Any = None, minlength: int = 0) -> Array:
    """``np.bincount``: how often each number occurs, or the sum of its weights.

    >>> import chainrule as cr
    >>> cr.jvp(lambda w: np.bincount([1, 0, 1], w), (np.ones(3),), (np.array([2.0, 5.0, 3.0]),))[1]
    array([5., 5.])
    """
    x = as_operand(x)
    if type_of(x).size == 0:
        x = as_dtype(x, _INDEX)
    if len(shape_of(x)) != 1 or type_of(x).dtype.kind not in "iub":
        raise ShapeError(f"np.bincount takes a vector of whole numbers, not {type_of(x)}")
    length = minlength
    if shape_of(x)[0]:
        if known_index(np_min(x), "np.bincount") < 0:
            raise ValueError("'list' argument must have no negative elements")
        length = max(length, known_index(np_max(x), "np.bincount") + 1)
    if weights is None:
        return _added(x, np.ones(shape_of(x), _INDEX), length)
    weights = as_dtype(require_real(as_operand(weights), "np.bincount"), _FLOAT)
    if shape_of(weights) != shape_of(x):
        raise ShapeError(
            f"np.bincount: weights of shape {shape_of(weights)} for {shape_of(x)[0]} numbers"
        )
    return _added(x, weights, length)


# ---- edges ---------------------------------------------------------------------------------------


def _ends(a: Array, limits: Any) -> tuple[Array, Array]:
    """The outer edges; where both are one, a half is added on both sides."""
    if limits is not None:
        first, last = (as_operand(x) for x in limits)
        known = not any(isinstance(x, TracedValue) for x in limits)
        if known and not (first <= last and np.isfinite(first) and np.isfinite(last)):
            raise ValueError(f"histogram: a range of [{first}, {last}] is not finite or not rising")
    elif type_of(a).size == 0:
        return np.zeros((), type_of(a).dtype)[()], np.ones((), type_of(a).dtype)[()]
    else:
        first, last = np_min(a), np_max(a)
    same = first == last
    return select(same, first - 0.5, first), select(same, last + 0.5, last)


def _number_of_bins(a: Array, bins: Any, limits: Any) -> int:
    if not isinstance(bins, str):
        number = operator.index(bins)
        if number < 1:
            raise ValueError("`bins` must be positive, when an integer")
        return number
    values = stop_gradient(a)
    if isinstance(values, TracedValue):
        raise TraceError(
            f"histogram: bins={bins!r} of data whose values are not known; pass the number of bins"
        )
    return len(np.histogram_bin_edges(values, bins, limits)) - 1


def _edges(a: Array, bins: Any, limits: Any) -> tuple[Array, tuple[Array, Array] | None]:
    """The edges, and the outer ones if all bins are of one width."""
    if not isinstance(bins, str) and shape_of(as_operand(bins)):
        edges = as_operand(bins)
        if len(shape_of(edges)) != 1:
            raise ShapeError(f"histogram: bins of shape {shape_of(edges)} must be a vector")
        if not isinstance(edges, TracedValue) and np.any(edges[:-1] > edges[1:]):
            raise ValueError("`bins` must increase monotonically, when an array")
        return edges, None
    first, last = _ends(require_real(a, "np.histogram"), limits)
    dtype = np.result_type(*(type_of(as_operand(x)).dtype for x in (first, last, a)))
    dtype = dtype if dtype.kind == "f" else _FLOAT
    number = _number_of_bins(a, bins, limits)
    return linspace(first, last, number + 1, dtype=dtype), (first, last)


@implements(np.histogram_bin_edges)
def histogram_bin_edges(a: Array, bins: Any = 10, range: Any = None, weights: Any = None) -> Array:
    """``np.histogram_bin_edges``; between the least and the largest entry, which they follow."""
    return _edges(_flat(as_operand(a)), bins, range)[0]


# ---- places among edges --------------------------------------------------------------------------


def _bin_of(a: Array, edges: Array) -> tuple[Array, Array]:
    """The bin of each entry, and whether there is one; the last edge is in the last bin."""
    last = shape_of(edges)[0] - 2
    found = cast("Array", np.searchsorted(edges, a, side="right")) - 1
    found = select(a == edges[-1], last, found)
    inside = (found >= 0) & (found <= last)
    return as_dtype(select(inside, found, 0), _INDEX), inside


def _equal_bin_of(a: Array, edges: Array, ends: tuple[Array, Array]) -> tuple[Array, Array]:
    """As :func:`_bin_of`, by division; rounding is put right at the edges."""
    first, last = ends
    number = shape_of(edges)[0] - 1
    inside = (a >= first) & (a <= last)
    a = as_dtype(a, type_of(edges).dtype)
    share = (a - first) / (last - first) * number
    found = as_dtype(select(inside, share, 0), _INDEX)
    found = select(found == number, number - 1, found)
    found = found - as_dtype(inside & (a < _at(edges, found)), _INDEX)
    above = inside & (a >= _at(edges, found + 1)) & (found != number - 1)
    return found + as_dtype(above, _INDEX), inside


def _at(edges: Array, places: Array) -> Array:
    return getitem(edges, places, index=(Slot(0),))


def _counts(places: Array, inside: Array, weights: Any, length: int) -> Array:
    if weights is None:
        return _added(places, as_dtype(inside, _INDEX), length)
    dtype = type_of(weights).dtype
    wide = weights if dtype.kind == "c" else as_dtype(weights, _FLOAT)
    return as_dtype(_added(places, select(inside, wide, 0), length), dtype)


def _weights_of(a: Array, weights: Any) -> Any:
    if weights is None:
        return None
    weights = as_operand(weights)
    if shape_of(weights) != shape_of(a):
        raise ShapeError(
            f"histogram: weights of shape {shape_of(weights)} for data of shape {shape_of(a)}"
        )
    return _flat(weights)


# ---- histograms ----------------------------------------------------------------------------------


@implements(np.histogram)
def histogram(
    a: Array, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> tuple[Array, Array]:
    """``np.histogram``; see the module's docstring for what it is differentiable in."""
    a = as_operand(a)
    weights, a = _weights_of(a, weights), _flat(a)
    if type_of(a).dtype.kind == "b":
        a = as_dtype(a, np.dtype(np.uint8))
    edges, ends = _edges(a, bins, range)
    data, known = stop_gradient(a), stop_gradient(edges)
    if ends is None:
        places, inside = _bin_of(data, known)
    else:
        first, last = (stop_gradient(as_operand(x)) for x in ends)
        places, inside = _equal_bin_of(data, known, (first, last))
    counts = _counts(places, inside, weights, shape_of(edges)[0] - 1)
    if density:
        return counts / as_dtype(diff(edges), _FLOAT) / np_sum(counts), edges
    return counts, edges


@implements(np.histogramdd)
def histogramdd(
    sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> tuple[Array, list[Array]]:
    """``np.histogramdd`` of points in rows, or of one array a coordinate."""
    columns = _columns(sample)
    rank = len(columns)
    given: Any = bins if np.iterable(bins) and not isinstance(bins, str) else [bins] * rank
    limits: Any = [None] * rank if range is None else range
    if len(given) != rank or len(limits) != rank:
        raise ValueError("bins and range must have one entry per dimension of the sample")
    weights = None if weights is None else _weights_of(columns[0], weights)
    all_edges: list[Array] = []
    place, inside = 0, True
    for x, b, limit in zip(columns, given, limits, strict=True):
        edges = _edges(x, b, limit)[0]
        found, within = _bin_of(stop_gradient(x), stop_gradient(edges))
        place = place * (shape_of(edges)[0] - 1) + found
        inside = inside & within
        all_edges.append(edges)
    lengths = tuple(shape_of(e)[0] - 1 for e in all_edges)
    flat = as_dtype(_counts(place, inside, weights, int(np.prod(lengths))), _FLOAT)
    counts = total = reshape(flat, shape=lengths)
    if density:
        for i, edges in enumerate(all_edges):
            wanted = tuple(n if j == i else 1 for j, n in enumerate(lengths))
            counts = counts / reshape(diff(edges), shape=wanted)
        counts = counts / np_sum(total)
    return counts, all_edges


def _columns(sample: Any) -> list[Array]:
    if isinstance(sample, (list, tuple)):
        return [_flat(as_operand(x)) for x in cast("list[Any]", sample)]
    points = as_operand(sample)
    if len(shape_of(points)) == 1:
        return [points]
    return [points[:, i] for i in np.arange(shape_of(points)[1])]


@implements(np.histogram2d)
def histogram2d(
    x: Array,
    y: Array,
    bins: Any = 10,
    range: Any = None,
    density: Any = None,
    weights: Any = None,
) -> tuple[Array, Array, Array]:
    """``np.histogram2d``: :func:`histogramdd` of two coordinates."""
    several = np.iterable(bins) and not isinstance(bins, str)
    if several and len(cast("Any", bins)) not in (1, 2):
        bins = [bins, bins]
    counts, (first, second) = histogramdd([x, y], bins, range, density, weights)
    return counts, first, second
