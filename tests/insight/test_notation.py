"""Expressions as text and LaTeX: golden forms, every primitive, precedence, back to numbers."""

import operator
import random
import re

import numpy as np
import pytest
from tests.cases import CASES
from tests.insight.latex_checks import faults

import chainrule as cr
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import ArrayType, Graph, Literal, Var
from chainrule.core.primitive import PRIMITIVES
from chainrule.insight.notation.expression import Apply, Constant, Symbol
from chainrule.insight.notation.latex import latex
from chainrule.insight.notation.names import cotangent, latex_name, numbered, symbol
from chainrule.insight.notation.reading import evaluate_expression, expression_of
from chainrule.insight.notation.symbols import FORMS
from chainrule.insight.notation.text import text
from chainrule.transforms.numbers import Numbers

SCALAR = ArrayType((), "float64")
MATRIX = np.array([[2.0, 1.0], [0.0, 3.0]])
VECTOR = np.array([1.0, 2.0])
WEAK = ArrayType((), "float64", weak=True)

GOLDEN = [
    (lambda x, y: (x + y) * (y + 1), (2.0, 1.0), "(x + y) · (y + 1)", r"(x + y) \, (y + 1)"),
    (lambda x, y: x - (y - 1), (2.0, 1.0), "x - (y - 1)", "x - (y - 1)"),
    (lambda x, y: x + -y, (2.0, 1.0), "x - y", "x - y"),
    (lambda x, y: x * -y, (2.0, 1.0), "x · (-y)", r"x \, (-y)"),
    (lambda x, y: -x * y, (2.0, 1.0), "-x · y", r"-x \, y"),
    (lambda x, y: x / (y * 2), (2.0, 1.0), "x / (y · 2)", r"\frac{x}{y \cdot 2}"),
    (lambda x, y: (x / y) ** 2, (2.0, 1.0), "(x / y)²", r"\left(\frac{x}{y}\right)^{2}"),
    (lambda x, y: (-x) ** 2 + y**-0.5, (2.0, 1.0), "(-x)² + y^(-0.5)",
     r"(-x)^{2} + y^{-\frac{1}{2}}"),
    (lambda x, y: x**y, (2.0, 1.0), "x^y", "x^{y}"),
    (lambda x: np.sqrt(x) ** 2, (2.0,), "(√x)²", r"\sqrt{x}^{2}"),
    (lambda x: np.exp(-(x**2)), (2.0,), "exp(-x²)", "e^{-x^{2}}"),
    (lambda x, y: x * y, (VECTOR, VECTOR), "x ⊙ y", r"x \odot y"),
    (lambda x, y: 2 * x * y, (VECTOR, 3.0), "2 · x · y", r"2 \, x \, y"),
    (lambda x, y: x @ y, (MATRIX, VECTOR), "x y", r"x \, y"),
    (lambda x, y: y @ x, (MATRIX, VECTOR), "xᵀ y", r"x^{\top} \, y"),
    (lambda x, y: y @ x.T, (MATRIX, VECTOR), "x y", r"x \, y"),
    (lambda x, y: x @ y, (VECTOR, VECTOR), "xᵀ y", r"x^{\top} \, y"),
    (lambda x, y: (x @ y) * y, (MATRIX, VECTOR), "(x y) ⊙ y", r"(x \, y) \odot y"),
    (lambda x, y: x @ (y * y), (MATRIX, VECTOR), "x (y ⊙ y)", r"x \, (y \odot y)"),
    (lambda x, y: np.outer(x, y), (VECTOR, VECTOR), "x yᵀ", r"x \, y^{\top}"),
    (lambda x, y: np.einsum("ki,kj->ij", x, y), (MATRIX, MATRIX), "xᵀ y", r"x^{\top} \, y"),
    (lambda x: np.einsum("ii", x), (MATRIX,), "tr(x)", r"\operatorname{tr}(x)"),
    (lambda x: np.sum(x**2), (VECTOR,), "∑(x²)", r"\sum x^{2}"),
    (lambda x: np.sum(x, axis=0) * 2, (MATRIX,), "∑₀(x) · 2", r"\left(\sum_{0} x\right) \cdot 2"),
    (lambda x: x[0] + x[1], (VECTOR,), "x[0] + x[1]", "x[0] + x[1]"),
    (lambda x: x[1:, 0], (MATRIX,), "x[1:, 0]", r"x[1{:}, 0]"),
    (lambda x, y: np.linalg.solve(x, y), (MATRIX, VECTOR), "x⁻¹ y", r"x^{-1} \, y"),
    (lambda x: np.where(x > 0, x, 0.0), (VECTOR,), "[x > 0] ⊙ x", r"\mathbf{1}[x > 0] \odot x"),
    (
        lambda x, y: np.where(x > y, x, y),
        (2.0, 1.0),
        "x if x > y else y",
        r"\begin{cases} x & \text{if } x > y \\ y & \text{otherwise} \end{cases}",
    ),
    (lambda x: np.maximum(x, 0), (VECTOR,), "max(x, 0)", r"\max(x, 0)"),
    (lambda x: np.abs(x) * np.pi, (2.0,), "|x| · π", r"\left|x\right| \, \pi"),
    (lambda x: cr.scipy.special.gammaln(x), (2.0,), "log Γ(x)", r"\log \Gamma(x)"),
    (lambda x: cr.scipy.special.jv(2, x), (2.0,), "J[2](x)", "J_{2}(x)"),
    (lambda x: cr.scipy.special.expit(x), (2.0,), "σ(x)", r"\sigma(x)"),
    (lambda x: x * 1e-8 + 2.5e-9, (2.0,), "x · 1e-08 + 2.5e-09",
     r"x \cdot 10^{-8} + 2.5 \cdot 10^{-9}"),
    (lambda x: x @ np.eye(2), (MATRIX,), "x K₁", r"x \, K_{1}"),
    (lambda x: x.astype("float32") + 1, (VECTOR,), "float32(x) + 1",
     r"\operatorname{float32}(x) + 1"),
    (lambda x: np.mean(x), (VECTOR,), "∑(x) / 2", r"\frac{\sum x}{2}"),
    (lambda x: np.fft.fft(x), (VECTOR,), None, None),
]  # fmt: skip


