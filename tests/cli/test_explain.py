"""``chainrule explain``: runs and functions."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr


@pytest.fixture
def run(cli, flowers):
    assert cli("train", flowers, "--target", "kind", "--epochs", 2, "--out", "run").status == 0
    return "run"


def test_a_table(cli, run, flowers):
    outcome = cli("explain", run, "--example", 1)
    assert outcome.status == 0, outcome
    for part in ("the network says", "∂C/∂x", "BP1  δ^2", "BP2  δ^1", "BP3", "BP4",
                 "agree with central differences", "neurons by |δ|", "0 setosa"):  # fmt: skip
        assert part in outcome.out, part
    other = cli("explain", run, flowers, "--example", 0, "--entries", 1)
    assert other.status == 0 and other.out != outcome.out


def test_the_same_numbers_as_json(cli, run):
    (said,) = cli("explain", run, "--example", 1, "--json").events
    trained = cr.training.trained.load_trained("run")
    x = np.array(said["x"])
    trained.model.params = trained.params
    record = trained.model.record(x, np.array(said["target"]))
    assert said["cost"] == pytest.approx(float(record.cost[0]), rel=1e-4)
    np.testing.assert_allclose(said["sensitivity"], record.delta_a[0][0], rtol=1e-3, atol=1e-7)
    assert [e["label"] for e in said["equations"]][:3] == ["BP1", "BP3", "BP4"]
    ranks = said["ranks"]
    sizes = np.abs(ranks["delta"])
    assert list(sizes) == sorted(sizes, reverse=True) and len(ranks["real"]) == len(sizes)


def test_numbers_as_targets(cli, houses):
    houses.write_text(houses.read_text().replace("north", "1"))
    assert cli("train", houses, "--target", "price", "--epochs", 1, "--out", "run").status == 0
    outcome = cli("explain", "run")
    assert outcome.status == 0 and "price" in outcome.out, outcome


def test_a_function(cli, folder):
    (folder / "model.py").write_text(
        "def e(a=2.0, b=1.0):\n    c = a + b\n    return c * (b + 1)\n"
    )
    outcome = cli("explain", "model.py:e")
    assert outcome.status == 0 and "c = a + b" in outcome.out, outcome
    assert cli("explain", "model.py:e", "--json").events[0]["target"] == "model.py:e"


def test_bad_input(cli, run):
    beyond = cli("explain", run, "--example", 10_000)
    assert beyond.status == 2 and "numbered from 0" in beyond.err
    assert cli("explain", run, "--input", "1.0").status == 2
