"""Norms and histograms hold the numbers of records, nudges those of nudges."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.insight.error_flow import error_flow

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 16)), RNG.integers(0, 3, 60)
NET = cr.nn.Network([16, 6, 3], "sigmoid", "log-likelihood", seed=1)
HISTORY = [
    {"epoch": n, "cost": 2 / n, "validation_cost": 3 / n, "validation_accuracy": 1 - 1 / n}
    for n in range(1, 6)
]


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
    tops = [bar.get_y() + bar.get_height() for panel in figure.axes for bar in panel.patches]
    assert all(panel.get_ylim()[1] > max(tops) for panel in figure.axes)
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
    assert first.get_title("left") == f"layer 1: {100 * off:.3g} % switched off"
    a = record.a[2]
    flat = sum(bar.get_height() for bar in second.containers[1])
    assert np.isclose(flat, (a * (1 - a) < 0.05 * 0.25).mean())
    assert "saturated" in second.get_title("left")
    errors = cr.plot.histograms(record, "delta").axes[0]
    assert errors.get_title("left") == f"layer 1: {100 * (record.delta[1] == 0).mean():.3g} % are 0"
    assert len(cr.plot.histograms(record, "a").axes[0].containers) == 1


def test_histograms_of_values_that_are_all_alike_or_zero():
    net = cr.nn.Network([16, 2, 1], "relu")
    net.weights = [0 * w for w in net.weights]
    record = net.record(X, np.ones((60, 1)))
    figure = cr.plot.histograms(record, "gradient")
    assert figure.axes[0].get_title("left") == "layer 1: 100 % are 0"
    assert cr.plot.histograms(record, "a").axes[0].patches
    assert cr.plot.gradient_norms(record).axes[0].get_yscale() == "log"  # the errors are not 0
    net.biases[1] = np.array([-1.0])  # nothing passes the rectifier: all are
    nothing = cr.plot.gradient_norms(net.record(X, np.ones((60, 1)))).axes[0]
    assert nothing.get_yscale() == "linear"


def test_histograms_tell_what_is_not_finite():
    net = cr.nn.Network([16, 4, 3])
    net.weights[0][0] = np.nan
    record = net.record(X, Y)
    for what in ("a", "z", "delta"):
        panel = cr.plot.histograms(record, what, model=net).axes[0]
        assert panel.get_title("left").endswith("25 % not finite" if what != "delta" else "finite")
    shares = sum(bar.get_height() for bar in cr.plot.histograms(record, "z").axes[0].patches)
    assert np.isclose(shares, 0.75)


def test_histograms_of_something_else():
    with pytest.raises(cr.ChainruleError, match="takes a record"):
        cr.plot.histograms(NET)
    with pytest.raises(cr.ChainruleError, match="what='w' is not one of a, z"):
        cr.plot.histograms(NET.record(X, Y), "w")


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
