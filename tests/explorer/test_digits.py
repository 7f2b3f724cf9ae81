"""What the screen Digits asks, against chainrule.insight and against difference quotients."""

from __future__ import annotations

import numpy as np
import pytest
from tests.explorer.digits import TEST_EXAMPLES, bright_session, digits_session, table_session
from tests.explorer.small import forget, reach

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.explorer.examples import drawing_of, drawing_text
from chainrule.explorer.ink import centred
from chainrule.explorer.moment import Moment
from chainrule.explorer.questions import answer
from chainrule.explorer.screens import digits
from chainrule.explorer.session import Session


@pytest.fixture(scope="module")
def session() -> Session:
    return digits_session()


@pytest.fixture(scope="module")
def mistakes(session):
    return cr.insight.misclassified(session.network.model, session.network.data)


def test_the_overview_is_the_confusion_matrix(session):
    network = session.network
    found = answer(session, "digits.overview", {"step": 0})
    expected = cr.insight.confusion(network.model, network.data)
    assert found["image"] == (28, 28) and found["examples"] == TEST_EXAMPLES
    np.testing.assert_array_equal(found["confusion"]["counts"], expected.counts)
    assert found["confusion"]["wrong"] == expected.wrong > 20
    assert found["confusion"]["accuracy"] == expected.accuracy > 0.8  # it has learned something
    records = network.model.record(network.data.test.X, network.data.test.Y, keep="cost")
    assert found["cost"] == pytest.approx(records.cost.mean(), rel=1e-5)


