"""What the server answers: files, questions, events; and how it ends."""

from __future__ import annotations

import gc
import json
import threading
import time
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from tests.explorer.small import small_session

from chainrule.core.errors import FileFormatError
from chainrule.explorer import questions
from chainrule.explorer.given import session_of
from chainrule.explorer.serving import page_files
from chainrule.explorer.serving.guard import HEADERS
from chainrule.explorer.serving.page_files import PageFile
from chainrule.explorer.serving.running import Server, listen
from chainrule.explorer.session import Session
from chainrule.explorer.wire import encode

FILES = {
    "/": PageFile(b"<!doctype html><title>chainrule</title>", "text/html; charset=utf-8"),
    "/explorer.js": PageFile(b"export const page = 1;", "text/javascript; charset=utf-8"),
}


@pytest.fixture(scope="module")
def session() -> Session:
    return small_session()


@pytest.fixture
def client(served, session):
    parts = urlsplit(served(session, files=FILES))
    base = f"http://{parts.netloc}"
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=30) as client:
        entered = client.get(f"/?{parts.query}")
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        cookie = entered.headers["set-cookie"]
        assert cookie.startswith(f"chainrule-{parts.port}=")
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie
        yield client


def test_files_have_their_type_and_are_sent_once(client):
    for path, file in FILES.items():
        first = client.get(path)
        assert (first.status_code, first.content) == (200, file.content)
        assert first.headers["content-type"] == file.kind
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert client.head(path).headers["content-length"] == str(len(file.content))


def test_every_answer_has_the_headers_of_safety(client):
    answers = [
        client.get("/"), client.get("/nowhere"), client.put("/"), client.get("/?token=wrong"),
        client.post("/ask/session.steps", json={}), client.post("/ask/no.such", json={}),
        client.post("/ask/session.steps", content="{"), client.head("/events"),
    ]  # fmt: skip
    assert [a.status_code for a in answers] == [200, 404, 405, 403, 200, 404, 415, 200]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, answer
        assert answer.headers["cache-control"] in ("no-store", "no-cache")
    policy = answers[0].headers["content-security-policy"]
    assert policy.startswith("default-src 'self';") and "unsafe" not in policy


def test_an_answer_is_the_bytes_of_the_question(client, session):
    params = {"step": 0, "example": "3"}
    got = client.post("/ask/session.record", json=params)
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.content == encode(questions.answer(session, "session.record", params))


def test_what_cannot_be_asked_is_said_in_words(client):
    def refused(content: str | bytes, status: int, *words: str, kind="application/json"):
        headers = {"Content-Type": kind}
        got = client.post("/ask/session.record", content=content, headers=headers)
        assert got.status_code == status
        assert all(word in got.json()["error"] for word in words), got.text

    refused('{"step": 9, "example": "0"}', 400, "there is no training step 9")
    refused('{"step": 0}', 400, "needs the parameter example")
    refused('{"step": 0, "example": 0}', 400, "must be str")
    refused('{"step": NaN, "example": "0"}', 400, "no JSON")
    refused("{", 400, "no JSON")
    refused(b"\xff\xfe", 400, "no JSON")
    refused("[" * 100_000, 400, "no JSON")
    refused("[1]", 400, "no JSON object")
    refused("{}", 415, "application/json", kind="text/plain")
    refused(b" " * 1_000_001, 413, "more than 1,000,000 bytes")


def test_a_mistake_of_ours_is_one_line_and_its_traceback_is_in_the_terminal(
    client, monkeypatch, capfd
):
    def wrong(session: Session) -> None:
        raise KeyError("z^2")

    monkeypatch.setitem(questions.QUESTIONS, "session.wrong", wrong)
    got = client.post("/ask/session.wrong", json={})
    assert got.status_code == 500
    assert got.json()["error"].startswith("session.wrong failed by a mistake in chainrule: KeyErr")
    assert "Traceback" in capfd.readouterr().err


def test_a_slow_question_holds_up_neither_others_nor_events(client, session, monkeypatch):
    go_on = threading.Event()

    def slow(session: Session) -> dict[str, bool]:
        return {"went on": go_on.wait(30)}

    monkeypatch.setitem(questions.QUESTIONS, "session.slow", slow)
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(client.post("/ask/session.slow", json={}))
    )
    asking.start()
    with client.stream("GET", "/events") as events:
        lines = events.iter_lines()
        assert next(lines) == "retry: 1000"
        assert client.post("/ask/session.steps", json={}).status_code == 200
        assert [line for _, line in zip(range(5), lines)][2:] == [
            "event: begun", "data: {}", ""
        ]  # fmt: skip
        session.tell("forgotten", {"after": 0})
        assert [line for line, _ in zip(lines, range(3))][1:] == [
            "event: forgotten", 'data: {"after":0}'
        ]  # fmt: skip
    assert not answers
    go_on.set()
    asking.join(30)
    assert answers[0].content == encode({"went on": True})


