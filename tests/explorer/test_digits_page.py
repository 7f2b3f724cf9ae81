"""The screen Digits, used as a person would; what it shows against the engine's numbers."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote_plus

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.explorer.digits import digits_session, table_session
from tests.explorer.small import small_session
from tests.explorer.waiting import at_rest

import chainrule as cr
from chainrule.drawing.short import number
from chainrule.explorer.place import Place
from chainrule.explorer.questions import answer
from chainrule.explorer.saved.saved_page import save_page
from chainrule.explorer.session import Session

SMALLEST = {"width": 1024, "height": 700}
STROKE = [(0.3, 0.25), (0.7, 0.25), (0.45, 0.85)]  # a seven


@pytest.fixture(scope="module")
def session() -> Session:
    made = digits_session()
    made.record(0, "0")  # trained and compiled before anybody waits
    return made


@pytest.fixture
def at(served, page, session):
    """``at(place)``: the page there, when its example is shown."""

    def go(place: str = "#/digits", other: Session | None = None) -> Page:
        page.goto(served(other or session, place))
        expect(page.locator(".digits-verdict")).to_be_visible()
        return page

    return go


def chosen(page: Page, **expected: str) -> None:
    """Wait until the address holds these."""
    for name, value in expected.items():
        page.wait_for_function(
            "([n, v]) => new URLSearchParams(location.hash.split('?')[1]).get(n) === v",
            arg=[name, value],
        )


def in_address(page: Page, name: str) -> str:
    (value,) = parse_qs(page.url.partition("?")[2])[name]
    return value


def assert_shows(page: Page, session: Session, example: str) -> None:
    """The inspector's numbers are the engine's."""
    record = session.record(0, example)
    expect(page.locator(".digits-verdict")).to_contain_text(number(record.cost[0]))
    cells = page.locator(".digits-outputs td:nth-child(3)")
    expect(cells).to_have_text([number(a) for a in record.a[2][0]])
    said = session.network.data.classes[np.argmax(record.a[2])]
    expect(page.locator(".digits-outputs .digits-said th")).to_have_text(said)


def test_the_costliest_mistakes_and_one_of_them_chosen(at, session):
    page = at()
    worst = cr.insight.misclassified(session.network.model, session.network.data, 24)
    names = [
        f"example {i}: {y} → {k} cost {c:.3g}"
        for i, y, k, c in zip(worst.indices, worst.labels, worst.found, worst.costs)
    ]
    thumbnails = page.get_by_role("region", name="Examples").locator("li button")
    expect(thumbnails).to_have_text(names)
    expect(page.locator(".digits-summary")).to_contain_text(f"{worst.total} of 1,000")
    thumbnails.nth(2).click()
    chosen(page, example=str(worst.indices[2]))
    assert_shows(page, session, str(worst.indices[2]))
    expect(thumbnails.nth(2)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    chosen(page, example=str(worst.indices[3]))
    assert_shows(page, session, str(worst.indices[3]))
    page.get_by_role("button", name="next page").click()
    expect(page.get_by_text("page 2 of")).to_be_visible()
    page.locator("aside").get_by_role("link", name="3 Demon").click()
    page.wait_for_function("() => location.hash.startsWith('#/demon')")
    chosen(page, example=str(worst.indices[3]))
    page.go_back()
    page.locator("aside").get_by_role("link", name="1 Graph").click()
    chosen(page, example=str(worst.indices[3]), function="@network")
    expect(page.get_by_text(number(worst.costs[3])).first).to_be_visible()


def test_a_cell_of_the_confusion_matrix_chooses_by_keys(at, session):
    counts = cr.insight.confusion(session.network.model, session.network.data).counts
    page = at()
    cells = page.locator(".digits-confusion td button")
    expect(cells).to_have_text([str(n) if n else "" for n in counts.reshape(-1)])
    cells.first.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    chosen(page, was="2", said="3")
    expect(page.locator(".digits-above")).to_contain_text(f"{counts[2, 3]}, costliest first")
    expect(page.get_by_role("combobox", name="said")).to_have_value("3")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")  # on the diagonal: those that are recognised
    expect(page.locator(".digits-above")).to_contain_text(f"{counts[2, 2]}, costliest first")
    chosen(page, was="2", said="2", show="all")
    page.reload()
    expect(page.locator(".digits-above")).to_contain_text(f"{counts[2, 2]}, costliest first")
    expect(page.get_by_role("button", name="All", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.locator(".digits-confusion [aria-pressed=true]").click()
    expect(page.locator(".digits-above")).to_contain_text(
        f"{counts.sum() - np.trace(counts)}, cost"
    )
    page.get_by_role("combobox", name="digit").select_option("4")
    wrong = counts[4].sum() - counts[4, 4]
    expect(page.locator(".digits-above")).to_contain_text(f"{wrong}, costliest first")


def test_the_numbers_of_a_pixel_by_pointer_and_by_keys(at, session):
    page = at("#/digits?example=8")
    x, slope = session.network.data.test.X[8], session.record(0, "8").delta_a[0][0]
    paper = page.locator(".digits-large")
    box = paper.bounding_box()
    unit = box["width"] / 28

    def says(row: int, column: int) -> None:
        value, d = x[28 * row + column], slope[28 * row + column]
        sign = "+" if d > 0 else ""
        expect(page.locator(".digits-readout")).to_have_text(
            f"row {row}, column {column}: x = {number(value)}, ∂C/∂x = {sign}{number(d)}"
        )

    page.mouse.move(box["x"] + 15.5 * unit, box["y"] + 12.5 * unit)
    says(12, 15)
    page.mouse.click(box["x"] + 15.5 * unit, box["y"] + 12.5 * unit)
    page.mouse.move(1, 1)
    says(12, 15)
    paper.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    says(11, 14)
    page.get_by_role("button", name="∂C/∂x").click()
    chosen(page, overlay="derivative", pixel=str(28 * 11 + 14))
    page.reload()
    says(11, 14)
    page.get_by_text("Numbers: x and ∂C/∂x").click()
    row = page.locator(".digits-chosen .text-form tbody tr").nth(100)
    expect(row.locator("th, td")).to_have_text(["3, 16", number(x[100]), number(slope[100])])


def test_what_is_drawn_is_the_digit_and_the_signs_of_its_derivative(at, session):
    """Of the pixels on the canvas: ink where x is, violet where dC/dx is positive."""
    page = at("#/digits?example=8&overlay=digit&theme=light")
    middles = """canvas => {
        const data = canvas.getContext('2d').getImageData(0, 0, 224, 224).data;
        return Array.from({length: 784}, (_, i) => {
            const at = 4 * ((8 * Math.floor(i / 28) + 4) * 224 + 8 * (i % 28) + 4);
            return [data[at], data[at + 1], data[at + 2]];
        });
    }"""
    canvas = page.locator(".digits-large canvas")
    x, slope = session.network.data.test.X[8], session.record(0, "8").delta_a[0][0]
    at_rest(page)  # a canvas is painted after the page is drawn
    ink = 255 - np.array(canvas.evaluate(middles))[:, 0]
    np.testing.assert_allclose(ink, x * (255 - 0x1B), atol=1)
    page.get_by_role("button", name="∂C/∂x").click()
    at_rest(page)
    colours = np.array(canvas.evaluate(middles), float)
    strong = np.abs(slope) > 0.2 * np.abs(slope).max()
    assert strong.sum() > 5
    bluer = colours[:, 2] > colours[:, 0]
    np.testing.assert_array_equal(bluer[strong], slope[strong] > 0)


def test_weights_of_the_first_layer(at, session):
    page = at("#/digits?example=8")
    page.get_by_role("button", name="First-layer weights").click()
    found = answer(session, "digits.weights", {"step": 0, "example": "8", "order": "delta"})
    page.get_by_role("button", name="By |δ|").click()
    chosen(page, digits="weights", neurons="delta")
    neurons = page.locator(".digits-first-layer li button")
    signs = [f"{'+' if d > 0 else ''}{float(f'{d:.2g}'):.4g}" for d in found["delta"]]
    names = [f"neuron {j} δ {d}" for j, d in zip(found["neurons"], signs)]
    expect(neurons).to_have_text(names)
    neurons.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    j = found["neurons"][1]
    chosen(page, neuron=str(j))
    expect(page.get_by_role("heading", name=f"Neuron {j}:")).to_be_visible()
    page.get_by_text(f"Numbers: weights and products of neuron {j}").click()
    pixel = int(np.argmax(session.network.data.test.X[8] > 0))
    for i, row in ((pixel, page.locator(".digits-one-neuron tbody tr").nth(pixel)),):
        x = session.network.data.test.X[8, i]
        w = session.network.model.weights[0][j, i]
        texts = [f"{i // 28}, {i % 28}", number(w), number(x), number(w * x)]
        expect(row.locator("th, td")).to_have_text(texts)
    formula = page.locator(".digits-one-neuron .formula").first
    z, b = session.record(0, "8").z[1][0, j], session.network.model.biases[0][j]
    for value in (z, b):
        expect(formula).to_contain_text(re.sub("e.*", "", number(abs(value))))


def draw(page: Page, points: list[tuple[float, float]]) -> None:
    box = page.locator(".digits-pad").bounding_box()
    where = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*where[0])
    page.mouse.down()
    for x, y in where[1:]:
        page.mouse.move(x, y, steps=6)
    page.mouse.up()


AT_REST = """async () => {
    let before = "";
    for (let frames = 0; frames < 15; frames = location.hash === before ? frames + 1 : 0) {
        before = location.hash;
        await new Promise(requestAnimationFrame);
    }
}"""  # the address follows a drawing after some time


def drawn_example(page: Page, session: Session, label: int | None = None) -> str:
    """Wait until the drawing in the address is the page's example, as the engine makes it."""
    page.wait_for_function("() => location.hash.includes('ink=')")
    for _ in range(60):
        page.evaluate(AT_REST)
        asked = {"step": 0, "ink": in_address(page, "ink"), "label": label}
        example = answer(session, "digits.prepared", asked)["example"]
        if f"example={quote_plus(example)}" in page.url:
            return example
    raise AssertionError(f"the page's example is not the drawing: {page.url}")