def written(f, values, **options):
    graph = cr.trace(f)(*values)
    names = {v: symbol(n, v.type) for v, n in zip(graph.inputs, "xyzuvw", strict=False)}
    return expression_of(graph, names, **options)


@pytest.mark.parametrize("i", range(len(GOLDEN)))
def test_golden_forms(i):
    f, values, plain, tex = GOLDEN[i]
    (result,) = written(f, values).results
    if plain is None:
        plain = "fft(x, axis=0, inverse=False, norm=backward)"
        given = ", ".join(f"\\texttt{{{p}}}" for p in ("axis=0", "inverse=False", "norm=backward"))
        tex = f"\\operatorname{{fft}}(x, {given})"
    assert text(result) == plain
    assert latex(result) == tex


# ---- every primitive -----------------------------------------------------------------------------


def graphs_in(graph):
    yield graph
    for e in graph.equations:
        for held in e.params.values():
            if isinstance(held, Graph):
                yield from graphs_in(held)


def names_of(graph):
    return {v: symbol(f"x{i}", v.type) for i, v in enumerate(graph.inputs)}


def test_every_row_of_the_table_is_of_a_primitive():
    assert set(FORMS) <= set(PRIMITIVES)


def test_every_primitive_is_written_and_has_its_number():
    seen: set[str] = set()
    for case in CASES:
        with np.errstate(all="ignore"):
            graph = cr.trace(case.f)(*case.inputs)
            numbers = Numbers(graph, case.inputs)
            for inner in graphs_in(graph):
                assert_written(inner)
                seen |= {e.primitive.name for e in inner.equations}
            assert_computes(graph, numbers, case)
    # these stand in derivatives alone
    missing = set(PRIMITIVES) - seen - {"mul_or_zero", "sech_squared", "adjugate_along"}
    assert not missing


def assert_written(graph):
    made = expression_of(graph, names_of(graph))
    for x in (*(x for _, x in made.definitions), *made.results):
        assert text(x)
        assert faults(latex(x)) == [], latex(x)
    assert faults(made.latex()) == []


def assert_computes(graph, numbers, case):
    made = expression_of(graph, names_of(graph))
    known = {f"x{i}": numbers.value(v) for i, v in enumerate(graph.inputs)}
    for name, x in made.definitions:
        known[name.text] = evaluate_expression(x, known)
    for x, v in zip(made.results, graph.outputs, strict=True):
        found, expected = evaluate_expression(x, known), numbers.value(v)
        assert np.array_equal(found, expected, equal_nan=np.asarray(found).dtype.kind in "fc"), (
            case.name
        )


@pytest.mark.parametrize("name", ["mul_or_zero", "sech_squared", "adjugate_along"])
def test_primitives_of_derivatives(name):
    x = Symbol("x", "x", SCALAR)
    y = Apply(name, (x,) if name == "sech_squared" else (x, x), SCALAR)
    expected = {
        "mul_or_zero": ("x · x", r"x \, x"),
        "sech_squared": ("sech²(x)", r"\operatorname{sech}^{2}(x)"),
        "adjugate_along": ("adjugate_along(x, x)", r"\operatorname{adjugate\_along}(x, x)"),
    }
    assert (text(y), latex(y)) == expected[name]


