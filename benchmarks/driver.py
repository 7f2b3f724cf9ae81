"""Running a benchmark: start the contenders, compare their numbers, time them in turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.work import OURS, Size, Work

ROOT = Path(__file__).resolve().parents[1]
REST = 0.3  # seconds in which the threads of the contender before stop waiting for more work
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # would slow every contender's BLAS


class DisagreementError(Exception):
    """A contender computes other numbers."""


@dataclass
class Row:
    """What was measured of one contender at one size: seconds a unit, one entry a round."""

    contender: str
    size: Size
    threads: int
    seconds: list[float] = field(default_factory=list[float])
    memory: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    blas: str = ""
    failed: str = ""

    @property
    def median(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.seconds) if self.seconds else float("nan")


class Worker:
    """The process of one contender."""

    def __init__(self, work: Work, name: str, size: Size, threads: int, python: str) -> None:
        self.row = Row(name, size, threads)
        arguments = [work.name, name, json.dumps(dict(size)), str(threads)]
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - lives as long as the process
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", *arguments],
            cwd=ROOT, env=_environment(threads), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
        )  # fmt: skip

    def ask(self, **command: Any) -> dict[str, Any]:
        """Send a command and wait for the answer; RuntimeError if the process ended instead."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.process.wait()
            self._errors.seek(0)
            last = (self._errors.read().strip().splitlines() or ["it ended"])[-1]
            raise RuntimeError(last)
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._errors.close()


def _environment(threads: int) -> dict[str, str]:
    found = {k: v for k, v in os.environ.items() if k not in SLOWING}
    for name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        found[f"{name}_NUM_THREADS"] = str(threads)
    if threads == 1:
        found["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    found["JAX_PLATFORMS"] = "cpu"
    found["CHAINRULE_THREADS"] = str(threads)
    return found


@contextmanager
def _started(
    work: Work, names: Sequence[str], size: Size, threads: int, pythons: Mapping[str, str]
) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        workers: list[Worker] = []
        for name in names:
            worker = Worker(work, name, size, threads, pythons.get(name, sys.executable))
            stack.callback(worker.close)
            workers.append(worker)
        yield workers


def measure(
    work: Work,
    size: Size,
    threads: int,
    *,
    rounds: int,
    seconds: float,
    names: Sequence[str],
    python: str,
    say: Callable[[str], None],
) -> list[Row]:
    """One row a contender; chainrule runs in this Python, its peers in ``python``."""
    pythons = {name: python for name in names if name != OURS and work.contenders[name].is_peer}
    with _started(work, names, size, threads, pythons) as workers, _folder() as folder:
        ready: list[tuple[Worker, float]] = []
        units: dict[str, int] = {}
        for worker in workers:
            name = worker.row.contender
            try:
                answer = worker.ask(do="numbers", file=str(folder / f"{len(ready)}-{name}.npz"))
            except RuntimeError as error:
                worker.row.failed = str(error)
                say(f"  {name}: {error}")
                continue
            row = worker.row
            row.versions, row.blas = answer["versions"], answer["blas"]
            row.memory, units[name] = answer["memory"], answer["units"]
            once = worker.ask(do="run", times=1)["seconds"]
            ready.append((worker, max(1, int(seconds / max(once, 1e-9)))))
        _compare(work, folder)
        for _ in range(rounds):
            for worker, times in ready:
                if threads > 1:
                    time.sleep(REST)
                    worker.ask(do="run", times=1)  # and this one's are awake
                took = worker.ask(do="run", times=times)["seconds"]
                worker.row.seconds.append(took / units[worker.row.contender])
        return [worker.row for worker in workers]


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="chainrule-bench-") as folder:
        yield Path(folder)


def _compare(work: Work, folder: Path) -> None:
    """Raise unless all contenders that are to be compared found the same numbers."""
    wanted: list[Any] | None = None
    first = ""
    for file in sorted(folder.iterdir()):
        name = file.stem.split("-", 1)[1]
        if not work.contenders[name].compared:
            continue
        with np.load(file) as saved:
            numbers = [saved[key] for key in saved.files]
        if wanted is None:
            wanted, first = numbers, name
            continue
        for i, (a, b) in enumerate(zip(numbers, wanted, strict=True)):
            error = float(np.linalg.norm((a - b).ravel()) / max(np.linalg.norm(b.ravel()), 1e-30))
            if not error <= work.tolerance:
                raise DisagreementError(
                    f"{work.name}: {name} and {first} differ by {error:.1e} (relative) in number"
                    f" {i}; {work.tolerance:.0e} is allowed"
                )