def test_a_digit_is_drawn_with_the_mouse(at, session):
    page = at("#/digits?digits=draw&example=8")
    draw(page, STROKE)
    example = drawn_example(page, session)
    assert_shows(page, session, example)
    expect(page.locator("aside h2")).to_have_text("Your drawing")
    said = np.argmax(session.record(0, example).a[2])
    expect(page.locator(".digits-answer")).to_have_text(f"The network says {said}")
    page.get_by_label("4", exact=True).check()
    page.wait_for_function("() => location.hash.includes('shall=4')")
    assert drawn_example(page, session, 4).startswith("4:")
    assert_shows(page, session, drawn_example(page, session, 4))
    page.reload()
    assert_shows(page, session, drawn_example(page, session, 4))
    first = in_address(page, "ink")
    draw(page, [(0.35, 0.55), (0.7, 0.55)])
    page.wait_for_function("ink => !location.hash.includes(encodeURIComponent(ink))", arg=first)
    page.get_by_role("button", name="Undo").click()
    chosen(page, ink=first)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("aside h2")).to_have_text("Test example 0")
    page.get_by_role("button", name="Undo").click()
    chosen(page, ink=first)
    assert_shows(page, session, drawn_example(page, session, 4))
    page.locator("aside").get_by_role("link", name="4 Four equations").click()
    page.wait_for_function("() => location.hash.startsWith('#/equations')")
    chosen(page, example=drawn_name(first, session))


