"""``chainrule diagnose``: what it says of a run."""

from __future__ import annotations

import pytest


def test_a_run(cli, flowers):
    command = ("train", flowers, "--target", "kind", "--epochs", 2, "--out", "run")
    assert cli(*command).status == 0
    outcome = cli("diagnose", "run")
    assert outcome.status == 0, outcome
    assert "healthy" in outcome.out and "vanishing errors" in outcome.out
    (said,) = cli("diagnose", "run", flowers, "--examples", 20, "--json").events
    rules = [f["rule"] for f in said["findings"] + said["healthy"]]
    assert "exploding errors" in rules and len(set(rules)) == len(rules)
    assert all(f["source"] for f in said["findings"] + said["healthy"])


def test_no_run(cli):
    outcome = cli("diagnose", "nowhere")
    assert outcome.status == 1 and "no such run folder" in outcome.err


def test_targets_of_a_given_file_are_scaled_as_the_run_scaled_its_own(cli, houses):
    settings = ("--target", "price", "--features", "rooms,age", "--epochs", 3, "--out", "run")
    assert cli("train", houses, *settings).status == 0
    (found,) = cli("diagnose", "run", houses, "--json").events
    (rule,) = [f for f in found["healthy"] if f["rule"] == "nothing learned"]
    assert rule["numbers"]["constant_cost"] == pytest.approx(0.5, rel=0.2)  # of variance 1


def test_a_function_is_no_run(cli, folder):
    (folder / "model.py").write_text("def f(x=1.0):\n    return x * x\n")
    outcome = cli("diagnose", "model.py:f")
    assert outcome.status == 2 and "looks at the RUN" in outcome.err