def test_the_checker_finds_faults():
    assert faults(r"\frac{x}{y}") == []
    assert faults(r"\fraq{x}") and faults("{x") and faults("x}") and faults(r"\left(x)")
    assert faults(r"\begin{cases} x") and faults("x_{1}_{2}") and faults("x^{1}^{2}")


# ---- precedence ----------------------------------------------------------------------------------

PYTHON = {"add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
COMPARED = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">="}


def drawn(rng: random.Random, depth: int, letters=None):
    """A random scalar expression of operators that Python has, too.

    With ``letters``, which give one after the other, nothing stands in it twice.
    """
    if letters is not None and (depth == 0 or rng.random() < 0.15):
        return symbol(next(letters), SCALAR)
    if depth == 0 or rng.random() < 0.15:
        if rng.random() < 0.5:
            return symbol(rng.choice("abc"), SCALAR)
        return Constant(rng.choice([2.0, 3.0, 0.5, -1.5, 1.25]), WEAK)

    def part(less: int = 1):
        return drawn(rng, depth - less, letters)

    kind = rng.choice([*PYTHON, *PYTHON, "neg", "pow", "square", "select"])
    if kind in ("neg", "square"):
        return Apply(kind, (part(),), SCALAR)
    if kind == "pow":
        return Apply(kind, (part(), Constant(rng.choice([2, 3, -1]), WEAK)), SCALAR)
    if kind == "select":
        compared = Apply(rng.choice([*COMPARED]), (part(depth), part(depth)), ArrayType((), "bool"))
        chosen = part(), Apply("add", (part(depth), part(depth)), SCALAR)
        return Apply(kind, (compared, *chosen), SCALAR)
    return Apply(kind, (part(), part()), SCALAR)


def in_python(string):
    for sign, plain in {"·": "*", "≤": "<=", "≥": ">="}.items():
        string = string.replace(sign, plain)
    string = re.sub(r"⁻¹", "**-1", string)
    return string.replace("²", "**2").replace("³", "**3")


def python_value(string, values):
    try:
        return eval(in_python(string), {}, dict(values))
    except (ArithmeticError, SyntaxError, TypeError):
        return None


def test_text_means_what_python_reads():
    rng = random.Random(0)
    values = {"a": 1.7, "b": -0.6, "c": 2.3}
    compared = 0
    for _ in range(1_500):
        x = drawn(rng, 4)
        with np.errstate(all="ignore"):
            expected = float(evaluate_expression(x, {k: np.float64(v) for k, v in values.items()}))
        found = python_value(text(x), values)
        if not np.isfinite(expected) or isinstance(found, (complex, type(None))):
            continue
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), text(x)
        compared += 1
    assert compared > 1_000


def test_no_parentheses_without_need():
    """Without a pair another number comes out, but for those around a sign."""
    rng = random.Random(1)
    values = [{c: rng.uniform(-2, 2) for c in LETTERS} for _ in range(2)]
    needed = 0
    for _ in range(400):
        string = text(drawn(rng, 3, iter(LETTERS)))
        for start, end in pairs(string):
            inside = string[start + 1 : end]
            without = string[:start] + inside + string[end + 1 :]
            numbers = [python_value(string, v) for v in values]
            raised = string[end + 1 : end + 2] in ("²", "³", "⁻")  # (x²)² is 2**2 to Python
            if raised or None in numbers:
                continue
            same = [python_value(without, v) == n for v, n in zip(values, numbers, strict=True)]
            if all(same) and not inside.startswith("-") and " if " not in string:
                raise AssertionError(f"{string} needs no parentheses around {inside}")
            needed += 1
    assert needed > 200


def pairs(string):
    stack, found = [], []
    for i, c in enumerate(string):
        if c == "(":
            stack.append(i)
        elif c == ")":
            found.append((stack.pop(), i))
    return found


# ---- graphs --------------------------------------------------------------------------------------


def test_shared_variables_keep_names_so_that_nothing_grows():
    def f(x):
        for _ in range(60):
            x = x * x
        return x

    made = written(f, (1.0,))
    assert len(str(made)) < 3_000
    assert str(made).startswith("v₁ = x · x · x · x\nv₂ = v₁ · v₁ · v₁ · v₁\n")
    known = {"x": 1.0000001}
    for name, x in made.definitions:
        known[name.text] = evaluate_expression(x, known)
    expected = known["x"]
    for _ in range(60):
        expected = expected * expected
    assert evaluate_expression(made.results[0], known) == expected


def test_long_chains_are_cut_into_readable_pieces():
    def f(x):
        for _ in range(900):
            x = np.sin(x)
        return x

    made = written(f, (1.0,))
    assert len(made.definitions) == 900 // 24
    assert max(len(text(x)) for _, x in made.definitions) < 200


