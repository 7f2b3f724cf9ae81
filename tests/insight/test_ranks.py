"""Ranks against the record's errors, and the demon's gains against networks computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.insight.by_hand import MODELS, SIZES, TARGET, cost_of, example, model_of

import chainrule as cr
from chainrule.core.errors import ArgumentError


@pytest.mark.parametrize("name", MODELS)
def test_order_and_gains(name):
    net, x = model_of(name), example()
    ranks = cr.insight.rank(net, x, TARGET, dz=0.1)
    record = net.record(x, TARGET)
    assert len(ranks) == SIZES[1] + SIZES[2]
    assert np.all(np.diff(ranks.size) <= 0)
    assert set(zip(ranks.layer, ranks.neuron)) == {(n, j) for n in (1, 2) for j in range(SIZES[n])}
    for layer, neuron, delta, predicted, real in zip(
        ranks.layer, ranks.neuron, ranks.delta, ranks.predicted, ranks.real
    ):
        assert delta == pytest.approx(float(record.delta[layer][0, neuron]), rel=1e-5, abs=1e-7)
        assert predicted == -0.1 * abs(delta)
        best = -0.1 * np.sign(delta) * (np.arange(SIZES[layer]) == neuron)
        by_hand = cost_of(net, x, TARGET, add_z={layer: best}) - cost_of(net, x, TARGET)
        assert real == pytest.approx(by_hand, rel=1e-12, abs=1e-13)


def test_a_batch_is_looked_at_example_by_example():
    net = model_of("tanh, log-likelihood")
    X, Y = np.array([example(i) for i in range(7)]), np.arange(7) % 3
    ranks = cr.insight.rank(net, X, Y, layer=1, dz=0.05)
    ones = [cr.insight.rank(net, x, y, layer=1, dz=0.05) for x, y in zip(X, Y)]
    assert set(ranks.layer) == {1} and ranks.examples == 7
    for i, neuron in enumerate(ranks.neuron):
        own = [(one, int(np.flatnonzero(one.neuron == neuron)[0])) for one in ones]
        for field in ("delta", "size", "predicted", "real"):
            mean = np.mean([getattr(one, field)[place] for one, place in own])
            assert getattr(ranks, field)[i] == pytest.approx(mean, rel=1e-11)
    assert not np.allclose(ranks.size, np.abs(ranks.delta))
    assert "mean |delta|" in str(ranks) and "mean of 7 examples" in str(ranks)


def test_only_the_first_are_tried():
    net, x = model_of("sigmoid, quadratic"), example()
    every = cr.insight.rank(net, x, TARGET)
    some = cr.insight.Demon(net, x, TARGET).rank(tried=3)
    np.testing.assert_allclose(some.real[:3], every.real[:3], rtol=1e-13)
    assert np.all(np.isnan(some.real[3:])) and not np.any(np.isnan(every.real))
    assert "nan" not in str(some)


def test_ranks_of_neurons():
    net = cr.nn.Network([2, 3, 1], activation=["relu", "identity"])
    net.params = [
        {"weights": np.ones((3, 2)), "biases": np.array([0.0, 0.0, -9.0])},
        {"weights": np.array([[0.5, -0.5, 3.0]]), "biases": np.zeros(1)},
    ]
    ranks = cr.insight.rank(net, [1.0, 1.0], [1.0])
    assert ranks.rank_of(2, 0) == 1
    assert ranks.rank_of(1, 0) == ranks.rank_of(1, 1) == 2  # equal errors
    assert ranks.rank_of(1, 2) == 4  # dead
    assert ranks.real[3] == 0
    text = str(ranks).split("\n")
    assert text[0] == "neurons by |delta|, C = 0.5; changes of C by a demon with |dz| <= 0.1"
    assert text[1].split() == ["rank", "layer", "neuron", "delta", "predicted", "real"]
    assert text[2].split() == ["1", "2", "0", "-1", "-0.1", "-0.095"]
    assert "<table" in ranks._repr_html_()
    with pytest.raises(ArgumentError, match="neuron 3 of layer 1 is not among"):
        ranks.rank_of(1, 3)


def test_a_long_table_is_cut():
    net = cr.nn.Network([3, 12, 4])
    text = str(cr.insight.rank(net, np.ones(3), 1))
    assert text.count("\n") == 12 and text.endswith("and 6 more neurons")


def test_errors():
    net, x = model_of("sigmoid, quadratic"), example()
    with pytest.raises(ArgumentError, match="layer 3 is not one of 1 to 2"):
        cr.insight.rank(net, x, TARGET, layer=3)
    with pytest.raises(ArgumentError, match="dz=-1 must be a positive number"):
        cr.insight.rank(net, x, TARGET, dz=-1)
    with pytest.raises(ArgumentError, match="tried=-1 must be"):
        cr.insight.rank(net, x, TARGET, tried=-1)
