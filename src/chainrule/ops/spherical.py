"""Spherical Bessel functions of the first kind, of which ``np.sinc`` is the first.

``j_0(y) = sin(y) / y``, and ``(2n + 1) j_n' = n j_{n-1} - (n + 1) j_{n+1}`` (Abramowitz and Stegun,
10.1.20), which neither divides by y nor cancels at 0.
"""

from __future__ import annotations

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import edge, primitive
from chainrule.core.trace import type_of
from chainrule.ops.batch import elementwise
from chainrule.ops.circular import cos, sin
from chainrule.ops.define import Array, as_dtype
from chainrule.ops.elementwise import absolute, select

_TERMS = 24


def _series(y: Array, order: int) -> Array:
    """The power series at 0 (10.1.2)."""
    total = term = 1.0
    for k in range(1, _TERMS):
        term = term * (-0.5 * y * y / (k * (2 * order + 1 + 2 * k)))
        total = total + term
    for n in range(1, order + 1):
        total = total * (y / (2 * n + 1))
    return total


def computed(y: Array, order: int) -> Array:
    """The value: by its series near 0, beyond by the recurrence that begins with sine and cosine.

    What runs as machine code is this function, traced.
    """
    dtype = type_of(y).dtype
    if order == 0:
        tiny = float(np.finfo(dtype).eps) if dtype.kind == "f" else 1e-20
        there = select(y == 0, tiny, y)
        return sin(there) / there
    wide = as_dtype(y, np.result_type(dtype, np.float64))
    near = absolute(wide) <= order + 1
    far = select(near, order + 1, wide)
    below = sin(far) / far
    beyond = (below - cos(far)) / far
    for n in range(1, order):
        below, beyond = beyond, (2 * n + 1) / far * beyond - below
    return as_dtype(select(near, _series(select(near, wide, 0), order), beyond), dtype)


def _times_slope(t: Array, out: Array, y: Array, order: int) -> Array:
    above = spherical_bessel(y, order=order + 1)
    if order == 0:
        return t * -above
    below = spherical_bessel(y, order=order - 1)
    return t * ((order * below - (order + 1) * above) / (2 * order + 1))


spherical_bessel = primitive(
    "spherical_bessel",
    computed,
    lambda y, order: ArrayType(y.shape, y.dtype),
    (edge(_times_slope, _times_slope),),
    batch=elementwise("spherical_bessel"),
)