def test_mistakes_come_by_cost_page_by_page(session, mistakes):
    pages = -(-len(mistakes) // digits.EXAMPLES_A_PAGE)
    asked = {"step": 0, "show": "mistakes"}
    found = [answer(session, "digits.gallery", {**asked, "page": p}) for p in range(pages)]
    assert [n for page in found for n in page["numbers"]] == mistakes.indices.tolist()
    assert [n for page in found for n in page["labels"]] == mistakes.labels.tolist()
    assert [n for page in found for n in page["said"]] == mistakes.found.tolist()
    costs = np.concatenate([page["costs"] for page in found])
    np.testing.assert_allclose(costs, mistakes.costs, rtol=1e-5)
    np.testing.assert_array_equal(found[0]["x"], mistakes.X[: digits.EXAMPLES_A_PAGE])
    assert all((p["total"], p["pages"]) == (len(mistakes), pages) for p in found)
    beyond = answer(session, "digits.gallery", {**asked, "page": 999})
    before = answer(session, "digits.gallery", {**asked, "page": -3})
    assert beyond["numbers"] == found[-1]["numbers"] and beyond["page"] == pages - 1
    assert before["numbers"] == found[0]["numbers"] and before["page"] == 0


def test_all_examples_and_those_of_a_cell(session):
    counts = answer(session, "digits.overview", {"step": 0})["confusion"]["counts"]
    every = answer(session, "digits.gallery", {"step": 0, "show": "all"})
    assert every["total"] == TEST_EXAMPLES
    assert (np.diff(every["costs"]) <= 0).all()
    label, said = np.unravel_index(np.argmax(counts * (1 - np.eye(10))), counts.shape)
    asked = {"step": 0, "show": "mistakes", "label": int(label), "said": int(said)}
    cell = answer(session, "digits.gallery", asked)
    assert cell["total"] == counts[label, said] > 0
    assert set(cell["labels"]) == {label} and set(cell["said"]) == {said}
    right = {"step": 0, "show": "all", "label": 7, "said": 7}
    assert answer(session, "digits.gallery", right)["total"] == counts[7, 7]
    none = answer(session, "digits.gallery", {**right, "show": "mistakes"})
    assert (none["total"], none["pages"], none["numbers"]) == (0, 1, [])


def test_the_derivative_in_a_pixel_is_a_difference_quotient(session):
    network, h = session.network, 1e-2
    found = answer(session, "digits.digit", {"step": 0, "example": "8"})
    rng = np.random.default_rng(0)
    for pixel in [*np.argsort(-np.abs(found["slope"]))[:3], *rng.integers(0, 784, 2)]:
        shifted = np.repeat(network.data.test.X[8:9].astype(np.float64), 2, axis=0)
        shifted[:, pixel] += [h, -h]
        wide = cr.nn.Network([784, 30, 10], dtype="float64")
        wide.weights, wide.biases = network.model.weights, network.model.biases
        low, high = wide.record(shifted, network.data.test.Y[[8, 8]], keep="cost").cost[::-1]
        assert found["slope"][pixel] == pytest.approx((high - low) / (2 * h), rel=1e-2, abs=1e-7)
    record = session.record(0, "8")
    np.testing.assert_array_equal(found["outputs"], record.a[2][0])
    assert found["said"] == np.argmax(record.a[2]) and found["cost"] == record.cost[0]
    assert found["label"] == 5 and found["targets"].tolist() == np.eye(10)[5].tolist()


@pytest.mark.parametrize("order", ["number", "delta"])
def test_weights_and_what_they_make_of_an_example(session, order):
    asked = {"step": 0, "example": "8", "order": order}
    found = answer(session, "digits.weights", asked)
    record, x = session.record(0, "8"), session.network.data.test.X[8]
    np.testing.assert_allclose(found["products"].sum(1), found["sums"], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(found["weights"] @ x, found["sums"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found["sums"] + found["biases"], found["z"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(1 / (1 + np.exp(-found["z"])), found["a"], rtol=1e-4)
    np.testing.assert_array_equal(record.delta[1][0][found["neurons"]], found["delta"])
    assert sorted(found["neurons"]) == list(range(30))
    if order == "delta":
        assert (np.diff(np.abs(found["delta"])) <= 0).all()
    assert np.mean(np.abs(found["weights"]) <= found["scale"]) == pytest.approx(0.99, abs=0.001)


def test_what_was_forgotten_is_computed_anew(session):
    own = digits_session()
    reach(own, 1, _zeros(own.network.params))
    cost = answer(own, "digits.overview", {"step": 1})["cost"]
    assert cost != answer(own, "digits.overview", {"step": 0})["cost"]
    forget(own, 0)
    reach(own, 1, own.network.params)
    again = answer(own, "digits.overview", {"step": 1})
    assert again["cost"] == answer(own, "digits.overview", {"step": 0})["cost"] != cost


def _zeros(params):
    return [{name: np.zeros_like(x) for name, x in layer.items()} for layer in params]


def test_mnists_own_digits_are_prepared_already(session):
    images = session.network.data.test.X[:200].reshape(-1, 28, 28)
    for image in images:
        np.testing.assert_allclose(centred(image), image, atol=1e-6)
    inside = [image for image in images if not image[-3:].any() and not image[:, :2].any()]
    for image in inside:
        moved = np.roll(image, (3, -2), (0, 1))
        np.testing.assert_allclose(centred(moved), image, atol=1e-6)
    assert len(inside) > 50


def test_a_small_drawing_in_a_corner_is_recognised_as_the_large_one_is(session):
    data = session.network.data
    right = [n for n in range(60) if session.outcomes(0).said[n] == data.test.Y[n]]
    small = 0
    for n in right:
        ink = np.zeros((28, 28))
        # each two by two pixels as one, in the upper left corner
        ink[2:16, 1:15] = data.test.X[n].reshape(14, 2, 14, 2).mean((1, 3))
        asked = {"step": 0, "ink": drawing_text(ink.reshape(-1))}
        small += answer(session, "digits.prepared", asked)["label"] == data.test.Y[n]
    assert len(right) > 45 and small >= 0.85 * len(right)


def test_a_drawing_becomes_an_example_of_the_class_that_it_shall_be(session):
    x = session.network.data.test.X[0]
    ink = drawing_text(x)
    found = answer(session, "digits.prepared", {"step": 0, "ink": ink, "label": 2})
    assert found["example"] == f"2:{ink}" and found["label"] == 2
    np.testing.assert_allclose(found["x"], x, atol=0.51 / 15)
    shown = answer(session, "digits.digit", {"step": 0, "example": found["example"]})
    assert shown["label"] == 2 and shown["said"] == 7
    blank = answer(session, "digits.prepared", {"step": 0, "ink": drawing_text(0 * x)})
    assert not blank["x"].any() and 0 <= blank["label"] < 10


def test_images_of_another_range_are_shown_as_they_are_and_not_drawn(session):
    overview = answer(session, "digits.overview", {"step": 0})
    assert overview["drawable"] and overview["brightest"] == 1
    bright = bright_session()
    overview = answer(bright, "digits.overview", {"step": 0})
    assert overview["brightest"] == bright.network.data.test.X.max() > 10
    assert overview["image"] == (4, 4) and not overview["drawable"]
    with pytest.raises(ArgumentError, match="from 0 to 1"):
        answer(bright, "digits.prepared", {"step": 0, "ink": "AAAAAAAAAAA="})


def test_a_drawing_of_an_odd_number_of_pixels_is_written_whole():
    pixels = np.array([1.0, 0.2, 0.4])
    np.testing.assert_allclose(drawing_of(drawing_text(pixels), 3), pixels)


@pytest.mark.parametrize(
    ("question", "params", "says"),
    [
        ("gallery", {"show": "best"}, '"mistakes" or "all"'),
        ("weights", {"example": "0", "order": "size"}, '"number" or "delta"'),
        ("prepared", {"ink": "AAAA"}, "784 pixels"),
        ("prepared", {"ink": "***"}, "784 pixels"),
    ],
)
def test_what_is_refused_says_what_would_do(session, question, params, says):
    with pytest.raises(ArgumentError, match=says):
        answer(session, f"digits.{question}", {"step": 0, **params})


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_table_has_features_in_their_units(task):
    session = table_session(task)
    network = session.network
    overview = answer(session, "digits.overview", {"step": 0})
    assert overview["image"] is None
    assert (overview["confusion"] is None) == (task == "regression")
    worst = answer(session, "digits.gallery", {"step": 0, "show": "all"})
    X, Y = network.data.test.X, network.data.test.Y
    costs = network.model.record(X, Y, keep="cost").cost
    assert worst["numbers"][0] == np.argmax(costs) and worst["x"] is None
    np.testing.assert_allclose(worst["costs"], np.sort(costs)[::-1][:24], rtol=1e-5)
    one = answer(session, "digits.digit", {"step": 0, "example": "4"})
    np.testing.assert_allclose(one["unscaled"], X[4] * [10, 20] + [170, 60], rtol=1e-6)
    if task == "regression":
        np.testing.assert_array_equal(worst["targets"], Y[worst["numbers"]])
        np.testing.assert_allclose(
            worst["outputs"], network.model.record(X, Y).a[2][worst["numbers"]], rtol=1e-5
        )
        assert one["said"] is None and one["label"] is None
        with pytest.raises(ArgumentError, match="no classes"):
            answer(session, "digits.gallery", {"step": 0, "show": "all", "label": 1})
    with pytest.raises(ArgumentError, match="nothing can be drawn"):
        answer(session, "digits.prepared", {"step": 0, "ink": "AA=="})


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"show": "all", "was": "3", "said": "5", "gallery-page": "1", "neurons": "delta"},
        {"was": "-1", "gallery-page": "x", "neurons-page": "7"},
    ],
)
def test_what_a_saved_page_holds_can_be_answered(session, more):
    asked = digits.recorded(session, Moment(0, "8", "digits", more))
    assert [name for name, _ in asked] == [f"digits.{q}" for q in (
        "overview", "gallery", "digit", "weights",
    )]  # fmt: skip
    for question, params in asked:
        assert answer(session, question, params)
    for task in ("classification", "regression"):
        other = table_session(task)
        for question, params in digits.recorded(other, Moment(0, "8", "digits", more)):
            assert answer(other, question, params)
