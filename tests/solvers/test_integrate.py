"""Solutions of differential equations: values as SciPy has them, derivatives as of the exact ones.

Linear equations have a formula, exp(A t); others are checked between adjoint, variational equation
and differences at tight tolerances.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, linalg

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError, TraceError

TIGHT = {"rtol": 1e-10, "atol": 1e-12}
METHODS = ["RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA"]
TIMES = np.array([0.0, 0.3, 0.9, 1.4])
rng = np.random.default_rng(3)
A = rng.normal(size=(3, 3)) - 2 * np.eye(3)
Y0 = rng.normal(size=3)
W = rng.normal(size=(4, 3))


def linear(t: Any, y: Any, A: Any) -> Any:
    return A @ y


def by_formula(y0: Any, A: Any, times: Any) -> float:
    return sum(W[i] @ linalg.expm(A * (t - times[0])) @ y0 for i, t in enumerate(times))


def difference(f: Any, x: Any, step: float = 1e-5) -> Any:
    """Central differences of fourth order."""
    x = np.asarray(x, float)
    out = np.zeros(x.shape)
    for i in np.ndindex(*x.shape):
        unit = np.zeros(x.shape)
        unit[i] = step
        near, far = f(x + unit) - f(x - unit), f(x + 2 * unit) - f(x - 2 * unit)
        out[i] = (8 * near - far) / (12 * step)
    return out


def lotka(t: Any, y: Any, p: Any) -> Any:
    prey, predators = y
    return [
        p["a"] * prey - p["b"] * prey * predators,
        p["c"] * prey * predators - p["d"] * predators,
    ]


RATES = {"a": 1.1, "b": 0.4, "c": 0.1, "d": 0.4}


def lotka_loss(p: Any, y0: Any, method: str = "LSODA", tolerances: Any = TIGHT) -> Any:
    found = cr.scipy.integrate.solve_ivp(
        lotka, (0.0, 4.0), y0, method, np.array([1.0, 2.5, 4.0]), args=(p,), **tolerances
    )
    return np.sum(found.y**2)


# ---- values -------------------------------------------------------------------------------------


def test_odeint_has_the_values_of_scipy():
    swing = lambda y, t, k: [y[1], -k * y[0] + np.cos(t)]
    ours = cr.scipy.integrate.odeint(swing, [1.0, 0.0], TIMES, (2.0,))
    np.testing.assert_array_equal(ours, integrate.odeint(swing, [1.0, 0.0], TIMES, (2.0,)))
    first = lambda t, y: -y
    np.testing.assert_array_equal(
        cr.scipy.integrate.odeint(first, [1], TIMES, tfirst=True, rtol=1e-5),
        integrate.odeint(first, [1], TIMES, tfirst=True, rtol=1e-5),
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("t_eval", [None, TIMES])
def test_solve_ivp_has_the_values_of_scipy(method, t_eval):
    jac = {"jac": lambda t, y, A: A} if method in ("Radau", "BDF", "LSODA") else {}
    ours = cr.scipy.integrate.solve_ivp(linear, (0.0, 2.0), Y0, method, t_eval, args=(A,))
    theirs = integrate.solve_ivp(linear, (0.0, 2.0), Y0, method, t_eval, args=(A,), **jac)
    np.testing.assert_allclose(ours.y, theirs.y, rtol=1e-13)
    np.testing.assert_array_equal(ours.t, theirs.t)
    assert (ours.nfev, ours.status, ours.message) == (theirs.nfev, theirs.status, theirs.message)
    assert ours.success


def test_a_solution_that_fails_is_said_so():
    found = cr.scipy.integrate.solve_ivp(lambda t, y: y**2, (0.0, 2.0), [1.0], t_eval=[0.5, 2.0])
    assert not found.success
    with pytest.raises(ArgumentError, match="did not reach the end"):
        cr.grad(lambda y0: np.sum(cr.scipy.integrate.solve_ivp(
            lambda t, y: y**2, (0.0, 2.0), np.stack([y0]), t_eval=[0.5, 2.0]).y))(1.0)  # fmt: skip


# ---- first derivatives --------------------------------------------------------------------------


@pytest.mark.parametrize("method", [*METHODS, "odeint"])
def test_gradients_of_a_linear_equation(method):
    tolerances = {"rtol": 1e-7, "atol": 1e-9} if method in ("RK23", "BDF") else TIGHT

    def loss(y0: Any, A: Any, times: Any) -> Any:
        if method == "odeint":
            ys = cr.scipy.integrate.odeint(lambda y, t, A: A @ y, y0, times, (A,), **TIGHT)
            return np.sum(W * ys)
        span = times[0], times[-1]
        found = cr.scipy.integrate.solve_ivp(
            linear, span, y0, method, times, args=(A,), **tolerances
        )
        return np.sum(W * found.y.T)

    gradients = cr.grad(loss, (0, 1, 2))(Y0, A, TIMES)
    expected = (
        difference(lambda x: by_formula(x, A, TIMES), Y0),
        difference(lambda x: by_formula(Y0, x, TIMES), A),
        difference(lambda x: by_formula(Y0, A, x), TIMES),
    )
    accuracy = 2e-5 if tolerances is not TIGHT else 2e-8
    for ours, other in zip(gradients, expected):
        np.testing.assert_allclose(ours, other, rtol=accuracy, atol=accuracy)
    tangents = rng.normal(size=3), rng.normal(size=(3, 3)), rng.normal(size=4)
    forward = cr.jvp(loss, (Y0, A, TIMES), tangents)[1]
    along = sum(np.sum(g * t) for g, t in zip(expected, tangents))
    np.testing.assert_allclose(forward, along, rtol=accuracy, atol=accuracy)


def test_the_end_of_the_span_and_the_steps_between():
    def last(t0: Any, t1: Any) -> Any:
        return cr.scipy.integrate.solve_ivp(linear, (t0, t1), Y0, args=(A,), **TIGHT).y[0, -1]

    slope = (A @ linalg.expm(A) @ Y0)[0]
    np.testing.assert_allclose(cr.grad(last, (0, 1))(0.0, 1.0), (-slope, slope), rtol=1e-8)
    for i, sign in ((0, -1), (1, 1)):
        tangents = (1.0, 0.0) if i == 0 else (0.0, 1.0)
        np.testing.assert_allclose(cr.jvp(last, (0.0, 1.0), tangents)[1], sign * slope, rtol=1e-8)
    ends = cr.jvp(lambda t1: cr.scipy.integrate.solve_ivp(
        linear, (0.0, t1), Y0, args=(A,)).t, (1.0,), (1.0,))[1]  # fmt: skip
    assert ends[-1] == 1.0
    assert not np.any(ends[:-1])


def test_backwards_in_time_and_equal_times():
    def loss(k: Any) -> Any:
        times = np.array([1.0, 0.5, 0.0])
        ys = cr.scipy.integrate.odeint(lambda y, t, k: -k * y, [2.0], times, (k,), **TIGHT)
        return np.sum(ys)

    expected = sum(2 * s * np.exp(2.0 * s) for s in (0.0, 0.5, 1.0))
    assert cr.grad(loss)(2.0) == pytest.approx(expected, rel=1e-8)
    assert cr.jvp(loss, (2.0,), (1.0,))[1] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_a_stiff_equation(method):
    """Van der Pol's oscillator with fast and slow parts; RK45 needs thousands of steps."""

    def stiff(t: Any, y: Any, mu: Any) -> Any:
        return [y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]]

    def last(mu: Any, y0: Any) -> Any:
        found = cr.scipy.integrate.solve_ivp(
            stiff, (0.0, 30.0), y0, method, [10.0, 30.0], args=(mu,), rtol=1e-8, atol=1e-10
        )
        return found.y[0, -1] + found.y[0, 0] ** 2

    def accurate(mu: float) -> float:
        y = integrate.solve_ivp(
            stiff,
            (0.0, 30.0),
            [2.0, 0.0],
            "Radau",
            [10.0, 30.0],
            args=(mu,),
            rtol=1e-12,
            atol=1e-13,
        ).y
        return y[0, -1] + y[0, 0] ** 2

    y0 = np.array([2.0, 0.0])
    by_difference = (accurate(100.0 + 0.1) - accurate(100.0 - 0.1)) / 0.2
    assert cr.grad(last)(100.0, y0) == pytest.approx(by_difference, rel=1e-4)
    forward = cr.jvp(last, (100.0, y0), (1.0, np.zeros(2)))[1]
    assert forward == pytest.approx(by_difference, rel=1e-4)


