"""Derivatives from 8 threads at once equal serial ones, bit for bit, first compilation included."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import make_dataclass
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import LongLoopWarning
from chainrule.core.tree import flatten

N = 8
RNG = np.random.default_rng(0)
W, X = RNG.normal(size=(4, 3)), RNG.normal(size=(N, 3))


@pytest.fixture(autouse=True)
def switch_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(work: Callable[[int], Any], n: int = N) -> list[Any]:
    """What ``work`` gives for 0 to n - 1, by n threads that begin together."""
    barrier = threading.Barrier(n)

    def one(i: int) -> Any:
        barrier.wait(60)
        return work(i)

    with ThreadPoolExecutor(n) as pool:
        return [f.result(120) for f in [pool.submit(one, i) for i in range(n)]]


def assert_equal(found: Any, expected: Any) -> None:
    a, one = flatten(found)
    b, other = flatten(expected)
    assert one == other
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


def loss(w: Any, x: Any) -> Any:
    h = np.tanh(w @ x)
    total = cr.scan(lambda c, e: (np.sin(c) + e * np.sum(w[0]), c), 0.1, h)[0]
    return np.sum(h * h) + total


cube = cr.custom_derivative(lambda x: x**3)
cube.def_vjp(lambda x: (x**3, x), lambda x, ct: (3 * x**2 * ct,))


def branchy(x: Any) -> Any:
    while x < 10:
        x = x * 1.5 + np.sin(x)
    return x


WAYS: list[tuple[str, Callable[[Any], Any]]] = [
    ("grad", lambda x: cr.grad(loss)(W, x)),
    ("jvp", lambda x: cr.jvp(loss, (W, x), (W, x))),
    ("vjp", lambda x: cr.vjp(loss, W, x)[1](1.0)),
    ("hessian", lambda x: cr.hessian(loss, 1)(W, x)),
    ("vmap", lambda x: cr.vmap(cr.grad(loss), (None, 0))(W, np.stack([x, 2 * x]))),
    ("checkpoint", lambda x: cr.grad(cr.checkpoint(loss))(W, x)),
    ("custom", lambda x: cr.grad(lambda x: np.sum(cube(x)))(x)),
    ("sparse", lambda x: cr.sparse_hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2), x).toarray()),
    ("interpreter", lambda x: cr.compile(cr.grad(loss), executor="interpreter")(W, x)),
    ("check", lambda x: cr.check_gradients(loss, W, x, order=1, directions=1, executor=None)),
]


@pytest.mark.parametrize("way", [w[1] for w in WAYS], ids=[w[0] for w in WAYS])
def test_each_transform(way: Callable[[Any], Any]) -> None:
    def work(i: int) -> list[Any]:
        return [way(x) for x in np.roll(X, i, axis=0)]

    parallel = at_once(work)
    for i, found in enumerate(parallel):
        for a, b in zip(found, work(i), strict=True):
            if isinstance(b, cr.GradientReport):
                assert a == b
            else:
                assert_equal(a, b)


def test_all_transforms_mixed() -> None:
    def work(i: int) -> list[Any]:
        return [WAYS[(i + k) % 9][1](X[i]) for k in range(9)]

    for i, found in enumerate(at_once(work)):
        for a, b in zip(found, work(i), strict=True):
            assert_equal(a, b)


@pytest.mark.parametrize("cached", [False, True])
def test_the_first_compilation_of_one_function(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, cached: bool
) -> None:
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "cache"))
    if cached:
        cr.compile(cr.grad(loss))(W, X[0])
    wrote = sys.dont_write_bytecode
    compiled = cr.compile(cr.grad(loss))
    found = at_once(lambda i: [compiled(W, x) for x in X])
    assert sys.dont_write_bytecode == wrote
    expected = [cr.compile(cr.grad(loss))(W, x) for x in X]
    for one in found:
        assert_equal(one, expected)
    assert not [p.name for p in (tmp_path / "cache").iterdir() if p.name.endswith(".tmp")]


def test_different_functions_compiled_at_once(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "cache"))

    def power(i: int) -> Callable[[Any], Any]:
        return lambda x: np.sum(np.exp(x) * x ** (i // 2))  # each twice

    found = at_once(lambda i: cr.compile(cr.grad(power(i)))(X))
    for i, one in enumerate(found):
        assert_equal(one, cr.compile(cr.grad(power(i)))(X))


def test_one_function_with_many_signatures() -> None:
    compiled = cr.compile(lambda x: np.sum(np.sin(x)), executor="interpreter")
    found = at_once(lambda i: [compiled(np.ones(n + i % 3)) for n in range(1, 30)])
    for i, one in enumerate(found):
        assert_equal(one, [np.sum(np.sin(np.ones(n + i % 3))) for n in range(1, 30)])


def test_one_function_that_branches() -> None:
    compiled = cr.compile(cr.grad(branchy), executor="interpreter", branches=True)
    starts = np.linspace(0.1, 12.0, 40)
    found = at_once(lambda i: [compiled(float(x)) for x in np.roll(starts, 5 * i)])
    for i, one in enumerate(found):
        assert_equal(one, [cr.grad(branchy)(float(x)) for x in np.roll(starts, 5 * i)])


def test_containers_that_are_met_at_once() -> None:
    for k in range(20):
        cls: Any = make_dataclass(f"Parameters{k}", ["w", "b"], frozen=True)
        found = at_once(lambda i, cls=cls: cr.grad(lambda p: np.sum(p.w * p.b))(cls(X[i], X[0])))
        for i, one in enumerate(found):
            assert_equal((one.w, one.b), (X[0], X[i]))


def test_sweeps_are_counted_by_thread() -> None:
    def work(i: int) -> tuple[int, int]:
        with cr.count_sweeps() as sweeps:
            for _ in range(i + 1):
                cr.grad(loss)(W, X[i])
                cr.jvp(loss, (W, X[i]), (W, X[i]))
        return sweeps.forward, sweeps.reverse

    assert at_once(work) == [(i + 1, i + 1) for i in range(N)]


def test_each_long_loop_is_warned_of() -> None:
    def long(x: Any) -> Any:
        for _ in range(3_100):
            x = np.sin(x)
        return x

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = at_once(lambda i: cr.grad(long)(X[i, 0]), 4)
    with pytest.warns(LongLoopWarning):
        assert_equal(found, [cr.grad(long)(x) for x in X[:4, 0]])
    assert [w.category for w in caught] == [LongLoopWarning] * 4
