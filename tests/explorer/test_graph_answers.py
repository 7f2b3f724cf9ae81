"""What the graph screen is told: numbers, their moments, rules, lines, and errors."""

from __future__ import annotations

import numpy as np
import pytest
from tests.explorer.graph_functions import DEEP, EVERY, W, arrays, fan, loop, rows
from tests.explorer.small import small_session

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.drawing.short import short
from chainrule.explorer.functions.network_cost import NETWORK
from chainrule.explorer.moment import Moment
from chainrule.explorer.questions import answer
from chainrule.explorer.screens.graph import recorded
from chainrule.explorer.wire import encode


@pytest.fixture(scope="module")
def session():
    return small_session(*EVERY)


@pytest.fixture
def ask(session):
    return lambda question, **params: answer(session, f"graph.{question}", params)


@pytest.fixture
def drawn(ask):
    return lambda name, **params: ask("picture", function=name, **{"open": [], **params})


def test_the_essay_has_its_numbers_each_at_its_moment(drawn):
    found = drawn("essay")
    edges = [
        (e["start"], e["end"], e["value"], e["at"], e["gradient"], e["back"])
        for e in found["edges"]
    ]
    assert edges == [
        ("i0", "e0", "2", 0, "2", 7),
        ("i1", "e0", "1", 0, "2", 7),
        ("i1", "e1", "1", 0, "3", 6),
        ("e0", "e2", "3", 1, "2", 5),
        ("e1", "e2", "2", 2, "3", 5),
        ("e2", "o0", "6", 3, "1", 4),
    ]
    assert [s["label"] for s in found["stops"]] == [
        "given: a = 2, b = 1",
        "forward: c = a + b",
        "forward: d = b + 1",
        "forward: e = c · d",
        "seed: ∂e/∂e = 1",
        "backward: e = c · d",
        "backward: d = b + 1",
        "backward: c = a + b",
    ]
    b = next(n for n in found["nodes"] if n["key"] == "i1")
    assert [(s["at"], s["name"], s["text"]) for s in b["sums"]] == [
        (6, "b̄", "3"),
        (7, "b̄", "3 + 2 = 5"),
    ]


def test_lines_of_the_source_have_their_boxes_and_what_they_gave(drawn):
    source = drawn("essay")["source"]
    assert [(x["number"], x["boxes"]) for x in source["lines"]] == [
        (1, []), (2, ["e0"]), (3, ["e1"]), (4, ["e2"]), (5, []),
    ]  # fmt: skip
    assert [(v["line"], v["at"], v["name"], v["value"]) for v in source["values"]] == [
        (1, 1, "c", "3"), (2, 2, "d", "2"), (3, 3, "e", "6"),
    ]  # fmt: skip
    called = [x["text"].strip() for x in drawn("arrays")["source"]["lines"]]
    assert "z = W @ x + v" in called and "a = layer(x, v)" in called


def test_rules_are_those_of_explain_with_numbers(ask):
    sum_ = ask("rule", function="essay", equation=0)
    assert (sum_["forward"]["latex"], sum_["forward"]["numbers"]) == ("c = a + b", "2 + 1")
    to_a, to_b = sum_["backward"]
    assert to_a["rules"][0]["text"] == "ā += c̄"
    assert to_a["rules"][0]["chain"] == r"\bar{c} \cdot \frac{\partial c}{\partial a}"
    assert (to_a["rules"][0]["numbers"], to_a["rules"][0]["value"]) == (r"2 \cdot 1", "2")
    assert to_b["sum"] == {
        "latex": r"\bar{d} + \bar{c}", "numbers": "3 + 2", "value": "5", "terms": 2, "of": 2,
    }  # fmt: skip
    product = ask("rule", function="essay", equation=2)
    assert [t["text"] for b in product["backward"] for t in b["rules"]] == [
        "c̄ += ē · d", "d̄ += ē · c",
    ]  # fmt: skip
    first = ask("rule", function="essay", equation=1)["backward"][0]["sum"]
    assert (first["value"], first["terms"], first["of"]) == ("3", 1, 2)


