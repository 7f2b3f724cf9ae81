"""Bad input gets one clear line on stderr, and leaves everything as it was."""

from __future__ import annotations

import os
import resource
import struct
from pathlib import Path

import numpy as np
import pytest

from chainrule.files.checkpoints import load_latest
from chainrule.files.runs import RunFolder

QUICK = ("--epochs", 2, "--batch-size", 20)
X = np.random.default_rng(1).standard_normal((40, 3)).astype(np.float32)
Y = np.arange(40) % 2


def npz(path: Path, **arrays: object) -> str:
    np.savez(path, **arrays)
    return path.name


def csv(path: Path, text: str) -> str:
    path.write_text(text)
    return path.name


def idx(path: Path, array: np.ndarray, *, claimed: tuple[int, ...] | None = None) -> str:
    shape = claimed or array.shape
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *shape)
    path.write_bytes(head + array.astype(np.uint8).tobytes())
    return path.name


def cut(path: Path, by: int) -> str:
    path.write_bytes(path.read_bytes()[:-by])
    return path.name


def changed(a: np.ndarray, place: object, value: object) -> np.ndarray:
    b = a.copy()
    b[place] = value
    return b


def cut_npz(f: Path) -> str:
    npz(f / "x.npz", X=X, Y=Y)
    return cut(f / "x.npz", 100)


def pickled_npz(f: Path) -> str:
    return npz(f / "x.npz", X=np.array([{"a": 1}] * 40, object), Y=Y)


def idx_pair(f: Path, **kwargs: object) -> str:
    idx(f / "t-labels-idx1-ubyte", Y)
    return idx(f / "t-images-idx3-ubyte", np.zeros((40, 2, 2)), **kwargs)


def text(rows: str) -> str:
    return "a,b,kind\n" + rows + "1,2,x\n3,4,y\n" * 20


TABLE = ("--target", "kind")
CASES = {
    "no such name": (lambda f: "imagenet", (), ["imagenet", "mnist"]),
    "no such file": (lambda f: "none.npz", (), ["none.npz"]),
    "a folder": (str, (), []),
    "empty npz": (lambda f: csv(f / "x.npz", ""), (), ["x.npz", "empty"]),
    "not npz": (lambda f: csv(f / "x.npz", "hello" * 100), (), ["x.npz"]),
    "cut npz": (cut_npz, (), ["x.npz"]),
    "pickles": (pickled_npz, (), ["x.npz"]),
    "npz without Y": (lambda f: npz(f / "x.npz", X=X), (), ["x.npz"]),
    "lengths": (lambda f: npz(f / "x.npz", X=X, Y=Y[:-1]), (), ["x.npz", "40", "39"]),
    "nan": (
        lambda f: npz(f / "x.npz", X=changed(X, (7, 2), np.nan), Y=Y), (), ["row 7, column 2"]
    ),
    "inf": (
        lambda f: npz(f / "x.npz", X=changed(X, (0, 1), np.inf), Y=Y), (), ["row 0, column 1"]
    ),
    "negative label": (lambda f: npz(f / "x.npz", X=X, Y=changed(Y, 5, -1)), (), ["-1", "5"]),
    "label too large": (lambda f: npz(f / "x.npz", X=X, Y=changed(Y, 5, 70_000)), (), ["70000"]),
    "one class": (lambda f: npz(f / "x.npz", X=X, Y=0 * Y), (), ["one class (0)"]),
    "too few": (lambda f: npz(f / "x.npz", X=X[:2], Y=Y[:2]), (), ["2 examples"]),
    "no rows": (lambda f: npz(f / "x.npz", X=X[:0], Y=Y[:0]), (), ["x.npz"]),
    "cut idx": (lambda f: (idx_pair(f), cut(f / "t-images-idx3-ubyte", 9))[1], (), ["t-images"]),
    "idx that lies": (
        lambda f: idx_pair(f, claimed=(2**31, 2**16, 2**16)), (), ["t-images"]
    ),
    "empty csv": (lambda f: csv(f / "x.csv", ""), TABLE, ["x.csv", "empty"]),
    "header only": (lambda f: csv(f / "x.csv", "a,b,kind\n"), TABLE, ["x.csv"]),
    "uneven csv": (lambda f: csv(f / "x.csv", text("1,2,x,9\n")), TABLE, ["x.csv", "line 2"]),
    "text cell": (lambda f: csv(f / "x.csv", text("1,big,x\n")), TABLE, ["'b'", "line 2", "'big'"]),
    "empty cell": (lambda f: csv(f / "x.csv", text("1,,x\n")), TABLE, ["'b'", "line 2"]),
    "nan cell": (lambda f: csv(f / "x.csv", text("1,nan,x\n")), TABLE, ["'b'", "line 2"]),
    "no target": (lambda f: csv(f / "x.csv", text("")), (), ["--target COLUMN", "kind"]),
    "no such target": (lambda f: csv(f / "x.csv", text("")), ("--target", "z"), ["'z'", "kind"]),
    "no such feature": (
        lambda f: csv(f / "x.csv", text("")), (*TABLE, "--features", "a,z"), ["'z'"]
    ),
    "target as feature": (
        lambda f: csv(f / "x.csv", text("")), (*TABLE, "--features", "a,kind"), ["kind"]
    ),
    "target of arrays": (lambda f: npz(f / "x.npz", X=X, Y=Y), TABLE, ["target"]),
    "layers in": (
        lambda f: npz(f / "x.npz", X=X, Y=Y), ("--layers", "4,5,2"), ["4,5,2", "3 features"]
    ),
    "layers out": (lambda f: npz(f / "x.npz", X=X, Y=Y), ("--layers", "3,5,7"), ["2 classes"]),
    "cost of classes": (
        lambda f: npz(f / "x.npz", X=X, Y=X[:, 0]), ("--cost", "log-likelihood"), ["--cost quadr"]
    ),
    "activations": (
        lambda f: npz(f / "x.npz", X=X, Y=Y), ("--activation", "relu,relu,relu"), ["3 activations"]
    ),
    "activation": (lambda f: npz(f / "x.npz", X=X, Y=Y), ("--activation", "step"), ["step"]),
}  # fmt: skip


