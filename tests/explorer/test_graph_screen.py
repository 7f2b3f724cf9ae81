"""The screen Graph in a browser, used as a person would; its numbers are those of the engine."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from tests.explorer.graph_functions import DEEP, EVERY, arrays, fan
from tests.explorer.small import small_network, small_session

import chainrule as cr
from chainrule.drawing.short import short
from chainrule.explorer.place import Place
from chainrule.explorer.saved.saved_page import save_page
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import ESSAY

FIRST_PICTURE = 15_000  # milliseconds: half a second alone, but a machine may be slow and busy
SEEN = """
    globalThis.drawn = new Promise((resolve) => {
        const look = () => {
            const texts = [...document.querySelectorAll(".edge text.gradient")];
            if (texts.some((text) => text.textContent)) resolve(performance.now());
            else requestAnimationFrame(look);
        };
        look();
    });
"""
LINES = """() => [...document.querySelectorAll(".graph-svg .edge")].map((edge) => [
    edge.dataset.ends,
    edge.querySelector("text.value").textContent.trim(),
    edge.querySelector("text.gradient").textContent.trim(),
])"""


@pytest.fixture(scope="module")
def session():
    return Session((ESSAY, *EVERY), small_network)


@pytest.fixture
def at(served, page, session):
    """``at("?function=fan")``: the screen, opened there."""

    def opened(place=""):
        page.goto(served(session, f"#/graph{place}"))
        page.locator(".graph-svg .node, .problem").first.wait_for()
        return page

    return opened


def lines_of(page):
    return {ends: (value, gradient) for ends, value, gradient in page.evaluate(LINES)}


def formulas(page):
    """The formulas of the position, as LaTeX."""
    found = page.locator("section[aria-label='At this position'] annotation").all_text_contents()
    return [re.sub(r"\s+", " ", tex) for tex in found]


def box(page, name):
    """The box of an argument or of the variable that its second row names."""
    return page.locator(f".node:has(text:text-is('{name}'))").first


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def essay_numbers(a, b):
    """What stands on each line of the essay's graph, by the engine: value and derivative."""
    graph = cr.trace(lambda a, b: (a + b) * (b + 1))(a, b)
    values = [graph.numbers.value(v) for v in graph.inputs]
    values += [graph.numbers.value(e.outputs[0]) for e in graph.equations]
    a, b, c, d, e = values
    of_c, of_d = cr.grad(lambda c, d: c * d, argnums=(0, 1))(c, d)
    through_c = cr.grad(lambda a, b: a + b, argnums=(0, 1))(a, b)
    through_d = cr.grad(lambda b: b + 1)(b)
    found = {
        "i0 e0": (a, of_c * through_c[0]),
        "i1 e0": (b, of_c * through_c[1]),
        "i1 e1": (b, of_d * through_d),
        "e0 e2": (c, of_c),
        "e1 e2": (d, of_d),
        "e2 o0": (e, 1.0),
    }
    return {ends: tuple(map(short, pair)) for ends, pair in found.items()}


# the lines that get a value, and the lines that get a derivative, at each of the essay's positions
VALUES = [["i0 e0", "i1 e0", "i1 e1"], ["e0 e2"], ["e1 e2"], ["e2 o0"], [], [], [], []]
DERIVATIVES = [[], [], [], [], ["e2 o0"], ["e0 e2", "e1 e2"], ["i1 e1"], ["i0 e0", "i1 e0"]]
RULES = [
    [],
    ["c = a + b = 2 + 1 = 3"],
    ["d = b + 1 = 1 + 1 = 2"],
    [r"e = c \, d = 3 \cdot 2 = 6"],
    [r"\frac{\partial e}{\partial e} = 1"],
    [r"1 \cdot 2 = 2", r"1 \cdot 3 = 3"],
    [r"3 \cdot 1 = 3", r"\bar{b} &= \bar{d}\\[2pt]&= 3"],
    [r"2 \cdot 1 = 2", r"2 \cdot 1 = 2", r"\bar{b} &= \bar{d} + \bar{c}\\[2pt]&= 3 + 2 = 5"],
]


def expected_at(position, numbers):
    """What the lines show at a position: nothing that has not been computed."""
    known = {e for names in VALUES[: position + 1] for e in names}
    back = {e for names in DERIVATIVES[: position + 1] for e in names}
    return {
        ends: (value if ends in known else "", gradient if ends in back else "")
        for ends, (value, gradient) in numbers.items()
    }


