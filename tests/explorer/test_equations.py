"""The screen "Four equations": what its questions answer."""

from __future__ import annotations

import numpy as np
import pytest
from tests.explorer.small import small_session

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.explorer.moment import Moment
from chainrule.explorer.questions import answer
from chainrule.explorer.screens import equations
from chainrule.insight.explanation import explain

AT = {"step": 0, "example": "2"}


@pytest.fixture(scope="module")
def session():
    return small_session(sizes=(16, 6, 5, 3), seed=3)


@pytest.fixture(scope="module")
def choosing():
    return small_session(sizes=(16, 6, 3), seed=3, activation=["tanh", "softmax"],
                         cost="log-likelihood")  # fmt: skip


def truth(session):
    example = session.example("2")
    return session.network.model, example.x, example.y


def test_formulas_come_in_the_order_of_the_sweep(session):
    found = answer(session, "equations.forms", AT)
    assert [(e["label"], e["layer"]) for e in found["equations"]][:4] == [
        ("BP1", 3), ("BP3", 3), ("BP4", 3), ("BP2", 2),
    ]  # fmt: skip
    assert found["equations"][0]["special"] == (
        r"\delta^{3} = (a^{3} - y) \odot a^{3} \odot (1 - a^{3})"
    )
    assert [c["name"] for c in found["costs"]] == ["quadratic", "cross-entropy"]
    assert found["costs"][1]["formula"] == r"\delta^{3} = a^{3} - y"
    net, x, y = truth(session)
    a = net.record(x, y).a[3][0]
    gap = np.abs((a - y[0]) * (1 - a * (1 - a)))
    assert found["slower"] == np.argmax(gap)


def test_assumptions_are_those_that_hold(choosing):
    found = answer(choosing, "equations.forms", AT)["equations"][0]
    assert found["special"] == r"\delta^{2} = a^{2} - y"
    assert any(r"\sum" in condition for condition in found["assumptions"])


@pytest.mark.parametrize("name", ["session", "choosing"])
def test_entries_are_the_lines_of_explain(name, request):
    session = request.getfixturevalue(name)
    net, x, y = truth(session)
    for equation in explain(net, x, y, entries=3).equations:
        for entry in equation.entries:
            row, *column = eval(entry.name.split("[")[1].join("[]").replace("]]", "]"))
            where = {"label": equation.label, "layer": equation.layer, "row": row}
            found = answer(
                session, "equations.entry", {**AT, **where, "column": column[0] if column else 0}
            )
            lines = ("name", "terms", "value", "difference", "sum")
            assert tuple(found[k] for k in lines) == tuple(getattr(entry, k) for k in lines)
            assert abs(found["gap"]) < 1e-6


def test_the_sum_that_comes_back_is_whole(session):
    net, x, y = truth(session)
    record = net.record(x, y)
    where = {"label": "BP2", "layer": 2, "row": 4, "column": 0}
    found = answer(session, "equations.entry", {**AT, **where})
    terms = found["terms_of_sum"]
    assert sorted(terms["neuron"]) == [0, 1, 2]
    assert np.allclose(terms["weight"], net.weights[2][terms["neuron"], 4])
    assert np.allclose(terms["error"], record.delta[3][0][terms["neuron"]], rtol=1e-4)
    assert found["total"] == pytest.approx(terms["product"].sum())
    assert found["total"] == pytest.approx(record.delta_a[2][0, 4], rel=1e-4)
    assert found["rest"] == 0


def test_slopes_and_gradients(session, choosing):
    net, x, y = truth(session)
    record = net.record(x, y)
    slopes = answer(session, "equations.slopes", AT)["slopes"]
    for n in (1, 2, 3):
        assert np.allclose(slopes[n], record.a[n][0] * (1 - record.a[n][0]), rtol=1e-4)
        found = answer(session, "equations.gradient", {**AT, "layer": n})["nabla_w"]
        assert np.allclose(found, record.nabla_w[n], rtol=1e-4, atol=1e-8)
    net, x, y = truth(choosing)
    record = net.record(x, y)
    slopes = answer(choosing, "equations.slopes", AT)["slopes"]
    a = record.a[2][0]
    assert np.allclose(slopes[2], np.diag(a) - np.outer(a, a), atol=1e-6)
    assert np.allclose(slopes[2] @ record.delta_a[2][0], record.delta[2][0], atol=1e-5)
    assert slopes[1].shape == (6,)


