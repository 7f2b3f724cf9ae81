"""The roots of a polynomial, differentiated as what they are: solutions of ``p(r) = 0``.

With coefficients p, the highest power first, ``dr = -dp(r) / p'(r)`` at each simple root; at a
multiple one the derivative is infinite. The rule reads the roots that were found, so it is the
derivative of any order, and no matrix is decomposed again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import edge, primitive
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.batch import elementwise
from chainrule.ops.contraction import matmul
from chainrule.ops.define import Array, as_dtype, match
from chainrule.ops.matrices import complex_dtype
from chainrule.ops.recurrences import cumprod_p
from chainrule.ops.reductions import flip
from chainrule.ops.shaping import broadcast_to, concatenate, expand, slice_axis


def _value(p: Any) -> Any:
    """Eigenvalues of the companion matrix, as ``np.roots`` has it."""
    n = p.shape[-1] - 1
    companion = np.zeros((*p.shape[:-1], n, n), p.dtype)
    companion[..., np.arange(1, n), np.arange(n - 1)] = 1
    companion[..., 0, :] = -p[..., 1:] / p[..., :1]
    return np.linalg.eigvals(companion).astype(complex_dtype(p.dtype))


def _powers(r: Array, count: int) -> Array:
    """Powers of each root along a new last axis, the highest first."""
    last = len(shape_of(r))
    ones = np.ones((*shape_of(r), 1), type_of(r).dtype)
    copies = broadcast_to(expand(r, last), shape=(*shape_of(r), count - 1))
    return flip(concatenate([ones, cumprod_p(copies, axis=last)], last), axes=(last,))


def _at(powers: Array, p: Array) -> Array:
    return matmul(powers, expand(p, len(shape_of(p))))[..., 0]


def _slopes(powers: Array, p: Array) -> Array:
    n = shape_of(p)[-1]
    last = len(shape_of(p)) - 1
    derivative = slice_axis(p, last, 0, n - 1) * np.arange(n - 1, 0, -1).astype(type_of(p).dtype)
    return _at(slice_axis(powers, last + 1, 1, n), derivative)


def _push(t: Array, out: Array, p: Array) -> Array:
    powers = _powers(out, shape_of(p)[-1])
    return as_dtype(-_at(powers, t) / _slopes(powers, p), type_of(out).dtype)


def _pull(ct: Array, out: Array, p: Array) -> Array:
    powers = _powers(out, shape_of(p)[-1])
    shares = -ct / _slopes(powers, p)
    return match(matmul(expand(shares, len(shape_of(ct)) - 1), powers)[..., 0, :], p)


roots_p = primitive(
    "polynomial_roots",
    _value,
    lambda p: ArrayType((*p.shape[:-1], p.shape[-1] - 1), complex_dtype(p.dtype)),
    (edge(_push, _pull),),
    batch=elementwise("polynomial_roots"),
)
