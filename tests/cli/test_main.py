"""What holds for every command: help, wrong use, closed pipes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.cli import paste
from chainrule.cli.main import cli as group
from chainrule.cli.main import main, run


def test_chainrule_alone_prints_help(cli):
    outcome = cli()
    assert outcome.status == 0 and outcome.err == ""
    assert outcome.out.startswith("Usage: chainrule")
    assert cli("-h").out == outcome.out == cli("--help").out
    assert cli("data").out.startswith("Usage: chainrule data")


def test_version(cli):
    assert cli("--version").out == f"chainrule, version {cr.__version__}\n"


@pytest.mark.parametrize("name", sorted(group.commands))
def test_help_is_readable(cli, name):
    text = cli(name, "--help").out
    assert max(map(len, text.splitlines())) <= 80
    assert "..." not in cli().out.partition("Commands:")[2]
    assert "[default: ((" not in text and "[[" not in text
    for option in group.commands[name].params:
        if name == "train" and option.param_type_name == "option":
            assert option.help


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["trian"], ["trian", "chainrule --help"]),
        (["train", "--etta", "3"], ["--etta", "chainrule train --help"]),
        (["train", "--cost", "free"], ["'free'", "quadratic"]),
        (["train", "--epochs", "0"], ["--epochs", "0"]),
        (["train", "--epochs"], ["--epochs"]),
        (["train", "a", "b"], ["b"]),
        (["evaluate"], ["RUN"]),
        (["predict", "x"], ["FILE"]),
        (["data", "info"], ["NAME|FILE"]),
        (["data", "delete"], ["delete"]),
    ],
)
def test_wrong_use(cli, args, words):
    cli(*args).failed(2, *words)


def test_main_exits_with_the_status(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["trian"])
    assert stop.value.code == 2


class Closed(io.StringIO):
    """Standard output that nobody reads."""

    def flush(self):
        raise BrokenPipeError

    def fileno(self):
        return 77


def test_a_reader_that_left_before_the_end(monkeypatch):
    replaced = []
    monkeypatch.setattr(os, "dup2", lambda *descriptors: replaced.append(descriptors[1]))
    monkeypatch.setattr(sys, "stdout", Closed())
    assert run(["data", "list"]) == 1 and replaced == [77]


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (MemoryError("for 6 TiB"), 1, "chainrule: not enough memory: for 6 TiB\n"),
        (OSError(28, "No space left on device", "a b"), 1, "chainrule: a b: No space left on dev"),
        (OSError("odd"), 1, "chainrule: odd\n"),
        (KeyboardInterrupt(), 1, "chainrule: stopped\n"),
        (cr.ChainruleError("two\n  lines"), 1, "chainrule: two lines\n"),
    ],
)
def test_errors_are_one_line(cli, monkeypatch, error, status, text):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(group, "main", fail)
    outcome = cli("data", "list")
    assert outcome.status == status and outcome.err.startswith(text)


def test_a_reader_that_leaves(npz, folder):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    program = f"{sys.executable} -m chainrule"
    setup = subprocess.run(
        f"{program} train {npz.name} --epochs 1 --out run", shell=True, env=env, check=True,
        capture_output=True,
    )  # fmt: skip
    assert setup.returncode == 0
    many = folder / "many.npz"
    np.savez(many, X=np.zeros((20_000, 4), np.float32))
    for command in (f"predict run {many.name}", "train -h", f"train {npz.name} --epochs 300"):
        done = subprocess.run(
            f"{program} {command} | head -1", shell=True, env=env, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.stderr == "", command
        assert done.stdout.count("\n") == 1, command


PYTHON = Path(sys.executable)


@pytest.mark.parametrize(
    ("called", "on_path", "words"),
    [
        ("/a/bin/chainrule", "/a/bin/chainrule", "chainrule"),
        ("/a b/bin/chainrule", None, "'/a b/bin/chainrule'"),
        ("/a/chainrule/__main__.py", sys.executable, f"{PYTHON.name} -m chainrule"),
        ("/a/chainrule/__main__.py", "/usr/bin/python", f"{sys.executable} -m chainrule"),
        ("/a/bin/pytest", None, "chainrule"),
        ("/a/pytest/__main__.py", sys.executable, "chainrule"),
    ],
)  # fmt: skip
def test_commands_to_paste(monkeypatch, called, on_path, words):
    monkeypatch.setattr(sys, "argv", [called])
    monkeypatch.setattr(paste.shutil, "which", lambda name: on_path)
    assert paste.command("train", "--out", "a b") == f"{words} train --out 'a b'"
