"""Eigenvalues and singular values with their vectors, of one matrix or of a stack of them.

``eigh`` reads one triangle of a Hermitian matrix, ``eig`` takes any square one and is complex,
``svd`` any matrix. Derivatives: M. B. Giles, "Collected matrix derivative results for forward and
reverse mode algorithmic differentiation" (2008), section 3; Z.-Q. Wan and S.-X. Zhang, "Automatic
differentiation for complex valued SVD" (2019); C. Boeddeker, P. Hanebrink, L. Drude, J. Heymann and
R. Haeb-Umbach, "On the computation of complex-valued gradients with application to statistically
optimum beamforming" (2017), equation 4.77.

Vectors are determined up to a sign or phase, and where values are equal only the space that they
span is. So a derivative of vectors is a choice: a vector does not turn into itself, nor within the
span of those whose values are equal to rounding, ``n * eps`` times the largest. First derivatives
are right for what does not depend on the choice, as ``v @ diag(f(w)) @ v.T`` does not; second ones
where values are distinct.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.trace import shape_of
from chainrule.ops.define import Array, match
from chainrule.ops.linalg import solve
from chainrule.ops.matrices import (
    adjoint,
    as_columns,
    as_rows,
    beside,
    columns,
    complex_dtype,
    conjugate,
    diagonal,
    factors,
    hermitian,
    identity_mask,
    inexact,
    inverse_or_zero,
    negligible,
    on_diagonal,
    pulled_hermitian,
    real_dtype,
    real_part,
    require_matrix,
    require_square,
)
from chainrule.ops.reductions import reduce_sum
from chainrule.ops.shaping import swap_last


def _inverse_gaps(w: Array) -> Array:
    """``1 / (w_j - w_i)``, but 0 where these are equal to rounding."""
    gaps = as_rows(w) - as_columns(w)
    n = shape_of(w)[-1]
    if n == 0:
        return gaps
    equal = negligible(gaps, as_rows(w), len(shape_of(w)), n)
    return inverse_or_zero(gaps, equal | identity_mask(gaps))


# ---- Hermitian matrices --------------------------------------------------------------------------


def _eigh_value(a: Any, *, upper: bool) -> Any:
    return tuple(np.linalg.eigh(a, "U" if upper else "L"))


def _eigh_type(a: ArrayType, *, upper: bool) -> tuple[ArrayType, ...]:
    require_square("eigh", a)
    dtype = inexact("eigh", a)
    return ArrayType(a.shape[:-1], real_dtype(dtype)), ArrayType(a.shape, dtype)


def _push_eigh(t: Array, out: Any, a: Array, *, upper: bool) -> tuple[Array, ...]:
    w, v = out
    turned = adjoint(v) @ hermitian(t, upper=upper) @ v
    return real_part(diagonal(turned)), v @ (_inverse_gaps(w) * turned)


def _pull_eigh(cts: Any, out: Any, a: Array, *, upper: bool) -> Array:
    (w, v), (ct_w, ct_v) = out, cts
    left: Any = 0
    if ct_w is not None:
        left = v * as_rows(ct_w)
    if ct_v is not None:
        left = left + v @ (_inverse_gaps(w) * (adjoint(v) @ conjugate(ct_v)))
    return match(pulled_hermitian(conjugate(left @ adjoint(v)), upper=upper), a)


eigh = factors("eigh", _eigh_value, _eigh_type, _push_eigh, _pull_eigh)

# ---- matrices of any kind ------------------------------------------------------------------------


def _eig_value(a: Any) -> Any:
    w, v = np.linalg.eig(a)
    dtype = complex_dtype(w.dtype)  # NumPy's are real if all of them happen to be
    return w.astype(dtype), v.astype(dtype)


def _eig_type(a: ArrayType) -> tuple[ArrayType, ...]:
    require_square("eig", a)
    dtype = complex_dtype(inexact("eig", a))
    return ArrayType(a.shape[:-1], dtype), ArrayType(a.shape, dtype)


def _push_eig(t: Array, out: Any, a: Array) -> tuple[Array, ...]:
    w, v = out
    turned = solve(v, t @ v)
    moved = v @ (_inverse_gaps(w) * turned)
    along = reduce_sum(conjugate(v) * moved, -2)  # a vector keeps its length and phase
    return diagonal(turned), moved - v * as_rows(along)


def _pull_eig(cts: Any, out: Any, a: Array) -> Array:
    (w, v), (ct_w, ct_v) = out, cts
    inner: Any = 0
    if ct_w is not None:
        inner = on_diagonal(conjugate(ct_w))
    if ct_v is not None:
        back = conjugate(ct_v)
        back = back - v * as_rows(reduce_sum(conjugate(v) * back, -2))
        inner = inner + conjugate(_inverse_gaps(w)) * (adjoint(v) @ back)
    return match(conjugate(solve(adjoint(v), inner @ adjoint(v))), a)


eig = factors("eig", _eig_value, _eig_type, _push_eig, _pull_eig)

# ---- singular values -----------------------------------------------------------------------------
# With p = u^H da v, x its Hermitian part and y the rest, du = u (x / (s_j - s_i) + y / (s_i + s_j))
# and dv = v (x / (s_j - s_i) - y / (s_i + s_j)) inside of the spaces that u and v span. Only the
# first fraction has a choice to make where singular values are equal, so what depends on u v^H
# alone (the rotation nearest to a matrix) has its derivative there, too.


def _svd_value(a: Any, *, full: bool) -> Any:
    return tuple(np.linalg.svd(a, full_matrices=full))


def _svd_type(a: ArrayType, *, full: bool) -> tuple[ArrayType, ...]:
    require_matrix("svd", a)
    dtype = inexact("svd", a)
    *lead, m, n = a.shape
    k = min(m, n)
    return (
        ArrayType((*lead, m, m if full else k), dtype),
        ArrayType((*lead, k), real_dtype(dtype)),
        ArrayType((*lead, n if full else k, n), dtype),
    )


def _inverse_sums(s: Array) -> Array:
    """``1 / (s_i + s_j)``, but 0 where that is zero to rounding."""
    sums = as_rows(s) + as_columns(s)
    n = shape_of(s)[-1]
    return inverse_or_zero(sums, negligible(sums, as_rows(s), len(shape_of(s)), n)) if n else sums


def _inverse(s: Array, a: Array) -> Array:
    """``1 / s`` as the scales of columns, but 0 where s is zero to rounding."""
    if shape_of(s)[-1] == 0:
        return as_rows(s)
    zero = negligible(s, s, len(shape_of(s)) - 1, max(shape_of(a)[-2:]))
    return as_rows(inverse_or_zero(s, zero))


def _outside(x: Array, basis: Array) -> Array:
    """What of the columns of ``x`` is orthogonal to the columns of ``basis``."""
    return x - basis @ (adjoint(basis) @ x)


def _vectors(out: Any) -> tuple[Array, Array, Array, Array]:
    """Left and right singular vectors, and for each side those of the null space."""
    u, s, vh = out
    k, v = shape_of(s)[-1], adjoint(vh)
    return (
        columns(u, 0, k), columns(v, 0, k),
        columns(u, k, shape_of(u)[-1]), columns(v, k, shape_of(v)[-1]),
    )  # fmt: skip


def _with_null_space(moved: Array, basis: Array, null: Array) -> Array:
    """Tangents of a basis with those of its complement, which turns no further than it has to."""
    if shape_of(null)[-1] == 0:
        return moved
    return beside(moved, -(basis @ (adjoint(moved) @ null)))


def _push_svd(t: Array, out: Any, a: Array, *, full: bool) -> tuple[Array, ...]:
    s = out[1]
    u, v, u_null, v_null = _vectors(out)
    m, n = shape_of(a)[-2:]
    p = adjoint(u) @ t @ v
    near = _inverse_gaps(s) * (0.5 * (p + adjoint(p)))
    far = _inverse_sums(s) * (0.5 * (p - adjoint(p)))
    du, dv = u @ (near + far), v @ (near - far)
    if m > n:
        du = du + _outside((t @ v) * _inverse(s, a), u)
    elif n > m:
        dv = dv + _outside((adjoint(t) @ u) * _inverse(s, a), v)
    du, dv = _with_null_space(du, u, u_null), _with_null_space(dv, v, v_null)
    return du, real_part(diagonal(p)), adjoint(dv)


def _without_null_space(back: Array, basis: Array, null: Array) -> Array:
    """The transpose of :func:`_with_null_space`, in the Hermitian product."""
    k = shape_of(basis)[-1]
    inside = columns(back, 0, k)
    if shape_of(null)[-1] == 0:
        return inside
    return inside - null @ (adjoint(columns(back, k, shape_of(back)[-1])) @ basis)


def _pull_svd(cts: Sequence[Array], out: Any, a: Array, *, full: bool) -> Array:
    s = out[1]
    u, v, u_null, v_null = _vectors(out)
    ct_u, ct_s, ct_vh = cts
    m, n = shape_of(a)[-2:]
    left: Any = 0 if ct_s is None else u * as_rows(ct_s)
    more: Any = 0
    if ct_u is not None or ct_vh is not None:
        of_u: Any = 0
        of_v: Any = 0
        if ct_u is not None:
            back = _without_null_space(conjugate(ct_u), u, u_null)
            of_u = adjoint(u) @ back
            if m > n:
                left = left + _outside(back * _inverse(s, a), u)
        if ct_vh is not None:
            back = _without_null_space(swap_last(ct_vh), v, v_null)
            of_v = adjoint(v) @ back
            if n > m:
                more = u @ adjoint(_outside(back * _inverse(s, a), v))
        near, far = _inverse_gaps(s) * (of_u + of_v), _inverse_sums(s) * (of_u - of_v)
        left = left + u @ (0.5 * (near + adjoint(near) + far - adjoint(far)))
    return match(conjugate(left @ adjoint(v) + more), a)


svd = factors("svd", _svd_value, _svd_type, _push_svd, _pull_svd)
