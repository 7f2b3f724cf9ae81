"""grad, jacobian, hessian, hvp, linearize: what they cost and where they are stable."""

from __future__ import annotations

import gc
import threading
import time
import tracemalloc
from typing import Any

import numpy as np
import pytest
from scipy import special

import chainrule as cr
from chainrule.core.errors import DTypeError

X = np.array([0.3, -0.8, 1.7])
M = np.array([[1.0, 2.0, 0.5], [-1.0, 0.3, 2.0]])


def wavy(x: Any) -> Any:
    return np.sum(np.sin(x[1:]) * x[:-1] ** 2) + np.prod(x)


def vector(x: Any) -> Any:
    return np.tanh(M @ x) * x[0]


def test_both_modes_of_the_jacobian_agree() -> None:
    forward, reverse = (cr.jacobian(vector, mode=m)(X) for m in ("forward", "reverse"))
    assert forward.shape == (2, 3)
    np.testing.assert_allclose(forward, reverse, rtol=1e-14)
    np.testing.assert_array_equal(cr.jacobian(vector)(X), reverse)


def test_the_derivative_of_a_vector_in_a_matrix_is_a_tensor() -> None:
    found = cr.jacobian(lambda A: A @ X)(M)
    assert found.shape == (2, 2, 3)
    np.testing.assert_array_equal(found, np.einsum("ia,k->iak", np.eye(2), X))


def test_jacobians_of_complex_functions() -> None:
    z = np.array([0.5 + 1j, -1.0 + 0.25j])
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(cr.jacobian(np.exp, mode=mode)(z), np.diag(np.exp(z)))
    wave = cr.jacobian(lambda x: np.exp(1j * x))(X)
    np.testing.assert_allclose(wave, np.diag(1j * np.exp(1j * X)))
    np.testing.assert_allclose(cr.jacobian(np.abs)(z), np.diag(np.conj(z) / np.abs(z)))
    with pytest.raises(DTypeError, match=r"complex function of real numbers .* 'forward'"):
        cr.jacobian(lambda x: np.exp(1j * x), mode="reverse")(X)
    with pytest.raises(DTypeError, match=r"real function of complex numbers .* 'reverse'"):
        cr.jacobian(np.abs, mode="forward")(z)
    with pytest.raises(DTypeError, match="real and imaginary parts"):
        cr.hessian(lambda z: np.sum(np.abs(z)))(z)


def test_empty_jacobians_have_their_shape() -> None:
    assert cr.jacobian(lambda x: x[:0])(X).shape == (0, 3)
    assert cr.jacobian(lambda x: np.ones(2) * np.sum(x))(np.zeros(0)).shape == (2, 0)


def test_the_hessian_is_symmetric_and_hvp_is_its_product() -> None:
    hessian, t = cr.hessian(wavy)(X), np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-14)
    np.testing.assert_allclose(cr.hvp(wavy, (X,), (t,)), hessian @ t, rtol=1e-13)


def test_hessians_of_several_arguments_are_blocks() -> None:
    def f(a: Any, b: Any) -> Any:
        return np.sum(a**2) * b

    blocks = cr.hessian(f, argnums=(0, 1))(X, 2.0)
    np.testing.assert_allclose(blocks[0][0], 4.0 * np.eye(3))
    np.testing.assert_allclose(blocks[0][1], 2 * X)
    np.testing.assert_allclose(blocks[1][0], 2 * X)
    assert blocks[1][1] == 0.0
    products = cr.hvp(f, (X, 2.0), (X, 1.0))
    np.testing.assert_allclose(products[0], 6 * X)
    np.testing.assert_allclose(products[1], 2 * X @ X)


def test_sweeps_are_as_few_as_promised() -> None:
    with cr.count_sweeps() as outer:
        with cr.count_sweeps() as sweeps:
            cr.grad(wavy)(X)
        assert (sweeps.forward, sweeps.reverse) == (0, 1)
        with cr.count_sweeps() as sweeps:
            cr.jacobian(vector)(X)
        assert (sweeps.forward, sweeps.reverse) == (0, 2)
        with cr.count_sweeps() as sweeps:
            cr.jacobian(vector, mode="forward")(X)
        assert (sweeps.forward, sweeps.reverse) == (3, 0)
        with cr.count_sweeps() as sweeps:
            cr.hvp(wavy, (X,), (X,))
        assert (sweeps.forward, sweeps.reverse) == (1, 1)
    assert (outer.forward, outer.reverse) == (4, 4)


