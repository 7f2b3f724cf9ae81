"""What the screen "Forward and reverse" is answered: against cr.jvp, cr.grad, paths."""

from __future__ import annotations

import numpy as np
import pytest
from tests.explorer.small import small_session

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.explorer.functions.sweep_times import measure, small_network, timed
from chainrule.explorer.moment import Moment
from chainrule.explorer.questions import answer
from chainrule.explorer.screens import sweeps
from chainrule.explorer.subjects import FunctionSubject


def layer(W, b):
    """Two outputs of eight inputs."""
    z = W @ np.array([0.5, -1.0, 2.0]) + b
    y = np.tanh(z)
    return y  # noqa: RET504 - the line names the output


W = np.arange(6.0).reshape(2, 3) / 10
LAYER = FunctionSubject("layer", layer, (W, np.array([0.1, -0.2])), __file__)


def long(x):
    """More nodes than are shown."""
    for _ in range(301):
        x = np.sin(x)
    return x


LONG = FunctionSubject("long", long, (1.0,), __file__)


@pytest.fixture(scope="module")
def session():
    return small_session(LAYER, LONG)


def numbers(steps):
    return {s["variable"]: s["value"] for step in steps for s in step["sums"]}


@pytest.mark.parametrize("start", [0, 1])
def test_the_essay_in_lockstep(session, start):
    found = answer(session, "sweeps.lockstep", {"function": "essay", "start": start})
    essay = session.functions["essay"]
    direction = tuple(float(i == start) for i in range(2))
    _, tangent = cr.jvp(essay.f, essay.args, direction)
    assert numbers(found["forward"])["e"] == tangent
    da, db = cr.grad(essay.f, argnums=(0, 1))(*essay.args)
    reverse = numbers(found["reverse"])
    assert (reverse["a"], reverse["b"]) == (da, db) == (2.0, 5.0)
    assert [s["box"] for s in found["forward"]] == ["i0", "i1", "e0", "e1", "e2"]
    assert [s["box"] for s in found["reverse"]] == ["e2", "e1", "e0", "i1", "i0"]
    np.testing.assert_allclose(found["jacobian"], [[2.0, 5.0]])
    assert [d["text"] for d in found["derivatives"]] == ["1", "1", "1", "2", "3"]


def test_arguments_that_were_changed(session):
    found = answer(session, "sweeps.lockstep", {"function": "essay", "inputs": "a=5", "start": 1})
    assert numbers(found["forward"])["e"] == 5 + 2 * 1 + 1


def test_many_inputs_and_outputs(session):
    start, end = 4, 1  # W[1, 1], the second output
    asked = {"function": "layer", "start": start, "end": end}
    found = answer(session, "sweeps.lockstep", asked)
    assert (found["n"], found["m"]) == (8, 2)
    assert (found["start_text"], found["end_text"]) == ("W[1, 1]", "y[1]")
    dW, db = cr.jacobian(layer, argnums=(0, 1))(*LAYER.args)
    expected = np.hstack([dW.reshape(2, 6), db])
    np.testing.assert_allclose(found["jacobian"], expected)
    np.testing.assert_allclose(numbers(found["forward"])["y"], expected[:, start])
    np.testing.assert_allclose(numbers(found["reverse"])["W"].ravel(), expected[end, :6])
    names = [(v["name"], v["size"], v["first"]) for v in found["inputs"]]
    assert names == [("W", 6, 0), ("b", 2, 6)]


def test_the_networks_cost(session):
    asked = {"function": "@network", "step": 0, "example": "3"}
    found = answer(session, "sweeps.lockstep", asked)
    record = session.record(0, "3")
    reverse = numbers(found["reverse"])
    np.testing.assert_allclose(reverse["z1"], record.delta[1][0], rtol=1e-4)
    np.testing.assert_allclose(reverse["b2"], record.nabla_b[2], rtol=1e-4)
    # of many inputs forward mode starts from the one with the largest derivative
    largest = max(np.abs(reverse[v]).max() for v in ("W1", "b1", "W2", "b2"))
    assert abs(numbers(found["forward"])["C"]) == pytest.approx(largest, rel=1e-4)


