"""``chainrule bench``: every benchmark runs at a tiny size, and its contenders agree."""

from __future__ import annotations

import json

import pytest
from benchmarks import report
from benchmarks.catalogue import WORKS
from benchmarks.driver import DisagreementError, Row, measure
from benchmarks.work import OURS, Contender, Task, Work
from click.testing import CliRunner

from chainrule.cli.main import cli

NEEDS_NO_PEER = {
    name: [c for c, how in work.contenders.items() if not how.is_peer]
    for name, work in WORKS.items()
}


@pytest.mark.parametrize("name", WORKS)
def test_each_benchmark_runs_and_agrees(name, monkeypatch):
    monkeypatch.setattr("benchmarks.command._has", lambda *_: False)
    done = CliRunner().invoke(cli, ["bench", name, "--quick", "--threads", "1", "--json"])
    assert done.exit_code == 0, done.output
    (shown,) = [json.loads(x) for x in done.stdout.splitlines() if x.startswith("{")]
    found = [line["contender"] for line in shown["lines"]]
    assert found == NEEDS_NO_PEER[name] and OURS in found
    assert all(line["seconds"] > 0 for line in shown["lines"])


def test_without_a_name_they_are_listed():
    done = CliRunner().invoke(cli, ["bench"])
    assert [line.split()[0] for line in done.output.splitlines()] == list(WORKS)


def test_an_unknown_name_is_wrong_use():
    done = CliRunner().invoke(cli, ["bench", "nonsense"])
    assert done.exit_code == 2
    assert "no benchmark 'nonsense'" in done.output and "mlp-seed" in done.output


def test_a_peer_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("benchmarks.command._has", lambda *_: False)
    done = CliRunner().invoke(cli, ["bench", "llsq", "--quick"])
    assert "PyTorch is not installed" in done.stderr and "requirements.txt" in done.stderr


def test_numbers_that_differ_stop_a_benchmark(tmp_path):
    import numpy as np
    from benchmarks.driver import _compare

    work = Work(
        "w", "", [{}], {name: Contender(lambda *_: Task(list)) for name in ("a", "b")}, (1,), 1e-6
    )
    np.savez(tmp_path / "0-a.npz", np.ones(3))
    np.savez(tmp_path / "1-b.npz", np.ones(3) + 1e-9)
    _compare(work, tmp_path)
    np.savez(tmp_path / "1-b.npz", np.ones(3) + 1e-3)
    with pytest.raises(DisagreementError, match=r"b and a differ by 1\.0e-03"):
        _compare(work, tmp_path)


def test_a_contender_that_fails_is_named(monkeypatch):
    work = WORKS["llsq"]
    said: list[str] = []
    rows = measure(
        work, {"unknowns": "many"}, 1, rounds=1, seconds=0.01, names=[OURS], python="",
        say=said.append,
    )  # fmt: skip
    assert rows[0].failed and rows[0].seconds == []
    assert said[0].startswith("  chainrule: ")


def test_table_says_what_was_reached():
    work = WORKS["llsq"]
    rows = [
        Row(name, {"unknowns": 3, "points": 5}, 1, seconds=[t, t, t])
        for name, t in ((OURS, 1e-3), ("by hand", 0.5e-3), ("JAX", 2e-3))
    ]
    text = report.table(work, report.lines(work, rows))
    assert text[3].endswith("| 500 us | 0.50 | ≥ 0.667 ✗ |")
    assert text[4].endswith("| 2 ms | 2.00 | ≥ 1 ✓ |")
