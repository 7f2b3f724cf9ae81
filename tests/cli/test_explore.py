"""``chainrule explore``: what it prints, opens and saves, and that Ctrl-C ends it at once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from chainrule.explorer.place import Place
from chainrule.explorer.saved.recording import Recording
from chainrule.explorer.serving import running
from chainrule.explorer.session import Session

PATIENCE = 60.0  # seconds: a machine may be slow, and other processes have its cores
SLOW = """
import sys, time
from chainrule.explorer.questions import QUESTIONS
QUESTIONS["session.slow"] = lambda session: time.sleep(200)
from chainrule.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def entered(address: str) -> httpx.Client:
    """A client that has the cookie."""
    parts = urlsplit(address)
    base = f"http://{parts.netloc}"
    client = httpx.Client(base_url=base, headers={"Origin": base}, timeout=PATIENCE)
    assert client.get(f"/?{parts.query}").status_code == 303
    return client


@pytest.fixture
def explore(monkeypatch, cli):
    """Run the command up to where it would serve; gives its outcome, and what it would serve."""
    served: list[running.Server] = []

    def no_serving(server: running.Server) -> None:
        served.append(server)
        raise KeyboardInterrupt  # as Ctrl-C does

    monkeypatch.setattr(running.Server, "until_stopped", no_serving)
    monkeypatch.setattr(running, "_make_network", lambda session: None)

    def run(*args: object, browser: bool = False) -> tuple[Any, list[running.Server]]:
        return cli("explore", *args, *([] if browser else ["--no-browser"])), served

    return run


def test_ctrl_c_ends_it_at_once_though_pages_are_open_and_a_question_is_on_its_way(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, "explore", "--no-browser", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")},
    )  # fmt: skip
    held = ExitStack()
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert "784-30-10" in told["shows"]
        client = held.enter_context(closing(entered(told["address"])))
        assert client.get("/").status_code == 200
        request = client.build_request("POST", "/ask/session.slow", json={})
        with (
            client.stream("GET", "/events") as events,
            socket.create_connection((client.base_url.host, client.base_url.port)) as half,
        ):
            assert next(events.iter_lines()) == "retry: 1000"
            lines = "".join(f"{k}: {v}\r\n" for k, v in request.headers.items())
            half.sendall(f"POST /ask/session.slow HTTP/1.1\r\n{lines}\r\n{{}}".encode())
            assert client.post("/ask/session.steps", json={}).status_code == 200
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE)  # and not when it is answered
        assert (process.returncode, out, err) == (0, "", "")
    finally:
        held.close()
        process.kill()
        process.communicate()


def test_the_address_is_printed_with_what_it_shows(explore):
    done, (server,) = explore()
    assert (done.status, done.err) == (0, "")
    shows, address, how = done.out.splitlines()
    assert shows.startswith("shows e = (a + b)(b + 1), and the untrained network 784-30-10")
    assert address.startswith("http://127.0.0.1:8") and address.endswith("#/graph")
    assert how == "Ctrl-C ends it"
    assert server.config.timeout_graceful_shutdown == 1


def test_a_function_of_a_file_comes_before_the_essay(explore, folder, monkeypatch):
    (folder / "model.py").write_text("def loss(w, b=1.0):\n    return w * w + b\n")
    made: list[Any] = []
    monkeypatch.setattr(
        "chainrule.cli.page.Session", lambda functions: made.append(functions) or Session(functions)
    )
    explore("model.py:loss", "--input", "3.0")
    ((mine, essay),) = made
    assert (mine.name, mine.args, mine.f(3.0, 1.0)) == ("loss", (3.0, 1.0), 10.0)
    assert (mine.file, essay.name) == (str(folder / "model.py"), "essay")


def test_a_run_opens_where_its_network_is(explore, cli, npz):
    assert cli("train", npz, "--layers", "4,6,3", "--epochs", 1, "--out", "run").status == 0
    done, _ = explore("run")
    assert "shows the network 4-6-3 of run" in done.out and "#/demon" in done.out
    done, _ = explore("run", "--example", 7)
    assert "#/demon?example=7" in done.out
    done, _ = explore("run", "--at", "http://127.0.0.1:8170/#/chain?layer=2", "--example", 7)
    assert "#/chain?example=7&layer=2" in done.out


def test_a_taken_port_is_passed_over_or_told(explore):
    with running.listen().socket as taken:
        port = taken.getsockname()[1]
        explore("--port", port)[0].failed(2, f"port {port} is in use", "--port")
        done, _ = explore()
        assert done.status == 0 and f":{port}/" not in done.out
    assert f":{port}/" in explore("--port", port)[0].out


