"""Differences, integrals, covariances, products of vectors, rows of numbers between two ends."""

from __future__ import annotations

import numpy as np

import chainrule as cr

from .table import case, ints, x, y, z

RISING = np.array([0.0, 0.7, 1.1, 2.4, 3.0])

# ---- differences ---------------------------------------------------------------------------------

case("diff", np.diff, x(2, 3))
case("diff-twice", lambda a: np.diff(a, 2, axis=0), x(4, 2))
case("diff-ends", lambda a, b, c: np.diff(a, axis=0, prepend=b, append=c), x(2, 3), y(), y(1, 3))
case("diff-booleans", lambda a: np.diff(a > 0), x(4), constant=True)
case("ediff1d", np.ediff1d, x(2, 2))
case("ediff1d-ends", lambda a, b, c: np.ediff1d(a, b, c), x(3), y(2), y())
case("gradient", np.gradient, x(4))
case("gradient-axes", lambda a: np.gradient(a, 0.5, 2.0), x(3, 3))
case("gradient-spacing", lambda a, h: np.gradient(a, h, axis=1, edge_order=2), x(2, 4),
     y(low=0.5, high=1.5))  # fmt: skip
case("gradient-coordinates", lambda a, t: np.gradient(a, t), x(5), RISING)
case("gradient-coordinates-edges", lambda a, t: np.gradient(a, t, edge_order=2), x(5), RISING)
case("gradient-equal", lambda a: np.gradient(a, np.arange(4) * 0.5), x(4))
case("gradient-integers", np.gradient, ints(4), constant=True)
case("trapezoid", np.trapezoid, x(2, 3))
case("trapezoid-points", lambda a, t: np.trapezoid(a, t, axis=0), x(5, 2), RISING)
case("trapezoid-many", lambda a, t: np.trapezoid(a, t), x(2, 3), y(2, 3))
case("trapezoid-spacing", lambda a, h: np.trapezoid(a, dx=h, axis=0), x(3, 2), y())
case("unwrap", np.unwrap, np.array([0.3, 3.0, 6.0, 0.5, -3.3]))
case("unwrap-period", lambda a, p: np.unwrap(a, axis=0, period=p), 3 * x(4, 2), 2.5)
case("unwrap-discont", lambda a: np.unwrap(a, 2.0, period=2.5), 3 * x(2, 4))

# ---- covariances ---------------------------------------------------------------------------------

case("cov", np.cov, x(2, 4))
case("cov-vector", np.cov, x(4))
case("cov-columns", lambda a, b: np.cov(a, b, rowvar=False, bias=True), x(4, 2), y(4, 1))
case("cov-weights", lambda a, w: np.cov(a, aweights=w, fweights=[1, 2, 1, 3]), x(2, 4),
     x(4, low=0.5, high=1.5))  # fmt: skip
case("cov-aweights", lambda a, w: np.cov(a, aweights=w, ddof=0), x(2, 4), x(4, low=0.5, high=1.5))
case("cov-fweights", lambda a: np.cov(a, fweights=[1, 2, 1, 3]), x(2, 4, dtype=np.float32))
case("cov-complex", np.cov, z(2, 3))
case("corrcoef", np.corrcoef, x(2, 4))
case("corrcoef-pair", np.corrcoef, x(4), y(4))
case("corrcoef-vector", np.corrcoef, x(4))
case("corrcoef-complex", np.corrcoef, z(2, 4))

# ---- products of vectors -------------------------------------------------------------------------

