"""Cascades against factors by formula, derivatives by grad, and networks computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.insight.by_hand import FUNCTIONS, MODELS, TARGET, cost_of, example, model_of

import chainrule as cr
from chainrule.core.errors import ArgumentError

SLOPES = {
    "sigmoid": lambda z: sp.expit(z) * sp.expit(-z),
    "tanh": lambda z: 1 / np.cosh(z) ** 2,
    "softplus": sp.expit,
    "relu": lambda z: float(z > 0),
    "identity": lambda z: 1.0,
}


def chain(weights, biases, activation="sigmoid", cost="quadratic"):
    net = cr.nn.Network([1] * (len(weights) + 1), activation=activation, cost=cost)
    net.weights = [np.array([[w]], float) for w in weights]
    net.biases = [np.array([b], float) for b in biases]
    return net


@settings(max_examples=30, deadline=None)
@given(
    depth=st.integers(1, 6),
    activation=st.sampled_from(sorted(SLOPES)),
    cost=st.sampled_from(["quadratic", "cross-entropy"]),
    kind=st.sampled_from(["bias", "neuron", "weight", "input"]),
    seed=st.integers(0, 10_000),
    data=st.data(),
)
def test_a_chain_of_single_neurons(depth, activation, cost, kind, seed, data):
    rng = np.random.default_rng(seed)
    weights, biases = rng.normal(size=depth) * 2, rng.normal(size=depth)
    x, y, dz = rng.normal(), rng.uniform(), 1e-3
    layer = 1 if kind == "input" else data.draw(st.integers(1, depth))
    net = chain(weights, biases, activation, cost)
    place = {kind: (0, 0) if kind == "weight" else 0}
    if kind != "input":
        place["layer"] = layer
    found = cr.insight.cascade(net, [x], [y], **place, dz=dz)

    names = [f.__name__ for f in net.activations]
    z, a = {}, {0: x}
    for n in range(1, depth + 1):
        z[n] = weights[n - 1] * a[n - 1] + biases[n - 1]
        a[n] = float(FUNCTIONS[names[n - 1]](np.float64(z[n])))
    first = {"bias": 1, "neuron": 1, "weight": a[layer - 1], "input": weights[0]}[kind]
    factors = {f"dz[{layer}]": first}
    for n in range(layer, depth):
        factors[f"da[{n}]"] = SLOPES[names[n - 1]](z[n])
        factors[f"dz[{n + 1}]"] = weights[n]
    if cost == "cross-entropy":
        factors["dC"] = a[depth] - y
    else:
        factors[f"da[{depth}]"] = SLOPES[names[-1]](z[depth])
        factors["dC"] = a[depth] - y
    assert found.is_chain and list(found.factors) == list(factors)
    np.testing.assert_allclose(
        list(found.factors.values()), list(factors.values()), rtol=1e-9, atol=1e-14
    )
    predicted = dz * np.cumprod(list(factors.values()))
    np.testing.assert_allclose(
        [float(s.predicted[0]) for s in found.steps], predicted, rtol=1e-8, atol=1e-16
    )
    assert found.product == pytest.approx(found.derivative, rel=1e-10, abs=1e-14)


def test_real_steps_of_a_chain():
    net = chain([1.5, -2.0, 0.7], [0.3, 0.1, -0.4])
    found = cr.insight.cascade(net, [0.8], [1.0], layer=1, weight=(0, 0), dz=0.5)
    moved = chain([2.0, -2.0, 0.7], [0.3, 0.1, -0.4])
    before, after = net.record([0.8], [1.0]), moved.record([0.8], [1.0])
    wanted = [(after.z[n] - before.z[n], after.a[n] - before.a[n]) for n in (1, 2, 3)]
    flat = [float(v[0, 0]) for pair in wanted for v in pair]
    flat.append(float(after.cost[0] - before.cost[0]))
    assert [s.name for s in found.steps] == [
        "dz[1]", "da[1]", "dz[2]", "da[2]", "dz[3]", "da[3]", "dC",
    ]  # fmt: skip
    np.testing.assert_allclose([float(s.real[0]) for s in found.steps], flat, rtol=1e-12)
    assert found.real == pytest.approx(flat[-1] / 0.5, rel=1e-12)


def test_the_whole_product_is_the_gradient():
    net = chain([1.5, -2.0, 0.7, 3.0], [0.3, 0.1, -0.4, 0.2], activation="tanh")

    def cost(params):
        return np.sum((net(params, np.array([[0.8]])) - 1.0) ** 2) / 2

    gradient = cr.grad(cost)(net.params)
    for n in range(1, 5):
        bias = cr.insight.cascade(net, [0.8], [1.0], layer=n, bias=0)
        weight = cr.insight.cascade(net, [0.8], [1.0], layer=n, weight=(0, 0))
        assert bias.product == pytest.approx(float(gradient[n - 1]["biases"][0]), rel=1e-12)
        assert weight.product == pytest.approx(float(gradient[n - 1]["weights"][0, 0]), rel=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_through_layers_of_several_neurons(name):
    net, x, dz = model_of(name), example(), 0.02
    found = cr.insight.cascade(net, x, TARGET, layer=1, neuron=1, dz=dz)
    wide = cr.nn.Network(net.sizes, activation=list(net.activations), cost=net.cost)
    wide.weights = [w.astype(float) for w in net.weights]
    wide.biases = [b.astype(float) for b in net.biases]
    moved = cr.nn.Network(net.sizes, activation=list(net.activations), cost=net.cost)
    moved.weights = wide.weights
    moved.biases = [wide.biases[0] + dz * (np.arange(5) == 1), wide.biases[1]]
    before, after = wide.record(x, TARGET), moved.record(x, TARGET)

    def outputs(bias):
        z1 = wide.weights[0] @ x + bias
        a1 = net.activations[0](z1)
        z2 = wide.weights[1] @ a1 + wide.biases[1]
        return {"dz[1]": z1, "da[1]": a1, "dz[2]": z2, "da[2]": net.activations[1](z2)}

    tangents = cr.jvp(outputs, (wide.biases[0],), (dz * (np.arange(5) == 1.0),))[1]
    for step in found.steps[:-1]:
        records = [(r.z if step.name[1] == "z" else r.a) for r in (before, after)]
        real = (records[1][step.layer] - records[0][step.layer])[0]
        np.testing.assert_allclose(step.real, real, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(step.predicted, tangents[step.name], rtol=1e-11, atol=1e-15)
        assert step.strongest == np.argmax(np.abs(tangents[step.name]))
    lengths = [dz, *(float(np.linalg.norm(s.predicted)) for s in found.steps)]
    np.testing.assert_allclose(
        [s.factor for s in found.steps], np.divide(lengths[1:], lengths[:-1]), rtol=1e-12
    )
    cost = cost_of(net, x, TARGET, add_z={1: dz * (np.arange(5) == 1)}) - cost_of(net, x, TARGET)
    assert found.real * dz == pytest.approx(cost, rel=1e-10, abs=1e-14)
    assert found.product == pytest.approx(found.derivative, rel=1e-10, abs=1e-14)
    fused = net.cost.output is not None
    assert ("da[2]" in found.factors) == (not fused)


def test_from_an_input_that_is_changed_before_layer_1():
    model = cr.nn.Sequential([np.tanh, cr.nn.Dense(1, 1), cr.nn.sigmoid])
    params = model.init(4, "float64")
    found = cr.insight.cascade(model, [0.3], [1.0], input=0, params=params, cost="quadratic")
    assert [s.name for s in found.steps] == ["dx", "da[0]", "dz[1]", "da[1]", "dC"]
    assert found.factors["da[0]"] == pytest.approx(1 - np.tanh(0.3) ** 2)
    assert found.product == pytest.approx(found.derivative, rel=1e-13)


def test_a_dead_neuron_ends_the_cascade():
    net = chain([1.0, 2.0, 3.0], [-5.0, 0.1, 0.2], activation=["relu", "sigmoid", "sigmoid"])
    found = cr.insight.cascade(net, [1.0], [0.0], layer=1, bias=0)
    assert found.factors["da[1]"] == 0 and found.factors["dz[2]"] == 2.0
    assert found.product == 0 == found.derivative == found.real
    wide = cr.nn.Network([2, 3, 2], activation=["relu", "sigmoid"])
    wide.biases = [np.full(3, -50.0), np.zeros(2)]
    found = cr.insight.cascade(wide, [1.0, 1.0], [0.0, 1.0], layer=1, neuron=1)
    assert [s.factor for s in found.steps[1:]] == [0, 0, 0, 0]


def test_what_it_says():
    found = cr.insight.cascade(chain([2.0, -1.0], [0.5, 0.0]), [1.0], [0.0], layer=1, bias=0)
    lines = str(found).split("\n")
    assert lines[0] == "cascade from b[1][0] = 0.5: db = 0.01, C = 0.0403606"
    assert lines[1].split() == ["step", "factor", "product", "predicted", "real"]
    assert lines[2].startswith("dz[1] = db ")
    assert lines[3].startswith("da[1] = sigma'(z[1]) dz[1]  0.0701")
    assert lines[6].startswith("dC = dC/da[2] da[2] ")
    assert lines[7].startswith("dC/db = 1 * 0.0701 * -1 * ")
    assert "by the reverse sweep" in lines[8] and "by the real change" in lines[8]
    assert "<table" in found._repr_html_()
    long = cr.insight.cascade(chain([1.0] * 9, [0.0] * 9), [1.0], [0.0], layer=1, neuron=0)
    assert " * ... * " in long.sums[0] and len(long.steps) == 19
    wide = cr.insight.cascade(
        model_of("sigmoid, quadratic"), example(), TARGET, layer=1, along="-delta", dz=1.0
    )
    head, first = str(wide).split("\n")[1:3]
    assert head.split() == [
        "step", "factor", "|predicted|", "|real|", "strongest", "predicted", "real",
    ]  # fmt: skip
    assert first.startswith("dz[1] = direction t ")
    assert "<table" in wide._repr_html_()


def test_errors():
    net, x = model_of("sigmoid, quadratic"), example()
    with pytest.raises(ArgumentError, match="cascade follows one example, got 2"):
        cr.insight.cascade(net, np.array([x, x]), [0, 1], layer=1, neuron=0)
    for dz in (0.0, np.nan):
        with pytest.raises(ArgumentError, match="must be a number other than 0"):
            cr.insight.cascade(net, x, TARGET, layer=1, neuron=0, dz=dz)
    with pytest.raises(ArgumentError, match="neuron 5 is not one of 0 to 4 in layer 1"):
        cr.insight.Demon(net, x, TARGET).cascade(layer=1, neuron=5)
