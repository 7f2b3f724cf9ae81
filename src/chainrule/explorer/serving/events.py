"""Events of a session on their way to a page: server-sent events, and a box for those unread.

A page that reads slowly must not make the process grow. Of the events in ``LATEST``, which say all
that those before them said, only the newest waits. If too many of the others do, the page is cut
off, and connects again.

Whether a page has missed something meanwhile, or before it first connected, it sees by the
session's edition: each answer names the one in which it was asked for, each event its own, and the
event "begun", with which a stream begins, the one after which everything is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Mapping
from threading import Lock
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chainrule.explorer.session import Session
from chainrule.explorer.wire import plain

LATEST = ("steps", "checking")
MOST = 1000  # events that wait for a page
KEEP_ALIVE = 15.0  # seconds of silence after which a comment shows that we are here
_AGAIN = 1000  # milliseconds after which a page that was cut off connects again


class Box:
    """Events that a page has not read yet; they are put in from any thread.

    >>> loop = asyncio.new_event_loop()
    >>> box = Box(loop)
    >>> for step in 1, 2, 3:
    ...     box.put("steps", {"last": step})
    >>> box.put("forgotten", {"after": 2})
    >>> box.taken()
    [('steps', '{"last":3}'), ('forgotten', '{"after":2}')]
    >>> loop.close()
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = Lock()
        self._pending: list[tuple[str, str]] = []
        self._came = asyncio.Event()
        self.closed = False

    def put(self, name: str, facts: Mapping[str, Any]) -> None:
        """Put in an event; the facts may change afterwards."""
        text = json.dumps(plain(facts), separators=(",", ":"), allow_nan=False)
        with self._lock:
            if self.closed:
                return
            if name in LATEST:
                self._pending = [event for event in self._pending if event[0] != name]
            self._pending.append((name, text))
            if len(self._pending) > MOST:
                self._pending, self.closed = [], True
        self._wake()

    def close(self) -> None:
        """Take no more events."""
        with self._lock:
            self.closed = True
        self._wake()

    def taken(self) -> list[tuple[str, str]]:
        """What waits, taken out."""
        self._came.clear()
        with self._lock:
            taken, self._pending = self._pending, []
        return taken

    async def came(self, seconds: float) -> None:
        """Wait until something came, or until seconds have passed."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._came.wait(), seconds)

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
            self._loop.call_soon_threadsafe(self._came.set)


class Streams:
    """The open event streams of a server, which end when it does."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._boxes: set[Box] = set()
        self._ended = False

    async def answer(self, request: Request) -> Response:
        """A stream of what happens from now on."""
        kind = "text/event-stream"
        if request.method == "HEAD":
            return Response(media_type=kind)
        return StreamingResponse(self._events(), media_type=kind)

    def end(self) -> None:
        """End all streams; called in the thread of the server."""
        self._ended = True
        for box in self._boxes:
            box.close()

    async def _events(self) -> AsyncGenerator[str]:
        box = Box(asyncio.get_running_loop())
        self._boxes.add(box)
        stop = self._session.listen(box.put)
        try:
            yield f"retry: {_AGAIN}\n\n" + _sent("begun", "{}", self._session.edition)
            while not (box.closed or self._ended):
                await box.came(KEEP_ALIVE)
                edition = self._session.edition  # before they are taken: it must promise no more
                yield "".join(_sent(*event, edition) for event in box.taken()) or ":\n\n"
        finally:
            stop()
            self._boxes.discard(box)


def _sent(name: str, text: str, edition: str) -> str:
    return f"id: {edition}\nevent: {name}\ndata: {text}\n\n"