def drawn_name(ink: str, session: Session) -> str:
    asked = {"step": 0, "ink": ink, "label": 4}
    return answer(session, "digits.prepared", asked)["example"]


def test_a_digit_is_drawn_with_the_keys(at, session):
    page = at("#/digits?digits=draw")
    page.locator(".digits-pad").focus()
    for _ in range(8):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    for _ in range(14):
        page.keyboard.press("Shift+ArrowDown")
    example = drawn_example(page, session)
    assert_shows(page, session, example)
    image = session.example(example).x.reshape(28, 28)
    rows = np.flatnonzero(image.max(1))
    assert len(rows) >= 18 and np.flatnonzero(image.max(0)).size <= 6  # an upright stroke


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_table_of_features(at, task):
    session = table_session(task)
    page = at("#/digits?digits=draw&example=4", session)
    expect(page.get_by_role("button", name="Draw your own")).to_have_count(0)
    data, record = session.network.data, session.record(0, "4")
    rows = page.locator(".digits-chosen .numbers").first.locator("tbody tr")
    for i, name in enumerate(("height", "weight")):
        d = record.delta_a[0][0, i]
        x = data.test.X[4, i]
        unscaled = np.float32(x * data.scaling.scale[i] + data.scaling.shift[i])
        texts = [name, number(unscaled), number(x), ("+" if d > 0 else "") + number(d)]
        expect(rows.nth(i).locator("th, td")).to_have_text(texts)
    costs = session.network.model.record(data.test.X, data.test.Y, keep="cost").cost
    if task == "classification":
        page.get_by_role("button", name="All", exact=True).click()
        expect(page.locator(".digits-confusion")).to_be_visible()
    worst = page.locator(".digits-thumbnails button").first
    expect(worst).to_contain_text(number(float(f"{costs.max():.3g}")))
    worst.click()
    chosen(page, example=str(np.argmax(costs)))
    expect(page.locator(".digits-verdict")).to_contain_text(number(costs.max()))