@pytest.mark.parametrize("method", ["RK45", "DOP853", "LSODA"])
def test_adjoint_and_variational_equation_agree(method):
    y0 = np.array([10.0, 5.0])
    gradient = cr.grad(lotka_loss)(RATES, y0, method)
    for name in RATES:
        tangent = {other: float(other == name) for other in RATES}
        along = cr.jvp(lambda p: lotka_loss(p, y0, method), (RATES,), (tangent,))[1]
        np.testing.assert_allclose(gradient[name], along, rtol=1e-7)
        near = difference(lambda x, name=name: lotka_loss({**RATES, name: float(x)}, y0, method),
                          RATES[name], 1e-4)  # fmt: skip
        np.testing.assert_allclose(gradient[name], near, rtol=1e-6)


def test_jacobians_in_both_modes():
    def ends(p: Any) -> Any:
        y0 = np.array([10.0, 5.0])
        times = np.array([0.0, 1.0, 4.0])
        return cr.scipy.integrate.odeint(lotka, y0, times, (p,), tfirst=True, **TIGHT)

    forward = cr.jacobian(ends, mode="forward")(RATES)
    reverse = cr.jacobian(ends, mode="reverse")(RATES)
    for name in RATES:
        assert forward[name].shape == (3, 2)
        np.testing.assert_allclose(forward[name], reverse[name], rtol=1e-7, atol=1e-7)


