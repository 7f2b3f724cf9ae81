"""Derivations of plain functions: golden text, names, loops and programs, and that lies are caught.

The golden texts are in ``derivations/``, one file a function of ``plain_programs.py``.
"""

import functools
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.cases import CASES
from tests.insight import plain_programs as programs
from tests.insight.latex_checks import faults

import chainrule as cr
from chainrule.core.errors import ArgumentError, GradientError, NoRuleError, ShapeError
from chainrule.insight.derivations import edges, folding, steps
from chainrule.insight.derivations.function import FunctionDerivation, function_derivation

derivation = cr.insight.derivation
FOLDER = Path(__file__).parent / "derivations"
LAYERS = (programs.W, np.array([0.1, -0.1]), np.array([[1.0, -1.0]]), np.array([0.5]))

GOLDEN = {
    "essay": (2, 1),
    "unnamed": (2.0, 1.0),
    "f": (np.array([0.5, 1.0]),),
    "rosenbrock": (np.array([0.5, 1.0, 2.0]),),
    "logsumexp": (np.array([0.0, 1.0]),),
    "network": (LAYERS, np.array([1.0, 2.0]), np.array([1])),
    "newton": (2.0,),
    "branch": (2.0,),
    "written": (np.array([1.0, 2.0, 3.0]),),
    "scanned": (0.5, np.array([1.0, 2.0])),
    "chosen": (2.0,),
    "layer": (programs.W, np.zeros(2), np.array([[0.1, 0.2], [0.3, -0.4]])),
    "gram": (np.array([[0.1, 0.2], [0.3, -0.4], [1.0, 0.5]]),),
}


def shown(made):
    """The text without the last digits of what was checked."""
    return "\n".join(x for x in str(made).splitlines() if not x.startswith("Each line")) + "\n"


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_text(name):
    made = derivation(getattr(programs, name), *GOLDEN[name])
    assert shown(made) == (FOLDER / f"{name}.txt").read_text()
    assert made.error < 1e-13
    assert faults(made.latex()) == []
    assert made._repr_html_().count("<table>") == 2


def test_the_essay_in_data():
    made = derivation(programs.essay, 2, 1)
    assert isinstance(made, FunctionDerivation)
    assert made.gradients == {"a": 2.0, "b": 5.0}
    assert [row.source for row in made.rows][1:4] == [
        "    c = a + b",
        "    d = b + 1",
        "    e = c * d",
    ]
    (step,) = made.rows[3].steps
    assert [str(c) for c in step.contributions] == ["c̄ += ē · d", "d̄ += ē · c"]
    assert [float(c.value) for c in step.contributions] == [2.0, 3.0]
    assert made.rows[3].place[0] == programs.__file__
    of_b = next(s for s in made.sweep if s.of.text == "b")
    assert [str(c) for c in of_b.terms] == ["b̄ += d̄", "b̄ += c̄"]
    assert made._repr_latex_().startswith("$$\n\\begin{gathered}\n\\begin{array}{lll}\n")
    assert r"\bar{b} &= \bar{d} + \bar{c} = 5" in made.latex()
    assert (
        r"\texttt{~~~~c~=~a~+~b} & c = a + b = 3 & \bar{a} \mathrel{+}= \bar{c} = 2" in made.latex()
    )


def test_gradients_are_those_of_grad():
    x = np.array([0.5, 1.0, 2.0])
    made = derivation(programs.rosenbrock, x)
    assert np.allclose(made.gradients["x"], cr.grad(programs.rosenbrock)(x), rtol=1e-14)


def test_long_traces_are_cut_and_say_so():
    made = derivation(programs.steps, 1.0, limit=6)
    assert (made.equations, made.left_out) == (600, 594)
    text = str(made)
    assert "... 594 equations ..." in text
    assert text.endswith("594 of 600 equations are left out; limit=600 shows all.")
    assert "x̄₁₉₉ = x̄₂₀₀ + v̄₃₉₉ · cos(x₁₉₉)" in text
    assert np.isclose(made.gradients["x"], cr.grad(programs.steps)(1.0))
    whole = derivation(programs.comprehension, np.arange(4.0), limit=1000)
    assert whole.left_out == 0
    assert "left out" not in str(whole)
    cut = derivation(programs.comprehension, np.arange(4.0), limit=3)
    assert "x̄ = scatter[0](x̄i₁) + ... (3 more)" in str(cut)
    assert r"+ \cdots" in cut.latex()


