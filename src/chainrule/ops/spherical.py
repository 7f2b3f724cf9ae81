"""Spherical Bessel functions of the first kind, of which ``np.sinc`` is the first.

``j_0(y) = sin(y) / y``, and ``(2n + 1) j_n' = n j_{n-1} - (n + 1) j_{n+1}`` (Abramowitz and Stegun,
10.1.20), which neither divides by y nor cancels at 0.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import scipy.special

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import edge, primitive
from chainrule.ops.batch import elementwise
from chainrule.ops.define import Array

_spherical_jn: Any = cast("Any", scipy.special).spherical_jn
_TERMS = 24


def _series(y: Any, order: int) -> Any:
    """The power series at 0 (10.1.2), which is more accurate there than SciPy's function."""
    term = total = np.ones_like(y)
    for k in range(1, _TERMS):
        term = term * (-0.5 * y * y / (k * (2 * order + 1 + 2 * k)))
        total = total + term
    first = y / 3
    for n in range(2, order + 1):
        first = first * (y / (2 * n + 1))
    return first * total


def _value(y: Any, order: int) -> Any:
    y = np.asarray(y)
    if order == 0:
        tiny = np.finfo(y.dtype).eps if y.dtype.kind == "f" else 1e-20
        there = np.where(y, y, tiny)
        return (np.sin(there) / there)[()]
    wide = y.astype(np.result_type(y.dtype, np.float64))
    near = np.abs(wide) <= order + 1
    far = np.where(near, order + 1, wide)
    first = order == 1  # SciPy's is less accurate
    beyond = (np.sin(far) / far - np.cos(far)) / far if first else _spherical_jn(order, far)
    return np.where(near, _series(np.where(near, wide, 0), order), beyond).astype(y.dtype)[()]


def _times_slope(t: Array, out: Array, y: Array, order: int) -> Array:
    above = spherical_bessel(y, order=order + 1)
    if order == 0:
        return t * -above
    below = spherical_bessel(y, order=order - 1)
    return t * ((order * below - (order + 1) * above) / (2 * order + 1))


spherical_bessel = primitive(
    "spherical_bessel",
    _value,
    lambda y, order: ArrayType(y.shape, y.dtype),
    (edge(_times_slope, _times_slope),),
    batch=elementwise("spherical_bessel"),
)