def test_arguments_of_other_kinds_are_kept():
    def f(t: Any, y: Any, p: Any, power: int, name: str) -> Any:
        assert name == "decay"
        return -p["k"] * y**power + p["none"][1]

    def last(k: Any, c: Any) -> Any:
        args = ({"k": k, "none": (None, c)}, 1, "decay")
        found = cr.scipy.integrate.solve_ivp(f, (0, 1), [1, 2], args=args, **TIGHT)
        return np.sum(found.y[:, -1])

    expected = difference(lambda x: 3 * np.exp(-x) + 2 * 0.1 / x * (1 - np.exp(-x)), 0.7)
    assert cr.grad(last)(0.7, 0.1) == pytest.approx(float(expected), rel=1e-7)
    assert cr.grad(last, 1)(0.7, 0.1) == pytest.approx(2 / 0.7 * (1 - np.exp(-0.7)), rel=1e-7)


# ---- derivatives of derivatives -----------------------------------------------------------------


def test_second_derivatives_in_all_four_ways():
    def last(w: Any) -> Any:
        found = cr.scipy.integrate.solve_ivp(
            lambda t, y, w: [y[1], -(w**2) * y[0]], (0.0, 1.0), [1.0, 0.0], "DOP853", args=(w,),
            **TIGHT,
        )  # fmt: skip
        return found.y[0, -1] * w  # w cos w

    def forward(f: Any) -> Any:
        return lambda w: cr.jvp(f, (w,), (1.0,))[1]

    expected = -2 * np.sin(2.0) - 2.0 * np.cos(2.0)
    for outer in (cr.grad, forward):
        for inner in (cr.grad, forward):
            assert outer(inner(last))(2.0) == pytest.approx(expected, rel=1e-7)
    assert cr.hessian(last)(2.0) == pytest.approx(expected, rel=1e-7)
    third = -3 * np.cos(2.0) + 2.0 * np.sin(2.0)
    assert forward(forward(forward(last)))(2.0) == pytest.approx(third, rel=1e-6)


def test_hessian_in_start_parameters_and_times():
    def loss(x: Any) -> Any:
        y0, a, t = x[:2], x[2:4], x[4]
        ys = cr.scipy.integrate.odeint(
            lambda y, t, a: [a[0] * y[1], -a[1] * y[0] * y[1] + np.sin(t)],
            y0, np.stack([0.0, 0.4, t]), (a,), **TIGHT,
        )  # fmt: skip
        return np.sum(ys**2)

    x = np.array([1.0, -0.5, 0.8, 1.3, 0.9])
    hessian = cr.hessian(loss)(x)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-6, atol=1e-6)
    gradient = cr.grad(loss)
    for j in range(5):
        unit = np.eye(5)[j] * 1e-4
        column = (gradient(x + unit) - gradient(x - unit)) / 2e-4
        np.testing.assert_allclose(hessian[:, j], column, rtol=1e-5, atol=1e-5)
    direction = rng.normal(size=5)
    np.testing.assert_allclose(cr.hvp(loss, (x,), (direction,)), hessian @ direction, rtol=1e-6)


# ---- compiled, and refused ----------------------------------------------------------------------


