"""Screen 8, the check: mistakes are planted and found; the page shows what the engine says."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect
from tests.explorer.small import small_network, small_session

import chainrule as cr
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.drawing.short import short
from chainrule.explorer.checked.checks import SAMPLE, StoppedError
from chainrule.explorer.checked.planted import FUSED, MISTAKES, gradient, program_of
from chainrule.explorer.moment import Moment
from chainrule.explorer.questions import answer
from chainrule.explorer.screens import check as screen
from chainrule.explorer.session import Session
from chainrule.explorer.subjects import FunctionSubject
from chainrule.nn.stack import stack_of

WRONG = [name for name in MISTAKES if name != "none"]
ASKED = {"subject": "small", "step": 0, "example": "0", "examples": 10, "every": False}


@pytest.fixture(scope="module")
def session() -> Session:
    return small_session()


def compare(session: Session, mistake: str = "", **changed: Any) -> dict:
    return answer(session, "check.compare", {**ASKED, "mistake": mistake, **changed})


def wrong_by_array(found: dict) -> dict[str, tuple[int, float | None]]:
    return {a["name"]: (a["wrong"], a["ratio"]) for a in found["arrays"]}


# ---- the program ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"activation": "sigmoid"},
        {"activation": ["tanh", "relu", "softplus"], "cost": "huber"},
        {"cost": "cross-entropy", "activation": "tanh"},
        {"cost": "log-likelihood"},
    ],
    ids=str,
)
def test_without_a_mistake_it_is_the_gradient(settings):
    net = cr.nn.Network([5, 4, 3, 2], seed=1, **settings)
    rng = np.random.default_rng(0)
    X, Y = rng.uniform(0, 1, (6, 5)), np.eye(2)[rng.integers(0, 2, 6)]
    nabla_w, nabla_b = gradient(stack_of(net), X, Y, "none")
    record = net.record(X, Y)
    for n in nabla_w:
        assert np.allclose(nabla_w[n], record.nabla_w[n], rtol=1e-12, atol=1e-15)
        assert np.allclose(nabla_b[n], record.nabla_b[n], rtol=1e-12, atol=1e-15)


def test_the_text_that_is_shown_is_the_one_that_runs(session):
    code = answer(session, "check.code", {"subject": "small", "step": 0, "mistake": "sum"})
    marked = [code["lines"][w["line"]] for w in code["wrong"]]
    assert len(marked) == 2 and not any("/ m" in line for line in marked)
    assert all(w["right"].split("  #")[0].endswith("/ m") for w in code["wrong"])
    assert "\n".join(code["lines"]) == program_of("sum", fused=False).text


def test_a_fused_cost_has_no_slope_to_forget():
    assert FUSED in program_of("none", fused=True).text
    with pytest.raises(ArgumentError, match="no σ′ to forget in BP1"):
        program_of("slope-output", fused=True)
    with pytest.raises(ArgumentError, match="no mistake"):
        program_of("typo", fused=False)


def test_softmax_with_another_cost_is_refused():
    net = cr.nn.Network([2, 3, 2], activation=["sigmoid", "softmax"], cost="quadratic")
    with pytest.raises(ArgumentError, match="not elementwise"):
        gradient(stack_of(net), np.ones((1, 2)), np.ones((1, 2)), "none")


# ---- what the check says ------------------------------------------------------------------------


@pytest.mark.parametrize("mistake", ["", "none"])
@pytest.mark.parametrize("subject", ["small", "network"])
def test_a_right_gradient_agrees(session, mistake, subject):
    found = compare(session, mistake, subject=subject)
    assert found["wrong"] == 0 and "is right" in found["symptom"]
    assert sum(found["histogram"]["wrong"]) == 0
    total = sum(found["histogram"]["right"]) + found["histogram"]["zero"]
    assert total == found["checked"]


@pytest.mark.parametrize("examples", [4, 10])
def test_sum_in_place_of_mean_is_off_by_the_number_of_examples(session, examples):
    found = compare(session, "sum", examples=examples)
    assert found["wrong"] == found["checked"] == 60
    assert [a["ratio"] for a in found["arrays"]] == pytest.approx([examples] * 6)
    assert f"same factor, {examples}: exactly the number of examples" in found["symptom"]


def test_of_one_example_the_sum_is_the_mean(session):
    assert compare(session, "sum", examples=1)["wrong"] == 0


def test_the_sign_is_off_by_minus_one(session):
    found = compare(session, "sign")
    assert [a["ratio"] for a in found["arrays"]] == pytest.approx([-1] * 6)
    assert "only the sign" in found["symptom"]


@pytest.mark.parametrize("mistake", ["slope", "transpose", "argument"])
def test_a_mistake_in_bp2_leaves_the_output_layer_right(session, mistake):
    found = compare(session, mistake)
    by_array = wrong_by_array(found)
    assert by_array["w3"] == (0, pytest.approx(1)) and by_array["b3"] == (0, pytest.approx(1))
    assert all(by_array[name][0] > 0 for name in ("w1", "b1", "w2", "b2"))
    assert "BP2" in found["symptom"]


def test_forgetting_the_slope_divides_by_it(session):
    """b2's derivative without sigma' is the mean of delta / sigma'(z) over the examples."""
    case = session.case("small", 0, "0", 1)
    net = cr.nn.Network([4, 4, 4, 4], seed=3)
    record = net.record(case.X, case.Y)
    slope = record.a[2] * (1 - record.a[2])
    found = compare(session, "slope", examples=1)
    analytic, numeric = (found["images"]["b2"][k] for k in ("analytic", "numeric"))
    assert np.allclose(analytic / numeric, 1 / slope[0], rtol=1e-6)


