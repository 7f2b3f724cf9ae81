"""Who is refused: every route, every method, every kind of request that is not the page's own.

``python -m pytest -s tests/explorer/test_guard.py`` prints how many requests were refused.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from starlette.routing import Route
from tests.explorer.small import small_session

from chainrule.explorer.serving.events import Streams
from chainrule.explorer.serving.guard import HEADERS, Access, Guard
from chainrule.explorer.serving.page_files import PageFile
from chainrule.explorer.serving.server import app_of

PORT = 8170
HOST = f"127.0.0.1:{PORT}"
TOKEN = "the-token-of-this-server"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MORE_METHODS = ("TRACE", "CONNECT", "PROPFIND", "BREW")
RIGHT = {
    "host": HOST,
    "origin": f"http://{HOST}",
    "sec-fetch-site": "same-origin",
    "cookie": f"other=1; chainrule-{PORT}={TOKEN}",
    "content-type": "application/json",
}

Headers = list[tuple[str, str]]
Found = TypeVar("Found")


def changed(**changes: str | tuple[str, ...] | None) -> Headers:
    """The right headers with some changed, left out (None), or given several times."""
    found: Headers = []
    for name, value in {**RIGHT, **{k.replace("_", "-"): v for k, v in changes.items()}}.items():
        values = value if isinstance(value, tuple) else () if value is None else (value,)
        found += [(name, each) for each in values]
    return found


def cookie(value: str, name: str = f"chainrule-{PORT}") -> str:
    return f"{name}={value}"


BAD: dict[str, Headers] = {
    "foreign Host": changed(host=f"rebound.example:{PORT}"),
    "Host with another port": changed(host="127.0.0.1:80"),
    "Host without a port": changed(host="127.0.0.1"),
    "no Host": changed(host=None),
    "two Hosts": changed(host=(HOST, "rebound.example")),
    "Host that begins like ours": changed(host=f"127.0.0.1.rebound.example:{PORT}"),
    "Host behind a user": changed(host=f"{HOST}@rebound.example"),
    "address of another machine": changed(host=f"192.168.0.2:{PORT}"),
    "foreign Origin": changed(origin="http://foreign.example"),
    "Origin null": changed(origin="null"),
    "Origin of another port": changed(origin="http://127.0.0.1:8888"),
    "Origin of another scheme": changed(origin=f"https://{HOST}"),
    "Origin of another name of ours": changed(origin=f"http://localhost:{PORT}"),
    "two Origins": changed(origin=(f"http://{HOST}", "http://foreign.example")),
    "cross-site fetch": changed(sec_fetch_site="cross-site"),
    "fetch of another port": changed(sec_fetch_site="same-site"),
    "two Sec-Fetch-Sites": changed(sec_fetch_site=("same-origin", "cross-site")),
    "no token": changed(cookie=None),
    "wrong token": changed(cookie=cookie(TOKEN[:-1] + "x")),
    "beginning of the token": changed(cookie=cookie(TOKEN[:-1])),
    "empty token": changed(cookie=cookie("")),
    "token that is no ASCII": changed(cookie=cookie("tökén")),
    "cookie of another port": changed(cookie=cookie(TOKEN, f"chainrule-{PORT + 1}")),
    "wrong bearer beside the cookie": changed(authorization="Bearer wrong"),
    "token under another scheme": changed(authorization=f"Basic {TOKEN}"),
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def guarded(host: str = "127.0.0.1") -> Guard:
    files = {
        "/": PageFile(b"<!doctype html>", "text/html"),
        "/explorer.js": PageFile(b"", "text/javascript"),
        "/explorer.css": PageFile(b"", "text/css"),
        "/fonts/KaTeX_Main-Regular.woff2": PageFile(b"", "font/woff2"),
    }
    session = small_session()
    return app_of(session, Access(PORT, host, TOKEN), files, Streams(session))


def paths_of(app: Guard) -> list[str]:
    """The paths of all routes, and some that are of none."""
    routes = [r for r in app.app.routes if isinstance(r, Route)]  # type: ignore[attr-defined]
    assert len(routes) == len(app.app.routes) == 6  # type: ignore[attr-defined]
    known = [route.path.replace("{question}", "session.steps") for route in routes]
    return [*known, "/ask/no.such", "/nowhere", "/../setup.py", "/events/"]


def scope_of(method: str, path: str, headers: Headers, query: str = "") -> dict[str, Any]:
    return {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "scheme": "http",
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in headers], "server": ("127.0.0.1", PORT),
    }  # fmt: skip


def finished(answering: Coroutine[Any, Any, Found]) -> Found:
    """What a coroutine gives, run in a thread: a browser of other tests may have a loop in this."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, answering).result()


