"""``chainrule evaluate``, ``predict`` and ``data``."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from chainrule.cli.output import say_json


@pytest.fixture
def run(cli, flowers):
    assert cli("train", flowers, "--target", "kind", "--epochs", 20, "--out", "run").status == 0
    return "run"


def test_evaluate_by_class(cli, run, flowers):
    outcome = cli("evaluate", run, flowers)
    first, header, *rows = outcome.out.splitlines()
    assert first.startswith("accuracy 9") and first.endswith("on 120 examples")
    assert header.split() == ["class", "examples", "right", "recall", "precision"]
    assert [row.split()[0] for row in rows] == ["setosa", "versicolor", "virginica"]
    assert len({len(row) for row in (header, *rows)}) == 1
    found = cli("evaluate", run, flowers, "--json").events[0]
    assert set(found) == {"run", "complete", "examples", "cost", "accuracy", "classes"}
    right = sum(entry["right"] for entry in found["classes"])
    assert right / found["examples"] == pytest.approx(found["accuracy"])
    assert found["complete"] is True


def test_evaluate_classes_that_never_appear(cli, run, folder):
    (folder / "few.csv").write_text("a,b,c,d,kind\n9,0,0,0,setosa\n9,0,0,0,setosa\n")
    lines = cli("evaluate", run, "few.csv").out.splitlines()
    assert lines[2].split() == ["setosa", "2", "2", "100.00%", "100.00%"]
    assert lines[3].split() == ["versicolor", "0", "0", "-", "-"]


def test_predict_needs_no_target_and_finds_columns_by_name(cli, run, folder):
    (folder / "new.csv").write_text("d,note,a,b,c\n0,x,9,0,0\n0,y,0,9,0\n")
    lines = cli("predict", run, "new.csv").out.splitlines()
    assert lines[0] == "row,prediction,activation"
    assert [line.split(",")[:2] for line in lines[1:]] == [["0", "setosa"], ["1", "versicolor"]]
    first = cli("predict", run, "new.csv", "--json").events[0]
    assert first["row"] == 0 and first["prediction"] == "setosa" and first["activation"] > 0.5


def test_several_targets(cli, folder):
    X = np.random.default_rng(0).standard_normal((60, 3)).astype(np.float32)
    np.savez(folder / "two.npz", X=X, Y=X[:, :2] * 100)
    assert cli("train", "two.npz", "--epochs", 2).status == 0
    lines = cli("predict", "runs/two-1", "two.npz").out.splitlines()
    assert lines[0] == "row,prediction_0,prediction_1" and len(lines) == 61


def test_evaluate_from_another_folder(cli, run, folder, monkeypatch):
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert cli("evaluate", "../run").status == 0
    assert cli("train", "--resume", "--out", "../run").status == 0


def test_the_names_of_built_in_data(cli):
    assert cli("data", "list").out.startswith("mnist  MNIST, ")
    assert cli("data", "list", "--json").events[0]["name"] == "mnist"


def test_info(cli, flowers):
    lines = cli("data", "info", flowers.name).out.splitlines()
    assert lines[0] == "file     flowers.csv"
    assert lines[2] == "rows     120" and lines[-1] == "kind     String"
    told = cli("data", "info", flowers.name, "--json").events[0]
    assert told["data"] == "flowers.csv" and ["rows", "120"] in told["contents"]
    assert cli("data", "info", "mnist").status == 0


def test_json_is_json(capsys):
    say_json(a=float("inf"), b=[{"c": float("nan")}], d=np.float64(0.5), e=None)
    assert capsys.readouterr().out == '{"a": null, "b": [{"c": null}], "d": 0.5, "e": null}\n'


def test_where_letters_are_missing_there_is_a_mark(folder):
    """Windows code pages and PYTHONIOENCODING=ascii have no delta."""
    (folder / "model.py").write_text("def f(a=2.0):\n    return a * a\n")
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "explain", "model.py:f"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == b""
    assert b"?" in done.stdout and b"return a * a" in done.stdout
