"""``chainrule bench NAME``: from options to measured tables."""

from __future__ import annotations

import datetime
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict

from benchmarks import report
from benchmarks.catalogue import WORKS
from benchmarks.driver import Row, measure
from benchmarks.work import OURS, Work

Say = Callable[[str], None]
MODULES = {"PyTorch": "torch", "JAX": "jax", "scikit-learn": "sklearn", "autograd": "autograd"}


def listing() -> list[str]:
    """The benchmarks, a line each."""
    return [f"{name:<16}{work.what}" for name, work in WORKS.items()]


def run(
    name: str,
    *,
    threads: int | None,
    rounds: int,
    quick: bool,
    python: str | None,
    only: Sequence[str],
    write: bool,
    as_json: bool,
    say: Say,
) -> int:
    """Run a benchmark and show its table; returns the exit status."""
    work = WORKS[name]
    names = _contenders(work, only, python or sys.executable, say)
    found: list[report.Line] = []
    rows: list[Row] = []
    sizes = [work.small] if quick else work.sizes
    for n in [threads] if threads else work.threads:
        for size in sizes:
            say(f"{name}: {report.size_text(size)}, {n} thread(s)")
            measured = measure(
                work, size, n, rounds=2 if quick else rounds, seconds=0.01 if quick else 0.3,
                names=names, python=python or sys.executable, say=say,
            )  # fmt: skip
            rows += measured
            found += report.lines(work, measured)
    if as_json:
        print(json.dumps({"name": name, "lines": [asdict(x) for x in found]}))
    else:
        print("\n".join(report.table(work, found)))
        print(report.machine(rows))
    if write and not quick:
        report.keep(work, found, report.machine(rows), datetime.date.today().isoformat())
        say(f"written: {report.PAGE}")
    return 1 if any(row.failed for row in rows) else 0


def _contenders(work: Work, only: Sequence[str], python: str, say: Say) -> list[str]:
    """Those that can run; a peer that is not installed is named."""
    found: list[str] = []
    for name, contender in work.contenders.items():
        if only and name not in only and name != OURS:
            continue
        if contender.is_peer and not _has(python, MODULES[name]):
            say(
                f"  {name} is not installed and left out;"
                " pip install -r benchmarks/requirements.txt"
            )
            continue
        found.append(name)
    return found


def _has(python: str, module: str) -> bool:
    if python == sys.executable:
        return importlib.util.find_spec(module) is not None
    check = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", check], check=False).returncode == 0
