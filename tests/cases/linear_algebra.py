"""Linear systems, factors and determinants."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr

from .table import case, x, y, z

# ---- linear algebra ------------------------------------------------------------------------------


def regular(*shape: int, dtype: Any = np.float64, seed: int = 0):
    """Matrices far from singular: random ones with a large diagonal."""
    entries = (z if np.dtype(dtype).kind == "c" else x)(*shape, seed=seed)
    return (entries + 4 * np.eye(shape[-1])).astype(dtype)


def definite(*shape: int, dtype: Any = np.float64):
    """Symmetric (Hermitian) positive definite matrices."""
    a = regular(*shape, dtype=dtype)
    return (a @ a.conj().mT).astype(dtype)


def _log_density(a: Any, b: Any) -> Any:
    """The density of a normal distribution with covariance ``a @ a.T + 1``, up to a constant."""
    factor = cr.scipy.linalg.cholesky(a @ a.T + np.eye(3), lower=True)
    white = cr.scipy.linalg.solve_triangular(factor, b, lower=True)
    return -0.5 * np.sum(white**2) - np.sum(np.log(factor[np.arange(3), np.arange(3)]))


for _left, _right in (
    ((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (2, 3, 2)), ((3, 3), (2, 3, 2)),
    ((2, 3, 3), (3, 1)), ((1, 1), (1, 2)), ((2, 1, 3, 3), (4, 3, 2)), ((2, 3, 3), (3,)),
):  # fmt: skip
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"solve-{_ranks}", np.linalg.solve, regular(*_left), y(*_right))
    for _lower in (False, True):
        case(f"solve_triangular-{_ranks}-{'lower' if _lower else 'upper'}",
             lambda a, b, o=_lower: cr.scipy.linalg.solve_triangular(a, b, lower=o),
             regular(*_left), y(*_right))  # fmt: skip
case("solve-float32", np.linalg.solve, regular(3, 3, dtype=np.float32), y(3, dtype=np.float32))
case("solve-mixed", np.linalg.solve, regular(3, 3, dtype=np.float32), y(3, 2))
case("solve-integers", np.linalg.solve, np.array([[2, 1], [1, 3]]), y(2))
case("solve-complex", np.linalg.solve, regular(3, 3, dtype=np.complex128), z(3, 2))
case("solve-transposed", lambda a, b: np.linalg.solve(a.T, b.T), regular(3, 3), y(2, 3))
for _trans in (1, "T", 2, "C"):
    case(f"solve_triangular-trans-{_trans!r}",
         lambda a, b, o=_trans: cr.scipy.linalg.solve_triangular(a, b, o),
         regular(2, 3, 3), y(2, 3, 2))  # fmt: skip
case("solve_triangular-unit",
     lambda a, b: cr.scipy.linalg.solve_triangular(a, b, lower=True, unit_diagonal=True),
     regular(3, 3), y(3, 2))  # fmt: skip
case("solve_triangular-complex",
     lambda a, b: cr.scipy.linalg.solve_triangular(a, b, trans="C"),
     regular(3, 3, dtype=np.complex128), z(3))  # fmt: skip
case("solve_triangular-float32", cr.scipy.linalg.solve_triangular,
     regular(3, 3, dtype=np.float32), y(3, dtype=np.float32))  # fmt: skip
case("cholesky", np.linalg.cholesky, definite(3, 3))
case("cholesky-stack", np.linalg.cholesky, definite(2, 2, 3, 3))
case("cholesky-upper", lambda a: np.linalg.cholesky(a, upper=True), definite(3, 3))
case("cholesky-float32", np.linalg.cholesky, definite(3, 3, dtype=np.float32))
case("cholesky-complex", np.linalg.cholesky, definite(3, 3, dtype=np.complex128))
case("cholesky-1x1", np.linalg.cholesky, definite(1, 1))
case("cho_solve", lambda a, b: cr.scipy.linalg.cho_solve(cr.scipy.linalg.cho_factor(a), b),
     definite(3, 3), y(3, 2))  # fmt: skip
case("cho_solve-lower",
     lambda a, b: cr.scipy.linalg.cho_solve(cr.scipy.linalg.cho_factor(a, lower=True), b),
     definite(2, 3, 3), y(2, 3, 1))  # fmt: skip
case("normal-density", _log_density, x(3, 3), y(3))
case("inv", np.linalg.inv, regular(3, 3))
case("inv-stack", np.linalg.inv, regular(2, 3, 3))
case("inv-complex", np.linalg.inv, regular(2, 2, dtype=np.complex128))
case("det", np.linalg.det, regular(3, 3))
case("det-stack", np.linalg.det, regular(2, 2, 3, 3))
case("det-complex", np.linalg.det, regular(2, 2, dtype=np.complex128))
case("det-permuted", lambda a: np.linalg.det(a[::-1]), regular(3, 3))
case("slogdet", lambda a: tuple(np.linalg.slogdet(a)), regular(3, 3))
case("slogdet-stack", lambda a: np.linalg.slogdet(a[..., ::-1, :]).logabsdet, regular(2, 3, 3))
case("slogdet-float32", lambda a: np.linalg.slogdet(a)[1], regular(3, 3, dtype=np.float32))
case("slogdet-complex", lambda a: tuple(np.linalg.slogdet(a)), regular(3, 3, dtype=np.complex128))
case("det-1x1", np.linalg.det, regular(1, 1))
case("det-5x5", np.linalg.det, regular(5, 5) / 4)
case("det-5x5-gradient", cr.grad(np.linalg.det), regular(5, 5) / 4)
case("det-5x5-complex", np.linalg.det, regular(5, 5, dtype=np.complex128) / 4)

# ---- powers, products and tensors ----------------------------------------------------------------

for _n in (0, 1, 3, 5, -2):
    case(f"matrix_power-{_n}", lambda a, n=_n: np.linalg.matrix_power(a, n), regular(2, 2) / 4,
         constant=_n == 0)  # fmt: skip
case("matrix_power-stack", lambda a: np.linalg.matrix_power(a, 2), z(2, 2, 2))
case("multi_dot", lambda a, b, c, d: np.linalg.multi_dot([a, b, c, d]),
     x(2, 3), y(3, 1), x(1, 4), y(4, 2))  # fmt: skip
case("multi_dot-vectors", lambda a, b, c: np.linalg.multi_dot([a, b, c]), x(2), y(2, 3), x(3))
case("tensorinv", lambda a: np.linalg.tensorinv(a, 1), regular(4, 4).reshape(4, 2, 2))
case("tensorsolve", np.linalg.tensorsolve, regular(4, 4).reshape(2, 2, 4), y(2, 2))
case("tensorsolve-axes", lambda a, b: np.linalg.tensorsolve(a, b, axes=(0,)),
     regular(4, 4).reshape(4, 2, 2), y(2, 2))  # fmt: skip
case("linalg-products", lambda a, b: (
    np.linalg.matmul(np.linalg.matrix_transpose(a), b), np.linalg.outer(a[0], b[1]),
    np.linalg.tensordot(a, b, axes=1)), x(2, 2), y(2, 2))  # fmt: skip

# ---- SciPy's -------------------------------------------------------------------------------------

sl = cr.scipy.linalg

case("expm", sl.expm, x(3, 3))
case("expm-stack", sl.expm, z(2, 2, 2))
case("expm-float32", sl.expm, x(2, 2, dtype=np.float32))
case("sqrtm", sl.sqrtm, regular(2, 3, 3))
case("sqrtm-complex", sl.sqrtm, regular(2, 2, dtype=np.complex128))
case("solve_sylvester", sl.solve_sylvester, regular(3, 3), regular(2, 2), y(3, 2))
case("solve_sylvester-stack", sl.solve_sylvester, regular(2, 2, 2), regular(1, 1), y(2, 1))
case("solve_sylvester-mixed", sl.solve_sylvester,
     regular(2, 2), regular(2, 2, seed=1), z(2, 2))  # fmt: skip
case("lu_factor", sl.lu_factor, x(3, 3))
case("lu_factor-complex", lambda a: sl.lu_factor(a)[0], z(3, 3))
case("lu", sl.lu, x(2, 3, 3))
case("lu-permuted", lambda a: sl.lu(a, permute_l=True), x(3, 3))
for _trans in (0, 1, 2):
    case(f"lu_solve-{_trans}", lambda a, b, o=_trans: sl.lu_solve(sl.lu_factor(a), b, o),
         z(3, 3), z(3))  # fmt: skip
case("lu_solve-stack", lambda a, b: sl.lu_solve(sl.lu_factor(a), b), x(2, 2, 2), y(2, 3))
for _lower, _upper in ((1, 1), (0, 2), (2, 0), (0, 0)):
    case(f"solve_banded-{_lower}-{_upper}",
         lambda ab, b, o=(_lower, _upper): sl.solve_banded(o, ab, b),
         x(_lower + _upper + 1, 4) + 4.0 * (np.arange(_lower + _upper + 1) == _upper)[:, None],
         y(4))  # fmt: skip
case("solve_banded-stack", lambda ab, b: sl.solve_banded((1, 1), ab, b),
     x(2, 3, 3) + np.array([[0], [4], [0]]), y(3, 2))  # fmt: skip
case("solve_banded-complex", lambda ab, b: sl.solve_banded((1, 0), ab, b),
     z(2, 3) + np.array([[4], [0]]), z(3, 1))  # fmt: skip
case("solve_banded-float32", lambda ab, b: sl.solve_banded((0, 1), ab, b),
     x(2, 3, dtype=np.float32) + np.float32([[0], [4]]), y(3, dtype=np.float32))  # fmt: skip
case("block_diag", sl.block_diag, x(2, 1), y(2), x())
case("toeplitz", sl.toeplitz, x(3), y(2))
case("toeplitz-hermitian", sl.toeplitz, z(3))


def _vibration(a: Any, b: Any) -> Any:
    """The eigenvalues of a pair of matrices, and a function of both by their vectors."""
    w, v = sl.eigh(a @ a.T, b @ b.T + np.eye(3))
    return w, (v * np.sin(w)) @ v.T


case("scipy-eigh", _vibration, regular(3, 3), x(3, 3))
case("scipy-eigh-upper", lambda a, b: sl.eigh(a, b, lower=False, eigvals_only=True),
     z(2, 2), definite(2, 2, dtype=np.complex128))  # fmt: skip
case("scipy-factors", lambda a: (
    sl.eigvalsh(a), sl.svd(a, compute_uv=False), sl.svd(a)[1], *sl.qr(a), *sl.qr(a, "r"),
    *sl.qr(a, "economic"), sl.pinv(a), sl.svdvals(a), sl.norm(a)), regular(3, 3))  # fmt: skip
case("scipy-lstsq", lambda a, b: sl.lstsq(a, b)[:2], x(3, 2), y(3))
