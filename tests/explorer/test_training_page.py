"""The training screen, used as a person would: what it shows is what the engine computed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.explorer.small import small_network

import chainrule as cr
from chainrule.drawing.short import short
from chainrule.explorer.learning.trainer import Trainer
from chainrule.explorer.place import place_of
from chainrule.explorer.questions import answer
from chainrule.explorer.saved.saved_page import save_page
from chainrule.explorer.session import Session

COMPILING = 120_000  # milliseconds: the first step is compiled, while others may have the cores


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """The small network; 30 examples in mini-batches of 5."""
    made = Session(network=small_network)
    yield made
    made.close()


@pytest.fixture
def train(served, page, session) -> Page:
    """The screen before any training."""
    given = {"seed": 0, "init": "book", "eta": 0.5, "batch_size": 5}
    answer(session, "train.restart", given)
    session.trainer.pause().result(COMPILING / 1000)
    page.goto(served(session, "#/train"))
    expect(status(page)).to_have_text("Ready.")
    return page


def status(page: Page):
    return page.locator(".train-status")


def goes_to(session: Session, wish: Callable[[Trainer], object], step: int) -> None:
    """Have a wish granted, and wait until training rests at a step."""
    rests = Event()

    def listener(name: str, facts: Mapping[str, object]) -> None:
        if name == "training" and (facts["status"], facts["step"]) == ("paused", step):
            rests.set()

    stop = session.listen(listener)
    wish(session.trainer)
    assert rests.wait(COMPILING / 1000)
    stop()


def button(page: Page, name: str | re.Pattern[str]):
    return page.get_by_role("button", name=name)


def stands_at(page: Page, step: int) -> None:
    expect(page.locator(".train-where")).to_contain_text(f"step {step:,}", timeout=COMPILING)


def eta_field(page: Page):
    return page.get_by_label("learning rate η", exact=True)


def test_other_screens_look_at_the_step_that_training_came_to(train, session):
    cost = train.locator(".readout dt", has_text="cost C")

    def demon_shows(step: int) -> None:
        train.keyboard.press("3")
        expect(cost).to_contain_text(f"now {short(session.record(step, '0').cost[0])}")

    demon_shows(0)
    train.keyboard.press("6")
    for step in range(1, 3):
        button(train, "One mini-batch").click()
        stands_at(train, step)
    demon_shows(2)


def test_single_steps_show_the_numbers_of_the_engine(train, session):
    for step in range(1, 4):
        button(train, "One mini-batch").click()
        stands_at(train, step)
    expect(status(train)).to_have_text("Paused.")
    layers = answer(session, "train.layers", {"step": 3})["layers"]
    for row, key in (("|∇w|", "nabla_w"), ("|δ|", "delta"), ("|Δw| / |w|", "update")):
        cells = train.locator("aside tr", has=train.get_by_role("rowheader", name=row, exact=True))
        expect(cells.locator("td")).to_have_text([short3(x[key]) for x in layers.values()])
    batch = answer(session, "train.batch", {"step": 3})
    expect(train.locator(".train-batch")).to_contain_text(f"Number {batch['batch'] + 1} of epoch")
    shown = train.locator(".train-examples li")
    expect(shown).to_have_count(5)
    names = session.network.data.classes
    expect(shown.locator(".what")).to_have_text([names[label] for label in batch["labels"]])
    cosines = [float(x) for x in shown.locator(".num").all_text_contents()]
    np.testing.assert_allclose(cosines, batch["cosines"], rtol=0.06, atol=1e-6)
    assert cosines == sorted(cosines)
    assert train.locator(".train-examples .against").count() == batch["against"]
    train.get_by_text("Numbers: the mini-batch").click()
    norms = train.locator(".train-batch table tbody tr td:nth-child(4)")
    expect(norms).to_have_text([short(x) for x in batch["norms"].astype(np.float32)])


def short3(x: float) -> str:
    return f"{x:.3g}"


def test_an_epoch_ends_with_the_numbers_of_fit(train, session):
    button(train, "One epoch").click()
    stands_at(train, 6)
    found = cr.fit(
        small_network().model, session.network.data, optimiser=cr.optim.sgd(0.5), epochs=1,
        batch_size=5, params=session.timeline.at(0),
    ).history[0]  # fmt: skip
    train.get_by_text("Numbers: Cost").click()
    row = train.locator(".train-curves .text-form-open tbody tr").last.locator("td")
    cost, held_out = (np.float32(found[x]) for x in ("cost", "validation_cost"))
    expect(row.nth(1)).to_have_text(short(cost))
    expect(row.nth(2)).to_have_text(short(held_out))
    expect(train.locator(".train-where")).to_contain_text("epoch 2 · 0 of 6 mini-batches")


def test_it_runs_while_eta_changes_and_is_paused_by_keys(train, session):
    button(train, "Start").focus()
    train.keyboard.press("Enter")
    expect(status(train)).to_have_text("Training.", timeout=COMPILING)
    expect(button(train, "One mini-batch")).to_be_disabled()
    expect(train.locator(".train-where")).to_contain_text("examples a second")
    eta_field(train).fill("0.25")
    eta_field(train).press("Enter")
    expect(train.locator("aside")).to_contain_text("η 0.25")
    slider = train.get_by_label("learning rate η, by powers of ten")
    slider.focus()
    train.keyboard.press("ArrowRight")
    expect(eta_field(train)).to_have_value("0.28")
    expect(train.locator("aside")).to_contain_text("η 0.28")
    button(train, "Pause").focus()
    train.keyboard.press("Space")
    expect(status(train)).to_have_text("Paused.")
    facts = session.trainer.facts
    stands_at(train, facts["step"])
    assert [eta for _, eta in session.trainer.progress.etas.changes] == [0.5, 0.25, 0.28]
    expect(train.locator("footer output")).to_have_text(f"{facts['step']:,}, the newest")


def test_rewound_it_goes_the_same_way_until_eta_is_another(train, session):
    for _ in range(2):
        button(train, re.compile("epoch")).click()
        expect(status(train)).to_have_text("Paused.", timeout=COMPILING)
    stands_at(train, 12)
    field = train.get_by_label("Look at step")
    field.fill("4")
    field.press("Enter")
    layers = answer(session, "train.layers", {"step": 4})["layers"]
    row = train.locator("aside tr", has=train.get_by_role("rowheader", name="|w|", exact=True))
    expect(row.locator("td")).to_have_text([short3(x["weights"]) for x in layers.values()])
    button(train, "Rewind training to step 4").click()
    stands_at(train, 4)
    button(train, "One mini-batch").click()
    stands_at(train, 5)
    expect(train.locator("footer output")).to_have_text("5 of 12")  # the reader goes along
    assert session.timeline.steps[-1] == 12
    expect(train).to_have_url(re.compile("step=5"))
    train.reload()
    stands_at(train, 5)
    expect(field).to_have_value("5")
    eta_field(train).fill("2")
    eta_field(train).press("Enter")
    expect(train.locator("aside")).to_contain_text("η 2,")
    button(train, "One mini-batch").click()
    stands_at(train, 6)
    expect(train.locator("footer output")).to_have_text("6, the newest")
    assert session.timeline.steps[-1] == 6


def test_divergence_is_said_and_taken_back(served, page):
    linear = small_network(activation="identity", cost="quadratic")  # no neuron of it can die
    subject = replace(linear, eta=0.1)
    own = Session(network=lambda: subject)
    page.goto(served(own, "#/train"))
    button(page, "One mini-batch").click()
    stands_at(page, 1)
    eta_field(page).fill("1e30")
    eta_field(page).press("Enter")
    button(page, "Start").click()
    expect(status(page)).to_have_text("Diverged.")
    expect(page.get_by_role("alert")).to_contain_text("smaller η")
    expect(page.get_by_role("alert")).to_contain_text("the cost became")
    page.get_by_label("Look at step").fill("0")
    page.get_by_label("Look at step").press("Enter")
    button(page, "Rewind training to step 0").click()
    stands_at(page, 0)
    expect(eta_field(page)).to_have_value("0.1")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_begun_anew_and_refused_in_words(train, session):
    button(train, "One mini-batch").click()
    stands_at(train, 1)
    train.get_by_text("Begin anew with other weights").click()
    train.get_by_label("seed").fill("7")
    train.get_by_label("initial weights").select_option("he")
    train.get_by_label("examples in a mini-batch").fill("15")
    button(train, "Begin anew").click()
    stands_at(train, 0)
    expect(train.locator(".train-where")).to_contain_text("0 of 2 mini-batches")
    facts = session.trainer.facts
    assert (facts["seed"], facts["batch_size"]) == (7, 15)
    eta_field(train).fill("-1")
    eta_field(train).press("Enter")
    expect(train.get_by_role("alert")).to_contain_text("η is a positive number")


def test_a_second_page_sees_what_the_first_does(train, session, served, opened):
    other = opened(color_scheme="light")
    other.goto(served(session, "#/train"))
    expect(status(other)).to_have_text("Ready.")
    button(train, "One mini-batch").click()
    stands_at(other, 1)
    button(other, "One mini-batch").click()
    stands_at(train, 2)


def test_axe_finds_nothing(train, axe):
    button(train, "One mini-batch").click()
    stands_at(train, 1)
    expect(train.locator("summary")).to_have_count(5)  # the last when the mini-batch is known
    for summary in train.locator("summary").all():
        summary.click()
    expect(train.locator(".text-form-open")).to_have_count(4)
    assert axe(train) == []


@pytest.mark.parametrize("width", [1024, 1600])
def test_nothing_overflows(train, width):
    train.set_viewport_size({"width": width, "height": 700})
    over = "() => [document.documentElement, ...document.querySelectorAll('main, aside, header')]"
    assert not any(train.evaluate(f"({over})().map(e => e.scrollWidth > e.clientWidth)"))


def test_a_saved_moment_shows_the_curves_and_trains_no_more(session, page, tmp_path):
    answer(session, "train.restart", {"seed": 0, "init": "book", "eta": 0.5, "batch_size": 5})
    goes_to(session, lambda trainer: trainer.epochs(), 6)
    file = tmp_path / "moment.html"
    saved = save_page(session, file, place_of("#/train"))
    assert not any(key.startswith("train.") for key in saved.errors)
    page.goto(file.as_uri())
    expect(page.locator(".train-controls")).to_contain_text("A saved moment does not train")
    for name in ("Start", "One mini-batch", "Begin anew"):
        for each in button(page, name).all():
            expect(each).to_be_disabled()
    expect(eta_field(page)).to_be_disabled()
    expect(page.locator(".train-examples li").first).to_be_visible()
    expect(page.locator("aside table")).to_contain_text("|∇w|")
    page.get_by_text("Numbers: Cost").click()
    ends = [end.step for end in session.trainer.progress.curves.ends]
    points = [point.step for point in session.trainer.progress.curves.points]
    steps = page.locator(".train-curves .text-form-open tbody th")
    expect(steps).to_have_text([str(x) for x in sorted({*ends, *points})])