def test_a_mistake_in_bp1_spoils_everything(session):
    found = compare(session, "slope-output")
    assert all(a["wrong"] == a["checked"] and a["ratio"] is None for a in found["arrays"])
    assert "BP1" in found["symptom"]


def test_forgotten_biases_are_zero(session):
    by_array = wrong_by_array(compare(session, "bias"))
    assert [by_array[f"b{n}"] for n in (1, 2, 3)] == [(4, 0.0)] * 3
    assert [by_array[f"w{n}"][0] for n in (1, 2, 3)] == [0] * 3
    assert "BP3" in compare(session, "bias")["symptom"]


def test_the_wrong_layer_spoils_the_weights_alone(session):
    found = compare(session, "layer")
    assert {name[0] for name, (wrong, _) in wrong_by_array(found).items() if wrong} == {"w"}
    assert "BP4" in found["symptom"]


@pytest.mark.parametrize("mistake", ["transpose", "layer"])
def test_where_shapes_differ_numpy_refuses_or_the_shape_tells(session, mistake):
    with pytest.raises(ShapeError, match="Where layers are square"):
        compare(session, mistake, subject="network")


def test_worst_offenders_are_those_of_the_library(session):
    case = session.case("small", 0, "0", 10)
    names = [f"{kind}{n}" for kind, n in case.shapes]
    report = cr.insight.check_parameters(
        case.cost,
        case.stack.weights,
        case.stack.biases,
        names=names,
        executor="interpreter",
        worst=60,
    )
    found = compare(session)
    named = {w.name: w for w in report.worst}
    for w in found["worst"][:4]:
        same = named[w["name"].replace("*", "[", 1).replace("*", ", ") + "]"]
        assert w["numeric"] == same.numeric
        assert w["analytic"] == pytest.approx(same.analytic, rel=1e-12)


def test_a_sample_has_some_of_each_array_and_all_are_all():
    session = small_session(sizes=(16, 30, 3))
    found = compare(session, subject="network")
    assert [a["checked"] for a in found["arrays"]] == [SAMPLE, 90, 30, 3]
    assert np.isfinite(found["images"]["w1"]["error"]).sum() == SAMPLE
    every = compare(session, subject="network", every=True)
    assert every["checked"] == every["parameters"] == 16 * 30 + 90 + 33
    assert np.isfinite(every["images"]["w1"]["error"]).all()


def test_it_tells_how_far_it_is_and_can_be_stopped():
    session = small_session(sizes=(16, 60, 3))
    told: list[Any] = []

    def listener(event: str, facts: Any) -> None:
        told.append((event, facts))
        answer(session, "check.stop", {})

    session.listen(listener)
    with pytest.raises(StoppedError, match="stopped after 1,000 of 1,203"):
        compare(session, subject="network", every=True)
    assert told == [("checking", {"done": 500, "of": 1203})]
    assert compare(session, subject="network")["wrong"] == 0


@pytest.mark.parametrize("examples", [0, 21])
def test_too_many_or_no_examples_are_refused(session, examples):
    with pytest.raises(ArgumentError, match="mini-batch"):
        compare(session, subject="network", examples=examples)


# ---- the V-curve --------------------------------------------------------------------------------


def curve(session: Session, parameter: str = "", mistake: str = "") -> dict:
    asked = {k: v for k, v in ASKED.items() if k != "every"}
    params = {**asked, "mistake": mistake, "parameter": parameter}
    return answer(session, "check.curve", params)


def test_truncation_falls_as_the_square_and_rounding_grows_as_the_inverse(session):
    found = curve(session, "w2*1*2")
    steps, error = np.array(found["steps"]), np.array(found["double"]["error"])
    large = (steps < 0.2) & (steps > 2e-3)
    slope = np.polyfit(np.log(steps[large]), np.log(error[large]), 1)[0]
    assert slope == pytest.approx(2, abs=0.1)
    small = (steps < 1e-7) & (steps > 1e-12)
    slope = np.polyfit(np.log(steps[small]), np.log(error[small]), 1)[0]
    assert slope == pytest.approx(-1, abs=0.35)
    assert error[found["double"]["best"]] < 1e-8 < found["single"]["error"][found["single"]["best"]]