def test_values_that_are_no_numbers_with_a_derivative_stay_as_they_are():
    p = {"W": np.eye(2), "b": np.zeros(2)}
    made = derivation(programs.settings, p, np.ones(2), 2)
    assert [s.text for s, _ in made.inputs] == ["p['W']", "p['b']", "x"]
    text = str(made)
    assert text.count("for _ in range(n):") == 2
    assert "p̄['W'] = v̄₃ x₁ᵀ + v̄₁ xᵀ" in text
    expected = cr.grad(programs.settings)(p, np.ones(2), 2)
    assert np.allclose(made.gradients["p['W']"], expected["W"])
    assert faults(made.latex()) == []


def test_argnums_chooses_and_the_others_keep_their_names():
    made = derivation(programs.essay, 2.0, 1.0, argnums=1)
    assert made.gradients == {"b": 5.0}
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    made = derivation(lambda x, y: x @ y, x, y, argnums=0)
    assert "x̄ += f̄ · y" in str(made)
    assert "where y = [3, 4]" in str(made)


def test_arrays_that_have_no_name_are_numbered_once():
    text = str(derivation(lambda x: np.sum((x + np.arange(6.0)) * np.arange(6.0)), np.ones(6)))
    assert "v₁ = x + K₁" in text
    assert "v₂ = v₁ ⊙ K₁" in text
    assert "where K₁: float64[6]\n" in text


def test_results_of_any_shape_get_cotangents():
    text = str(derivation(lambda x: (2 * x, x @ x), np.array([1.0, 2.0])))
    assert "Drawn at random: v̄₂, v̄₁; the equations hold for any." in text
    made = derivation(lambda x: 2 * x, np.array([1.0, 2.0]), cotangent=np.array([1.0, 10.0]))
    assert np.array_equal(made.gradients["x"], [2.0, 20.0])
    assert "Drawn" not in str(made)
    assert "ȳ is given" in str(derivation(lambda x: 2 * x, np.ones((3, 2))))
    assert r"\bar{y} & \text{ given}" in derivation(lambda x: 2 * x, np.ones((3, 2))).latex()
    with pytest.raises(ShapeError):
        derivation(lambda x: 2 * x, np.ones(2), cotangent=np.ones(3))


def test_transposes_of_transposes_and_entries_of_them():
    made = derivation(lambda x: np.sum(x.T.T[0] * x.T[1, 0]), programs.W)
    text = str(made)
    assert "v₁ = x[0]" in text
    assert "v₂ = (xᵀ)[1, 0]" in text
    assert "x̄[0] += v̄₁ = [2, 2]" in text
    assert "x̄ += scatter[1, 0](v̄₂)ᵀ" in text
    assert np.array_equal(made.gradients["x"], [[2.0, 5.0], [0.0, 0.0]])


def test_a_transpose_of_which_the_rule_lies_is_an_error(monkeypatch):
    monkeypatch.setattr(folding, "transposed", lambda y, x: y)
    with pytest.raises(GradientError, match="a line of the derivation has relative error"):
        derivation(lambda W, X: np.sum(X @ W.T), programs.W, np.array([[1.0, 2.0]]))


def test_inputs_that_nothing_comes_back_to():
    text = str(derivation(programs.floored, np.array([1.5, 2.5]), 2.0))
    assert "x̄ = 0: no derivative leads back to x" in text
    assert "ȳ = f̄ · v₂ = 3" in text


def test_kinks_and_ties_are_shown_where_they_are():
    def f(x):
        return np.sum(np.maximum(x, 0))

    assert "x̄ += v̄₁ ⊙ [x > 0] = [0, 1]" in str(derivation(f, np.array([-1.0, 1.0])))
    tie = str(derivation(f, np.array([0.0, 1.0])))
    assert "x̄ += v̄₁ ⊙ (1 if x > 0 else 0.5 · [x = 0]) = [0.5, 1]" in tie


