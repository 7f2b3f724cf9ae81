"""Figures: given Axes, styles, notebooks, and a machine without matplotlib."""

from __future__ import annotations

import base64
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

import chainrule as cr

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(60, 16)), RNG.integers(0, 3, 60)
NET = cr.nn.Network([16, 6, 3], "sigmoid", "log-likelihood", seed=1)
HISTORY = [
    {"epoch": n, "cost": 2 / n, "validation_cost": 3 / n, "validation_accuracy": 1 - 1 / n}
    for n in range(1, 6)
]


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
    shown, sizes = dark._repr_mimebundle_()
    assert base64.b64decode(shown["image/png"])[:8] == b"\x89PNG\r\n\x1a\n"
    assert sizes["image/png"] == {"width": 840, "height": 340}
    light.patch.set_alpha(0.0)  # transparent paper stays transparent
    assert (
        base64.b64decode(light._repr_mimebundle_()[0]["image/png"])[25] == 6
    )  # red green blue alpha
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
