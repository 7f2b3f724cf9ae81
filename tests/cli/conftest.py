"""Running commands in this process, and small data to run them on."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule.cli.main import run

SRC = Path(__file__).resolve().parents[2] / "src"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Each line of stdout as JSON, which has no NaN and no Infinity."""
        return [json.loads(line, parse_constant=_no_constant) for line in self.out.splitlines()]

    def failed(self, status: int, *words: str) -> None:
        """Check that this was one clear line on stderr and nothing on stdout."""
        assert self.status == status, self
        assert self.out == ""
        assert self.err.startswith("chainrule: "), self.err
        assert self.err.count("\n") == 1 and self.err.endswith("\n"), self.err
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err, (word, self.err)


def interpreted(args: tuple[object, ...]) -> tuple[object, ...]:
    """Train by the reference executor unless told otherwise: small runs need no machine code."""
    trains = args[:1] == ("train",) and "--executor" not in args and "--help" not in args
    return (*args, "--executor", "interpreter") if trains else args


def _no_constant(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the command: empty, with a space in its name."""
    path = tmp_path / "work here"
    path.mkdir()
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def cli(folder: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*args: object) -> Outcome:
        capsys.readouterr()
        status = run([str(x) for x in interpreted(args)])
        out, err = capsys.readouterr()
        return Outcome(status, out, err)

    return call


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command as a process of its own."""
    begun: list[subprocess.Popen[str]] = []

    def begin(*args: object, **kwargs: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "chainrule", *map(str, interpreted(args))],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(SRC)},
            **kwargs,
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def blobs(n: int = 120) -> tuple[Any, Any]:
    """Three classes that four features tell apart."""
    rng = np.random.default_rng(5)
    Y = np.arange(n) % 3
    X = rng.standard_normal((n, 4)) + 3 * np.eye(4)[Y]
    return X.astype(np.float32), Y.astype(np.int64)


@pytest.fixture
def npz(folder: Path) -> Path:
    X, Y = blobs()
    path = folder / "blobs.npz"
    np.savez(path, X=X, Y=Y)
    return path


def write_csv(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


@pytest.fixture
def houses(folder: Path) -> Path:
    """A table whose price is nearly linear in two of its columns."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((150, 2))
    price = 200_000 + 50_000 * X[:, 0] - 20_000 * X[:, 1] + 1000 * rng.standard_normal(150)
    rows = [[x[0], x[1], "north", p] for x, p in zip(X.tolist(), price.tolist(), strict=True)]
    return write_csv(folder / "houses.csv", ["rooms", "age", "side", "price"], rows)


@pytest.fixture
def flowers(folder: Path) -> Path:
    """A table with named classes."""
    X, Y = blobs()
    names = ["setosa", "versicolor", "virginica"]
    rows = [[*x, names[y]] for x, y in zip(X.tolist(), Y.tolist(), strict=True)]
    return write_csv(folder / "flowers.csv", ["a", "b", "c", "d", "kind"], rows)


@pytest.fixture
def shared() -> Callable[[str], Path]:
    def find(name: str) -> Path:
        if not (SHARED / name).is_file():
            pytest.skip(f"{name} is not beside the repository")
        return SHARED / name

    return find


def content(path: Path) -> dict[str, bytes]:
    """All files under a folder, with their bytes; the lock file aside."""
    return {
        str(p.relative_to(path)): p.read_bytes()
        for p in sorted(path.rglob("*"))
        if p.is_file() and p.name != "lock"
    }


@pytest.fixture
def content_of() -> Callable[[Path], dict[str, bytes]]:
    return content
