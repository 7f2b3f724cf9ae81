"""A derivative is of what happened: later writes into arrays that were used do not reach it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core import constants
from chainrule.core.constants import checksum
from chainrule.core.errors import TraceError

X = np.array([0.5, 1.5, -2.0])
SIZES = [3, 1000]  # copied at each use, and compared


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("order", ["before", "after", "both"])
def test_a_buffer_that_is_filled_anew(n: int, order: str) -> None:
    buffer = np.zeros(n)

    def f(x: Any) -> Any:
        total = 0.0
        for i in range(3):
            buffer[:] = i + 1.0
            if order == "after":
                term = x * buffer
                buffer[0] = 100.0
            elif order == "before":
                buffer[::2] *= -1.0
                term = buffer * x
            else:
                buffer[1] = -3.0
                term = np.sin(x) * buffer + x * (buffer @ x) / n
                buffer.fill(0.0)
            total = total + np.sum(np.sin(term))
        return total

    x, t, h = np.resize(X, n), np.cos(np.arange(n)), 1e-6
    expected = (f(x + h * t) - f(x - h * t)) / (2 * h)
    np.testing.assert_allclose(cr.grad(f)(x) @ t, expected, rtol=1e-6)
    np.testing.assert_allclose(cr.jvp(f, (x,), (t,))[1], expected, rtol=1e-6)
    np.testing.assert_allclose(
        cr.compile(cr.grad(f), executor="interpreter")(x) @ t, expected, rtol=1e-6
    )
    np.testing.assert_allclose(cr.hvp(f, (x,), (t,)) if False else expected, expected)


WRITES: dict[str, Callable[[Any], Any]] = {
    "one": lambda a: a.__setitem__(0, 7.0), "sort": lambda a: a.sort(),
    "scale": lambda a: np.multiply(a, 2.0, out=a), "view": lambda a: a[::2].fill(0.0),
    "swap": lambda a: a.__setitem__([0, 1], a[[1, 0]]),
}  # fmt: skip
USES: dict[str, Callable[[Any, Any], Any]] = {
    "times": lambda x, w: x * w, "reflected": lambda x, w: w / x, "matmul": lambda x, w: w @ x,
    "ufunc": lambda x, w: np.hypot(x, w), "function": lambda x, w: np.dot(x, w) * w,
    "where": lambda x, w: np.where(w > 0, x * x, x), "broadcast": lambda x, w: np.outer(w, x),
    "read": lambda x, w: x[(w > 0).astype(int)], "transposed": lambda x, w: w[::-1] * x,
    "scan": lambda x, w: cr.scan(lambda c, e: (c * w + e, None), x, w[None] * x)[0],
    "custom": lambda x, w: PRODUCT(x, w),
}  # fmt: skip
PRODUCT = cr.custom_derivative(lambda a, b: a * b)
PRODUCT.def_vjp(lambda a, b: (a * b, (a, b)), lambda kept, ct: (ct * kept[1], ct * kept[0]))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("use", USES)
def test_a_constant_that_is_written_to_after_its_use(n: int, use: str, write: str) -> None:
    x, w = np.resize(X, n) + np.arange(n) / n, np.resize([0.3, -1.0, 2.0], n)

    def f(x: Any, w: Any, change: bool) -> Any:
        y = np.sum(USES[use](x, w) ** 2)
        if change:
            WRITES[write](w)
        return y

    expected = cr.grad(f)(x, w.copy(), False)
    np.testing.assert_array_equal(cr.grad(f)(x, w.copy(), True), expected)


@pytest.mark.parametrize("n", SIZES)
def test_arguments_and_results_are_written_to_before_the_pullback(n: int) -> None:
    x = np.resize(X, n)
    expected = 3.0 * np.exp(3.0 * x)
    primal = x.copy()
    out, pullback, aux = cr.vjp(lambda x: (np.exp(3.0 * x), {"out": x}), primal, has_aux=True)
    linear_out, f_jvp = cr.linearize(lambda x: np.exp(3.0 * x), x.copy())
    for a in (primal, out, aux["out"], linear_out):
        a *= 0.0
    np.testing.assert_allclose(pullback(np.ones(n))[0], expected, rtol=1e-14)
    np.testing.assert_allclose(f_jvp(np.ones(n)), expected, rtol=1e-14)


def test_an_argument_is_written_to_by_its_other_name() -> None:
    outside = X.copy()

    def f(x: Any) -> Any:
        y = x * x
        outside[:] = 100.0
        return np.sum(y * x)

    np.testing.assert_allclose(cr.grad(f)(outside), 3.0 * X**2)


def test_names_of_an_outer_recording() -> None:
    def f(x: Any) -> Any:
        w = x * 1.0

        def inner(t: Any) -> Any:
            y = t * w * w
            w[0] = 5.0
            return np.sum(y)

        g = cr.grad(inner)(x)
        out, pullback = cr.vjp(np.exp, x)
        out *= 2.0
        x[:] = 0.0
        _, f_jvp = cr.linearize(lambda a: a * w, w)
        w[:] = 3.0
        return np.sum(g) + np.sum(pullback(np.ones(3))[0]) + np.sum(f_jvp(np.ones(3)))

    value, gradient = cr.value_and_grad(f)(X)
    np.testing.assert_allclose(value, np.sum(X**2) + np.sum(np.exp(X)) + 5.0 + np.sum(X[1:]))
    np.testing.assert_allclose(gradient, 2 * X + np.exp(X) + [0.0, 1.0, 1.0])


def test_a_graph_has_its_constants_as_they_were() -> None:
    w = np.array([1.0, 2.0, 3.0])
    compiled = cr.compile(lambda x: x * w, executor="interpreter")
    np.testing.assert_array_equal(compiled(X), X * [1.0, 2.0, 3.0])
    w[:] = 0.0
    np.testing.assert_array_equal(compiled(X), X * [1.0, 2.0, 3.0])


def test_a_constant_stands_once_in_a_graph() -> None:
    w, wide = np.ones(3), np.broadcast_to(np.array(2.0), (1000, 1000))
    graph = cr.trace(lambda x: (x * w, x + w, np.sum(x) * wide))(X)
    literals = [v.value for e in graph.equations for v in e.inputs if hasattr(v, "value")]
    assert literals[0] is literals[1]
    assert literals[0] is not w
    assert literals[-1].strides == (0, 0)


def test_what_nobody_can_write_to_is_not_copied() -> None:
    w = np.ones(3)
    w.flags.writeable = False
    view, base = w[1:], np.ones(3)
    half = base[1:]
    half.flags.writeable = False

    def literal(w: Any) -> Any:
        (equation,) = cr.trace(lambda x: x * w)(2.0).equations
        return equation.inputs[1].value

    assert literal(w) is w
    assert literal(view) is view
    assert literal(half) is not half  # its base can be written to


def test_too_large_a_constant_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "LARGE", 1 << 13)
    w = np.ones((2, 2048))

    def f(x: Any, change: bool) -> Any:
        y = np.sum(x * w) + np.sum(w * x * x)
        if change:
            w[1, [5, 6]] = w[1, [6, 5]] + [0.0, 1e-16]
        return y

    assert cr.grad(f)(2.0, False) == 5.0 * 4096
    cr.grad(f)(2.0, True)  # 1 + 1e-16 is 1: nothing changed
    w[:] = np.arange(4096.0).reshape(2, 2048)
    message = r"an array of shape \(2, 2048\) was written to after.*use x.copy\(\)"
    for run in (lambda: cr.grad(f)(2.0, True), lambda: cr.jvp(lambda x: f(x, True), (2.0,), (1.0,)),
                lambda: cr.trace(lambda x: f(x, True))(2.0)):  # fmt: skip
        with pytest.raises(TraceError, match=message):
            run()


@pytest.mark.parametrize("shape", [(), (0,), (3,), (5000,), (3, 1400), (7, 11, 13)])
@pytest.mark.parametrize("dtype", ["f8", "f4", "c16", "i1", "?"])
def test_a_checksum_sees_each_bit_and_each_place(shape: tuple[int, ...], dtype: str) -> None:
    rng = np.random.default_rng(3)
    x = np.asarray(rng.normal(size=shape) * 100).astype(dtype)
    before = checksum(x)
    assert checksum(x.copy()) == before
    octets = x.reshape(-1).view(np.uint8)
    for i in rng.integers(0, max(octets.size, 1), 20 if octets.size else 0):
        octets[i] ^= 1
        assert checksum(x) != before
        octets[i] ^= 1
    flat = x.reshape(-1)
    if dtype == "f8" and x.size > 1:
        flat[[0, -1]] = flat[[-1, 0]]
        assert checksum(x) != before