def test_the_quotient_is_that_of_the_cost(session):
    found = curve(session, "w1*0*3")
    case = session.case("small", 0, "0", 10)
    costs = []
    for sign in (1, -1):
        w = {n: x.copy() for n, x in case.stack.weights.items()}
        w[1][0, 3] += sign * found["steps"][8]
        costs.append(float(case.cost(w, case.stack.biases)))
    expected = (costs[0] - costs[1]) / (2 * found["steps"][8])
    assert found["double"]["quotient"][8] == pytest.approx(expected, rel=1e-12)


def test_a_wrong_derivative_has_no_valley(session):
    assert min(curve(session, "w1*0*3", "sum")["double"]["error"]) > 0.5


def test_the_first_parameter_is_the_one_with_the_largest_derivative(session):
    found = curve(session)
    assert abs(found["derivative"]) == pytest.approx(
        max(np.abs(i["analytic"]).max() for i in compare(session)["images"].values())
    )


@pytest.mark.parametrize("parameter", ["w1*4*0", "b1*0*0", "w9*0*0", "x", "w1*0", "w1*-1*0"])
def test_what_is_no_parameter_is_refused(session, parameter):
    with pytest.raises(ArgumentError):
        curve(session, parameter)


def test_a_moment_asks_what_the_page_asks(session):
    more = {"check": "small", "mistake": "slope", "batch": "4", "parameter": "b1*0"}
    asked = screen.recorded(session, Moment(0, more=more))
    for question, params in asked:
        answer(session, question, params)
    assert [name for name, _ in asked] == [
        "check.choices", "check.compare", "check.curve", "check.code",
    ]  # fmt: skip


# ---- functions ----------------------------------------------------------------------------------


@cr.custom_derivative
def bent(x):
    """A square whose rule forgets the 2."""
    return x**2


bent.def_jvp(lambda primals, tangents: (primals[0] ** 2, primals[0] * tangents[0]))


def wrongly(x: float = 3.0) -> float:
    return bent(x)


def test_a_function_is_compared_in_every_way(session):
    found = answer(session, "check.function", {"function": "essay"})
    report = cr.check_gradients(session.functions["essay"].f, 2.0, 1.0, executor="interpreter")
    assert found["agrees"] and found["numbers"] == 2
    assert [tuple(c["ways"]) for c in found["comparisons"]] == [c.ways for c in report.comparisons]
    with pytest.raises(ArgumentError, match="no function"):
        answer(session, "check.function", {"function": "other"})


def test_a_wrong_rule_is_told(served, page):
    session = small_session(FunctionSubject("wrongly", wrongly, (3.0,)))
    page.goto(served(session, "#/check?check=f*wrongly"))
    expect(page.get_by_role("alert")).to_contain_text("bent")
    page.get_by_role("combobox", name="Check").select_option("f*essay")
    expect(page.locator(".check-verdict")).to_contain_text("comparisons agree")
    found = answer(session, "check.function", {"function": "essay"})
    expect(page.locator("main tbody tr")).to_have_count(len(found["comparisons"]))
    assert screen.recorded(session, Moment(0, more={"check": "f*essay"}))[-1] == (
        "check.function", {"function": "essay"},
    )  # fmt: skip


# ---- in the browser ---------------------------------------------------------------------------


def test_each_mistake_is_planted_and_the_page_says_what_the_engine_says(served, page, session):
    page.goto(served(session, "#/check?check=small"))
    verdict = page.locator(".check-verdict")
    expect(verdict).to_contain_text("all 60 derivatives agree")
    for mistake in WRONG:
        page.get_by_label(MISTAKES[mistake].title, exact=True).check()
        found = compare(session, mistake)
        expect(verdict).to_contain_text(f"{found['wrong']} of 60 derivatives are wrong")
        expect(verdict).to_contain_text(found["symptom"])
        program = program_of(mistake, fused=False)
        marks = page.locator(".check-code mark")
        expect(marks).to_have_count(len(program.wrong))
        lines = program.text.split("\n")
        expect(marks).to_have_text([lines[i] for i in sorted(program.wrong)])
    page.get_by_label("by hand, no mistake").check()
    expect(verdict).to_contain_text("all 60 derivatives agree")


def test_a_mistake_that_makes_no_difference_is_told(served, page, session):
    page.goto(served(session, "#/check?check=small&mistake=sum&batch=1"))
    expect(page.locator(".check-verdict")).to_contain_text("computes the same as the right one")


