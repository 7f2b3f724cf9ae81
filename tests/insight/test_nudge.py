"""The demon against networks computed by hand, anew for each nudge, and its own promises."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.insight.by_hand import MODELS, SIZES, TARGET, cost_of, example, model_of

import chainrule as cr
from chainrule.core.errors import ArgumentError, DataError, ShapeError

STEPS = np.array([-3.0, -0.7, -0.01, 0.0, 0.2, 1.0, 2.5])


def real_by_hand(net, x, kind, layer, index, dz):
    weights, biases = [w.astype(float) for w in net.weights], [b.astype(float) for b in net.biases]
    x, add_z = np.array(x, float), {}
    if kind == "neuron":
        add_z = {layer: dz * (np.arange(SIZES[layer]) == index)}
    elif kind == "bias":
        biases[layer - 1] = biases[layer - 1] + dz * (np.arange(SIZES[layer]) == index)
    elif kind == "weight":
        weights[layer - 1] = weights[layer - 1].copy()
        weights[layer - 1][index] += dz
    else:
        x[index] += dz
    return cost_of(net, x, TARGET, add_z=add_z, weights=weights, biases=biases) - cost_of(
        net, example(), TARGET
    )


PLACES = [
    ("neuron", 1, 2), ("neuron", 2, 0), ("bias", 1, 4), ("bias", 2, 1), ("weight", 1, (3, 1)),
    ("weight", 2, (2, 4)), ("input", 0, 3),
]  # fmt: skip


def asked(kind, layer, index):
    return {kind: index} if kind == "input" else {"layer": layer, kind: index}


@pytest.mark.parametrize("name", MODELS)
def test_real_changes_are_those_of_a_whole_forward_sweep(name):
    net, x = model_of(name), example()
    demon = cr.insight.Demon(net, x, TARGET)
    for kind, layer, index in PLACES:
        nudge = demon.nudge(**asked(kind, layer, index), dz=STEPS)
        by_hand = [real_by_hand(net, x, kind, layer, index, dz) for dz in STEPS]
        np.testing.assert_allclose(nudge.real, by_hand, rtol=1e-12, atol=1e-12)
        assert nudge.cost == pytest.approx(cost_of(net, x, TARGET), rel=1e-13)


@pytest.mark.parametrize("name", MODELS)
def test_predictions_are_those_of_grad(name):
    net, x = model_of(name), example()
    params = [{k: v.astype(float) for k, v in p.items()} for p in net.params]
    stack = cr.nn.Network(SIZES, activation=list(net.activations), cost=net.cost)

    def cost(params, x):
        z = stack.weighted_output(params, x[None])
        if net.cost.output is net.output_activation:
            return net.cost.of_weighted_input(z, TARGET[None])[0]
        return net.cost.of_activation(net.output_activation(z), TARGET[None])[0]

    by_params, by_x = cr.grad(cost, argnums=(0, 1))(params, x)
    demon = cr.insight.Demon(net, x, TARGET)
    for kind, layer, index in PLACES:
        nudge = demon.nudge(**asked(kind, layer, index), dz=STEPS)
        if kind == "input":
            delta = by_x[index]
        else:
            delta = by_params[layer - 1]["weights" if kind == "weight" else "biases"][index]
        np.testing.assert_allclose(nudge.delta, delta, rtol=1e-10, atol=1e-15)
        np.testing.assert_array_equal(nudge.predicted, nudge.delta * STEPS)
        np.testing.assert_array_equal(nudge.gap, nudge.real - nudge.predicted)
        np.testing.assert_array_equal(nudge.tangent, nudge.cost + nudge.predicted)


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=5),
    activation=st.sampled_from(["sigmoid", "tanh", "softplus", "gelu", "softmax"]),
    cost=st.sampled_from(["quadratic", "cross-entropy", "log-likelihood"]),
    seed=st.integers(0, 10_000),
    data=st.data(),
)
def test_the_gap_is_of_second_order(sizes, activation, cost, seed, data):
    net = cr.nn.Network(sizes, activation=activation, cost=cost, seed=seed)
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=sizes[0]), rng.dirichlet(np.ones(sizes[-1]))
    layer = data.draw(st.integers(1, len(sizes) - 1))
    neuron = data.draw(st.integers(0, sizes[layer] - 1))
    kind = data.draw(st.sampled_from(["neuron", "bias", "weight", "along"]))
    k = data.draw(st.integers(0, sizes[layer - 1] - 1))
    index = {"weight": (neuron, k), "along": rng.normal(size=sizes[layer])}.get(kind, neuron)
    h = 1e-3
    nudge = cr.insight.nudge(
        net, x, y, layer=layer, **{kind: index}, dz=np.array([-h, -h / 2, h / 2, h])
    )
    even, odd = (nudge.gap + nudge.gap[::-1]) / 2, (nudge.gap - nudge.gap[::-1]) / 2
    rounding = 1e-14 * (nudge.cost + 1)
    fourth = 100 * h**4 * (nudge.cost + 1)  # what terms of fourth order may be here
    np.testing.assert_allclose(even[1] * 4, even[0], rtol=1e-4, atol=fourth)
    # What is odd is of third order; a wrong slope would leave a term of first order here
    np.testing.assert_allclose(odd[1] * 8, odd[0], rtol=1e-3, atol=2 * rounding)


@pytest.mark.parametrize("name", ["sigmoid, quadratic", "tanh, log-likelihood"])
def test_halving_dz_quarters_the_gap(name):
    for kind, layer, index in PLACES:
        nudge = cr.insight.nudge(
            model_of(name), example(), TARGET, **asked(kind, layer, index), dz=[4e-3, 2e-3, 1e-3]
        )
        ratios = nudge.gap[:-1] / nudge.gap[1:]
        np.testing.assert_allclose(ratios, 4, atol=0.05)


def test_a_layer_downhill_and_in_a_direction():
    net, x = model_of("tanh, cross-entropy"), example()
    record = net.record(x, TARGET)
    downhill = cr.insight.nudge(net, x, TARGET, layer=1, along="-delta", dz=STEPS)
    square = float(np.sum(record.delta[1] ** 2))
    np.testing.assert_allclose(downhill.predicted, -STEPS * square, rtol=1e-12)
    direction = np.array([1.0, -2.0, 0.0, 0.5, 3.0])
    along = cr.insight.nudge(net, x, TARGET, layer=1, along=direction, dz=STEPS)
    for nudge, u in ((downhill, -record.delta[1][0]), (along, direction)):
        by_hand = [cost_of(net, x, TARGET, add_z={1: t * u}) for t in STEPS]
        np.testing.assert_allclose(nudge.curve, by_hand, rtol=1e-12)
    assert along.delta == pytest.approx(float(record.delta[1][0] @ direction))
    uphill = cr.insight.nudge(net, x, TARGET, layer=1, along="delta", dz=-STEPS)
    np.testing.assert_array_equal(uphill.curve, downhill.curve)
    inputs = cr.insight.nudge(net, x, TARGET, layer=0, along="-delta", dz=STEPS)
    by_hand = [cost_of(net, x - t * record.delta_a[0][0], TARGET) for t in STEPS]
    np.testing.assert_allclose(inputs.curve, by_hand, rtol=1e-12)
    np.testing.assert_allclose(inputs.delta, -np.sum(record.delta_a[0] ** 2), rtol=1e-12)


def test_a_batch_is_the_mean_of_its_examples(monkeypatch):
    net = model_of("relu, log-likelihood, float32")
    X = np.array([example(i) for i in range(6)])
    Y = np.array([0, 1, 2, 0, 1, 2])
    several = {
        "neuron": {"layer": 1, "neuron": 2},
        "weight": {"layer": 2, "weight": (1, 3)},
        "bias": {"layer": 2, "bias": 0},
        "input": {"input": 1},
        "direction": {"layer": 1, "along": "-delta"},
        "own": {"layer": 2, "along": np.arange(18.0).reshape(6, 3)},
    }
    whole = cr.insight.Demon(net, X, Y)
    single = [cr.insight.Demon(net, x, y) for x, y in zip(X, Y)]
    for name, place in several.items():
        nudge = whole.nudge(**place, dz=STEPS)
        own = [{**place, "along": row} for row in place["along"]] if name == "own" else [place] * 6
        ones = [d.nudge(**p, dz=STEPS) for d, p in zip(single, own)]
        np.testing.assert_allclose(
            nudge.curve, np.mean([n.curve for n in ones], axis=0), rtol=1e-13
        )
        assert nudge.delta == pytest.approx(np.mean([n.delta for n in ones]), rel=1e-12, abs=1e-16)
        assert nudge.examples == 6 and "mean of 6 examples" in str(nudge)
        with monkeypatch.context() as little_memory:
            little_memory.setattr("chainrule.insight.swept.AT_ONCE", 60)
            bits = whole.nudge(**place, dz=STEPS)
        np.testing.assert_allclose(bits.curve, nudge.curve, rtol=1e-14)


def test_sequential_models():
    net = model_of("tanh, log-likelihood")
    params, x = net.sequential().init(0), example()
    net.params = [p for p in params if p != ()]
    wanted = cr.insight.nudge(net, x, 1, layer=1, weight=(2, 3))
    same = net.sequential()
    without = cr.nn.Sequential(same.layers[:-1])  # the cost brings the softmax
    for model, given_params in ((same, params), (without, params[:-1])):
        found = cr.insight.nudge(
            model, x, 1, layer=1, weight=(2, 3), params=given_params, cost="log-likelihood"
        )
        np.testing.assert_array_equal(found.curve, wanted.curve)
        assert found.delta == wanted.delta
    with pytest.raises(ArgumentError, match="give params="):
        cr.insight.nudge(same, x, 1, layer=1, neuron=0)


def test_what_happens_to_the_input_before_the_first_layer_belongs_to_the_network():
    model = cr.nn.Sequential([cr.nn.tanh, cr.nn.Dense(4, 3), cr.nn.softplus, cr.nn.sigmoid])
    params, x = model.init(1, "float64"), example()
    nudge = cr.insight.nudge(model, x, TARGET, input=2, params=params, cost="quadratic", dz=STEPS)

    def cost(value):
        moved = np.where(np.arange(4) == 2, value, x)
        return np.sum((model(params, moved[None]) - TARGET) ** 2) / 2

    np.testing.assert_allclose(nudge.curve, [cost(x[2] + dz) for dz in STEPS], rtol=1e-13)
    assert nudge.delta == pytest.approx(float(cr.grad(cost)(x[2])), rel=1e-12)


def test_behind_a_step_nothing_is_predicted():
    def step(z):
        return np.where(z > 0, 1.0, 0.0)

    net = cr.nn.Network(SIZES, activation=[step, "sigmoid"], seed=3)
    below = cr.insight.nudge(net, example(), TARGET, layer=1, neuron=1)
    assert below.delta == 0 and np.ptp(below.curve) > 0
    above = cr.insight.nudge(net, example(), TARGET, layer=2, neuron=1, dz=[-1e-5, 1e-5])
    assert above.delta == pytest.approx(float(np.diff(above.curve)[0]) / 2e-5, rel=1e-6)


@pytest.mark.parametrize("cost", ["log-likelihood", "cross-entropy"])
@pytest.mark.parametrize("size", [1e2, 1e3, 1e5])
def test_huge_weighted_inputs(cost, size):
    net = cr.nn.Network([1, 2], cost=cost)
    net.params = [{"weights": np.array([[size], [-size]]), "biases": np.zeros(2)}]
    y = np.array([0.0, 1.0])  # the network is sure, and wrong
    nudge = cr.insight.nudge(net, [1.0], y, layer=1, neuron=0, dz=STEPS)
    moved = np.stack([size + STEPS, np.full_like(STEPS, -size)], axis=1)
    if cost == "log-likelihood":
        curve = -sp.log_softmax(moved, axis=1)[:, 1]
    else:
        curve = np.logaddexp(0, moved[:, 0]) + np.logaddexp(0, -moved[:, 1])
    np.testing.assert_allclose(nudge.curve, curve, rtol=1e-14)
    assert nudge.delta == 1.0
    assert np.all(np.isfinite(nudge.real)) and nudge.within() == 3.0


def test_any_array_of_dz_and_the_default():
    net, x = model_of("sigmoid, quadratic"), example()
    demon = cr.insight.Demon(net, x, TARGET)
    one = demon.nudge(layer=1, neuron=0, dz=0.5)
    grid = demon.nudge(layer=1, neuron=0, dz=[[0.5, 1.0, 0.0], [-1.0, 0.0, 2.0]])
    assert np.shape(one.real) == np.shape(one.gap) == () and grid.real.shape == (2, 3)
    assert grid.curve[0, 0] == pytest.approx(float(one.curve), rel=1e-14)
    assert grid.real[0, 2] == 0 == grid.real[1, 1]
    assert str(one).count("\n") == 4 and str(grid).count("\n") == 9
    default = demon.nudge(layer=1, neuron=0)
    np.testing.assert_array_equal(default.dz, np.linspace(-3, 3, 241))
    assert default.dz[120] == 0 and default.real[120] == 0
    direction = demon.nudge(layer=1, along=[0.0, 6.0, 0.0, -1.0, 0.0])
    assert direction.dz[-1] == 0.5 == -direction.dz[0]  # z moves by 3 at most


def test_examples_in_every_form():
    net, x = model_of("sigmoid, quadratic"), example()
    curves = [
        cr.insight.nudge(net, given_x, given_y, layer=2, neuron=2).curve
        for given_x, given_y in [
            (x, TARGET),
            (x[:, None], TARGET[:, None]),
            (x[None], TARGET[None]),
            (list(x), 1),
        ]
    ]
    for curve in curves[1:]:
        np.testing.assert_array_equal(curve, curves[0])


def test_a_demon_computes_only_from_its_layer_on():
    calls = []

    def counted(z):
        calls.append(np.shape(z))
        return np.tanh(z)

    net = cr.nn.Network([2, 3, 4, 2], activation=[counted, counted, "sigmoid"])
    demon = cr.insight.Demon(net, [0.1, 0.2], [0.0, 1.0])
    calls.clear()
    demon.nudge(layer=3, neuron=0)
    assert calls == []
    demon.nudge(layer=2, neuron=0)
    assert calls == [(241, 4)]


def test_a_demon_keeps_the_parameters_it_has_seen():
    net, x = model_of("sigmoid, quadratic"), example()
    demon = cr.insight.Demon(net, x, TARGET)
    before = demon.nudge(layer=1, neuron=0)
    net.weights[1][...] = 0.0
    x[...] = 0.0
    np.testing.assert_array_equal(demon.nudge(layer=1, neuron=0).curve, before.curve)
    assert demon.cost == before.cost


def test_float32_is_computed_in_float64():
    net, x = model_of("sigmoid, quadratic, float32"), example()
    nudge = cr.insight.nudge(net, x, TARGET, layer=1, neuron=2, dz=[1e-5, 5e-6])
    assert nudge.curve.dtype == np.float64
    assert nudge.gap[0] / nudge.gap[1] == pytest.approx(4, rel=0.05)  # 1e-12 of the cost
    assert nudge.delta == pytest.approx(float(net.record(x, TARGET).delta[1][0, 2]), rel=1e-5)


ERRORS = [
    ({}, "exactly one of neuron=, bias=, weight=, input= and along=, got none"),
    ({"layer": 1, "neuron": 0, "bias": 0}, "got neuron and bias"),
    ({"neuron": 0}, "neuron= needs the number of its layer: layer=1 to 2"),
    ({"along": "-delta"}, "along= needs the number of its layer: layer=0 to 2"),
    ({"layer": 3, "neuron": 0}, "layer 3 is not one of 1 to 2"),
    ({"layer": 0, "neuron": 0}, "layer 0 is not one of 1 to 2; an input is moved by input="),
    ({"layer": -1, "along": "-delta"}, "layer -1 is not one of 0 to 2"),
    ({"layer": 1, "neuron": 5}, "neuron 5 is not one of 0 to 4 in layer 1"),
    ({"layer": 2, "bias": -1}, "neuron -1 is not one of 0 to 2 in layer 2"),
    ({"layer": 2, "weight": (3, 0)}, "neuron 3 is not one of 0 to 2 in layer 2"),
    ({"layer": 2, "weight": (0, 5)}, "neuron 5 is not one of 0 to 4 in layer 1, from which"),
    ({"layer": 1, "weight": (0, 4)}, "input 4 is not one of 0 to 3 in layer 0, from which"),
    ({"layer": 1, "weight": 4}, "weight=4 is not a pair"),
    ({"input": 4}, "input 4 is not one of 0 to 3 of the network"),
    ({"input": 1, "layer": 1}, "an input is in layer 0 and not in 1; leave layer= out"),
    ({"layer": 1, "along": "downhill"}, 'along=\'downhill\' is not "-delta", "delta" or an array'),
    ({"layer": 1, "neuron": 0, "dz": []}, "dz= must be finite numbers, at least one"),
    ({"layer": 1, "neuron": 0, "dz": np.inf}, "dz= must be finite numbers"),
]


@pytest.mark.parametrize(("wrong", "message"), ERRORS)
def test_errors_name_the_range(wrong, message):
    with pytest.raises(ArgumentError) as error:
        cr.insight.nudge(model_of("sigmoid, quadratic"), example(), TARGET, **wrong)
    assert message in str(error.value)


def test_errors_of_shapes():
    net, x = model_of("sigmoid, quadratic"), example()
    with pytest.raises(ShapeError, match=r"layer 1 has the shape \(5,\), or \(1, 5\)"):
        cr.insight.nudge(net, x, TARGET, layer=1, along=np.ones(3))
    with pytest.raises(ShapeError, match="X has shape"):
        cr.insight.nudge(net, x[:2], TARGET, layer=1, neuron=0)


def test_a_cost_that_is_not_finite():
    net = model_of("sigmoid, quadratic")
    X = np.array([example(), np.full(4, np.nan)])
    with pytest.raises(DataError, match=r"the cost of example 1 is nan, .* cr\.find_nonfinite"):
        cr.insight.nudge(net, X, [0, 1], layer=1, neuron=0)
    with pytest.raises(DataError, match="the cost is nan"):
        cr.insight.rank(net, X[1], 1)


def test_what_it_says():
    net = cr.nn.Network([1, 1], activation="identity")
    net.params = [{"weights": np.ones((1, 1)), "biases": np.zeros(1)}]
    # C = (z - 1)^2 / 2 at z = 2: delta = 1, real = dz + dz^2 / 2, within 10 % for |dz| <= 0.18...
    nudge = cr.insight.nudge(net, [2.0], [1.0], layer=1, neuron=0, dz=np.linspace(-0.5, 0.5, 101))
    assert nudge.within() == pytest.approx(0.18) and nudge.within(0.5) == pytest.approx(0.5)
    assert nudge.within(1e-6) == 0.0
    assert nudge.neuron == 0 and nudge.value == 2.0
    lines = str(nudge).split("\n")
    assert lines[0] == "nudge of z[1][0] = 2: C = 0.5, delta = dC/dz = 1"
    assert lines[1].split() == ["dz", "predicted", "real", "gap", "C"]
    assert lines[2].split() == ["-0.5", "-0.5", "-0.375", "+0.125", "0.125"]
    assert lines[6].split() == ["0", "0", "0", "0", "0.5"]
    assert lines[-2] == ("The prediction is within 10 % of the real change up to |dz| = 0.18.")
    assert lines[-1] == "The cost is lowest at dz = -0.5: 0.125."
    html = nudge._repr_html_()
    assert "<table" in html and "<svg" in html and "up to |dz| = 0.18" in html
    whole = cr.insight.nudge(net, [2.0], [1.0], layer=1, neuron=0, dz=[-0.01, 0.01])
    assert "all over this range" in whole.meaning
    uphill = cr.insight.nudge(net, [2.0], [1.0], layer=1, neuron=0, dz=[1.0, 2.0])
    assert uphill.meaning == (
        "The prediction is off by more than 10 % at every dz here.\nNo dz here lowers the cost."
    )


def test_what_a_dead_neuron_says():
    net = cr.nn.Network([1, 1, 1], activation=["relu", "sigmoid"])
    net.weights = [np.ones((1, 1)), np.ones((1, 1))]
    net.biases = [np.array([-10.0]), np.zeros(1)]
    nudge = cr.insight.nudge(net, [1.0], [0.0], layer=1, neuron=0)
    assert nudge.meaning == "The cost does not feel z[1][0]: it changes by nothing but rounding."
