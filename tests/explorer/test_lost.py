"""A server that ends while its page is open, and one that is started in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from playwright.sync_api import Page, expect
from tests.explorer.small import reach, small_session

from chainrule.explorer.serving.guard import Access
from chainrule.explorer.serving.page_files import page_files
from chainrule.explorer.serving.running import Listening, Server, listen
from chainrule.explorer.session import Session

pytestmark = pytest.mark.server_ends

ASKING = {
    1: ".graph-choice select >> nth=0",
    2: ".sweep-choice select >> nth=0",
    3: "footer input >> nth=1",
    4: "footer input >> nth=1",
    5: ".chain-inspector input >> nth=0",
    6: ".train-controls .primary",
    7: ".digits-thumbnails button >> nth=0",
    8: ".check-controls select",
}
"""By the number of its screen, something that needs an answer."""


class Running:
    """A server, until it is ended."""

    def __init__(self, session: Session, access: Access | None = None, port: int = 0) -> None:
        self.session = session
        listening = listen(port=access.port if access else port)
        self.listening = Listening(listening.socket, access or listening.access)
        self.server = Server(session, self.listening, page_files())
        self.thread = Thread(target=self.server.until_stopped, name="server")
        self.thread.start()

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join(60)
        self.session.close()
        self.listening.socket.close()


@pytest.fixture
def start(built) -> Iterator[Callable[..., Running]]:
    """Starts a server; those that run in the end are ended."""
    running: list[Running] = []

    def one(*args, **kwargs) -> Running:
        running.append(Running(*args, **kwargs))
        return running[-1]

    yield one
    for each in running:
        each.end()


def banner(page: Page):
    return page.locator(".lost")


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def trained_to(step: int) -> Session:
    session = small_session()
    reach(session, step, session.network.params)
    return session


def test_training_does_not_seem_to_go_on_and_a_server_that_knows_the_page_is_found(start, page):
    first = start(small_session())
    page.goto(first.listening.address("#/train"))
    button(page, "Start").click()
    expect(page.locator(".train-status")).to_have_text("Training.", timeout=120_000)
    first.end()
    expect(banner(page)).to_contain_text("chainrule explore does not answer")
    expect(page.locator(".train-status")).to_contain_text("No answer")
    for name in ("Start", "One mini-batch", "Save"):
        expect(button(page, name)).to_be_disabled()
    expect(page.get_by_label("learning rate η", exact=True)).to_be_disabled()
    expect(page.locator(".train-where")).not_to_contain_text("a second")
    start(small_session(), first.listening.access)
    expect(banner(page)).to_have_count(0)
    expect(page.locator(".train-status")).to_have_text("Ready.")
    button(page, "One mini-batch").click()
    expect(page.locator(".train-where")).to_contain_text("step 1", timeout=120_000)


def test_a_server_with_another_token_is_told_from_none_and_followed(start, page):
    first = start(trained_to(7))
    page.goto(first.listening.address("#/train"))
    newest = page.locator("footer output")
    expect(newest).to_have_text("7, the newest")
    first.end()
    expect(banner(page)).to_contain_text("does not answer")
    second = start(trained_to(9), port=first.listening.access.port)
    expect(banner(page)).to_contain_text("open the address that it printed")
    expect(button(page, "Start")).to_be_disabled()
    other = page.context.new_page()
    other.goto(second.listening.address("#/graph"))
    expect(banner(page)).to_have_count(0)
    expect(newest).to_have_text("9, the newest")
    expect(button(page, "Start")).to_be_enabled()


def test_no_screen_offers_what_nobody_answers(start, page):
    running = start(small_session())
    page.goto(running.listening.address("#/graph"))
    for key, control in ASKING.items():
        page.keyboard.press(str(key))
        expect(page.locator(control)).to_be_enabled()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        expect(page.get_by_text("computing …")).to_have_count(0)
    running.end()
    expect(banner(page)).to_be_visible()
    for key, control in ASKING.items():
        page.keyboard.press(str(key))
        expect(page.locator(control)).to_be_disabled()
        expect(page.get_by_text("computing …")).to_have_count(0)
