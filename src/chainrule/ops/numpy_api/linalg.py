"""NumPy's linear algebra: solve, inv, cholesky, det, slogdet; see ``ops/linalg.py``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.core.trace import shape_of
from chainrule.ops import linalg
from chainrule.ops.define import Array, as_operand
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.shaping import expand, reshape


class SlogdetResult(NamedTuple):
    """What ``np.linalg.slogdet`` gives, with NumPy's names."""

    sign: Array
    logabsdet: Array


@implements(np.linalg.solve)
def solve(a: Array, b: Array) -> Array:
    """``np.linalg.solve``: x with ``a @ x = b``; only a 1-d ``b`` is a vector."""
    a, b = as_operand(a), as_operand(b)
    if len(shape_of(b)) != 1:
        return linalg.solve(a, b)
    solution = linalg.solve(a, expand(b, 1))
    return reshape(solution, shape=shape_of(solution)[:-1])


@implements(np.linalg.inv)
def inv(a: Array) -> Array:
    """``np.linalg.inv``, the solution for the identity; ``solve`` is faster and more accurate."""
    a = as_operand(a)
    return linalg.solve(a, linalg.identity_like(a))


@implements(np.linalg.cholesky)
def cholesky(a: Array, /, *, upper: bool = False) -> Array:
    """``np.linalg.cholesky``: lower L with ``L @ L.T = a``, or upper U with ``U.T @ U = a``."""
    a = as_operand(a)
    if upper:
        return linalg.adjoint(linalg.cholesky(linalg.adjoint(a)))
    return linalg.cholesky(a)


@implements(np.linalg.det)
def det(a: Array) -> Array:
    """``np.linalg.det``; its derivative solves with ``a``, so it needs a regular matrix."""
    return linalg.det(as_operand(a))


@implements(np.linalg.slogdet)
def slogdet(a: Array) -> SlogdetResult:
    """``np.linalg.slogdet`` of real matrices: sign and logarithm of the determinant's size."""
    a = as_operand(a)
    return SlogdetResult(linalg.sign_of_det(a), linalg.log_abs_det(a))