async def asked(app: Guard, scope: dict[str, Any]) -> Answer:
    """What is answered; of a stream only how it begins."""
    began: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    body = bytearray()
    received = iter([{"type": "http.request", "body": b"{}", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in received:
            return message
        return await asyncio.Event().wait()  # type: ignore[return-value]

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            body.extend(message["body"])
        else:
            began.set_result(message)

    running = asyncio.ensure_future(app(scope, receive, send))
    await asyncio.wait([running, began], return_when=asyncio.FIRST_COMPLETED)
    start = await began
    if start["type"] != "http.response.start" or start["status"] == 403:
        await running
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    if start["type"] == "websocket.close":
        return Answer(403, {}, start["reason"])
    headers = {k.decode().lower(): v.decode() for k, v in start["headers"]}
    return Answer(start["status"], headers, body.decode())


def test_the_refusal_matrix():
    """All routes x all methods x all bad headers, everything else being right: all are 403."""
    app = guarded()

    async def matrix() -> int:
        refused = 0
        for path, method in itertools.product(paths_of(app), METHODS + MORE_METHODS):
            for name, headers in BAD.items():
                answer = await asked(app, scope_of(method, path, headers))
                assert answer.status == 403, (path, method, name)
                assert (
                    HEADERS.items() <= {k: answer.headers.get(k.lower()) for k in HEADERS}.items()
                )
                assert TOKEN not in answer.text
                refused += 1
            right = await asked(app, scope_of(method, path, changed()))
            assert right.status != 403, (path, method)
        return refused

    refused = finished(matrix())
    assert refused == 10 * 11 * len(BAD)
    of_seven = refused // 11 * 7
    print(f"\n{refused:,} requests refused, {of_seven:,} of them with the seven common methods")


def test_a_wrong_token_in_the_address_is_refused_and_the_right_one_becomes_a_cookie():
    app = guarded()

    def enter(query: str, method: str = "GET", path: str = "/", **changes: Any) -> Answer:
        headers = changed(**{"cookie": None, "origin": None, "sec_fetch_site": "none", **changes})
        return finished(asked(app, scope_of(method, path, headers, query)))

    entered = enter(f"token={TOKEN}")
    assert (entered.status, entered.headers["location"]) == (303, "/")
    assert entered.headers["set-cookie"].startswith(f"chainrule-{PORT}={TOKEN}; HttpOnly")
    stale = cookie("of-the-server-before")
    assert enter(f"token={TOKEN}", cookie=stale).status == 303
    for query in ("token=wrong", "token=", "token", f"token=x&token={TOKEN}", f"Token={TOKEN}"):
        assert enter(query).status == 403, query
    assert enter("token=wrong", cookie=RIGHT["cookie"]).status == 403
    assert enter(f"token={TOKEN}", path="/events").status == 403
    assert enter(f"token={TOKEN}", method="POST", origin=RIGHT["origin"]).status == 403
    assert enter(f"token={TOKEN}", host=f"rebound.example:{PORT}").status == 403
    assert enter(f"token={TOKEN}", sec_fetch_site="cross-site").status == 403


def test_the_refusal_says_what_to_do():
    answer = finished(asked(guarded(), scope_of("GET", "/", changed(cookie=None))))
    assert "open the address that chainrule explore printed" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
def test_what_is_no_reading_must_say_where_it_comes_from(method):
    app = guarded()

    def status(**changes: Any) -> int:
        scope = scope_of(method, "/ask/session.steps", changed(**changes))
        return finished(asked(app, scope)).status

    done = 200 if method == "POST" else 405
    assert status() == done
    assert status(origin=None) == done
    assert status(sec_fetch_site=None) == done
    assert status(origin=None, sec_fetch_site=None) == 403
    assert status(origin=None, sec_fetch_site="none") == 403
    bearer = {"authorization": f"Bearer {TOKEN}", "cookie": None}
    assert status(origin=None, sec_fetch_site=None, **bearer) == done


def test_a_websocket_is_refused_like_all_else():
    app = guarded()

    def refused(headers: Headers) -> bool:
        scope = {**scope_of("GET", "/events", headers), "type": "websocket", "scheme": "ws"}
        return finished(asked(app, scope)).text.startswith("the ")

    assert all(map(refused, BAD.values()))
    assert not refused(changed())  # though there is none to open


@pytest.mark.parametrize(
    ("bound", "admitted", "refused"),
    [
        ("127.0.0.1", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"], ["10.0.0.7", "pc.lan"]),
        ("127.0.0.2", ["127.0.0.2", "localhost", "127.0.0.1"], ["10.0.0.7", "pc.lan"]),
        ("::1", ["[::1]", "localhost", "127.0.0.1"], ["[::2]", "::1"]),
        ("0.0.0.0", ["127.0.0.1", "10.0.0.7", "[fe80::1]", "localhost"], ["pc.lan", "10.0.0"]),
        ("10.0.0.7", ["10.0.0.7"], ["pc.lan", "10.0.0.7.rebound.example", "0x7f000001"]),
        ("pc.lan", ["pc.lan", "PC.lan", "10.0.0.7"], ["lan", "xpc.lan", "pc.lan.", ""]),
    ],
)
def test_names_can_be_re_pointed_and_addresses_cannot(bound, admitted, refused):
    access = Access(PORT, bound)
    assert all(access.admits(f"{host}:{PORT}") for host in admitted)
    assert not any(access.admits(f"{host}:{PORT}") for host in refused)
    assert not any(access.admits(host) for host in admitted)
    assert Access(80, bound).admits(admitted[0])  # browsers leave out port 80


def test_each_server_has_a_token_of_its_own_that_is_not_shown():
    one, other = Access(PORT), Access(PORT)
    assert one.token != other.token and len(one.token) >= 43
    assert one.token not in repr(one)
