"""The page in a browser: servers around sessions, pages in Chromium, and what axe-core finds.

    def test_the_graph_shows_its_output(served, page):
        page.goto(served(Session()))

A page whose script fails, or whose console tells an error, fails the test that opened it; that a
question was refused (400) is none, because the page shows it. Nor is it in tests with the mark
``server_ends`` that no server answers, or one that does not know the page (403).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from tests.explorer.waiting import COUNTING

from chainrule.explorer.serving.page_files import PageFile, page_files
from chainrule.explorer.serving.running import Server, listen
from chainrule.explorer.session import Session

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SIZE = {"width": 1280, "height": 800}
REFUSED = "Failed to load resource: the server responded with a status of 400"
ENDED = (
    "Failed to load resource: the server responded with a status of 403",
    "Failed to load resource: net::ERR_CONNECTION_REFUSED",
)
PATIENCE = 60_000  # milliseconds: a machine may be slow, and other processes have its cores


def skipped(why: str) -> None:
    """Skip for what is not installed; where everything must be, fail."""
    if IN_CI:
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def served() -> Iterator[Callable[..., str]]:
    """``served(session, place="")``: the address of a server around a session, the same each time.

    ``place`` is where the page opens, such as ``"#/demon?example=8"``; ``files`` a front end to
    serve in place of the built one.
    The servers run until the last test has ended.
    """
    running: dict[Session, tuple[Any, Server, Thread]] = {}

    def address(
        session: Session, place: str = "", files: Mapping[str, PageFile] | None = None
    ) -> str:
        if session not in running:
            shown = files or page_files()
            listening = listen(port=0)
            server = Server(session, listening, shown)
            thread = Thread(target=server.until_stopped, name="server")
            thread.start()
            running[session] = listening, server, thread
        return running[session][0].address(place)

    yield address
    for _, server, _ in running.values():
        server.should_exit = True
    for session, (_, _, thread) in running.items():
        thread.join(PATIENCE / 1000)
        assert not thread.is_alive(), "the server does not end"
        session.close()


@pytest.fixture(scope="session")
def built() -> None:
    """The front end, built."""
    try:
        page_files()
    except Exception as error:
        skipped(str(error))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without windows."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        skipped("there is no Chromium: apt install chromium")
    root = getattr(os, "geteuid", lambda: 1)() == 0
    flags = [*FLAGS, *(["--no-sandbox"] if root else [])]
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, headless=True, args=flags)
        yield chromium
        chromium.close()


def is_error(message: ConsoleMessage, said_by_the_page: tuple[str, ...]) -> bool:
    return message.type == "error" and not message.text.startswith(said_by_the_page)


@pytest.fixture
def opened(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """``opened(**context)``: a page in a profile of its own, whose errors fail the test.

    ``context`` are Playwright's settings: ``color_scheme="dark"``, ``reduced_motion="reduce"``.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []
    ends = request.node.get_closest_marker("server_ends")
    said = (REFUSED, *ENDED) if ends else (REFUSED,)

    def open_one(**context: Any) -> Page:
        contexts.append(browser.new_context(**{"viewport": SIZE, **context}))
        contexts[-1].add_init_script(COUNTING)
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if is_error(m, said) else None)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def page(opened: Callable[..., Page], built: None) -> Page:
    """A page 1280 pixels wide, light."""
    return opened(color_scheme="light")


LOOK = """async only => {
  const options = only ? {runOnly: only} : {};
  return (await axe.run(document, {resultTypes: ["violations"], ...options})).violations;
}"""


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """``axe(page)``: what axe-core finds wrong, in light colours and in dark ones."""
    if not AXE.is_file():
        skipped("there is no axe-core: cd web && npm ci")
    script = AXE.read_text(encoding="utf-8")

    def violations(page: Page) -> list[str]:
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(script)
        found = page.evaluate(LOOK, None)
        page.emulate_media(color_scheme="dark")
        page.locator(".cr-page[data-theme=dark]").wait_for()
        found += page.evaluate(LOOK, ["color-contrast"])
        page.emulate_media(color_scheme="light")
        page.locator(".cr-page[data-theme=light]").wait_for()
        return [
            f"{rule['id']}: {rule['help']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]

    return violations