case("cross", np.cross, x(2, 3), y(3))
case("cross-axis", lambda a, b: np.cross(a, b, axis=0), x(3, 2), y(3, 2))
case("cross-axes", lambda a, b: np.cross(a, b, axisa=0, axisc=0), x(3, 2), y(2, 3))
case("linalg-cross", np.linalg.cross, x(3), y(2, 3))
case("kron", np.kron, x(2, 3), y(2, 1))
case("kron-ranks", np.kron, x(2), y(2, 2))
case("vecdot", np.vecdot, x(2, 3), y(3))
case("vecdot-complex", np.vecdot, z(2), z(2, seed=1))
case("linalg-vecdot", lambda a, b: np.linalg.vecdot(a, b, axis=0), x(3, 2), y(3, 2))
case("linalg-outer", np.linalg.outer, x(2), y(3))
case("matvec", np.matvec, x(2, 2, 3), y(3))
case("vecmat", np.vecmat, x(2), y(2, 3))
case("vecmat-complex", np.vecmat, z(2), z(2, 3))
case("vander", np.vander, x(3))
case("vander-increasing", lambda a: np.vander(a, 4, increasing=True), x(2, dtype=np.float32))

# ---- rows of numbers -----------------------------------------------------------------------------

case("linspace", lambda a, b: np.linspace(a, b, 5), 0.5, 2.0)
case("linspace-arrays", lambda a, b: np.linspace(a, b, 3, endpoint=False, axis=1), x(2), y(2))
case("linspace-step", lambda a: np.linspace(a, 4, 3, retstep=True), x(dtype=np.float32))
case("logspace", lambda a, b: np.logspace(a, b, 4), x(), y())
case("logspace-base", lambda a, b, c: np.logspace(a, b, 3, base=c), x(2), y(2),
     x(2, low=1.5, high=3.0))  # fmt: skip
case("geomspace", lambda a, b: np.geomspace(a, b, 4), 0.5, 8.0)
case("geomspace-negative", lambda a, b: np.geomspace(a, b, 4, endpoint=False), np.array([-0.5, 1]),
     np.array([-3.0, 4.0]))  # fmt: skip
case("geomspace-complex", lambda a, b: np.geomspace(a, b, 3), 1 + 1j, 2 - 1j)

# ---- the format of numbers -----------------------------------------------------------------------

case("sinc", np.sinc, x(4))
case("sinc-near-zero", np.sinc, np.array([0.0, 1e-9, -1e-3]))
case("sinc-complex", np.sinc, z(2))
case("sinc-float32", np.sinc, x(3, dtype=np.float32))
case("spacing", np.spacing, x(3), constant=True)
case("nextafter", lambda a: np.nextafter(a, 3.0), x(3))
case("frexp", np.frexp, np.array([1.5, -0.3, 40.0]))
case("fix", np.fix, x(4), constant=True)

# ---- convolutions --------------------------------------------------------------------------------

for _mode in ("full", "same", "valid"):
    case(f"convolve-{_mode}", lambda a, b, m=_mode: np.convolve(a, b, m), x(5), y(2))
    case(f"correlate-{_mode}", lambda a, b, m=_mode: np.correlate(a, b, m), x(2), y(5))
    case(f"signal-convolve-{_mode}",
         lambda a, b, m=_mode: cr.scipy.signal.convolve(a, b, m), x(3, 4), y(2, 2))  # fmt: skip
case("convolve-complex", np.convolve, z(3), x(2))
case("correlate-complex", lambda a, b: np.correlate(a, b, "full"), z(3), z(2, seed=1))
case("convolve-long", np.convolve, x(20), y(18, dtype=np.float32))
case("convolve-integers", np.convolve, ints(3), ints(2), constant=True)
case(
    "signal-correlate",
    lambda a, b: cr.scipy.signal.correlate(a, b, "valid"),
    x(2, 1, 3),
    y(1, 1, 2),
)
case("signal-convolve-fft", lambda a, b: cr.scipy.signal.convolve(a, b, "same", "fft"), x(3, 2),
     y(2, 2))  # fmt: skip
case("signal-convolve-fft-complex",
     lambda a, b: cr.scipy.signal.convolve(a, b, "valid", "fft"), z(4), x(2))  # fmt: skip
case("i0", np.i0, x(4))
case("i0-integers", np.i0, ints(3), constant=True)
