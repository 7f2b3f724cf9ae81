"""Sorting, order statistics, averages, reductions that pass over NaN, running products."""

from __future__ import annotations

import numpy as np

from .table import MASK, NAN, case, ints, x, y, z

HOLES = np.array([[1.5, NAN, -0.5, 0.7], [NAN, NAN, 2.0, -1.2], [0.3, -0.8, 1.1, 0.9]])

# ---- sorting -------------------------------------------------------------------------------------

case("sort", np.sort, x(2, 3))
case("sort-axis-0", lambda a: np.sort(a, axis=0), x(3, 2, 2))
case("sort-none", lambda a: np.sort(a, axis=None), x(2, 3))
case("sort-complex-numbers", np.sort, z(4))
case("sort-ties", lambda a: np.sort(a) * np.arange(4), np.array([2.0, 1.0, 2.0, 1.0]), smooth=False)
case("sort_complex", np.sort_complex, x(3))
case("partition", lambda a: np.partition(a, 1)[..., 1], x(2, 3))

# ---- order statistics ----------------------------------------------------------------------------

case("median", np.median, x(5))
case("median-axis", lambda a: np.median(a, axis=1), x(2, 4))
case("median-axes", lambda a: np.median(a, axis=(0, -1), keepdims=True), x(3, 2, 2))
case("median-float16", lambda a: np.median(a, axis=0), x(4, 2, dtype=np.float16))
case("quantile", lambda a: np.quantile(a, 0.3), x(5))
case("quantile-levels", lambda a: np.quantile(a, [0.1, 0.5, 1.0], axis=0), x(4, 2))
case("quantile-traced", lambda a, q: np.quantile(a, q, axis=1, keepdims=True), x(2, 4),
     x(2, 1, low=0.0, high=1.0))  # fmt: skip
case("quantile-python", np.quantile, x(4, dtype=np.float32), 0.4)
case("quantile-weights",
     lambda a, w: np.quantile(a, [0.2, 0.6], axis=0, weights=w, method="inverted_cdf"),
     x(4, 2), x(4, low=0.5, high=2.0), smooth=False)  # fmt: skip
for _method in (
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf",
    "hazen", "weibull", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint",
    "nearest",
):  # fmt: skip
    case(f"quantile-{_method}",
         lambda a, m=_method: np.quantile(a, [0.13, 0.5, 0.82], method=m), x(5))  # fmt: skip
case("percentile", lambda a: np.percentile(a, 30, axis=-1), x(2, 4))
case("nanmedian", lambda a: np.nanmedian(a, axis=1), x(2, 4))
case("nanmedian-holes", lambda a: np.nanmedian(a, axis=1), HOLES, smooth=False)
case("nanquantile", lambda a: np.nanquantile(a, [0.25, 0.6], axis=1), HOLES, smooth=False)
case("nanpercentile", lambda a: np.nanpercentile(a, 40.0), HOLES, smooth=False)
case("nanquantile-weights",
     lambda a, w: np.nanquantile(a, 0.4, axis=1, weights=w, method="inverted_cdf"),
     HOLES, x(3, 4, low=0.5, high=2.0), smooth=False)  # fmt: skip
case("average", np.average, x(2, 3))
case("average-weights", lambda a, w: np.average(a, axis=1, weights=w), x(2, 3),
     x(3, low=0.5, high=2.0))  # fmt: skip
case("average-returned", lambda a, w: np.average(a, weights=w, returned=True, keepdims=True),
     x(2, 3), x(2, 3, low=0.5, high=2.0))  # fmt: skip
case("average-axes", lambda a, w: np.average(a, axis=(2, 0), weights=w), x(2, 3, 2),
     x(2, 2, low=0.5, high=2.0))  # fmt: skip

# ---- passing over NaN ----------------------------------------------------------------------------

for _f in (np.nansum, np.nanprod, np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin,
           np.nancumsum, np.nancumprod):  # fmt: skip
    case(_f.__name__, lambda a, f=_f: f(a, axis=1), x(2, 3))
    case(f"{_f.__name__}-holes", lambda a, f=_f: f(a, axis=1), HOLES, smooth=False)
for _f in (np.nansum, np.nanmean, np.nanvar):
    case(f"{_f.__name__}-where", lambda a, f=_f: f(a, keepdims=True, where=MASK), x(2, 3))
case("nanvar-ddof", lambda a: np.nanvar(a, axis=0, ddof=1), x(3, 2))
case("nanmax-initial", lambda a: np.nanmax(a, axis=1, initial=1.2, where=MASK), x(2, 3))
case("nanmean-complex", lambda a: np.nanmean(a, axis=0), z(3, 2))
case("nanmean-integers", np.nanmean, ints(2, 3), constant=True)

# ---- running products ----------------------------------------------------------------------------

case("cumprod", np.cumprod, x(2, 3))
case("cumprod-axis", lambda a: np.cumprod(a, axis=0), x(3, 2))
case("cumprod-zeros", np.cumprod, np.array([2.0, 0.0, 3.0, 0.0, 0.5]))
case("cumprod-float32", lambda a: np.cumprod(a, dtype=np.float64), x(3, dtype=np.float32))
case("cumprod-complex", np.cumprod, z(3))
case("cumulative_sum", lambda a: np.cumulative_sum(a, axis=1, include_initial=True), x(2, 3))
case("cumulative_prod", lambda a: np.cumulative_prod(a, axis=-1, include_initial=True), x(2, 3))
case("cumulative_prod-plain", np.cumulative_prod, y(3))
