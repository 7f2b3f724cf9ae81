"""Derivations of networks: the lines, and that no wrong one is shown."""

import re

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, GradientError
from chainrule.insight.algebra import rules
from chainrule.insight.algebra.building import make, whole
from chainrule.nn.activations import ACTIVATIONS
from chainrule.nn.costs import COSTS

derivation = cr.insight.derivation


def shown(found, section):
    """The lines under a heading that begins like this, with the layers they are for."""
    lines = [line for line in found if line.section.startswith(section)]
    return [f"{line}{'   ' + line.where if line.where else ''}" for line in lines]


def special(net):
    return shown(derivation(net), "This network")


def test_forward_and_general_equations():
    found = derivation(cr.nn.Network([4, 5, 3, 2]))
    assert shown(found, "Forward") == [
        "a^0 = x",
        "z^l = W^l a^(l-1) + b^l   l = 1, ..., L",
        "a^l = σ(z^l)   l = 1, ..., L",
        "C = C(a^L, y)",
    ]
    assert shown(found, "Backward") == [
        "δ^l = ∂C/∂z^l   l = 1, ..., L",
        "δ^L = ∂C/∂a^L ⊙ σ′(z^L)",
        "∂C/∂a^l = W^(l+1)ᵀ δ^(l+1)   l = 1, ..., L-1",
        "δ^l = (W^(l+1)ᵀ δ^(l+1)) ⊙ σ′(z^l)   l = 1, ..., L-1",
        "∂C/∂b^l = δ^l   l = 1, ..., L",
        "∂C/∂W^l = δ^l a^(l-1)ᵀ   l = 1, ..., L",
    ]


def test_a_transposed_jacobian_has_one_pair_of_parentheses():
    found = derivation(cr.nn.Network([4, 3, 2], cost="log-likelihood"))
    (line,) = [line for line in found if line.reason.startswith("BP1")]
    assert line.latex() == (
        r"\delta^{L} &= \left(\frac{\partial a^{L}}{\partial z^{L}}\right)^{\top}"
        r" \, \frac{\partial C}{\partial a^{L}}"
    )


def test_sigmoid_and_quadratic_cost():
    assert special(cr.nn.Network([4, 5, 3, 2])) == [
        "a^l = 1 / (1 + exp(-z^l))   l = 1, ..., L",
        "C = 0.5 · ∑((a^L - y)²)",
        "σ′(z^l) = a^l ⊙ (1 - a^l)   l = 1, ..., L",
        "∂C/∂a^L = a^L - y",
        "δ^L = (a^L - y) ⊙ a^L ⊙ (1 - a^L)",
        "δ^l = (W^(l+1)ᵀ δ^(l+1)) ⊙ a^l ⊙ (1 - a^l)   l = 1, ..., L-1",
        "∂C/∂b^l = δ^l   l = 1, ..., L",
        "∂C/∂W^l = δ^l a^(l-1)ᵀ   l = 1, ..., L",
    ]


def test_relu_and_log_likelihood():
    found = derivation(cr.nn.Network([4, 5, 3], "relu", "log-likelihood"))
    assert "δ^L = (∂a^L/∂z^L)ᵀ ∂C/∂a^L" in shown(found, "Backward")
    assert shown(found, "This network") == [
        "a^l = z^l ⊙ [z^l > 0]   l = 1, ..., L-1",
        "a^L = exp(z^L) / ∑(exp(z^L))",
        "C = -∑(y ⊙ log(a^L))",
        "σ_l′(z^l) = [z^l > 0]   l = 1, ..., L-1",
        "(∂a^L/∂z^L)ᵀ v = a^L ⊙ (v - ∑(v ⊙ a^L))",
        "∂C/∂a^L = -y / a^L",
        "δ^L = a^L ⊙ (-y / a^L - ∑(-y / a^L ⊙ a^L))",
        "δ^L = a^L · ∑(y) - y",
        "δ^L = a^L - y",
        "δ^l = (W^(l+1)ᵀ δ^(l+1)) ⊙ [z^l > 0]   l = 1, ..., L-1",
        "∂C/∂b^l = δ^l   l = 1, ..., L",
        "∂C/∂W^l = δ^l a^(l-1)ᵀ   l = 1, ..., L",
    ]
    told = str(found)
    assert told.count("where a^L > 0") == 1  # where it is needed first
    assert re.search(r"= a\^L - y .*targets are probabilities; where ∑\(y\) = 1", told)