def test_all_ports_are_taken(explore, monkeypatch):
    with running.listen(port=0).socket as taken:
        monkeypatch.setattr(running, "PORT", taken.getsockname()[1])
        monkeypatch.setattr(running, "TRIED", 1)
        explore()[0].failed(2, "are in use", "--port")


def test_other_machines_are_let_in_only_on_request(explore):
    assert explore()[1][0].config.app.access.host == "127.0.0.1"
    done, servers = explore("--host", "0.0.0.0")
    assert "warning: 0.0.0.0 is open to other machines" in done.err
    assert "http://127.0.0.1:" in done.out and servers[-1].config.app.access.host == "0.0.0.0"
    explore("--host", "192.0.2.1")[0].failed(2, "cannot listen on 192.0.2.1")
    explore("--host", "no.such.host.invalid")[0].failed(2, "cannot listen on no.such.host")


def test_the_browser_is_started_with_a_ticket_and_not_with_the_token(explore, monkeypatch):
    opened: list[str] = []

    class Graphical:
        def open(self, address: str) -> None:
            opened.append(address)

    monkeypatch.setattr(webbrowser, "get", Graphical)
    done, (server,) = explore("--at", "#/chain", browser=True)
    until = time.monotonic() + PATIENCE
    while not opened and time.monotonic() < until:
        time.sleep(0.001)
    (ticket,) = parse_qs(urlsplit(opened[0]).query)["token"]
    assert opened[0].endswith("#/chain") and ticket not in done.out
    access = server.config.app.access
    assert not access.is_token(ticket)
    assert access.is_ticket(ticket) and not access.is_ticket(ticket)


def test_a_browser_of_the_terminal_is_not_started(explore, monkeypatch):
    text = webbrowser.GenericBrowser("w3m")
    monkeypatch.setattr(text, "open", lambda _: pytest.fail("it was started"))
    monkeypatch.setattr(webbrowser, "get", lambda: text)
    assert explore(browser=True)[0].status == 0

    def none() -> None:
        raise webbrowser.Error("there is none")

    monkeypatch.setattr(webbrowser, "get", none)
    assert explore(browser=True)[0].status == 0


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["nowhere"], ["nowhere"]),
        (["model.py:other"], ["no function other", "loss"]),
        (["model.py"], ["FILE.py:NAME"]),
        (["broken.py:f"], ["broken.py", "ZeroDivisionError"]),
        (["model.py:loss"], ["missing a required argument", "--input"]),
        (["--input", "1.0"], ["FILE.py:NAME"]),
        (["--example", "10000"], ["10,000 examples"]),
        (["--at", "#/nowhere"], ["no screen 'nowhere'", "graph, sweeps"]),
        (["--export", "page.txt"], ["FILE.html"]),
        (["--export", "no/such/page.html"], ["no folder no/such"]),
        (["--export", "mine.html"], ["mine.html is there", "another name"]),
    ],
)
def test_what_cannot_be_opened_is_said_in_a_line(explore, folder, args, words):
    (folder / "model.py").write_text("def loss(w):\n    return w * w\n")
    (folder / "broken.py").write_text("1 / 0\n")
    (folder / "mine.html").write_text("<title>mine</title>")
    done, servers = explore(*args)
    done.failed(done.status, *words)
    assert done.status in (1, 2) and not servers
    assert (folder / "mine.html").read_text() == "<title>mine</title>"


def test_without_the_extra_it_says_how_to_install_it(explore, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    explore()[0].failed(1, "uvicorn is not installed", "pip install 'chainrule[explore]'")


def test_an_export_says_its_size_and_what_has_no_answer(cli, monkeypatch, folder):
    def saved(session: object, file: Path, place: Place) -> Recording:
        assert str(place) == "#/demon?example=3"
        file.write_text("x" * 1_230_000)
        return Recording(str(place), {}, {"demon.curve {}": "no"}, {"chain": "no layer 7"})

    monkeypatch.setattr("chainrule.cli.page.save_page", saved)
    done = cli("explore", "--example", 3, "--export", "page.html")
    assert done.status == 0 and "page.html: 1.2 MB" in done.out
    assert "warning: chain has no answer in the file: no layer 7" in done.err
    (told,) = cli("explore", "--example", 3, "--export", "page.html", "--json").events
    assert told["file"] == "page.html" and set(told["failed"]) == {"chain", "demon.curve {}"}
