"""Running the server of the page: its port, its address, and how it ends.

The socket listens before anything else is made, so that the browser can already connect.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import time
import webbrowser
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any

import uvicorn

from chainrule.core.errors import ArgumentError
from chainrule.explorer.place import Place
from chainrule.explorer.serving.events import Streams
from chainrule.explorer.serving.guard import LOOPBACK, Access
from chainrule.explorer.serving.page_files import PageFile
from chainrule.explorer.serving.server import app_of
from chainrule.explorer.session import Session

PORT = 8170
TRIED = 100  # ports, if none was asked for
ANY = ("0.0.0.0", "::")
FIRST_PICTURE = 0.5  # seconds from the opening of a page
GRACE = 1  # seconds for answers that are on their way when the server ends


@dataclass(frozen=True, eq=False)
class Listening:
    """A socket that listens, and who may use it."""

    socket: socket.socket
    access: Access

    def address(self, place: str = "", *, once: bool = False) -> str:
        """The address with the token, at a place such as ``#/demon``; or one that opens it once."""
        token = self.access.ticket() if once else self.access.token
        host = self.access.host
        if host in ANY:  # this machine's own; from elsewhere it has another
            host = "127.0.0.1" if host == ANY[0] else "::1"
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.access.port}/?token={token}{place}"


def listen(host: str = LOOPBACK[0], port: int | None = None) -> Listening:
    """Listen on a port: the one that is asked for, else the first that is free.

    Raises:
        ArgumentError: the port is taken, the host is not of this machine, or no port is free.
    """
    ports = range(PORT, PORT + TRIED) if port is None else [port]
    for each in ports:
        try:
            family, _, _, _, where = socket.getaddrinfo(
                host, each, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listening = socket.create_server(where[:2], family=family)
            # Inherited by connections. asyncio sets it for sockets that say they are TCP's, which
            # those of create_server do not; without it an answer waits 40 ms to be acknowledged
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            raise ArgumentError(f"cannot listen on {host}:{each}: {error.strerror}") from error
        return Listening(listening, Access(listening.getsockname()[1], host))
    if port is None:
        raise ArgumentError(f"all ports from {PORT} to {PORT + TRIED - 1} are in use; give --port")
    raise ArgumentError(
        f"port {port} is in use, by another program or another chainrule explore; give another one"
        " with --port, or none to take one that is free"
    )


def serve(
    session: Session,
    place: Place,
    listening: Listening,
    files: Mapping[str, PageFile],
    *,
    open_browser: bool,
) -> None:
    """Serve until Ctrl-C, which is raised again afterwards."""
    with listening.socket:
        Thread(target=_make_network, args=(session,), daemon=True).start()
        if open_browser:
            _open(listening.address(str(place), once=True))
        try:
            Server(session, listening, files).until_stopped()
        finally:
            session.close()


def _make_network(session: Session) -> None:
    """Make the network when a page has its first picture; what goes wrong is told when it is asked.

    Until then it would only take time from that picture.
    """
    session.is_watched.wait()
    time.sleep(FIRST_PICTURE)
    with suppress(Exception):
        _ = session.network


def _open(address: str) -> None:
    """Open the browser, unless it is one that would take the terminal."""
    with suppress(webbrowser.Error):
        browser = webbrowser.get()
        if type(browser) is not webbrowser.GenericBrowser:
            Thread(target=browser.open, args=(address,), daemon=True).start()


class Server(uvicorn.Server):
    """A server that ends its event streams when it ends; they would keep it from ending."""

    def __init__(
        self, session: Session, listening: Listening, files: Mapping[str, PageFile]
    ) -> None:
        self._streams = Streams(session)
        self._socket = listening.socket
        app = app_of(session, listening.access, files, self._streams)
        super().__init__(
            uvicorn.Config(
                app, http="h11", ws="none", lifespan="off", interface="asgi3",
                log_level="critical", log_config=None, access_log=False, server_header=False,
                proxy_headers=False, timeout_graceful_shutdown=GRACE,
            )
        )  # fmt: skip

    def until_stopped(self) -> None:
        """Serve until ``should_exit`` is set, or Ctrl-C, which is raised again afterwards."""
        self.run(sockets=[self._socket])

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """End; answers that take longer than the grace are cut off."""
        self._streams.end()
        await super().shutdown(sockets)
        for connection in self.server_state.connections:
            connection.transport.abort()
        await asyncio.sleep(0)  # lets the loop close them
