"""The pattern read off the graph has every entry that is not zero, and few others."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

import chainrule as cr
from chainrule.core.primitive import PRIMITIVES, NoRule
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten
from chainrule.sparse import loops
from chainrule.sparse.pattern import pattern_of
from chainrule.sparse.rules import RULES

from ..transforms.control_cases import TWINS
from ..transforms.pairing import DIFFERENTIABLE, curved_loss, every, of_floats
from .programs import PROGRAMS, SCALARS, N, composed, random_programs

X = np.random.default_rng(3).uniform(0.3, 1.4, N)


def matrix(blocks, outputs, inputs):
    """The blocks of a dense Jacobian as one matrix."""
    rows = [
        np.concatenate([np.reshape(b, (np.size(o), np.size(x))) for b, x in zip(row, inputs)], 1)
        for row, o in zip(blocks, outputs)
    ]
    return np.concatenate(rows) if rows else np.zeros((0, sum(map(np.size, inputs))))


def dense(f, xs):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        leaves = lambda *a: flatten(f(*a))[0]
        blocks = cr.jacobian(leaves, tuple(range(len(xs))))(*xs)
        return matrix(blocks, cr.linearize(leaves, *xs)[0], xs)


def pattern(f, xs, values=None):
    graph = cr.trace(f)(*xs)
    return pattern_of(graph, range(len(xs)), values or {}).toarray()


def assert_covers(found, derivative):
    assert found.shape == derivative.shape
    missing = np.argwhere((derivative != 0) & ~found)
    assert not len(missing), missing


@every(DIFFERENTIABLE)
def test_every_case_is_covered(case):
    f, xs = of_floats(case)
    if any(type_of(x).dtype.kind == "c" for x in (*xs, *flatten(f(*xs))[0])):
        return
    assert_covers(pattern(f, xs), dense(f, xs))


@every([c for c in DIFFERENTIABLE if c.by_types])
def test_every_gradient_is_covered_by_types_alone(case):
    f, xs = of_floats(case)
    if any(type_of(x).dtype.kind == "c" for x in xs) or sum(map(np.size, xs)) > 40:
        return
    gradient = cr.grad(curved_loss(f, 1), tuple(range(len(xs))))
    found = pattern_of(cr.trace(gradient)(*map(type_of, xs)), range(len(xs)), {}).toarray()
    assert_covers(found, dense(gradient, xs))


@pytest.mark.parametrize("twin", TWINS, ids=lambda t: t.name)
def test_loops_and_branches_are_covered(twin):
    floats = [np.asarray(x, float) for x in twin.args]
    assert_covers(pattern(twin.ours, floats), dense(twin.ours, floats))


@pytest.mark.parametrize("name", PROGRAMS)
def test_patterns_are_exact(name):
    f, expected = PROGRAMS[name]
    np.testing.assert_array_equal(pattern(f, [X]), expected)


@pytest.mark.parametrize("name", SCALARS)
def test_patterns_of_hessians_are_exact(name):
    f, expected = SCALARS[name]
    plan = cr.jacobian(cr.grad(f), sparse=True).plan(X)
    both = plan.pattern.toarray() & plan.pattern.toarray().T
    np.testing.assert_array_equal(both, expected)


@pytest.mark.parametrize("name", sorted(n for n, p in PRIMITIVES.items() if not p.is_constant))
def test_every_primitive_has_a_rule(name):
    assert name in RULES, "without, its derivative is walked, which is slow or dense"


@pytest.mark.parametrize("name", ["sin", "matmul", "solve", "concatenate", "cholesky"])
@pytest.mark.parametrize("program", ["tridiagonal", "constant band", "matrix blocks"])
def test_without_a_rule_the_derivative_is_walked(name, program, monkeypatch):
    f, expected = PROGRAMS[program]
    monkeypatch.delitem(RULES, name)
    found = pattern(f, [X])
    assert_covers(found, expected)
    linear = name in ("matmul", "solve", "concatenate")  # its derivative has it in it again
    assert linear or np.array_equal(found, expected)


def test_without_any_rule_all_is_covered(monkeypatch):
    for name in list(RULES):
        if name not in ("scan", "cond", "while_loop"):
            monkeypatch.delitem(RULES, name)
    for f, expected in PROGRAMS.values():
        assert_covers(pattern(f, [X]), expected)


def test_a_primitive_without_any_derivative_is_dense(monkeypatch):
    monkeypatch.delitem(RULES, "sin")
    lacking = replace(PRIMITIVES["sin"], derivative=NoRule("none is stated"))
    found = pattern(lambda x: (lacking(x[:3]) * x[3:6], x[0]), [X])
    expected = np.zeros((4, N), bool)
    expected[:3, :3] = expected[[0, 1, 2], [3, 4, 5]] = expected[3, 0] = True
    np.testing.assert_array_equal(found, expected)


def test_an_index_that_is_not_known_reaches_everywhere_along_its_axis():
    def f(x, i):
        x = np.reshape(x, (4, 3))
        y = np.zeros((2, 3)) + 0 * x[0, 0]
        y[i % 2] = x[0]
        return x[i], y

    graph = cr.trace(f)(type_of(X), type_of(np.array([0, 1])))
    found = pattern_of(graph, [0], {}).toarray()
    columns = np.tile(np.eye(3), (1, 4)) > 0
    np.testing.assert_array_equal(found[:6], np.tile(columns, (2, 1)))
    np.testing.assert_array_equal(found[6:, 1:], np.tile(np.eye(3, N) > 0, (2, 1))[:, 1:])
    known = pattern_of(graph, [0], {1: np.array([3, 0])}).toarray()
    np.testing.assert_array_equal(known[:6], np.eye(N)[[9, 10, 11, 0, 1, 2]] > 0)


def test_a_mask_that_is_not_known_takes_both_sides():
    graph = cr.trace(lambda x, m: np.where(m, x[:6], x[6:]))(type_of(X), type_of(X[:6] > 0))
    both = np.eye(6, N) + np.eye(6, N, 6) > 0
    np.testing.assert_array_equal(pattern_of(graph, [0], {}).toarray(), both)
    known = pattern_of(graph, [0], {1: np.arange(6) < 6}).toarray()
    np.testing.assert_array_equal(known, np.eye(6, N) > 0)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("name", ["chained", "forgetful", "own step", "indexed"])
def test_a_long_loop_takes_the_fixed_point(name, reverse, monkeypatch):
    f = (lambda x, f=PROGRAMS[name][0]: cr.grad(lambda x: np.sum(f(x) ** 2))(x)) if reverse else (
        PROGRAMS[name][0])  # fmt: skip
    exact = pattern(f, [X])
    monkeypatch.setattr(loops, "FOLLOWED", 2)
    found = pattern(f, [X])
    assert_covers(found, exact)
    assert name in ("chained", "indexed") or np.array_equal(found, exact)


def test_a_dense_derivative_is_refused_with_the_operation():
    graph = cr.trace(lambda x: np.exp(x) / np.sum(np.exp(x)))(np.ones(100_000))
    with pytest.raises(cr.ChainruleError, match=r"div.*not sparse; take cr.jacobian"):
        pattern_of(graph, [0], {})


@settings(max_examples=150, deadline=None)
@given(random_programs(6))
def test_random_programs_are_covered(steps):
    f = composed(steps)
    assert_covers(pattern(f, [X]), dense(f, [X]))
    by_types = pattern_of(cr.trace(f)(type_of(X)), [0], {}).toarray()
    assert_covers(by_types, dense(f, [X]))