def test_chosen_variables_and_names():
    graph = cr.trace(lambda a, b: np.sin((a + b) * (b + 1)))(2.0, 1.0)
    c, d, e = (eq.outputs[0] for eq in graph.equations[:3])
    names = {v: symbol(n, v.type) for v, n in zip((*graph.inputs, e), "abe", strict=True)}
    assert str(expression_of(graph, names)) == "e = (a + b) · (b + 1)\nsin(e)"
    assert str(expression_of(graph, names, [d, c])) == "b + 1\na + b"
    assert expression_of(graph, names)._repr_latex_() == (
        "$$\n\\begin{aligned}\ne &= (a + b) \\, (b + 1) \\\\\n&\\sin(e)\n\\end{aligned}\n$$"
    )


def test_results_of_functions_that_have_several():
    made = written(lambda x: np.linalg.qr(x), (MATRIX,))
    assert [text(x) for x in made.results] == ["qr(x, complete=False).Q", "qr(x, complete=False).R"]
    q, r = (evaluate_expression(x, {"x": MATRIX}) for x in made.results)
    assert np.allclose(q @ r, MATRIX)


def test_errors_name_the_remedy():
    graph = cr.trace(lambda x, y: x + y)(1.0, 2.0)
    with pytest.raises(ArgumentError, match="input 1 of the graph has no name; give names"):
        expression_of(graph, {graph.inputs[0]: symbol("x", SCALAR)})
    with pytest.raises(ArgumentError, match="the symbol y has no value"):
        evaluate_expression(symbol("y", SCALAR), {"x": 1.0})
    x = symbol("x", SCALAR)
    for _ in range(40):
        x = Apply("mul", (x, x), SCALAR)
    with pytest.raises(ArgumentError, match="expression_of, which gives shared parts a name"):
        text(x)
    assert evaluate_expression(x, {"x": 1.0}) == 1.0  # shared parts are computed once


def test_literal_outputs():
    graph = Graph((), (), (Literal(2.0, WEAK),))
    assert str(expression_of(graph, {})) == "2"
    assert str(expression_of(Graph((v := Var(SCALAR),), (), (v,)), {v: symbol("x", SCALAR)})) == "x"


# ---- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "tex"),
    [
        ("x", "x"),
        ("W1", "W_{1}"),
        ("W_1", "W_{1}"),
        ("eta", r"\eta"),
        ("sigma2", r"\sigma_{2}"),
        ("loss", r"\mathit{loss}"),
        ("x_max", r"x_{\mathit{max}}"),
        ("p['W'][0]", r"\mathtt{p['W'][0]}"),
        ("long_name_here", r"\mathtt{long\_name\_here}"),
    ],
)
def test_names_in_latex(name, tex):
    assert latex_name(name) == tex
    assert faults(tex) == []


def test_cotangents_and_numbered_names():
    of = [cotangent(symbol(n, SCALAR)) for n in ("x", "W1", "eta", "loss", "p['W']")]
    assert [s.text for s in of] == ["x̄", "W̄1", "ēta", "l̄oss", "p̄['W']"]
    assert [s.latex for s in of] == [
        r"\bar{x}",
        r"\bar{W}_{1}",
        r"\bar{\eta}",
        r"\overline{\mathit{loss}}",
        r"\overline{\mathtt{p['W']}}",
    ]
    assert numbered("x", 12, SCALAR) == Symbol("x₁₂", "x_{12}", SCALAR)
    assert numbered("x_max", 2, SCALAR).latex == r"x_{\mathit{max}}^{(2)}"


def test_transposes_and_powers_of_symbols_with_superscripts():
    w = Symbol("W^(l+1)", "W^{l+1}", ArrayType((3, 2), "float64"))
    d = Symbol("δ^(l+1)", r"\delta^{l+1}", ArrayType((3,), "float64"))
    turned = Apply("transpose", (w,), ArrayType((2, 3), "float64"), {"order": (1, 0)})
    back = Apply("matmul", (turned, d), ArrayType((2,), "float64"))
    assert text(back) == "W^(l+1)ᵀ δ^(l+1)"
    assert latex(back) == r"(W^{l+1})^{\top} \, \delta^{l+1}"
    rule = Symbol("(∂y/∂x)ᵀ", r"\left(\frac{y}{x}\right)^{\top}", ArrayType((2, 2), "float64"))
    turned = Apply("transpose", (rule,), rule.type, {"order": (1, 0)})
    assert text(turned) == "((∂y/∂x)ᵀ)ᵀ"
    assert latex(turned) == r"\left(\left(\frac{y}{x}\right)^{\top}\right)^{\top}"
    squared = Apply("square", (d,), d.type)
    assert (text(squared), latex(squared)) == ("(δ^(l+1))²", r"(\delta^{l+1})^{2}")
