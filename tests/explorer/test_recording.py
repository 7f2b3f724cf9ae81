"""The answers of a moment: keys as the page writes them, and failures kept apart."""

from __future__ import annotations

import struct
from types import SimpleNamespace

import numpy as np
import pytest
from tests.explorer.small import reach, small_session

from chainrule.core.errors import ArgumentError
from chainrule.explorer import questions, screens
from chainrule.explorer.place import Place, place_of
from chainrule.explorer.saved.recording import key_of, number_text, record
from chainrule.explorer.wire import encode


def test_numbers_and_keys_are_those_of_javascript(opened):
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2**64, 2000, dtype=np.uint64).tobytes()
    numbers = [x for x in struct.unpack("<2000d", bits) if x == x and abs(x) != float("inf")]
    numbers += [m * 10.0**n for m in (1, -1.5, 123456789.125) for n in range(-30, 31)]
    numbers += [0.0, -0.0, 5e-324, 1.7976931348623157e308, 2.0**53, 1e21, 999999999999999900000.0]
    page = opened()
    assert page.evaluate("xs => xs.map((x) => JSON.stringify(x))", numbers) == [
        number_text(x) for x in numbers
    ]
    params = {
        "step": 3, "name": 'δ "quoted" \\ / \n\t\x01\x7f\u2028', "on": True, "off": None,
        "Big": [1.0, -2.5, [], ["a"]], "at": 0.1 + 0.2,
    }  # fmt: skip
    written = page.evaluate(
        """params => JSON.stringify(
            Object.fromEntries(Object.keys(params).sort().map((n) => [n, params[n]])))""",
        params,
    )
    assert key_of("demon.curve", params) == f"demon.curve {written}"


def test_every_screen_s_questions_are_answered_once(monkeypatch):
    session = small_session()
    asked: list[str] = []

    def counted(session, *, step: int) -> dict[str, int]:
        asked.append("counted")
        return {"step": step}

    monkeypatch.setitem(questions.QUESTIONS, "one.counted", counted)
    for name in ("one", "other"):
        each = SimpleNamespace(recorded=lambda s, m: [("one.counted", {"step": m.step})])
        monkeypatch.setitem(screens.SCREENS, name, each)
    found = record(session, Place("demon", {"example": "2"}))
    assert asked == ["counted"]
    assert found.answers['one.counted {"step":0}'] == encode({"step": 0})
    assert 'session.record {"example":"2","step":0}' in found.answers
    assert (found.place, found.errors, found.unasked) == ("#/demon?example=2", {}, {})


def test_a_failure_spoils_nothing_else(monkeypatch, capfd):
    def wrong(session) -> None:
        raise ZeroDivisionError("at layer 2")

    def refused(session, moment) -> None:
        raise ArgumentError("there is no layer 9")

    monkeypatch.setitem(questions.QUESTIONS, "one.wrong", wrong)
    one = SimpleNamespace(recorded=lambda s, m: [("one.wrong", {}), ("one.unknown", {"x": 1})])
    monkeypatch.setitem(screens.SCREENS, "one", one)

    def mistaken(session, moment) -> None:
        raise KeyError("layer")

    monkeypatch.setitem(screens.SCREENS, "other", SimpleNamespace(recorded=refused))
    monkeypatch.setitem(screens.SCREENS, "third", SimpleNamespace(recorded=mistaken))
    found = record(small_session(), Place())
    assert found.unasked["other"] == "there is no layer 9"
    assert found.unasked["third"].startswith("third failed by a mistake in chainrule: KeyError")
    assert "ZeroDivisionError: at layer 2" in found.errors["one.wrong {}"]
    assert found.errors['one.unknown {"x":1}'] == "there is no question 'one.unknown'"
    assert "session.about {}" in found.answers
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_training_that_goes_on_meanwhile_does_not_move_the_moment(monkeypatch):
    """Without a step in its address the file would open at one that it does not hold."""
    session = small_session()

    def recorded(session, moment) -> list[object]:
        reach(session, 30, session.network.params)
        return []

    monkeypatch.setitem(screens.SCREENS, "one", SimpleNamespace(recorded=recorded))
    assert record(session, Place("demon")).place == "#/demon?step=0"
    assert record(session, Place("demon")).place == "#/demon"
    assert record(session, Place("demon", {"step": "7"})).place == "#/demon?step=7"


def test_a_place_is_read_and_written_as_the_page_does():
    place = place_of("#/digits?example=5%3AD%2FA%3D&step=7&q=a+b")
    assert place == Place("digits", {"example": "5:D/A=", "step": "7", "q": "a b"})
    assert str(place) == "#/digits?example=5%3AD%2FA%3D&q=a+b&step=7"
    for text in ("#/nowhere", "", "#/session", "#digits/x"):
        with pytest.raises(ArgumentError, match="there is no screen"):
            place_of(text)


@pytest.mark.parametrize(
    ("text", "step"),
    [("", 20), ("9", 9), ("5.4", 5), ("-3", 0), ("99", 20), ("x", 20), ("inf", 20)],
)
def test_the_moment_is_at_a_step_that_training_has_come_by(text, step):
    session = small_session()
    for n in (10, 20):
        reach(session, n, session.network.params)
    moment = Place("chain", {"step": text, "layer": "2"}).moment(session)
    assert (moment.step, moment.example, moment.screen) == (step, "0", "chain")
    assert moment.more == {"layer": "2"}


def test_without_such_an_example_there_is_nothing_to_record():
    with pytest.raises(ArgumentError, match="15 examples"):
        record(small_session(), Place("graph", {"example": "99"}))
