"""NumPy's QR factors, pseudo-inverses and least squares; see ``ops/orthogonal.py``."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import NoRuleError, ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.peek import Reading, peek
from chainrule.core.trace import shape_of, type_of
from chainrule.ops import orthogonal
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import absolute, is_complex
from chainrule.ops.matrices import (
    adjoint,
    beside,
    columns,
    inexact,
    real_dtype,
    require_matrix,
)
from chainrule.ops.matrices import hermitian as _hermitian
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.spectral import svdvals
from chainrule.ops.powers import square
from chainrule.ops.reductions import sum_p
from chainrule.ops.shaping import expand, reshape, swap_last

_QR: Any = type(np.linalg.qr(np.eye(1)))
_NOT_GIVEN: Any = object()


@implements(np.linalg.qr)
def qr(a: Array, mode: str = "reduced") -> Any:
    """``np.linalg.qr``; its derivative needs linear independence of the first min(m, n) columns.

    Of ``"complete"`` factors the columns that complete the basis turn no further than they have to.
    """
    a = as_operand(a)
    require_matrix("qr", type_of(a))
    if mode == "raw":
        raise NoRuleError(
            "np.linalg.qr(mode='raw') of traced values has no derivative: it gives Householder"
            " vectors; use mode='reduced'"
        )
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"Unrecognized mode '{mode}'")
    m, n = shape_of(a)[-2:]
    if m < n:  # the factors of the first columns, which the others are expressed in
        q, r = orthogonal.qr(columns(a, 0, m), complete=False)
        r = beside(r, adjoint(q) @ columns(a, m, n))
    else:
        q, r = orthogonal.qr(a, complete=mode == "complete")
    return r if mode == "r" else _QR(q, r)


@implements(np.linalg.pinv)
def pinv(a: Array, rcond: Any = None, hermitian: bool = False, *, rtol: Any = _NOT_GIVEN) -> Array:
    """``np.linalg.pinv``; the derivative is that of matrices of the same rank."""
    a = as_operand(a)
    kind = type_of(a)
    require_matrix("pinv", kind)
    if rcond is None:
        rcond = 1e-15 if rtol is _NOT_GIVEN else rtol
        if rcond is None:
            rcond = max(kind.shape[-2:]) * float(np.finfo(inexact("pinv", kind)).eps)
    elif rtol is not _NOT_GIVEN:
        raise ValueError("`rtol` and `rcond` can't be both set.")
    if 0 in kind.shape[-2:]:
        return swap_last(a)
    return orthogonal.pinv(_hermitian(a) if hermitian else a, rcond=_number("pinv", rcond))


def _number(name: str, rcond: Any) -> float:
    if np.ndim(rcond) != 0:
        raise ShapeError(f"{name}: a bound for each matrix of a stack is not recorded; give one")
    return float(rcond)


@implements(np.linalg.lstsq)
def lstsq(a: Array, b: Array, rcond: Any = None) -> tuple[Array, Array, Array, Array]:
    """``np.linalg.lstsq``: solution, sums of squared residuals, rank and singular values.

    The derivative is that of matrices of the same rank. Where only types are known a rank is not:
    there residuals are returned of every matrix with more rows than columns.
    """
    a, b = as_operand(a), as_operand(b)
    for kind, ranks in ((type_of(a), (2,)), (type_of(b), (1, 2))):
        if kind.ndim not in ranks:
            raise ShapeError(f"lstsq takes a matrix and one or two axes, got an array of {kind}")
    vector = len(shape_of(b)) == 1
    right = expand(b, 1) if vector else b
    m, n = shape_of(a)
    dtype = inexact("lstsq", type_of(a), type_of(b))
    eps = float(np.finfo(dtype).eps)
    bound = max(m, n) * eps if rcond is None else _number("lstsq", rcond)
    bound = bound if bound >= 0 else eps  # LAPACK's own
    x = orthogonal.lstsq(a, right, rcond=bound)
    s = as_dtype(svdvals(a), real_dtype(dtype))
    rank = as_dtype(sum_p(s > bound * s[:1], axes=(0,)), np.dtype(np.intc))
    residuals: Array = np.empty(0, real_dtype(dtype))
    if m > n and _has_full_rank(rank, n):
        away = right - a @ x
        sizes = square(absolute(away)) if is_complex(away) else square(away)
        residuals = sum_p(sizes, axes=(0,))
    return reshape(x, shape=(n,)) if vector else x, residuals, rank, s


def _has_full_rank(rank: Array, n: int) -> bool:
    found = peek(rank == n, Reading.TRUTH)
    return isinstance(found, ArrayType) or bool(found)
