"""The diagnosis of learning rates: a network with the illness and one without."""

from __future__ import annotations

import numpy as np
import pytest
from tests.insight.patients import CLASSES, X, network, severity

import chainrule as cr


def least_squares():
    """A linear network, whose cost is quadratic, with targets it can reach."""
    net = network(3, activation="identity", seed=0)
    return net, (X, X @ np.random.default_rng(1).normal(size=(6, 3)))


@pytest.mark.parametrize("factor", [3.0, 1.9, 1.0, 0.02])
def test_learning_rate_too_high_and_really_so(factor):
    net, data = least_squares()
    eta = factor / cr.insight.curvature(net, *data).largest
    found = cr.insight.diagnose(net, data, eta=eta)["learning rate too high"]
    assert found.severity == ("illness" if factor > 2 else "healthy")
    assert found.numbers["over_limit"] == pytest.approx(factor / 2)
    before = net.total_cost(*data)
    for _ in range(60):
        net.update_mini_batch(list(zip(*data)), eta)
    assert (net.total_cost(*data) > 1e6 * before) == (factor > 2)


def test_what_ten_steps_do_is_real():
    net, data = least_squares()
    eta = 3 / cr.insight.curvature(net, *data).largest
    found = cr.insight.diagnose(net, data, eta=eta)["learning rate too high"]
    for _ in range(10):
        net.update_mini_batch(list(zip(*data)), eta)
    assert found.numbers["cost_after_steps"] == pytest.approx(net.total_cost(*data))
    assert "really" in found.sentence


def test_momentum_allows_larger_steps():
    net, data = least_squares()
    eta = 3 / cr.insight.curvature(net, *data).largest
    with_momentum = cr.optim.sgd(eta, momentum=0.9)  # stable up to 2 (1 + 0.9) = 3.8
    assert severity("learning rate too high", net, data, optimiser=with_momentum) == "healthy"
    above = cr.optim.sgd(2 * eta, momentum=0.9)
    assert severity("learning rate too high", net, data, optimiser=above) == "illness"


def test_learning_rate_at_the_edge_of_stability():
    net, data = least_squares()
    eta = 2.2 / cr.insight.curvature(net, *data).largest
    assert severity("learning rate too high", net, data, eta=eta) == "note"


def test_learning_rate_too_low():
    net, data = least_squares()
    largest = cr.insight.curvature(net, *data).largest
    found = cr.insight.diagnose(net, data, eta=0.001 / largest)["learning rate too low"]
    assert found.severity == "warning"
    assert found.numbers["part_of_half_limit"] == pytest.approx(0.001)
    before = net.total_cost(*data)
    net.update_mini_batch(list(zip(*data)), 0.001 / largest)
    gained = before - net.total_cost(*data)
    assert 0 < gained < 0.01 * before
    assert found.numbers["predicted_change"] == pytest.approx(-gained)
    for factor in (0.1, 1.0):
        assert severity("learning rate too low", net, data, eta=factor / largest) == "healthy"


def test_a_low_learning_rate_does_not_matter_where_all_is_learned():
    net, (X, Y) = least_squares()
    exact = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), Y, rcond=None)[0]
    net.weights, net.biases = [exact[:-1].T + 0.01], [exact[-1]]
    assert severity("learning rate too low", net, (X, Y), eta=1e-6) == "healthy"


def test_what_is_not_claimed_of_adam_and_without_a_rate():
    unjudged = cr.insight.diagnose(network(9, 2), (X, CLASSES), optimiser=cr.optim.adam()).unjudged
    assert "38,000" in unjudged["learning rate too high"]  # 38 / eta
    unjudged = cr.insight.diagnose(network(9, 2), (X, CLASSES)).unjudged
    assert "eta=" in unjudged["learning rate too low"]
