"""The process of one contender: ``python -m benchmarks.worker NAME CONTENDER SIZE THREADS``.

Commands come in as lines of JSON, answers go out as lines of JSON; what libraries print goes to
stderr. The process is pinned to as many cores as it has threads.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import metadata
from typing import Any

import numpy as np

from benchmarks.catalogue import find
from benchmarks.work import Task

PACKAGES = ("numpy", "scipy", "numba", "torch", "jax", "scikit-learn", "autograd")


def main(name: str, contender: str, size: str, threads: str) -> None:
    """Prepare the work, then answer until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
    task = find(name).contenders[contender].prepare(json.loads(size), int(threads))
    for line in sys.stdin:
        command = json.loads(line)
        answers.write(json.dumps(_answer(task, command)) + "\n")
        answers.flush()


def _answer(task: Task, command: dict[str, Any]) -> dict[str, Any]:
    if command["do"] == "numbers":
        began = time.perf_counter()
        numbers = [np.asarray(x, np.float64) for x in (task.numbers or task.run)()]
        np.savez(command["file"], *numbers)
        return {"first": time.perf_counter() - began, "units": task.units, **_about()}
    began = time.perf_counter()
    for _ in range(command["times"]):
        task.run()
    return {"seconds": (time.perf_counter() - began) / command["times"]}


def _about() -> dict[str, Any]:
    """Versions, the BLAS kernel, and the memory used so far in MB."""
    found = {name: metadata.version(name) for name in PACKAGES if _is_loaded(name)}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"versions": found, "blas": _blas(), "memory": peak}


def _is_loaded(name: str) -> bool:
    return {"scikit-learn": "sklearn"}.get(name, name) in sys.modules


def _blas() -> str:
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown (threadpoolctl is not installed)"
    kernels = {x.get("architecture") or "?" for x in threadpool_info() if x["user_api"] == "blas"}
    return ", ".join(sorted(kernels)) or "none"


if __name__ == "__main__":
    main(*sys.argv[1:])
