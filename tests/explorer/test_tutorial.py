"""``docs/tutorials/see-backpropagation.md``, followed; what it quotes is what the page says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from chainrule.explorer.session import Session

TUTORIAL = Path(__file__).parents[2] / "docs/tutorials/see-backpropagation.md"
SLOW = 60_000  # milliseconds: the first training step is made into machine code


def to_the_beginning(page: Page) -> None:
    page.get_by_role("slider", name="position").press("Home")


def three_forward(page: Page) -> None:
    for _ in range(3):
        page.get_by_role("button", name="Forward ›").click()


def to_the_end(page: Page) -> None:
    page.get_by_role("slider", name="position").press("End")


def b_becomes_3(page: Page) -> None:
    argument = page.locator("aside").get_by_label("b", exact=True)
    argument.fill("3")
    argument.press("Enter")


def following(page: Page) -> None:
    page.locator("a.next").click()


def sweep_again(page: Page) -> None:
    page.get_by_role("button", name="Sweep from the next input").click()


def paths_from_b(page: Page) -> None:
    page.get_by_role("button", name="Paths").or_(page.get_by_role("radio", name="Paths")).click()
    page.get_by_label("from").select_option(label="b")


def forty_rungs(page: Page) -> None:
    page.get_by_label("function").select_option(label="ladder: every rung doubles the paths")
    page.get_by_label("rungs").fill("40")


def output_neuron_5(page: Page) -> None:
    following(page)
    page.get_by_role("option", name="layer 2, neuron 5,").click()


def choose_bp2(page: Page) -> None:
    following(page)
    page.get_by_role("button", name="BP2").click()


def vanishing(page: Page) -> None:
    following(page)
    page.get_by_role("button", name="Vanishing").click()


def one_epoch(page: Page) -> None:
    following(page)
    page.get_by_role("button", name="One epoch").click()


def sum_in_place_of_mean(page: Page) -> None:
    page.get_by_label("sum in place of mean").check()


ACTIONS: tuple[Callable[[Page], None], ...] = (
    to_the_beginning, three_forward, to_the_end, b_becomes_3, following, sweep_again, paths_from_b,
    forty_rungs, output_neuron_5, choose_bp2, vanishing, one_epoch, following, following,
    sum_in_place_of_mean,
)  # fmt: skip


SAYS = """quote => {
  const said = document.querySelector(".cr-page").innerText;
  return said.replace(/\\s+/g, " ").includes(quote);
}"""


def test_the_page_says_what_the_tutorial_quotes(served, page):
    quotes = re.findall(r"^> (.*)$", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE)
    page.goto(served(Session(), "#/graph"))
    expect(page.get_by_text("b̄ = 3 + 2 = 5").first).to_be_visible()
    for action, quote in zip(ACTIONS, quotes, strict=True):
        action(page)
        try:
            page.wait_for_function(SAYS, arg=quote, timeout=SLOW)
        except TimeoutError:
            pytest.fail(f"after {action.__name__} the page does not say: {quote}")
