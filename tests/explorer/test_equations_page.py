"""The screen "Four equations" in a browser: what it shows is what the engine computes."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.explorer.small import small_session
from tests.explorer.waiting import at_rest

from chainrule.drawing.short import number
from chainrule.explorer.place import place_of
from chainrule.explorer.questions import answer
from chainrule.explorer.saved.saved_page import save_page

AT = {"step": 0, "example": "2"}
SIZES = (16, 6, 5, 3)
# How many pixels of a canvas have the colour of what is lit, by 16 rows and by columns of a cell
LIT = """(canvas, [left, top, width, height]) => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const rows = {}, columns = {};
    for (let y = top; y < canvas.height; y++) for (let x = left; x < canvas.width; x++) {
        const at = 4 * (y * canvas.width + x);
        if (data[at] !== 201 || data[at + 1] !== 138 || data[at + 2] !== 0) continue;
        const [i, j] = [Math.floor((y - top) / height), Math.floor((x - left) / width)];
        rows[i] = (rows[i] ?? 0) + 1;
        columns[j] = (columns[j] ?? 0) + 1;
    }
    return [rows, columns];
}"""


@pytest.fixture(scope="module")
def session():
    return small_session(sizes=SIZES, seed=3)


@pytest.fixture(scope="module")
def choosing():
    return small_session(sizes=(16, 6, 3), seed=3, activation=["tanh", "softmax"],
                         cost="log-likelihood")  # fmt: skip


@pytest.fixture
def at(served, page, session):
    """Open the screen at an equation and, if one is given, at a layer."""

    def go(equation: str, of=session, **params) -> Page:
        given = "".join(f"&{name}={value}" for name, value in params.items())
        page.goto(served(of, f"#/equations?example=2&equation={equation}{given}"))
        expect(page.get_by_role("grid").first).to_be_visible()
        return page

    return go


def grid(page: Page, label: str) -> Locator:
    return page.get_by_role("grid", name=label, exact=True)


def cell(page: Page, label: str, row: int, column: int = 0) -> Locator:
    row_of = grid(page, label).locator(f'[role=row][aria-rowindex="{row + 1}"]')
    return row_of.locator(f'[aria-colindex="{column + 1}"]')


def raised(text: str) -> str:
    """Layers as they stand on the page: δ^3 as δ³."""
    return re.sub(r"\^(\d)", lambda found: "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(found[1])], text)


def shows(page: Page, session, label: str, layer: int, row: int, column: int = 0) -> None:
    """The inspector has the entry, its line, its terms and its check, as the engine has them."""
    where = {"label": label, "layer": layer, "row": row, "column": column}
    found = answer(session, "equations.entry", {**AT, **where})
    aside = page.locator("aside")
    expect(aside.locator("h2").first).to_have_text(raised(found["name"]))
    line = "" if found["terms"] == number(found["value"]) else f" = {found['terms']}"
    expect(aside.locator(".entry-line").first).to_have_text(
        raised(f"{found['name']}{line} = {number(found['value'])}")
    )
    check = aside.get_by_role("table", name="The equation and the difference of the cost")
    numbers = [number(found[k]) for k in ("value", "difference", "gap")]
    expect(check.locator("tbody td")).to_have_text(numbers)
    if label == "BP2":
        expect(aside.locator(".entry-line").nth(1)).to_have_text(raised(found["sum"]))
        terms = found["terms_of_sum"]
        listed = aside.get_by_role("table", name="What comes back from layer")
        for i, j in enumerate(terms["neuron"][:8]):
            columns = [number(np.float32(terms[k][i])) for k in ("weight", "error", "product")]
            expect(listed.locator("tbody tr").nth(i)).to_have_text(f"{j}{''.join(columns)}")


def vector(page: Page, label: str, numbers) -> None:
    """A column shows all of these numbers, in as many digits as its cells have room for."""
    cells = grid(page, label).get_by_role("gridcell")
    expect(cells).to_have_count(len(numbers))
    for text, x in zip(cells.all_inner_texts(), numbers, strict=True):
        assert text in {number(float(f"{x:.{n}g}")) for n in (1, 2, 3)}, (label, text, x)


def test_output_error(at, session):
    page = at("BP1")
    record = session.record(0, "2")
    vector(page, "∂C/∂a of layer 3", record.delta_a[3][0])
    vector(page, "σ′(z) of layer 3", record.a[3][0] * (1 - record.a[3][0]))
    vector(page, "δ of layer 3", record.delta[3][0])
    for row in (0, 2, 1):
        cell(page, "δ of layer 3", row).hover()
        shows(page, session, "BP1", 3, row)
    cell(page, "∂C/∂a of layer 3", 2).hover()
    shows(page, session, "BP1", 3, 2)
    expect(page.locator(".equation-heading")).to_contain_text("for this network:")


@pytest.mark.parametrize("layer", [1, 2])
def test_error_of_a_hidden_layer(at, session, layer):
    page = at("BP2", layer=layer)
    record, net = session.record(0, "2"), session.network.model
    after, label = layer + 1, f"δ of layer {layer}"
    vector(page, label, record.delta[layer][0])
    vector(page, f"δ of layer {after}", record.delta[after][0])
    turned = f"W of layer {after}, transposed"
    vector(page, turned, net.weights[after - 1].T.ravel())
    for row in (SIZES[layer] - 1, 0):
        cell(page, label, row).hover()
        shows(page, session, "BP2", layer, row)
    cell(page, turned, 2, 1).hover()
    shows(page, session, "BP2", layer, 2)
    expect(page.locator("aside tr[aria-current] th")).to_have_text("1")


def test_a_cell_lights_its_row_and_its_column(at):
    page = at("BP2", layer=2)
    turned = "W of layer 3, transposed"
    cell(page, turned, 3, 1).hover()
    expect(page.locator("aside tr[aria-current]")).to_have_count(1)
    canvas = page.locator(".matrix").filter(has=grid(page, turned)).locator("canvas")
    box = cell(page, turned, 3, 1).evaluate(
        "e => [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight]"
    )
    first = [30, 16, box[2], box[3]]
    at_rest(page)  # a canvas is painted after the page is drawn
    rows, columns = canvas.evaluate(LIT, first)
    assert max(rows, key=rows.get) == "3" and max(columns, key=columns.get) in {"0", "1"}
    assert rows["3"] > 3 * box[2]
    assert sum(columns.values()) > 2 * (3 * box[2] + 5 * box[3])


def test_gradients_of_biases_and_weights(at, session):
    page = at("BP3", layer=2)
    record = session.record(0, "2")
    vector(page, "∂C/∂b of layer 2", record.delta[2][0])
    cell(page, "∂C/∂b of layer 2", 3).hover()
    shows(page, session, "BP3", 2, 3)
    page.get_by_role("button", name="BP4").click()
    page.locator(".equation-heading select").select_option("2")
    vector(page, "∂C/∂W of layer 2", np.outer(record.delta[2][0], record.a[1][0]).ravel())
    vector(page, "a of layer 1, as a row", record.a[1][0])
    for row, column in ((0, 5), (4, 1), (2, 3)):
        cell(page, "∂C/∂W of layer 2", row, column).hover()
        shows(page, session, "BP4", 2, row, column)
    cell(page, "a of layer 1, as a row", 0, 2).click()
    page.mouse.move(0, 0)
    expect(page.locator("aside h2").first).to_contain_text(re.compile(r", 2\]$"))


def test_the_cursor_moves_by_keys_where_cells_are_colours(at, session):
    page = at("BP4", layer=1)
    label = "∂C/∂W of layer 1"
    active = grid(page, label).get_by_role("gridcell")
    expect(active).to_have_count(1)
    active.focus()
    for keys, row, column in (
        ("Control+Home", 0, 0), ("ArrowDown", 1, 0), ("End", 1, 15), ("ArrowLeft", 1, 14),
        ("Home", 1, 0), ("PageDown", 5, 0), ("Control+End", 5, 15), ("ArrowUp", 4, 15),
    ):  # fmt: skip
        page.keyboard.press(keys)
        expect(active).to_be_focused()
        expect(active).to_have_attribute("aria-rowindex", str(row + 1))
        expect(active).to_have_attribute("aria-colindex", str(column + 1))
    record = session.record(0, "2")
    said = f"neuron of layer 1 4, input 15: {number(record.nabla_w[1][4, 15])}"
    expect(active).to_have_attribute("aria-label", said)
    shows(page, session, "BP4", 1, 4, 15)
    page.wait_for_function(
        "() => location.hash.includes('input=15') && location.hash.includes('neuron=4')"
    )
    page.reload()
    shows(page, session, "BP4", 1, 4, 15)


def test_a_large_layer_shows_a_part(served, page):
    large = small_session(sizes=(16, 300, 120, 3), seed=1)
    page.goto(served(large, "#/equations?example=2&equation=BP2&layer=1&neuron=3"))
    label = "W of layer 2, transposed"
    figure = page.locator(".matrix").filter(has=grid(page, label))
    part = figure.locator(".matrix-part")
    fits = page.locator("main").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert fits
    expect(part).to_contain_text(re.compile(r"^rows 0 to \d+ of 300, columns 0 to \d+ of 120$"))
    grid(page, label).hover(position={"x": 30 + 60 * 6 + 3, "y": 16 + 2 * 16 + 5})
    other = page.locator(".matrix").filter(has=grid(page, "δ of layer 2")).locator(".matrix-part")
    expect(other).to_have_text(re.compile(r"^4\d to 7\d of 120$"))
    expect(part).to_contain_text("columns 0 to")  # nothing moves under the pointer
    errors = grid(page, "δ of layer 1")
    errors.get_by_role("gridcell", selected=True).focus()
    page.keyboard.press("End")
    expect(part).to_contain_text("to 299 of 300")
    shows(page, large, "BP2", 1, 299)
    expect(page.locator("aside")).to_contain_text("and 112 more")
    figure.locator(".matrix-view").evaluate("e => { e.scrollTop = 0; }")
    expect(part).to_contain_text("rows 0 to")
    expect(cell(page, "δ of layer 1", 0)).to_be_visible()


def test_what_the_sweep_has_not_come_to_is_empty(at, session):
    page = at("BP1")
    back, forward = (page.get_by_role("button", name=name) for name in ("‹ Back", "Forward ›"))
    label = "∂C/∂W of layer 1"
    back.click()
    expect(page.locator(".equation-heading h2")).to_have_text("BP3")
    page.get_by_role("button", name="BP4").click()
    expect(page.get_by_text("is not computed yet")).to_be_visible()
    unseen = grid(page, label).get_by_role("gridcell")
    expect(unseen).to_have_attribute("aria-label", re.compile("not computed yet$"))
    expect(page.locator("aside")).to_contain_text("Not computed yet")
    expect(page.locator("main summary", has_text="∂C/∂W")).to_have_count(0)
    forward.click()
    expect(page.get_by_text("is not computed yet")).to_have_count(0)
    expect(page.locator(".equation-heading h2")).to_have_text("BP4")
    for _ in range(8):
        back.click()
    expect(page.locator(".equation-heading h2")).to_have_text("BP1")
    expect(page.locator(".scrubber")).to_contain_text("1 of 9: δ³")
    page.get_by_role("button", name="BP2").click()
    vector(page, "δ of layer 3", session.record(0, "2").delta[3][0])
    empty = [""] * session.record(0, "2").delta[2].shape[1]
    expect(grid(page, "δ of layer 2").get_by_role("gridcell")).to_have_text(empty)


def test_two_costs(at, session):
    page = at("BP1")
    page.get_by_role("button", name="Two costs").click()
    slower = answer(session, "equations.forms", AT)["slower"]
    params = {**AT, "neuron": slower, "z": None, "target": None}
    both = answer(session, "equations.costs", params)
    for cost in both["costs"]:
        vector(page, f"δ, {cost['name']} cost", cost["delta"])
        vector(page, f"∂C/∂a, {cost['name']} cost", cost["delta_a"])
    cell(page, "δ, quadratic cost", 1).click()
    slider = page.get_by_label("z of output neuron 1")
    slider.press("Home")
    z = float(slider.input_value())
    page.get_by_label("1", exact=True).check()
    moved = answer(session, "equations.costs", {**AT, "neuron": 1, "z": z, "target": 1})
    errors = [f"{number(np.float32(c['delta'][1]))}" for c in moved["costs"]]
    expect(page.locator("aside tr", has_text="δ = ∂C/∂z").locator("td")).to_have_text(errors)
    expect(page.locator("aside")).to_contain_text(f"{number(moved['ratio'])} times")
    vector(page, "δ, cross-entropy cost", moved["costs"][1]["delta"])
    assert moved["ratio"] > 1000
    page.locator(".two-costs-curve summary").click()
    curve = answer(session, "equations.curve", {**AT, "neuron": 1, "target": 1})
    texts = page.locator(".two-costs-curve .text-form tbody tr").first.locator("th, td")
    columns = [curve["z"][0], *(d[0] for d in curve["deltas"])]
    expect(texts).to_have_text([number(np.float32(x)) for x in columns])
    page.locator(".plot-area .u-over").click()
    expect(slider).not_to_have_value(str(z))
    page.get_by_role("button", name="Back to its own").click()
    expect(slider).to_have_attribute("aria-valuetext", number(curve["here"]))


def test_softmax_has_a_jacobian(at, choosing):
    page = at("BP1", of=choosing)
    record = choosing.record(0, "2")
    a = record.a[2][0]
    vector(page, "transposed derivatives ∂a/∂z of layer 2", (np.diag(a) - np.outer(a, a)).ravel())
    cell(page, "δ of layer 2", 1).hover()
    shows(page, choosing, "BP1", 2, 1)
    page.get_by_role("button", name="Two costs").click()
    params = {**AT, "neuron": 0, "z": None, "target": None}
    for cost in answer(choosing, "equations.costs", params)["costs"]:
        vector(page, f"δ, {cost['name']} cost", cost["delta"])


def test_axe_finds_nothing(served, opened, built, axe, session):
    page = opened(color_scheme="light", viewport={"width": 1024, "height": 700})
    for equation in ("BP2", "BP4", "costs"):
        page.goto(served(session, f"#/equations?example=2&equation={equation}&layer=1"))
        expect(page.locator("aside table").first).to_be_visible()
        expect(page.get_by_role("grid").first).to_be_visible()
        summary = page.locator("main summary").first
        summary.click()
        assert axe(page) == []
        fits = page.locator("main").evaluate("e => e.scrollWidth <= e.clientWidth")
        assert fits, equation


def test_a_saved_moment_needs_no_engine(opened, built, session, tmp_path):
    file = tmp_path / "moment.html"
    place = "#/equations?example=2&equation=BP4&input=3&layer=1&neuron=1"
    assert save_page(session, file, place_of(place)).errors == {}
    page = opened(offline=True)
    page.goto(file.as_uri())
    shows(page, session, "BP4", 1, 1, 3)
    page.get_by_role("button", name="BP2").click()
    for row in range(6):
        cell(page, "δ of layer 1", row).hover()
        shows(page, session, "BP2", 1, row)
    page.get_by_role("button", name="BP4").click()
    grid(page, "∂C/∂W of layer 1").get_by_role("gridcell").focus()
    page.keyboard.press("Control+Home")
    expect(page.locator("aside")).to_contain_text("no check of this entry")
    page.get_by_role("button", name="Two costs").click()
    cell(page, "δ, quadratic cost", 2).click()
    expect(page.get_by_label("z of output neuron 2")).to_be_disabled()
    expect(page.locator("aside h2").first).to_have_text("Output neuron 2")
    expect(page.get_by_role("alert")).to_have_count(0)
