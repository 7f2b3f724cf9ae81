"""Eigenvalues, singular values, orthogonal factors, norms.

Vectors are determined up to signs and phases, so the cases are functions of which that is no part.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .linear_algebra import regular
from .table import case, x, y, z


def small(*shape: int, dtype: Any = np.float64, seed: int = 0):
    """Matrices with entries of size one half, whose eigenvalues are apart."""
    entries = (z if np.dtype(dtype).kind == "c" else x)(*shape, seed=seed)
    return (0.3 * entries + np.diag(np.arange(shape[-1]))).astype(dtype)


def turned(v: Any) -> Any:
    return np.conj(np.matrix_transpose(v))


def by_eigenvectors(a: Any, UPLO: Any = "L") -> Any:
    """The hyperbolic tangent of a Hermitian matrix."""
    w, v = np.linalg.eigh(a, UPLO)
    return (v * np.tanh(w)[..., None, :]) @ turned(v)


def by_any_eigenvectors(a: Any) -> Any:
    """A function of a matrix, and sizes of entries of normalised eigenvectors."""
    w, v = np.linalg.eig(a)
    return (v * np.sin(w)[..., None, :]) @ np.linalg.inv(v), np.abs(v) ** 2


def by_singular_vectors(a: Any, **options: Any) -> Any:
    """The sine of singular values, and the spaces that the vectors span."""
    u, s, vh = np.linalg.svd(a, **options)
    k = s.shape[-1]
    left, right = u[..., :k], vh[..., :k, :]
    return (left * np.sin(s)[..., None, :]) @ right, (u * np.arange(u.shape[-1])) @ turned(u)


# ---- eigenvalues ---------------------------------------------------------------------------------

case("eigvalsh", np.linalg.eigvalsh, small(3, 3))
case("eigvalsh-upper", lambda a: np.linalg.eigvalsh(a, "U"), small(2, 2))
case("eigvalsh-complex", np.linalg.eigvalsh, small(3, 3, dtype=np.complex128))
case("eigvalsh-float32", np.linalg.eigvalsh, small(3, 3, dtype=np.float32))
case("eigh", by_eigenvectors, small(3, 3))
case("eigh-upper-stack", lambda a: by_eigenvectors(a, "U"), small(2, 3, 3))
case("eigh-complex", by_eigenvectors, small(3, 3, dtype=np.complex128))
case("eigh-upper-complex", lambda a: by_eigenvectors(a, "u"), small(2, 2, dtype=np.complex128))
case(
    "eigh-entries",
    lambda a: np.linalg.eigh(a).eigenvectors ** 2 * np.arange(9.0).reshape(3, 3) ** 2,
    small(3, 3),
)
case("eigvals", np.linalg.eigvals, x(3, 3))
case("eigvals-complex", np.linalg.eigvals, small(2, 2, dtype=np.complex128))
case("eig", by_any_eigenvectors, x(3, 3))
case("eig-complex-stack", by_any_eigenvectors, small(2, 2, 2, dtype=np.complex128))

# ---- singular values -----------------------------------------------------------------------------

case("svdvals", np.linalg.svdvals, x(2, 3))
case("svd-values-alone", lambda a: np.linalg.svd(a, compute_uv=False), x(3, 3))
case("svd-values-complex", np.linalg.svdvals, z(3, 2))
case("svd-values-float32", np.linalg.svdvals, x(3, 2, dtype=np.float32))
for _shape in ((3, 3), (3, 2), (2, 2, 3)):
    _name = "x".join(map(str, _shape))
    case(f"svd-{_name}", lambda a: by_singular_vectors(a, full_matrices=False), x(*_shape))
    case(f"svd-complex-{_name}", lambda a: by_singular_vectors(a, full_matrices=False), z(*_shape))


def null_space(a: Any) -> Any:
    """The projections onto both null spaces."""
    u, s, vh = np.linalg.svd(a)
    left, right = u[:, s.size :], vh[s.size :]
    return left @ turned(left), turned(right) @ right


case("svd-null-space", null_space, x(4, 2))
case("svd-null-space-complex", null_space, z(2, 3))
case("svd-hermitian", lambda a: by_singular_vectors(a, hermitian=True)[0], small(3, 3))
case("svd-hermitian-values",
     lambda a: np.linalg.svd(a, compute_uv=False, hermitian=True), small(2, 3, 3))  # fmt: skip
case("matrix_rank", np.linalg.matrix_rank, x(3, 2), constant=True)
case("matrix_rank-bounds", lambda a: (
    np.linalg.matrix_rank(a, tol=0.5), np.linalg.matrix_rank(a, rtol=0.3),
    np.linalg.matrix_rank(a[0, 0])), x(2, 2, 2), constant=True)  # fmt: skip

# ---- orthogonal factors and least squares --------------------------------------------------------

for _shape in ((3, 3), (4, 2), (2, 4), (2, 3, 2)):
    _name = "x".join(map(str, _shape))
    case(f"qr-{_name}", lambda a: tuple(np.linalg.qr(a)), x(*_shape))
    case(f"qr-complex-{_name}", lambda a: tuple(np.linalg.qr(a)), z(*_shape))
case("qr-float32", lambda a: tuple(np.linalg.qr(a)), x(3, 2, dtype=np.float32))
case("qr-r", lambda a: np.linalg.qr(a, mode="r"), x(3, 2))


def by_complement(a: Any) -> Any:
    """The projection onto what is orthogonal to the columns, and the triangular factor."""
    q, r = np.linalg.qr(a, mode="complete")
    null = q[:, a.shape[1] :]
    return null @ turned(null), r


case("qr-complete", by_complement, x(4, 2))
case("qr-complete-complex", by_complement, z(3, 2))
for _shape in ((3, 3), (3, 2), (2, 2, 3)):
    case(f"pinv-{'x'.join(map(str, _shape))}", np.linalg.pinv, x(*_shape) + np.eye(*_shape[-2:]))
case("pinv-complex", lambda a: np.linalg.pinv(a, rtol=None), z(3, 2))
case("pinv-hermitian", lambda a: np.linalg.pinv(a, hermitian=True), regular(3, 3))
case("lstsq", lambda a, b: np.linalg.lstsq(a, b)[:2], x(4, 2), y(4))
case("lstsq-several", lambda a, b: tuple(np.linalg.lstsq(a, b)), x(3, 2), y(3, 2))
case("lstsq-wide", lambda a, b: np.linalg.lstsq(a, b)[0], x(2, 3), y(2))
case("lstsq-complex", lambda a, b: np.linalg.lstsq(a, b)[:2], z(3, 2), z(3, seed=1))
case("lstsq-float32", lambda a, b: np.linalg.lstsq(a, b)[0],
     x(3, 2, dtype=np.float32), y(3, dtype=np.float32))  # fmt: skip

# ---- norms ---------------------------------------------------------------------------------------

for _ord in (None, 1, 2, 3, 0.5, -1, np.inf, -np.inf):
    case(f"norm-vector-{_ord}", lambda a, o=_ord: np.linalg.norm(a, o, axis=-1), x(2, 3))
for _ord in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
    case(f"norm-matrix-{_ord}", lambda a, o=_ord: np.linalg.norm(a, o), x(3, 2) * [1, 1.5])
case("norm-0", lambda a: np.linalg.norm(a, 0), x(3), constant=True)
case("norm-all", np.linalg.norm, x(2, 2, 2))
case("norm-complex", np.linalg.norm, z(3))
case("norm-complex-3", lambda a: np.linalg.norm(a, 3), z(3))
case("norm-nuc-complex", lambda a: np.linalg.norm(a, "nuc"), z(2, 2))
case("norm-kept", lambda a: np.linalg.norm(a, axis=(2, 0), keepdims=True, ord=1), x(2, 2, 3))
case("norm-float32", lambda a: np.linalg.norm(a, axis=0), x(2, 3, dtype=np.float32))
case("norm-integers", lambda a, b: np.linalg.norm(b) * a, x(), np.array([3, 4]))
case("vector_norm", np.linalg.vector_norm, x(2, 3))
case("vector_norm-axes",
     lambda a: np.linalg.vector_norm(a, axis=(2, 0), keepdims=True, ord=3), x(2, 2, 3))  # fmt: skip
case("matrix_norm", np.linalg.matrix_norm, x(2, 2, 3))
case("matrix_norm-2", lambda a: np.linalg.matrix_norm(a, ord=2, keepdims=True), x(2, 2, 3))
case("cond-2", np.linalg.cond, regular(3, 3))
case("cond-stack", lambda a: np.linalg.cond(a, -2), regular(2, 2, 2))
case("cond-1", lambda a: np.linalg.cond(a, 1), regular(3, 3))
case("cond-fro-complex", lambda a: np.linalg.cond(a, "fro"), regular(2, 2, dtype=np.complex128))
