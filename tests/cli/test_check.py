"""``chainrule check``: gradients of runs and of functions in files."""

from __future__ import annotations

import pytest

FILE = """
import numpy as np
import chainrule as cr

def loss(x, y=2.0, *, power=2):
    return np.sum(np.tanh(x) ** power) * y

loss_args = (np.array([0.5, -1.0]),)

def ready(x=1.5, n=3):
    return x**n

def needs(x, y):
    return np.sum(x * y)

wave = cr.custom_derivative(lambda x: np.sin(x))
wave.def_vjp(lambda x: (np.sin(x), x), lambda x, ct: (ct * np.sin(x),))

def wrong(x=1.0):
    return wave(x) * 2

def vector(x=1.0):
    return np.stack([x, x * x])

def squared(z=1 + 2j):
    return np.abs(z) ** 2

def logarithm(x=-1.0):
    return np.log(x)

def silent(x=1.0):
    np.sin(x)

number = 3
"""


@pytest.fixture
def file(folder):
    (folder / "my model.py").write_text(FILE)
    return "my model.py"


def test_a_function_with_its_own_arguments(cli, file):
    outcome = cli("check", f"{file}:loss", "--executor", "interpreter")
    assert outcome.status == 0, outcome
    first, *lines = outcome.out.splitlines()
    assert first.startswith("gradients of loss (") and first.endswith("3 numbers, 2 directions")
    assert any("forward over reverse = differences" in line for line in lines)
    assert any("reverse = compiled reverse" in line for line in lines)


def test_defaults_and_given_inputs(cli, file):
    one = cli("check", f"{file}:ready", "--order", 1, "--executor", "none", "--json").events[0]
    assert (one["agrees"], one["numbers"], one["target"]) == (True, 1, f"{file}:ready")
    assert {c["order"] for c in one["comparisons"]} == {1}
    two = cli(
        "check", f"{file}:needs", "--input", "shape=(2, 3)", "--input", "[1.0, 2.0, 3.0]",
        "--executor", "none", "--json",
    ).events[0]  # fmt: skip
    assert two["numbers"] == 9


def test_a_wrong_rule_is_shown_and_fails(cli, file):
    outcome = cli("check", f"{file}:wrong", "--executor", "none")
    assert outcome.status == 1 and outcome.err == ""
    assert "forward and differences disagree" in outcome.out
    assert "my model.py:20 in wrong: return wave(x) * 2" in outcome.out
    told = cli("check", f"{file}:wrong", "--executor", "none", "--json")
    assert told.status == 1
    assert told.events[0]["agrees"] is False
    assert "to blame: custom" in told.events[0]["error"]


def test_complex_arguments_are_not_compared_one_by_one(cli, file):
    outcome = cli("check", f"{file}:squared", "--executor", "none")
    assert outcome.status == 0 and outcome.err == ""
    assert "agree: 1 number, 2 directions" in outcome.out


@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_cannot_be_compared_is_said(cli, file):
    outcome = cli("check", f"{file}:logarithm", "--executor", "none")
    assert outcome.status == 2
    assert "is nan here" in outcome.err.splitlines()[-1] and "find_nonfinite" in outcome.err
    outcome = cli("check", f"{file}:silent", "--executor", "none")
    assert outcome.status == 1 and "returns NoneType, which has no number" in outcome.err


def test_a_network(cli, flowers):
    assert cli("train", flowers, "--target", "kind", "--epochs", 2, "--out", "run").status == 0
    for more in ((), (flowers,)):
        outcome = cli("check", "run", *more, "--executor", "interpreter", "--json")
        assert outcome.status == 0, outcome
        assert outcome.events[0]["numbers"] > 10


def test_a_network_of_numbers(cli, houses):
    houses.write_text(houses.read_text().replace("north", "1"))
    assert cli("train", houses, "--target", "price", "--epochs", 1, "--out", "run").status == 0
    outcome = cli("check", "run", "--order", 1, "--executor", "none", "--examples", 2)
    assert outcome.status == 0, outcome


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("no.py:f",), ["no.py: no such file"]),
        (("{file}:nothing",), ["no function nothing", "loss, needs, ready"]),
        (("{file}:number",), ["no function number"]),
        (("{file}:needs",), ["missing a required argument: 'x'", "--input", "needs_args"]),
        (("{file}:ready", "--input", "1.0 +"), ["neither a Python literal"]),
        (("{file}:ready", "data.csv"), ["DATA is for a RUN"]),
        (("runs", "--input", "1.0"), ["--input is for FILE.py:NAME"]),
        (("{file}:ready", "--order", "3"), ["3 is not in the range"]),
    ],
)
def test_wrong_use(cli, file, args, words):
    cli("check", *(a.format(file=file) for a in args)).failed(2, *words)


def test_what_fails(cli, folder):
    cli("check", "nowhere").failed(1, "nowhere")
    (folder / "broken.py").write_text("import no_such_module\n")
    cli("check", "broken.py:f").failed(1, "broken.py cannot be imported", "no_such_module")
    (folder / "whole.py").write_text("def f(n=3):\n    return n\n")
    cli("check", "whole.py:f").failed(1, "no argument of floating-point numbers")


def test_every_parameter_and_the_curve(cli, file):
    outcome = cli("check", f"{file}:loss", "--executor", "none")
    assert "3 parameters of loss" in outcome.out and "all agree" in outcome.out
    assert "worst offenders" in outcome.out and "central differences are best at" in outcome.out
    (said,) = cli("check", f"{file}:loss", "--executor", "none", "--json").events
    assert said["parameters"]["checked"] == 3
    assert len(said["curve"]["steps"]) == len(said["curve"]["central"]) == 16
    less = cli("check", f"{file}:loss", "--executor", "none", "--parameters", 0, "--no-curve")
    assert "worst offenders" not in less.out and "best at" not in less.out
    vector = cli("check", f"{file}:vector", "--executor", "none")
    assert vector.status == 0 and "worst offenders" not in vector.out


def test_wrong_parameters_fail(cli, file):
    outcome = cli("check", f"{file}:wrong", "--executor", "none")
    assert outcome.status == 1
    assert "WRONG" in outcome.out and "no step comes near" in outcome.out