def test_linearize_runs_the_function_once() -> None:
    runs: list[int] = []

    def f(x: Any) -> Any:
        runs.append(1)
        return np.sin(x) * x

    out, f_jvp = cr.linearize(f, X)
    for t in np.eye(3):
        np.testing.assert_array_equal(f_jvp(t), (np.cos(X) * X + np.sin(X)) * t)
    np.testing.assert_array_equal(out, np.sin(X) * X)
    assert len(runs) == 1


def test_pullbacks_can_be_used_again() -> None:
    _, pullback = cr.vjp(vector, X)
    rows = [pullback(u)[0] for u in np.eye(2)]
    np.testing.assert_allclose(rows, cr.jacobian(vector)(X), rtol=1e-14)


def test_what_does_not_depend_on_the_argument_has_derivative_zero() -> None:
    assert cr.grad(lambda x: 3.0)(1.0) == 0.0
    assert cr.grad(lambda x, y: y)(np.float32(1), 2.0).dtype == np.float32
    assert cr.jvp(lambda x: np.ones(2), (1.0,), (1.0,))[1].tolist() == [0.0, 0.0]


def test_stop_gradient() -> None:
    def f(p: Any) -> Any:
        fixed = cr.stop_gradient(p)
        return p["a"] * fixed["a"] + fixed["b"]

    assert cr.grad(f)({"a": 3.0, "b": 2.0}) == {"a": 3.0, "b": 0.0}
    assert cr.jvp(cr.stop_gradient, (2.0,), (1.0,)) == (2.0, 0.0)
    assert cr.grad(cr.grad(lambda x: x * cr.stop_gradient(x**2)))(3.0) == 0.0


# ---- where the true gradient is finite, it is found ----------------------------------------------


def both_modes(f: Any, x: Any) -> Any:
    x = np.asarray(x, float)
    forward = cr.jvp(f, (x,), (np.ones_like(x),))[1]
    (reverse,) = cr.vjp(f, x)[1](np.ones_like(f(x)))
    np.testing.assert_array_equal(forward, reverse)
    return forward.tolist()


def test_the_branch_not_chosen_makes_no_nan() -> None:
    with np.errstate(all="ignore"):
        x = np.array([0.0, 2.0])
        assert both_modes(lambda x: np.where(x > 0, np.log(x), 0.0), x) == [0.0, 0.5]
        assert both_modes(lambda x: np.where(x > 0, 1 / x, 0.0), x) == [0.0, -0.25]
        assert both_modes(lambda x: np.where(x > 1, x, np.exp(1e4 * x)), [2.0]) == [1.0]
        assert both_modes(lambda x: np.where(x < 1, np.arcsin(x), x), [1.0]) == [1.0]
        assert cr.grad(lambda x: np.where(x > 0, x / x, 0.0))(0.0) == 0.0
        assert cr.grad(lambda x: np.where(x > 0, np.log(x), x))(0.0) == 1.0
    # nor a warning, where the value makes none
    assert both_modes(lambda x: np.where(x > 0, np.sqrt(x), 0.0), [0.0, 4.0]) == [0.0, 0.25]
    assert both_modes(lambda x: np.where(x > 0, x**0.5, 0.0), [0.0, 4.0]) == [0.0, 0.25]
    assert both_modes(lambda x: np.where(x > 0, np.cbrt(x), x), [0.0]) == [1.0]
    assert cr.grad(np.sqrt)(0.0) == np.inf


def test_the_sigmoid_keeps_its_digits() -> None:
    for sigmoid in (special.expit, lambda x: np.exp(-np.logaddexp(0.0, -x))):
        found = cr.grad(sigmoid)(37.43)
        assert abs(found - 5.5509e-17) < 2e-21
    assert cr.grad(special.expit)(1000.0) == 0.0
    assert cr.grad(special.expit)(-1000.0) == 0.0
    assert cr.grad(special.expit)(-37.43) == cr.grad(special.expit)(37.43)
    assert cr.grad(cr.grad(special.expit))(1000.0) == 0.0
    assert abs(cr.grad(np.tanh)(20.0) / (4 * np.exp(-40.0)) - 1) < 1e-14


