"""Screen 5, the chain: its numbers against products, nudges and networks; the page against them."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from tests.explorer.small import small_session

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.drawing.short import short
from chainrule.explorer.chains import NAMES, chain_named
from chainrule.explorer.moment import Moment
from chainrule.explorer.questions import answer
from chainrule.explorer.screens import chain as screen
from chainrule.explorer.session import Session
from chainrule.nn.activations import ACTIVATIONS

CASES = Path(__file__).parents[2] / "web" / "src" / "screens" / "chain" / "cases.json"
EXPLODING = "n6*w100*h1"


@pytest.fixture(scope="module")
def session() -> Session:
    return small_session()


def numbers(session: Session, chain: str, nudge: str = "w1*0.1") -> dict:
    return answer(session, "chain.numbers", {"chain": chain, "nudge": nudge})


@pytest.mark.parametrize(("text", "expected"), json.loads(CASES.read_text()), ids=str)
def test_a_text_names_the_same_chain_here_and_on_the_page(text, expected):
    found = asdict(chain_named(text))
    own = {f"own{k.upper()}": {str(n): v for n, v in found.pop(f"own_{k}").items()} for k in "wb"}
    assert {**found, **own} == expected


@pytest.mark.parametrize(
    "text",
    ["n1", "n31", "n2.5", "w", "wnan", "w1e5", "w1001", "y2", "fsoftmax", "clog-likelihood", "fno",
     "0w1", "3x1", "h-1", "**", "n5 ", "w1**b2"],
)  # fmt: skip
def test_what_names_no_chain_is_refused(session, text):
    with pytest.raises(ArgumentError):
        numbers(session, text)


@pytest.mark.parametrize("nudge", ["w6*1", "w0*1", "w1*0", "x", "w1*nan", "z1*1", "w1:1"])
def test_what_is_no_nudge_is_refused(session, nudge):
    with pytest.raises(ArgumentError):
        numbers(session, "n5", nudge)


@pytest.mark.parametrize("activation", NAMES)
@pytest.mark.parametrize("cost", ["quadratic", "cross-entropy", "huber"])
def test_the_product_of_the_factors_is_the_derivative(session, activation, cost):
    text = f"n7*w1.5*b0.1*3w-0.7*5b0.4*x0.6*y0.3*f{activation}*c{cost}"
    found = numbers(session, text)
    net = chain_named(text).network()
    nabla_b, nabla_w = net.backprop(np.array([0.6]), np.array([0.3]))
    assert np.allclose(found["nabla_w"], [float(w[0, 0]) for w in nabla_w], rtol=1e-9, atol=0)
    assert np.allclose(found["nabla_b"], [float(b[0]) for b in nabla_b], rtol=1e-9, atol=0)
    cascade = found["cascade"]
    factors = [step["factor"] for step in cascade["steps"]]
    assert np.prod(factors) == pytest.approx(float(nabla_w[0][0, 0]), rel=1e-9)
    assert [s["product"] for s in cascade["steps"]] == pytest.approx(np.cumprod(factors), rel=1e-12)


def test_the_book_chain_by_hand(session):
    w, b, x, y = [1.5, -2.0, 1.2], [0.5, 0.3, -0.4], 0.8, 1.0
    own = "".join(f"*{n}w{v}*{n}b{u}" for n, (v, u) in enumerate(zip(w, b, strict=True), 1))
    found = numbers(session, f"n3*x{x}*y{y}{own}")
    a, z, slopes = [x], [], []
    for v, u in zip(w, b, strict=True):
        z.append(v * a[-1] + u)
        a.append(1 / (1 + np.exp(-z[-1])))
        slopes.append(a[-1] * (1 - a[-1]))
    by_hand = x * slopes[0] * w[1] * slopes[1] * w[2] * slopes[2] * (a[-1] - y)
    assert found["z"] == pytest.approx(z) and found["slopes"] == pytest.approx(slopes)
    assert found["cascade"]["product"] == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("what", ["w1", "b1", "w4", "b3", "x"])
def test_the_real_change_is_that_of_the_network_run_again(session, what):
    text, change = "n4*w-1.2*b0.3*ftanh", 0.37
    cascade = numbers(session, text, f"{what}*{change}")["cascade"]
    net = chain_named(text).network()
    x, layer = np.array([[0.8]]), int(what[1:] or 0)
    before = float(net.record(x, np.zeros((1, 1))).cost[0])
    if what == "x":
        x = x + change
    else:
        (net.weights if what[0] == "w" else net.biases)[layer - 1] += change
    after = float(net.record(x, np.zeros((1, 1))).cost[0])
    last = cascade["steps"][-1]
    assert last["of"] == "C" and last["real"] == pytest.approx(after - before, rel=1e-9)
    assert last["predicted"] == pytest.approx(change * cascade["derivative"], rel=1e-12)


def test_held_biases_keep_z_at_zero_and_each_neuron_multiplies_by_25(session):
    found = numbers(session, EXPLODING)
    assert np.allclose(found["z"], 0, atol=1e-12)
    assert found["biases"] == pytest.approx([-80.0] + [-50.0] * 5)
    ratios = np.array(found["delta"][:-1]) / np.array(found["delta"][1:])
    assert ratios == pytest.approx([25.0] * 5)
    balanced = numbers(session, "n8*w4*h1")["delta"]
    assert balanced[0] == pytest.approx(balanced[-1])


def test_deep_chains_vanish_beyond_float32_and_arrive(session):
    found = numbers(session, "n30*w0.05")
    assert 0 < abs(found["nabla_w"][0]) < 1e-45
    assert not found["cascade"]["steps"][-1]["seen"]


def test_depth_tells_the_errors_of_each_activation(session):
    found = answer(session, "chain.depth", {"chain": "n9*w1"})["delta"]
    assert set(found) == set(NAMES)
    for name, delta in found.items():
        record = chain_named(f"n9*f{name}").network().record([[0.8]], [[0.0]])
        assert delta == pytest.approx([float(d[0, 0]) for d in record.delta.values()], rel=1e-12)
    assert found["relu"][0] == found["relu"][-1]
    assert found["sigmoid"][0] < 1e-4 * found["sigmoid"][-1]


def test_the_curve_is_the_slope(session):
    curve = answer(session, "chain.curve", {"activation": "gelu", "reach": 8})
    slope = cr.vmap(cr.grad(ACTIVATIONS["gelu"]))(curve["z"])
    assert np.allclose(curve["slope"], slope)
    with pytest.raises(ArgumentError):
        answer(session, "chain.curve", {"activation": "gelu", "reach": 10**9})


def test_a_moment_asks_what_the_page_asks(session):
    asked = screen.recorded(session, Moment(0, more={"chain": EXPLODING, "cascade": "b2*1"}))
    assert ("chain.numbers", {"chain": EXPLODING, "nudge": "b2*1"}) in asked
    assert ("chain.curve", {"activation": "sigmoid", "reach": 8}) in asked
    for question, params in asked:
        answer(session, question, params)


# ---- in the browser ---------------------------------------------------------------------------


def first_number(text: str) -> str:
    found = re.search(r"[-+]?\d[\d.]*(e[-+]\d+)?", text)
    assert found
    return found[0].lstrip("+")


def test_sliders_and_presets_show_the_numbers_of_the_engine(served, page, session):
    page.goto(served(session, "#/chain"))
    sweep = page.locator(".chain-product .gradient")
    expect(sweep).to_contain_text(short(numbers(session, "")["cascade"]["derivative"]))
    w = page.get_by_label("w of all")
    w.press("ArrowRight")
    w.press("ArrowRight")
    derivative = numbers(session, "w1.1")["cascade"]["derivative"]
    expect(sweep).to_contain_text(short(derivative))
    expect(page).to_have_url(re.compile("chain=w1.1"))
    page.get_by_role("button", name="Exploding").click()
    found = numbers(session, EXPLODING)
    expect(sweep).to_contain_text(short(found["cascade"]["derivative"]))
    expect(page.locator(".chain-presets p")).to_contain_text("25")
    page.get_by_role("button", name=re.compile("^Neuron 4:")).click()
    rows = page.get_by_role("table", name="Numbers of neuron 4").locator("td")
    expect(rows).to_have_count(6)
    shown = [first_number(text) for text in rows.all_inner_texts()]
    expected = [found["z"][3], found["a"][4], found["slopes"][3], found["delta"][3]]
    assert shown[:4] == [short(x) for x in expected]
    expect(page).to_have_url(re.compile("link=4"))
    page.reload()
    expect(sweep).to_contain_text(short(found["cascade"]["derivative"]))


def test_a_slider_is_dragged_with_the_mouse(served, page, session):
    page.goto(served(session, "#/chain?chain=n20"))
    box = page.get_by_label("input x").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.7 * box["width"], y)
    page.mouse.down()
    for share in (0.6, 0.4, 0.2, 0.1):
        page.mouse.move(box["x"] + share * box["width"], y, steps=4)
    page.mouse.up()
    x = page.get_by_label("input x").input_value()
    assert float(x) < 0
    expect(page).to_have_url(re.compile(rf"chain=n20\*x{re.escape(x)}$"))
    derivative = numbers(session, f"n20*x{x}")["cascade"]["derivative"]
    expect(page.locator(".chain-product .gradient")).to_contain_text(short(derivative))


def test_one_neuron_is_set_apart_and_put_back(served, page, session):
    page.goto(served(session, "#/chain?link=2"))
    page.get_by_label("w₂", exact=True).press("ArrowLeft")
    expect(page).to_have_url(re.compile("chain=2w0.95"))
    derivative = numbers(session, "2w0.95")["cascade"]["derivative"]
    expect(page.locator(".chain-product .gradient")).to_contain_text(short(derivative))
    page.get_by_role("button", name="Neuron 2").press("ArrowRight")
    expect(page.get_by_role("group", name="Neuron 3 alone")).to_be_visible()
    page.get_by_role("button", name="Neuron 3").press("ArrowLeft")
    page.get_by_role("button", name="As the others again").click()
    expect(page).not_to_have_url(re.compile("2w"))


def test_the_nudge_is_followed_step_by_step(served, page, session):
    page.goto(served(session, "#/chain?position=0"))
    page.get_by_role("combobox", name="Nudge").select_option("b2")
    steps = numbers(session, "", "b2*0.1")["cascade"]["steps"]
    line = page.locator(".chain-step")
    for name, step in zip(("Δz₂", "Δa₂", "Δz₃"), steps, strict=False):
        expect(line.locator("b")).to_have_text(name)
        expect(line.locator(".predicted")).to_contain_text(short(step["predicted"]))
        expect(line.locator(".real")).to_contain_text(short(step["real"]))
        page.get_by_role("button", name="Forward").click()
    page.get_by_text("Numbers: the factors").click()
    table = page.get_by_role("table", name="the factors, their product")
    expect(table.locator("tbody tr")).to_have_count(len(steps))


def test_the_nudge_passes_over_zero(served, page, session):
    page.goto(served(session, "#/chain?cascade=w1*0.05"))
    page.get_by_label("by", exact=True).press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"cascade=w1\*-0.05"))


def test_nothing_is_inaccessible(served, opened, built, axe, session):
    page = opened(color_scheme="light", viewport={"width": 1024, "height": 700})
    page.goto(served(session, "#/chain?chain=n30*d2*w1.5"))
    expect(page.locator(".chain-lines li")).to_have_count(len(NAMES))
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
