"""Ctrl-C, as a signal to a process of its own, and what a person pastes afterwards."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from chainrule.files.checkpoints import load_latest

SRC = Path(__file__).resolve().parents[2] / "src"
LONG = ("--epochs", 100_000, "--batch-size", 5)


def until(condition, what, seconds=90.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.005)


@pytest.mark.parametrize("moment", ["early", "later", "many"])
def test_ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on(moment, start, npz, folder):
    run = folder / "my runs" / "it's"
    process = start("train", npz, *LONG, "--out", run)
    until((run / "config.toml").exists, "the run begins")
    if moment != "early":
        until((run / "metrics.jsonl").exists, "an epoch ends")
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 1 and err == ""
    number, checkpoint = load_latest(run / "checkpoint")
    assert number == checkpoint.state["steps"]
    assert moment == "early" or number > 0
    *_, said, command = out.splitlines()
    assert said == f"stopped; what is done is kept in {run}"
    command = command.removeprefix("go on with: ")
    # the very line, in a shell, with an end in sight
    epochs = len((run / "metrics.jsonl").read_text().splitlines()) + 2
    again = subprocess.run(
        f"{command} --epochs {epochs}",
        shell=True,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SRC)},
        timeout=120,
    )
    assert again.returncode == 0 and again.stderr == "", again
    assert (run / "model.safetensors").exists()
    assert shlex.split(command)[-1] == str(run)


def test_ctrl_c_twice_leaves_what_was_there(start, npz, folder):
    run = folder / "run"
    process = start("train", npz, *LONG, "--out", run)
    until(lambda: (run / "checkpoint").exists() and any((run / "checkpoint").iterdir()), "saved")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 1 and "Traceback" not in err
    assert "go on with" in out or "stopped" in err
    assert load_latest(run / "checkpoint") is not None
    assert not list(run.rglob("*.tmp"))


def test_ctrl_c_with_json(start, npz, folder):
    import json

    process = start("train", npz, *LONG, "--json", "--out", "run")
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=90)
    assert process.returncode == 1 and err == ""
    last = json.loads(out.splitlines()[-1])
    assert last["event"] == "interrupted" and last["run"] == "run"
    assert last["resume"].endswith("chainrule train --resume --out run")


def test_a_callback_stops_as_ctrl_c_does(cli, npz, monkeypatch):
    """In this process, where a signal would stop the tests."""
    from chainrule.training.interrupt import StopRequest

    monkeypatch.setattr(StopRequest, "requested", True, raising=False)
    monkeypatch.setattr(StopRequest, "__init__", lambda self: None)
    outcome = cli("train", npz, "--json", "--out", "a run")
    assert outcome.status == 1 and outcome.err == ""
    assert [e["event"] for e in outcome.events] == ["start", "interrupted"]
    assert outcome.events[1]["resume"] == "chainrule train --resume --out 'a run'"


def test_ctrl_c_before_training(cli, npz, folder, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("chainrule.training.prepare.feed_of", interrupted)
    cli("train", npz).failed(1, "stopped")
    assert not (folder / "runs").exists()
    monkeypatch.setattr("chainrule.cli.plan.load_data", interrupted)
    cli("train", npz).failed(1, "stopped")