def test_logaddexp_is_stable() -> None:
    gradient = cr.grad(np.logaddexp, (0, 1))
    assert gradient(1000.0, -1000.0) == (1.0, 0.0)
    assert gradient(-np.inf, 0.0) == (0.0, 1.0)
    assert gradient(-np.inf, -np.inf) == (0.5, 0.5)
    assert gradient(1e300, 1e300) == (0.5, 0.5)
    assert cr.grad(np.logaddexp2)(1000.0, 1000.0) == 0.5
    softplus = cr.ops.special.softplus
    assert [cr.grad(softplus)(v) for v in (-1000.0, 0.0, 1000.0)] == [0.0, 0.5, 1.0]


def test_softmax_and_its_logarithm_do_not_overflow() -> None:
    x = np.array([1000.0, 0.0, -np.inf])
    assert cr.ops.special.softmax(x).tolist() == [1.0, 0.0, 0.0]
    assert cr.grad(lambda x: cr.ops.special.log_softmax(x)[0])(x[:2]).tolist() == [0.0, 0.0]


def test_equal_entries_share_equally() -> None:
    x = np.array([1.0, 3.0, 3.0, 3.0])
    assert cr.grad(np.max)(x).tolist() == [0.0, 1 / 3, 1 / 3, 1 / 3]
    assert cr.grad(np.min)(np.array([1.0, 1.0])).tolist() == [0.5, 0.5]
    assert cr.grad(np.maximum, (0, 1))(2.0, 2.0) == (0.5, 0.5)
    assert cr.grad(np.minimum, (0, 1))(2.0, 2.0) == (0.5, 0.5)
    assert cr.jvp(np.max, (x,), (np.array([9.0, 1.0, 2.0, 6.0]),))[1] == 3.0
    assert cr.grad(lambda x: np.clip(x, 0.0, 1.0))(1.0) == 0.5
    assert cr.grad(np.abs)(0.0) == 0.0
    assert cr.grad(cr.ops.special.relu)(0.0) == 0.0
    assert cr.grad(np.prod)(np.array([0.0, 2.0, 0.0])).tolist() == [0.0, 0.0, 0.0]
    assert cr.grad(np.prod)(np.array([0.0, 2.0, 3.0])).tolist() == [6.0, 0.0, 0.0]


def test_python_numbers_divide_by_zero_as_numpys_do() -> None:
    with np.errstate(all="ignore"):
        assert cr.grad(lambda x: 1 / x)(0.0) == -np.inf
        assert cr.grad(lambda x: x / 0.0)(1.0) == np.inf
        assert cr.grad(lambda x: x**0.5)(0.0) == np.inf
        assert cr.grad(np.log)(0.0) == np.inf
        assert np.isnan(cr.vjp(lambda x: x % 0.0, 1.0)[0])
        assert np.isinf(cr.vjp(lambda x: x // 0.0, 1.0)[0])


# ---- long graphs and threads ---------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::chainrule.core.errors.LongLoopWarning")
def test_a_million_operations_differentiate_in_linear_time_and_memory() -> None:
    def chain(n: int) -> Any:
        def f(x: Any) -> Any:
            for _ in range(n):
                x = x * 1.0000001
            return x

        return f

    def cost(n: int) -> tuple[float, float]:
        start = time.process_time()
        gradient = cr.grad(chain(n))(1.0)
        seconds = time.process_time() - start
        assert abs(gradient - 1.0000001**n) < 1e-9
        return seconds, gradient

    gc.freeze()  # what other tests left is not to be looked through again and again
    short, _ = cost(200_000)
    long, _ = cost(1_000_000)
    gc.unfreeze()
    assert long < 60.0
    assert long < 10 * short + 1.0

    def peak(n: int) -> int:
        tracemalloc.start()
        cr.grad(chain(n))(1.0)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(20_000) < 5 * peak(5_000)


def test_eight_threads_at_once_find_the_serial_gradients() -> None:
    def f(x: Any, seed: int) -> Any:
        for _ in range(20):
            x = np.tanh(x * (1.0 + seed)) + cr.grad(lambda y: np.sum(y**2))(x)
        return np.sum(x)

    arrays = [np.linspace(-1.0, 1.0, 5 + i) for i in range(8)]
    expected = [cr.grad(f)(x, i) for i, x in enumerate(arrays)]
    found: dict[tuple[int, int], Any] = {}
    ready = threading.Barrier(8)

    def work(i: int) -> None:
        ready.wait()
        for repeat in range(10):
            found[i, repeat] = cr.grad(f)(arrays[i], i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 80
    for (i, _), gradient in found.items():
        np.testing.assert_array_equal(gradient, expected[i])
