"""Bytes on a real socket: what no client library would send, and clients that are slow."""

from __future__ import annotations

import socket
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.explorer.small import small_session

from chainrule.explorer.serving.page_files import PageFile
from chainrule.explorer.serving.running import listen
from chainrule.explorer.session import Session

FILES = {"/": PageFile(b"<!doctype html>the page", "text/html; charset=utf-8")}


@dataclass(frozen=True)
class Door:
    """A server, and the header lines of a request that it answers."""

    port: int
    token: str
    session: Session

    @property
    def host(self) -> str:
        return f"Host: 127.0.0.1:{self.port}"

    @property
    def right(self) -> list[str]:
        return [self.host, f"Cookie: chainrule-{self.port}={self.token}"]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, first: str, lines: list[str], body: bytes = b"") -> bytes:
        """The whole answer to one request."""
        text = "\r\n".join([f"{first} HTTP/1.1", *lines, "Connection: close", "", ""])
        answer = b""
        with closing(self.connect()) as s, suppress(ConnectionResetError, BrokenPipeError):
            s.sendall(text.encode("latin-1") + body)
            while piece := s.recv(65536):
                answer += piece
        return answer

    def status(self, first: str, lines: list[str], body: bytes = b"") -> int | None:
        """The answer's status; None if the connection was cut off."""
        answer = self.send(first, lines, body)
        return int(answer.split(b" ", 2)[1]) if answer else None

    def posting(self, length: int) -> list[str]:
        return [
            *self.right,
            f"Origin: http://127.0.0.1:{self.port}",
            "Content-Type: application/json",
            f"Content-Length: {length}",
        ]


@pytest.fixture(scope="module")
def door(served) -> Door:
    session = small_session()
    parts = urlsplit(served(session, files=FILES))
    assert parts.port is not None
    return Door(parts.port, parse_qs(parts.query)["token"][0], session)


def test_the_right_request_is_answered(door):
    assert door.send("GET /", door.right).endswith(b"<!doctype html>the page")


def test_bad_headers_are_refused_on_the_wire(door):
    cookie = door.right[1]
    bad = [
        [cookie, "Host: rebound.example"],
        [cookie, f"Host: rebound.example:{door.port}"],
        [cookie, "Host: 127.0.0.1:1"],
        [cookie, "Host:"],
        [*door.right, "Origin: null"],
        [*door.right, f"Origin: http://localhost:{door.port}"],
        [*door.right, "Sec-Fetch-Site: cross-site"],
        [*door.right, "ORIGIN: http://foreign.example"],
        [door.host],
        [door.host, f"Cookie: chainrule-{door.port}={door.token[:-1]}"],
        [door.host, f"Cookie: chainrule-{door.port + 1}={door.token}"],
    ]
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        for path in ("/", "/events", "/ask/session.steps", "/nowhere"):
            for lines in bad:
                assert door.status(f"{method} {path}", lines) == 403, (method, path, lines)


def test_what_is_no_http_is_refused_before_the_guard(door):
    for lines in (
        [door.right[1]],  # no Host
        [*door.right, door.host],  # two
        [*door.right, "Host: rebound.example"],
        [*door.right, "Content-Length: 1", "Content-Length: 2"],
        [*door.right, "no colon"],
    ):
        assert door.status("GET /", lines) == 400, lines
    assert door.status(f"GET /{'x' * 5_000_000}", door.right) in (400, None)
    assert door.status("GET /", [*door.right, f"X: {'x' * 5_000_000}"]) in (400, None)


def test_a_target_that_names_a_server_is_refused(door):
    for target in (
        "http://rebound.example/",
        f"http://127.0.0.1:{door.port}/",
        "rebound.example:80",
        "*",
        "..",
    ):
        assert door.status(f"GET {target}", door.right) == 403, target
    # this one names a path, and a strange one
    assert door.status(f"GET //rebound.example:{door.port}/", door.right) == 404


@pytest.mark.parametrize(
    "path",
    [
        "/../serving.py", "/fonts/../../serving.py", "/%2e%2e/serving.py", "/..%2fserving.py",
        "/fonts/%2e%2e%2f%2e%2e%2fsession.py", "/fonts/..\\..\\session.py", "/%00", "/a.html%00",
        "//etc/passwd", "/fonts//etc/passwd", "/%ff%fe", "/ask/..%2f..%2fetc%2fpasswd", "/.", "/ ",
    ],
)  # fmt: skip
def test_no_path_reaches_the_disk(door, path, monkeypatch):
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("builtins.open", opened)
    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr("os.open", opened)
    assert door.status(f"GET {path}", door.right) in (400, 404, 405)


def test_a_huge_body_is_refused_before_it_is_read(door):
    with closing(door.connect()) as s:
        head = "\r\n".join(["POST /ask/session.steps HTTP/1.1", *door.posting(10**12), "", ""])
        s.sendall(head.encode())
        sent = 0
        try:
            for _ in range(200):
                s.sendall(b" " * 100_000)
                sent += 100_000
            answer = s.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            answer = b""
    assert sent < 20_000_000 and (answer == b"" or b" 413 " in answer)
    body = b'{"x": "' + b"x" * 999_000 + b'"}'
    got = door.send("POST /ask/session.steps", door.posting(len(body)), body)
    assert b" 400 " in got and b"no parameter 'x'" in got


def test_a_slow_client_is_given_up_and_holds_up_nobody(door, monkeypatch):
    monkeypatch.setattr("chainrule.explorer.serving.server.PATIENCE", 0.3)
    lines = "\r\n".join(["POST /ask/session.steps HTTP/1.1", *door.posting(10), "", ""])
    with closing(door.connect()) as half, closing(door.connect()) as slow:
        half.sendall(b"GET / HTT")
        slow.sendall(lines.encode() + b"{")
        assert door.status("POST /ask/session.steps", door.posting(2), b"{}") == 200
        assert slow.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_a_page_that_reads_no_events_is_cut_off_and_told_the_newest_when_it_reads(door):
    """The kernel's buffers fill, then ours; the process does not grow by what is told then."""
    head = "\r\n".join(["GET /events HTTP/1.1", *door.right, "Connection: close", "", ""])
    with closing(socket.socket()) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.settimeout(20)
        s.connect(("127.0.0.1", door.port))
        s.sendall(head.encode())
        got = b""
        while b"retry" not in got:
            got += s.recv(4096)
        for step in range(3000):  # 30 MB, if all were kept
            door.session.tell("steps", {"last": step, "more": "x" * 10_000})
            if step % 50 == 0:
                time.sleep(0.001)  # so that some of them are written
        while b'"last":2999,' not in got[-40_000:]:
            got += s.recv(1 << 20)
        assert got.count(b"event: steps") < 3000
    with closing(door.connect()) as s:
        s.sendall(head.encode())
        while b"retry" not in s.recv(4096):
            pass
        for step in range(3000):
            door.session.tell("other", {"number": step, "more": "x" * 10_000})
        while s.recv(1 << 20):  # it ends: the page connects again and asks everything anew
            pass


def test_answers_do_not_wait_to_be_acknowledged():
    with listen(port=0).socket as listening:
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