def test_the_end_cuts_off_an_answer_that_takes_too_long(monkeypatch):
    session, asked, go_on = small_session(), threading.Event(), threading.Event()

    def slow(session: Session) -> dict[str, bool]:
        asked.set()
        return {"went on": go_on.wait(60)}

    monkeypatch.setitem(questions.QUESTIONS, "session.slow", slow)
    listening = listen(port=0)
    server = Server(session, listening, FILES)
    serving = threading.Thread(target=server.until_stopped)
    serving.start()
    cut: list[BaseException] = []

    def ask() -> None:
        base = f"http://127.0.0.1:{listening.access.port}"
        cookies = {f"chainrule-{listening.access.port}": listening.access.token}
        with httpx.Client(base_url=base, headers={"Origin": base}, cookies=cookies) as client:
            try:
                client.post("/ask/session.slow", json={}, timeout=30)
            except httpx.HTTPError as error:
                cut.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert asked.wait(30)
    server.should_exit = True
    serving.join(20)
    asking.join(20)
    assert not serving.is_alive() and not asking.is_alive()
    assert [type(error) for error in cut] == [httpx.RemoteProtocolError]
    go_on.set()
    session.close()
    gc.collect()  # what was left open would warn


def test_events_tell_numbers_as_answers_do(client, session):
    with client.stream("GET", "/events") as events:
        lines = events.iter_lines()
        while next(lines) != "data: {}":
            pass
        session.tell("training", {"cost": float("nan"), "norms": np.array([1.0, np.inf])})
        data = next(line for line in lines if line.startswith("data: "))
    assert json.loads(data.removeprefix("data: ")) == {
        "cost": {"$float": "nan"}, "norms": [1.0, {"$float": "inf"}]
    }  # fmt: skip


def test_answers_and_events_name_their_edition(client, session):
    """By which a page knows that it has missed something."""

    def asked() -> str:
        answers = [client.post(f"/ask/session.{q}", json={}) for q in ("steps", "record")]
        assert [a.status_code for a in answers] == [200, 400]
        (found,) = {a.headers["chainrule-edition"] for a in answers}
        return found

    def told(lines) -> str:
        return next(line for line in lines if line.startswith("id: ")).removeprefix("id: ")

    first = asked()
    with client.stream("GET", "/events") as events:
        lines = events.iter_lines()
        assert told(lines) == asked() == first
        session.tell("steps", {"steps": (0,)})
        second = told(lines)
    assert second == asked() != first
    session.tell("steps", {"steps": (0,)})
    assert asked() not in (first, second)
    assert small_session().edition.split("-")[0] != second.split("-")[0]


def broken(x: float) -> float:
    y = x * 2
    return [y][int(x)]


def test_what_goes_wrong_in_a_user_s_function_is_told_with_its_line(served, capfd):
    session = session_of(broken, args=(3.0,))
    parts = urlsplit(served(session, files=FILES))
    bearer = {"Authorization": f"Bearer {parts.query.removeprefix('token=')}"}
    address = f"http://{parts.netloc}/ask/sweeps.lockstep"
    got = httpx.post(address, json={"function": "broken"}, headers=bearer)
    line = broken.__code__.co_firstlineno + 2
    assert got.status_code == 400
    assert got.json()["error"].startswith(f"test_server.py:{line}: ")
    assert capfd.readouterr().err == ""


def test_a_page_that_is_not_built_is_told_with_the_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(page_files.resources, "files", lambda package: tmp_path)
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("<title>its script is missing</title>")
    with pytest.raises(FileFormatError, match="npm run build"):
        page_files.page_files()
    for name in ("explorer.js", "explorer.css", "notes.md"):
        (tmp_path / "page" / name).write_text(name)
    (tmp_path / "page" / "fonts").mkdir()
    (tmp_path / "page" / "fonts" / "F.woff2").write_bytes(b"font")
    found = page_files.page_files()
    assert set(found) == {"/", "/explorer.js", "/explorer.css", "/fonts/F.woff2"}
    assert found["/fonts/F.woff2"].kind == "font/woff2"


def test_pages_that_went_away_are_told_nothing(client, session):
    for _ in range(3):
        with client.stream("GET", "/events") as events:
            lines = events.iter_lines()
            assert next(lines) == "retry: 1000"
            assert session._listeners
    end = time.monotonic() + 20
    while session._listeners:
        assert time.monotonic() < end
        time.sleep(0.005)
