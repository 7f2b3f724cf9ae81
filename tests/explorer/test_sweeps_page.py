"""The screen "Forward and reverse", used as a person would: its numbers are the engine's."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.explorer.small import small_session

import chainrule as cr
from chainrule.explorer.place import Place
from chainrule.explorer.questions import answer
from chainrule.explorer.saved.saved_page import save_page
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import FunctionSubject

PARTS = ("", "times", "paths")


@pytest.fixture(scope="module")
def session() -> Session:
    return small_session()


def settled(page: Page) -> Page:
    """The page, when nothing on it is being computed any more."""
    expect(page.locator("main .sweeps")).to_be_visible()
    expect(page.locator("main").locator("svg, .sweep-bars, .problem").first).to_be_visible()
    expect(page.get_by_text("computing …")).to_have_count(0)
    return page


def stands(page: Page, side: str, text: str) -> None:
    """The box at which a sweep stands, as it is read out, is such a one."""
    found = page.locator(f".sweep-pane.{side} [aria-current=step]")
    expect(found).to_have_attribute("aria-label", re.compile(text))


def test_both_sweeps_step_by_step(served, page, session):
    essay = answer(session, "sweeps.lockstep", {"function": "essay", "start": 1})
    page.goto(served(session, "#/sweeps?seed=1&position=0"))
    settled(page)
    for at, (left, right) in enumerate(zip(essay["forward"], essay["reverse"], strict=True)):
        expect(page.locator(".scrubber")).to_contain_text(f"{at + 1} of 5")
        for side, step in (("forward", left), ("reverse", right)):
            (s,) = step["sums"]
            stands(page, side, re.escape(f"{s['name']} = {s['short']}") + "$")
        expect(page.locator(".sweep-pane.reverse .sum")).to_have_count(at + 1)
        if at < 4:
            page.get_by_role("button", name="Forward ›").click()
    page.keyboard.press(",")
    expect(page.locator(".scrubber")).to_contain_text("4 of 5")
    page.wait_for_function("() => location.hash.includes('position=3')")
    page.reload()
    expect(page.locator(".scrubber")).to_contain_text("4 of 5")
    rule = page.locator(".sweep-pane.reverse .step-rule")
    expect(rule).to_contain_text("b̄ is ∂e/∂b: a sum over the lines that go out.")
    assert "2+3" in rule.inner_text().replace("\n", "").replace(" ", "").replace("\u200b", "")


def test_forward_mode_needs_a_sweep_for_each_input(served, page, session):
    page.goto(served(session, "#/sweeps"))
    settled(page)
    forward, reverse = (page.locator(f"[data-side={side}]") for side in ("forward", "reverse"))
    expect(forward.locator(".so-far")).to_contain_text("1 of 2; derivatives known: 1 of 2")
    expect(reverse.locator(".so-far")).to_contain_text("1 of 1; derivatives known: 2 of 2")
    expect(forward.locator("td")).to_have_text(["2", "?"])
    expect(reverse.locator("td")).to_have_text(["2", "5"])
    forward.get_by_role("button", name="Sweep from the next input").click()
    expect(forward.locator(".so-far")).to_contain_text("2 of 2; derivatives known: 2 of 2")
    expect(forward.locator("td")).to_have_text(["2", "5"])
    expect(page.get_by_label("from input")).to_have_value("b")
    page.wait_for_function("() => location.hash.includes('swept=0')")
    forward.get_by_role("button", name="Start over").click()
    expect(forward.locator(".so-far")).to_contain_text("1 of 2; derivatives known: 1 of 2")
    expect(forward.locator("td")).to_have_text(["?", "5"])


def test_many_outputs_are_the_other_way_round(served, page, session):
    page.goto(served(session, "#/sweeps"))
    settled(page)
    page.get_by_label("function").select_option("@helix")
    forward, reverse = (page.locator(f"[data-side={side}]") for side in ("forward", "reverse"))
    expect(forward.locator(".so-far")).to_contain_text("1 of 1; derivatives known: 3 of 3")
    expect(reverse.locator(".so-far")).to_contain_text("1 of 3; derivatives known: 1 of 3")
    page.get_by_label("from output").select_option("z")
    expect(reverse.locator(".so-far")).to_contain_text("2 of 3; derivatives known: 2 of 3")
    expect(reverse.locator("td")).to_have_text(["-0.8415", "?", "0.25"])


def test_a_box_that_is_chosen_is_where_the_sweeps_go(served, page, session):
    page.goto(served(session, "#/sweeps"))
    settled(page)
    page.locator(".sweep-pane.forward [data-spot='node e0']").click()
    expect(page.locator(".scrubber")).to_contain_text("3 of 5")
    page.locator(".sweep-pane.reverse [data-spot='node i1']").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".scrubber")).to_contain_text("4 of 5")
    stands(page, "reverse", "^input b")


def test_the_cost_of_the_network(served, page, session):
    page.goto(served(session, "#/sweeps?function=@network&example=3"))
    settled(page)
    found = answer(session, "sweeps.lockstep", {"function": "@network", "step": 0, "example": "3"})
    expect(page.locator("[data-side=forward] .so-far")).to_contain_text(f"1 of {found['n']}")
    expect(page.get_by_label("from input")).to_have_value(re.sub(r"\[.*", "", found["start_text"]))
    (cost,) = found["forward"][-1]["sums"]
    stands(page, "forward", re.escape(f"{cost['name']} = {cost['short']}") + "$")
    page.get_by_label("from input").select_option("b1")
    page.get_by_label("entry of b1, from 0 to 4").fill("2")
    page.keyboard.press("Enter")
    gradient = session.record(0, "3").nabla_b[1][2]
    expect(page.locator(".sweep-pane.forward [aria-current=step]")).to_have_attribute(
        "aria-label", re.compile(re.escape(f"= {gradient:.4g}") + "$")
    )


def test_measured_times_are_positive_and_sweeps_are_counted(served, page, session):
    page.goto(served(session, "#/sweeps?part=times&n=100"))
    settled(page)
    parameters = 16 * 5 + 5 + 5 * 3 + 3
    bars = page.locator(".sweep-bars")
    expect(bars).to_contain_text(f"All {parameters} derivatives")
    expect(bars).to_contain_text(f"{parameters} forward sweeps")
    expect(bars).to_contain_text(f"{2 * parameters} evaluations")
    for text in bars.locator("strong").all_inner_texts():
        assert float(text.removesuffix(" ms")) > 0
    rows = page.locator(".over-inputs > table tbody tr")
    counts = [row.split("\t")[1] for row in rows.all_inner_texts()]
    assert counts == ["", "100", "1", "200"]
    slider = page.locator(".over-inputs .slider input").first
    slider.focus()
    slider.press("ArrowRight")
    expect(rows.nth(1)).to_contain_text("300")
    page.wait_for_function("() => location.hash.includes('n=300')")
    slider.press("End")  # where one sweep is so much less that no other work can hide it
    expect(rows.nth(1)).to_contain_text("10,000")
    times = [row.split("\t")[2] for row in rows.all_inner_texts()]
    assert all(float(time.split()[0].replace(",", "")) > 0 for time in times)
    forward, reverse = (float(times[i].split()[0].replace(",", "")) for i in (1, 2))
    assert forward > reverse  # of 300 against 1, though another process may have had the core
    page.get_by_text("Numbers: Milliseconds for all derivatives").click()
    expect(page.locator(".plot .text-form table tbody tr")).to_have_count(9)


def test_measured_again_the_inspector_says_what_the_screen_shows(served, page, session):
    page.goto(served(session, "#/sweeps?part=times&n=100"))
    settled(page)
    bars = page.locator(".sweep-bars strong")
    page.get_by_text("Numbers: the network's times").click()
    cells = page.locator("aside .text-form table tbody td:nth-child(3)")
    forward = page.locator(".over-inputs > table tbody td:nth-child(4)").nth(1)

    def agree() -> None:
        main = [float(text.split()[0].replace(",", "")) for text in bars.all_inner_texts()]
        np.testing.assert_allclose([float(x) for x in cells.all_inner_texts()], main, rtol=0.01)
        faster = page.locator("aside .speedup strong").last
        expect(faster).to_have_text(f"{forward.inner_text()} times")

    agree()
    before = bars.all_inner_texts()
    with page.expect_response("**/ask/sweeps.times"), page.expect_response("**/ask/sweeps.curve"):
        page.get_by_role("button", name="Measure again").click()
    expect(bars).not_to_have_text(before)
    settled(page)
    agree()


def test_paths_are_listed_and_lit(served, page, session):
    page.goto(served(session, "#/sweeps?part=paths"))
    settled(page)
    page.get_by_label("from", exact=True).select_option("b")
    listed = page.locator(".path-list label")
    expect(listed).to_have_count(2)
    found = cr.insight.paths(session.functions["essay"].f, 2.0, 1.0, input="b")
    for text, path in zip(listed.all_inner_texts(), found.largest, strict=True):
        shown = " ".join(text.split())
        assert f"{path}".replace(": ", " ") == shown
    expect(page.locator(".path-list .total")).to_contain_text("∂e/∂b = 5")
    lit = "() => [...document.querySelectorAll('.edge.lit')].map((e) => e.dataset.ends)"
    assert sorted(page.evaluate(lit)) == ["e1 e2", "i1 e1"]
    listed.nth(0).locator("input").focus()
    page.keyboard.press("ArrowDown")
    expect(listed.nth(1).locator("input")).to_be_checked()
    assert sorted(page.evaluate(lit)) == ["e0 e2", "i1 e0"]
    listed.nth(0).hover()
    expect(page.locator("[data-ends='e1 e2'].lit")).to_have_count(1)
    page.get_by_label("to", exact=True).select_option("c")
    expect(listed).to_have_count(1)
    expect(page.locator(".path-list .total")).to_contain_text("∂c/∂b = 1")


def test_a_ladder_of_any_height(served, page, session):
    page.goto(served(session, "#/sweeps?part=paths&function=@ladder3"))
    settled(page)
    expect(page.locator(".path-list legend")).to_contain_text("8 paths")
    rungs = page.get_by_label("rungs")
    rungs.focus()
    rungs.press("End")
    expect(page.locator(".path-list legend")).to_contain_text(f"{2**40:,} paths")
    expect(page.locator(".path-operations dd").first).to_have_text("1.1e+12")
    ladder = session.function("@ladder40", 0, "")
    gradient = float(cr.grad(ladder.f)(*ladder.args))
    expect(page.locator(".path-list .total")).to_contain_text(f"= {gradient:.4g}")


def test_a_function_that_is_too_large_says_so(served, page):
    def long(x):
        for _ in range(301):
            x = np.sin(x)
        return x

    session = small_session(FunctionSubject("long", long, (1.0,), __file__))
    page.goto(served(session, "#/sweeps"))
    expect(page.locator("main .problem")).to_contain_text("302 nodes")
    expect(page.locator("main .problem")).to_have_count(1)


def test_an_input_that_another_function_had(served, page, session):
    page.goto(served(session, "#/sweeps?function=@helix&seed=1"))
    expect(page.locator("main .problem")).to_contain_text("there is 1 input of real numbers")
    page.get_by_role("button", name="Start from the first input and output").click()
    settled(page)
    expect(page.locator("main .problem")).to_have_count(0)
    stands(page, "forward", r"ż = 0\.25$")


def test_a_saved_file_has_all_of_it(opened, built, session, tmp_path):
    file = tmp_path / "moment.html"
    chosen = {"function": "@fan", "path": "2", "m": "3", "seed": "0"}
    saved = save_page(session, file, Place("sweeps", chosen))
    assert (saved.errors, saved.unasked) == ({}, {})
    page = opened(offline=True)
    page.goto(file.as_uri())
    settled(page)
    stands(page, "forward", r"ż = -0\.2764$")
    expect(page.get_by_label("function")).to_be_disabled()
    page.get_by_role("button", name="Milliseconds").click()
    expect(page.locator("main")).to_contain_text("Measured when this file was saved.")
    expect(page.locator(".over-inputs > table tbody tr").nth(1)).to_contain_text("1,000")
    expect(page.get_by_role("slider", name="inputs")).to_be_enabled()
    expect(page.get_by_role("slider", name="outputs")).to_be_disabled()
    page.get_by_role("button", name="Paths").click()
    expect(page.locator(".path-list label")).to_have_count(9)
    expect(page.locator(".path-list label").nth(2).locator("input")).to_be_checked()
    expect(page.locator(".problem")).to_have_count(0)


@pytest.mark.parametrize("part", PARTS)
def test_axe_finds_nothing_and_all_fits(part, served, opened, built, axe, session):
    page = opened(color_scheme="light", viewport={"width": 1024, "height": 700})
    page.goto(served(session, f"#/sweeps?part={part}&path-from=1"))
    settled(page)
    assert axe(page) == []
    for where in ("main", "aside"):
        box = page.locator(where).first.evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert box[0] <= box[1], (part, where, box)