@pytest.mark.parametrize("json", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_bad_data(cli, folder, content_of, case, json):
    make, options, words = CASES[case]
    source = make(folder)
    before = content_of(folder)
    outcome = cli("train", source, *options, *(["--json"] if json else []))
    outcome.failed(2 if outcome.status == 2 else 1, *words)
    assert content_of(folder) == before
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    "option",
    [
        ("--eta", "0"), ("--eta", "-1"), ("--eta", "nan"), ("--eta", "inf"), ("--eta", "fast"),
        ("--layers", "784"), ("--layers", "784,x,10"), ("--layers", "784,0,10"), ("--l2", "-1"),
        ("--l2", "nan"), ("--epochs", "0"), ("--epochs", "1.5"), ("--batch-size", "0"),
        ("--seed", "-1"), ("--seed", "4294967296"), ("--threads", "0"), ("--dtype", "float16"), ("--init", "zero"),
        ("--optimiser", "newton"), ("--executor", "gpu"), ("--features", "a,,b"),
        ("--cost", "quadratik"),
    ],
)  # fmt: skip
def test_bad_options(cli, folder, option):
    cli("train", *option).failed(2, option[0], "chainrule train --help")
    assert list(folder.iterdir()) == []


@pytest.fixture
def good(cli, folder):
    npz(folder / "x.npz", X=X, Y=Y)
    assert cli("train", "x.npz", *QUICK, "--out", "run").status == 0
    return folder


def test_a_folder_that_is_taken(cli, good, content_of):
    (good / "other").mkdir()
    (good / "other" / "thesis.txt").write_text("years of work")
    before = content_of(good)
    cli("train", "x.npz", "--out", "run").failed(1, "run", "already holds a run", "--resume")
    cli("train", "x.npz", "--out", "other").failed(1, "thesis.txt")
    cli("train", "x.npz", "--out", "x.npz").failed(1, "x.npz", "file")
    cli("train", "x.npz", "--out", "x.npz/run").failed(1, "x.npz")
    assert content_of(good) == before


def test_runs_is_a_file(cli, good, content_of):
    (good / "runs").write_text("marathon")
    cli("train", "x.npz").failed(1, "runs")
    assert (good / "runs").read_text() == "marathon"


def test_an_empty_runs_folder_stays(cli, good):
    (good / "runs").mkdir()
    cli("train", "x.npz", "--layers", "1,2").failed(1)
    assert (good / "runs").is_dir()


def test_a_folder_that_cannot_be_written(cli, good):
    locked = good / "locked"
    locked.mkdir(mode=0o500)
    place = "/proc/self/run" if os.geteuid() == 0 else str(locked / "run")
    cli("train", "x.npz", "--out", place).failed(1, place)


def test_a_run_that_is_trained_elsewhere(cli, good):
    run = RunFolder.open("run")
    with run.locked():
        cli("train", "--resume", "--out", "run", "--epochs", 9).failed(1, "another process")


DAMAGE = {
    "config": ("config.toml", lambda b: b"[model\n", ["config.toml", "TOML"]),
    "config kind": ("config.toml", lambda b: b.replace(b'"network"', b'"magic"'), ["'magic'"]),
    "config dtype": ("config.toml", lambda b: b.replace(b'"float32"', b'"f99"'), ["config.toml"]),
    "config layers": ("config.toml", lambda b: b.replace(b"30,", b"31,"), ["shapes"]),
    "config cost": ("config.toml", lambda b: b.replace(b'"quadratic"', b'"q"'), ["config.toml"]),
    "config scale": ("config.toml", lambda b: b.replace(b"\nscale = 1.0", b""), ["'scale'"]),
    "config shape": ("config.toml", lambda b: b.replace(b"\nshift = 0.0", b"\nshift = 'x'"), []),
    "config seed": ("config.toml", lambda b: b.replace(b"seed = 0", b"seed = []"), ["damaged"]),
    "config empty": ("config.toml", lambda b: b"", ["config.toml", "'model'"]),
    "model cut": ("model.safetensors", lambda b: b[:-20], ["model.safetensors"]),
    "model bit": ("model.safetensors", lambda b: b[:-1] + bytes([b[-1] ^ 1]), ["checksum"]),
    "model empty": ("model.safetensors", lambda b: b"", ["model.safetensors", "empty"]),
    "model header": ("model.safetensors", lambda b: b"\xff" * 8 + b[8:], ["model.safetensors"]),
}


