"""Errors from layer to layer, and the gradients of single examples, against Record."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.insight.error_flow import errors_at
from chainrule.nn.stack import stack_of

RNG = np.random.default_rng(0)
X = RNG.normal(size=(25, 4))
LABELS = RNG.integers(0, 3, 25)
Y = np.eye(3)[LABELS]


@pytest.fixture(params=["quadratic", "log-likelihood"])
def net(request):
    return cr.nn.Network([4, 6, 5, 3], activation="tanh", cost=request.param, seed=1)


def test_errors_are_those_of_the_record(net):
    a, delta = errors_at(stack_of(net), X, Y)
    record = net.record(X, Y)
    for n in delta:
        np.testing.assert_allclose(delta[n], record.delta[n], rtol=1e-12)
        np.testing.assert_allclose(a[n], record.a[n], rtol=1e-12)


def test_sizes_of_errors_and_gradients(net):
    record, flow = net.record(X, Y), cr.insight.error_flow(net, X, Y)
    norms = {n: np.sqrt(np.mean(np.sum(d**2, axis=1))) for n, d in record.delta.items()}
    for n, layer in flow.layers.items():
        assert layer.norm == pytest.approx(norms[n])
        assert layer.gradient == pytest.approx(np.linalg.norm(record.nabla_w[n]))
        assert layer.relative == pytest.approx(layer.gradient / np.linalg.norm(net.weights[n - 1]))
    assert flow.layers[2].ratio == pytest.approx(norms[2] / norms[3])
    assert flow.layers[3].ratio is None
    assert flow.factor == pytest.approx(norms[1] / norms[3])
    assert flow.per_layer**2 == pytest.approx(flow.factor)
    assert f"{flow.per_layer:.3g} a layer" in str(flow)
    assert f"{flow.per_layer:.3g} a layer" in flow._repr_html_()


def test_a_single_layer_and_a_layer_without_errors():
    one = cr.insight.error_flow(cr.nn.Network([4, 3]), X, Y)
    assert one.factor == 1 and np.isnan(one.per_layer) and "a layer" not in str(one)
    perfect = cr.nn.Network([4, 3], activation="identity")
    targets = X @ perfect.weights[0].T + perfect.biases[0]
    assert np.isnan(cr.insight.error_flow(perfect, X, targets).factor)


def test_gradients_of_examples_without_making_them(net):
    found = cr.insight.example_gradients(net, X, Y)
    one_by_one = [net.backprop(x, y) for x, y in zip(X, Y)]
    g = np.array(
        [np.concatenate([p.ravel() for part in parts for p in part]) for parts in one_by_one]
    )
    mean = g.mean(axis=0)
    norms = np.linalg.norm(g, axis=1)
    np.testing.assert_allclose(found.norms, norms, rtol=1e-9)
    np.testing.assert_allclose(found.shares, norms / norms.sum(), rtol=1e-9)
    np.testing.assert_allclose(found.mean_norm, np.linalg.norm(mean), rtol=1e-9)
    np.testing.assert_allclose(
        found.cosines, g @ mean / norms / np.linalg.norm(mean), rtol=1e-7, atol=1e-9
    )
    for i in (0, 7):
        without = np.delete(g, i, axis=0).mean(axis=0)
        change = np.linalg.norm(without - mean) / np.linalg.norm(mean)
        assert found.changes[i] == pytest.approx(change)


def test_the_largest_gradients_come_first_in_text_and_html(net):
    found = cr.insight.example_gradients(net, X, Y)
    top = int(np.argmax(found.norms))
    assert str(found).splitlines()[2].split()[0] == str(top)
    assert f"{found.norms[top]:.3g}" in found._repr_html_()


def test_examples_without_gradients_have_no_share():
    net = cr.nn.Network([4, 3], activation="identity")
    found = cr.insight.example_gradients(net, X, X @ net.weights[0].T + net.biases[0])
    assert not found.norms.any() and not found.shares.any() and not found.cosines.any()


def test_a_sequential_and_a_result_of_fit_are_looked_at_as_well():
    model = cr.nn.Sequential([cr.nn.Dense(4, 5), cr.nn.relu, cr.nn.Dense(5, 3)])
    result = cr.fit(
        model, (X, LABELS), cost="log-likelihood", optimiser=cr.optim.sgd(0.1), epochs=1,
        executor="interpreter",
    )  # fmt: skip
    one = cr.insight.error_flow(result, X, LABELS)
    other = cr.insight.error_flow(model, X, LABELS, params=result.params, cost="log-likelihood")
    assert str(one) == str(other)