def test_what_is_made_of_a_compiled_function_is_compiled_once():
    runs = []

    def f(t: Any, y: Any, A: Any) -> Any:
        runs.append(1)
        return A @ y

    compiled = cr.compile(f, executor="interpreter")

    def loss(A: Any) -> Any:
        return np.sum(cr.scipy.integrate.solve_ivp(compiled, (0.0, 1.0), Y0, "LSODA",
                                                   args=(A,), **TIGHT).y[:, -1])  # fmt: skip

    first = cr.grad(loss)(A)
    known = len(runs)
    np.testing.assert_allclose(cr.grad(loss)(1.1 * A), cr.grad(
        lambda A: np.sum(cr.scipy.integrate.solve_ivp(linear, (0.0, 1.0), Y0, args=(A,), **TIGHT)
                         .y[:, -1]))(1.1 * A), rtol=1e-7)  # fmt: skip
    assert len(runs) == known < 20
    assert np.all(np.isfinite(first))


def test_a_traced_value_in_a_closure_is_refused():
    def closes_over(k: Any) -> Any:
        return cr.scipy.integrate.odeint(lambda y, t: -k * y, [1.0], TIMES)[-1, 0]

    for way in (cr.grad(closes_over), lambda k: cr.jvp(closes_over, (k,), (1.0,))):
        with pytest.raises(TraceError, match=r"odeint.*pass it in args="):
            way(1.0)

    def also_in_args(k: Any) -> Any:
        return cr.scipy.integrate.odeint(lambda y, t, c: -k * c * y, [1.0], TIMES, (k,))[-1, 0]

    with pytest.raises(TraceError, match=r"odeint.*pass it in args="):
        cr.grad(also_in_args)(1.0)


def test_types_alone_are_refused():
    def last(k: Any) -> Any:
        return cr.scipy.integrate.odeint(lambda y, t, k: -k * y, [1.0], TIMES, (k,))[-1, 0]

    for way in (
        cr.compile(last), cr.compile(cr.grad(last)), cr.compile(last, branches=True),
        cr.compile(cr.grad(last), branches=True),
    ):  # fmt: skip
        with pytest.raises(TraceError, match=r"odeint chooses its steps by values"):
            way(1.0)
    with pytest.raises(TraceError, match=r"odeint chooses its steps by values"):
        cr.vmap(last)(np.ones(2))


def test_options_without_a_derivative_are_refused():
    for option, reason in (("events", "implicit_root"), ("dense_output", "t_eval")):
        with pytest.raises(ArgumentError, match=f"{option} is not taken.*{reason}"):
            cr.scipy.integrate.solve_ivp(linear, (0, 1), Y0, args=(A,), **{option: len})


def test_complex_unknowns_have_values_and_no_derivative():
    def last(k: Any) -> Any:
        f = lambda t, y, k: 1j * k * y
        return cr.scipy.integrate.solve_ivp(f, (0, 1), np.array([1 + 0j]), args=(k,), **TIGHT).y[
            0, -1
        ]

    np.testing.assert_allclose(last(2.0), np.exp(2j), rtol=1e-9)
    with pytest.raises(DTypeError, match="real unknowns"):
        cr.jvp(last, (2.0,), (1.0,))


# ---- integrals ----------------------------------------------------------------------------------


def test_quad_has_the_values_of_scipy():
    f = lambda x, k: np.exp(-k * x) * np.sin(x)
    assert cr.scipy.integrate.quad(f, 0, np.inf, (0.5,)) == integrate.quad(f, 0, np.inf, (0.5,))
    ours = cr.scipy.integrate.quad(lambda x: abs(x), -1.0, 2.0, points=[0.0])
    assert ours == integrate.quad(lambda x: abs(x), -1.0, 2.0, points=[0.0])


def test_derivatives_under_the_integral():
    def area(a: Any, b: Any, p: Any) -> Any:
        f = lambda x, p: p[0] * np.exp(p[1] * x)
        return cr.scipy.integrate.quad(f, a, b, (p,))[0]

    def formula(a: Any, b: Any, p: Any) -> Any:
        return p[0] / p[1] * (np.exp(p[1] * b) - np.exp(p[1] * a))

    point = 0.3, 1.2, np.array([2.0, -0.7])
    for ours, exact in zip(cr.grad(area, (0, 1, 2))(*point), cr.grad(formula, (0, 1, 2))(*point)):
        np.testing.assert_allclose(ours, exact, rtol=1e-8)
    tangents = 0.5, -2.0, np.array([1.0, 3.0])
    np.testing.assert_allclose(
        cr.jvp(area, point, tangents)[1], cr.jvp(formula, point, tangents)[1], rtol=1e-8
    )
    of_vector = lambda f: lambda v: f(v[0], v[1], v[2:])
    x = np.array([0.3, 1.2, 2.0, -0.7])
    np.testing.assert_allclose(
        cr.hessian(of_vector(area))(x), cr.hessian(of_vector(formula))(x), rtol=1e-7, atol=1e-9
    )


