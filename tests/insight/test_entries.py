"""Single entries of the four equations, and output errors under two costs."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.insight.demon import Demon
from chainrule.insight.explanation import explain
from chainrule.insight.narrow import narrow
from chainrule.insight.output_errors import compared_costs, errors_along, output_errors
from chainrule.insight.slopes import pull_of
from chainrule.nn.activations import sigmoid, softmax
from chainrule.nn.costs import cross_entropy, huber, log_likelihood, quadratic
from chainrule.nn.stack import stack_of

NETS = {
    "sigmoid": {},
    "tanh": {"activation": "tanh"},
    "softmax": {"activation": ["tanh", "relu", "softmax"], "cost": "log-likelihood"},
    "mixed": {"activation": ["softmax", "sigmoid", "softmax"], "cost": "quadratic"},
}


@pytest.fixture(params=NETS)
def case(request):
    net = cr.nn.Network([3, 5, 4, 2], seed=6, **NETS[request.param])
    x, y = np.random.default_rng(1).random(3), np.array([0.0, 1.0])
    return net, x, y, Demon(net, x, y).equations


def test_the_order_of_the_sweep(case):
    _, _, _, four = case
    assert four.places == [
        ("BP1", 3), ("BP3", 3), ("BP4", 3), ("BP2", 2), ("BP3", 2), ("BP4", 2),
        ("BP2", 1), ("BP3", 1), ("BP4", 1),
    ]  # fmt: skip


def test_each_entry_is_that_of_backprop_and_of_the_difference(case):
    net, x, y, four = case
    nabla_b, nabla_w = net.backprop(x, y)
    for label, n in four.places:
        truth = nabla_w[n - 1] if label == "BP4" else nabla_b[n - 1]
        assert np.allclose(four.values(label, n), truth)
        for index in np.ndindex(truth.shape):
            entry = four.entry(label, n, index)
            assert entry.value == pytest.approx(truth[index], abs=1e-12)
            assert entry.difference == pytest.approx(truth[index], rel=1e-5, abs=1e-8)
            assert entry.name.endswith(str(list(index)))


def test_the_largest_are_what_explain_writes_out(case):
    net, x, y, four = case
    explained = {(e.label, e.layer): e.entries for e in explain(net, x, y, entries=2).equations}
    for label, n in four.places:
        entries = tuple(four.entry(label, n, i) for i in four.largest(label, n, 2))
        assert entries == explained[label, n]


def test_what_comes_back_is_a_sum_of_products(case):
    net, x, y, four = case
    back, record = four.back(1, 2), net.record(x, y)
    assert np.allclose(back.products, back.weights * back.errors)
    assert np.all(np.diff(np.abs(back.products)) <= 0)
    assert np.allclose(back.weights, net.weights[1][back.neurons, 2])
    assert np.allclose(back.errors, record.delta[2][0][back.neurons])
    assert back.total == pytest.approx(record.delta_a[1][0, 2])
    assert back.products[:3].sum() + back.rest(3) == pytest.approx(back.total)


def test_forms_say_the_number_of_the_layer(case):
    _, _, _, four = case
    assert four.forms("BP3", 2).special == r"\frac{\partial C}{\partial b^{2}} = \delta^{2}"
    assert four.forms("BP4", 1).general.endswith(r"= \delta^{1} \, (a^{0})^{\top}")
    assert r"(W^{2})^{\top} \, \delta^{2}" in four.forms("BP2", 1).general
    assert four.forms("BP1", 3).general.startswith(r"\delta^{3} = ")
    assert "L" not in four.forms("BP1", 3).special


def test_wrong_places_are_refused(case):
    _, _, _, four = case
    with pytest.raises(cr.ChainruleError, match="BP2 holds for layers 1 to 2, not for layer 3"):
        four.entry("BP2", 3, (0,))
    with pytest.raises(cr.ChainruleError, match="not one of BP1, BP2"):
        four.values("BP5", 1)
    with pytest.raises(cr.ChainruleError, match=r"shape \(5, 3\), and no entry \[5, 0\]"):
        four.entry("BP4", 1, (5, 0))
    with pytest.raises(cr.ChainruleError, match="no entry"):
        four.entry("BP3", 1, (-1,))
    single = Demon(cr.nn.Network([2, 1]), [0.0, 1.0], [1.0]).equations
    with pytest.raises(cr.ChainruleError, match="no layer of this network"):
        single.values("BP2", 1)
    with pytest.raises(cr.ChainruleError, match="of one example, got 2"):
        _ = Demon(cr.nn.Network([2, 1]), np.ones((2, 2)), np.ones((2, 1))).equations


def test_another_cost_is_that_of_a_network_that_has_it():
    x, y = np.array([0.3, 0.9]), np.array([0.0, 1.0])
    nets = [cr.nn.Network([2, 3, 2], seed=4, cost=cost) for cost in (quadratic, cross_entropy)]
    under = Demon(nets[0], x, y).equations.under(cross_entropy)
    other = Demon(nets[1], x, y).equations
    for label, n in other.places:
        assert np.allclose(under.values(label, n), other.values(label, n))
    assert under.forms("BP1", 2).special == r"\delta^{2} = a^{2} - y"


def test_pulls_take_errors_back_through_an_activation():
    z, v = np.array([0.3, -1.0, 2.0]), np.array([1.0, -0.5, 0.25])
    a = sigmoid(z)
    assert np.allclose(pull_of(sigmoid, z), a * (1 - a))
    a = softmax(z)
    assert np.allclose(pull_of(softmax, z) @ v, a * (v - v @ a))
    turned = pull_of(lambda z: z[..., ::-1] * np.array([1.0, 2.0, 3.0]), z)
    assert np.allclose(turned @ v, [v[2] * 3, v[1] * 2, v[0]])


def by_neuron(z):
    """An activation that is made for 40 neurons."""
    return np.tanh(z * np.linspace(0.5, 1.0, 40))


@pytest.mark.parametrize(
    ("activation", "widths"),
    [
        ("sigmoid", [32, 32, 32, 3]),
        ([by_neuron, "relu", "sigmoid"], [32, 40, 32, 3]),
        (["softmax", "softmax", "sigmoid"], [32, 40, 50, 3]),
    ],
)
def test_equations_are_those_of_a_narrow_network(activation, widths):
    net = cr.nn.Network([60, 40, 50, 3], activation=activation, seed=2, init="scaled")
    x, y = np.random.default_rng(5).random(60), np.array([0.0, 1.0, 0.0])
    assert narrow(stack_of(net), x)[0].sizes == widths
    four = Demon(net, x, y).equations
    wide = cr.insight.derivation(net)
    shown = {line.latex().replace("&", "") for line in wide}
    for label, n in four.places:
        for index in four.largest(label, n, 1):
            entry = four.entry(label, n, index)
            assert entry.value == pytest.approx(entry.difference, rel=1e-5, abs=1e-9)
    letters = four.forms("BP1", 3).special.replace("^{3}", "^{L}").replace("_{3}", "_{L}")
    assert letters in shown


def test_costs_that_are_compared():
    def costs(**settings):
        return compared_costs(stack_of(cr.nn.Network([2, 3], **settings)))

    assert costs() == (quadratic, cross_entropy)
    assert costs(activation="softmax") == (quadratic, log_likelihood)
    assert costs(activation="tanh") == (quadratic, huber)
    assert costs(activation="tanh", cost="mean-absolute")[1].name == "mean-absolute"


def test_errors_under_both_costs_are_those_of_the_formulas():
    stack = stack_of(cr.nn.Network([2, 3]))
    z, y = np.array([-6.0, 0.5, 3.0]), np.array([1.0, 0.0, 1.0])
    a = sigmoid(z)
    first, second = (output_errors(stack, cost, z, y) for cost in compared_costs(stack))
    assert np.allclose(first.delta, (a - y) * a * (1 - a))
    assert np.allclose(second.delta, a - y)
    assert np.allclose(second.delta_a * a * (1 - a), a - y)
    assert first.value == pytest.approx(0.5 * np.sum((a - y) ** 2))
    assert abs(second.delta[0]) > 400 * abs(first.delta[0])  # saturated and wrong
    rows = errors_along(stack, quadratic, np.stack([z, z + 1]), y)
    assert np.allclose(rows[0], first.delta) and not np.allclose(rows[1], first.delta)


def test_a_saturated_output_has_an_infinite_slope_of_the_cost_and_a_finite_error():
    stack = stack_of(cr.nn.Network([2, 1]))
    found = output_errors(stack, cross_entropy, np.array([800.0]), np.array([0.0]))
    assert found.delta_a[0] == np.inf and found.delta[0] == 1
