"""Threads for questions, so that a slow one holds up neither others nor events.

They are daemons: a question that takes minutes does not keep the process from ending, as it would
in the pools of the standard library, which wait for their threads.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
MOST = 16  # questions at the same time


class Workers:
    """At most ``most`` calls at the same time, each in a thread of its own."""

    def __init__(self, most: int = MOST) -> None:
        self._free = asyncio.Semaphore(most)

    async def run(self, f: Callable[[], T]) -> T:
        """What ``f`` returns; raises what it raises."""
        async with self._free:
            loop = asyncio.get_running_loop()
            result: asyncio.Future[T] = loop.create_future()

            def settle(value: T | None, error: BaseException | None) -> None:
                if result.done():  # nobody waits any more
                    return
                if error is None:
                    result.set_result(value)  # pyright: ignore[reportArgumentType]
                else:
                    result.set_exception(error)

            def work() -> None:
                value, failed = None, None
                try:
                    value = f()
                except BaseException as error:  # it is raised where the result is awaited
                    failed = error
                with contextlib.suppress(RuntimeError):  # the loop is closed: we are at the end
                    loop.call_soon_threadsafe(settle, value, failed)

            Thread(target=work, name="question", daemon=True).start()
            return await result
