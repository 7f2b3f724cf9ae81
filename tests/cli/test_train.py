"""``chainrule train`` as its user runs it."""

from __future__ import annotations

import gzip
import json
import math
import shutil
import struct
import tomllib

import numpy as np
import pytest
from tests.cli.conftest import write_csv

import chainrule as cr

QUICK = ("--epochs", 2, "--batch-size", 20)


def test_the_seed_network_on_mnist(cli, folder):
    outcome = cli("train", "--epochs", 1)
    assert outcome.status == 0 and outcome.err == ""
    lines = outcome.out.splitlines()
    assert lines[0] == (
        "784 - 30 - 10 on mnist: 50,000 examples to train on, 10,000 to follow, 10,000 to test"
    )
    assert lines[1] == "quadratic cost, sgd with eta 3, mini-batches of 10, 1 epochs, seed 0"
    assert lines[2].startswith("epoch 1/1   cost 0.") and "validation accuracy" in lines[2]
    accuracy = float(lines[3].partition("accuracy ")[2].partition("%")[0])
    assert accuracy > 70
    assert lines[4] == "run folder: runs/mnist-1"
    assert lines[-1] == "  chainrule predict runs/mnist-1 FILE"
    again = cli("evaluate", "runs/mnist-1", "--json").events[0]
    assert round(100 * again["accuracy"], 2) == accuracy
    config = tomllib.loads((folder / "runs/mnist-1/config.toml").read_text())
    assert config["command"]["source"] == "mnist" and config["training"]["eta"] == 3.0


def test_a_run_folder(cli, npz, folder):
    assert cli("train", npz, *QUICK).status == 0
    run = folder / "runs" / "blobs-1"
    assert {p.name for p in run.iterdir()} == {
        "config.toml", "metrics.jsonl", "checkpoint", "model.safetensors", "lock",
    }  # fmt: skip
    history = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [record["epoch"] for record in history] == [1, 2]
    assert set(history[0]) == {
        "epoch", "cost", "eta", "seconds", "examples_per_second", "validation_cost",
        "validation_accuracy",
    }  # fmt: skip
    assert [p["weights"].shape for p in cr.files.load(run / "model.safetensors")] == [
        (30, 4), (3, 30),
    ]  # fmt: skip


def test_runs_are_numbered(cli, npz, folder):
    for _ in range(2):
        assert cli("train", npz, *QUICK).status == 0
    assert sorted(p.name for p in (folder / "runs").iterdir()) == ["blobs-1", "blobs-2"]


def test_json(cli, npz):
    outcome = cli("train", npz, *QUICK, "--json", "--out", "a")
    start, *epochs, done = outcome.events
    assert start == {
        "event": "start", "data": "blobs.npz", "layers": [4, 30, 3], "cost": "quadratic",
        "optimiser": "sgd", "eta": 3.0, "batch_size": 20, "seed": 0, "train": 96, "validation": 12,
        "test": 12, "run": "a", "epochs": 2, "epoch": 1, "batch": 0,
    }  # fmt: skip
    assert [e["event"] for e in epochs] == ["epoch", "epoch"]
    assert done["event"] == "done" and set(done) == {
        "event", "run", "examples", "test_cost", "test_accuracy",
    }  # fmt: skip
    assert outcome.err == ""


def test_json_has_null_for_what_is_not_a_number(cli, folder):
    X = np.random.default_rng(0).standard_normal((40, 2)).astype(np.float32)
    np.savez(folder / "flat.npz", X=X, Y=np.full(40, 0.5))
    done = cli("train", "flat.npz", *QUICK, "--json").events[-1]
    assert done["test_r2"] is None
    found = cli("evaluate", "runs/flat-1", "--json").events[0]
    assert found["r2"] is None and found["rmse"] < 1


def test_same_seed_same_bits_and_other_seed_other(cli, npz, folder):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        cli("train", npz, *QUICK, "--seed", seed, "--out", name, "--deterministic")
    a, b, c = ((folder / x / "model.safetensors").read_bytes() for x in "abc")
    assert a == b != c


def test_a_regression_in_the_unit_of_its_target(cli, houses):
    outcome = cli(
        "train", houses, "--target", "price", "--features", "rooms, age", "--json", "--epochs", 40
    )
    assert outcome.events[0]["layers"] == [2, 30, 1] and outcome.events[0]["eta"] == 0.02
    assert outcome.events[-1]["test_r2"] > 0.95
    assert cli("train", "--resume", "--out", "runs/houses-1").status == 0
    found = cli("evaluate", "runs/houses-1", "--json").events[0]
    assert 500 < found["rmse"] < 15_000
    text = cli("evaluate", "runs/houses-1").out
    assert "R^2 0.9" in text and "root mean squared error" in text
    header, first, *_ = cli("predict", "runs/houses-1", houses).out.splitlines()
    assert header == "row,prediction" and 50_000 < float(first.split(",")[1]) < 400_000