def test_lines_of_functions_that_are_called_stand_deeper():
    rows = [row.source for row in derivation(programs.network, *GOLDEN["network"]).rows]
    place = rows.index("    a = sigmoid(W2 @ h + b2)")
    assert rows[place + 1] == "        return 1 / (1 + np.exp(-z))"


def test_comprehensions_and_lambdas():
    text = str(derivation(programs.comprehension, np.array([1.0, 2.0])))
    assert text.count("return sum(") == 1
    assert "v̄₁ += v̄₃ = 1" in text
    text = str(derivation(lambda t: np.sin(t) * t, 1.0))
    assert "np.sin(t) * t  v₁ = sin(t) = 0.841471" in text
    assert text.startswith("y at t = 1\n")


def test_functions_without_source_have_equations_alone():
    made = derivation(eval("lambda x: x * x"), 3.0)
    assert "source" not in str(made)
    assert "y = x · x = 9  x̄ += ȳ · x = 3" in str(made)
    made = derivation(np.linalg.det, np.array([[2.0, 1.0], [1.0, 3.0]]))
    assert "y = det(a) = 5  ā += ȳ · adj(a)ᵀ" in str(made)
    assert "source" not in str(made)


def test_rules_that_are_too_long_are_named():
    text = str(derivation(lambda x: np.prod(x), np.array([1.0, 2.0, 3.0])))
    assert "x̄ += (∂y/∂x)ᵀ ȳ = [6, 3, 2]" in text


def test_a_loop_until_and_what_is_recomputed():
    text = str(derivation(lambda x: cr.while_loop(lambda t: t < 9, lambda t: t * t, x), 1.5))
    assert "each turn: t ↦ f" in text
    assert "t̄ += f̄ · t" in text

    def square(t):
        u = t * t
        return u + 1

    text = str(derivation(lambda x: cr.checkpoint(square)(x) * 2, 3.0))
    assert "inside: " in text
    assert "ū = ȳ" not in text
    assert "u = " in text


def test_lower_precision_and_complex_numbers():
    made = derivation(lambda x: np.mean(x**3), np.array([1, 2, 3], np.float32))
    assert made.gradients["x"].dtype == np.float32
    assert "x̄ += 3 · v̄₁ ⊙ x² = [1, 4, 9]" in str(made)
    made = derivation(lambda z: np.abs(z) ** 2, 1 + 2j)
    assert made.gradients["z"] == pytest.approx(2 - 4j)
    assert "z = 1+2i" in str(made)


def test_the_trace_function_of_a_debugger_comes_back():
    before = sys.gettrace()
    derivation(programs.essay, 2.0, 1.0)
    assert sys.gettrace() is before

    def failing(x):
        raise ValueError("told to the user")

    with pytest.raises(ValueError, match="told to the user"):
        derivation(failing, 1.0)
    assert sys.gettrace() is before


def test_errors_name_the_remedy():
    with pytest.raises(ArgumentError, match="needs an argument to differentiate"):
        function_derivation(lambda: 1.0)
    with pytest.raises(ArgumentError, match="takes a function"):
        function_derivation(3.0, 1.0)
    without_rules = cr.custom_derivative(lambda t: np.sum(t))
    with pytest.raises(NoRuleError):
        function_derivation(without_rules, np.ones(2))


def test_a_function_that_changes_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ArgumentError, match="another result at a second call"):
        derivation(lambda x: x * rng.normal(), 2.0)


class Scaled:
    """A callable object and a method."""

    def __init__(self, by):
        self.by = by

    def __call__(self, x):
        y = self.by * x
        return y * y

    def twice(self, x):
        return 2 * x


def test_methods_callable_objects_and_partial_functions():
    text = str(derivation(Scaled(3.0), 2.0))
    assert "    y = self.by * x" in text
    assert "y = 3 · x = 6" in text
    assert "y = 2 · x = 4" in str(derivation(Scaled(3.0).twice, 2.0))
    text = str(derivation(functools.partial(programs.essay, 2.0), 1.0))
    assert "c = 2 + b = 3" in text
    assert "def essay(a, b):" in text


