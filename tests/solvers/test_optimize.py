"""SciPy's solvers with our derivatives: the way that SciPy takes with derivatives by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError, ShapeError, TraceError
from chainrule.scipy.optimize.minimize import WITH_HESSIAN, WITH_PRODUCTS, WITHOUT_GRADIENT

START = np.array([-1.2, 1.0, 0.7])
METHODS = ["CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP"]
SECOND = sorted(WITH_PRODUCTS | WITH_HESSIAN)


def rosenbrock(x: Any, a: Any = 1.0) -> Any:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (a - x[:-1]) ** 2)


@pytest.mark.parametrize("method", METHODS)
def test_gradients_are_filled_in(method):
    options = {"maxfun": 5000, "gtol": 1e-8, "ftol": 0.0} if method == "TNC" else {}
    ours = cr.scipy.optimize.minimize(rosenbrock, START, method=method, options=options)
    by_hand = optimize.minimize(
        optimize.rosen, START, method=method, jac=optimize.rosen_der, options=options
    )
    np.testing.assert_allclose(ours.x, by_hand.x, atol=1e-4)
    assert ours.nfev <= 1.1 * by_hand.nfev + 3  # and not once more for each difference


@pytest.mark.parametrize("method", SECOND)
def test_second_derivatives_are_filled_in(method):
    start = np.array([0.8, 1.1, 0.9]) if method == "dogleg" else START
    ours = cr.scipy.optimize.minimize(rosenbrock, start, method=method, tol=1e-9)
    np.testing.assert_allclose(ours.x, np.ones(3), atol=1e-6)
    hess = {"hess": optimize.rosen_hess} if method in WITH_HESSIAN else {}
    hessp = {"hessp": optimize.rosen_hess_prod} if method in WITH_PRODUCTS else {}
    by_hand = optimize.minimize(
        optimize.rosen, start, method=method, tol=1e-9, jac=optimize.rosen_der, **hess, **hessp
    )
    assert abs(ours.nit - by_hand.nit) <= 2


@pytest.mark.parametrize("method", sorted(WITHOUT_GRADIENT - {"cobyla"}))
def test_methods_without_derivatives(method):
    found = cr.scipy.optimize.minimize(
        lambda p: (p["a"] - 1.0) ** 2 + np.sum((p["b"] - 2.0) ** 2),
        {"a": 0.0, "b": np.zeros(2)},
        method=method,
        tol=1e-8,
    )
    np.testing.assert_allclose([found.x["a"], *found.x["b"]], [1.0, 2.0, 2.0], atol=1e-4)


def test_x_has_the_form_of_the_start():
    start = {"w": np.zeros((2, 3), np.float32), "b": [0.5, np.zeros(())]}
    seen = []

    def fun(p: Any) -> Any:
        assert p["w"].shape == (2, 3)
        return np.sum((p["w"] - 1.0) ** 2) + (p["b"][0] + 3.0) ** 2 + (p["b"][1] - 2.0) ** 2

    found = cr.scipy.optimize.minimize(
        fun, start, callback=lambda intermediate_result: seen.append(intermediate_result.x)
    )
    assert found.x["w"].dtype == np.float32
    np.testing.assert_allclose(found.x["w"], np.ones((2, 3)), atol=1e-5)
    np.testing.assert_allclose(found.x["b"], [-3.0, 2.0], atol=1e-5)
    assert seen[-1]["w"].shape == (2, 3)
    assert found.jac.shape == (8,)


def test_lists_of_numbers_and_integers_are_arrays():
    found = cr.scipy.optimize.minimize(lambda x: np.sum((x - 3.0) ** 2), [1, 2])
    np.testing.assert_allclose(found.x, [3.0, 3.0], atol=1e-6)
    assert cr.scipy.optimize.minimize(lambda x: (x - 3.0) ** 2, 0).x == pytest.approx(3.0)


def test_bounds_of_a_container():
    def fun(p: Any) -> Any:
        return (p["a"] - 2.0) ** 2 + np.sum((p["b"] + 1.0) ** 2)

    bounds = {"a": (None, 1.0), "b": (np.array([0.0, -5.0]), None)}
    found = cr.scipy.optimize.minimize(fun, {"a": 0.0, "b": np.ones(2)}, bounds=bounds)
    np.testing.assert_allclose([found.x["a"], *found.x["b"]], [1.0, 0.0, -1.0], atol=1e-6)
    with pytest.raises(ShapeError, match="a pair"):
        cr.scipy.optimize.minimize(fun, {"a": 0.0, "b": np.ones(2)}, bounds=[(0, 1)])


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_jacobians_of_constraints(method):
    """The largest rectangle in an ellipse, its area 2 a b, reached where x = a / sqrt 2."""

    def area(p: Any) -> Any:
        return -4.0 * p["x"] * p["y"]

    def ellipse(p: Any, a: float, b: float) -> Any:
        return [1.0 - (p["x"] / a) ** 2 - (p["y"] / b) ** 2]

    as_dict = {"type": "ineq", "fun": ellipse, "args": (3.0, 2.0)}
    nonlinear = optimize.NonlinearConstraint(lambda p: ellipse(p, 3.0, 2.0), 0.0, np.inf)
    for constraint in (as_dict, [nonlinear]):
        found = cr.scipy.optimize.minimize(
            area, {"x": 1.0, "y": 1.0}, method=method, constraints=constraint, tol=1e-9
        )
        np.testing.assert_allclose(-found.fun, 12.0, rtol=1e-5)
        np.testing.assert_allclose(found.x["x"], 3.0 / np.sqrt(2.0), rtol=1e-3)


def test_derivatives_given_by_hand_are_taken():
    calls = []

    def jac(x: Any) -> Any:
        calls.append(1)
        return optimize.rosen_der(x)

    found = cr.scipy.optimize.minimize(optimize.rosen, START, jac=jac, hess=optimize.rosen_hess,
                                       method="trust-exact")  # fmt: skip
    np.testing.assert_allclose(found.x, np.ones(3), atol=1e-4)
    assert calls
    pair = cr.scipy.optimize.minimize(
        lambda x: (rosenbrock(x), optimize.rosen_der(x)), START, jac=True, method="BFGS"
    )
    np.testing.assert_allclose(pair.x, np.ones(3), atol=1e-4)


def test_derivatives_of_a_compiled_function_are_compiled_once():
    runs: list[int] = []
    counts: list[int] = []

    def fun(x: Any, a: Any) -> Any:
        runs.append(1)
        return rosenbrock(x, a)

    compiled = cr.compile(fun, executor="interpreter")
    for a in (1.0, 1.1):
        found = cr.scipy.optimize.minimize(compiled, START, (a,), method="Newton-CG", tol=1e-10)
        plain = cr.scipy.optimize.minimize(rosenbrock, START, (a,), tol=1e-10)
        np.testing.assert_allclose(found.x, plain.x, rtol=1e-5)
        counts.append(len(runs))
    assert counts[0] == counts[1] > 0


def test_python_branches_on_values_are_followed():
    def huber(x: Any) -> Any:
        return 0.5 * x**2 if abs(x) < 1.0 else np.abs(x) - 0.5

    assert cr.scipy.optimize.minimize(huber, 3.0).x == pytest.approx(0.0, abs=1e-5)


# ---- derivatives of solutions -------------------------------------------------------------------


def ridge(x: Any, A: Any, b: Any) -> Any:
    return np.sum((A @ x - b) ** 2) + np.sum(np.cosh(x))


A, b = np.random.default_rng(0).normal(size=(4, 3)), np.arange(4.0)


def minimum(b: Any) -> Any:
    return cr.scipy.optimize.minimize(ridge, np.zeros(3), (A, b), tol=1e-12).x


def test_derivative_of_a_minimum():
    slope = cr.jacobian(minimum)(b)
    second = 2 * A.T @ A + np.diag(np.cosh(minimum(b)))
    np.testing.assert_allclose(slope, np.linalg.solve(second, 2 * A.T), rtol=1e-5)
    forward = cr.jvp(minimum, (b,), (np.ones(4),))[1]
    np.testing.assert_allclose(forward, slope @ np.ones(4), rtol=1e-9)


def test_second_derivative_and_value_of_a_minimum():
    def value(b: Any) -> Any:
        return cr.scipy.optimize.minimize(ridge, np.zeros(3), (A, b), tol=1e-12).fun

    np.testing.assert_allclose(cr.grad(value)(b), -2 * (A @ minimum(b) - b), rtol=1e-6)
    residual_slope = 2 * np.eye(4) - 2 * A @ cr.jacobian(minimum)(b)
    np.testing.assert_allclose(cr.hessian(value)(b), residual_slope, rtol=1e-6, atol=1e-9)


def test_derivatives_of_roots_and_fits():
    t = np.linspace(0.0, 2.0, 7)

    def rate(y: Any) -> Any:
        def residuals(p: Any, y: Any) -> Any:
            return np.exp(-p * t) - y

        return cr.scipy.optimize.least_squares(
            residuals, 1.0, args=(y,), xtol=1e-15, ftol=1e-15, gtol=1e-15
        ).x

    y = np.exp(-0.8 * t)
    slope = -t * y / np.sum((t * y) ** 2)  # (J^T J)^-1 J^T where residuals are zero
    np.testing.assert_allclose(cr.grad(rate)(y), slope, rtol=1e-6)

    def crossing(a: Any) -> Any:
        return cr.scipy.optimize.root(lambda x, a: x**3 - a, np.ones(1), (a,)).x[0]

    assert cr.grad(crossing)(8.0) == pytest.approx(1 / 12)
    assert cr.grad(cr.grad(crossing))(8.0) == pytest.approx(-2 / 9 / 8 ** (5 / 3))


# ---- refusals -----------------------------------------------------------------------------------


def test_a_traced_value_in_a_closure_is_refused():
    def closes_over(a: Any) -> Any:
        return cr.scipy.optimize.minimize(lambda x: np.sum((x - a) ** 2), np.zeros(2)).fun

    with pytest.raises(TraceError, match="args="):
        cr.grad(closes_over)(1.0)
    with pytest.raises(TraceError, match="args="):
        cr.grad(lambda a: cr.scipy.optimize.root(lambda x: x - a, np.ones(1)).x[0])(1.0)


def test_types_alone_are_refused():
    with pytest.raises(TraceError, match=r"minimize chooses its steps by values"):
        cr.compile(minimum)(b)
    with pytest.raises(TraceError, match=r"minimize chooses its steps by values"):
        cr.compile(minimum, branches=True)(b)
    with pytest.raises(TraceError, match=r"minimize chooses its steps by values"):
        cr.vmap(minimum)(np.ones((2, 4)))


def test_derivatives_under_bounds_are_refused():
    def bounded(a: Any) -> Any:
        fun = lambda x, a: np.sum((x - a) ** 2)
        return cr.scipy.optimize.minimize(fun, np.zeros(2), (a,), bounds=[(0, 1)] * 2).x[0]

    with pytest.raises(ArgumentError, match="implicit_root"):
        cr.grad(bounded)(0.5)
    with pytest.raises(ArgumentError, match="implicit_root"):
        cr.grad(lambda a: cr.scipy.optimize.least_squares(
            lambda x, a: x - a, 0.0, bounds=(0, 1), args=(a,)).x)(0.5)  # fmt: skip


def test_an_unknown_that_is_not_real_is_refused():
    with pytest.raises(DTypeError, match=r"\['b'\] is complex128"):
        cr.scipy.optimize.minimize(lambda p: p["a"], {"a": 1.0, "b": 1j})
    with pytest.raises(DTypeError, match="is str"):
        cr.scipy.optimize.minimize(lambda p: p["a"], {"a": "one"})


def test_every_mode_and_order_agrees():
    def solution(a: Any) -> Any:
        fun = lambda x, a: x**3 + np.sinh(x) - a * np.stack([x[1], x[0]])
        return cr.scipy.optimize.root(fun, np.ones(2), (a,), tol=1e-15).x

    report = cr.check_gradients(solution, np.array([2.3, 3.2]))
    assert all(c.agrees for c in report.comparisons)
