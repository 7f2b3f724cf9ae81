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
