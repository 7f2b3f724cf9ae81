"""The special functions that NumPy has itself: sinc and i0; ``cr.scipy.special`` has the others."""

from __future__ import annotations

import math

import numpy as np

from chainrule.core.trace import type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.numpy_api.implements import implements, require_real
from chainrule.ops.special.bessel import i0
from chainrule.ops.spherical import spherical_bessel


@implements(np.sinc)
def sinc(x: Array) -> Array:
    """``np.sinc``: ``sin(pi x) / (pi x)``, with derivatives that are accurate near 0, too.

    >>> import chainrule as cr
    >>> round(float(cr.grad(cr.grad(np.sinc))(0.0)), 14), round(-(np.pi**2) / 3, 14)
    (-3.28986813369645, -3.28986813369645)
    """
    return spherical_bessel(as_operand(x) * math.pi, order=0)


@implements(np.i0)
def np_i0(x: Array) -> Array:
    """``np.i0``: the modified Bessel function of the first kind and of order zero."""
    x = require_real(as_operand(x), "np.i0")
    here, single = type_of(x).dtype, np.dtype(np.float32)
    if here == np.float16:
        return as_dtype(i0(as_dtype(x, single)), here)
    return i0(x if here.kind == "f" else as_dtype(x, np.dtype(np.float64)))
