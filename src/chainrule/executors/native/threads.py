"""A fixed pool of threads that run one kernel at the same time, each with single-threaded BLAS.

The kernel releases Python's lock, and its threads meet inside it (``team.py``); Python only sends
them off and waits. The calling thread is the first of the team.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController  # pyright: ignore[reportMissingTypeStubs]

from chainrule.executors.native.team import COUNTERS, FAILURES

Array = Any


class Threads:
    """``n`` threads, the calling one included."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._pool = ThreadPoolExecutor(n - 1, "chainrule") if n > 1 else None
        self._libraries: Any = ThreadpoolController()

    def run(self, call: Callable[[int, Array], Any]) -> Any:
        """What ``call(me, sync)`` gives for the first thread, when all threads are done.

        If one raises, the others no longer wait for it, and its exception is raised here.
        """
        sync = np.zeros(COUNTERS, np.int64)

        def member(me: int) -> Any:
            try:
                return call(me, sync)
            except BaseException:
                sync[FAILURES] = 1
                raise

        with self._libraries.limit(limits=1, user_api="blas"):
            others = (
                [self._pool.submit(member, me) for me in range(1, self._n)] if self._pool else []
            )
            try:
                found = member(0)
            finally:
                for other in others:  # they write to the same memory
                    other.exception()
            for other in others:
                other.result()
        return found
