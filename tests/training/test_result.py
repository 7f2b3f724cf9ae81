"""What a fit result says of itself."""

from __future__ import annotations

import numpy as np

import chainrule as cr

RECORDS = [{"epoch": n, "cost": 1 / n, "eta": 0.5, "seconds": 0.5} for n in range(1, 9)]


def test_the_last_epochs_and_the_first():
    lines = str(cr.FitResult([], RECORDS)).splitlines()
    assert lines[0].startswith("8 epochs in 4 s, not saved")
    assert [line.split()[0] for line in lines[2:]] == ["epoch", "1", "...", "4", "5", "6", "7", "8"]
    assert lines[-1].split() == ["8", "0.125", "0.5"]
    shown = cr.FitResult([], RECORDS[:6])._repr_html_()
    assert shown.count("<tr>") == 1 + 6  # nothing is left out between the first and the last five
    assert str(cr.FitResult([], [])).startswith("0 epochs")


def test_a_result_brings_model_cost_and_folder(tmp_path):
    X, Y = np.eye(4), np.array([0, 1, 1, 0])
    model = cr.nn.Sequential([cr.nn.Dense(4, 2)])
    result = cr.fit(
        model, (X, Y), cost="log-likelihood", optimiser=cr.optim.sgd(0.1), epochs=2,
        out=tmp_path / "run", executor="interpreter", validation=(X, Y),
    )  # fmt: skip
    assert (result.model, result.cost.name) == (model, "log-likelihood")
    text = str(result)
    assert text.startswith("Sequential([Dense(4, 2)])\n2 epochs in")
    assert f"kept in {tmp_path / 'run'}" in text
    accuracy = f"{result.history[-1]['validation_accuracy']:.2%}"
    assert accuracy in text.splitlines()[-1]
    assert accuracy in result._repr_html_()
