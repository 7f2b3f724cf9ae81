"""The diagnosis of examples, labels, inputs and targets: with the illness and without."""

from __future__ import annotations

import numpy as np
import pytest
from tests.insight.patients import CLASSES, X, network, relu_network, severity

import chainrule as cr

# ---- examples ------------------------------------------------------------------------------------


def test_a_dominating_example():
    net = network(10, 1, activation=["relu", "identity"])
    Y = X[:, :1]
    scaled = X.copy()
    scaled[17] *= 100.0
    found = cr.insight.diagnose(net, (scaled, Y), batch_size=20)["dominating example"]
    assert found.severity == "illness" and found.numbers["example"] == 17
    assert "Its input is" in found.sentence
    far = Y.copy()
    far[17] = 500.0
    found = cr.insight.diagnose(net, (X, far), batch_size=20)["dominating example"]
    assert found.severity == "illness" and "Its output error is" in found.sentence
    assert severity("dominating example", net, (X, Y), batch_size=20) == "healthy"
    assert severity("dominating example", network(10, 2), batch_size=20) == "healthy"


def test_a_dominating_example_of_a_record():
    net = network(10, 1, activation=["relu", "identity"])
    batch, Y = X[:10].copy(), X[:10, :1]
    assert cr.insight.diagnose(net.record(batch, Y))["dominating example"].severity == "healthy"
    batch[3] *= 100.0
    found = cr.insight.diagnose(net.record(batch, Y))["dominating example"]
    assert found.numbers["example"] == 3
    norms = [
        np.sqrt(sum(np.sum(g**2) for part in net.backprop(x, y) for g in part))
        for x, y in zip(batch, Y)
    ]
    assert found.numbers["share"] == pytest.approx(norms[3] / sum(norms))


def test_suspect_labels():
    centres = np.array([[4.0, 0, 0, 0, 0, 0], [0, 4.0, 0, 0, 0, 0], [0, 0, 4.0, 0, 0, 0]])
    true = np.arange(300) % 3
    apart = centres[true] + np.random.default_rng(3).normal(size=(300, 6))
    labels = true.copy()
    labels[[5, 50, 100, 151, 200]] = (true[[5, 50, 100, 151, 200]] + 1) % 3

    def trained(labels):
        net = relu_network(10, 3, init="he")
        net.SGD((apart, labels), 5, 10, 0.1)
        return net

    found = cr.insight.diagnose(trained(labels), (apart, labels))["suspect labels"]
    assert found.severity == "warning"
    suspect = set(found.numbers["examples"])
    assert suspect <= {5, 50, 100, 151, 200} and len(suspect) >= 4
    assert f"{len(suspect)} (" in found.sentence and found.numbers["labels"][0] in (0, 1, 2)
    assert severity("suspect labels", trained(true), (apart, true)) == "healthy"
    untrained = cr.insight.diagnose(relu_network(10, 3), (apart, true))
    assert "train it further" in untrained.unjudged["suspect labels"]


# ---- data ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda X: X * 255, "root mean square is 2"),
        (lambda X: X * 1e-4, "root mean square is 9.78e-05"),
        (lambda X: X * np.array([1, 1, 1, 500.0, 1, 1]), "input 3 spreads"),
        (lambda X: X * np.where(np.arange(200) == 9, 100.0, 1.0)[:, None], "example 9 is"),
        (lambda X: np.ones_like(X), "all examples are equal"),
    ],
)
def test_inputs_out_of_scale(spoil, words):
    found = cr.insight.diagnose(network(9, 2), (spoil(X), CLASSES))["inputs out of scale"]
    assert found.severity == "warning" and words in found.sentence
    with_a_constant = np.column_stack([X[:, :5], np.full(200, 0.7)])
    healthy = cr.insight.diagnose(network(9, 2), (with_a_constant, CLASSES))["inputs out of scale"]
    assert healthy.severity == "healthy" and healthy.numbers["constant_features"] == 1


def test_targets_out_of_reach():
    Y = X[:, :1]
    rule = "targets out of reach"
    assert severity(rule, network(9, 1), (X, Y)) == "illness"
    assert severity(rule, network(9, 1, activation=["tanh", "relu"]), (X, Y)) == "illness"
    assert severity(rule, network(9, 1, activation=["tanh", "identity"]), (X, Y)) == "healthy"
    assert severity(rule, network(9, 2)) == "healthy"
    assert severity(rule, relu_network(9, 2)) == "healthy"


@pytest.mark.parametrize(("rare", "expected"), [(1, "warning"), (10, "note"), (80, "healthy")])
def test_rare_classes(rare, expected):
    labels = (np.arange(200) < rare).astype(int)
    assert severity("rare classes", network(9, 2), (X, labels)) == expected


def test_classes_of_the_same_size():
    found = cr.insight.diagnose(network(9, 2), (X, np.arange(200) % 2))["rare classes"]
    assert (found.severity, found.sentence) == ("healthy", "each class has 100 examples")