def test_both_sweeps_one_box_at_a_time(at):
    """Forward through all positions, and back again."""
    page = at("?position=0")
    numbers = essay_numbers(2.0, 1.0)
    for position in range(8):
        expect(page.locator(".scrubber output").last).to_contain_text(f"{position + 1} of 8")
        assert lines_of(page) == expected_at(position, numbers)
        if RULES[position]:
            tex = page.locator("section[aria-label='At this position'] annotation")
            expect(tex.filter(has_text=RULES[position][-1]).last).to_be_attached()
            written = " ".join(formulas(page))
            assert all(rule in written for rule in RULES[position]), written
        if position < 7:
            button(page, "Forward ›").click()
    expect(box(page, "b")).to_contain_text("b̄ = 3 + 2 = 5")
    for position in reversed(range(7)):
        button(page, "‹ Back").click()
        expect(page.locator(".scrubber output").last).to_contain_text(f"{position + 1} of 8")
        assert lines_of(page) == expected_at(position, numbers)
    expect(box(page, "b")).not_to_contain_text("b̄")


def test_the_sum_of_a_fan_out_comes_term_by_term(at):
    page = at("?function=fan&position=0")
    u = 0.5 * 2.0
    parts = [1.0, np.exp(u) * np.sin(u), np.exp(u) * np.cos(u)]
    texts = [" + ".join(map(short, parts[: n + 1])) for n in range(3)]
    texts = [texts[0], *(f"{t} = {short(sum(parts[: n + 2]))}" for n, t in enumerate(texts[1:]))]
    seen = []
    positions = page.locator(".graph-positions option").count()
    for n in range(2, positions + 1):
        button(page, "Forward ›").click()
        expect(page.locator(".graph-positions")).to_have_value(str(n - 1))
        sums = [t.strip() for t in box(page, "u").locator(".sum").all_text_contents()]
        seen += [s for s in sums if s not in seen]
    assert seen == [f"ū = {text}" for text in texts]
    gradient = cr.grad(fan, argnums=(0, 1))(0.5, 2.0)
    for name, expected in zip("xy", gradient, strict=True):
        expect(box(page, name)).to_contain_text(
            f"{name}̄ = {short(expected)}" if name == "x" else f"ȳ = {short(expected)}"
        )


def test_arguments_are_changed_and_stay_in_the_address(at):
    page = at()
    for name, value in (("a", "-1.5"), ("b", "4")):
        page.get_by_role("spinbutton", name=name).fill(value)
    expect(page.locator(".edge[data-ends='e2 o0'] text.value")).to_have_text("12.5")
    assert lines_of(page) == essay_numbers(-1.5, 4.0)
    page.wait_for_url(re.compile(r"inputs=a%3D-1.5%3Bb%3D4"))
    page.reload()
    expect(page.locator(".edge[data-ends='e2 o0'] text.value")).to_have_text("12.5")
    button(page, "as they were").click()
    expect(page.locator(".edge[data-ends='e2 o0'] text.value")).to_have_text("6")


def test_a_function_with_arrays(at, session):
    page = at()
    page.get_by_label("Function").select_option("arrays")
    expect(page.locator(".graph-source")).to_contain_text("def arrays(x, v):")
    args = session.functions["arrays"].args
    output = page.locator(".edge[data-ends$=' o0'] text.value")
    expect(output).to_have_text(short(arrays(*args)))
    page.locator(".edge[data-ends^='i0 ']").first.locator(".hit").dispatch_event("click")
    chosen = page.get_by_role("region", name="Chosen in the picture")
    chosen.locator("summary", has_text="x̄").click()
    gradient = cr.grad(arrays)(*args)
    cells = chosen.locator("details", has_text="x̄").locator("tbody td")
    expect(cells).to_have_text([short(g) for g in gradient.astype(np.float32)])


def test_another_entry_of_the_result_is_differentiated(at, session):
    page = at("?function=rows")
    jacobian = cr.jacobian(session.functions["rows"].f)(*session.functions["rows"].args)
    expect(box(page, "x")).to_contain_text(short(jacobian.sum(0)))
    page.get_by_label("Derivative of").select_option(label="y[1]")
    expect(box(page, "x")).to_contain_text(short(jacobian[1]))


def test_a_loop_opens_and_closes_by_keys(at):
    page = at("?function=loop&position=2")
    group = page.locator(".node.group")
    group.focus()
    page.keyboard.press("Enter")
    title = page.locator(".frame-title")
    expect(title).to_be_focused()
    expect(page.get_by_role("button", name=re.compile("^operation tanh"))).to_be_visible()
    expect(page.locator(".scrubber output").last).to_contain_text("3 of")
    expect(page.get_by_role("region", name="At this position")).to_contain_text("each turn")
    page.keyboard.press("Escape")
    expect(title).to_have_count(0)
    expect(page.locator(".node.group")).to_be_focused()


def test_the_moment_stays_when_a_group_opens(at):
    page = at("?function=deep&position=3")
    shown = page.locator(".scrubber output").last
    before = shown.inner_text().partition(": ")[2]
    page.locator(".node.group").first.dispatch_event("click")
    expect(page.locator(".frame-title")).to_have_count(1)
    expect(shown).to_contain_text(before)
    (gradient,) = [cr.grad(DEEP.f)(*DEEP.args)]
    page.locator(".graph-positions").select_option(
        index=page.locator(".graph-positions option").count() - 1
    )
    expect(page.locator(".node.input")).to_contain_text(f"x̄ = {short(gradient)}")


