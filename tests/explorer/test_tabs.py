"""Many tabs of one server, for which a browser has six connections; each event stream holds one."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.explorer.small import forget, reach, small_session
from tests.explorer.waiting import at_rest

from chainrule.explorer.session import Session

TABS = 8
# a browser without windows shows all of its tabs at once
SIGHT = """
let sight = "hidden";
Object.defineProperty(document, "visibilityState", {get: () => sight});
globalThis.become = (what) => {
    sight = what;
    document.dispatchEvent(new Event("visibilitychange"));
};
"""


@pytest.fixture
def session() -> Session:
    return small_session()


@pytest.fixture
def context(page: Page) -> BrowserContext:
    """A profile whose tabs are opened in the background."""
    page.context.add_init_script(SIGHT)
    return page.context


def become(tab: Page, what: str) -> None:
    tab.evaluate("(what) => become(what)", what)


def steps_of(tab: Page):
    return tab.get_by_label("training step")


def train_to(session: Session, step: int) -> None:
    reach(session, step, session.network.params)
    session.tell("steps", {"steps": session.timeline.steps})


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_eight_tabs_load_in_the_background_and_are_looked_at_in_turn(served, context, session):
    train_to(session, 10)
    tabs = [*context.pages, *(context.new_page() for _ in range(TABS - len(context.pages)))]
    for tab in tabs:
        tab.goto(served(session, "#/digits"))
    for tab in tabs:
        expect(steps_of(tab)).to_have_attribute("max", "1")
    assert session._listeners == [], "a tab that nobody looks at holds a connection"
    for i, tab in enumerate(tabs):
        train_to(session, 20 + i)  # which no tab but the one before is told of
        if i:
            become(tabs[i - 1], "hidden")
        become(tab, "visible")
        expect(steps_of(tab)).to_have_attribute("max", str(2 + i))
    train_to(session, 100)
    expect(steps_of(tabs[-1])).to_have_attribute("max", str(2 + TABS))
    until(lambda: len(session._listeners) == 1)
    become(tabs[-1], "hidden")
    become(tabs[0], "visible")
    expect(steps_of(tabs[0])).to_have_attribute("max", str(2 + TABS))
    for tab in tabs:
        expect(tab.locator(".lost")).to_have_count(0)


def test_a_tab_that_is_looked_at_again_asks_only_if_something_happened(served, context, session):
    train_to(session, 10)
    tab = context.pages[0]
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    tab.goto(served(session, "#/digits?step=0"))
    become(tab, "visible")
    until(lambda: len(session._listeners) == 1)
    expect(steps_of(tab)).to_have_attribute("max", "1")
    at_rest(tab)

    def look_away_and_back() -> None:
        become(tab, "hidden")
        until(lambda: session._listeners == [])
        asked.clear()
        become(tab, "visible")
        until(lambda: len(session._listeners) == 1)

    look_away_and_back()
    train_to(session, 20)  # told after all that the stream began with
    expect(steps_of(tab)).to_have_attribute("max", "2")
    assert "events" in asked and "session.steps" not in asked
    become(tab, "hidden")
    until(lambda: session._listeners == [])
    forget(session, 0)
    with tab.expect_request("**/ask/session.steps"):
        become(tab, "visible")
