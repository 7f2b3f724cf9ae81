"""Equations that are written with others for native code, and loops that only partly are native."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.core.tree import flatten
from chainrule.executors.native import executor
from chainrule.executors.native.lowering import lowered

from .emulate import emulated


def numbers(*shape, dtype="float64", seed=0):
    return np.random.default_rng(seed).uniform(-2, 2, shape).astype(dtype)


def names(graph):
    return [e.primitive.name for e in lowered(graph).equations]


@pytest.fixture
def python(monkeypatch):
    monkeypatch.setattr(executor, "build", emulated)


def check(f, *inputs, exact=False):
    """A compiled function is native throughout, and its values are those of the interpreter."""
    compiled = cr.compile(f)
    found, wanted = flatten(compiled(*inputs))[0], flatten(f(*inputs))[0]
    for a, b in zip(found, wanted, strict=True):
        assert (np.shape(a), np.result_type(a)) == (np.shape(b), np.result_type(b))
        np.testing.assert_allclose(a, b, rtol=0 if exact else 1e-12, atol=0 if exact else 1e-12)
    assert "interpreter" not in compiled.report()
    return compiled


EINSUMS = {  # strings of attention, of tensor networks, of quadratic forms, with lengths of letters
    "bhqd,bhkd->bhqk": 1, "bhqk,bhkd->bqhd": 1, "ij,jk,kl->il": 2, "bi,ij,bj->b": 1,
    "ij,ij->i": 0, "i,j->ij": 0, "abc,cd->abd": 1, "abc,acd->abd": 1, "ij,kj->ik": 1,
    "iij,jk->ik": 1, "ij,jk->": 1, "abij,bcjk->acik": 1,
}  # fmt: skip


@pytest.mark.parametrize("subscripts", EINSUMS)
def test_einsum_is_products_of_matrices(subscripts, python):
    sizes = dict(zip("abcdhijklqk", (2, 3, 4, 5, 2, 3, 4, 2, 3, 4, 2), strict=True))
    terms = subscripts.split("->")[0].split(",")
    inputs = [numbers(*(sizes[a] for a in t), seed=i) for i, t in enumerate(terms)]

    def f(*xs):
        return np.einsum(subscripts, *xs)

    found = names(cr.trace(f)(*inputs))
    assert found.count("matmul") == EINSUMS[subscripts]
    assert "einsum" not in found
    check(f, *inputs)


def test_einsum_as_machine_code():
    q, k = numbers(2, 3, 4, 5), numbers(2, 3, 6, 5, seed=1)

    def f(q, k):
        return np.sum(np.tanh(np.einsum("bhqd,bhkd->bhqk", q, k)) ** 2)

    check(cr.value_and_grad(f, argnums=(0, 1)), q, k)


@pytest.mark.parametrize("dtype", ["int32", "int64", "bool"])
@pytest.mark.parametrize("shapes", [((3, 4), (4, 2)), ((4,), (4,)), ((2, 3, 4), (4,))])
def test_products_of_integers(dtype, shapes, python):
    x, y = (numbers(*s, seed=i).round().astype(dtype) for i, s in enumerate(shapes))
    check(np.matmul, x, y, exact=True)


def test_index_arrays_apart_from_each_other(python):
    x, i, j = numbers(5, 3, 6, 4), np.array([0, 2, 1]), np.array([[1], [5]])

    def f(x, i, j):
        y = x * 1.0
        y[i, 1:, j] = 2 * x[i, 1:, j]
        return x[i, :, 2], x[..., i, :, 3][0], x[j - 1, None, 0, ..., i], y

    check(f, x, i, j, exact=True)
    check(cr.grad(lambda x: np.sum(x[i, :, j] ** 2) + np.sum(x[2, :, i] * x[i, 0, 1])), x)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "bool"])
def test_positions_and_orders_along_any_axis(dtype):
    x = np.random.default_rng(0).integers(-4, 5, (7, 8, 9)).astype(dtype)
    if dtype.startswith("float"):
        x[1, 2, 3] = x[6, 5, 3] = np.nan
        x[0, 0, 0], x[0, 0, 1] = np.inf, -np.inf

    def f(x):
        functions = np.argmax, np.argmin, np.argsort, np.cumsum
        return [g(v, axis=i) for v in (x, x.T) for g in functions for i in (0, 2)]

    compiled = cr.compile(f)
    with np.errstate(invalid="ignore"):
        wanted = [
            g(v, axis=i, **({"kind": "stable"} if g is np.argsort else {}))
            for v in (x, x.T)
            for g in (np.argmax, np.argmin, np.argsort, np.cumsum)
            for i in (0, 2)
        ]
        for a, b in zip(compiled(x), wanted, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
    assert "interpreter" not in compiled.report()


def test_integers_wrap_around_as_numpys():
    a = np.array([2**30, 123456789, -7], np.int32)
    b = np.array([9, 77, 2**31 - 1], np.int32)
    with np.errstate(over="ignore"):
        check(lambda a, b: ((a * b) // np.int32(7), a**3 // 5, -(a + b) // 3), a, b, exact=True)


def test_negative_powers_of_integers_are_numpys_error():
    power = cr.compile(lambda a, b: a**b)
    assert power(np.array([2, -3]), np.array([10, 3])).tolist() == [1024, -27]
    with pytest.raises(ValueError, match="negative integer powers"):
        power(np.array([2, -3]), np.array([10, -3]))


def test_products_with_constants_and_numbers():
    """A constant that is one number everywhere, and an argument by value, are in no array."""
    x = numbers(1, 3)
    check(lambda x: np.ones((2, 1)) @ x, x)
    check(
        lambda s, x: (np.reshape(s, (1, 1)) @ x, np.broadcast_to(s, (4,))[x[0].argsort()]), 2.0, x
    )


def test_empty_arrays_are_constants(python):
    x, nothing = numbers(3, 2), np.zeros((0, 2))

    def f(x, nothing):
        y = x * 2.0
        y[1:1] = nothing
        return (
            np.concatenate([nothing, x]), np.sum(nothing, axis=0) + y, nothing.T @ nothing,
            np.exp(nothing), np.prod(nothing), x[:0] @ x.T,
        )  # fmt: skip

    compiled = check(f, x, nothing, exact=True)
    first, second = compiled(x, nothing), compiled(x, nothing)
    assert not any(
        np.shares_memory(a, b)
        for a, b in zip(first, second, strict=True)
        if isinstance(a, np.ndarray)
    )


def test_largest_of_no_entries_is_numpys_error(python):
    f = cr.compile(lambda x: (np.max(x), np.exp(x)))
    with pytest.raises(ValueError, match="zero-size"):
        f(np.zeros(0))


def phases(c, xs):
    def step(c, x):
        z = np.exp(1j * x) * c
        return np.tanh(z.real) * 0.5 + np.sin(x), np.sum(x * c)

    return cr.scan(step, c, xs)


def test_native_parts_of_a_loop_that_python_runs():
    arguments = numbers(3), numbers(4, 3)
    compiled = cr.compile(phases)
    for a, b in zip(compiled(*arguments), phases(*arguments), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)
    report = compiled.report()
    assert "equations native; in the interpreter: scan x1;" in report
    assert "inside of loops: exp x1, mul x2, real x1" in report
    assert "tanh" in compiled.source


def test_lowered_graphs_mean_the_same():
    arguments = numbers(3, 4), np.arange(4)
    graph = cr.trace(lambda x, i: (x @ i, x[1, i], np.einsum("ij,j->", x, i), 1 / (i + 1)))(
        *arguments
    )
    for a, b in zip(evaluate(lowered(graph), arguments), evaluate(graph, arguments), strict=True):
        np.testing.assert_allclose(a, b)
