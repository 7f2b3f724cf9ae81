"""The code of ``docs/plot.md`` runs, on a run as ``chainrule train`` leaves it."""

from __future__ import annotations

import re

import numpy as np
from tests.plot.gallery import DOCS, PAGE, figures

import chainrule as cr
from chainrule.cli.main import run as command


def test_the_page_of_figures(tmp_path):
    folder = tmp_path / "run"
    options = ("--epochs", "1", "--batch-size", "100", "--executor", "interpreter")
    assert command(["train", *options, "--out", str(folder)]) == 0
    drawn = figures(str(folder))
    shown = re.findall(r"images/plot/(\w+)\.png", PAGE.read_text())
    assert set(shown) <= drawn.keys()
    sizes = [(DOCS / "images" / "plot" / f"{name}.png").stat().st_size for name in shown]
    assert max(sizes) < 120_000
    # of a run folder alone: the test digits of its data set, and their shape
    matrix = np.ma.filled(drawn["confusion_matrix"].axes[0].images[0].get_array(), 0)
    digits = cr.data.load("mnist").test
    worst = cr.insight.misclassified(folder)
    assert matrix.sum() == worst.total
    assert worst.target == "digit"
    picture = drawn["misclassified"].axes[0].images[0].get_array()[:28, :28]
    assert np.array_equal(picture, digits.X[worst.indices[0]].reshape(28, 28))