def test_quad_refuses_closures_and_types():
    with pytest.raises(TraceError, match=r"quad.*args="):
        cr.grad(lambda k: cr.scipy.integrate.quad(lambda x: k * x, 0.0, 1.0)[0])(1.0)
    with pytest.raises(TraceError, match="quad chooses its steps by values"):
        cr.compile(lambda k: cr.scipy.integrate.quad(lambda x, k: k * x, 0.0, 1.0, (k,))[0])(1.0)


def test_a_loss_of_the_start_alone():
    def first(y0: Any) -> Any:
        ys = cr.scipy.integrate.odeint(lambda y, t: -y, y0, TIMES)
        return np.sum(ys[0] ** 2)

    np.testing.assert_allclose(cr.grad(first)(Y0), 2 * Y0)


# ---- samples ------------------------------------------------------------------------------------

RULES = ["trapezoid", "simpson", "cumulative_trapezoid"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("n", [2, 3, 6, 7])
@pytest.mark.parametrize("axis", [0, -1])
def test_samples_are_integrated_as_by_scipy(rule, n, axis):
    ours, theirs = getattr(cr.scipy.integrate, rule), getattr(integrate, rule)
    y = rng.normal(size=(n, n))
    x = np.cumsum(rng.uniform(0.5, 1.5, n))
    full = np.cumsum(rng.uniform(0.5, 1.5, (n, n)), axis=axis)
    for given in ({}, {"dx": 0.3}, {"x": x}, {"x": full}):
        np.testing.assert_allclose(
            ours(y, axis=axis, **given), theirs(y, axis=axis, **given), rtol=1e-12, atol=1e-13
        )
        weights = rng.normal(size=np.shape(theirs(y, axis=axis, **given)))
        gradient = cr.grad(lambda y: np.sum(weights * ours(y, axis=axis, **given)))(y)  # noqa: B023
        direction = rng.normal(size=y.shape)
        linear = np.sum(weights * theirs(direction, axis=axis, **given))
        assert np.sum(gradient * direction) == pytest.approx(linear, rel=1e-10, abs=1e-12)
    places = cr.grad(lambda x: np.sum(ours(y, x, axis=axis)))(x)
    near = difference(lambda x: np.sum(theirs(y, x, axis=axis)), x)
    np.testing.assert_allclose(places, near, rtol=1e-7, atol=1e-8)


def test_samples_in_compiled_and_batched_functions():
    y, x = rng.normal(size=(4, 6)), np.linspace(0.0, 1.0, 6)
    for name in RULES:
        ours, theirs = getattr(cr.scipy.integrate, name), getattr(integrate, name)
        np.testing.assert_allclose(cr.vmap(ours, (0, None))(y, x), theirs(y, x), rtol=1e-12)
        compiled = cr.compile(lambda y, ours=ours: ours(y, x), executor="interpreter")
        np.testing.assert_allclose(compiled(y), theirs(y, x), rtol=1e-12)
    np.testing.assert_allclose(
        cr.scipy.integrate.cumulative_trapezoid(y, x, initial=0),
        integrate.cumulative_trapezoid(y, x, initial=0),
    )
    with pytest.raises(ValueError, match="initial"):
        cr.scipy.integrate.cumulative_trapezoid(y, x, initial=1)
    with pytest.raises(ValueError, match="6 samples along axis -1, and x has 4"):
        cr.scipy.integrate.trapezoid(y, x[:4])


def test_every_mode_and_order_agrees():
    def last(k: Any) -> Any:
        tolerances = {"rtol": 1e-13, "atol": 1e-14}
        return cr.scipy.integrate.solve_ivp(
            lambda t, y, k: -k * y, (0.0, 1.0), [1.0], "DOP853", args=(k,), **tolerances
        ).y[:, -1]

    report = cr.check_gradients(last, 0.7, directions=1, executor=None)
    assert len(report.comparisons) == 6
    assert all(c.agrees for c in report.comparisons)