def costs(session, **params):
    given = {"neuron": 1, "z": None, "target": None, **params}
    return answer(session, "equations.costs", {**AT, **given})


def test_the_error_under_two_costs(session):
    net, x, y = truth(session)
    record = net.record(x, y)
    found = costs(session)
    first, second = found["costs"]
    assert np.allclose(first["delta"], record.delta[3][0], rtol=1e-4)
    assert np.allclose(second["delta"], record.a[3][0] - y[0], rtol=1e-4)
    assert first["value"] == pytest.approx(record.cost[0], rel=1e-5)
    assert np.allclose(first["delta_a"] * found["slope"], first["delta"])
    assert np.allclose(second["delta_a"] * found["slope"], second["delta"])


def test_a_saturated_neuron_that_is_wrong_learns_slowly_under_the_quadratic_cost(session):
    found = costs(session, z=-8.0, target=1)
    first, second = (c["delta"][1] for c in found["costs"])
    a = 1 / (1 + np.exp(8.0))
    assert found["z"][1] == -8 and found["y"][1] == 1
    assert first == pytest.approx((a - 1) * a * (1 - a))
    assert second == pytest.approx(a - 1)
    assert found["ratio"] == pytest.approx(1 / (a * (1 - a)))


def test_another_target_keeps_probabilities(choosing):
    own = costs(choosing)["y"]
    assert own.sum() == 1
    for neuron in range(3):
        for target in (0, 1):
            y = costs(choosing, neuron=neuron, target=target)["y"]
            assert y.sum() == 1 and y[neuron] == target


@pytest.mark.parametrize("name", ["session", "choosing"])
def test_the_curve_goes_through_what_is_and_through_what_is_moved(name, request):
    session = request.getfixturevalue(name)
    found = answer(session, "equations.curve", {**AT, "neuron": 1, "target": None})
    for z in (found["here"], -3.0, 4.0):
        both = costs(session, z=z)["costs"]
        for curve, cost in zip(found["deltas"], both, strict=True):
            assert np.interp(z, found["z"], curve) == pytest.approx(abs(cost["delta"][1]), abs=2e-3)
    assert found["z"][0] <= -8 and found["z"][-1] >= 8


def test_what_is_not_there_is_refused(session):
    with pytest.raises(ArgumentError, match="neurons 0 to 2, and no 3"):
        costs(session, neuron=3)
    with pytest.raises(ArgumentError, match="BP1 holds for layers 3 to 3"):
        where = {"label": "BP1", "layer": 1, "row": 0, "column": 0}
        answer(session, "equations.entry", {**AT, **where})


def test_a_file_has_what_was_chosen(session):
    more = {"equation": "BP4", "layer": "1", "neuron": "2", "input": "7", "moved": "-4.5",
            "target": "1", "output": "2"}  # fmt: skip
    asked = equations.recorded(session, Moment(0, "2", "equations", more))
    where = {"label": "BP4", "layer": 1, "row": 2, "column": 7}
    assert ("equations.entry", {**AT, **where}) in asked
    assert ("equations.costs", {**AT, "neuron": 2, "z": -4.5, "target": 1.0}) in asked
    for question, params in asked:
        answer(session, question, params)
    strange = {"neuron": "99", "input": "x", "moved": "nan", "output": "-1"}
    fewer = equations.recorded(session, Moment(0, "2", "equations", strange))
    assert fewer == equations.recorded(session, Moment(0, "2", "equations"))


def test_an_activation_of_the_users_and_real_targets():
    session = small_session(sizes=(16, 4, 3), activation=lambda z: z / (1 + np.exp(-z)))
    assert isinstance(session.network.model, cr.nn.Network)
    found = answer(session, "equations.forms", AT)
    assert [c["name"] for c in found["costs"]] == ["quadratic", "huber"]
    assert np.isfinite(costs(session)["costs"][1]["delta"]).all()
