"""Stable forms: true values and gradients where plain ones overflow, and never worse elsewhere.

The truth is mpmath's, with 60 digits.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from scipy import special

import chainrule as cr
from chainrule.passes import stabilise as stabilise_module
from chainrule.passes.cse import share_common
from chainrule.passes.dce import eliminate_dead_code
from chainrule.passes.factors import Replaced, replaced
from chainrule.passes.rewriting import Rewriting
from chainrule.passes.stabilise import RULES, stabilise

from .rewrites import short

mpmath.mp.dps = 60
FLOATS = cr.ArrayType((3,), np.float64)


def sigma(x):
    return 1 / (1 + mpmath.exp(-x))


def lse(xs):
    return mpmath.log(sum(mpmath.exp(x) for x in xs))


def weighted(xs):
    return sum(i * mpmath.exp(x) for i, x in enumerate(xs)) / sum(map(mpmath.exp, xs))


def rows(xs):
    return [xs[0:2], xs[2:4]]


WEIGHTS = np.arange(4.0)
PLAIN = {
    "log-sum-exp": (lambda x: np.log(np.sum(np.exp(x))), lse),
    "log-sum-exp of rows": (
        lambda x: np.sum(np.log(np.sum(np.exp(x.reshape(2, 2)), axis=1))),
        lambda xs: sum(map(lse, rows(xs))),
    ),
    "log-sum-exp of columns, axes kept": (
        lambda x: np.sum(np.log(np.sum(np.exp(x.reshape(2, 2)), axis=0, keepdims=True))),
        lambda xs: lse(xs[::2]) + lse(xs[1::2]),
    ),
    "softplus": (
        lambda x: np.sum(np.log(1 + np.exp(x))),
        lambda xs: sum(mpmath.log(1 + mpmath.exp(x)) for x in xs),
    ),
    "sigmoid": (lambda x: np.sum(1 / (1 + np.exp(-x))), lambda xs: sum(map(sigma, xs))),
    "sigmoid by exp(x)": (
        lambda x: np.sum(np.exp(x) / (np.exp(x) + 1)), lambda xs: sum(map(sigma, xs))
    ),
    "log of sigmoid": (
        lambda x: np.sum(np.log(1 / (1 + np.exp(-x)))),
        lambda xs: sum(mpmath.log(sigma(x)) for x in xs),
    ),
    "log of expit": (
        lambda x: np.sum(np.log(special.expit(x))),
        lambda xs: sum(mpmath.log(sigma(x)) for x in xs),
    ),
    "log of 1 - expit": (
        lambda x: np.sum(np.log(1 - special.expit(x))),
        lambda xs: sum(mpmath.log(sigma(-x)) for x in xs),
    ),
    "cross-entropy": (
        lambda x: np.sum(-0.3 * np.log(1 / (1 + np.exp(-x)))
                         - 0.7 * np.log(1 - 1 / (1 + np.exp(-x)))),
        lambda xs: sum(-mpf(0.3) * mpmath.log(sigma(x)) - mpf(0.7) * mpmath.log(sigma(-x))
                       for x in xs),
    ),
    "softmax": (lambda x: np.sum(WEIGHTS * (np.exp(x) / np.sum(np.exp(x)))), weighted),
    "multiple of softmax": (lambda x: np.sum(WEIGHTS * np.exp(x) / np.sum(np.exp(x))), weighted),
    "softmax of rows": (
        lambda x: np.sum(WEIGHTS[:2] * (np.exp(x.reshape(2, 2))
                                        / np.sum(np.exp(x.reshape(2, 2)), axis=1, keepdims=True))),
        lambda xs: sum(map(weighted, rows(xs))),
    ),
    "log of softmax": (
        lambda x: np.log(np.exp(x) / np.sum(np.exp(x)))[1], lambda xs: xs[1] - lse(xs)
    ),
    "log-likelihood": (
        lambda x: -np.sum(np.eye(2) * np.log(
            np.exp(x.reshape(2, 2)) / np.sum(np.exp(x.reshape(2, 2)), axis=1, keepdims=True))),
        lambda xs: lse(xs[0:2]) - xs[0] + lse(xs[2:4]) - xs[3],
    ),
    "log of two": (
        lambda x: np.sum(np.log(np.exp(x) + np.exp(x[::-1]))),
        lambda xs: 2 * lse([xs[0], xs[3]]) + 2 * lse([xs[1], xs[2]]),
    ),
    "log(1 + x)": (
        lambda x: np.sum(np.log(1 + x * x)), lambda xs: sum(mpmath.log(1 + x * x) for x in xs)
    ),
    "log(1 - x)": (
        lambda x: np.sum(np.log(1 - np.tanh(x) ** 2 / 2)),
        lambda xs: sum(mpmath.log(1 - mpmath.tanh(x) ** 2 / 2) for x in xs),
    ),
    "exp(x) - 1": (
        lambda x: np.sum(np.exp(x) - 1), lambda xs: sum(mpmath.expm1(x) for x in xs)
    ),
    "log(exp(x))": (lambda x: np.sum(np.log(np.exp(x))), sum),
}  # fmt: skip


def truth(f, x):
    """Value and gradient."""
    xs = [mpf(float(v)) for v in x]
    partials = [
        float(mpmath.diff(lambda t, i=i: f([*xs[:i], t, *xs[i + 1 :]]), xs[i], h=mpf(10) ** -20))
        for i in range(len(xs))
    ]
    return float(f(xs)), np.array(partials)


def errors(f, exact, x):
    value, gradient = f(x)
    return np.array([abs(value - exact[0]), *np.abs(gradient - exact[1])])


def both(f):
    """Value and gradient: plain, and compiled for the interpreter."""
    plain = cr.value_and_grad(f)
    return plain, cr.compile(plain, executor="interpreter")


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("scale", [1e-9, 0.1, 1.0, 30.0, 300.0])
def test_value_and_gradient_are_true(name, scale):
    f, exact = PLAIN[name]
    x = np.array([0.3, -1.2, 2.5, 3.1]) * scale
    value, gradient = truth(exact, x)
    if not np.isfinite([value, *gradient]).all() or (name == "exp(x) - 1" and scale > 1):
        return
    with np.errstate(all="ignore"):
        found, found_gradient = both(f)[1](x)
    size = 1e-15 * scale if name == "log(exp(x))" else 0
    np.testing.assert_allclose(found, value, rtol=2e-14, atol=2e-15 + size)
    np.testing.assert_allclose(found_gradient, gradient, rtol=1e-13, atol=1e-15)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-800, 800, width=32), min_size=4, max_size=4))
def test_never_worse_than_plain(x):
    x = np.array(x)
    for name, (f, exact) in PLAIN.items():
        wanted = truth(exact, x)
        size = 1 + np.abs(wanted[0]) + np.max(np.abs(wanted[1]))
        with np.errstate(all="ignore"):
            plain, stable = (errors(g, wanted, x) for g in both(f))
        worse = np.nan_to_num(plain, nan=np.inf) + 8 * np.finfo(float).eps * size
        assert np.all(np.nan_to_num(stable, nan=np.inf) <= worse), (name, plain, stable)


@pytest.mark.parametrize("entry", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("name", PLAIN)
def test_infinities_and_nan_are_what_they_were_or_true(name, entry):
    f = PLAIN[name][0]
    x = np.array([0.5, entry, -0.5, 1.0])
    with np.errstate(all="ignore"):
        plain, stable = (g(x)[0] for g in both(f))
    if not np.isnan(plain):
        np.testing.assert_allclose(stable, plain, rtol=1e-14)
    if entry != entry and name != "log of softmax":
        assert np.isnan(stable)


@pytest.mark.parametrize("executor", ["interpreter", "native"])
def test_executors_agree_and_the_plain_call_overflows(executor, monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))
    x = np.array([1000.0, 999.0])
    f = PLAIN["log-sum-exp"][0]
    with np.errstate(all="ignore"):
        assert f(x) == np.inf
    value, gradient = cr.compile(cr.value_and_grad(f), executor=executor)(x)
    np.testing.assert_allclose(value, 1000 + np.log1p(np.exp(-1.0)), rtol=1e-15)
    np.testing.assert_allclose(gradient, special.softmax(x), rtol=1e-15)


def test_second_derivatives_stay_stable():
    f = cr.compile(cr.grad(cr.grad(lambda x: np.log(1 + np.exp(x)))), executor="interpreter")
    for x in (-3.0, 0.5, 3.0):
        assert f(x) == pytest.approx(special.expit(x) * special.expit(-x), rel=1e-14)
    g = cr.grad(cr.compile(lambda x: np.log(np.sum(np.exp(x)))))
    np.testing.assert_allclose(g(np.array([1000.0, 999.0])), special.softmax([1.0, 0.0]))


def test_masked_nan_stays_masked():
    """What nothing depends on makes no NaN, as in the plain form."""

    def f(x):
        return np.sum(np.where(x > 0, np.log(1 + np.exp(x)) + np.log(special.expit(x)), 0.0))

    x = np.array([1.0, -1e4, 800.0])
    with np.errstate(all="ignore"):
        gradient = cr.compile(cr.grad(f), executor="interpreter")(x)
    np.testing.assert_allclose(gradient, [1.0, 0.0, 1.0])


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.log(np.sum(np.exp(x - np.max(x)))),
        lambda x: np.log(np.sum(np.exp(x))) if x.dtype.kind == "c" else np.exp(x),
        lambda x: np.exp(x) - 1 + np.exp(x),
        lambda x: 1 - special.expit(x),
        lambda x: np.sqrt(x * x + x[0] * x[0]),
        lambda x: np.log(2 + np.exp(x)),
        lambda x: np.exp(x) / np.sum(np.exp(2 * x)),
        lambda x: np.exp(x) / (2 + np.exp(x)),
        lambda x: special.expit(x) * np.exp(x),
        lambda x: np.log(np.exp(x)[0] + x[1]),
        lambda x: 2 * np.eye(len(x)) @ x[:, None],
        lambda x: np.flip(np.eye(len(x)), 0) @ x[:, None],
        lambda x: np.ones((len(x), len(x))) @ x[:, None],
    ],
)
def test_what_is_left_alone(f):
    graph = share_common(cr.trace(f)(FLOATS))
    assert eliminate_dead_code(stabilise(graph)) is graph


SIMILAR = {
    "another axis": lambda x: np.exp(x) * (1 / np.sum(np.exp(x), axis=0))[:, None],
    "sum over the axis that is left": (
        lambda x: np.exp(x) * np.sum(1 / np.sum(np.exp(x), axis=0))
    ),
    "one term alone": lambda x: np.exp(x) * (1 / np.sum(np.exp(x)) + 1.0),
    "the other term alone": lambda x: np.exp(x) * (x - 1 / np.sum(np.exp(x))),
    "sum of another": lambda x: np.exp(x) * (1 / np.sum(np.exp(x.T * 2))),
    "in the divisor": lambda x: np.exp(x) * (1 / (x / np.sum(np.exp(x)))),
    "quotient along another axis": lambda x: np.exp(x) / np.sum(np.exp(x), axis=0)[:, None],
    "transposed": lambda x: np.exp(x) * (1 / (np.exp(x) + np.exp(x.T))).T,
}  # fmt: skip


@pytest.mark.parametrize("name", SIMILAR)
def test_what_only_looks_alike_keeps_its_value(name):
    f, x = SIMILAR[name], np.array([[0.3, -1.2], [2.5, 1.1]])
    np.testing.assert_allclose(cr.compile(f, executor="interpreter")(x), f(x), rtol=1e-14)


def test_a_factor_is_not_found_behind_a_sum_along_it():
    graph = cr.trace(lambda x, y: (np.sum(x / y, axis=0), np.sum(x / y, axis=1)))(
        np.ones((2, 3)), np.ones((2, 1))
    )
    rewriting = Rewriting(graph, lambda _primitive: ())
    rewriting.run()

    def leaf(factor):
        made = rewriting.maker(factor, "div")
        return None if made is None else Replaced(made.inputs[0], made.inputs[1].type.shape)

    varying, constant = (replaced(rewriting, out, leaf) for out in graph.outputs)
    assert varying is None
    assert constant is not None and constant.along == (2,)


GOLDEN = {
    "log_of_exp": (lambda x: np.log(np.exp(x)), "return a"),
    "log_of_sigmoid": (
        lambda x: np.log(1 - special.expit(x)), "b = neg a; c = log_expit b; return c"
    ),
    "log_of_one_plus": (lambda x: np.log(x + 1), "b = log1p a; return b"),
    "log_of_two_exps": (
        lambda x: np.log(np.exp(x) + np.exp(2 * x)), "b = mul 2 a; c = logaddexp a b; return c"
    ),
    "log_of_softmax": (
        lambda x: np.log(np.exp(x - np.max(x)) / np.sum(np.exp(x - np.max(x)))),
        "b = max[axes=(0,)] a; c = sub a b; d = exp c; e = sum[axes=(0,)] d; f = log e;"
        " g = sub c f; return g",
    ),
    "log_of_sum_of_exps": (
        lambda x: np.log(np.sum(np.exp(x))),
        "b = max[axes=(0,)] a; c = reshape[shape=(1,)] b; d = stop_gradient c; e = isfinite d;"
        " f = select e d 0.0; g = sub a f; h = exp g; i = sum[axes=(0,)] h; j = log i;"
        " k = reshape[shape=()] f; l = add k j; return l",
    ),
    "sigmoid": (lambda x: 2 / (1 + np.exp(-x)), "b = expit a; c = mul 2 b; return c"),
    "softmax": (
        lambda x: np.exp(x) / np.sum(np.exp(x)),
        "b = max[axes=(0,)] a; c = reshape[shape=(1,)] b; d = stop_gradient c; e = isfinite d;"
        " f = select e d 0.0; g = sub a f; h = exp g; i = sum[axes=(0,)] h; j = div h i; return j",
    ),
    "exp_minus_one": (lambda x: np.exp(x) - 1, "b = expm1 a; return b"),
    "times_exponential": (
        lambda x: special.expit(-x) * np.exp(x), "b = expit a; return b"
    ),
    "times_reciprocal": (
        lambda x: (3 / special.expit(x)) * (special.expit(x) * x), "b = mul 3 a; return b"
    ),
    "times_identity": (
        lambda x: np.eye(len(x)) @ x[:, None], "b = getitem[index=(:, None)] a; return b"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_text_of_each_rule_by_itself(name, monkeypatch):
    f, text = GOLDEN[name]
    alone = {
        primitive: tuple(r for r in rules if r.__name__ == name)
        for primitive, rules in RULES.items()
    }
    monkeypatch.setattr(stabilise_module, "RULES", alone)
    graph = share_common(cr.trace(f)(FLOATS))
    assert short(cr.check_graph(eliminate_dead_code(share_common(stabilise(graph))))) == text


def test_every_rule_has_a_golden_text():
    assert {rule.__name__ for rules in RULES.values() for rule in rules} == set(GOLDEN)
