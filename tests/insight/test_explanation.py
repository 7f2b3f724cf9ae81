"""The four equations with numbers in them."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.insight.explanation import explain
from chainrule.insight.notation.expression import Apply, Symbol
from chainrule.insight.notation.live import live
from chainrule.insight.notation.text import text

ACTIVATIONS = ["sigmoid", "tanh", "relu", "gelu", "softplus", "identity", "leaky_relu"]
COSTS = ["quadratic", "cross-entropy", "log-likelihood", "huber", "mean-absolute"]


def example(net, seed=3):
    rng = np.random.default_rng(seed)
    return rng.random(net.sizes[0]), np.eye(net.sizes[-1])[1]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("cost", COSTS)
def test_every_entry_is_what_backprop_gives(activation, cost):
    activations = [activation, {"cross-entropy": "sigmoid", "log-likelihood": "softmax"}.get(cost)]
    net = cr.nn.Network([3, 4, 2], activation=[activations[0], activations[1] or activation],
                        cost=cost, seed=5)  # fmt: skip
    x, y = example(net)
    found = explain(net, x, y, entries=3)
    nabla_b, nabla_w = net.backprop(x, y)
    assert [(e.label, e.layer) for e in found.equations] == [
        ("BP1", 2), ("BP3", 2), ("BP4", 2), ("BP2", 1), ("BP3", 1), ("BP4", 1),
    ]  # fmt: skip
    for equation in found.equations:
        n = equation.layer
        whole = nabla_w[n - 1] if equation.label == "BP4" else nabla_b[n - 1]
        largest = np.sort(np.abs(whole), axis=None)[::-1][: len(equation.entries)]
        assert [abs(e.value) for e in equation.entries] == pytest.approx(largest, abs=1e-12)
    assert found.largest_gap < 1e-6
    record = net.record(x, y)
    assert found.cost == pytest.approx(record.cost[0])
    np.testing.assert_allclose(found.sensitivity, record.delta_a[0][0], atol=1e-12)


def terms_of(entry):
    """What the written terms come to, as Python reads them."""
    signs = {"·": "*", "[": "(", "]": ")", "²": "**2"}
    return eval("".join(signs.get(c, c) for c in entry.terms), {})


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_the_numbers_that_are_written_give_the_value(activation):
    net = cr.nn.Network([3, 4, 2], activation=activation, seed=2)
    for equation in explain(net, *example(net)).equations:
        for entry in equation.entries:
            assert terms_of(entry) == pytest.approx(entry.value, rel=1e-2, abs=1e-6), entry


def test_the_formulas_are_those_of_the_network():
    net = cr.nn.Network([3, 4, 5, 2], cost="log-likelihood", activation="tanh")
    found = explain(net, *example(net))
    formulas = {(e.label, e.layer): e.formula for e in found.equations}
    assert formulas["BP1", 3] == "δ^3 = a^3 - y"
    assert formulas["BP2", 1] == "δ^1 = (W^2ᵀ δ^2) ⊙ (1 - (a^1)²)"
    assert formulas["BP4", 1] == "∂C/∂W^1 = δ^1 a^0ᵀ"
    assert any("∑(y) = 1" in a for a in found.equations[0].assumptions)
    assert "agree with central differences" in str(found)
    assert "BP2" in found._repr_html_()


def test_targets_that_are_no_probabilities_get_the_equation_that_holds():
    net = cr.nn.Network([3, 4, 2], cost="log-likelihood")
    x, _ = example(net)
    found = explain(net, x, np.array([0.5, 0.2]))
    assert "∑(y)" in found.equations[0].formula and found.equations[0].formula != "δ^2 = a^2 - y"
    assert explain(net, x, np.array([0.5, 0.5])).equations[0].formula == "δ^2 = a^2 - y"


def test_a_kink_is_not_called_agreement():
    net = cr.nn.Network([1, 1], activation="relu", cost=lambda a, y: np.sum(np.abs(a - y), axis=-1))
    net.weights, net.biases = [np.array([[1.0]])], [np.array([0.0])]
    assert "apart: a kink?" in str(explain(net, [1.0 + 1e-5], [1.0]))
    assert "entries agree with" in str(explain(net, [1.5], [1.0]))


def test_an_activation_of_the_users():
    net = cr.nn.Network([3, 4, 2], activation=lambda z: z / (1 + np.exp(-z)))
    assert explain(net, *example(net)).largest_gap < 1e-6


def test_one_example_at_a_time():
    net = cr.nn.Network([3, 4, 2])
    with pytest.raises(cr.ChainruleError, match="one example, got 2"):
        explain(net, np.ones((2, 3)), np.ones((2, 2)))


def test_complex_values_are_not_written_as_their_real_parts():
    z = Symbol("z", "z", cr.ArrayType((), "complex128"))
    with pytest.raises(TypeError, match="complex"):
        live(Apply("abs", (z,), cr.ArrayType((), "float64")), {"z": np.array(1 + 2j)}, ())


def test_what_mixes_entries_is_not_taken_apart():
    """A running sum has the shape of what it sums, and is not elementwise."""
    kind = cr.ArrayType((3,), "float64")
    z = Symbol("z", "z", kind)
    values = {"z": np.array([0.5, 1.0, 2.0])}
    assert text(live(Apply("tanh", (z,), kind), values, (2,))) == "tanh(2)"
    assert text(live(Apply("cumsum", (z,), kind, {"axis": 0}), values, (1,))) == "1.5"
