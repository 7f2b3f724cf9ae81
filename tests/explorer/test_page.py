"""The page as a whole: that it opens, moves between screens, and breaks no rule of its policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.explorer.small import small_session

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
