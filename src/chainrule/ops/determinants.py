"""Determinants, their logarithms and signs, of one matrix or of a stack of them.

The derivative of a determinant is the adjugate, the matrix of cofactors transposed, which is
``det(a) * inv(a)`` of a regular matrix and just as finite for a singular one. It is computed from
singular values where ``a`` is near to singular: with ``a = u diag(s) v^H`` the adjugate is
``det(u) det(v^H) v diag(products of the other s) u^H`` (G. W. Stewart, "On the adjugate matrix",
1998), and its own derivative has products of all but two. Only third derivatives of more than four
rows divide by the determinant. Logarithms are those of Giles (2008), section 2.2.3, and need a
regular matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PIECEWISE_CONSTANT, Joint, edge, primitive
from chainrule.core.trace import shape_of
from chainrule.ops.batch import elementwise
from chainrule.ops.define import Array, broadcast_shape, match, spread
from chainrule.ops.elementwise import imag
from chainrule.ops.linalg import solve
from chainrule.ops.matrices import (
    as_columns,
    identity_like,
    inexact,
    real_dtype,
    real_part,
    require_square,
    trace,
)
from chainrule.ops.reductions import sum_p
from chainrule.ops.shaping import expand, swap_last

_FEW = (
    4  # rows of a matrix whose adjugate is differentiated as determinants of minors, to any order
)


def _determinant_type(name: str, *, real: bool = False) -> Callable[[ArrayType], ArrayType]:
    def rule(a: ArrayType) -> ArrayType:
        require_square(name, a)
        dtype = inexact(name, a)
        return ArrayType(a.shape[:-2], real_dtype(dtype) if real else dtype)

    return rule


def _scale(ct: Array) -> Array:
    """A number for each matrix, as what multiplies its entries."""
    return as_columns(as_columns(ct))


# ---- adjugates -----------------------------------------------------------------------------------


def _adjugate_value(a: Any) -> Any:
    eps = np.finfo(np.result_type(a, np.float32)).eps
    with np.errstate(all="ignore"):
        try:
            inverse = cast("Any", np.linalg.inv(a))
            size, size_of_inverse = (np.linalg.norm(x, axis=(-2, -1)) for x in (a, inverse))
            if np.all(size * size_of_inverse < 1 / np.sqrt(eps)):
                return _scale(np.linalg.det(a)) * inverse
        except np.linalg.LinAlgError:
            pass
    u, s, vh = np.linalg.svd(a)
    n = s.shape[-1]
    others = np.where(np.eye(n, dtype=bool), 1, s[..., None, :]).prod(axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    found = (vh.mT.conj() * (_scale(sign) * others[..., None, :])) @ u.mT.conj()
    return found.astype(u.dtype)


def _adjugate_type(a: ArrayType) -> ArrayType:
    require_square("adjugate", a)
    return ArrayType(a.shape, inexact("adjugate", a))


def _minors(x: Array) -> Array:
    """For each row and column the matrix without them, on two axes before the last two."""
    chosen = _choices(x)
    return chosen[:, None] @ _apart(x) @ chosen.mT


def _pulled_minors(ct: Array, x: Array) -> Array:
    """The transpose of :func:`_minors`."""
    chosen = _choices(x)
    n = len(shape_of(x))
    return sum_p(chosen.mT[:, None] @ ct @ chosen, axes=(n - 2, n - 1))


def _choices(x: Array) -> Any:
    """The matrices that choose all rows but one."""
    identity = identity_like(x)
    return np.stack([np.delete(identity, i, axis=0) for i in range(len(identity))])


def _apart(x: Array) -> Array:
    n = len(shape_of(x)) - 2
    return expand(expand(x, n), n)


def _cofactor_signs(n: int) -> Any:
    return (1 - 2 * (np.add.outer(np.arange(n), np.arange(n)) % 2)).astype(np.int8)


def _paired(x: Array, y: Array) -> Array:
    """The sum of products of entries, which is the trace of ``x.T @ y``."""
    n = len(shape_of(y))
    return sum_p(x * y, axes=(n - 2, n - 1))


def _push_adjugate(t: Array, out: Array, a: Array) -> Array:
    n = shape_of(a)[-1]
    if n < 2:
        return 0 * t
    if n > _FEW:
        return adjugate_along(t, a)
    of_minors = _paired(swap_last(adjugate(_minors(a))), _minors(t))
    return swap_last(_cofactor_signs(n) * of_minors)


def _pull_adjugate(ct: Array, out: Array, a: Array) -> Array:
    n = shape_of(a)[-1]
    if n < 2:
        return 0 * ct
    if n > _FEW:
        return match(swap_last(adjugate_along(swap_last(ct), a)), a)
    of_minors = _scale(_cofactor_signs(n) * swap_last(ct)) * swap_last(adjugate(_minors(a)))
    return match(_pulled_minors(of_minors, a), a)


adjugate = primitive(
    "adjugate",
    _adjugate_value,
    _adjugate_type,
    (edge(_push_adjugate, _pull_adjugate),),
    batch=elementwise("adjugate"),
)

# ---- how an adjugate changes ---------------------------------------------------------------------
# The second derivative of a determinant is a symmetric form, and so is the third: transposes are
# the maps themselves, of transposed matrices.


def _products_of_all_but_two(s: Any) -> Any:
    """For each pair the product of the other entries, without division; 0 for equal places."""
    n = s.shape[-1]
    before, after = np.ones(s.shape, s.dtype), np.ones(s.shape, s.dtype)
    before[..., 1:] = np.multiply.accumulate(s[..., :-1], axis=-1)
    after[..., :-1] = np.multiply.accumulate(s[..., :0:-1], axis=-1)[..., ::-1]
    products = np.zeros((*s.shape, n), s.dtype)
    for i in range(n - 1):
        between = np.ones((*s.shape[:-1], n - 1 - i), s.dtype)
        between[..., 1:] = np.multiply.accumulate(s[..., i + 1 : -1], axis=-1)
        row = before[..., i, None] * between * after[..., i + 1 :]
        products[..., i, i + 1 :] = products[..., i + 1 :, i] = row
    return products


def _adjugate_along_value(t: Any, a: Any) -> Any:
    u, s, vh = np.linalg.svd(a)
    turned = u.mT.conj() @ t @ vh.mT.conj()
    products = _products_of_all_but_two(s)
    on_diagonal = products @ np.diagonal(turned, axis1=-2, axis2=-1)[..., None]
    inner = np.eye(s.shape[-1], dtype=s.dtype) * on_diagonal - products * turned
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return vh.mT.conj() @ (_scale(sign) * inner) @ u.mT.conj()


def _adjugate_along_type(t: ArrayType, a: ArrayType) -> ArrayType:
    require_square("adjugate", a)
    return ArrayType(broadcast_shape("adjugate", t, a), inexact("adjugate", t, a))


def _bent(first: Array, second: Array, along: Array, a: Array) -> Array:
    """The second derivative of the adjugate; ``along`` is the first one in the first direction."""
    whole, moved = adjugate(a), adjugate_along(second, a)
    scaled = _scale(_paired(swap_last(moved), first)) * whole
    scaled = scaled + _scale(_paired(swap_last(whole), first)) * moved
    scaled = scaled - moved @ first @ whole - whole @ first @ moved
    return (scaled - along * _scale(_paired(swap_last(whole), second))) / _scale(det(a))


def _push_along(tangents: Sequence[Array], out: Array, t: Array, a: Array) -> Array:
    moved, ta = tangents
    parts = [adjugate_along(moved, a)] if moved is not None else []
    if ta is not None:
        parts.append(_bent(t, ta, out, a))
    return spread(parts[0] + parts[1] if len(parts) == 2 else parts[0], out)


def _pull_along(ct: Array, out: Array, wanted: Sequence[bool], t: Array, a: Array) -> list[Array]:
    turned = swap_last(ct)
    return [
        match(swap_last(adjugate_along(turned, a)), t) if wanted[0] else None,
        match(swap_last(_bent(t, turned, out, a)), a) if wanted[1] else None,
    ]


adjugate_along = primitive(
    "adjugate_along",
    _adjugate_along_value,
    _adjugate_along_type,
    Joint(_push_along, _pull_along),
    batch=elementwise("adjugate_along"),
)

# ---- determinants --------------------------------------------------------------------------------

det = primitive(
    "det",
    np.linalg.det,
    _determinant_type("det"),
    (
        edge(
            lambda t, out, a: _paired(swap_last(adjugate(a)), t),
            lambda ct, out, a: match(_scale(ct) * swap_last(adjugate(a)), a),
        ),
    ),
    batch=elementwise("det"),
)


def _over(ct: Array, a: Array) -> Array:
    """The cotangent of ``a`` for one of ``trace(inv(a) @ t)``."""
    return match(solve(swap_last(a), _scale(ct) * identity_like(a)), a)


log_abs_det = primitive(
    "log_abs_det",
    lambda a: cast("Any", np.linalg.slogdet(a))[1],
    _determinant_type("slogdet", real=True),
    (
        edge(
            lambda t, out, a: real_part(trace(solve(a, t))),
            lambda ct, out, a: _over(ct, a),
        ),
    ),
    batch=elementwise("log_abs_det"),
)
sign_of_det = primitive(
    "sign_of_det",
    lambda a: cast("Any", np.linalg.slogdet(a))[0],
    _determinant_type("slogdet"),
    PIECEWISE_CONSTANT,
    batch=elementwise("sign_of_det"),
)
phase_of_det = primitive(
    "phase_of_det",
    lambda a: cast("Any", np.linalg.slogdet(a))[0],
    _determinant_type("slogdet"),
    (
        edge(
            lambda t, out, a: out * (imag(trace(solve(a, t))) * 1j),
            lambda ct, out, a: _over(imag(ct * out) * 1j, a),
        ),
    ),
    batch=elementwise("phase_of_det"),
)
