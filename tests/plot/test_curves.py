"""Learning curves hold the numbers of histories, of runs and of fit results."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 16)), RNG.integers(0, 3, 60)
NET = cr.nn.Network([16, 6, 3], "sigmoid", "log-likelihood", seed=1)
HISTORY = [
    {"epoch": n, "cost": 2 / n, "validation_cost": 3 / n, "validation_accuracy": 1 - 1 / n}
    for n in range(1, 6)
]


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
