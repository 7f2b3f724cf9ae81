"""Sparse Jacobians and Hessians are the dense ones, by the sweeps that the plan says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import sparse
from scipy.linalg import block_diag

import chainrule as cr
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten
from chainrule.sparse import plan as plan_module

from .programs import PROGRAMS, SCALARS, N, chain, composed, random_programs, tridiagonal
from .test_pattern import dense

X = np.random.default_rng(3).uniform(0.3, 1.4, N)
WAYS = {
    "plain": lambda f: f,
    "interpreted": lambda f: cr.compile(f, executor="interpreter"),
    "compiled": cr.compile,
}


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


def assert_equal(found, expected, pattern=None):
    assert type(found) is sparse.csr_array and found.has_canonical_format
    np.testing.assert_allclose(found.toarray(), expected, rtol=1e-11, atol=1e-13)
    if pattern is not None:  # entries that happen to be zero are stored
        stored = np.ones(found.nnz, bool), found.indices, found.indptr
        np.testing.assert_array_equal(sparse.csr_array(stored, found.shape).toarray(), pattern)


MACHINE = ("tridiagonal", "scatter", "matrix blocks", "chained", "two results", "loop", "arrow")


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("way", WAYS)
def test_jacobians(name, mode, way):
    if way == "compiled" and (name not in MACHINE or mode == "forward"):
        return  # machine code takes its time
    f, _ = PROGRAMS[name]
    jacobian = cr.jacobian(WAYS[way](f), mode=mode, sparse=True)
    plan = jacobian.plan(X)
    with cr.count_sweeps() as sweeps:
        found = jacobian(X)
    assert_equal(found, dense(f, [X]), plan.pattern.toarray())
    counted = {"forward": sweeps.forward, "reverse": sweeps.reverse}
    assert counted[plan.mode] == plan.sweeps == sum(counted.values())
    assert mode in ("auto", plan.mode)


@pytest.mark.parametrize("name", SCALARS)
@pytest.mark.parametrize("way", WAYS)
def test_hessians(name, way):
    if way == "compiled" and name not in MACHINE:
        return
    f, pattern = SCALARS[name]
    found = cr.sparse_hessian(WAYS[way](f), X)
    assert_equal(found, cr.hessian(f)(X), pattern if way == "plain" else None)
    assert found.nnz >= pattern.sum()


@settings(max_examples=60, deadline=None)
@given(random_programs(5))
def test_random_programs(steps):
    f = composed(steps)
    assert_equal(cr.sparse_jacobian(f, X), dense(f, [X]))
    loss = lambda x: np.sum(np.sin(f(x)))
    assert_equal(cr.sparse_hessian(loss, X), cr.hessian(loss)(X))


@settings(max_examples=25, deadline=None)
@given(random_programs(4))
def test_random_programs_by_types(steps):
    """Compiled, the pattern has to hold for all values."""
    f = cr.compile(composed(steps), executor="interpreter")
    for x in (X, -X[::-1], X * 3 - 2):
        assert_equal(cr.sparse_jacobian(f, x), dense(f, [x]))


def test_the_mode_with_fewer_colours():
    wide = lambda x: np.concatenate([x[:-1] * x[1:], [1.0] * np.sum(x[:1]) * x[1:2], x[:1] ** 2])
    plan = cr.jacobian(wide, sparse=True).plan(X)
    assert (plan.mode, plan.sweeps) == ("forward", 2)
    tall = lambda x: x[0] * x[1:] + np.sum(x[1:] * 0)  # one full column, rows of everything
    assert cr.jacobian(tall, sparse=True).plan(X).mode == "forward"
    sums = lambda x: np.stack([np.sum(x[:6]), np.sum(x[6:])])
    plan = cr.jacobian(sums, sparse=True).plan(X)
    assert (plan.mode, plan.sweeps) == ("reverse", 1)
    assert str(plan) == (
        "2 x 12, 12 entries may be nonzero: 1 reverse sweep, by rows of one colour"
    )
    assert cr.jacobian(sums, mode="forward", sparse=True).plan(X).sweeps == 6
    assert cr.jacobian(lambda x: x * np.sum(x), sparse=True).plan(X).sweeps == N


def test_a_real_function_is_one_reverse_sweep():
    with cr.count_sweeps() as sweeps:
        found = cr.sparse_jacobian(chain, X)
    assert (sweeps.forward, sweeps.reverse) == (0, 1)
    assert_equal(found, cr.grad(chain)(X)[None])


def test_containers_in_order(way):
    def f(x):
        return {"p": x["a"] * x["b"][1], "q": (np.sum(x["b"][0]), x["c"])}

    x = {"a": X[:3], "b": [np.reshape(X[:4], (2, 2)), 2.0], "c": np.float64(0.5)}
    found = cr.sparse_jacobian(way(f), x)
    leaves, _ = flatten(x)
    flat = lambda *xs: flatten(f({"a": xs[0], "b": [xs[1], xs[2]], "c": xs[3]}))[0]
    assert_equal(found, dense(flat, leaves))


def test_float32_and_shapes(way):
    x = np.reshape(X, (3, 4)).astype(np.float32)
    found = cr.sparse_jacobian(way(lambda x: x[1:] * x[:-1]), x)
    assert found.dtype == np.float32 and found.shape == (8, 12)
    hessian = cr.sparse_hessian(way(lambda x: np.sum(x[1:] * x[:-1])), x)
    np.testing.assert_array_equal(hessian.toarray(), np.eye(12, k=4) + np.eye(12, k=-4))


def test_numbers_and_empty_arrays(way):
    assert_equal(cr.sparse_jacobian(way(lambda x: x * x), 3.0), [[6.0]])
    assert_equal(cr.sparse_jacobian(way(lambda x: x[0] * x[1]), (3, 2.0)), [[2.0, 3.0]])
    assert_equal(cr.sparse_jacobian(way(lambda x: x * x), np.zeros(0)), np.zeros((0, 0)))
    assert_equal(cr.sparse_jacobian(way(lambda x: x[:0]), X), np.zeros((0, N)))
    assert_equal(cr.sparse_hessian(way(lambda x: np.sum(x)), X), np.zeros((N, N)))


def test_several_arguments_and_static_ones(way):
    def f(x, y, scale, name):
        return scale * x[1:] * y if name == "product" else x[1:] + y

    found = cr.jacobian(way(f), argnums=(1, 0), sparse=True)(X, X[1:], 2.0, "product")
    expected = dense(lambda y, x: f(x, y, 2.0, "product"), [X[1:], X])
    assert_equal(found, expected)
    last = cr.jacobian(way(f), -2, sparse=True)(X, X[1:], 2.0, name="sum")
    assert_equal(last, np.eye(N - 1))


def test_integer_arguments_are_a_part_of_the_plan(way):
    f = way(lambda x, index: x[index] ** 2)
    jacobian = cr.jacobian(f, sparse=True)
    for index in (np.array([0, 3, 3]), np.array([5, 1, 0])):
        expected = np.zeros((3, N))
        expected[range(3), index] = 2 * X[index]
        assert_equal(jacobian(X, index), expected, expected != 0)


def test_a_compiled_function_keeps_its_plan():
    calls = []

    def f(x):
        calls.append(1)
        return tridiagonal(x)

    compiled = cr.compile(f, executor="interpreter")
    first = cr.sparse_jacobian(compiled, X)
    count = len(calls)
    again = cr.sparse_jacobian(compiled, X + 1)
    assert len(calls) == count
    plans = [cr.jacobian(compiled, sparse=True).plan(x) for x in (X, X + 1)]
    assert plans[0] is plans[1]
    first.data[:] = first.indices[:] = 0  # what users do to a result changes no other
    first.eliminate_zeros()
    assert_equal(again, dense(tridiagonal, [X + 1]))
    assert_equal(cr.sparse_jacobian(compiled, X), dense(tridiagonal, [X]))
    assert_equal(cr.sparse_jacobian(compiled, X[:7]), dense(tridiagonal, [X[:7]]))


def test_a_plain_function_may_take_another_way_at_each_call():
    f = lambda x: x[::-1] * x if x[0] > 0 else x[1:] + 1.0
    jacobian = cr.jacobian(f, sparse=True)
    for x in (X, -X):
        assert_equal(jacobian(x), dense(f, [x]))


@pytest.mark.parametrize("block", [1, 40, 10**6])
def test_many_sweeps_in_blocks(block, way, monkeypatch):
    monkeypatch.setattr(plan_module, "BLOCK", block)
    f = lambda x: np.cumsum(x) * x
    assert_equal(cr.sparse_jacobian(way(f), X), dense(f, [X]))
    loss = lambda x: np.sum(np.sin(np.cumsum(x)))
    assert_equal(cr.sparse_hessian(way(loss), X), cr.hessian(loss)(X))


def test_of_other_transforms(way):
    square = lambda x: np.sum(tridiagonal(x) ** 2)
    assert_equal(cr.sparse_jacobian(way(cr.grad(square)), X), cr.hessian(square)(X))
    if way is cr.compile:
        return  # machine code takes its time
    along = lambda x: cr.jvp(tridiagonal, (x,), (np.cos(x),))[1]
    assert_equal(cr.sparse_jacobian(way(along), X), dense(along, [X]))
    back = lambda x: cr.vjp(tridiagonal, x)[1](x)[0]
    assert_equal(cr.sparse_jacobian(way(back), X), dense(back, [X]))
    inner = lambda x: cr.compile(tridiagonal, executor="interpreter")(x) ** 2
    assert_equal(cr.sparse_jacobian(way(inner), X), dense(inner, [X]))
    curved = lambda x: cr.hvp(chain, (x,), (np.ones(N),))
    assert_equal(cr.sparse_jacobian(way(curved), X), dense(curved, [X]))


def stated(by: str) -> Any:
    """The softplus of neighbours' products as a function with a rule of its own."""
    f = cr.custom_derivative(lambda x: np.log(1 + np.exp(x[1:] * x[:-1])))

    def partials(x):
        weight = 1 / (1 + np.exp(-x[1:] * x[:-1]))
        return weight * x[:-1], weight * x[1:]

    if by == "jvp":

        @f.def_jvp
        def rule(primals, tangents):
            right, left = partials(primals[0])
            return f(primals[0]), right * tangents[0][1:] + left * tangents[0][:-1]
    else:

        def back(x, ct):
            right, left = partials(x)
            zero = np.zeros(1)
            return (np.concatenate([zero, right * ct]) + np.concatenate([left * ct, zero]),)

        f.def_vjp(lambda x: (f(x), x), back)
    return f