def test_the_inspector_opens_a_group_and_stays_at_its_last_operation(at):
    page = at("?function=deep")
    positions = page.locator(".graph-positions option")
    (group,) = [
        n for n, text in enumerate(positions.all_text_contents()) if "forward: sin × cos" in text
    ]
    page.locator(".graph-positions").select_option(index=group)
    button(page, "Open this group").click()
    expect(page.locator(".frame-title")).to_have_count(1)
    expect(page.locator(".graph-source li.now").last).to_contain_text("x₄₀₀ = ")
    expect(page.locator(".edge[data-ends$=' o0'] text.gradient")).to_have_text("")


def test_an_error_is_shown_with_its_line(at):
    page = at("?function=failing")
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("graph_functions.py:")
    expect(page.locator(".failed")).to_contain_text("np.linalg.cholesky")


def test_the_graph_is_walked_by_keys(at):
    page = at("?position=3")
    page.locator(".graph-svg [tabindex='0']").focus()
    focused = page.locator(".graph-svg :focus")
    expect(focused).to_have_attribute("data-spot", "node i0")
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_attribute("aria-label", re.compile("^line a, value 2$"))
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_attribute("data-spot", "node e0")
    page.keyboard.press("Enter")
    expect(page.locator(".scrubber output").last).to_contain_text("2 of 8: forward: c = a + b")
    page.keyboard.press(".")
    expect(page.locator(".scrubber output").last).to_contain_text("3 of 8")
    before = page.locator(".graph-svg > g").get_attribute("transform")
    page.keyboard.press("+")
    expect(page.locator(".graph-svg > g")).not_to_have_attribute("transform", before)
    page.keyboard.press("f")
    expect(page.locator(".graph-svg > g")).to_have_attribute("transform", before)


def test_source_and_graph_light_each_other(at):
    page = at()
    line = page.get_by_role("button", name="d = b + 1")
    line.hover()
    expect(page.locator(".node.lit")).to_have_attribute("data-spot", "node e1")
    box(page, "c").hover()
    expect(page.locator(".graph-source li.lit")).to_contain_text("c = a + b")
    page.mouse.move(5, 5)
    expect(page.locator(".lit")).to_have_count(0)
    line.click()
    expect(page.locator(".scrubber output").last).to_contain_text("7 of 8: backward: d = b + 1")
    expect(page.locator(".graph-source li.now")).to_contain_text("d̄ = 3")


def test_the_cost_of_the_network(at, session):
    page = at()
    page.get_by_label("Function").select_option(label="cost of the network")
    output = page.locator(".edge[data-ends$=' o0'] text.value")
    expect(output).to_have_text(short(session.record(0, "0").cost[0]))
    slider = page.get_by_label("example")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(output).to_have_text(short(session.record(0, "1").cost[0]))


@pytest.mark.parametrize("place", ["?position=1", "?function=loop&open=g0", "?function=failing"])
def test_no_rule_of_accessibility_is_broken(served, page, session, axe, place):
    page.goto(served(session, f"#/graph{place}"))
    page.locator(".graph-svg .node, .problem").first.wait_for()
    assert axe(page) == []


@pytest.mark.parametrize("place", ["", "?function=arrays&look=x", "?function=loop&open=g0"])
def test_nothing_is_wider_than_a_small_window(served, opened, built, session, place):
    page = opened(viewport={"width": 1024, "height": 700})
    page.goto(served(session, f"#/graph{place}"))
    page.locator(".graph-svg .node").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024
    sides = (
        "[...document.querySelectorAll('main, aside')].every((x) => x.scrollWidth <= x.clientWidth)"
    )
    assert page.evaluate(sides)


def test_the_first_picture_comes_soon_and_waits_for_no_network(served, opened, built):
    made = []

    def network():
        made.append(1)
        return small_network()

    page = opened()
    page.add_init_script(SEEN)
    page.goto(served(Session(network=network)))
    assert page.evaluate("drawn") < FIRST_PICTURE
    assert lines_of(page) == essay_numbers(2.0, 1.0)
    assert made == []


def test_a_saved_moment_steps_without_a_server(built, opened, tmp_path):
    file = tmp_path / "moment.html"
    save_page(small_session(), file, Place("graph", {"inputs": "a=3", "position": "0"}))
    page = opened(offline=True)
    page.goto(file.as_uri())
    for n in range(7):
        expect(page.locator(".scrubber output").last).to_contain_text(f"{n + 1} of 8")
        button(page, "Forward ›").click()
        expect(page.locator("aside .problem")).to_have_count(0)
    expect(page.locator("aside")).to_contain_text("The 2 uses of b, added up")
    assert lines_of(page) == essay_numbers(3.0, 1.0)
    expect(page.get_by_role("spinbutton", name="a")).to_be_disabled()