def test_what_is_refused(session):
    for asked, said in (
        ({"function": "essay", "start": 2}, "2 inputs of real numbers"),
        ({"function": "essay", "end": 1}, "there is 1 output of real numbers"),
        ({"function": "long"}, "302 nodes"),
        ({"function": "@ladder99"}, "no function '@ladder99'"),
    ):
        with pytest.raises(ArgumentError, match=said):
            answer(session, "sweeps.lockstep", asked)
    with pytest.raises(ArgumentError, match="outputs must be one of"):
        answer(session, "sweeps.curve", {"outputs": 7})


def test_what_is_infinite_complex_or_a_loop_is_told_as_such():
    def infinite(x):
        return np.log(x) * 1.0

    def wave(x):
        return np.real(np.exp(1j * x))

    def scanned(x):
        return cr.scan(lambda c, t: (c * t, c), x, np.full(3, 2.0))[0]

    cases = {"infinite": (infinite, 0.0), "wave": (wave, 0.3), "scanned": (scanned, 0.5)}
    functions = (FunctionSubject(name, f, (x,), __file__) for name, (f, x) in cases.items())
    session = small_session(*functions)
    for name, expected in (("infinite", np.inf), ("wave", -np.sin(0.3)), ("scanned", 8.0)):
        found = answer(session, "sweeps.lockstep", {"function": name})
        tangent = numbers(found["forward"])[found["outputs"][0]["name"]]
        assert tangent == pytest.approx(expected)
        assert numbers(found["reverse"])["x"] == pytest.approx(expected)
        assert answer(session, "sweeps.times", {"function": name})["inputs"] == 1


@pytest.mark.parametrize(
    ("x", "said"), [(1 + 2j, "this has complex numbers"), (np.zeros(0), "this has 0 inputs")]
)
def test_sweeps_that_cannot_be_timed(x, said):
    size = FunctionSubject("size", lambda x: np.sum(np.abs(x) ** 2), (x,), __file__)
    with pytest.raises(ArgumentError, match=said):
        answer(small_session(size), "sweeps.times", {"function": "size"})


def test_a_constant_has_no_derivatives():
    session = small_session(FunctionSubject("three", lambda x: 3.0, (1.0,), __file__))
    for question in ("sweeps.lockstep", "sweeps.paths"):
        with pytest.raises(ArgumentError, match="no output that is a real number"):
            answer(session, question, {"function": "three"})


@pytest.mark.parametrize("start, expected", [(0, [["a", "c", "e"]]), (1, None)])
def test_the_paths_of_the_essay(session, start, expected):
    found = answer(session, "sweeps.paths", {"function": "essay", "start": start})
    named = [path["names"] for path in found["paths"]]
    assert named == (expected or [["b", "d", "e"], ["b", "c", "e"]])
    essay = session.functions["essay"]
    gradient = cr.grad(essay.f, argnums=start)(*essay.args)
    assert sum(path["product"] for path in found["paths"]) == gradient == found["gradient"]
    assert found["paths"][0]["boxes"][-1] == "e2"


def test_paths_between_values_on_the_way(session):
    found = answer(session, "sweeps.paths", {"function": "essay", "start": 1, "end": 3})
    assert (found["from"], found["to"], found["gradient"]) == ("b", "d", 1.0)
    none = answer(session, "sweeps.paths", {"function": "essay", "start": 2, "end": 3})
    assert (none["count"]["text"], none["gradient"], none["paths"]) == ("0", 0.0, [])


def test_the_paths_of_a_weight_of_the_network(session):
    asked = {"function": "@network", "step": 0, "example": "3"}
    found = answer(session, "sweeps.paths", asked)
    row, column = map(int, found["from"].removeprefix("W1[").removesuffix("]").split(", "))
    gradient = session.record(0, "3").nabla_w[1][row, column]
    assert found["count"]["text"] == "3"  # one for each output neuron
    assert sum(path["product"] for path in found["paths"]) == pytest.approx(gradient, rel=1e-4)