def test_on_other_layers_numpy_refuses(served, page, session):
    page.goto(served(session, "#/check?mistake=transpose"))
    expect(page.get_by_role("alert").first).to_contain_text("ValueError: matmul")
    page.get_by_role("combobox", name="Check").select_option("small")
    expect(page.locator(".check-verdict")).to_contain_text("BP2")


def test_a_parameter_is_chosen_by_click_by_field_and_from_the_offenders(served, page, session):
    page.goto(served(session, "#/check?check=small&mistake=sum"))
    page.get_by_role("listbox", name="parameters w²").click(position={"x": 45, "y": 27})
    expect(page).to_have_url(re.compile(r"parameter=w2\*1\*2"))
    row = page.get_by_role("table", name="The parameter that is looked at").locator("td")
    image = compare(session, "sum")["images"]["w2"]
    expect(row.nth(0)).to_contain_text(short(float(image["analytic"][1, 2])))
    expect(row.nth(1)).to_contain_text(short(float(image["numeric"][1, 2])))
    expect(row.nth(2)).to_have_text("10")
    page.get_by_label("input", exact=True).fill("3")
    expect(page).to_have_url(re.compile(r"parameter=w2\*1\*3"))
    worst = compare(session, "sum")["worst"][0]
    page.get_by_role("table", name="Worst offenders").get_by_role("button").first.click()
    expect(page).to_have_url(re.compile(re.escape(f"parameter={worst['name']}")))


def test_a_parameter_is_chosen_by_keys(served, page, session):
    page.goto(served(session, "#/check?check=small&mistake=sum&parameter=w2*1*2"))
    image = compare(session, "sum")["images"]["w2"]

    def stands_at(row: int, column: int) -> None:
        cell = page.get_by_role("listbox", name="parameters w²").get_by_role("option")
        gradient = short(float(image["analytic"][row, column]))
        expect(cell).to_have_accessible_name(
            re.compile(rf"^w²\[{row}, {column}\], gradient {re.escape(gradient)}, .*, wrong$")
        )
        expect(cell).to_have_attribute("aria-selected", "true")
        expect(page).to_have_url(re.compile(rf"parameter=w2\*{row}\*{column}\b"))

    page.get_by_role("listbox", name="parameters w²").get_by_role("option").focus()
    for key, row, column in (
        ("ArrowRight", 1, 3), ("ArrowUp", 0, 3), ("ArrowUp", 0, 3), ("PageDown", 1, 0),
        ("Home", 0, 0), ("ArrowDown", 1, 0),
    ):  # fmt: skip
        page.keyboard.press(key)
        stands_at(row, column)
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    stands_at(1, 0)
    other = page.get_by_role("listbox", name="parameters b¹").get_by_role("option")
    other.press("Enter")
    expect(other).to_have_attribute("aria-selected", "true")
    expect(page).to_have_url(re.compile(r"parameter=b1\*0\b"))


def test_the_step_shows_its_quotients(served, page, session):
    page.goto(served(session, "#/check?check=small&parameter=w1*0*3&epsilon=8"))
    found = curve(session, "w1*0*3")
    expect(page.locator(".check-curve .in-double")).to_have_text(
        short(found["double"]["quotient"][8])
    )
    page.get_by_label("step ε", exact=True).press("ArrowLeft")
    expect(page.locator(".check-curve .in-single")).to_have_text(
        short(found["single"]["quotient"][9])
    )
    expect(page).to_have_url(re.compile("epsilon=9"))


def test_all_parameters_are_checked_when_asked_for(served, page):
    session = Session(network=lambda: small_network((16, 40, 3)))
    page.goto(served(session, "#/check"))
    expect(page.locator(".check-verdict")).to_contain_text("all 283 of 803")
    page.get_by_role("button", name="Check all 803").click()
    expect(page.locator(".check-verdict")).to_contain_text("all 803 derivatives agree")
    expect(page.get_by_role("button", name="Check a sample")).to_be_visible()
    expect(page).to_have_url(re.compile(r"every=network\*0\*0\*10"))
    page.get_by_label("example", exact=True).press("ArrowRight")  # another case: a sample again
    expect(page.locator(".check-verdict")).to_contain_text("all 283 of 803")
    asked = screen.recorded(session, Moment(0, more={"every": "network*0*0*10"}))
    assert asked[1][1]["every"] is True
    assert screen.recorded(session, Moment(0, "1"))[1][1]["every"] is False


def test_nothing_is_inaccessible(served, opened, built, axe, session):
    page = opened(color_scheme="light", viewport={"width": 1024, "height": 700})
    page.goto(served(session, "#/check?check=small&mistake=slope"))
    expect(page.locator(".check-code mark")).to_be_visible()
    expect(page.get_by_label("step ε", exact=True)).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