def test_of_transformed_functions(way):
    pairs = lambda x: np.log(1 + np.exp(x[1:] * x[:-1]))
    rows = np.stack([X, X[::-1], 2 * X])
    found = cr.sparse_jacobian(way(cr.vmap(pairs)), rows)
    assert_equal(found, block_diag(*(dense(pairs, [x]) for x in rows)))
    assert found.nnz == 3 * 2 * (N - 1)
    for f in (cr.checkpoint(pairs), stated("jvp"), stated("vjp")):
        found = cr.sparse_jacobian(way(f), X)
        assert_equal(found, dense(pairs, [X]))
        assert found.nnz == 2 * (N - 1)
        loss, plain = (lambda x, g=g: np.sum(g(x) * x[1:]) for g in (f, pairs))
        found = cr.sparse_hessian(way(loss), X)
        assert_equal(found, cr.hessian(plain)(X))
        assert found.nnz == 3 * N - 2


def test_a_rule_that_needs_values_is_dense_and_right():
    @cr.custom_derivative
    def f(x):
        return x * x

    @f.def_jvp
    def rule(primals, tangents):
        (x,), (t,) = primals, tangents
        return f(x), t * np.array([2 * float(v) for v in x])

    found = cr.sparse_jacobian(lambda x: f(x[:4]), X)
    assert_equal(found, np.diag(2 * X)[:4])
    assert found.nnz == 16