def test_tanh_and_cross_entropy():
    assert special(cr.nn.Network([4, 5, 3], "tanh", "cross-entropy"))[3:8] == [
        "σ_l′(z^l) = 1 - (a^l)²   l = 1, ..., L-1",
        "σ_L′(z^L) = a^L ⊙ (1 - a^L)",
        "∂C/∂a^L = (a^L - y) / (a^L ⊙ (1 - a^L))",
        "δ^L = (a^L - y) / (a^L ⊙ (1 - a^L)) ⊙ a^L ⊙ (1 - a^L)",
        "δ^L = a^L - y",
    ]


def test_functions_of_the_user():
    net = cr.nn.Network(
        [4, 3, 2], lambda z: z / (1 + np.exp(-z)), lambda a, y: np.sum((a - y) ** 4, axis=-1)
    )
    assert special(net)[:6] == [
        "a^l = z^l / (1 + exp(-z^l))   l = 1, ..., L",
        "C = ∑((a^L - y)⁴)",
        "σ′(z^l) = (exp(z^l) + a^l) / (1 + exp(z^l))   l = 1, ..., L",
        "∂C/∂a^L = 4 · (a^L - y)³",
        "δ^L = 4 · (a^L - y)³ ⊙ (exp(z^L) + a^L) / (1 + exp(z^L))",
        "δ^l = (W^(l+1)ᵀ δ^(l+1)) ⊙ (exp(z^l) + a^l) / (1 + exp(z^l))   l = 1, ..., L-1",
    ]


def test_layers_with_different_activations():
    net = cr.nn.Network([3, 4, 4, 4, 4, 2], [np.sin, "softmax", np.sin, "relu", "tanh"], "huber")
    lines = special(net)
    assert "σ_l′(z^l) = cos(z^l)   l = 1, 3" in lines
    assert "(∂a^l/∂z^l)ᵀ v = a^l ⊙ (v - ∑(v ⊙ a^l))   l = 2" in lines
    assert "δ^l = (W^(l+1)ᵀ δ^(l+1)) ⊙ cos(z^l)   l = 1, 3" in lines
    weighted = "W^(l+1)ᵀ δ^(l+1)"
    assert f"δ^l = a^l ⊙ ({weighted} - ∑(({weighted}) ⊙ a^l))   l = 2" in lines


OUTPUT_ERRORS = {
    ("sigmoid", "quadratic"): "(a^L - y) ⊙ a^L ⊙ (1 - a^L)",
    ("sigmoid", "cross-entropy"): "a^L - y",
    ("softmax", "log-likelihood"): "a^L - y",
    ("identity", "quadratic"): "a^L - y",
    ("tanh", "quadratic"): "(a^L - y) ⊙ (1 - (a^L)²)",
    ("relu", "quadratic"): "(a^L - y) ⊙ [z^L > 0]",
    ("leaky_relu", "quadratic"): "(a^L - y) ⊙ (1 if z^L > 0 else 0.01)",
    ("softplus", "quadratic"): "(a^L - y) / (1 + exp(-z^L))",
    ("gelu", "quadratic"): "(a^L - y) ⊙ (Φ(z^L) + z^L ⊙ exp(-0.5 · (z^L)²) / √2π)",
    ("softmax", "quadratic"): "a^L ⊙ (a^L - y - ∑((a^L - y) ⊙ a^L))",
    ("sigmoid", "mean-absolute"): "0.5 · sign(a^L - y) ⊙ a^L ⊙ (1 - a^L)",
    ("identity", "huber"): "a^L - y if |a^L - y| ≤ 1 else sign(a^L - y)",
}


