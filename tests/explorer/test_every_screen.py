"""What must hold of every screen: it fits, axe-core finds nothing, keys reach it, one finds on.

What each screen shows is tested in a file of its own.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.explorer.small import small_session
from tests.explorer.waiting import at_rest

from chainrule.explorer.screens import SCREENS
from chainrule.explorer.session import Session

NAMES = tuple(name for name in SCREENS if name != "session")
SCRUBBERS = {
    "graph": ["position"],
    "sweeps": ["position"],
    "demon": ["training step", "example"],
    "equations": ["training step", "example", "position"],
    "chain": ["position"],
    "train": ["training step"],
    "digits": ["training step", "example"],
    "check": ["training step", "example"],
}
SMALLEST = {"width": 1024, "height": 700}
MNIST = Session()  # its network is made when a page asks for it


@pytest.fixture(scope="module")
def session() -> Session:
    return small_session()


def settled(page: Page) -> Page:
    """The page, when nothing on it is being computed any more."""
    expect(page.locator("main")).to_be_visible()
    expect(at_rest(page).get_by_text("computing …")).to_have_count(0)
    return page


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_says_what_to_do_and_axe_finds_nothing(name, served, opened, built, axe, session):
    page = opened(color_scheme="light", viewport=SMALLEST)
    page.goto(served(session, f"#/{name}"))
    said = settled(page).locator(".intro p").inner_text()
    assert 40 <= len(said) <= 330, said
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST["width"]
    for part in ("main", "aside", "header", ".scrubber", ".intro"):
        box = page.locator(part).first.evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert box[0] <= box[1], (part, box)
    assert axe(page) == []


IN_SIGHT = {
    "equations?equation=BP2": ("The equation and the difference of the cost", ".equation-row"),
    "digits": ("Outputs, and where they should be", ".digits-large"),
    "check": ("The parameter that is looked at", ".check-verdict"),
}


@pytest.mark.parametrize("place", IN_SIGHT)
def test_the_main_numbers_are_in_sight_on_the_smallest_screen(place, served, opened, built):
    page = opened(viewport=SMALLEST)
    page.goto(served(MNIST, f"#/{place}"))
    table, picture = IN_SIGHT[place]
    for part in (page.get_by_role("table", name=table), settled(page).locator(picture)):
        expect(part).to_be_visible()
        box = part.bounding_box()
        assert box["y"] + box["height"] <= page.locator("footer").bounding_box()["y"], part


@pytest.mark.parametrize(("width", "rows"), [(1024, 2), (1280, 1), (1600, 1)])
def test_the_cards_of_the_equations_leave_no_one_alone(width, rows, served, opened, built, session):
    page = opened(viewport={"width": width, "height": 800})
    page.goto(served(session, "#/equations"))
    cards = settled(page).locator(".equation-card")
    expect(cards).to_have_count(5)
    tops = [cards.nth(i).bounding_box()["y"] for i in range(5)]
    assert len(set(tops)) == rows
    assert tops[4] == tops[0]


def test_somebody_finds_the_way_from_the_first_to_the_last(served, page, session):
    page.goto(served(session))
    for i, name in enumerate(NAMES, start=1):
        expect(page.locator("nav [aria-current=page]")).to_have_attribute(
            "aria-keyshortcuts", str(i)
        )
        page.wait_for_function("name => location.hash.startsWith(`#/${name}`)", arg=name)
        following = page.locator("a.next")
        if i == len(NAMES):
            expect(following).to_have_count(0)
        else:
            following.click()


def test_number_keys_go_to_the_screens(served, page, session):
    page.goto(served(session))
    settled(page)
    for i, name in reversed(list(enumerate(NAMES, start=1))):
        page.keyboard.press(str(i))
        expect(page.locator("nav [aria-current=page]")).to_contain_text(str(i))
        page.wait_for_function("name => location.hash.startsWith(`#/${name}`)", arg=name)


def test_the_browser_goes_back_and_forth(served, page, session):
    page.goto(served(session))
    page.locator("nav a", has_text="Demon").click()
    page.locator("nav a", has_text="Chain").click()
    page.go_back()
    expect(page.locator("nav [aria-current=page]")).to_contain_text("Demon")
    page.go_back()
    expect(page.locator("nav [aria-current=page]")).to_contain_text("Graph")
    page.go_forward()
    expect(page.locator("nav [aria-current=page]")).to_contain_text("Demon")


@pytest.mark.parametrize("name", NAMES)
def test_tab_walks_through_all_of_a_screen(name, served, page, session):
    """Focus passes through all parts, is always somewhere visible, and comes out."""
    page.goto(served(session, f"#/{name}"))
    settled(page)
    seen: list[str] = []
    for _ in range(400):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => {
              const e = document.activeElement;
              if (!e || e === document.body) return "out";
              const part = e.closest("header, main, aside, footer, .intro");
              const box = e.getBoundingClientRect();
              const shown = box.width > 0 && box.height > 0;
              return `${part?.className || part?.tagName.toLowerCase() || "skip"} ${shown}`;
            }"""
        )
        if where == "out":
            break
        assert where.endswith("true"), (where, seen)
        seen.append(where.split()[0])
    else:
        pytest.fail("focus never comes out of the screen")
    assert "header" in seen


def test_each_screen_keeps_its_scrubber_when_one_comes_from_another(served, page, session):
    for name in NAMES:
        page.goto(served(session, f"#/{name}"))
        shown = page.locator("footer.scrubber label")
        expect(shown).to_have_text(SCRUBBERS[name])
        for other in ("demon", "chain"):
            page.keyboard.press(str(NAMES.index(other) + 1))
            settled(page)
            page.keyboard.press(str(NAMES.index(name) + 1))
            expect(shown).to_have_text(SCRUBBERS[name])