@pytest.mark.parametrize("case", DAMAGE)
@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_damaged_runs(cli, good, case, command):
    name, damage, words = DAMAGE[case]
    path = good / "run" / name
    assert damage(path.read_bytes()) != path.read_bytes()
    path.write_bytes(damage(path.read_bytes()))
    cli(command, "run", "x.npz").failed(1, *words)


@pytest.mark.parametrize("args", [("train", "--resume", "--out"), ("evaluate",)])
def test_damaged_checkpoints(cli, good, args, content_of):
    (good / "run" / "model.safetensors").unlink()
    for path in (good / "run" / "checkpoint").iterdir():
        path.write_bytes(path.read_bytes()[:-7])
    before = content_of(good)
    cli(*args, "run").failed(1, "every checkpoint is damaged")
    assert content_of(good) == before


def test_a_checkpoint_of_another_network(cli, good):
    cli("train", "x.npz", *QUICK, "--layers", "3,4,2", "--out", "small")
    (good / "small" / "model.safetensors").unlink()
    for path in (good / "run" / "checkpoint").iterdir():
        path.rename(good / "small" / "checkpoint" / path.name)
    cli("train", "--resume", "--out", "small", "--epochs", 9).failed(1, "other shapes")
    cli("evaluate", "small").failed(1, "shapes")


def test_no_run(cli, good):
    (good / "empty").mkdir()
    for command in ("evaluate", "predict"):
        for name in ("nowhere", "empty", "x.npz"):
            cli(command, name, "x.npz").failed(1, name)
    for path in (good / "run" / "checkpoint").iterdir():
        path.unlink()
    (good / "run" / "model.safetensors").unlink()
    cli("evaluate", "run").failed(1, "nothing is trained yet")


@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_data_that_does_not_fit_the_run(cli, good, command):
    cli(command, "run", npz(good / "wide.npz", X=X[:, :2], Y=Y)).failed(1, "wide.npz", "2 features")
    cli(command, "run", "none.npz").failed(1, "none.npz")
    cli(command, "run", npz(good / "nan.npz", X=changed(X, (3, 0), np.nan), Y=Y)).failed(1, "row 3")
    if command == "evaluate":
        cli(command, "run", npz(good / "more.npz", X=X, Y=Y + 1)).failed(1, "more.npz")
        cli(command, "run", npz(good / "bare.npz", X=X)).failed(1, "bare.npz")
        (good / "x.npz").unlink()
        cli(command, "run").failed(1, "x.npz")


@pytest.mark.parametrize("name", ["nothing", "nothing.csv", "nothing.npz"])
def test_data_info(cli, name):
    cli("data", "info", name).failed(1, name)


def test_a_full_disk(start, folder):
    """The limit stands for a disk that is full: no checkpoint fits."""
    npz(folder / "x.npz", X=X, Y=Y)
    limit = 40_000
    process = start(
        "train", "x.npz", "--layers", "3,2000,2", "--epochs", 3, "--out", "run",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err.startswith("chainrule: run/checkpoint/") and err.count("\n") == 1
    assert "File too large; what was there before is unchanged" in err
    assert not list((folder / "run").rglob("*.tmp"))
    assert "test accuracy" not in out


def test_a_disk_that_fills_up(start, folder, cli):
    npz(folder / "x.npz", X=X, Y=Y)
    assert cli("train", "x.npz", "--layers", "3,2000,2", "--epochs", 1, "--out", "run").status == 0
    number, before = load_latest("run/checkpoint")
    process = start(
        "train", "--resume", "--out", "run", "--epochs", 4,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)),
    )  # fmt: skip
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1 and err.count("\n") == 1
    again, after = load_latest("run/checkpoint")
    assert number == again and before.state == after.state
    assert cli("train", "--resume", "--out", "run").status == 0


@pytest.mark.parametrize("activation", ["identity", "leaky_relu,identity"])
def test_divergence(cli, good, activation):
    options = ("--activation", activation, "--eta", "1e6", "--batch-size", 10)
    outcome = cli("train", "x.npz", *options, "--json", "--epochs", 60, "--out", "bad")
    assert outcome.status == 1 and outcome.err.count("\n") == 1
    assert outcome.err.startswith("chainrule: the cost became ")
    assert "epoch " in outcome.err and "mini-batch " in outcome.err
    assert "bad holds no checkpoint yet" in outcome.err
    assert outcome.events[0]["event"] == "start"
    assert not (good / "bad" / "model.safetensors").exists()
