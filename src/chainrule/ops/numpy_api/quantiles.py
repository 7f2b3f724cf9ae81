"""NumPy's order statistics: median, quantile, percentile, and those that pass over NaN.

Entries are found by sorting, stably, and interpolated as NumPy does. The derivative is that of the
one or two entries that were found: of equal ones, those that a stable sort puts there. In the
quantile itself the result is piecewise linear; between two pieces the slope is the one to the
right, at the last entry 0. Rows of NaN have no derivative, and passed-over NaN entries exactly 0.

The nine continuous and discrete definitions are those of Hyndman and Fan, "Sample quantiles in
statistical packages", The American Statistician 50 (1996).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import maximum, minimum, select
from chainrule.ops.numpy_api.averages import weights_for
from chainrule.ops.numpy_api.implements import (
    Axis,
    axes_of,
    implements,
    require_real,
)
from chainrule.ops.numpy_api.nan_reductions import nanmean
from chainrule.ops.numpy_api.reductions import mean
from chainrule.ops.numpy_api.sorting import at_places, lasts
from chainrule.ops.reductions import any_p, argsort_p, cumsum_p, keep, sum_p
from chainrule.ops.shaping import broadcast_to, expand, reshape, transpose

INDEX = np.dtype(np.intp)


# ---- where a quantile lies among n sorted entries ------------------------------------------------


@dataclass(frozen=True)
class Method:
    """A definition of quantiles: the place of q among n entries, a real number from 0.

    ``weight(fraction, place)`` is the share of the entry above; without one, places are whole.
    """

    place: Callable[[Any, Any], Any]
    weight: Callable[[Any, Any], Any] | None = None


def _continuous(alpha: float, beta: float) -> Method:
    return Method(
        lambda n, q: n * q + (alpha + q * (1 - alpha - beta)) - 1, lambda fraction, place: fraction
    )


def _inverted_cdf(n: Any, q: Any) -> Any:
    place = n * q - 1
    below = np.floor(place)
    return select(place == below, below, below + 1)


def _closest_observation(n: Any, q: Any) -> Any:
    place = n * q - 1 - 0.5
    below = np.floor(place)
    return select((place == below) & (below % 2 == 1), below, below + 1)


METHODS: dict[str, Method] = {
    "inverted_cdf": Method(_inverted_cdf),
    "averaged_inverted_cdf": Method(
        lambda n, q: n * q - 1, lambda fraction, place: select(fraction == 0, 0.5, 1.0)
    ),
    "closest_observation": Method(_closest_observation),
    "interpolated_inverted_cdf": _continuous(0, 1),
    "hazen": _continuous(0.5, 0.5),
    "weibull": _continuous(0, 0),
    "linear": Method(lambda n, q: (n - 1) * q, lambda fraction, place: fraction),
    "median_unbiased": _continuous(1 / 3.0, 1 / 3.0),
    "normal_unbiased": _continuous(3 / 8.0, 3 / 8.0),
    "lower": Method(lambda n, q: np.floor((n - 1) * q)),
    "higher": Method(lambda n, q: np.ceil((n - 1) * q)),
    "midpoint": Method(
        lambda n, q: 0.5 * (np.floor((n - 1) * q) + np.ceil((n - 1) * q)),
        lambda fraction, place: select(place % 1 == 0, 0.0, 0.5),
    ),
    "nearest": Method(lambda n, q: np.rint((n - 1) * q)),
}


@dataclass(frozen=True)
class Sample:
    """Values along the last axis, their positions in ascending order, and how many count.

    ``n`` is a number, or one of each row with an axis of length one in the end.
    """

    values: Array
    order: Array
    n: Any

    def at(self, places: Any) -> Array:
        """The sorted entries at whole numbers; these are bounded to what there is."""
        within = as_dtype(maximum(minimum(places, self.n - 1), 0), INDEX)
        *rows, _ = shape_of(self.values)
        within = broadcast_to(within, shape=(*rows, shape_of(within)[-1]))
        return at_places(self.values, at_places(self.order, within))


def _sample(x: Array, *, pass_over: bool) -> Sample:
    order = argsort_p(x, axis=len(shape_of(x)) - 1)
    if not pass_over:
        return Sample(x, order, shape_of(x)[-1])
    last = (len(shape_of(x)) - 1,)
    counts = keep(sum_p(as_dtype(x == x, INDEX), axes=last), x, last)
    return Sample(select(x == x, x, 0), order, counts)


def _found(sample: Sample, q: Array, method: str, *, weak: bool) -> Array:
    """Quantiles of each row, for a one-dimensional ``q``, along the last axis."""
    known = METHODS.get(method)
    if known is None:
        raise ValueError(f"{method!r} is not a valid method. Use one of: {', '.join(METHODS)}")
    n = sample.n
    if not isinstance(n, int) and type_of(q).dtype.kind == "f":
        n = as_dtype(n, type_of(q).dtype)
    place = known.place(n, q)
    if known.weight is None or (method == "linear" and type_of(q).dtype.kind in "iu"):
        return sample.at(as_dtype(place, INDEX))
    below = np.floor(place)
    weight = known.weight(place - below, place)
    whole = as_dtype(below, INDEX)
    low, high = sample.at(whole), sample.at(whole + 1)
    if weak and type_of(low).dtype.kind == "f":
        weight = as_dtype(weight, type_of(low).dtype)
    apart = high - low
    return select(weight >= 0.5, high - apart * (1 - weight), low + apart * weight)


def _weighted(sample: Sample, weights: Array, q: Array) -> Array:
    """The first entry at which the share of the weights up to it reaches q."""
    float64 = np.dtype(np.float64)
    ordered = as_dtype(at_places(weights, sample.order), float64)
    shares = cumsum_p(ordered, axis=len(shape_of(ordered)) - 1)
    shares = shares / shares[..., -1:]
    if type_of(q).dtype.kind == "f":
        shares = as_dtype(shares, type_of(q).dtype)
    shares = expand(shares, len(shape_of(shares)) - 1)
    before = (shares < expand(q, 1)) | (shares == 0)
    return sample.at(sum_p(as_dtype(before, INDEX), axes=(len(shape_of(shares)) - 1,)))


# ---- NumPy's functions ---------------------------------------------------------------------------


def _quantiles(
    name: str, q: Array, a: Array, axis: Axis, out: Any, method: str, keepdims: Any, weights: Any,
    *, weak: bool, pass_over: bool,
) -> Array:  # fmt: skip
    a = as_operand(a)
    require_real(a, name)
    if pass_over and type_of(a).size == 0:
        return nanmean(a, axis, keepdims=keepdims)
    if not isinstance(q, TracedValue) and not (np.all(q >= 0) and np.all(q <= 1)):
        raise ValueError(f"{name}: q must be in the range [0, {100 if 'percent' in name else 1}]")
    x, flat_q = lasts(a, axis), reshape(q, shape=(type_of(q).size,))
    sample = _sample(x, pass_over=pass_over)
    if weights is None:
        found = _found(sample, flat_q, method, weak=weak)
    else:
        share = _valid_weights(name, a, weights, axis, method)
        found = _weighted(sample, select(x == x, lasts(share, axis), 0), flat_q)
    if isinstance(q, TracedValue):
        found = select((flat_q >= 0) & (flat_q <= 1), found, np.nan)
    if type_of(a).dtype.kind == "f":
        found = select(_undefined(x, sample), np.nan, found)
    return _arranged(found, a, axes_of(a, axis), shape_of(q), keepdims=keepdims)


def _undefined(x: Array, sample: Sample) -> Array:
    """Rows with a NaN in them, or, where these are passed over, with nothing else."""
    if not isinstance(sample.n, int):
        return sample.n == 0
    last = (len(shape_of(x)) - 1,)
    return keep(any_p(x != x, axes=last), x, last)


def _arranged(
    found: Array, a: Array, axes: tuple[int, ...], q: tuple[int, ...], *, keepdims: Any
) -> Array:
    rank = len(shape_of(found))
    turned = transpose(found, order=(rank - 1, *range(rank - 1))) if rank > 1 else found
    rows = shape_of(found)[:-1]
    if keepdims:
        rows = tuple(1 if i in axes else n for i, n in enumerate(shape_of(a)))
    return reshape(turned, shape=(*q, *rows))


def _valid_weights(name: str, a: Array, weights: Any, axis: Axis, method: str) -> Array:
    if method != "inverted_cdf":
        raise ValueError(f"{name}: only method 'inverted_cdf' supports weights, not {method!r}")
    if not isinstance(weights, TracedValue) and np.any(np.asarray(weights) < 0):
        raise ValueError(f"{name}: weights must be non-negative")
    return weights_for(a, weights, axis, name)


def _is_weak(q: Any) -> bool:
    return type(q) in (int, float) or (isinstance(q, TracedValue) and type_of(q).weak)


def _quantile(name: str, *, pass_over: bool) -> Any:
    of_hundred = "percent" in name

    def quantile(
        a: Array,
        q: Array,
        axis: Axis = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: Any = False,
        *,
        weights: Any = None,
    ) -> Array:
        weak = _is_weak(q)
        q = q if isinstance(q, TracedValue) else np.asarray(q)
        q = q / 100 if of_hundred else q
        options = {"weak": weak, "pass_over": pass_over}
        return _quantiles(name, q, a, axis, out, method, keepdims, weights, **options)

    quantile.__doc__ = f"""``{name}`` by any of NumPy's methods; see the module's docstring."""
    return quantile


quantile = implements(np.quantile)(_quantile("np.quantile", pass_over=False))
percentile = implements(np.percentile)(_quantile("np.percentile", pass_over=False))
nanquantile = implements(np.nanquantile)(_quantile("np.nanquantile", pass_over=True))
nanpercentile = implements(np.nanpercentile)(_quantile("np.nanpercentile", pass_over=True))


def _median(name: str, *, pass_over: bool) -> Any:
    def median(
        a: Array,
        axis: Axis = None,
        out: Any = None,
        overwrite_input: bool = False,
        keepdims: Any = False,
    ) -> Array:
        a = as_operand(a)
        x = lasts(a, axis)
        if shape_of(x)[-1] == 0:
            return mean(a, axis, keepdims=keepdims)
        sample = _sample(x, pass_over=pass_over)
        found = mean(sample.at(_middle(sample.n)), -1, keepdims=True)
        if type_of(a).dtype.kind in "fc":
            found = select(_undefined(x, sample), np.nan, found)
        return _arranged(found, a, axes_of(a, axis), (), keepdims=keepdims)

    median.__doc__ = f"""``{name}``: the middle entry, or the mean of the two in the middle.

    >>> import chainrule as cr
    >>> cr.grad(np.median)(np.array([5.0, 1.0, 3.0, 2.0]))
    array([0. , 0. , 0.5, 0.5])
    """
    return median


def _middle(n: Any) -> Any:
    if isinstance(n, int):
        return np.arange((n - 1) // 2, n // 2 + 1)
    return (n - np.array([1, 0])) // 2


median = implements(np.median)(_median("np.median", pass_over=False))
nanmedian = implements(np.nanmedian)(_median("np.nanmedian", pass_over=True))
