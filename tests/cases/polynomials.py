"""Polynomials, interpolation between points, and counts."""

from __future__ import annotations

import numpy as np

from .table import case, ints, x, y, z

POINTS = np.array([-1.5, -0.4, 0.3, 1.9])

# ---- polynomials ---------------------------------------------------------------------------------

case("polyadd", np.polyadd, x(3), y(2))
case("polysub", np.polysub, x(2), y(4))
case("polymul", np.polymul, x(3), y(2), by_types=False)
case("polymul-zeros", np.polymul, np.array([0.0, 0.0, 1.5, 2.0]), y(2), by_types=False,
     smooth=False)  # fmt: skip
case("polydiv", np.polydiv, x(4), y(2), by_types=False)
case("polydiv-short", np.polydiv, x(2), y(3), by_types=False)
case("polyval", np.polyval, x(4), y(2, 2))
case("polyval-scalar", np.polyval, x(3), 0.5)
case("polyder", lambda p: np.polyder(p, 2), x(5))
case("polyint", lambda p, k: np.polyint(p, 2, k), x(3), y(2))
case("polyint-plain", np.polyint, x(3))
case("roots", np.roots, np.array([1.0, -2.5, 0.5, 0.7]), by_types=False)
case("roots-pairs", np.roots, np.array([1.0, 0.5, 2.0, 0.3]), by_types=False)
case("roots-complex", np.roots, z(3), by_types=False)
case("roots-zeros", lambda p: np.roots(p) * np.array([1.0, 2.0, 3.0]),
     np.array([0.0, 2.0, -3.0, -1.0, 0.0]), by_types=False, smooth=False)  # fmt: skip
case("poly", np.poly, x(3))
case("poly-complex", np.poly, z(2), by_types=False)
case("poly-pairs", lambda r: np.poly(np.stack([r[0] + 1j * r[1], r[0] - 1j * r[1]])), x(2),
     by_types=False)  # fmt: skip

case("poly-matrix", np.poly, x(2, 2), by_types=False)
case("polyfit", lambda t, a: np.polyfit(t, a, 2), x(5), y(5))
case("polyfit-weights", lambda t, a, w: np.polyfit(t, a, 1, w=w, cov=True), x(4), y(4),
     x(4, low=0.5, high=1.5))  # fmt: skip
case("polyfit-full", lambda a: np.polyfit(np.arange(4.0), a, 1, full=True)[:2], x(4, 2))

# ---- interpolation -------------------------------------------------------------------------------

case("interp", np.interp, np.array([-2.0, -1.0, 0.1, 0.2, 1.0, 3.0]), POINTS, y(4))
case("interp-scalar", lambda a: np.interp(a, POINTS, [1.0, 2.0, -1.0, 0.5]), 0.7)
case("interp-sides", lambda a, u, v: np.interp(a, POINTS, [1.0, 2.0, -1.0, 0.5], u, v),
     np.array([[-3.0, 0.0], [1.0, 5.0]]), 0.3, y())  # fmt: skip
case("interp-period", lambda a, p, f, w: np.interp(a, p, f, period=w),
     np.array([-6.8, 0.55, 2.6, 5.5]), np.array([4.0, 0.4, 2.0]), y(3), 3.7)  # fmt: skip
case("interp-complex", np.interp, np.array([-1.0, 0.1]), POINTS, z(4))
case("interp-one-point", np.interp, np.array([-1.0, 0.5]), x(1), y(1))

# ---- counts --------------------------------------------------------------------------------------

case("bincount", lambda w: np.bincount([1, 3, 1, 0], w, minlength=6), x(4))
case("bincount-traced", np.bincount, ints(4), constant=True, by_types=False)
case("histogram", lambda w: np.histogram(x(6), 3, weights=w), y(6))
case("histogram-data", lambda a: np.histogram(a, 4), x(7), smooth=False)
case("histogram-density", lambda a, w: np.histogram(a, 3, (-1.5, 1.5), density=True, weights=w),
     x(6), y(6, low=0.5))  # fmt: skip
case("histogram-edges", lambda w: np.histogram(x(6), [-2.0, -0.5, 0.1, 2.0], weights=w), y(6))
case("histogram-traced-edges", lambda e: np.histogram(x(6), e, density=True), POINTS)
case("histogram-rule", lambda w: np.histogram(x(6), range=(-1, 2), weights=w, bins=5),
     y(6, dtype=np.float32))  # fmt: skip
case("histogram_bin_edges", lambda a: np.histogram_bin_edges(a, 3), x(5))
case("histogram2d", lambda a, w: np.histogram2d(a, y(6), 2, weights=w), x(6), y(6))
case("histogram2d-edges", lambda w: np.histogram2d(x(6), y(6), POINTS, weights=w), y(6))
case("histogramdd", lambda w: np.histogramdd(x(6, 2), (2, 3), weights=w, density=True),
     y(6, low=0.5))  # fmt: skip