def test_every_rule_says_what_the_derivation_says(ask, session):
    """``chainrule explain`` and the page have the same words for each equation."""
    subject = session.functions["fan"]
    lines = str(cr.insight.derivation(subject.f, *subject.args))
    count = ask("picture", function="fan", open=[])["equations"]
    for n in range(count):
        rule = ask("rule", function="fan", equation=n)
        assert rule["forward"]["text"] in lines
        for back in rule["backward"]:
            assert all(term["text"] in lines for term in back["rules"])


def test_a_fan_out_of_three_is_summed_term_by_term(drawn):
    found = drawn("fan")
    (box,) = [n for n in found["nodes"] if n["label"].endswith("u")]
    terms = [s["text"] for s in box["sums"]]
    u = 0.5 * 2.0
    parts = [1.0, np.exp(u) * np.sin(u), np.exp(u) * np.cos(u)]
    assert terms == [
        short(parts[0]),
        f"{short(parts[0])} + {short(parts[1])} = {short(sum(parts[:2]))}",
        f"{' + '.join(map(short, parts))} = {short(sum(parts))}",
    ]
    gradient = cr.grad(fan, argnums=(0, 1))(0.5, 2.0)
    inputs = [n for n in found["nodes"] if n["kind"] == "input"]
    assert [n["sums"][-1]["text"] for n in inputs] == [short(g) for g in gradient]


@pytest.mark.parametrize(("name", "f"), [("arrays", arrays), ("loop", loop)])
def test_derivatives_in_arguments_are_those_of_grad(drawn, session, name, f):
    gradients = cr.grad(f, argnums=(0, 1))(*session.functions[name].args)
    inputs = [n for n in drawn(name)["nodes"] if n["kind"] == "input"]
    for node, gradient in zip(inputs, gradients, strict=True):
        total = node["sums"][-1]["text"].partition(", 2 terms")[0].rpartition(" = ")[2]
        assert total == short(gradient)


def test_arguments_can_be_changed(drawn):
    found = drawn("essay", inputs="a=-1;b=4")
    assert [a["numbers"] for a in found["arguments"]] == [[-1.0], [4.0]]
    (output,) = [e for e in found["edges"] if e["end"] == "o0"]
    assert output["value"] == "15"
    assert drawn("rows", inputs="x=1 0 -1")["arguments"][0]["numbers"] == [1.0, 0.0, -1.0]


