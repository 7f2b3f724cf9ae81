"""``chainrule diagnose``: what it says of a run."""

from __future__ import annotations


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
