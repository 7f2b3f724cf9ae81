"""Linear algebra where derivatives are a matter of convention, or easily lost: equal eigenvalues,
singular matrices, norms at zero, ranks, value-dependent dtypes. The conventions are documented."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg

import chainrule as cr
from chainrule.core.errors import DTypeError, NoRuleError, ShapeError

sl = cr.scipy.linalg


def rotation(n: int, seed: int = 0, *, complex_: bool = False) -> Any:
    """An orthogonal (unitary) matrix."""
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((n, n)) + 1j * complex_ * rng.standard_normal((n, n))
    return np.linalg.qr(a if complex_ else a.real)[0]


def direction(*shape: int, seed: int = 5, complex_: bool = False) -> Any:
    rng = np.random.default_rng(seed)
    t = rng.standard_normal(shape)
    return t + 1j * rng.standard_normal(shape) if complex_ else t


def difference(f: Any, a: Any, t: Any, h: float = 1e-4) -> Any:
    """Central differences of fourth order."""
    first, second = (f(a + s * t) - f(a - s * t) for s in (h, 2 * h))
    return (8 * first - second) / (12 * h)


def assert_derivatives(f: Any, a: Any, t: Any, atol: float = 1e-8) -> None:
    """Both modes against differences, along one direction."""
    expected = difference(f, a, t)
    np.testing.assert_allclose(cr.jvp(f, (a,), (t,))[1], expected, atol=atol)
    out, pullback = cr.vjp(f, a)
    u = direction(*np.shape(out), seed=6, complex_=np.iscomplexobj(out))
    (g,) = pullback(u)
    found, wanted = np.sum(np.real(g * t)), np.sum(np.real(u * expected))
    np.testing.assert_allclose(found, wanted, atol=10 * atol)


# ---- equal eigenvalues and singular values -------------------------------------------------------


def tanh_by_eigenvectors(a: Any) -> Any:
    return np.sum(np.tanh(np.linalg.eigh(a).eigenvalues))


@pytest.mark.parametrize("complex_", [False, True])
def test_functions_of_equal_eigenvalues(complex_: bool) -> None:
    q = rotation(4, complex_=complex_)
    a = (q * [1.0, 1.0, 1.0, 2.0]) @ q.conj().T  # equal to rounding, not to the bit
    t = direction(4, 4, complex_=complex_)
    t = t + t.conj().T

    def powers(a: Any) -> Any:
        w = np.linalg.eigh(a).eigenvalues
        return np.sum(w**3), np.sum(np.exp(w))

    pushed = cr.jvp(powers, (a,), (t,))[1]
    expected = [3 * np.trace(a @ a @ t), np.trace(scipy.linalg.expm(a) @ t)]
    np.testing.assert_allclose(pushed, np.real(expected), rtol=1e-12)
    g = cr.grad(tanh_by_eigenvectors)(a)
    assert np.all(np.isfinite(g))


def test_the_space_of_equal_eigenvalues_turns() -> None:
    q = rotation(5)
    a = (q * [1.0, 1.0, 1.0, 3.0, 3.0]) @ q.T
    t = direction(5, 5)

    def projection(a: Any) -> Any:
        v = np.linalg.eigh((a + a.T) / 2)[1][:, :3]
        return v @ v.T

    assert_derivatives(projection, a, t)


def test_eigenvectors_of_the_identity_stand_still() -> None:
    for n in (1, 3):
        _, moved = cr.jvp(lambda a: tuple(np.linalg.eigh(a)), (np.eye(n),), (direction(n, n),))
        assert not np.any(moved[1])


@pytest.mark.parametrize("complex_", [False, True])
def test_nearest_rotation_where_singular_values_are_equal(complex_: bool) -> None:
    a = 2 * rotation(3, complex_=complex_)
    t = direction(3, 3, complex_=complex_)

    def nearest(a: Any) -> Any:
        u, _, vh = np.linalg.svd(a)
        return u @ vh

    assert_derivatives(nearest, a, t)
    assert_derivatives(nearest, np.eye(3) + 0j if complex_ else np.eye(3), t)


def test_singular_vectors_of_a_matrix_without_rank() -> None:
    for a in (np.zeros((3, 2)), np.ones((3, 2)), np.zeros((0, 2)), np.ones((2, 3))):
        for full in (False, True):
            out, pullback = cr.vjp(lambda a, o=full: tuple(np.linalg.svd(a, o)), a)
            (g,) = pullback(tuple(direction(*np.shape(x)) for x in out))
            assert np.all(np.isfinite(g))
            moved = cr.jvp(lambda a, o=full: tuple(np.linalg.svd(a, o)), (a,), (a + 1,))[1]
            assert all(np.all(np.isfinite(m)) for m in moved)


def test_float32_counts_its_own_rounding() -> None:
    q = rotation(4).astype(np.float32)
    a = ((q * np.float32([1, 1, 1, 2])) @ q.T).astype(np.float32)
    g = cr.grad(tanh_by_eigenvectors)(a)
    assert g.dtype == np.float32
    expected = cr.grad(tanh_by_eigenvectors)(a.astype(np.float64))
    np.testing.assert_allclose(g, expected, atol=1e-5)


# ---- eigenvalues of any matrix -------------------------------------------------------------------

REAL = np.array([[2.0, 1.0, 0.2], [0.5, -1.0, 0.1], [0.3, 0.4, 0.5]])


def test_real_eigenvalues_are_real_where_values_are_known() -> None:
    found, moved = cr.jvp(np.linalg.eigvals, (REAL,), (direction(3, 3),))
    assert found.dtype == moved.dtype == np.float64
    np.testing.assert_allclose(moved, difference(np.linalg.eigvals, REAL, direction(3, 3)))
    w, v = cr.vjp(lambda a: tuple(np.linalg.eig(a)), REAL)[0]
    assert w.dtype == v.dtype == np.float64
    assert_derivatives(lambda a: np.linalg.eig(a).eigenvectors ** 2, REAL, direction(3, 3))
    turning = np.array([[0.0, 1.0], [-1.0, 0.0]])
    assert cr.vjp(np.linalg.eigvals, turning)[0].dtype == np.complex128
    assert cr.compile(np.linalg.eigvals)(REAL).dtype == np.complex128  # from the type alone


def test_equal_eigenvalues_of_a_matrix_that_is_not_symmetric() -> None:
    p = direction(3, 3)
    a = p @ np.diag([1.0, 1.0, 2.0]) @ np.linalg.inv(p)
    t = direction(3, 3, seed=7)
    moved = cr.jvp(lambda a: np.sum(np.linalg.eigvals(a) ** 3), (a,), (t,))[1]
    np.testing.assert_allclose(moved, 3 * np.trace(a @ a @ t), rtol=1e-8)


# ---- determinants --------------------------------------------------------------------------------


def adjugate(a: Any) -> Any:
    n = len(a)
    minors = [[np.delete(np.delete(a, i, 0), j, 1) for j in range(n)] for i in range(n)]
    cofactors = [
        [(-1) ** (i + j) * np.linalg.det(minors[i][j]) for j in range(n)] for i in range(n)
    ]
    return np.array(cofactors).T


SINGULAR = {
    "rank 2 of 3": np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
    "rank 1 of 3": np.ones((3, 3)),
    "zero": np.zeros((3, 3)),
    "one": np.zeros((1, 1)),
    "two": np.array([[1.0, 2.0], [2.0, 4.0]]),
    "rank 5 of 6": np.diag([1.0, 2.0, 3.0, 0.0, 5.0, 6.0]) + np.eye(6, k=2),
    "4 of 6": direction(6, 4) @ direction(4, 6),
    "complex": np.array([[1.0, 1j], [1j, -1.0]]),
    "nearly": np.array([[1.0, 1.0], [1.0, 1.0 + 1e-15]]),
    "regular": np.array([[1.0, 2.0], [3.0, 4.0]]),
}


@pytest.mark.parametrize("name", SINGULAR)
def test_derivative_of_a_determinant_is_the_adjugate(name: str) -> None:
    a = SINGULAR[name]
    t = direction(*a.shape)
    expected = adjugate(a)
    tolerance = 1e-12 * (1 + np.abs(expected).max())
    (g,) = cr.vjp(np.linalg.det, a)[1](1.0 + 0 * a[0, 0])
    np.testing.assert_allclose(g, expected.T, atol=tolerance)
    pushed = cr.jvp(np.linalg.det, (a,), (t + 0 * a,))[1]
    np.testing.assert_allclose(pushed, np.trace(expected @ t), atol=20 * tolerance)
    stack = np.stack([a, a + np.eye(len(a))])
    g = cr.vjp(np.linalg.det, stack)[1](np.ones(2, a.dtype))[0]
    np.testing.assert_allclose(g[1], adjugate(stack[1]).T, atol=1e-11 * np.abs(g).max())


@pytest.mark.parametrize(
    "name", ["rank 2 of 3", "rank 1 of 3", "zero", "two", "rank 5 of 6", "4 of 6"]
)
def test_second_derivatives_of_a_determinant_where_it_is_singular(name: str) -> None:
    a = SINGULAR[name]
    t = direction(*a.shape)
    found = cr.hvp(np.linalg.det, (a,), (t,))
    np.testing.assert_allclose(found, difference(cr.grad(np.linalg.det), a, t), atol=1e-9)


def test_sign_of_a_complex_determinant_has_a_derivative() -> None:
    a, t = direction(3, 3, complex_=True), direction(3, 3, seed=8, complex_=True)
    assert_derivatives(lambda a: np.linalg.slogdet(a).sign, a, t)
    real = cr.grad(lambda a: np.linalg.slogdet(a).sign * 3.0)(a.real)
    assert not np.any(real)


# ---- norms ---------------------------------------------------------------------------------------

ORDERS = [None, 2, 1, 3, 1.5, 0.5, -1, np.inf, -np.inf, 0]


@pytest.mark.parametrize("order", ORDERS)
def test_norm_of_nothing_has_derivative_zero(order: Any) -> None:
    def f(x: Any) -> Any:
        return np.linalg.norm(x, order)

    x = np.zeros(3)
    with np.errstate(divide="ignore"):  # NumPy's own, of 0 ** -1
        assert not np.any(cr.grad(f)(x))
        assert cr.jvp(f, (x,), (np.ones(3),))[1] == 0
        assert not np.any(cr.hessian(f)(x))
        g = cr.grad(f)(np.array([0.0, 3.0, -4.0]))
    assert np.all(np.isfinite(g))
    assert g[0] == 0


@pytest.mark.parametrize("order", ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_norm_of_a_zero_matrix_has_derivative_zero(order: Any) -> None:
    def f(x: Any) -> Any:
        return np.linalg.norm(x, order)

    assert not np.any(cr.grad(f)(np.zeros((2, 3))))
    assert not np.any(cr.jvp(f, (np.zeros((2, 3)),), (np.ones((2, 3)),))[1])
    assert np.all(np.isfinite(cr.grad(f)(np.ones((2, 3)))))


def test_norms_of_rows_where_some_are_zero() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    g = cr.grad(lambda x: np.sum(np.linalg.norm(x, axis=1)))(x)
    np.testing.assert_allclose(g, [[0.6, 0.8], [0.0, 0.0]])
    g = cr.grad(lambda x: np.linalg.norm(x))(np.zeros(2, complex))
    assert not np.any(g)
    g = cr.grad(lambda a: np.linalg.norm(a, 2))(np.eye(2))  # both are largest, and share
    np.testing.assert_allclose(g, np.eye(2) / 2, atol=1e-15)


def test_norms_refuse_what_numpy_refuses() -> None:
    x = np.ones((2, 2, 2))
    for f in (
        lambda x: np.linalg.norm(x, 2),
        lambda x: np.linalg.norm(x, axis=(0, 0)),
        lambda x: np.linalg.norm(x, "fro", axis=0),
        lambda x: np.linalg.norm(x, 3, axis=(0, 1)),
        lambda x: np.linalg.norm(x, "none", axis=(0, 1)),
    ):
        for run in (f, cr.trace(f)):
            with pytest.raises(ValueError, match=r".*"):
                run(x)


# ---- condition numbers and ranks -----------------------------------------------------------------


def test_condition_of_singular_matrices_is_infinite() -> None:
    for p in (None, 2, 1, "fro", np.inf):
        for a in (np.zeros((2, 2)), np.array([[1.0, 2.0], [2.0, 4.0]])):
            found = cr.vjp(lambda a, o=p: np.linalg.cond(a, o), a)[0]
            expected = np.linalg.cond(a, p)
            assert found == expected or min(found, expected) > 1e15
    stack = np.stack([np.eye(2), np.ones((2, 2))])
    out, pullback = cr.vjp(lambda a: np.linalg.cond(a, 1), stack)
    assert out.tolist() == [1.0, np.inf]
    assert np.all(np.isfinite(pullback(np.array([1.0, 0.0]))[0][0]))
    assert np.isnan(cr.vjp(lambda a: np.linalg.cond(a, 1), np.array([[np.nan]]))[0])
    with pytest.raises(np.linalg.LinAlgError, match="empty"):
        cr.trace(np.linalg.cond)(np.ones((0, 2)))


def test_rank_takes_no_part_in_derivatives() -> None:
    a = np.outer([1.0, 2.0], [3.0, 4.0])
    assert cr.grad(lambda a: np.sum(a) * np.linalg.matrix_rank(a))(a).tolist() == [[1, 1], [1, 1]]
    assert cr.trace(np.linalg.matrix_rank)(np.zeros(3)).outputs[0].type.shape == ()


# ---- least squares -------------------------------------------------------------------------------


def of_rank_two(p: Any) -> Any:
    """Matrices of five rows and three columns whose rank stays two."""
    left, right = p[:10].reshape(5, 2), p[10:].reshape(2, 3)
    return left @ right


def test_least_squares_without_full_rank() -> None:
    p, t = direction(16), direction(16, seed=9)
    b = direction(5, seed=10)

    def solution(p: Any) -> Any:
        return np.linalg.lstsq(of_rank_two(p), b, rcond=1e-10)[0]

    def inverse(p: Any) -> Any:
        return np.linalg.pinv(of_rank_two(p), rcond=1e-10)

    assert_derivatives(solution, p, t, atol=1e-7)
    assert_derivatives(inverse, p, t, atol=1e-7)


def test_residuals_are_there_when_numpy_has_them() -> None:
    b = np.arange(3.0)
    for a in (np.ones((3, 2)), np.eye(3, 2), np.eye(3), np.eye(2, 3)):
        here = b[: len(a)]
        found = cr.vjp(lambda a, b: np.linalg.lstsq(a, b), a, here)[0]
        expected = np.linalg.lstsq(a, here)
        for x, y in zip(found, expected, strict=True):
            assert np.shape(x) == np.shape(y)
            assert np.asarray(x).dtype == np.asarray(y).dtype
            np.testing.assert_allclose(x, y, atol=1e-15)


# ---- what is refused -----------------------------------------------------------------------------

REFUSED = {
    "qr raw": (lambda a: np.linalg.qr(a, "raw"), NoRuleError, "mode='reduced'"),
    "qr mode": (lambda a: np.linalg.qr(a, "full"), ValueError, "Unrecognized mode"),
    "eigh triangle": (lambda a: np.linalg.eigh(a, "x"), ValueError, "UPLO"),
    "eigh shape": (lambda a: np.linalg.eigh(a[:2]), ShapeError, "no square matrix"),
    "svd of a vector": (lambda a: np.linalg.svd(a[0]), ShapeError, "needs a matrix"),
    "half precision": (lambda a: np.linalg.eigh(a.astype(np.float16)), DTypeError, "float32"),
    "a bound for each": (lambda a: np.linalg.pinv(a, [1e-3, 1e-4]), ShapeError, "give one"),
    "outer of matrices": (lambda a: np.linalg.outer(a, a), ShapeError, "vectors"),
    "one factor": (lambda a: np.linalg.multi_dot([a]), ValueError, "at least two"),
    "cubes": (lambda a: np.linalg.multi_dot([a, a[None], a]), ShapeError, "takes matrices"),
    "no root": (lambda a: sl.sqrtm(a - 20), DTypeError, "astype"),
    "lu of part": (lambda a: sl.lu_factor(a[:2]), ShapeError, "no square matrix"),
    "lu trans": (lambda a: sl.lu_solve(sl.lu_factor(a), a, 3), ValueError, "must be 0, 1 or 2"),
    "band": (lambda a: sl.solve_banded((1, 0), a, a), ShapeError, "2 rows"),
    "band rows": (lambda a: sl.solve_banded((1, 1), a, a[:2]), ShapeError, "right hand sides"),
    "sylvester": (lambda a: sl.solve_sylvester(a, a, a[:2]), ShapeError, "3 rows"),
    "toeplitz": (lambda a: sl.toeplitz(a), ShapeError, "cr.vmap"),
    "blocks": (lambda a: sl.block_diag(a[None]), ShapeError, "blocks are matrices"),
    "qr name": (lambda a: sl.qr(a, mode="raw"), ValueError, "'economic'"),
    "least squares": (lambda a: np.linalg.lstsq(a, a[:2]), ShapeError, "3 rows"),
    "lstsq stack": (lambda a: np.linalg.lstsq(a[None], a), ShapeError, "one or two axes"),
    "tensorinv": (lambda a: np.linalg.tensorinv(a[:2], 1), ShapeError, "not square"),
    "tensorsolve": (lambda a: np.linalg.tensorsolve(a, a[:, :2]), ShapeError, "unknowns"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_errors_say_what_to_write_instead(name: str) -> None:
    f, error, message = REFUSED[name]
    a = np.arange(9.0).reshape(3, 3) + 5 * np.eye(3)
    with pytest.raises(error, match=message):
        cr.trace(f)(a)
