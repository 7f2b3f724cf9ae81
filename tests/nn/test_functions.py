"""Activations and costs against their formulas in mpmath, at ordinary and at extreme inputs."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chainrule as cr
from chainrule.nn.activations import ACTIVATIONS
from chainrule.nn.costs import COSTS

mpmath.mp.dps = 50

FORMULAS = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else z * mpmath.mpf(0.01),
    "gelu": lambda z: z * mpmath.ncdf(z),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)) if z < 700 else z,
    "identity": lambda z: z,
}
DERIVATIVES = {
    "sigmoid": lambda z: mpmath.exp(-z) / (1 + mpmath.exp(-z)) ** 2,
    "tanh": lambda z: mpmath.sech(z) ** 2,
    "relu": lambda z: mpmath.mpf(z > 0),
    "leaky_relu": lambda z: mpmath.mpf(1) if z > 0 else mpmath.mpf(0.01),
    "gelu": lambda z: mpmath.ncdf(z) + z * mpmath.npdf(z),
    "softplus": FORMULAS["sigmoid"],
    "identity": lambda z: mpmath.mpf(1),
}
POINTS = [-1000.0, -37.43, -20.0, -3.0, -1.0, -1e-3, 1e-300, 0.5, 2.0, 10.0, 37.43, 1000.0]


def test_every_named_activation_is_tested():
    assert set(FORMULAS) | {"softmax"} == set(ACTIVATIONS)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("z", POINTS)
def test_value_and_derivative(name, z):
    f = ACTIVATIONS[name]
    exact, slope = FORMULAS[name](mpmath.mpf(z)), DERIVATIVES[name](mpmath.mpf(z))
    # gelu contains exp(-z^2 / 2), which turns a rounding of z^2 into a relative error z^2 times as
    # large
    rel = 1e-14 * (1 + z * z) if name == "gelu" and abs(z) < 40 else 1e-14
    assert float(f(np.float64(z))) == pytest.approx(float(exact), rel=rel, abs=1e-320)
    value, found = cr.value_and_grad(f)(z)
    assert float(value) == float(f(np.float64(z)))
    assert float(found) == pytest.approx(float(slope), rel=rel, abs=1e-320)


def test_sigmoid_far_out_warns_of_nothing_and_has_its_true_gradient():
    z = np.array([-1000.0, -37.43, 0.0, 37.43, 1000.0])
    a, pull = cr.vjp(cr.nn.sigmoid, z)  # warnings are errors here
    (slope,) = pull(np.ones(5))
    assert a[0] == 0.0
    assert a[4] == 1.0
    np.testing.assert_allclose(slope[[1, 3]], [5.55e-17, 5.55e-17], rtol=1e-3)
    assert slope[0] == slope[4] == 0.0


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8))
def test_softmax_is_a_distribution_with_the_known_jacobian(zs):
    z = np.array(zs)
    a = cr.nn.softmax(z)
    assert np.all(a >= 0)
    assert a.sum() == pytest.approx(1.0, rel=1e-12)
    np.testing.assert_allclose(
        cr.jacobian(cr.nn.softmax)(z), np.diag(a) - np.outer(a, a), atol=1e-12
    )


EXTREME = np.array([[-1000.0, 1000.0, 0.0], [1e4, 1e4, -1e4], [0.0, 0.0, 0.0]])


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", [*FORMULAS, "softmax"])
def test_costs_are_finite_with_finite_gradients_for_any_weighted_input(cost, activation):
    net = cr.nn.Network([3, 3], activation=activation, cost=cost)
    net.weights, net.biases = [np.eye(3)], [np.zeros(3)]
    r = net.record(EXTREME, np.array([0, 1, 2]))
    assert np.isfinite(r.cost).all()
    assert np.isfinite(r.delta[1]).all()
    assert np.isfinite(r.nabla_w[1]).all()


@pytest.mark.parametrize("cost", ["cross-entropy", "log-likelihood"])
def test_stable_form_equals_the_plain_form_where_both_work(cost):
    c = COSTS[cost]
    z = np.random.default_rng(0).standard_normal((4, 3))
    y = np.eye(3)[[0, 1, 2, 0]]
    np.testing.assert_allclose(
        c.of_weighted_input(z, y), c.of_activation(c.output(z), y), rtol=1e-12
    )


def test_formulas_of_the_costs():
    a, y = np.array([[0.2, 0.7], [0.9, 0.4]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    expected = {
        "quadratic": 0.5 * ((a - y) ** 2).sum(1),
        "cross-entropy": -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(1),
        "log-likelihood": -(y * np.log(a)).sum(1),
        "mean-absolute": np.abs(a - y).mean(1),
        "huber": 0.5 * ((a - y) ** 2).sum(1),
    }
    assert set(expected) == set(COSTS)
    for name, values in expected.items():
        np.testing.assert_allclose(COSTS[name].of_activation(a, y), values, rtol=1e-14)
    far = COSTS["huber"].of_activation(np.array([[3.0]]), np.array([[0.0]]))
    np.testing.assert_allclose(far, [2.5])