def test_of_a_function_with_compiled_branches():
    f = cr.compile(lambda x: x[1:] * x[:-1] if x[0] > 0 else x[2:] ** 2, branches=True)
    for x in (X, -X, X):
        found = cr.sparse_jacobian(f, x)
        assert_equal(found, cr.jacobian(f)(x))
        assert found.nnz == (2 * (N - 1) if x[0] > 0 else N - 2)


def test_inside_of_other_transforms_it_says_what_to_do():
    inside = lambda x: cr.sparse_jacobian(tridiagonal, x)
    for transformed in (cr.compile(inside), cr.trace(inside), lambda x: cr.jvp(inside, (x,), (x,))):
        with pytest.raises(cr.ChainruleError, match=r"cr.jacobian or cr.hessian without sparse"):
            transformed(X)
    scaled = lambda a: cr.sparse_jacobian(lambda x: a * tridiagonal(x), X).data
    with pytest.raises(cr.ChainruleError, match=r"cr.jacobian or cr.hessian without sparse"):
        cr.vjp(scaled, 2.0)


def test_errors(way):
    with pytest.raises(cr.ChainruleError, match="one real number"):
        cr.sparse_hessian(way(tridiagonal), X)
    with pytest.raises(cr.ChainruleError, match="complex numbers"):
        cr.sparse_jacobian(way(lambda x: x * x), X + 1j)
    with pytest.raises(cr.ChainruleError, match="complex numbers"):
        cr.sparse_jacobian(way(lambda x: x * 1j), X)
    with pytest.raises(cr.ChainruleError, match=r"x.astype\(float\)"):
        cr.sparse_jacobian(way(lambda x: x * x), np.arange(3))
    with pytest.raises(cr.ChainruleError, match=r"argnums=3"):
        cr.jacobian(way(tridiagonal), 3, sparse=True)(X)
    with pytest.raises(cr.ChainruleError, match=r"'auto', 'forward' or 'reverse'"):
        cr.jacobian(way(tridiagonal), mode="sideways", sparse=True)
    with pytest.raises(cr.ChainruleError, match=r"not sparse"):
        cr.sparse_jacobian(way(lambda x: x / np.sum(x)), np.ones(100_000))


def test_a_large_one():
    n = 100_000
    x = np.random.default_rng(0).normal(size=n)
    plan = cr.jacobian(cr.compile(tridiagonal), sparse=True).plan(x)
    assert (plan.mode, plan.sweeps, plan.pattern.nnz) == ("forward", 3, 3 * n - 2)
    found = cr.sparse_jacobian(tridiagonal, x)
    assert abs(found - cr.sparse_jacobian(cr.compile(tridiagonal), x)).max() < 1e-12
    for t in (np.ones(n), x):
        pushed = cr.jvp(tridiagonal, (x,), (t,))[1]
        np.testing.assert_allclose(found @ t, pushed, rtol=1e-12, atol=1e-12)
    hessian = cr.sparse_hessian(cr.compile(chain), x)
    np.testing.assert_allclose(hessian @ x, cr.hvp(chain, (x,), (x,)), rtol=1e-9, atol=1e-9)


def test_types_of_weak_numbers_do_not_matter():
    assert type_of(2.0).weak
    assert_equal(cr.sparse_jacobian(cr.compile(lambda x, s=2.0: s * x), 1.5), [[2.0]])
