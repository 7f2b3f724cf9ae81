"""The screen "Demon" as a person uses it: the numbers that it shows are the engine's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.explorer.small import small_session

import chainrule as cr
from chainrule.drawing.short import number
from chainrule.explorer.place import Place
from chainrule.explorer.saved.saved_page import save_page
from chainrule.explorer.session import Session

EXAMPLE = "4"


@pytest.fixture(scope="module")
def session() -> Session:
    return small_session()


@pytest.fixture
def demon(served: Callable[..., str], page: Page, session: Session) -> Callable[..., Page]:
    """``demon("layer=1&neuron=3")``: the page at a place of the screen."""

    def opened(place: str = "") -> Page:
        page.goto(served(session, f"#/demon?example={EXAMPLE}&{place}"))
        settled(page)
        return page

    return opened


def settled(page: Page) -> None:
    """Wait until what is shown answers what is chosen."""
    expect(page.get_by_label("The nudge", exact=True)).to_have_attribute("aria-busy", "false")


def nudge(session: Session, **chosen: Any) -> Any:
    example = session.example(EXAMPLE)
    return cr.insight.nudge(session.network.model, example.x, example.y, **chosen)


def signed(x: float) -> str:
    text = number(float(np.float32(x)))
    return f"+{text}" if x > 0 else text


def shows(page: Page, found: Any) -> None:
    """The page shows the numbers of a nudge by one dz."""
    for key in ("predicted", "real", "gap"):
        expect(page.locator(f"[data-number={key}]")).to_have_text(
            signed(float(getattr(found, key)))
        )
    expect(page.locator("[data-number=cost]")).to_have_text(number(np.float32(found.curve)))


def slider(page: Page, name: str = "dz") -> Any:
    return page.get_by_role("slider", name=name, exact=True)


def neuron(page: Page, layer: int, j: int) -> Any:
    return page.get_by_role("option", name=re.compile(rf"layer {layer}, neuron {j},"))


def test_a_neuron_is_picked_by_a_click_and_by_keys(demon, session):
    page = demon()
    neuron(page, 1, 3).click()
    settled(page)
    shows(page, nudge(session, layer=1, neuron=3, dz=1))
    record = session.record(0, EXAMPLE)
    name = neuron(page, 1, 3).get_attribute("aria-label")
    assert name == ", ".join(
        ["layer 1, neuron 3"]
        + [
            f"{symbol} {number(values[1][0, 3])}"
            for symbol, values in (
                ("z", record.z), ("a", record.a), ("δ", record.delta), ("∂C/∂a", record.delta_a)
            )
        ]
    )  # fmt: skip
    page.keyboard.press("ArrowDown")
    expect(neuron(page, 1, 4)).to_be_focused()
    shows(page, nudge(session, layer=1, neuron=4, dz=1))
    page.keyboard.press("ArrowRight")
    focused = page.locator("[role=option]:focus")
    expect(focused).to_have_attribute("aria-label", re.compile("layer 2, neuron 2"))
    shows(page, nudge(session, layer=2, neuron=2, dz=1))
    expect(page).to_have_url(re.compile("layer=2&neuron=2"))
    page.reload()
    settled(page)
    shows(page, nudge(session, layer=2, neuron=2, dz=1))


def test_it_opens_at_the_largest_error_of_each_example_until_a_neuron_is_named(
    served, page, session
):
    def largest(example: str, layer: int | None = None) -> tuple[int, int]:
        found = session.example(example)
        ranks = cr.insight.rank(session.network.model, found.x, found.y, layer=layer)
        return int(ranks.layer[0]), int(ranks.neuron[0])

    def stands_at(layer: int, j: int) -> None:
        expect(page.locator("aside").get_by_label("layer", exact=True)).to_have_value(str(layer))
        expect(page.locator("aside").get_by_label("neuron", exact=True)).to_have_value(str(j))
        expect(neuron(page, layer, j)).to_have_attribute("aria-selected", "true")
        expect(page.locator(".chosen-number")).to_contain_text(f"z{layer}{j} =")
        settled(page)

    assert len({largest(str(i)) for i in range(3)}) > 1
    page.goto(served(session, "#/demon"))
    for example in ("0", "1", "2"):
        stands_at(*largest(example))
        slider(page, "example").press("ArrowRight")
    slider(page, "example").press("Home")
    page.locator("aside").get_by_label("layer", exact=True).fill("1")
    page.keyboard.press("Enter")
    stands_at(*largest("0", layer=1))
    expect(page).not_to_have_url(re.compile("neuron="))
    page.locator("aside").get_by_label("neuron", exact=True).fill("0")
    page.keyboard.press("Enter")
    for _ in range(3):
        stands_at(1, 0)
        slider(page, "example").press("ArrowRight")


def test_the_slider_is_dragged_with_the_mouse(demon, session):
    page = demon("layer=1&neuron=3")
    box = slider(page).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.74, y)  # where the thumb of +1 is
    page.mouse.down()
    for part in (0.6, 0.4, 0.2):
        page.mouse.move(box["x"] + box["width"] * part, y)
        position = int(slider(page).input_value())
        shows(page, nudge(session, layer=1, neuron=3, dz=(position - 100) * 0.02))
    page.mouse.up()
    assert position < 60
    expect(page).to_have_url(re.compile(rf"dz=-{(100 - position) / 50:g}&"))


def test_dz_is_dragged_in_the_curve_and_moved_by_keys(demon, session):
    page = demon("layer=2&neuron=1&reach=0.5")
    curve = slider(page, "dz in the curve")
    box = curve.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], box["y"] + 40)
    page.mouse.up()
    expect(curve).to_have_attribute("aria-valuenow", "0.5")
    shows(page, nudge(session, layer=2, neuron=1, dz=0.5))
    curve.press("ArrowLeft")
    shows(page, nudge(session, layer=2, neuron=1, dz=0.495))
    curve.press("Home")
    shows(page, nudge(session, layer=2, neuron=1, dz=-0.5))
    slider(page).press("ArrowRight")
    shows(page, nudge(session, layer=2, neuron=1, dz=-0.495))
    page.get_by_label("up to ±").select_option("10")
    settled(page)
    slider(page).press("PageUp")
    position = int(slider(page).input_value())
    shows(page, nudge(session, layer=2, neuron=1, dz=(position - 100) / 10))


def test_the_numbers_of_the_curve_are_there_as_text(demon, session):
    page = demon("layer=1&neuron=2")
    page.get_by_text("Numbers: cost C along dz").click()
    rows = page.get_by_role("region", name="cost C along dz").locator("tbody tr")
    expect(rows).to_have_count(200)
    found = nudge(session, layer=1, neuron=2, dz=-2)
    cells = [found.dz, found.predicted, found.real, found.gap, found.curve]
    expect(rows.first).to_have_text("".join(number(np.float32(x)) for x in cells))


def test_a_weight_a_bias_and_a_pixel(demon, session):
    page = demon("layer=2&neuron=1")
    kind = page.get_by_label("what is moved")
    kind.select_option(label="a bias b")
    settled(page)
    shows(page, nudge(session, layer=2, bias=1, dz=1))
    kind.select_option(label="a weight w")
    source = page.get_by_label("from neuron of layer 1")
    expect(source).to_be_visible()
    settled(page)
    shows(page, nudge(session, layer=2, weight=(1, int(source.input_value())), dz=1))
    source.fill("0")
    source.press("Tab")
    settled(page)
    shows(page, nudge(session, layer=2, weight=(1, 0), dz=1))
    kind.select_option(label="an input x")
    pixel = page.get_by_label("input", exact=True)
    expect(pixel).to_be_visible()
    settled(page)
    shows(page, nudge(session, input=int(pixel.input_value()), dz=1))
    expect(page.get_by_text("dC = dC/da")).to_be_visible()
    neuron(page, 1, 0).click()  # back to a weighted input
    settled(page)
    shows(page, nudge(session, layer=1, neuron=0, dz=1))


def test_what_the_network_says_before_and_after(demon, session):
    page = demon("layer=2&neuron=1&dz=2")
    example, model = session.example(EXAMPLE), session.network.model
    cascade = cr.insight.cascade(model, example.x, example.y, layer=2, neuron=1, dz=2)
    before = model.feedforward(example.x)[0]
    after = before + cascade.steps[-2].real
    table = page.get_by_role("table", name="outputs before and after")
    row = table.locator("tbody tr").nth(1)
    expect(row).to_have_text(f"right{before[1]:.3g}{after[1]:.3g}{after[1] - before[1]:+.3g}")
    chain = page.get_by_role("table", name="the cascade").locator("tbody tr")
    expect(chain).to_have_count(len(cascade.steps))
    expect(chain.last).to_contain_text(f"{cascade.steps[-1].real[0]:+.3g}")


def test_a_drag_answers_at_once(demon, session):
    """From the input event to the frame that shows its numbers: they are there already.

    The bound is for a machine that is slow and busy; what bounds it anywhere is that nothing but
    the cascade is asked.
    """
    page = demon("layer=1&neuron=3")
    page.evaluate(WATCH)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("/ask/")[2]))
    box = slider(page).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    page.mouse.down()
    for i in range(60):
        page.mouse.move(box["x"] + box["width"] * (0.05 + 0.9 * i / 60), y)
    page.mouse.up()
    page.wait_for_function("() => window.painted.length && !window.waiting.length")
    painted = page.evaluate("window.painted")
    found = nudge(session, layer=1, neuron=3, dz=np.arange(-100, 101) * 0.02)
    assert len(painted) > 30
    assert set(asked) <= {"demon.cascade", ""}  # "" is what is no question
    for _, position, text in painted:
        assert text == signed(found.real[int(position)])
    assert np.median([ms for ms, _, _ in painted]) < 250


WATCH = """() => {
  window.painted = [];
  const input = document.querySelector('.nudge input[type=range]');
  const after = new MessageChannel();
  const waiting = window.waiting = [];
  after.port1.onmessage = () => {
    const began = waiting.shift();
    const shown = document.querySelector('[data-number=real]').textContent;
    window.painted.push([performance.now() - began, input.value, shown]);
  };
  input.addEventListener('input', (event) => {
    waiting.push(event.timeStamp);
    requestAnimationFrame(() => after.port2.postMessage(null));
  });
}"""


def test_the_game_is_played(served, page, session):
    page.goto(served(session, f"#/demon?example={EXAMPLE}&game=1"))
    expect(neuron(page, 1, 0)).to_be_visible()
    assert page.get_by_text("δ -").count() == 0  # what would give it away is hidden
    example = session.example(EXAMPLE)
    ranks = cr.insight.rank(session.network.model, example.x, example.y)
    j = next(j for n, j in zip(ranks.layer, ranks.neuron, strict=True) if n == 1)
    found = nudge(session, layer=1, neuron=int(j), dz=[0.1, -0.1])
    up = found.real[0] < 0
    neuron(page, 1, j).click()
    page.get_by_role("button", name="up by" if up else "down by").click()
    result = page.get_by_label("Result of your move")
    expect(result).to_contain_text(f"C fell by {number(-min(found.real))}.")
    rank = ranks.rank_of(1, j)
    ending = {1: "st", 2: "nd", 3: "rd"}.get(rank, "th")
    expect(result).to_contain_text(f"Your neuron is {rank}{ending} of 8 by |δ|")
    expect(result).to_contain_text(f"layer {ranks.layer[0]}, neuron {ranks.neuron[0]}")
    points = round(100 * float(min(found.real) / np.min(ranks.real)))
    expect(result).to_contain_text(f"{points} of 100 points")
    table = page.get_by_role("table", name="neurons by the size of their errors")
    expect(table.locator("tbody tr").first).to_contain_text(f"{ranks.delta[0]:+.3g}")
    expect(page).to_have_url(re.compile(r"moves=1\."))
    page.reload()
    expect(page.get_by_label("Result of your move")).to_contain_text(f"{points} of 100 points")
    page.get_by_role("button", name="Next example").click()
    expect(page.get_by_text("Round 2 of 5.")).to_be_visible()


def test_the_wrong_direction_has_no_points_and_five_rounds_are_a_game(served, page, session):
    page.goto(served(session, f"#/demon?example={EXAMPLE}&game=1&seen=1"))
    total = 0
    for i in range(5):
        example = session.example(str(int(EXAMPLE) + i))
        ranks = cr.insight.rank(session.network.model, example.x, example.y)
        layer, j, delta = int(ranks.layer[0]), int(ranks.neuron[0]), ranks.delta[0]
        expect(page.get_by_text(f"Round {i + 1} of 5.")).to_be_visible()
        expect(neuron(page, layer, j)).to_have_attribute(
            "aria-label", re.compile(re.escape(f"δ {number(np.float32(delta))}"))
        )  # which the easy game shows
        neuron(page, layer, j).click()
        wrong = i == 0
        page.get_by_role("button", name="up by" if (delta < 0) != wrong else "down by").click()
        result = page.get_by_label("Result of your move")
        expect(result).to_contain_text("C rose by" if wrong else "C fell by")
        total += 0 if wrong else 100
        expect(
            page.get_by_role("heading", name=f"Score: {total} of {100 * (i + 1)}")
        ).to_be_visible()
        page.get_by_role("button", name="New game" if i == 4 else "Next example").click()
    expect(page.get_by_text("Round 1 of 5.")).to_be_visible()
    expect(page.get_by_role("heading", name="Score: 0 of 100")).to_be_visible()


def test_axe_finds_nothing(served, opened, axe, built, session):
    page = opened(color_scheme="light", viewport={"width": 1024, "height": 700})
    page.goto(served(session, f"#/demon?example={EXAMPLE}&layer=1&neuron=3"))
    settled(page)
    page.get_by_text("Numbers: all neurons").click()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Play the game").click()
    page.get_by_role("button", name="up by").click()
    expect(page.get_by_label("Result of your move")).to_contain_text("points")
    assert axe(page) == []


def test_a_saved_moment_can_be_played_with(opened, built, session, tmp_path):
    file = tmp_path / "moment.html"
    chosen = {"example": EXAMPLE, "layer": "1", "neuron": "3", "dz": "-1.5"}
    save_page(session, file, Place("demon", chosen))
    page = opened(offline=True)
    page.goto(file.as_uri())
    settled(page)
    shows(page, nudge(session, layer=1, neuron=3, dz=-1.5))
    neuron(page, 2, 1).click()  # all neurons are in it, as they are few
    settled(page)
    slider(page).press("Home")
    shows(page, nudge(session, layer=2, neuron=1, dz=-2))
    expect(page.get_by_text("is not in this file")).to_be_visible()
    page.get_by_role("button", name="Play the game").click()
    page.get_by_role("button", name="down by").click()
    real = nudge(session, layer=2, neuron=1, dz=-0.1).real
    said = f"C {'fell' if real < 0 else 'rose'} by {number(abs(float(real)))}."
    expect(page.get_by_label("Result of your move")).to_contain_text(said)
    page.get_by_role("button", name="Next example").click()
    page.get_by_role("button", name="up by").click()
    expect(page.get_by_label("Result of your move")).to_contain_text("of 100 points")


def test_the_change_is_seen_on_its_way(demon, session):
    page = demon("layer=1&neuron=3&dz=2")
    page.get_by_role("combobox", name="colour").select_option(label="change da")
    example = session.example(EXAMPLE)
    cascade = cr.insight.cascade(
        session.network.model, example.x, example.y, layer=1, neuron=3, dz=2
    )
    reals = {step.name: step.real for step in cascade.steps}
    for name, layer, j in (("da[1]", 1, 3), ("da[2]", 2, 0)):
        shown = neuron(page, layer, j)
        expect(shown).to_have_attribute("aria-label", re.compile(r", da -?[0-9.e-]+"))
        label = shown.get_attribute("aria-label").split(", da ")[1].split(",")[0]
        assert float(label) == pytest.approx(reals[name][j], rel=1e-3)
