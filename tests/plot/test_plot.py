"""Figures hold the numbers they say they hold: read back from lines, bars, images and texts."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

import chainrule as cr
from chainrule.insight.error_flow import error_flow
from chainrule.plot.mosaic import tiles

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 16)), RNG.integers(0, 3, 60)
NET = cr.nn.Network([16, 6, 3], "sigmoid", "log-likelihood", seed=1)
HISTORY = [
    {"epoch": n, "cost": 2 / n, "validation_cost": 3 / n, "validation_accuracy": 1 - 1 / n}
    for n in range(1, 6)
]


@pytest.fixture(autouse=True)
def nothing_stays_open():
    import matplotlib
    import matplotlib.pyplot as plt

    before = dict(matplotlib.rcParams)
    yield
    assert plt.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "small"
    model = cr.nn.Sequential([cr.nn.Dense(16, 5), cr.nn.relu, cr.nn.Dense(5, 3)])
    result = cr.fit(
        model, (X, Y), cost="log-likelihood", optimiser=cr.optim.adam(0.05), epochs=3,
        out=folder, validation=(X, Y), executor="interpreter",
    )  # fmt: skip
    return folder, result


def counts(net):
    """The confusion matrix, entry by entry."""
    found = np.argmax(net.feedforward(X), axis=1)
    table = np.zeros((3, 3), int)
    for label, taken_for in zip(Y, found):
        table[label, taken_for] += 1
    return table


# ---- learning curves ---------------------------------------------------------------------------


def test_learning_curves_of_a_history():
    figure = cr.plot.learning_curves(HISTORY)
    cost, accuracy = figure.axes
    training, held_out = (line.get_ydata() for line in cost.lines)
    assert list(training) == [r["cost"] for r in HISTORY]
    assert list(held_out) == [r["validation_cost"] for r in HISTORY]
    (line,) = accuracy.lines
    assert list(line.get_xdata()) == [1, 2, 3, 4, 5]
    assert list(line.get_ydata()) == [r["validation_accuracy"] for r in HISTORY]
    assert cost.get_yscale() == "linear"
    assert cr.plot.learning_curves(HISTORY, log=True).axes[0].get_yscale() == "log"


def test_learning_curves_of_several_runs(run):
    folder, result = run
    figure = cr.plot.learning_curves([folder, result, HISTORY])
    names = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert names == ["small (1)", "small (2)", "run 3", "training", "held out"]
    lines = figure.axes[0].lines
    assert len(lines) == 6
    costs = [record["cost"] for record in result.history]
    assert [list(line.get_ydata()) for line in lines[::2]][:2] == [costs, costs]
    named = cr.plot.learning_curves({"a": folder, "b": HISTORY[:3]}).axes[0]
    assert [x.get_text() for x in named.get_legend().get_texts()][:2] == ["a", "b"]


def test_learning_curves_of_a_regression_and_of_costs_alone():
    r2 = [{"epoch": 1, "cost": 1.0, "validation_r2": 0.5}]
    assert cr.plot.learning_curves(r2).axes[1].get_ylabel() == "R²"
    assert len(cr.plot.learning_curves([{"epoch": 1, "cost": 1.0}]).axes) == 1


@pytest.mark.parametrize(
    ("runs", "labels", "message"),
    [
        (3, None, "run 1 is no history"),
        ([], None, "no run to draw"),
        ([[]], None, "no complete epoch"),
        ([{"epoch": 1}], None, "is no history"),
        ([HISTORY, HISTORY], ["a"], "2 runs and 1 labels"),
        ("/no/such/run", None, "there is no such run folder"),
    ],
)
def test_what_is_no_history(runs, labels, message):
    with pytest.raises(cr.ChainruleError, match=message):
        cr.plot.learning_curves(runs, labels=labels)


# ---- records -----------------------------------------------------------------------------------


def test_gradient_norms_are_those_of_the_record():
    record = NET.record(X, Y)
    axes = cr.plot.gradient_norms(record).axes[0]
    weights, biases, errors = ([bar.get_height() for bar in c] for c in axes.containers)
    assert np.allclose(weights, [np.sqrt((record.nabla_w[n] ** 2).sum()) for n in (1, 2)])
    assert np.allclose(biases, [np.sqrt((record.nabla_b[n] ** 2).sum()) for n in (1, 2)])
    flow = error_flow(NET, X, Y)  # which computes them in its own way
    assert np.allclose(errors, [layer.norm for layer in flow.layers.values()])
    assert np.allclose(weights, [layer.gradient for layer in flow.layers.values()])
    assert axes.get_yscale() == "log"


@pytest.mark.parametrize("what", ["nabla_w", "nabla_b", "delta"])
def test_gradient_norms_over_training(what):
    records = {10 * n: NET.record(X[n:], Y[n:]) for n in range(3)}
    axes = cr.plot.gradient_norms(records, what=what).axes[0]
    assert [line.get_label() for line in axes.lines] == ["layer 1", "layer 2"]
    found = [np.sqrt((getattr(record, what)[2] ** 2).sum()) for record in records.values()]
    if what == "delta":
        found = [x / np.sqrt(60 - n) for n, x in enumerate(found)]
    assert list(axes.lines[1].get_xdata()) == [0, 10, 20]
    assert np.allclose(axes.lines[1].get_ydata(), found)
    assert len(cr.plot.gradient_norms(list(records.values())).axes[0].lines) == 2


def test_what_has_no_norms():
    for given in ([], [1], {0: "a"}):
        with pytest.raises(cr.ChainruleError, match="takes a record"):
            cr.plot.gradient_norms(given)
    with pytest.raises(cr.ChainruleError, match="what='x' is not one of"):
        cr.plot.gradient_norms(NET.record(X, Y), what="x")


@pytest.mark.parametrize("what", ["a", "z", "delta", "delta_a", "gradient"])
def test_histograms_share_out_all_entries(what):
    record = NET.record(X, Y)
    figure = cr.plot.histograms(record, what, model=NET, bins=7)
    assert len(figure.axes) == 2
    for n, panel in enumerate(figure.axes, start=1):
        if what == "gradient":
            squares = np.abs(record.per_example_nabla_w(n)) ** 2
            values = np.sqrt(squares.sum(axis=(1, 2)))
        else:
            values = getattr(record, what)[n]
        if what not in ("a", "z"):  # magnitudes; zeros, as of -y/a, have no place on the axis
            values = np.abs(values)
        shown = values[(values > 0) | (what in ("a", "z"))]
        assert np.isclose(sum(bar.get_height() for bar in panel.patches), shown.size / values.size)
        left, last = panel.patches[0].get_x(), panel.patches[6]
        assert np.isclose(left, shown.min())
        assert np.isclose(last.get_x() + last.get_width(), shown.max())
        inside = shown < panel.patches[1].get_x()
        first = sum(container[0].get_height() for container in panel.containers)
        assert np.isclose(first, inside.sum() / values.size)


def test_histograms_mark_what_has_no_slope():
    net = cr.nn.Network([16, 6, 3], ["relu", "sigmoid"], seed=2)
    record = net.record(X, Y)
    first, second = cr.plot.histograms(record, "z", model=net).axes
    off = sum(bar.get_height() for bar in first.containers[1])
    assert np.isclose(off, (record.z[1] <= 0).mean())
    assert first.get_title("left") == f"layer 1: {100 * off:.2g} % switched off"
    a = record.a[2]
    flat = sum(bar.get_height() for bar in second.containers[1])
    assert np.isclose(flat, (a * (1 - a) < 0.05 * 0.25).mean())
    assert "saturated" in second.get_title("left")
    errors = cr.plot.histograms(record, "delta").axes[0]
    assert errors.get_title("left") == f"layer 1: {100 * (record.delta[1] == 0).mean():.2g} % are 0"
    assert len(cr.plot.histograms(record, "a").axes[0].containers) == 1


def test_histograms_of_values_that_are_all_alike_or_zero():
    net = cr.nn.Network([16, 2, 1], "relu")
    net.weights = [0 * w for w in net.weights]
    record = net.record(X, np.ones((60, 1)))
    figure = cr.plot.histograms(record, "gradient")
    assert figure.axes[0].get_title("left") == "layer 1: 1e+02 % are 0"
    assert cr.plot.histograms(record, "a").axes[0].patches


def test_histograms_of_something_else():
    with pytest.raises(cr.ChainruleError, match="takes a record"):
        cr.plot.histograms(NET)
    with pytest.raises(cr.ChainruleError, match="what='w' is not one of a, z"):
        cr.plot.histograms(NET.record(X, Y), "w")


# ---- neurons and weights -----------------------------------------------------------------------


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


# ---- mistakes ----------------------------------------------------------------------------------


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
    with pytest.raises(cr.ChainruleError, match="give data="):
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


# ---- nudges ------------------------------------------------------------------------------------


def test_nudge_curve_and_its_tangent():
    x, y = X[0], np.eye(3)[Y[0]]
    found = cr.insight.nudge(NET, x, y, layer=1, neuron=2, dz=[1.0, -1.0, 0.5, 0.0])
    axes = cr.plot.nudge_curve(found).axes[0]
    tangent, curve, now = axes.lines
    z = NET.weights[0] @ x + NET.biases[0]
    costs = []
    for dz in (-1.0, 0.0, 0.5, 1.0):
        moved = z + dz * np.eye(6)[2]
        out = NET.weights[1] @ (1 / (1 + np.exp(-moved))) + NET.biases[1]
        costs.append(np.log(np.exp(out).sum()) - out[Y[0]])
    assert np.allclose(curve.get_ydata(), costs)
    assert list(curve.get_xdata()) == [-1, 0, 0.5, 1]
    slope = np.diff(tangent.get_ydata()) / np.diff(tangent.get_xdata())
    assert np.allclose(slope, NET.record(x, y).delta[1][0, 2])
    assert np.allclose([*now.get_xdata(), *now.get_ydata()], [0, costs[1]])
    assert cr.plot.nudge_curve(cr.insight.nudge(NET, x, y, input=3, dz=0.1)).axes
    with pytest.raises(cr.ChainruleError, match=r"what cr\.insight\.nudge returns"):
        cr.plot.nudge_curve(NET)


def test_cascade_bars_multiply():
    net = cr.nn.Network([1, 1, 1, 1], seed=3)
    found = cr.insight.cascade(net, [1.0], [0.0], layer=1, bias=0)
    axes = cr.plot.cascade(found).axes[0]
    *bars, last = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert np.allclose(bars, [abs(step.factor) for step in found.steps])
    assert np.isclose(np.prod(bars), last)
    assert np.isclose(last, abs(net.record([[1.0]], [[0.0]]).nabla_b[1][0]))
    low, high = axes.get_xlim()
    assert low < min(bars) <= max(bars) < high
    dead = cr.nn.Network([1, 1, 1], "relu")
    dead.biases = [np.array([-9.0]), np.array([0.0])]
    assert len(cr.plot.cascade(cr.insight.cascade(dead, [1.0], [0.0], input=0)).axes[0].patches) > 3
    with pytest.raises(cr.ChainruleError, match=r"what cr\.insight\.cascade returns"):
        cr.plot.cascade(found.steps)


# ---- figures -----------------------------------------------------------------------------------


def test_axes_that_are_given_are_drawn_into():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert cr.plot.learning_curves(HISTORY, ax=[left, right]) is figure
    assert left.lines and right.lines
    alone = Figure()
    assert cr.plot.confusion_matrix(NET, (X, Y), ax=alone.subplots()) is alone
    with pytest.raises(cr.ChainruleError, match="2 panels to draw and 1 Axes"):
        cr.plot.learning_curves(HISTORY, ax=left)
    with pytest.raises(cr.ChainruleError, match="1 panels to draw and 1 Axes"):
        cr.plot.images(X[:2], ax=[3])


def test_styles_and_what_a_notebook_shows():
    light, dark = (cr.plot.learning_curves(HISTORY, style=s) for s in ("light", "dark"))
    assert sum(light.get_facecolor()) > 3.9 > 1.5 > sum(dark.get_facecolor())
    png, size = dark._repr_png_()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert size == {"width": 840, "height": 340}
    with pytest.raises(cr.ChainruleError, match="'neon' is not one of light, dark"):
        cr.plot.learning_curves(HISTORY, style="neon")


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    for name in [m for m in sys.modules if m.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'chainrule\[plot\]'"):
        cr.plot.learning_curves(HISTORY)
    with pytest.raises(ImportError, match=r"pip install 'chainrule\[plot\]'"):
        cr.plot.images(X[:2])
    monkeypatch.undo()  # before the fixture looks whether pyplot is as it was


def test_importing_the_package_does_not_import_matplotlib():
    code = "import sys, chainrule; assert 'matplotlib' not in sys.modules and chainrule.plot"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_figures_show_in_a_notebook_without_pyplot():
    code = """
import sys, chainrule as cr
from IPython.core.formatters import DisplayFormatter
figure = cr.plot.learning_curves([{"epoch": 1, "cost": 1.0}, {"epoch": 2, "cost": 0.5}])
data, _ = DisplayFormatter().format(figure)
assert "image/png" in data and "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