# ---- lies are caught -----------------------------------------------------------------------------


def test_a_contribution_with_another_number_is_an_error(monkeypatch):
    true = edges.pulled

    def wrong(used, wanted):
        return [None if x is None else x * 1.001 for x in true(used, wanted)]

    monkeypatch.setattr(edges, "pulled", wrong)
    with pytest.raises(GradientError, match="what its rule gives to c is not what the rule says"):
        derivation(programs.essay, 2.0, 1.0)


def test_a_sum_that_is_not_the_gradient_is_an_error(monkeypatch):
    true = steps.contributions

    def forgetful(used, wanted):
        return [true(used, wanted)[0], *[None] * (len(wanted) - 1)]

    monkeypatch.setattr(steps, "contributions", forgetful)
    with pytest.raises(GradientError, match="the sum of b̄: a line of the derivation has relative"):
        derivation(programs.essay, 2.0, 1.0)


def test_a_gradient_that_an_eager_sweep_does_not_confirm_is_an_error(monkeypatch):
    true = steps.vjp

    def wrong(f, *leaves):
        out, pullback = true(f, *leaves)
        return out, lambda ct: [2 * x for x in pullback(ct)]

    monkeypatch.setattr(steps, "vjp", wrong)
    with pytest.raises(GradientError, match="the derivative in a"):
        derivation(programs.essay, 2.0, 1.0)


def test_an_equation_with_another_number_is_an_error(monkeypatch):
    true = steps.evaluate_expression
    monkeypatch.setattr(steps, "evaluate_expression", lambda x, known: true(x, known) + 1)
    with pytest.raises(GradientError, match="mul: a line of the derivation has relative error"):
        derivation(programs.essay, 2.0, 1.0)


# ---- every primitive -----------------------------------------------------------------------------


def one_case_for_each_primitive():
    found = {}
    for case in CASES:
        if case.argnums:
            with np.errstate(all="ignore"):
                graph = cr.trace(case.f)(*case.inputs)
            if 0 < len(graph.equations) <= 12:
                for e in graph.equations:
                    found.setdefault(e.primitive.name, case)
    return {case.name: case for case in found.values()}.values()


def test_every_primitive_has_a_derivation_that_holds():
    """Each is checked by numbers as it is made; what is printed is LaTeX that KaTeX reads."""
    made = 0
    for case in one_case_for_each_primitive():
        with np.errstate(all="ignore"):
            d = derivation(case.f, *case.inputs, limit=12)
        assert str(d)
        assert faults(d.latex()) == [], case.name
        made += 1
    assert made > 100


def test_a_loop_that_starts_from_a_number():
    """The rule of the loop answers for its first value, too, which is no variable."""

    def product(x):
        last, _ = cr.scan(lambda c, _: (c * x, c), 1.0, np.arange(3.0))
        return last

    assert derivation(product, 0.5).gradients == {"x": 0.75}


def test_a_function_that_returns_nothing():
    with pytest.raises(ArgumentError, match="this one returns none"):
        derivation(lambda x: None, 1.0)


def test_a_number_in_the_place_of_a_function():
    with pytest.raises(ArgumentError, match=r"write cr\.insight\.derivation\(f, x\), and not"):
        derivation(3.0)


def test_what_wraps_a_function_leaves_its_head():
    @functools.wraps(programs.essay)
    def wrapped(*xs):
        return programs.essay(*xs)

    assert "def essay(a, b):" in [row.source for row in derivation(wrapped, 2.0, 1.0).rows]


@pytest.mark.parametrize("x", [-1.0, 0.0, 1.0])
def test_derivatives_that_are_not_finite_are_told_as_such(x):
    with np.errstate(all="ignore"):
        found = str(cr.insight.derivation(lambda x: np.sqrt(x) + 1, x))
    assert ("A derivative that is not finite tells nothing" in found) == (x <= 0)
