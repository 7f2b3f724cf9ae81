"""QR factors, pseudo-inverses and least squares, of one matrix or of a stack of them.

Derivatives: S. F. Walter and L. Lehmann, "Algorithmic differentiation of linear algebra functions
with application in optimum experimental design" (2018), sections 4.1 and 4.3, for ``qr``, which
needs full column rank; G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and
nonlinear least squares problems whose variables separate" (1973), equation 4.12, for ``pinv`` and
``lstsq``. The latter hold where the rank does not change: singular values below the bound are taken
to stay zero. (A pseudo-inverse jumps where the rank changes.)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import Joint, edge, primitive
from chainrule.core.trace import shape_of
from chainrule.ops.batch import elementwise
from chainrule.ops.define import Array, broadcast_shape, match, spread
from chainrule.ops.linalg import solve_triangular
from chainrule.ops.matrices import (
    above,
    adjoint,
    beside,
    columns,
    conjugate,
    factors,
    inexact,
    lower_half,
    require_matrix,
    rows,
    stacked_value,
)

# ---- orthogonal and triangular factors -----------------------------------------------------------


def _qr_value(a: Any, *, complete: bool) -> Any:
    return tuple(np.linalg.qr(a, "complete" if complete else "reduced"))


def _qr_type(a: ArrayType, *, complete: bool) -> tuple[ArrayType, ...]:
    require_matrix("qr", a)
    *lead, m, n = a.shape
    if m < n:
        raise ShapeError(f"qr: {a.shape} has more columns than rows; factor the first {m}")
    dtype = inexact("qr", a)
    k = m if complete else n
    return ArrayType((*lead, m, k), dtype), ArrayType((*lead, k, n), dtype)


def _over(x: Array, r: Array) -> Array:
    """``x @ inv(r)``."""
    solved = solve_triangular(adjoint(r), adjoint(x), lower=True, unit=False)
    return adjoint(solved)


def _upper(x: Array) -> Array:
    """What remains of x when its skew part is taken out from below: upper, the diagonal real."""
    half = lower_half(adjoint(x) + x)
    return adjoint(half)


def _push_qr(t: Array, out: Any, a: Array, *, complete: bool) -> tuple[Array, ...]:
    n = shape_of(a)[-1]
    q, r, null = columns(out[0], 0, n), rows(out[1], 0, n), columns(out[0], n, shape_of(out[0])[-1])
    moved = _over(t, r)
    turned = _upper(adjoint(q) @ moved)
    dq, dr = moved - q @ turned, turned @ r
    if shape_of(null)[-1]:
        dq = beside(dq, -(q @ (adjoint(moved) @ null)))
        dr = above(dr, 0 * rows(out[1], n, shape_of(out[1])[-2]))
    return dq, dr


def _pull_qr(cts: Any, out: Any, a: Array, *, complete: bool) -> Array:
    m, n = shape_of(a)[-2:]
    q, r = columns(out[0], 0, n), rows(out[1], 0, n)
    back: Any = 0
    inner: Any = 0
    if cts[0] is not None:
        whole = conjugate(cts[0])
        back = columns(whole, 0, n)
        inner = -(adjoint(back) @ q)
        if complete and m > n:
            null = columns(out[0], n, m)
            back = back - null @ (adjoint(columns(whole, n, m)) @ q)
    if cts[1] is not None:
        inner = inner + r @ adjoint(rows(conjugate(cts[1]), 0, n))
    half = lower_half(inner)
    back = back + q @ (half + adjoint(half))
    solved = adjoint(solve_triangular(r, adjoint(back), lower=False, unit=False))
    return match(conjugate(solved), a)


qr = factors("qr", _qr_value, _qr_type, _push_qr, _pull_qr)

# ---- pseudo-inverses -----------------------------------------------------------------------------


def _pinv_value(a: Any, *, rcond: float) -> Any:
    return cast("Any", np.linalg.pinv)(a, rcond=rcond)


def _pinv_type(a: ArrayType, *, rcond: float) -> ArrayType:
    require_matrix("pinv", a)
    *lead, m, n = a.shape
    return ArrayType((*lead, n, m), inexact("pinv", a))


def _residual(y: Array, a: Array, p: Array) -> Array:
    """``(1 - a p) y``, what no combination of columns of ``a`` gives."""
    return y - a @ (p @ y)


def _push_pinv(t: Array, p: Array, a: Array, *, rcond: float) -> Array:
    back, turned = adjoint(p), adjoint(t)
    in_range = p @ back @ adjoint(_residual(t, a, p))
    in_null = _residual(turned @ (back @ p), p, a)
    return in_range + in_null - p @ t @ p


def _pull_pinv(ct: Array, p: Array, a: Array, *, rcond: float) -> Array:
    g, back = conjugate(ct), adjoint(p)
    of_range = _residual(adjoint(g) @ p @ back, a, p)
    of_null = back @ p @ adjoint(_residual(g, p, a))
    return match(conjugate(of_range + of_null - back @ g @ back), a)


pinv = primitive(
    "pinv", _pinv_value, _pinv_type, (edge(_push_pinv, _pull_pinv),), batch=elementwise("pinv")
)

# ---- least squares -------------------------------------------------------------------------------


def _lstsq_type(a: ArrayType, b: ArrayType, *, rcond: float) -> ArrayType:
    require_matrix("lstsq", a)
    if b.ndim < 2 or b.shape[-2] != a.shape[-2]:
        raise ShapeError(
            f"lstsq: a matrix of shape {a.shape} needs right hand sides of {a.shape[-2]} rows, got"
            f" shape {b.shape}"
        )
    stacks = (ArrayType(t.shape[:-2], t.dtype) for t in (a, b))
    lead = broadcast_shape("lstsq (axes before the last two)", *stacks)
    return ArrayType((*lead, a.shape[-1], b.shape[-1]), inexact("lstsq", a, b))


def _lstsq_one(a: Any, b: Any, *, rcond: float) -> Any:
    return cast("Any", np.linalg.lstsq)(a, b, rcond)[0]


def _push_lstsq(tangents: Sequence[Array], x: Array, a: Array, b: Array, *, rcond: float) -> Array:
    t, tb = tangents
    p = pinv(a, rcond=rcond)
    if t is None:
        return spread(p @ tb, x)
    back, turned = adjoint(p), adjoint(t)
    direct = -(t @ x) if tb is None else tb - t @ x
    in_null = _residual(turned @ (back @ x), p, a)
    return spread(p @ (direct + back @ (turned @ (b - a @ x))) + in_null, x)


def _pull_lstsq(
    ct: Array, x: Array, wanted: Sequence[bool], a: Array, b: Array, *, rcond: float
) -> list[Array]:
    p = pinv(a, rcond=rcond)
    g, back = conjugate(ct), adjoint(p)
    of_b = back @ g
    of_a: Array = None
    if wanted[0]:
        of_null = (back @ x) @ adjoint(_residual(g, p, a))
        of_range = (b - a @ x) @ adjoint(p @ of_b)
        of_a = match(conjugate(of_range + of_null - of_b @ adjoint(x)), a)
    return [of_a, match(conjugate(of_b), b) if wanted[1] else None]


lstsq = primitive(
    "lstsq",
    stacked_value(_lstsq_one, _lstsq_type, (2, 2)),
    _lstsq_type,
    Joint(_push_lstsq, _pull_lstsq),
    batch=elementwise("lstsq"),
)
