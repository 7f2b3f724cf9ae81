"""Linear algebra as machine code: equal to NumPy's for all sizes, layouts and stacks; errors, too.

The table of cases has all primitives at size 3, as Python; here LAPACK itself is called.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg as scipy_linalg

import chainrule as cr

SIZES = ((1, 2), (3, 1), (8, 3), (40, 1))  # of a matrix, and its right hand sides


def matrices(rng, dtype, *shape):
    return (rng.standard_normal(shape) + 3 * shape[-1] ** 0.5 * np.eye(shape[-1])).astype(dtype)


def assert_close(found, wanted, dtype, factor=400.0):
    for a, b in zip(found, wanted, strict=True):
        assert (np.shape(a), np.result_type(a)) == (np.shape(b), np.result_type(b))
        size = float(np.max(np.abs(b), initial=0.0))
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(a, b, rtol=factor * eps, atol=factor * eps * size)


def everything(a, b):
    """All functions of a matrix, as it lies and transposed, for right hand sides b."""
    turned = np.swapaxes(a, -1, -2)
    factor = np.linalg.cholesky(a @ turned)
    triangular = cr.scipy.linalg.solve_triangular
    sign, size = np.linalg.slogdet(a)
    scaled = turned / (3 * a.shape[-1] ** 0.5)  # so that its determinant is a float32
    return [
        factor, np.linalg.cholesky(turned @ a, upper=True), np.linalg.solve(a, b),
        np.linalg.solve(turned, b), np.linalg.inv(a), np.linalg.det(scaled), sign, size,
        triangular(factor, b, lower=True), triangular(factor, b, trans="T", lower=True),
        triangular(a, b), triangular(a, b, trans="T"), triangular(a, b, unit_diagonal=True),
        triangular(turned, b), triangular(turned, b, lower=True),
    ]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_sizes(dtype):
    rng = np.random.default_rng(0)
    systems = [
        (matrices(rng, dtype, n, n), rng.standard_normal((n, k)).astype(dtype)) for n, k in SIZES
    ]

    def of_all(systems):
        return [x for a, b in systems for x in everything(a, b)]

    compiled = cr.compile(of_all)
    assert_close(compiled(systems), of_all(systems), dtype)
    assert "interpreter" not in compiled.report()


STACKS = [((2, 4, 4), (2, 4, 3)), ((2, 1, 3, 3), (4, 3, 1))]


def test_stacks():
    rng = np.random.default_rng(1)
    systems = [(matrices(rng, "float64", *a), rng.standard_normal(b)) for a, b in STACKS]

    def of_all(systems):
        return [x for a, b in systems for x in everything(a, b)]

    assert_close(cr.compile(of_all)(systems), of_all(systems), "float64")


def test_views_of_all_kinds():
    """Steps, turned axes, a broadcast matrix, a vector as right hand side, constants."""
    rng = np.random.default_rng(2)
    a, b = matrices(rng, "float64", 8, 8), rng.standard_normal((2, 8))

    def f(a, b):
        part, stack = a[::2, ::-2], np.broadcast_to(a[:4, :4], (3, 4, 4))
        column = b.T
        return [
            np.linalg.solve(part, column[:4]), np.linalg.solve(a, b[0]), np.linalg.solve(a, column),
            np.linalg.det(part), np.linalg.solve(stack, column[::2]), np.linalg.inv(a[::-1]),
            cr.scipy.linalg.solve_triangular(part, column[4:]),
            cr.scipy.linalg.solve_triangular(np.ones((8, 8)), column, lower=True),
            np.linalg.solve(4 * np.eye(8), column) + np.linalg.solve(a, np.ones((8, 2))),
        ]  # fmt: skip

    compiled = cr.compile(f)
    assert_close(compiled(a, b), f(a, b), "float64", factor=4000)
    assert "interpreter" not in compiled.report()


def density(a, b):
    factor = np.linalg.cholesky(a @ a.T + np.eye(len(a), dtype=a.dtype))
    white = cr.scipy.linalg.solve_triangular(factor, b, lower=True)
    places = np.arange(len(a))
    return np.sum(white**2) + np.sum(np.log(factor[places, places]))


def quadratic(a, b):
    return np.sum(b * np.linalg.solve(a, b)) + np.linalg.slogdet(a)[1] + np.linalg.det(0.1 * a)


@pytest.mark.parametrize(("f", "dtype"), [(density, "float64"), (quadratic, "float32")])
def test_gradients(f, dtype):
    rng = np.random.default_rng(3)
    a, b = matrices(rng, dtype, 7, 7), rng.standard_normal((7, 2)).astype(dtype)
    slope = cr.value_and_grad(f, argnums=(0, 1))
    compiled = cr.compile(slope)
    (value, grads), (wanted, wanted_grads) = compiled(a, b), slope(a, b)
    assert_close([value, *grads], [wanted, *wanted_grads], dtype, factor=4000)
    assert "interpreter" not in compiled.report()


def test_a_matrix_is_factored_once():
    def f(a, b):
        return np.sum(np.linalg.solve(a, b)) + np.linalg.slogdet(a)[1]

    compiled = cr.compile(cr.value_and_grad(f, argnums=(0, 1)))
    rng = np.random.default_rng(4)
    compiled(matrices(rng, "float64", 5, 5), rng.standard_normal((5, 2)))
    assert compiled.source.count("getrf_float64(at(") == 1


def test_matrices_in_a_loop():
    """A Kalman filter's steps: each one factors another matrix."""

    def f(covariance, xs):
        def step(p, x):
            s = p + np.outer(x, x) + np.eye(3)
            return p - p @ np.linalg.solve(s, p), np.linalg.slogdet(s)[1]

        return np.sum(cr.scan(step, covariance, xs)[1])

    rng = np.random.default_rng(5)
    arguments = 2 * np.eye(3), rng.standard_normal((6, 3))
    compiled = cr.compile(cr.value_and_grad(f, argnums=(0, 1)))
    (value, grads), (wanted, wanted_grads) = (
        compiled(*arguments),
        cr.value_and_grad(f, (0, 1))(*arguments),
    )
    assert_close([value, *grads], [wanted, *wanted_grads], "float64", factor=4000)
    assert "interpreter" not in compiled.report()


SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_what_cannot_be_done_is_numpys_error(dtype):
    triangular = cr.compile(cr.scipy.linalg.solve_triangular)
    solve, cholesky = cr.compile(np.linalg.solve), cr.compile(np.linalg.cholesky)
    bad, good, b = (x.astype(dtype) for x in (SINGULAR, np.eye(2), np.ones((2, 1))))
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        solve(bad, b)
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        cholesky(-good)
    with pytest.raises(np.linalg.LinAlgError, match="singular matrix"):
        triangular(good * np.array([1, 0], dtype), b)
    assert solve(good, b).tolist() == [[1], [1]]  # and goes on after an error
    assert cholesky(good).tolist() == good.tolist()


def test_one_singular_matrix_of_a_stack_is_an_error():
    with pytest.raises(np.linalg.LinAlgError, match="Singular matrix"):
        cr.compile(np.linalg.solve)(np.stack([np.eye(2), SINGULAR]), np.ones((2, 2, 1)))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_the_slope_of_a_determinant_of_any_rank(n, turned):
    rng = np.random.default_rng(n)
    slope = cr.grad(np.linalg.det)
    compiled = cr.compile(slope)
    for rank in range(n + 1):
        a = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, n))
        for x in (a, a + 1e-13 * rng.standard_normal((n, n))):
            x = np.asfortranarray(x) if turned else x
            size = np.linalg.norm(x, 2) ** (n - 1)  # what a minor is at most
            np.testing.assert_allclose(compiled(x), slope(x), rtol=0, atol=1e-14 * n * size)
    assert "interpreter" not in compiled.report()


def test_the_determinant_of_a_singular_matrix_is_no_error():
    compiled = cr.compile(lambda a: (np.linalg.det(a), *np.linalg.slogdet(a)))
    assert compiled(SINGULAR) == (0.0, 0.0, -np.inf)


def test_a_determinant_does_not_overflow_on_the_way():
    a = np.diag([1e200, 1e200, 1e-300])
    np.testing.assert_allclose(cr.compile(np.linalg.det)(a), np.linalg.det(a), rtol=1e-12)


def test_inputs_are_left_alone():
    a, b = np.array([[2.0, 1.0], [1.0, 3.0]]), np.ones((2, 1))
    cr.compile(lambda a, b: (np.linalg.solve(a, b), np.linalg.cholesky(a)))(a, b)
    assert a.tolist() == [[2.0, 1.0], [1.0, 3.0]]
    assert b.tolist() == [[1.0], [1.0]]


def test_message_of_scipy_is_alike():
    with pytest.raises(np.linalg.LinAlgError, match="singular matrix"):
        scipy_linalg.solve_triangular(np.zeros((2, 2)), np.ones(2))
