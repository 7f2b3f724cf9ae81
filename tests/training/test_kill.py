"""kill -9 at any moment, resumed: the same model, byte for byte, and each epoch once."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
EPOCHS = 8
OPTIONS = (
    "--epochs", EPOCHS, "--batch-size", 5, "--layers", "20,40,2", "--optimiser", "adam",
    "--seed", 4,
)  # fmt: skip
# the command with many more checkpoints than usual, so that kills meet them
EAGER = """
import sys
from chainrule.training import journal, loop
journal.BETWEEN_CHECKPOINTS = journal.BETWEEN_EPOCH_CHECKPOINTS = 0.05
loop.BETWEEN_PROGRESS = 0.02
from chainrule.cli.main import main
main(sys.argv[1:])
"""


def begin(*args: object, executor: str = "interpreter") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", EAGER, *map(str, args), "--executor", executor],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SRC), "OMP_NUM_THREADS": "1"},
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert err == b"" or b"it begins now" in err


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.001)


def epochs_of(run: Path) -> list[int]:
    return [json.loads(line)["epoch"] for line in (run / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("kill") / "data.npz"
    X = rng.standard_normal((3000, 20)).astype(np.float32)
    np.savez(path, X=X, Y=(X[:, 0] > X[:, 1]).astype(np.int64))
    return path


@pytest.fixture(scope="module")
def whole(data: Path) -> tuple[bytes, float]:
    """The model of an uninterrupted run, and how long it took."""
    run = data.parent / "whole"
    began = time.monotonic()
    finish(begin("train", data, *OPTIONS, "--out", run))
    return (run / "model.safetensors").read_bytes(), time.monotonic() - began


def check_resumed(run: Path, whole: bytes, data: Path) -> None:
    """Resume and compare; a run that had not begun is begun with all its options."""
    options = () if (run / "config.toml").exists() else (data, *OPTIONS)
    finish(begin("train", *options, "--resume", "--out", run))
    assert (run / "model.safetensors").read_bytes() == whole
    assert epochs_of(run) == list(range(1, EPOCHS + 1))
    assert not list(run.rglob("*.tmp"))


def check_killed(number: int, whole: tuple[bytes, float], data: Path, run: Path) -> None:
    model, seconds = whole
    process = begin("train", data, *OPTIONS, "--out", run)
    time.sleep(random.Random(number).uniform(0.1, seconds))
    kill(process)
    check_resumed(run, model, data)


@pytest.mark.parametrize("number", range(4))
def test_killed_at_a_random_moment(number, whole, data, tmp_path):
    check_killed(number, whole, data, tmp_path / "run")


@pytest.mark.long
@pytest.mark.parametrize("number", range(100, 120))
def test_killed_at_many_random_moments(number, whole, data, tmp_path):
    check_killed(number, whole, data, tmp_path / "run")


@pytest.mark.parametrize("file", ["config.toml", "metrics.jsonl", "checkpoint"])
def test_killed_as_soon_as_a_file_is_there(file, whole, data, tmp_path):
    run = tmp_path / "run"
    process = begin("train", data, *OPTIONS, "--out", run)
    wait_for(run if file == "config.toml" else run / file)
    kill(process)
    check_resumed(run, whole[0], data)


def test_killed_between_epochs_and_again_when_resumed(whole, data, tmp_path):
    run = tmp_path / "run"
    process = begin("train", data, *OPTIONS, "--out", run)
    wait_for(run / "metrics.jsonl")
    kill(process)
    for seconds in (0.9, 1.2):
        process = begin("train", "--resume", "--out", run)
        time.sleep(seconds)
        kill(process)
    check_resumed(run, whole[0], data)


def test_native_training_killed_and_resumed(data, tmp_path):
    options = ("--epochs", 300, "--batch-size", 10, "--layers", "20,30,2", "--seed", 3)
    finish(begin("train", data, *options, "--out", tmp_path / "whole", executor="native"))
    run = tmp_path / "run"
    for resumed in ((data, *options), ("--resume",)):
        process = begin("train", *resumed, "--out", run, executor="native")
        wait_for(run / "checkpoint")
        time.sleep(0.4)
        kill(process)
    finish(begin("train", "--resume", "--out", run, executor="native"))
    models = [(path / "model.safetensors").read_bytes() for path in (run, tmp_path / "whole")]
    assert models[0] == models[1]
    assert epochs_of(run) == list(range(1, 301))
