"""Suspect labels: equation 1 of confident learning, and how many planted ones it finds."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.insight.labels import probabilities, suspects


@pytest.fixture(scope="module")
def flipped():
    """2,000 digits, 40 of them with another label than their own; labels, and which are wrong."""
    data = cr.data.load("mnist").train
    rng = np.random.default_rng(0)
    chosen = rng.permutation(len(data))[:2000]
    X, true = data.X[chosen], data.Y[chosen]
    wrong = rng.permutation(2000)[:40]
    labels = true.copy()
    labels[wrong] = (true[wrong] + rng.integers(1, 10, 40)) % 10
    return X, true, labels, wrong


def trained(X, labels, epochs=3, seed=0):
    net = cr.nn.Network([784, 30, 10], cost="cross-entropy", init="scaled", seed=seed)
    cr.fit(
        net, (X, labels), optimiser=cr.optim.sgd(0.5), epochs=epochs, batch_size=10, seed=seed,
        executor="interpreter",
    )  # fmt: skip
    return net


def test_planted_labels_are_found(flipped):
    X, true, labels, wrong = flipped
    found = cr.insight.suspect_labels(trained(X, labels), X, labels)
    planted = np.isin(found.indices, wrong)
    precision, recall = planted.mean(), planted.sum() / len(wrong)
    print(f"{len(found.indices)} found, precision {precision:.2f}, recall {recall:.2f}")
    assert precision > 0.7 and recall > 0.45
    assert planted[:10].mean() >= 0.9  # the first ones are the surest
    right = found.suggested[planted] == true[found.indices[planted]]
    assert right.mean() > 0.9


def test_of_right_labels_few_are_suspect(flipped):
    X, true, _, _ = flipped
    assert cr.insight.suspect_labels(trained(X, true), X, true).share < 0.005


def test_cross_validation_finds_more(flipped):
    X, _, labels, wrong = flipped
    fold = np.arange(len(X)) % 4
    p = np.zeros((len(X), 10))
    for k in range(4):
        net = trained(X[fold != k], labels[fold != k])
        p[fold == k] = probabilities(net.feedforward(X[fold == k]))
    found = suspects(p, labels)
    assert np.isin(found.indices, wrong).sum() / len(wrong) > 0.7


def test_equation_1_by_hand():
    p = np.array([[0.9, 0.1], [0.7, 0.3], [0.1, 0.9], [0.2, 0.8], [0.05, 0.95], [0.6, 0.4]])
    labels = np.array([0, 0, 0, 1, 1, 1])
    found = suspects(p, labels)
    t = [(0.9 + 0.7 + 0.1) / 3, (0.8 + 0.95 + 0.4) / 3]
    np.testing.assert_allclose(found.thresholds, t)
    # example 2: p(1) = 0.9 is above t_1 = 0.717; example 5: p(0) = 0.6 is above t_0 = 0.567
    assert found.indices.tolist() == [2, 5]
    assert found.given.tolist() == [0, 1] and found.suggested.tolist() == [1, 0]
    assert found.accuracy == pytest.approx(4 / 6) and found.share == pytest.approx(2 / 6)


def test_a_class_without_examples_suspects_nobody():
    found = suspects(np.array([[0.5, 0.1, 0.4], [0.1, 0.5, 0.4]]), np.array([0, 1]))
    assert np.isnan(found.thresholds[2]) and not len(found.indices)


def test_one_output_tells_0_from_1():
    net = cr.nn.Network([1, 1], cost="cross-entropy")
    net.weights, net.biases = [np.array([[4.0]])], [np.zeros(1)]
    X = np.array([[-2.0], [-1.0], [1.0], [2.0], [-3.0]])
    found = cr.insight.suspect_labels(net, X, np.array([[0.0], [0.0], [1.0], [1.0], [1.0]]))
    assert found.indices.tolist() == [4] and found.suggested.tolist() == [0]
    assert "1 of 5 labels" in str(found) and "1 of 5 labels" in found._repr_html_()


def test_outputs_that_are_no_probabilities_are_refused():
    net = cr.nn.Network([1, 2], activation="identity")
    with pytest.raises(ValueError, match="no probabilities"):
        cr.insight.suspect_labels(net, np.array([[5.0]]), np.array([0]))


def test_labels_and_probabilities_must_fit():
    with pytest.raises(ValueError, match="3 rows"):
        suspects(np.full((3, 2), 0.5), np.array([0, 1]))
