"""NumPy's covariances and correlation coefficients."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.contraction import matmul
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import conj, imag, is_complex, maximum, minimum, real
from chainrule.ops.numpy_api.averages import average
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.powers import sqrt
from chainrule.ops.reductions import sum_p
from chainrule.ops.shaping import concatenate, reshape, swap_last


def _observations(m: Array, dtype: np.dtype[Any], name: str) -> Array:
    m = as_dtype(as_operand(m), dtype)
    if len(shape_of(m)) > 2:
        raise ShapeError(f"cov: {name} of shape {shape_of(m)} has more than 2 dimensions")
    return m if len(shape_of(m)) == 2 else reshape(m, shape=(1, type_of(m).size))


def _weights(w: Any, name: str, n: int) -> Array:
    w = as_dtype(as_operand(w), np.dtype(np.float64))
    if shape_of(w) != (n,):
        raise ShapeError(f"cov: {name} of shape {shape_of(w)} for {n} observations")
    if not isinstance(w, TracedValue) and np.any(w < 0):
        raise ValueError(f"{name} cannot be negative")
    return w


@implements(np.cov)
def cov(
    m: Array,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Array:
    """``np.cov``: the covariance matrix of variables in rows, differentiable in ``aweights``, too.

    >>> import chainrule as cr
    >>> cr.grad(np.cov)(np.array([1.0, 2.0, 6.0]))
    array([-2., -1.,  3.])
    """
    if ddof is not None and ddof != int(ddof):
        raise ValueError("ddof must be integer")
    inputs = [as_operand(v) for v in (m, y) if v is not None]
    kind = np.dtype(dtype or np.result_type(*(type_of(v).dtype for v in inputs), np.float64))
    x = _observations(m, kind, "m")
    x = swap_last(x) if not rowvar and len(shape_of(inputs[0])) != 1 else x
    if y is not None:
        other = _observations(y, kind, "y")
        other = swap_last(other) if not rowvar and shape_of(other)[0] != 1 else other
        x = concatenate([x, other], 0)
    if ddof is None:
        ddof = 0 if bias else 1
    n = shape_of(x)[1]
    w, importance = _product_of_weights(fweights, aweights, n)
    away = x - average(x, 1, w, keepdims=True)
    turned = conj(swap_last(away)) if is_complex(x) else swap_last(away)
    sums = matmul(away if w is None else away * w, turned)
    c = sums * (1 / _degrees(w, importance, ddof, n))
    return reshape(c, shape=tuple(k for k in shape_of(c) if k != 1))


def _product_of_weights(fweights: Any, aweights: Any, n: int) -> tuple[Any, Any]:
    """Frequencies times importance, of what is given, and the importance alone."""
    importance = None if aweights is None else _weights(aweights, "aweights", n)
    if fweights is None:
        return importance, importance
    frequencies = _weights(fweights, "fweights", n)
    known = not isinstance(frequencies, TracedValue)
    if known and np.any(frequencies != np.rint(frequencies)):
        raise TypeError("fweights must be integer")
    return frequencies if importance is None else frequencies * importance, importance


def _degrees(w: Any, importance: Any, ddof: int, n: int) -> Any:
    """What the sums are divided by; not positive only where the result means nothing."""
    if w is None:
        return float(builtins.max(n - ddof, 0)) or np.float64(0.0)
    total = sum_p(w, axes=(0,))
    if ddof == 0:
        return total
    if importance is None:
        return maximum(total - ddof, 0)
    return maximum(total - ddof * sum_p(w * importance, axes=(0,)) / total, 0)


@implements(np.corrcoef)
def corrcoef(x: Array, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Array:
    """``np.corrcoef``: covariances divided by standard deviations, bounded by -1 and 1."""
    c = cov(x, y, rowvar, dtype=dtype)
    if not shape_of(c):
        return c / c
    places = np.arange(shape_of(c)[0])
    spread = sqrt(real(c[places, places]))
    c = c / spread[:, None] / spread[None, :]
    if is_complex(c):
        return _bounded(real(c)) + _bounded(imag(c)) * 1j
    return _bounded(c)


def _bounded(c: Array) -> Array:
    return minimum(maximum(c, -1), 1)
