"""Comparing callables fairly on a noisy machine: interleaved rounds, medians."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable, Mapping

import numpy as np
from threadpoolctl import threadpool_info


def medians(
    contestants: Mapping[str, Callable[[], object]], *, rounds: int = 15, seconds: float = 0.05
) -> dict[str, float]:
    """Median seconds a call of each contestant; every round runs all of them in turn."""
    repeats: dict[str, int] = {}
    for name, run in contestants.items():
        run()
        began = time.perf_counter()
        run()
        repeats[name] = max(1, int(seconds / max(time.perf_counter() - began, 1e-7)))
    samples: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            began = time.perf_counter()
            for _ in range(repeats[name]):
                run()
            samples[name].append((time.perf_counter() - began) / repeats[name])
    return {name: statistics.median(times) for name, times in samples.items()}


def machine() -> str:
    """One line: Python, NumPy and the BLAS kernel that runs."""
    blas = [
        f"{x['internal_api']} {x.get('version', '?')} {x.get('architecture', '')}"
        f" ({x['num_threads']} threads)"
        for x in threadpool_info()
        if x["user_api"] == "blas"
    ]
    return f"Python {platform.python_version()}, NumPy {np.__version__}, {', '.join(blas[:1])}"
