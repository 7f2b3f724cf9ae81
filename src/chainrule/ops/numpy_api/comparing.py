"""NumPy's functions that compare arrays, or say what kind of numbers are in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import absolute, constant_like, imag, isfinite, select, stop_gradient
from chainrule.ops.numpy_api.implements import constant, implements
from chainrule.ops.numpy_api.selecting import np_real
from chainrule.ops.reductions import all_axes, all_p


def _plain(x: Any) -> Array:
    """A value that no derivative follows, with the dtype of an array even if it is a list."""
    return stop_gradient(as_operand(x))


def _all(x: Array) -> Any:
    """Whether all are true: a Python truth value, where it is known."""
    result = all_p(x, axes=all_axes(x))
    return result if isinstance(result, TracedValue) else bool(result)


@constant(np.isclose)
def isclose(
    a: Array, b: Array, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False
) -> Array:
    """``np.isclose``: ``|a - b| <= atol + rtol |b|``, or both the same infinity."""
    x, y, rtol, atol = map(_plain, (a, b, rtol, atol))
    if type_of(y).dtype.kind in "iub":
        y = as_dtype(y, np.dtype(np.float64))
    finite = isfinite(x) & isfinite(y)
    x_, y_ = select(finite, x, 0), select(finite, y, 0)  # of infinities no difference
    near = (absolute(x_ - y_) <= atol + rtol * absolute(y_)) & finite | (x == y)
    if equal_nan:
        near = near | (PRIMITIVES["isnan"](x) & PRIMITIVES["isnan"](y))
    return near


@constant(np.allclose)
def allclose(
    a: Array, b: Array, rtol: Any = 1e-05, atol: Any = 1e-08, equal_nan: bool = False
) -> Any:
    """``np.allclose``: whether all entries are close, see :func:`isclose`."""
    return _all(isclose(a, b, rtol, atol, equal_nan))


@constant(np.array_equal)
def array_equal(a1: Array, a2: Array, equal_nan: bool = False) -> Any:
    """``np.array_equal``: the same shape and the same entries."""
    x, y = _plain(a1), _plain(a2)
    if shape_of(x) != shape_of(y):
        return False
    equal = x == y
    if equal_nan:
        equal = equal | (PRIMITIVES["isnan"](x) & PRIMITIVES["isnan"](y))
    return _all(equal)


@constant(np.array_equiv)
def array_equiv(a1: Array, a2: Array) -> Any:
    """``np.array_equiv``: the same entries, after broadcasting."""
    x, y = _plain(a1), _plain(a2)
    try:
        np.broadcast_shapes(shape_of(x), shape_of(y))
    except ValueError:
        return False
    return _all(x == y)


@constant(np.iscomplex)
def iscomplex(x: Array) -> Array:
    """``np.iscomplex``: where the imaginary part is not zero."""
    if type_of(x).dtype.kind != "c":
        return constant_like(_plain(x), np.zeros(shape_of(x), np.bool_)[()])
    return imag(x) != 0


@constant(np.isreal)
def isreal(x: Array) -> Array:
    """``np.isreal``: where the imaginary part is zero."""
    return ~iscomplex(x)


@constant(np.isposinf)
def isposinf(x: Array, out: Any = None) -> Array:
    """``np.isposinf``."""
    return PRIMITIVES["isinf"](x) & ~PRIMITIVES["signbit"](x)


@constant(np.isneginf)
def isneginf(x: Array, out: Any = None) -> Array:
    """``np.isneginf``."""
    return PRIMITIVES["isinf"](x) & PRIMITIVES["signbit"](x)


@implements(np.real_if_close)
def real_if_close(a: Array, tol: float = 100) -> Array:
    """``np.real_if_close``: the real part if no imaginary part is large; values must be known."""
    if type_of(a).dtype.kind != "c":
        return a
    least = float(np.finfo(type_of(a).dtype).eps) * tol if tol > 1 else tol
    small = all_p(absolute(imag(a)) < least, axes=all_axes(a))
    return np_real(a) if small else a
