"""NumPy's functions of the floating point format: spacing, nextafter, frexp, fix."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PIECEWISE_CONSTANT, primitive
from chainrule.core.trace import type_of
from chainrule.ops.batch import elementwise
from chainrule.ops.define import (
    Array,
    as_dtype,
    binary,
    composition,
    discrete,
    ufunc_dtype,
)
from chainrule.ops.elementwise import trunc
from chainrule.ops.exponentials import exp2
from chainrule.ops.numpy_api.implements import constant

discrete("spacing", np.spacing)
binary("nextafter", np.nextafter, lambda out, x, y: 1, lambda out, x, y: 0)
exponent = primitive(
    "exponent",
    lambda x: np.frexp(x)[1],
    lambda x: ArrayType(x.shape, np.dtype(np.int32)),
    PIECEWISE_CONSTANT,
    batch=elementwise("exponent"),
)


def _frexp(x: Array) -> tuple[Array, Array]:
    """The power of two is divided off in halves, since that of the least numbers is infinite."""
    dtype = ufunc_dtype(np.frexp, type_of(x))
    x = as_dtype(x, dtype)
    power = exponent(x)
    half = -power // 2
    first, second = (exp2(as_dtype(n, dtype)) for n in (half, -power - half))
    return x * first * second, power


composition(np.frexp, _frexp)


@constant(np.fix)
def fix(x: Array, out: Any = None) -> Array:
    """``np.fix``: rounded towards zero."""
    return trunc(x)
