"""``chainrule graph``: graphs of runs and of functions in files."""

from __future__ import annotations

import pytest

FILE = """
import numpy as np

def essay(a=2.0, b=1.0):
    c = a + b
    d = b + 1
    return c * d

def loss(W, x=np.array([1.0, -0.5])):
    return np.sum(np.tanh(W @ x) ** 2)

loss_args = (np.ones((3, 2)),)

def raises(x=1.0):
    return x * {}["w"]

def vector(x=1.0):
    return np.ones(2) * x

def nothing(x=1.0):
    np.sin(x)

def wave(kind="sin", x=1.0, shape=np.tanh):
    return shape(np.sin(x) if kind == "sin" else np.cos(x))

def several(*xs):
    return sum(xs)
"""

ESSAY = """\
graph(a: float64~, b: float64~)
  a                                                           # a = 2  gradient 2
  b                                                           # b = 1  gradient 5
  c: float64~ = add a b                                       # model.py:5  = 3  gradient 2
  d: float64~ = add b 1                                       # model.py:6  = 2  gradient 3
  e: float64~ = mul c d                                       # model.py:7  = 6  gradient 1
  return e
"""


@pytest.fixture
def file(folder):
    (folder / "model.py").write_text(FILE)
    return "model.py"


def test_every_variable_has_its_value_gradient_and_line(cli, file):
    outcome = cli("graph", f"{file}:essay")
    assert outcome.status == 0 and outcome.out == ESSAY


def test_both_sweeps_in_one_graph(cli, file):
    outcome = cli("graph", f"{file}:loss", "--gradient")
    assert outcome.status == 0, outcome
    assert "sech_squared" in outcome.out and "model.py:10" in outcome.out
    assert "core.py" not in outcome.out  # no line of the command's own


def test_without_gradients_it_says_why(cli, file):
    assert "result is not one real number" in cli("graph", f"{file}:vector").out.splitlines()[-1]
    whole = cli("graph", f"{file}:essay", "--input", "2", "--input", "1")
    assert whole.out.splitlines()[-1] == (
        "no gradients: no argument is of floating-point numbers; give 2.0 for 2"
    )
    nothing, several = (cli("graph", f"{file}:{name}").out for name in ("nothing", "several"))
    assert "the function returns nothing; end it with return" in nothing
    assert "called without an argument; give it with --input" in several


def test_texts_and_functions_among_the_arguments_are_options(cli, file):
    head, x, first, *_ = cli("graph", f"{file}:wave").out.splitlines()
    assert head == "graph(a: float64~)" and "# x = 1  gradient " in x and "= sin a" in first
    cosine = cli("graph", f"{file}:wave", "--input", "'cos'", "--input", "2.0").out
    assert "= cos a" in cosine and "# x = 2" in cosine
    assert cli("graph", f"{file}:wave", "--gradient").status == 0


def test_errors_of_the_function_are_one_line(cli, file):
    for command in ("graph", "explain", "check"):
        outcome = cli(command, f"{file}:raises")
        assert outcome.status == 1 and outcome.out == ""
        assert outcome.err == "chainrule: model.py:15: KeyError: 'w'\n"
    outcome = cli("graph", f"{file}:loss", "--input", "shape=(3, 4)")
    assert outcome.status == 1
    assert outcome.err.startswith("chainrule: model.py:10: matmul: shapes (3, 4) and (2,)")


@pytest.mark.parametrize("target", ["model.py", "model.py:3"])
def test_a_file_without_a_function(cli, file, target):
    cli("graph", target).failed(2, target, "is meant by FILE.py:NAME")


def test_as_json(cli, file):
    (said,) = cli("graph", f"{file}:essay", "--json").events
    assert [e["primitive"] for e in said["equations"]] == ["add", "add", "mul"]
    assert said["equations"][2]["inputs"] == said["equations"][0]["outputs"] + [
        said["equations"][1]["outputs"][0]
    ]
    assert said["outputs"] == said["equations"][2]["outputs"]


def test_a_run(cli, flowers):
    assert cli("train", flowers, "--target", "kind", "--epochs", 1, "--out", "run").status == 0
    outcome = cli("graph", "run", "--example", 2)
    assert outcome.status == 0 and outcome.out.count("matmul") == 2, outcome
    assert "gradient" in outcome.out
    beyond = cli("graph", "run", "--example", 100_000)
    assert beyond.status == 2 and "no such example" in beyond.err


@pytest.mark.parametrize("name", ["essay.svg", "essay.html"])
def test_a_picture(cli, file, folder, name):
    outcome = cli("graph", f"{file}:essay", "-o", name)
    assert outcome.status == 0 and outcome.out == f"{name}: 3 equations\n", outcome
    drawn = (folder / name).read_text()
    assert "</svg>" in drawn and "gradient" in drawn
    (said,) = cli("graph", f"{file}:essay", "-o", name, "--json").events
    assert said == {"target": f"{file}:essay", "file": name, "equations": 3}


def test_a_picture_of_another_kind(cli, file):
    outcome = cli("graph", f"{file}:essay", "-o", "essay.pdf")
    assert outcome.status == 2 and ".svg" in outcome.err and ".html" in outcome.err