def test_a_ladder_has_too_many_paths_to_walk(session):
    found = answer(session, "sweeps.paths", {"function": "@ladder40"})
    assert found["count"]["text"] == f"{2**40:,}"
    assert found["count"]["short"] == "1.1e+12"
    assert len(found["factors"]) == 40
    assert found["factored"]["few"] and not found["unfactored"]["few"]
    product = np.prod([f["gradient"] for f in found["factors"]])
    assert product == pytest.approx(found["gradient"])
    ladder = session.function("@ladder40", 0, "")
    assert found["gradient"] == pytest.approx(float(cr.grad(ladder.f)(*ladder.args)))


def test_the_fan_factors(session):
    found = answer(session, "sweeps.paths", {"function": "@fan"})
    assert found["count"]["text"] == "9" and len(found["paths"]) == 9
    sums = [[path["product"] for path in f["paths"]] for f in found["factors"]]
    assert [len(s) for s in sums] == [3, 3]
    assert sum(sums[0]) * sum(sums[1]) == pytest.approx(found["gradient"])


# ---- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("inputs, outputs", [(1, 3), (40, 1)])
def test_each_way_makes_its_sweeps(inputs, outputs):
    f, x = small_network(inputs, outputs)
    found = measure(f, [x], 0.02)
    sweeps = {t.way: t.sweeps for t in found.timings}
    assert sweeps == {
        "evaluation": 1, "forward": inputs, "reverse": outputs, "differences": 2 * inputs,
    }  # fmt: skip
    assert all(t.milliseconds > 0 and t.each > 0 for t in found.timings)
    assert all(0 < t.measured <= t.sweeps for t in found.timings)
    assert found.error < 1e-12 and found.difference_error < 1e-6


def test_a_part_is_told_as_a_part():
    made = []
    found = timed("forward", lambda: made.append, 10**9, 0.005)
    assert found.runs == 0 and 5 <= found.measured < 10**9
    assert found.milliseconds >= 1e9 * found.each
    assert len(made) >= found.measured


def test_sweeps_are_the_engines_own():
    f, x = small_network(6, 2)
    with cr.count_sweeps() as counted:
        measure(f, [x], 0.0)
    # each way is gone once to warm up and once more, then a few are compared
    assert counted.forward >= 6 and counted.reverse >= 4


def test_times_of_functions_and_the_curve(session):
    asked = {"function": "@network", "step": 0, "example": "0"}
    found = answer(session, "sweeps.times", asked)
    parameters = 16 * 5 + 5 + 5 * 3 + 3
    assert (found["inputs"], found["outputs"]) == (parameters, 1)
    assert found["ways"]["forward"]["sweeps"] == parameters
    assert found["error"] < 1e-9 and found["difference_error"] < 1e-4
    curve = answer(session, "sweeps.curve", {"outputs": 3})
    assert [p["inputs"] for p in curve["points"]] == list(curve["sizes"])
    assert {p["ways"]["reverse"]["sweeps"] for p in curve["points"]} == {3}
    last = curve["points"][-1]["ways"]
    assert last["forward"]["milliseconds"] > 10 * last["reverse"]["milliseconds"]


def test_what_is_recorded_can_be_asked(session):
    more = {"function": "@network", "seed": "3", "end": "0", "path-from": "2", "m": "10"}
    asked = sweeps.recorded(session, Moment(0, "1", "sweeps", more))
    lockstep = dict(asked)["sweeps.lockstep"]
    assert (lockstep["start"], lockstep["step"], lockstep["example"]) == (3, 0, "1")
    assert dict(asked)["sweeps.curve"] == {"outputs": 10, "run": 0}
    for question, params in asked[:3]:
        assert answer(session, question, params)
    plain = dict(sweeps.recorded(session, Moment(0, more={"seed": "x", "m": "7"})))
    assert plain["sweeps.lockstep"] == {"function": "", "inputs": "", "start": -1, "end": 0}
    assert plain["sweeps.curve"]["outputs"] == 1