@pytest.mark.parametrize(
    ("name", "inputs", "says"),
    [
        ("essay", "z=1", "no argument 'z'; it has a, b"),
        ("essay", "a=1 2", "a takes 1 finite number"),
        ("essay", "a=nan", "finite"),
        ("rows", "x=1 2", "x takes 3 finite numbers"),
        ("rows", "x=one two three", "x takes 3 finite numbers"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(drawn, name, inputs, says):
    with pytest.raises(ArgumentError, match=says):
        drawn(name, inputs=inputs)


def test_what_is_differentiated_can_be_chosen(drawn):
    x = np.array([1.0, 2.0, 3.0])
    jacobian = cr.jacobian(rows)(x)
    found = drawn("rows")
    assert [c["text"] for c in found["choices"]] == ["sum(y)", "y[0]", "y[1]", "y[2]"]
    for key, expected in [("", jacobian.sum(0)), ("0[2]", jacobian[2])]:
        node = drawn("rows", of=key)["nodes"][0]
        assert node["sums"][-1]["text"].startswith(short(expected))


def test_an_array_that_stands_in_the_function_can_be_looked_at(ask, drawn):
    found = drawn("arrays")
    (box, *_) = [n for n in found["nodes"] if n["kind"] == "constant"]
    assert box["label"] == "K₁\n2 × 2"
    (edge,) = [e for e in found["edges"] if e["start"] == box["key"]]
    array = ask("variable", function="arrays", name=edge["variable"])
    np.testing.assert_array_equal(array["value"], W)
    assert array["gradient"] is None


def test_a_loop_is_a_group_with_its_turn_inside(drawn, ask):
    folded = drawn("loop")
    (group,) = [n for n in folded["nodes"] if n["kind"] == "group"]
    opened = drawn("loop", open=[group["key"]])
    assert len(opened["nodes"]) > len(folded["nodes"]) and opened["groups"]
    body = ask("rule", function="loop", equation=1)["body"]
    assert [row["latex"] for row in body] == [
        r"u_{1} = c \, w", "u_{2} = u_{1} + x_{t}", r"c_{1} = \tanh(u_{2})",
        r"u_{3} = c_{1} \, c_{1}",
    ]  # fmt: skip
    assert "w" in {n["label"] for n in opened["nodes"] if "." in n["key"]}


def test_the_branch_that_is_taken_is_explained(ask, drawn):
    assert drawn("chosen")["edges"][-1]["value"] == "9"
    rule = ask("rule", function="chosen", equation=1)
    assert rule["title"] == "the branch taken: x ↦ f"
    assert [row["latex"] for row in rule["body"]] == [r"f = x \, x"]
    (back,) = rule["backward"]
    assert (back["variable"], back["rules"][0]["value"]) == ("x", "6")


def test_an_error_of_the_function_is_told_with_its_line(drawn):
    found = drawn("failing")
    assert found["problem"].startswith("graph_functions.py:")
    assert "cholesky" in found["problem"]
    assert "cholesky" in found["source"]["lines"][found["line"]]["text"]


def test_two_thousand_equations_are_sent_folded(drawn):
    found = drawn("deep")
    assert found["equations"] == 5 * 400
    assert len(found["nodes"]) < 60 and len(encode(found)) < 30_000
    stops = found["stops"]
    assert sum(s["count"] for s in stops if s["phase"] == "forward") == 2000
    assert stops[-1]["at"] == 2000 + 1 + 2000
    args = DEEP.args
    assert found["nodes"][0]["sums"][-1]["text"] == short(cr.grad(DEEP.f)(*args))


def test_the_cost_of_the_network_is_such_a_function(ask, drawn, session):
    at = {"step": 0, "example": "3"}
    found = drawn(NETWORK, **at)
    record = session.record(0, "3")
    (output,) = [e for e in found["edges"] if e["end"] == "o0"]
    assert output["value"] == short(record.cost[0])
    weights = ask("variable", function=NETWORK, name="W2", **at)
    np.testing.assert_allclose(
        weights["gradient"], np.outer(record.delta[2][0], record.a[1][0]), rtol=1e-5
    )
    z = ask("variable", function=NETWORK, name="z1", **at)
    np.testing.assert_allclose(z["value"], record.z[1][0], rtol=1e-5)
    np.testing.assert_allclose(z["gradient"], record.delta[1][0], rtol=1e-5)
    assert [x["text"].strip() for x in found["source"]["lines"]][1] == "z1 = W1 @ x + b1"


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ({"cost": "cross-entropy"}, "C = cross_entropy(z2, y)"),
        ({"cost": "log-likelihood"}, "C = log_likelihood(z2, y)"),
        ({"activation": np.tanh}, "a1 = tanh(z1)"),
    ],
)
def test_the_cost_is_written_for_the_network_that_there_is(settings, lines):
    session = small_session(**settings)
    found = answer(
        session, "graph.picture", {"function": NETWORK, "open": [], "step": 0, "example": "0"}
    )
    assert lines in [x["text"].strip() for x in found["source"]["lines"]]
    (output,) = [e for e in found["edges"] if e["end"] == "o0"]
    assert output["value"] == short(session.record(0, "0").cost[0])


@pytest.mark.parametrize(
    ("question", "params", "says"),
    [
        ("picture", {"function": "none", "open": []}, "there is no function 'none'"),
        ("rule", {"function": "essay", "equation": 3}, "there are 3 equations"),
        ("rule", {"function": "essay", "equation": -1}, "there are 3 equations"),
        ("variable", {"function": "essay", "name": "z"}, "no variable 'z'"),
    ],
)
def test_what_is_not_there_is_refused(ask, question, params, says):
    with pytest.raises(ArgumentError, match=says):
        ask(question, **params)


@pytest.mark.parametrize("name", ["", "fan", "loop", "failing", NETWORK])
def test_a_saved_moment_has_what_the_screen_asks(session, name):
    moment = Moment(0, "1", "graph", {"function": name} if name else {})
    asked = recorded(session, moment)
    names = [question for question, _ in asked]
    assert names[:2] == ["session.functions", "graph.picture"]
    for question, params in asked:
        encode(answer(session, question, params))
    if name != "failing":
        assert "graph.rule" in names and "graph.variable" in names
