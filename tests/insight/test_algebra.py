"""Identities and normal forms: both sides are equal at random numbers, and short as expected."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.graph import ArrayType
from chainrule.insight.algebra import rules
from chainrule.insight.algebra.building import key, make, of_fraction, substituted, whole
from chainrule.insight.algebra.simplify import Known, simplified
from chainrule.insight.derivations.sweep import inlined
from chainrule.insight.notation.expression import Constant, Symbol
from chainrule.insight.notation.reading import evaluate_expression
from chainrule.insight.notation.text import text

N = 3
VECTOR = ArrayType((N,), "float64")
MATRIX = ArrayType((2, N), "float64")
NUMBER = ArrayType((), "float64")
X, Y, Z, A = (Symbol(name, name, VECTOR) for name in "xyza")
W = Symbol("W", "W", MATRIX)
U = Symbol("u", "u", ArrayType((2,), "float64"))
S = Symbol("s", "s", NUMBER)


def values(seed: int) -> dict[str, np.ndarray]:
    """Numbers between 0 and 1, where every function of the table is defined."""
    rng = np.random.default_rng(seed)
    symbols = (X, Y, Z, A, W, U, S)
    return {s.text: rng.uniform(0.05, 0.95, s.type.shape) for s in symbols}


def condition():
    return make("greater", X, Y)


# rule -> expressions that it is for
EXAMPLES = {
    "zero wins: 0 * x = 0": [make("mul_or_zero", X, Y)],
    "a copy of x is x": [make("copy", X), make("stop_gradient", X)],
    "a truth value as a number is 1 or 0": [
        make("convert", condition(), dtype=np.dtype("float64")),
        make("convert", X, dtype=np.dtype("float64")),
    ],
    "a vector of one entry is a number": [make("reshape", S, shape=(1,))],
    "x repeated is x": [make("broadcast_to", X, shape=(N,))],
    "c (x / y) (z / x) = c z / y": [
        make("mul", make("div", X, Y), make("div", Z, X)),
        make("mul", make("mul", whole(2), X), make("neg", make("mul", whole(3), Y))),
        make("mul", X, condition()),
        make("div", make("sinh", X), make("cosh", X)),
        make("div", make("sin", X), make("cos", X)),
        make("mul", whole(0), X),
        make("neg", make("neg", X)),
    ],
    "x + (-y) = x - y, x + 0 = x": [
        make("add", X, make("neg", Y)),
        make("add", make("neg", X), Y),
        make("sub", X, make("neg", Y)),
        make("add", whole(0), X),
        make("sub", X, whole(0)),
        make("sub", whole(0), X),
        make("add", whole(2), whole(0.5)),
        make("sub", whole(2), whole(0.5)),
    ],
    "c^2 is a number": [make("square", whole(3))],
    "f(-x) = f(x) of even functions": [make(f, make("neg", X)) for f in rules.EVEN],
    "f(-x) = -f(x) of odd functions": [make(f, make("neg", X)) for f in rules.ODD],
    "expit(x) = 1 / (1 + exp(-x))": [make("expit", X)],
    "log_expit(x) = -log(1 + exp(-x))": [make("log_expit", X)],
    "sech(x)^2 = 1 - tanh(x)^2": [make("sech_squared", X)],
    "gaussian(x) = exp(-rate x^2)": [make("gaussian", X, rate=0.5)],
    "hypot(1, x) = sqrt(1 + x^2)": [make("hypot", whole(1), X)],
    "log1p(x) = log(1 + x)": [make("log1p", X)],
    "logaddexp(x, y) = log(exp(x) + exp(y))": [make("logaddexp", X, Y)],
    "exp(0) = 1": [make("exp", whole(0))],
    "einsum of a number and an array": [make("einsum", S, X, terms=("", "i"), result="i")],
    "expm1(x) = exp(x) - 1": [make("expm1", X)],
    "1 / x as a quotient": [make("reciprocal", X)],
    "x^1, x^2, x^(1/2) by their names": [make("pow", X, whole(p)) for p in (0, 1, 2, 0.5)],
    "x if c else x is x": [make("select", condition(), X, X)],
    "v W = W^T v for a vector v": [make("matmul", U, W)],
}


def test_every_rule_has_an_example():
    assert set(EXAMPLES) == {rule.identity for rule in rules.RULES}


@pytest.mark.parametrize("rule", rules.RULES, ids=[rule.identity for rule in rules.RULES])
def test_rules_are_identities(rule):
    for example in EXAMPLES[rule.identity]:
        assert example.primitive in rule.primitives
        found = rule.apply(example)
        assert found is not None, text(example)
        for seed in range(3):
            here = values(seed)
            left, right = (np.asarray(evaluate_expression(x, here)) for x in (example, found))
            np.testing.assert_allclose(np.broadcast_to(right, left.shape), left, rtol=1e-14)


# ---- whole expressions ---------------------------------------------------------------------------


def slope_of(f):
    """The pulled cotangent v of a function, as an expression, and the function."""

    def pulled(z, v):
        out, pullback = cr.vjp(f, z)
        return out, pullback(v)[0]

    graph = cr.trace(pulled)(VECTOR, VECTOR)
    named = dict(zip(graph.inputs, (Z, Symbol("v", "v", VECTOR)), strict=True))
    return [inlined(graph, named, x) for x in graph.outputs]


SLOPES = {
    "1 / (1 + exp(-z))": (lambda z: 1 / (1 + np.exp(-z)), "v ⊙ a ⊙ (1 - a)"),
    "stable sigmoid": (
        lambda z: np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z))),
        "v ⊙ a ⊙ (1 - a)",
    ),
    "tanh": (np.tanh, "v ⊙ (1 - a²)"),
    "tanh by exp": (
        lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
        "v ⊙ (1 - a²)",
    ),
    "softmax": (lambda z: np.exp(z) / np.sum(np.exp(z)), "a ⊙ (v - ∑(v ⊙ a))"),
    "shifted softmax": (cr.nn.softmax, "a ⊙ (v - ∑(v ⊙ a))"),
    "unit vector": (lambda z: z / np.sqrt(np.sum(z**2)), "(v - a · ∑(v ⊙ a)) / √(∑(z²))"),
    "swish": (lambda z: z / (1 + np.exp(-z)), "v ⊙ (exp(z) + a) / (1 + exp(z))"),
    "relu": (lambda z: z * (z > 0), "v ⊙ [z > 0]"),
    "elu": (lambda z: np.where(z > 0, z, np.exp(z) - 1), "v ⊙ (1 if z > 0 else 1 + a)"),
    "clip": (lambda z: np.clip(z, -1, 1), "v ⊙ [z > -1] ⊙ [z < 1]"),
    "softsign": (lambda z: z / (1 + np.abs(z)), "v / (1 + |z|)²"),
    "softplus": (lambda z: np.log1p(np.exp(z)), "v / (1 + exp(-z))"),
    "bell": (lambda z: np.exp(-(z**2)), "-2 · v ⊙ z ⊙ a"),
    "root": (lambda z: np.sqrt(1 + z**2), "v ⊙ z / a"),
    "cube": (lambda z: z**3, "3 · v ⊙ z²"),
    "hard swish": (
        lambda z: z * np.clip(z + 3, 0, 6) / 6,
        "v ⊙ ((3 + 2 · z) ⊙ [z > -3] / 6 if z < 3 else 1)",
    ),
    "two slopes": (
        lambda z: np.maximum(0.9 * (1 - z), -0.1 * (1 - z)),
        "v ⊙ (0.1 if z > 1 else -0.9)",
    ),
    "erf": (cr.scipy.special.erf, "2 · v ⊙ exp(-z²) / √π"),
    "logaddexp": (lambda z: np.logaddexp(0, z), "v / (1 + exp(-z))"),
    "largest": (lambda z: z * (z == np.max(z)), "v ⊙ [z = max(z)]"),
    "sine": (np.sin, "v ⊙ cos(z)"),
}


@pytest.mark.parametrize("name", SLOPES)
def test_derivatives_are_short(name):
    f, expected = SLOPES[name]
    value, pulled = slope_of(f)
    found = simplified(pulled, (Known(A, value),))
    assert text(found.expression) == expected
    for seed in range(3):
        rng = np.random.default_rng(seed)
        z, v = rng.normal(size=(2, N))
        here = {"z": z, "v": v, "a": f(z)}
        assert all(np.all(evaluate_expression(c, here)) for c in found.assumptions)
        right = evaluate_expression(found.expression, here)
        np.testing.assert_allclose(right, cr.vjp(f, z)[1](v)[0], rtol=1e-12, atol=1e-15)


def test_what_had_to_be_assumed_is_told():
    _, pulled = slope_of(lambda z: np.maximum(z, 0))
    assert [text(c) for c in simplified(pulled).assumptions] == ["z ≠ 0"]
    _, pulled = slope_of(lambda z: cr.scipy.special.xlogy(0.5, 1 - z))
    assert [text(c) for c in simplified(pulled).assumptions] == []


def test_no_form_has_a_new_pole():
    value, pulled = slope_of(lambda z: z * np.tanh(np.log1p(np.exp(z))))
    found = simplified(pulled, (Known(A, value),)).expression
    at_zero = {"z": np.zeros(N), "v": np.ones(N), "a": np.zeros(N)}
    assert np.all(np.isfinite(evaluate_expression(found, at_zero)))


def test_facts_stand_for_expressions():
    total = make("sum", Y, axes=(0,))
    x = make("sub", make("mul", A, total), Y)
    assert text(simplified(x, facts={key(total): whole(1)}).expression) == "a - y"


def test_numbers_are_read_as_they_were_meant():
    assert text(of_fraction(cr.insight.algebra.building.number(whole(1 / 3)))) == "1 / 3"
    third = Constant(np.full(N, 1 / 3), VECTOR)
    assert text(simplified(make("mul", third, make("mul", whole(2), X))).expression) == "2 · x / 3"
    assert text(simplified(make("mul", whole(0.01), X)).expression) == "0.01 · x"


def test_substitution():
    assert text(substituted(make("mul", X, Y), {"x": make("add", Y, Z)})) == "(y + z) ⊙ y"


# ---- random expressions --------------------------------------------------------------------------

BINARY = ("add", "sub", "mul", "mul_or_zero", "maximum", "div", "mul", "sub")
UNARY = ("neg", "square", "exp", "log", "sqrt", "tanh", "expit", "abs", "sign", "log_expit", "pow")


def random_expression(rng, depth):
    """Functions of x, y, z and numbers, with choices and sums, mostly defined."""
    if depth == 0 or rng.random() < 0.12:
        leaves = [X, Y, Z, X, Y, Z, whole(0), whole(1), whole(2), whole(-1), whole(0.5), whole(3)]
        return leaves[rng.integers(len(leaves))]
    one, other = (random_expression(rng, depth - 1) for _ in range(2))
    if rng.random() < 0.5:
        name = str(rng.choice(BINARY))
        return make(name, one, X if name == "div" and isinstance(other, Constant) else other)
    if rng.random() < 0.2:
        return make("select", make("greater", one, other), random_expression(rng, depth - 1), X)
    if rng.random() < 0.2 and one.type.shape:
        return make("sum", one, axes=(0,))
    name = str(rng.choice(UNARY))
    if name == "pow":
        return (
            one
            if isinstance(one, Constant)
            else make("pow", one, whole(int(rng.choice([2, 3, -1]))))
        )
    if name in ("log", "sqrt"):
        one = make("add", whole(1), make("square", one))
    return make(name, one)


def rounding_of(x, here, rng):
    """How far the value of an expression moves when its symbols move by a unit of rounding."""
    eps = np.finfo(float).eps
    middle = evaluate_expression(x, here)
    draws = [
        {k: v * (1 + eps * rng.choice([-1, 1], v.shape)) for k, v in here.items()} for _ in range(4)
    ]
    return max(np.max(np.abs(evaluate_expression(x, d) - middle)) for d in draws) / eps


def test_random_expressions_keep_their_values():
    compared = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = random_expression(rng, int(rng.integers(2, 6)))
        found = simplified(x)
        here = {s.text: rng.uniform(0.2, 1.7, N) * rng.choice([-1, 1], N) for s in (X, Y, Z)}
        with np.errstate(all="ignore"):
            expected = evaluate_expression(x, here)
            right = evaluate_expression(found.expression, here)
            if not np.all(np.isfinite(expected)) or not np.all(np.isfinite(right)):
                continue  # an exponential that overflows on one of two ways
            if not all(np.all(evaluate_expression(c, here)) for c in found.assumptions):
                continue
            scale = max(np.max(np.abs(expected)), rounding_of(x, here, rng))
            scale = max(scale, rounding_of(found.expression, here, rng))
        assert np.max(np.abs(right - expected)) <= 1e-12 * scale, (seed, text(x))
        compared += 1
    assert compared > 150
