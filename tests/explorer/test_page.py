"""The page as a whole: that it opens, moves between screens, and breaks no rule of its policy."""

from __future__ import annotations

from threading import Thread

import pytest
from playwright.sync_api import expect
from tests.explorer.small import reach, small_session

from chainrule.explorer.serving.page_files import page_files
from chainrule.explorer.serving.running import Server, listen
from chainrule.explorer.session import Session


@pytest.fixture(scope="module")
def session() -> Session:
    return small_session()


def test_the_page_opens_and_the_address_shows_no_token(served, page, session):
    page.goto(served(session, "#/digits"))
    expect(page.locator("[aria-current=page]")).to_contain_text("Digits")
    assert "token" not in page.url and page.url.endswith("/#/digits")
    page.reload()
    expect(page.locator("[aria-current=page]")).to_contain_text("Digits")


def test_the_moment_is_saved_from_the_page(served, page, session, tmp_path):
    """What was trained is in no other file than this one."""
    reach(session, 40, session.network.params)
    page.goto(served(session, "#/digits?example=2&step=40"))
    with page.expect_download() as found:
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Save")).to_have_text("Save")
    assert found.value.suggested_filename == "chainrule-digits.html"
    file = tmp_path / "page.html"
    found.value.save_as(file)
    page.goto(file.as_uri())
    expect(page.locator(".badge")).to_have_text("saved moment")
    expect(page.get_by_label("training step")).to_have_value("1")


def test_what_cannot_be_saved_is_said(served, page, session):
    page.goto(served(session, "#/digits?example=99"))
    page.get_by_role("button", name="Save").click()
    expect(page.locator("header [role=alert]")).to_contain_text("15 examples")
    page.goto(served(session, "#/digits?example=3"))


def test_the_events_of_a_session_reach_the_page(served, page, session):
    page.goto(served(session, "#/digits"))
    steps = page.get_by_label("training step")
    expect(steps).to_be_visible()
    reach(session, 80, session.network.params)
    session.tell("steps", {"steps": session.timeline.steps})
    expect(steps).to_have_attribute("max", str(len(session.timeline.steps) - 1))


@pytest.mark.server_ends
def test_the_end_of_the_server_is_said(page):
    """A page that stays open says so on every screen, and what it shows stays."""
    session = small_session()
    listening = listen(port=0)
    server = Server(session, listening, page_files())
    thread = Thread(target=server.until_stopped, name="server")
    thread.start()
    try:
        page.goto(listening.address("#/demon"))
        neuron = page.get_by_role("spinbutton", name="neuron")
        expect(neuron).to_be_visible()
        expect(page.get_by_label("The nudge", exact=True)).to_have_attribute("aria-busy", "false")
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        expect(page.locator(".lost")).to_have_count(0)
    finally:
        server.should_exit = True
        thread.join(60)
        session.close()
    assert not thread.is_alive()
    expect(page.locator(".lost")).to_contain_text("does not answer")
    expect(neuron).to_be_visible()
    page.goto("about:blank")
