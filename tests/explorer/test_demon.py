"""The questions of the screen "Demon" against the engine, and what is recorded of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.explorer.small import small_network, small_session

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.explorer.largest import LargestErrors, largest_errors
from chainrule.explorer.moment import Moment
from chainrule.explorer.questions import answer
from chainrule.explorer.screens import demon
from chainrule.explorer.screens.demon import named
from chainrule.explorer.session import Session

AT = {"step": 0, "example": "4"}
NAMES = {
    "z[1][3]": {"layer": 1, "neuron": 3},
    "b[2][1]": {"layer": 2, "bias": 1},
    "w[2][1, 3]": {"layer": 2, "weight": (1, 3)},
    "x[9]": {"input": 9},
}


@pytest.fixture(scope="module")
def session() -> Session:
    return small_session()


def ask(session: Session, name: str, **params: Any) -> Any:
    return answer(session, f"demon.{name}", params)


def subject(session: Session) -> tuple[Any, Any, Any]:
    """The network, and the example "4" as the engine takes it."""
    example = session.example(AT["example"])
    return session.network.model, example.x, example.y


@pytest.mark.parametrize("what", NAMES)
def test_a_name_of_the_engine_is_what_it_names(session, what):
    found = cr.insight.nudge(*subject(session), **NAMES[what], dz=1)
    assert found.name == what
    assert named(what).keywords == NAMES[what]


@pytest.mark.parametrize(
    "what", ["", "z[1]", "z[1][2, 3]", "w[1][2]", "x[1][2]", "y[1][2]", "z[1][2]x", "z[-1][2]"]
)
def test_what_names_nothing_is_refused(session, what):
    with pytest.raises(ArgumentError, match="nothing to nudge"):
        ask(session, "curve", **AT, what=what, reach=1)


@pytest.mark.parametrize("what", NAMES)
def test_a_curve_is_the_engines_nudge_at_every_position(session, what):
    found = ask(session, "curve", **AT, what=what, reach=2)
    dz = np.arange(-100, 101) * 0.02
    nudge = cr.insight.nudge(*subject(session), **NAMES[what], dz=dz)
    np.testing.assert_allclose(found["dz"], dz, atol=1e-12)
    for key in ("curve", "predicted", "real", "gap"):
        np.testing.assert_allclose(found[key], getattr(nudge, key), rtol=1e-9, atol=1e-14)
    assert found["real"][100] == found["gap"][100] == 0
    assert (found["cost"], found["slope"], found["name"]) == (nudge.cost, nudge.delta, what)


@pytest.mark.parametrize("reach", [0, -1, 1e9])
@pytest.mark.parametrize("question", ["curve", "gaps"])
def test_a_reach_without_sense_is_refused(session, question, reach):
    with pytest.raises(ArgumentError, match="reach="):
        ask(session, question, **AT, what="z[1][0]", reach=reach)


def test_the_gap_shrinks_with_the_square(session):
    found = ask(session, "gaps", **AT, what="z[1][3]", reach=0.5)
    nudge = cr.insight.nudge(*subject(session), layer=1, neuron=3, dz=found["dz"])
    np.testing.assert_allclose(found["gap"], np.abs(nudge.gap), rtol=1e-6)
    assert found["ratio"] == pytest.approx(4, rel=0.02)
    assert found["square"][-1] == pytest.approx(found["gap"][-1], rel=0.5)


def test_where_the_cost_is_straight_there_is_no_ratio():
    session = small_session(sizes=(16, 3), activation="identity", cost=linear_cost)
    assert ask(session, "gaps", **AT, what="z[1][0]", reach=1)["ratio"] is None


def linear_cost(a: Any, y: Any) -> Any:
    return np.sum(a * y, axis=-1)


@pytest.mark.parametrize("what", NAMES)
def test_a_cascade_ends_in_the_cost_and_in_the_outputs(session, what):
    model, x, y = subject(session)
    found = ask(session, "cascade", **AT, what=what, dz=0.7)
    cascade = cr.insight.cascade(model, x, y, **NAMES[what], dz=0.7)
    assert [s["name"] for s in found["steps"]] == [s.name for s in cascade.steps]
    for shown, step in zip(found["steps"], cascade.steps, strict=True):
        number = len(step.real) == 1
        for key in ("predicted", "real"):
            v = getattr(step, key)
            assert shown[key] == pytest.approx(v[0] if number else np.linalg.norm(v))
    np.testing.assert_allclose(found["before"], model.feedforward(x)[0], rtol=1e-6)
    np.testing.assert_allclose(found["change"], cascade.steps[-2].real, rtol=1e-4, atol=1e-7)
    assert found["says"][0] == int(np.argmax(found["before"]))
    reals = {step.layer: step.real for step in cascade.steps if step.name.startswith("da")}
    assert found["changes"].keys() == reals.keys()
    for layer, real in reals.items():
        np.testing.assert_allclose(found["changes"][layer], real, rtol=1e-4, atol=1e-7)


def test_outputs_after_a_change_of_a_bias_are_those_of_that_bias(session):
    found = ask(session, "cascade", **AT, what="b[1][2]", dz=-1.5)
    x = session.example(AT["example"]).x
    stack = session.stack(0)
    biases = {n: b.copy() for n, b in stack.biases.items()}
    biases[1][2] -= 1.5
    np.testing.assert_allclose(found["after"], stack.activate(x, None, biases)[1][2][0], rtol=1e-5)


def test_what_the_cost_does_not_feel_changes_no_output():
    session = small_session(activation="relu")
    z = session.record(0, AT["example"]).z[1][0]
    what = f"z[1][{int(np.argmin(z))}]"
    assert z.min() < -0.01
    found = ask(session, "cascade", **AT, what=what, dz=-1)
    assert not np.any(found["change"]) and not np.any(found["changes"][1])


def test_a_softmax_says_its_probabilities():
    session = small_session(activation=["sigmoid", "softmax"], cost="log-likelihood")
    found = ask(session, "cascade", **AT, what="z[1][2]", dz=1)
    assert np.sum(found["before"]) == pytest.approx(1, abs=1e-6)
    assert np.sum(found["after"]) == pytest.approx(1, abs=1e-6)
    assert np.any(found["change"] != 0)


def test_connections_are_the_largest_weights(session):
    weights = session.stack(0).weights
    links = ask(session, "connections", step=0, layer=1, neuron=3)["links"]
    into = [link for link in links if link["layer"] == 1]
    sizes = [abs(link["weight"]) for link in into]
    assert len(into) == 8 and all(link["to"] == 3 for link in into)
    assert sizes == sorted(np.abs(weights[1][3]), reverse=True)[:8]
    out = [link for link in links if link["layer"] == 2]
    assert {link["to"]: link["weight"] for link in out} == {
        j: pytest.approx(weights[2][j, 3]) for j in range(3)
    }
    of_an_input = ask(session, "connections", step=0, layer=0, neuron=9)["links"]
    assert {link["layer"] for link in of_an_input} == {1}
    for layer, neuron in ((3, 0), (1, 5), (-1, 0)):
        with pytest.raises(ArgumentError, match="there is no neuron"):
            ask(session, "connections", step=0, layer=layer, neuron=neuron)


def test_the_strongest_weight_and_input_have_the_largest_derivatives(session):
    found = ask(session, "strongest", **AT, layer=2, neuron=1)
    slopes = [
        abs(cr.insight.nudge(*subject(session), layer=2, weight=(1, k), dz=1).delta)
        for k in range(5)
    ]
    of_inputs = [abs(cr.insight.nudge(*subject(session), input=k, dz=1).delta) for k in range(16)]
    assert found == {"from": int(np.argmax(slopes)), "pixel": int(np.argmax(of_inputs))}


def test_a_game_goes_on_with_the_examples_that_follow(session):
    assert ask(session, "rounds", example="13") == {
        "examples": ["13", "14", "0", "1", "2"],
        "next": "3",
        "far": 0.1,
    }
    drawing = "1:AAAAAAAAAAA="
    assert ask(session, "rounds", example=drawing)["examples"] == [drawing, "0", "1", "2", "3"]
    with pytest.raises(ArgumentError):
        ask(session, "rounds", example="99")


def test_a_guess_is_compared_with_all_others(session):
    every = [(n, j, up) for n, size in ((1, 5), (2, 3)) for j in range(size) for up in (0, 1)]
    reals = {
        (n, j, up): cr.insight.nudge(
            *subject(session), layer=n, neuron=j, dz=0.1 if up else -0.1
        ).real
        for n, j, up in every
    }
    best = min(reals, key=lambda move: reals[move])
    ranks = cr.insight.rank(*subject(session))
    for (n, j, up), real in reals.items():
        found = ask(session, "guess", **AT, layer=n, neuron=j, up=bool(up))
        assert found["real"] == pytest.approx(float(real), rel=1e-9)
        assert found["share"] == pytest.approx(max(0, real / reals[best]))
        assert (found["rank"], found["of"]) == (ranks.rank_of(n, j), 8)
        assert (found["best"]["layer"], found["best"]["neuron"]) == best[:2]
    assert max(reals.values()) > 0  # some moves raise the cost: those have no share


def test_the_ranking_is_the_engines(session):
    found = ask(session, "ranking", **AT)
    ranks = cr.insight.rank(*subject(session))
    assert found["of"] == len(ranks) == len(found["rows"])
    assert [(r["layer"], r["neuron"]) for r in found["rows"]] == list(
        zip(ranks.layer, ranks.neuron, strict=True)
    )
    assert [r["real"] for r in found["rows"]] == pytest.approx(list(ranks.real))


def test_a_neuron_that_was_not_tried_can_be_the_best():
    session = Session(network=lambda: small_network((16, 300, 3)))
    every = cr.insight.rank(*subject(session))
    place = int(every.layer[-1]), int(every.neuron[-1])
    found = ask(session, "guess", **AT, layer=place[0], neuron=place[1], up=True)
    assert found["rank"] == every.rank_of(*place) > 200 and 0 <= found["share"] <= 1


def test_of_few_neurons_all_are_recorded_of_many_the_chosen_one(session):
    few = demon.recorded(session, Moment(0, "4"))
    assert sum(q == "demon.curve" for q, _ in few) == 8
    assert sum(q == "demon.guess" for q, _ in few) == 8 * 2 * 5
    many = Session(network=lambda: small_network((16, 300, 3)))
    asked = demon.recorded(many, Moment(0, "4", more={"layer": "1", "neuron": "123"}))
    assert [p["what"] for q, p in asked if q == "demon.curve"] == ["z[1][123]"]
    for question, params in asked:
        answer(many, question, params)


@pytest.mark.parametrize(
    ("more", "what", "dz"),
    [
        ({"nudge": "weight", "layer": "2", "neuron": "1", "from": "3"}, "w[2][1, 3]", 1.0),
        ({"nudge": "input", "pixel": "9", "dz": "0.333", "reach": "1"}, "x[9]", 0.33),
        ({"nudge": "bias", "layer": "9", "neuron": "99", "dz": "-7"}, "b[2][2]", -2.0),
        ({"layer": "x", "neuron": "", "reach": "0.3", "dz": "nan"}, "z[2][0]", 1.0),
        ({"neuron": "2"}, "z[1][2]", 1.0),
    ],
)
def test_an_address_is_read_as_the_page_reads_it(session, more, what, dz):
    asked = demon.recorded(session, Moment(0, "4", more=more))
    assert next(p["what"] for q, p in asked if q == "demon.curve") == what
    assert next(p["dz"] for q, p in asked if q == "demon.cascade") == dz


@pytest.mark.parametrize("example", ["0", "4", "9"])
def test_without_a_neuron_in_the_address_it_is_the_one_with_the_largest_error(session, example):
    ranks = cr.insight.rank(session.network.model, *pair(session, example))
    for layer in (1, 2):
        best = np.flatnonzero(ranks.layer == layer)[0]
        asked = demon.recorded(session, Moment(0, example, more={"layer": str(layer)}))
        what = next(p["what"] for q, p in asked if q == "demon.curve")
        assert what == f"z[{layer}][{ranks.neuron[best]}]"
    asked = demon.recorded(session, Moment(0, example))
    what = next(p["what"] for q, p in asked if q == "demon.curve")
    assert what == f"z[{ranks.layer[0]}][{ranks.neuron[0]}]"


def pair(session: Session, example: str) -> tuple[Any, Any]:
    found = session.example(example)
    return found.x, found.y


def test_what_is_no_number_is_not_the_largest_error():
    record = replace(
        small_network().model.record(np.zeros((1, 16)), np.zeros((1, 3))),
        kept={"delta": {1: np.array([[0.1, np.nan, -0.3, 0, 0]]), 2: np.full((1, 3), np.nan)}},
    )
    assert largest_errors(record) == LargestErrors(1, {1: 2, 2: 0})


def test_where_nothing_moves_no_cascade_is_recorded(session):
    asked = demon.recorded(session, Moment(0, "4", more={"dz": "0"}))
    assert not [q for q, _ in asked if q == "demon.cascade"]
