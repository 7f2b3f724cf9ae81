"""Saturated, dead and constant neurons, and slopes of activations."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.insight.slopes import slope_at, slope_of

X = np.random.default_rng(0).normal(size=(200, 4))


def test_slopes_are_the_derivatives():
    z = np.linspace(-5, 5, 11)
    a = cr.nn.sigmoid(z)
    np.testing.assert_allclose(slope_at(cr.nn.sigmoid, z), a * (1 - a), rtol=1e-12)
    np.testing.assert_allclose(slope_at(np.tanh, z), 1 - np.tanh(z) ** 2, atol=1e-14)


@pytest.mark.parametrize(
    ("f", "flat", "low", "high", "largest"),
    [
        (cr.nn.sigmoid, "both sides", 0, 1, 0.25),
        (cr.nn.tanh, "both sides", -1, 1, 1),
        (np.arctan, "both sides", -np.pi / 2, np.pi / 2, 1),
        (cr.nn.relu, "one side", 0, np.inf, 1),
        (cr.nn.softplus, "one side", 0, np.inf, 1),
        (cr.nn.leaky_relu, "nowhere", -np.inf, np.inf, 1),
        (cr.nn.identity, "nowhere", -np.inf, np.inf, 1),
        (lambda z: z**2, "nowhere", 0, np.inf, 16),
        (lambda z: -np.exp(-z), "one side", -np.inf, 0, np.exp(8)),
    ],
)
def test_what_is_known_of_an_activation(f, flat, low, high, largest):
    slope = slope_of(f)
    assert slope is not None and slope.flat == flat
    np.testing.assert_allclose(
        [slope.low, slope.high, slope.largest], [low, high, largest], rtol=1e-3, atol=1e-6
    )


def test_softmax_has_no_slope_of_single_neurons():
    assert slope_of(cr.nn.softmax) is None
    net = cr.nn.Network([4, 3, 2], activation="relu", cost="log-likelihood", init="he")
    out = cr.insight.neurons(net, X).layers[2]
    assert out.saturated is None and out.dead is None and out.saturated_share is None


def test_a_sigmoid_is_saturated_where_its_activation_is_near_0_or_1():
    net = cr.nn.Network([4, 6, 2], seed=1)
    a = net.record(X, np.zeros((200, 2))).a[1]
    edge = (1 - np.sqrt(1 - 0.05)) / 2  # the solution of a (1 - a) = 0.05 / 4
    expected = ((a < edge) | (a > 1 - edge)).mean(axis=0)
    found = cr.insight.neurons(net, X).layers[1]
    np.testing.assert_allclose(found.saturated, expected)
    np.testing.assert_allclose(found.steepness, (4 * a * (1 - a)).mean(axis=0))
    np.testing.assert_allclose(found.mean, a.mean(axis=0))
    assert 0 < found.saturated_share < 1 and not found.dead.any() and not found.constant.any()


def test_dead_and_constant_neurons():
    net = cr.nn.Network([4, 5, 2], activation=["relu", "identity"], init="he")
    net.biases[0] = np.array([0.0, -100.0, 0.0, 0.0, 0.0])
    net.weights[0][3] = 0.0
    net.biases[0][3] = 2.0  # on, but the same for all
    found = cr.insight.neurons(net, X).layers[1]
    assert found.dead.tolist() == [False, True, False, False, False]
    assert found.constant.tolist() == [False, True, False, True, False]
    assert found.saturated[1] == 1 and found.saturated[3] == 0


def test_a_sequential_gives_the_same_as_the_network_it_stands_for():
    net = cr.nn.Network([4, 5, 2], activation="tanh", dtype="float32")
    params = net.params
    model = cr.nn.Sequential([cr.nn.Dense(4, 5), cr.nn.tanh, cr.nn.Dense(5, 2), cr.nn.tanh])
    listed = [params[0], (), params[1], ()]
    one = cr.insight.neurons(net, X)
    other = cr.insight.neurons(model, X, params=listed, cost="quadratic")
    assert str(one) == str(other)
    assert one._repr_html_().count("<tr>") == 3
    assert "tanh" in str(one) and "200 examples" in str(one)


def test_a_step_function_has_only_dead_neurons():
    def step(z):
        return np.where(z > 0, 1.0, 0.0)

    found = cr.insight.neurons(cr.nn.Network([4, 5, 2], activation=[step, "identity"]), X)
    assert found.layers[1].dead.all() and found.layers[1].saturated_share == 1


def test_of_one_example_no_neuron_is_constant():
    assert not cr.insight.neurons(cr.nn.Network([4, 3, 1]), X[0]).layers[1].constant.any()


@pytest.mark.parametrize("part", [0, 1, -0.1])
def test_the_part_is_between_0_and_1(part):
    with pytest.raises(ValueError, match="part must be"):
        cr.insight.neurons(cr.nn.Network([4, 1]), X, part=part)
