"""Images and matrices hold what a model gets wrong, and its weights."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.plot.mosaic import tiles

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 16)), RNG.integers(0, 3, 60)
NET = cr.nn.Network([16, 6, 3], "sigmoid", "log-likelihood", seed=1)
HISTORY = [
    {"epoch": n, "cost": 2 / n, "validation_cost": 3 / n, "validation_accuracy": 1 - 1 / n}
    for n in range(1, 6)
]


def counts(net):
    """The confusion matrix, entry by entry."""
    found = np.argmax(net.feedforward(X), axis=1)
    table = np.zeros((3, 3), int)
    for label, taken_for in zip(Y, found):
        table[label, taken_for] += 1
    return table


def test_saturation_is_what_neurons_says():
    net = cr.nn.Network([16, 6, 3], ["relu", "tanh"], seed=4)
    net.biases[0] = np.array([-500.0, 0, 0, 0, 0, 0])
    found = cr.insight.neurons(net, X)
    for figure in (cr.plot.saturation(net, X), cr.plot.saturation(found)):
        dead, saturated, rest = ([bar.get_height() for bar in c] for c in figure.axes[0].containers)
        assert dead == [1 / 6, 0]
        z = X @ net.weights[0].T + net.biases[0]
        assert np.isclose(saturated[0] + dead[0], (z <= 0).mean())
        assert np.isclose(saturated[1], found.layers[2].saturated_share)
        assert np.allclose(np.add(np.add(dead, saturated), rest), 1)
        assert figure.axes[0].texts[0].get_text() == "1 of 6 dead"
    with pytest.raises(cr.ChainruleError, match="there are no examples to look at"):
        cr.plot.saturation(net)


def test_first_layer_weights_are_the_rows(run):
    figure = cr.plot.first_layer_weights(NET)
    whole = figure.axes[0].images[0].get_array()
    scale = np.percentile(np.abs(NET.weights[0]), 99.5)
    assert figure.axes[0].images[0].get_clim() == (-scale, scale)
    expected, _ = tiles(NET.weights[0].reshape(6, 4, 4), 6)
    assert np.array_equal(np.ma.filled(whole, np.nan), expected, equal_nan=True)
    by_norm = cr.plot.first_layer_weights(NET, order="norm", n=2).axes[0]
    norms = np.linalg.norm(NET.weights[0], axis=1)
    assert [int(t.get_text()) for t in by_norm.texts] == list(np.argsort(-norms)[:2])
    first = by_norm.images[0].get_array()[:4, :4]
    assert np.array_equal(first, NET.weights[0][norms.argmax()].reshape(4, 4))
    folder, result = run
    for given in (folder, result):
        shown = cr.plot.first_layer_weights(given, shape=(2, 8), order=[3]).axes[0].images[0]
        assert np.array_equal(
            shown.get_array(), result.params[0]["weights"][3].reshape(2, 8).astype(float)
        )


def test_tiles_are_where_they_are_said_to_be():
    images = RNG.normal(size=(7, 3, 2))
    whole, places = tiles(images, 3)
    for image, (y, x) in zip(images, places):
        assert np.array_equal(whole[y : y + 3, x : x + 2], image)
    assert np.isfinite(whole).sum() == images.size


def test_weights_that_make_no_image():
    with pytest.raises(cr.ChainruleError, match="12 numbers, which make no square"):
        cr.plot.first_layer_weights(cr.nn.Network([12, 2]))
    with pytest.raises(cr.ChainruleError, match=r"shape \(5, 5\) is not"):
        cr.plot.first_layer_weights(NET, shape=(5, 5))
    with pytest.raises(cr.ChainruleError, match="'index', 'norm'"):
        cr.plot.first_layer_weights(NET, order="size")
    with pytest.raises(cr.ChainruleError, match="neurons 0 to 5"):
        cr.plot.first_layer_weights(NET, order=[6])


def test_confusion_matrix_counts():
    expected = counts(NET)
    found = cr.insight.confusion(NET, (X, Y))
    assert np.array_equal(found.counts, expected)
    assert found.wrong == 60 - np.trace(expected)
    for figure in (cr.plot.confusion_matrix(NET, (X, Y)), cr.plot.confusion_matrix(found)):
        axes = figure.axes[0]
        shown = np.ma.filled(axes.images[0].get_array(), np.nan)
        assert np.isnan(np.diag(shown)).all()
        off = ~np.eye(3, dtype=bool)
        assert np.array_equal(shown[off], expected[off])
        written = {(t.get_position()): t.get_text() for t in axes.texts}
        assert all(written[(i, i)] == str(expected[i, i]) for i in range(3))
        assert f"{found.wrong} of 60 wrong" in axes.get_title("left")


def test_misclassified_are_the_costliest():
    out = NET.feedforward(X)
    wrong = [i for i in range(60) if out[i].argmax() != Y[i]]
    costs = {i: -np.log(out[i, Y[i]]) for i in wrong}
    expected = sorted(wrong, key=lambda i: -costs[i])
    found = cr.insight.misclassified(NET, (X, Y))
    assert list(found.indices) == expected
    assert np.allclose(found.costs, [costs[i] for i in expected])
    axes = cr.plot.misclassified(NET, (X, Y), n=4).axes[0]
    assert np.array_equal(
        np.ma.filled(axes.images[0].get_array(), np.nan),
        tiles(X[expected[:4]].reshape(4, 4, 4), 4)[0],
        equal_nan=True,
    )
    worst = expected[0]
    caption = f"{Y[worst]} → {out[worst].argmax()}\n{costs[worst]:.3g}"
    assert axes.texts[0].get_text() == caption
    assert f"{len(wrong)} of 60 misclassified" in axes.get_title("left")


def test_mistakes_of_every_kind_of_model_and_data(run):
    folder, result = run
    model, params = result.model, result.params
    given = [
        cr.insight.confusion(folder, (X, Y)),
        cr.insight.confusion(result, (X, Y)),
        cr.insight.confusion(model, (X, Y), params=params, cost="log-likelihood"),
        cr.insight.confusion(result, cr.data.Examples(X, Y)),
        cr.insight.confusion(result, (X, np.eye(3)[Y])),
        cr.insight.confusion(result, [(x[:, None], y) for x, y in zip(X, Y)]),
    ]
    assert all(np.array_equal(x.counts, given[0].counts) for x in given)
    one = cr.nn.Network([16, 1])
    found = cr.insight.confusion(one, (X, Y % 2))
    taken = (one.feedforward(X)[:, 0] > 0.5).astype(int)
    assert found.counts[1, 0] == ((Y % 2 == 1) & (taken == 0)).sum()


def test_mistakes_of_what_has_none():
    with pytest.raises(cr.ChainruleError, match="there are no examples to look at"):
        cr.insight.confusion(NET)
    with pytest.raises(cr.ChainruleError, match="targets are numbers"):
        cr.insight.misclassified(cr.nn.Network([16, 1]), (X, X[:, :1]))
    with pytest.raises(cr.ChainruleError, match="int is no model"):
        cr.insight.confusion(3, (X, Y))
    with pytest.raises(cr.ChainruleError, match="give params="):
        cr.plot.confusion_matrix(cr.nn.Sequential([cr.nn.Dense(16, 3)]), (X, Y))
    with pytest.raises(cr.ChainruleError, match="examples have 5 features"):
        cr.plot.misclassified(NET, (X[:, :5], Y))
    right = np.argmax(NET.feedforward(X), axis=1)
    with pytest.raises(cr.ChainruleError, match="all 60 examples are recognised"):
        cr.plot.misclassified(NET, (X, right))
    assert str(cr.insight.misclassified(NET, (X, right))).startswith("0 of 60 examples wrong")


def test_images_and_their_labels():
    axes = cr.plot.images(X[:6], range(6)).axes[0]
    assert [t.get_text() for t in axes.texts] == list("012345")
    shown = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert np.array_equal(shown[:4, :4], X[0].reshape(4, 4))
    again = cr.plot.images(X[:6].reshape(6, 2, 8)).axes[0].images[0].get_array()
    assert np.array_equal(again[:2, :8], X[0].reshape(2, 8))
    assert cr.plot.images(X[0]).axes[0].images[0].get_array().shape == (4, 4)
    with pytest.raises(cr.ChainruleError, match="6 images and 2 labels"):
        cr.plot.images(X[:6], [1, 2])
    with pytest.raises(cr.ChainruleError, match="takes rows of pixels"):
        cr.plot.images(X[:0])