@pytest.mark.parametrize(("mean", "spread"), [(1.7e9, 20.0), (-4e12, 1e3), (0.0, 1e39)])
def test_targets_that_float32_cannot_tell_apart_or_hold(cli, folder, mean, spread):
    X = np.random.default_rng(0).standard_normal((200, 2))
    y = mean + spread * (X[:, 0] - X[:, 1] / 2)
    rows = [[*map(repr, row)] for row in np.column_stack([X, y]).tolist()]
    table = write_csv(folder / "times.csv", ["a", "b", "t"], rows)
    outcome = cli("train", table, "--target", "t", "--json", "--epochs", 40, "--out", "run")
    assert outcome.events[-1]["test_r2"] > 0.9 and not outcome.err
    assert cli("evaluate", "run", "--json").events[0]["rmse"] < 0.3 * spread
    said = [float(line.split(",")[1]) for line in cli("predict", "run", table).out.split()[1:]]
    assert np.abs(np.array(said) - y).mean() < 0.3 * spread
    title = cli("explain", "run").out.splitlines()[0]
    true, network = (float(x.rpartition(" ")[2]) for x in title.split("; the network says "))
    assert abs(network - true) < spread
    assert cli("diagnose", "run").status == 0


def test_the_output_layer_of_a_regression(cli, houses, folder):
    cli("train", houses, "--target", "price", "--features", "rooms", *QUICK, "--out", "a")
    config = tomllib.loads((folder / "a/config.toml").read_text())
    assert config["model"]["activations"] == ["sigmoid", "identity"]
    assert config["model"]["init"] == "scaled"
    given = ("--activation", "tanh,softplus", "--init", "he", "--optimiser", "adam")
    cli("train", houses, "--target", "price", "--features", "rooms", *QUICK, "--out", "b", *given)
    config = tomllib.loads((folder / "b/config.toml").read_text())
    assert config["model"]["activations"] == ["tanh", "softplus"]
    assert config["model"]["init"] == "he" and config["training"]["eta"] == 0.001


def test_classes_of_a_table(cli, flowers):
    outcome = cli("train", flowers, "--target", "kind", "--json", "--epochs", 30)
    assert outcome.events[-1]["test_accuracy"] > 0.9


@pytest.mark.parametrize("cost", ["cross-entropy", "log-likelihood", "mean-absolute", "huber"])
def test_every_cost_trains(cli, npz, cost):
    given = ("--cost", cost, "--eta", 0.5, "--l2", 0.1, "--epochs", 20)
    assert cli("train", npz, *given, "--json").events[-1]["test_accuracy"] >= 0.5


@pytest.mark.parametrize("optimiser", ["momentum", "adam"])
def test_every_optimiser_trains(cli, npz, optimiser):
    outcome = cli("train", npz, "--optimiser", optimiser, "--epochs", 60, "--json")
    assert outcome.events[-1]["test_accuracy"] > 0.6


def test_idx_files(cli, folder):
    rng = np.random.default_rng(0)
    for stem, n in (("train", 60), ("t10k", 20)):
        Y = np.arange(n) % 2
        X = rng.integers(0, 100, (n, 3, 3)) + 100 * Y[:, None, None]
        for name, array in ((f"{stem}-images-idx3-ubyte", X), (f"{stem}-labels-idx1-ubyte", Y)):
            head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            with gzip.open(folder / f"{name}.gz", "wb") as file:
                file.write(head + array.astype(np.uint8).tobytes())
    outcome = cli("train", "train-images-idx3-ubyte.gz", "--epochs", 20, "--json")
    assert outcome.events[0]["layers"] == [9, 30, 2] and outcome.events[0]["test"] == 20
    assert outcome.events[-1]["test_accuracy"] == 1.0
    shutil.rmtree(folder / "runs")


def test_on_a_terminal_there_is_a_bar(cli, npz, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("chainrule.training.loop.BETWEEN_PROGRESS", 0.0)
    outcome = cli("train", npz, *QUICK)
    assert outcome.status == 0 and "━" in outcome.out and "examples/s" in outcome.out
    assert "test accuracy" in outcome.out


def test_no_line_is_broken(cli, npz, folder):
    out = "a folder whose name is quite long/" * 3 + "run [bold] :smile:"
    lines = cli("train", npz, *QUICK, "--out", out).out.splitlines()
    assert f"run folder: {out}" in lines
    assert f"  chainrule evaluate '{out}'" in lines


def test_numpy_does_not_warn(start, houses):
    process = start(
        "train", houses, "--target", "price", "--features", "rooms,age", "--activation", "relu",
        "--eta", "1e6", "--json",
    )  # fmt: skip
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err.count("\n") == 1 and err.startswith("chainrule: ") and "smaller" in err
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["start"]


def test_california_housing_out_of_the_box(cli, shared):
    features = (
        "longitude,latitude,housing_median_age,total_rooms,population,households,median_income"
    )
    table = shared("california_housing.csv.gz")
    given = ("--target", "median_house_value", "--features", features, "--epochs", 4)
    done = cli("train", table, *given, "--json").events[-1]
    assert done["test_r2"] >= 0.55 and math.isfinite(done["test_cost"])


def test_adult_out_of_the_box(cli, shared):
    features = "age,education_num,capital_gain,capital_loss,hours_per_week"
    table = shared("adult.csv.gz")
    done = cli(
        "train", table, "--target", "income", "--features", features, "--epochs", 2, "--json"
    ).events[-1]
    assert done["test_accuracy"] >= 0.8