@pytest.mark.parametrize("cost", COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_with_every_cost(activation, cost):
    found = derivation(cr.nn.Network([3, 3, 2], [activation, activation], cost))
    assert found.error < 1e-9
    assert all(line.error <= found.error for line in found)
    last = [line for line in found if str(line).startswith("δ^L = ")][-1]
    expected = OUTPUT_ERRORS.get((activation, cost))
    assert expected is None or str(last) == f"δ^L = {expected}"


def test_a_wrong_identity_is_not_shown(monkeypatch):
    def wrong(x):
        return make("sub", whole(1), make("tanh", x.operands[0]))

    planted = rules.Rule("sech(x)^2 = 1 - tanh(x)", ("sech_squared",), wrong)
    monkeypatch.setitem(rules.BY_PRIMITIVE, "sech_squared", [planted])
    with pytest.raises(GradientError, match=r"wrong: σ′\(z\^1\) = 1 - a\^1 has relative error"):
        derivation(cr.nn.Network([3, 3, 2], "tanh"))


def test_a_wrong_derivative_is_not_shown():
    @cr.custom_derivative
    def bent(z):
        return np.tanh(z)

    bent.def_vjp(lambda z: (np.tanh(z), z), lambda z, ct: (ct * np.cos(z),))
    with pytest.raises(GradientError, match="differences say"):
        derivation(cr.nn.Network([3, 3, 2], bent))


def test_saturated_neurons_raise_no_false_alarm():
    net = cr.nn.Network([3, 4, 2], cost="cross-entropy")
    net.weights = [30 * w for w in net.weights]
    assert derivation(net, np.ones(3), np.array([0.0, 1.0])).error < 1e-9


def test_small_and_single_precision_networks():
    for net in (
        cr.nn.Network([1, 1, 1, 1]),
        cr.nn.Network([2, 1], "identity"),
        cr.nn.Network([5, 4, 3], "gelu", dtype="float32"),
    ):
        found = derivation(net)
        assert found.error < 1e-9
        assert str(found.lines[-1]) in ("∂C/∂W^l = δ^l a^(l-1)ᵀ", "∂C/∂W^L = δ^L a^(L-1)ᵀ")


def test_sequential_models():
    model = cr.nn.Sequential([np.arctan, cr.nn.Dense(3, 4), cr.nn.relu, cr.nn.Dense(4, 2)])
    found = derivation(model, params=model.init(0), cost="log-likelihood")
    assert shown(found, "Forward")[0] == "a^0 = arctan(x)"
    assert "δ^L = a^L - y" in shown(found, "This network")


def test_the_example_and_what_is_wrong_with_it():
    net = cr.nn.Network([3, 2])
    assert derivation(net, np.ones(3), 1).error < 1e-9
    with pytest.raises(ArgumentError, match="one example"):
        derivation(net, np.ones((2, 3)), np.ones((2, 2)))
    with pytest.raises(ArgumentError, match="x and y"):
        derivation(net, np.ones(3))


def test_functions_that_cannot_be_derived_say_why():
    by_axis_1 = cr.nn.Network([3, 2], lambda z: z / np.sum(z, axis=1, keepdims=True))
    with pytest.raises(ArgumentError, match="axis=-1"):
        derivation(by_axis_1)
    never = cr.nn.Network([3, 2], cost=lambda a, y: np.sum(np.log(-1 - a**2), axis=-1))
    with pytest.raises(ArgumentError, match="infinite or NaN"):
        derivation(never)

    single = cr.nn.Network([3, 2], lambda z: np.tanh(z).astype("float32"))
    with pytest.raises(ArgumentError, match="dtype"):
        derivation(single)

    def long(z):
        for _ in range(40):
            z = np.sin(z) * np.cos(z)
        return z

    with pytest.raises(ArgumentError, match="operations when it is written out"):
        derivation(cr.nn.Network([3, 2], long))


def test_latex():
    found = derivation(cr.nn.Network([4, 5, 3], "relu", "log-likelihood"))
    tex = found.latex()
    assert tex.isascii()
    assert tex.startswith("\\begin{aligned}\n") and tex.endswith("\\end{aligned}")
    depth = 0
    for c in re.sub(r"\\[{}]", "", tex):
        depth += {"{": 1, "}": -1}.get(c, 0)
        assert depth >= 0
    assert depth == 0
    assert r"\delta^{l} &= ((W^{l+1})^{\top} \, \delta^{l+1}) \odot \mathbf{1}[z^{l} > 0]" in tex
    assert r"\frac{\partial C}{\partial W^{l}} &= \delta^{l} \, (a^{l-1})^{\top}" in tex
    assert r"\delta^{L} &= a^{L} \odot" in tex and r"&= a^{L} - y" in tex
    assert found._repr_latex_() == f"$$\n{tex}\n$$"


def test_text_has_one_width():
    lines = str(derivation(cr.nn.Network([4, 5, 3]))).splitlines()
    assert lines[0] == "Backpropagation in the network 4 → 5 → 3, L = 2: sigmoid; quadratic cost"
    assert max(map(len, lines)) < 130