def test_an_untrained_network_says_that_it_is(at, session):
    expect(at().locator(".digits-untrained")).to_have_count(0)
    page = at(other=small_session())
    expect(page.locator(".digits-untrained")).to_contain_text("learned nothing yet")
    page.locator(".digits-untrained").get_by_role("link", name="6 Train").click()
    page.wait_for_function("() => location.hash.startsWith('#/train')")


def test_a_saved_page_shows_what_it_holds_and_draws_nothing(built, opened, tmp_path):
    session, file = small_session(), tmp_path / "digits.html"
    save_page(session, file, Place("digits", {"example": "8", "was": "1", "show": "all"}))
    page = opened(offline=True)
    page.goto(file.as_uri())
    assert_shows(page, session, "8")
    expect(page.locator(".digits-thumbnails button").first).to_be_disabled()
    expect(page.get_by_role("button", name="Draw your own")).to_be_disabled()
    page.get_by_role("button", name="First-layer weights").click()
    page.get_by_role("button", name="neuron 4 ").click()
    expect(page.get_by_role("heading", name="Neuron 4:")).to_be_visible()
    expect(page.locator(".problem")).to_have_count(0)


def test_axe_finds_nothing_in_any_view(served, opened, built, axe, session):
    page = opened(color_scheme="light", viewport=SMALLEST)
    for place, sign, other in (
        ("#/digits?was=2&said=3", ".digits-thumbnails", session),
        ("#/digits?digits=weights&neuron=3", ".digits-one-neuron", session),
        ("#/digits?digits=draw&ink=D/8=", ".digits-pad", session),
        ("#/digits?example=4", ".digits-chosen .numbers", table_session("classification")),
        ("#/digits?example=4", ".digits-chosen .numbers", table_session("regression")),
    ):
        page.goto(served(other, place))
        expect(page.locator(sign)).to_be_visible()
        expect(page.locator(".digits-verdict")).to_be_visible()
        for part in ("html", "main", "aside"):
            box = page.locator(part).evaluate("e => [e.scrollWidth, e.clientWidth]")
            assert box[0] <= box[1], (place, part)
        assert axe(page) == [], place
