"""``simplify`` and ``fold_constants``: golden texts, and the same bits for special values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.passes import simplify as simplify_module
from chainrule.passes.cse import share_common
from chainrule.passes.dce import eliminate_dead_code
from chainrule.passes.fold import LARGEST, fold_constants
from chainrule.passes.pipeline import Pipeline, Repeated
from chainrule.passes.simplify import RULES, simplify

from .rewrites import LEFT_ALONE, REWRITES, short

FLOATS = cr.ArrayType((3,), np.float64), cr.ArrayType((3,), np.float64)
SPECIAL = [
    0.0,
    -0.0,
    np.inf,
    -np.inf,
    np.nan,
    5e-324,
    -1e-310,
    1e-160,
    1.7e308,
    -1.7e308,
    1.0,
    -3.0,
]
settle = Pipeline((Repeated((fold_constants, simplify, share_common, eliminate_dead_code)),))


def same_bits(found, expected):
    """Equal, with the signs of zeros; any NaN for any NaN."""
    for a, b in zip(found, expected, strict=True):
        assert (np.shape(a), np.result_type(a)) == (np.shape(b), np.result_type(b))
        np.testing.assert_array_equal(a, b)
        numbers = ~np.isnan(b)
        np.testing.assert_array_equal(np.signbit(a)[numbers], np.signbit(b)[numbers])


@pytest.mark.parametrize("name", REWRITES)
def test_golden_text(name):
    f, text = REWRITES[name]
    graph = cr.trace(f)(*FLOATS)
    after = cr.check_graph(settle(graph))
    assert short(after) == text


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_would_change_results_stays(name):
    graph = cr.trace(LEFT_ALONE[name])(*FLOATS)
    after = settle(graph)
    wanted = [e.primitive.name for e in graph.equations]
    found = [e.primitive.name for e in after.equations]
    reshaped = {"reshape", "getitem"}
    assert [n for n in found if n not in reshaped] == [n for n in wanted if n not in reshaped]


special = st.lists(st.sampled_from(SPECIAL) | st.floats(width=64), min_size=3, max_size=3)


@settings(max_examples=60, deadline=None)
@given(special, special, st.sampled_from([np.float64, np.float32, np.float16]))
def test_special_values_keep_their_bits(x, y, dtype):
    with np.errstate(all="ignore"):
        args = np.array(x).astype(dtype), np.array(y).astype(dtype)
        for name, f in {**{n: f for n, (f, _) in REWRITES.items()}, **LEFT_ALONE}.items():
            if dtype is np.float16 and name.startswith("power"):
                continue  # NumPy computes these powers in float32
            graph = cr.trace(f)(*(cr.ArrayType((3,), dtype) for _ in args))
            same_bits(evaluate(settle(graph), args), evaluate(graph, args))


@settings(max_examples=30, deadline=None)
@given(*(st.lists(st.integers(-128, 127), min_size=3, max_size=3) for _ in "xy"))
def test_integers_keep_their_bits(x, y):
    """Also where they overflow."""

    def f(x, y):
        return (
            x * 1 + 0, (-x) * (-y), x - -y, 0 - x, x * -1, -(x * 3), abs(abs(x)), x**2, (-x) * 3,
            np.square(-x), np.maximum(x, x) - 0, x // 1, -x + y,
        )  # fmt: skip

    args = np.array(x, np.int8), np.array(y, np.int8)
    graph = cr.trace(f)(*args)
    with np.errstate(all="ignore"):
        same_bits(evaluate(settle(graph), args), evaluate(graph, args))


@pytest.mark.parametrize("exponent", [2, 3, 4, 3.0])
def test_small_powers_are_products_to_a_rounding(exponent):
    x = np.array([*SPECIAL, 1e-80, 1e77, -2e102, 0.1, 1.1])
    graph = cr.trace(lambda x: x**exponent)(cr.ArrayType(x.shape, float))
    after = settle(graph)
    assert "pow" not in short(after)
    with np.errstate(all="ignore"):
        (found,), (wanted,) = evaluate(after, [x]), evaluate(graph, [x])
    np.testing.assert_array_max_ulp(found[~np.isnan(wanted)], wanted[~np.isnan(wanted)], 2)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))


def test_complex_products_stay():
    for f in (lambda z: z * 1, lambda z: z / 2, lambda z: -z * -z, lambda z: z + -0.0):
        graph = share_common(cr.trace(f)(np.ones(2, np.complex128)))
        after = settle(graph)
        assert [e.primitive for e in after.equations] == [e.primitive for e in graph.equations]


def test_weak_numbers_stay_weak():
    graph = settle(cr.trace(lambda s, x: (s * 1 + 0.5) * x)(2.0, np.ones(2, np.float32)))
    assert str(graph).splitlines()[1:] == [
        "  c: float64~ = add a 0.5", "  d: float32[2] = mul c b", "  return d",
    ]  # fmt: skip
    strong = settle(cr.trace(lambda s, x: (s * np.float64(1)) * x)(2.0, np.ones(2, np.float32)))
    assert len(strong.equations) == 2
    assert strong.equations[-1].outputs[0].type.dtype == np.float64


@pytest.mark.parametrize(
    ("name", "number"), [(name, i) for name in RULES for i in range(len(RULES[name]))]
)
def test_every_rule_has_an_example(name, number, monkeypatch):
    """Each line of the table changes at least one of the programs, taken alone."""
    rule = RULES[name][number]
    programs = [f for f, _ in REWRITES.values()] + EXTRA
    monkeypatch.setattr(simplify_module, "RULES", {name: (rule,)})
    graphs = [share_common(cr.trace(f)(*FLOATS)) for f in programs]
    assert any(simplify(graph) is not graph for graph in graphs), rule.__name__


def _twice(dtype):
    return lambda x, y: cr.ops.elementwise.convert_to_discrete(
        (x > y).astype(np.float32), dtype=np.dtype(dtype)
    )


EXTRA = [
    lambda x, y: np.cosh(-x),
    lambda x, y: np.minimum(x, x) * np.fmax(x, x),
    lambda x, y: (x > y) | (x > y),
    lambda x, y: np.minimum(x, TWICE) + np.maximum(x, TWICE) - TWICE + np.where(x > y, x, TWICE),
    lambda x, y: [x < TWICE, x <= TWICE, x >= TWICE, x == TWICE, x != TWICE, TWICE / x],
    lambda x, y: mul_or_zero_of(-x, y) + mul_or_zero_of(x, np.broadcast_to(np.sum(y), (3,))),
    lambda x, y: [np.min(x[:, None], axis=1), np.prod(x[:, None], axis=1)],
    lambda x, y: (-x / y + x, x.reshape(3), np.broadcast_to(x, (3,)) * (TWICE + x)),
    lambda x, y: cr.grad(lambda x: np.sum(np.sin(x[:, None])))(x),
    lambda x, y: cr.ops.elementwise.conj(cr.ops.elementwise.conj(x * 1j)),
    _twice(np.int64),
    lambda x, y: cr.ops.elementwise.convert_to_discrete(x > y, dtype=np.dtype(bool)),
    lambda x, y: cr.ops.shaping.broadcast_to(x, shape=(3,)),
    lambda x, y: cr.ops.shaping.reshape(x, shape=(3,)),
]
TWICE = np.full(3, 2.0)
mul_or_zero_of = cr.ops.elementwise.mul_or_zero

# ---- folding -------------------------------------------------------------------------------------


def test_nothing_large_is_made():
    n = LARGEST + 1
    graph = cr.trace(lambda x: np.cumsum(np.ones_like(x)) * x)(np.ones(n))
    after = settle(graph)
    assert [e.primitive.name for e in after.equations] == ["cumsum", "mul"]
    uniform = settle(cr.trace(lambda x: np.exp(np.ones_like(x) * 2) * x)(np.ones(n)))
    assert short(uniform) == f"b = mul {np.exp(2.0)} a; return b"
    repeated = settle(cr.trace(lambda x: x**0)(np.ones(n)))
    assert short(repeated) == f"b = broadcast_to[shape=({n},)] 1.0; return b"


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + np.log(np.zeros_like(x)),
        lambda x: x + 1 / np.zeros_like(x),
        lambda x: x + np.sqrt(-np.ones_like(x)),
        lambda x: x + np.exp(np.full_like(x, 1e4)),
        lambda x: x[np.full_like(x, 7, dtype=int)],
        lambda x: x * cr.scan(lambda c, _: (c * 2, None), np.ones_like(x), None, 3)[0],
    ],
)
def test_what_warns_raises_or_loops_stays(f):
    with np.errstate(all="ignore"):
        graph = eliminate_dead_code(cr.trace(f)(cr.ArrayType((3,), np.float64)))
    names = [e.primitive.name for e in graph.equations]
    after = [e.primitive.name for e in settle(graph).equations]
    assert after[-1] == names[-1] and set(after) & {"log", "div", "sqrt", "exp", "getitem", "scan"}


def test_folded_values_are_the_interpreters():
    constant = np.linspace(0.1, 3.0, 50).astype(np.float32)

    def f(x):
        c = np.copy(constant) if isinstance(x, np.ndarray) else np.zeros_like(x) + constant
        return x + np.tanh(c) ** 2 @ np.outer(c, c)

    graph = cr.trace(f)(cr.ArrayType((50,), np.float32))
    after = settle(graph)
    assert short(after) == "b = add a <float32[50]>; return b"
    x = np.zeros(50, np.float32)
    same_bits(evaluate(after, [x]), evaluate(graph, [x]))
