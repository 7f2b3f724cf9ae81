"""What is given in a wrong form is told by name, with the shapes and what to give instead."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, DataError, ShapeError

NET = cr.nn.Network([4, 5, 3])
X = np.random.default_rng(0).normal(size=(6, 4))
LABELS = np.array([0, 1, 2, 0, 1, 2])
LOOKS = ["curvature", "error_flow", "suspect_labels", "example_gradients"]


@pytest.mark.parametrize("look", LOOKS)
def test_there_must_be_examples(look):
    with pytest.raises(DataError, match=r"no examples: X has shape \(0, 4\)"):
        getattr(cr.insight, look)(NET, X[:0], LABELS[:0])


def test_there_must_be_examples_to_record_and_to_count_neurons():
    with pytest.raises(DataError, match=r"no examples, X has shape \(0, 4\)"):
        NET.record(X[:0], LABELS[:0])
    with pytest.raises(DataError, match=r"no examples: X has shape \(0, 4\)"):
        cr.insight.neurons(NET, X[:0])


@pytest.mark.parametrize("look", ["confusion", "misclassified", "diagnose"])
@pytest.mark.parametrize(("data", "kind"), [(X, r"array of shape \(6, 4\)"), ("mnist", "str")])
def test_inputs_without_targets(look, data, kind):
    with pytest.raises(DataError, match=rf"a pair of arrays \(X, Y\), .* this is one {kind}"):
        getattr(cr.insight, look)(NET, data)


def test_targets_in_the_place_of_a_number():
    with pytest.raises(
        ArgumentError, match=r"of shape \(6,\); .* misclassified\(model, \(X, Y\)\)"
    ):
        cr.insight.misclassified(NET, X, LABELS)


def test_parameters_of_another_model():
    model = cr.nn.Sequential([cr.nn.Dense(4, 5), cr.nn.relu, cr.nn.Dense(5, 3)])
    with pytest.raises(ShapeError, match="has 3 layers, but there are parameters for 1"):
        model.record([{}], X, LABELS, cost="log-likelihood")
    params = model.init(0)
    params[2] = {"weights": params[2]["weights"].T, "biases": params[2]["biases"]}
    with pytest.raises(ShapeError, match=r"layer 2 is Dense\(5, 3\), .* of shapes \[\(5, 3\)"):
        model.record(params, X, LABELS, cost="log-likelihood")


def test_a_single_output_takes_a_number_for_each_example():
    net = cr.nn.Network([4, 5, 1], activation=["tanh", "identity"])
    y = np.linspace(0.0, 1.0, 6)
    assert np.array_equal(net.record(X, y).delta[1], net.record(X, y[:, None]).delta[1])
    assert cr.insight.explain(net, X[0], 0.3).target == [0.3]
    with pytest.raises(ShapeError, match=r"targets y has shape \(5,\); the layer has 1 neuron, so"):
        net.record(X, y[:5])
