"""lambda_max and the curvature along the gradient, against the dense Hessian."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.insight.curvature import (
    batch_sharpness,
    cost_of_parameters,
    curvature_of,
    stack_curvature,
)
from chainrule.nn.stack import stack_of
from chainrule.transforms.vector import form_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4))
LABELS = RNG.integers(0, 3, 40)


def dense(stack, X, Y, decay=0.0):
    """Gradient and Hessian in all parameters, as a vector and a matrix."""
    f = cost_of_parameters(stack, X, Y, decay)
    form = form_of((stack.weights, stack.biases))
    point = form.vector((stack.weights, stack.biases))

    def of_vector(v):
        return f(form.whole(v))

    return cr.grad(of_vector)(point), cr.hessian(of_vector)(point)


@pytest.mark.parametrize(
    ("sizes", "activation", "cost"),
    [
        ([4, 6, 3], "sigmoid", "quadratic"),
        ([4, 8, 5, 3], "tanh", "log-likelihood"),
        ([4, 7, 3], "relu", "cross-entropy"),
        ([4, 3], "softplus", "quadratic"),  # 15 parameters: by the matrix itself
    ],
)
def test_the_largest_eigenvalue_is_the_dense_hessians(sizes, activation, cost):
    net = cr.nn.Network(sizes, activation=activation, cost=cost, seed=3)
    Y = np.eye(3)[LABELS]
    g, H = dense(stack_of(net), X, Y)
    values, vectors = np.linalg.eigh(H)
    found = cr.insight.curvature(net, X, LABELS)
    np.testing.assert_allclose(found.largest, values[-1], rtol=1e-6)
    np.testing.assert_allclose(found.along_gradient, g @ H @ g / (g @ g), rtol=1e-9)
    np.testing.assert_allclose(found.gradient_norm, np.linalg.norm(g), rtol=1e-9)
    np.testing.assert_allclose(found.share, (vectors[:, -1] @ g) ** 2 / (g @ g), rtol=1e-3)
    np.testing.assert_allclose(found.cost, net.total_cost(X, LABELS), rtol=1e-9)
    assert found.limit == pytest.approx(2 / values[-1], rel=1e-6)
    assert found.products < 60


def test_the_seed_of_the_iteration_does_not_matter():
    net = cr.nn.Network([4, 10, 10, 3], seed=1)
    found = [cr.insight.curvature(net, X, LABELS, seed=seed).largest for seed in range(5)]
    np.testing.assert_allclose(found, found[0], rtol=1e-6)


def test_regularisation_and_scaling_are_part_of_it():
    stack, Y = stack_of(cr.nn.Network([4, 6, 3], seed=2)), np.eye(3)[LABELS]
    _, H = dense(stack, X, Y, decay=0.5)
    found = stack_curvature(stack, X, Y, 0.5)
    np.testing.assert_allclose(found.largest, np.linalg.eigvalsh(H)[-1], rtol=1e-6)
    rng = np.random.default_rng(4)
    scale = tuple(
        {n: rng.uniform(0.1, 3.0, x.shape) for n, x in part.items()}
        for part in (stack.weights, stack.biases)
    )
    s = form_of(scale).vector(scale)
    scaled = stack_curvature(stack, X, Y, 0.5, scale=scale)
    expected = np.linalg.eigvalsh(s[:, None] * H * s)[-1]
    np.testing.assert_allclose(scaled.largest, expected, rtol=1e-6)


def test_the_quadratic_model_is_exact_for_least_squares():
    net = cr.nn.Network([4, 3], activation="identity", seed=5)
    Y = np.eye(3)[LABELS]
    found = cr.insight.curvature(net, X, Y)
    for eta in (0.1, found.best_step, found.limit):
        moved = cr.nn.Network([4, 3], activation="identity", seed=5)
        moved._step(X, Y, eta)
        np.testing.assert_allclose(moved.total_cost(X, Y), found.cost - found.gain(eta), rtol=1e-9)
    assert found.gain(found.best_step) > found.gain(1.1 * found.best_step)
    assert found.gain(2 * found.best_step) == pytest.approx(0, abs=1e-12)


def test_a_flat_cost_has_no_limit():
    net = cr.nn.Network([4, 6, 3], activation="relu", cost="quadratic")
    net.biases = [np.full(6, -1e3), np.full(3, -1e3)]
    found = cr.insight.curvature(net, X, LABELS)
    assert found.largest == 0 and found.gradient_norm == 0
    assert found.limit == np.inf and found.best_step == np.inf
    assert "inf" in str(found)


def test_a_gradient_that_is_not_finite_is_an_error():
    net = cr.nn.Network([4, 3])
    net.weights[0][0, 0] = np.nan
    with pytest.raises(ValueError, match="gradient is not finite"):
        cr.insight.curvature(net, X, LABELS)


def test_any_function_of_a_container():
    found = curvature_of(
        lambda p: p["a"] ** 2 * 3 + np.sum(p["b"] ** 2), {"a": 1.0, "b": np.ones(20)}
    )
    assert found.largest == pytest.approx(6)


def test_batch_sharpness_is_the_mean_over_mini_batches():
    stack, Y = stack_of(cr.nn.Network([4, 6, 3], seed=2)), np.eye(3)[LABELS]
    order = np.random.default_rng(7).permutation(40)
    along = []
    for start in range(0, 40, 10):
        part = order[start : start + 10]
        g, H = dense(stack, X[part], Y[part])
        along.append(g @ H @ g / (g @ g))
    np.testing.assert_allclose(batch_sharpness(stack, X, Y, 10, 0.0, 7), np.mean(along), rtol=1e-9)
    assert np.isnan(batch_sharpness(stack, X, Y, 41, 0.0, 7))


def test_text_and_html_hold_the_same_numbers():
    found = cr.insight.curvature(cr.nn.Network([4, 6, 3]), X, LABELS)
    for shown in (str(found), found._repr_html_()):
        assert f"{found.limit:.4g}" in shown and f"{found.best_step:.4g}" in shown
