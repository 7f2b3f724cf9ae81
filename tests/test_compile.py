"""``cr.compile``: signatures, weak types, static arguments, nesting with other transformations."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr


def loss(params, x, y):
    a = np.tanh(x @ params["w"] + params["b"])
    return np.mean((a - y) ** 2)


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    params = {"w": rng.standard_normal((4, 3)), "b": rng.standard_normal(3)}
    return params, rng.standard_normal((5, 4)), rng.standard_normal((5, 3))


def test_equals_the_plain_function_and_its_gradient(problem):
    value, gradient = cr.compile(cr.value_and_grad(loss))(*problem)
    expected, expected_gradient = cr.value_and_grad(loss)(*problem)
    assert value == pytest.approx(loss(*problem), rel=1e-15)
    assert value == pytest.approx(expected, rel=1e-15)
    for name in ("w", "b"):
        np.testing.assert_allclose(gradient[name], expected_gradient[name], rtol=1e-13)


def test_traces_once_for_each_signature(problem):
    calls = []

    @cr.compile
    def f(x, scale):
        calls.append((x, scale))
        return x * scale

    for scale in (2.0, 3.0, 4.0):
        np.testing.assert_array_equal(f(np.ones(3), scale), np.full(3, scale))
    assert len(calls) == 1
    f(np.ones(4), 2.0)
    f(np.ones(3, np.float32), 2.0)
    f(np.ones(3), np.float32(2.0))
    assert len(calls) == 4


def test_python_numbers_stay_weak():
    step = cr.compile(lambda w, eta: w - eta * w / 2)
    assert step(np.ones(3, np.float32), 0.5).dtype == np.float32
    assert step(np.ones(3, np.float16), 0.5).dtype == np.float16
    assert step(np.ones(3, np.float32), np.float64(0.5)).dtype == np.float64


def test_static_arguments_are_part_of_the_signature():
    @cr.compile(executor="interpreter")
    def f(x, how, twice=False):
        y = np.sin(x) if how == "sin" else np.cos(x)
        return 2 * y if twice else y

    assert f(1.0, "sin") == np.sin(1.0)
    assert f(1.0, "cos", twice=True) == 2 * np.cos(1.0)


def test_a_branch_on_a_value_is_an_error_that_says_what_to_do():
    with pytest.raises(cr.ChainruleError, match=r"np\.where"):
        cr.compile(lambda x: x if x > 0 else -x)(1.0)


def test_unhashable_static_argument_is_an_error():
    with pytest.raises(cr.ChainruleError, match="neither an array nor hashable"):
        cr.compile(lambda x, s: x)(1.0, {1, 2})


def test_unknown_executor_is_an_error():
    with pytest.raises(cr.ChainruleError, match="not one of native, interpreter"):
        cr.compile(lambda x: x, executor="abacus")


def test_nests_with_derivatives_in_both_orders(problem):
    inside = cr.grad(cr.compile(loss))(*problem)
    outside = cr.compile(cr.grad(loss))(*problem)
    twice = cr.hvp(lambda w: cr.compile(loss)({"w": w, "b": problem[0]["b"]}, *problem[1:]),
                   (problem[0]["w"],), (np.ones((4, 3)),))  # fmt: skip
    np.testing.assert_allclose(inside["w"], outside["w"], rtol=1e-13)
    assert twice.shape == (4, 3)


def test_higher_derivatives_through_compile():
    f = cr.compile(cr.grad(cr.grad(np.sin)))
    assert f(1.0) == pytest.approx(-np.sin(1.0), rel=1e-15)
    x = np.linspace(0.1, 1.0, 4)
    hessian = cr.compile(cr.hessian(lambda x: np.sum(x**3) * x[0]))(x)
    np.testing.assert_allclose(hessian, cr.hessian(lambda x: np.sum(x**3) * x[0])(x), rtol=1e-13)


def test_graph_of_a_call_is_shown(problem):
    graph = cr.compile(lambda x: np.exp(x) + 0 * np.exp(x)).graph(1.0)
    assert [e.primitive.name for e in graph.equations] == ["exp", "mul", "add"]
    cr.check_graph(cr.compile(cr.value_and_grad(loss)).graph(*problem))


def test_compiled_function_that_closes_over_a_differentiated_value():
    def outer(scale):
        inner = cr.compile(lambda x: np.sum(np.sin(x) * scale))
        return inner(np.ones(3)) + inner(np.zeros(3)) * scale

    def plain(scale):
        return np.sum(np.sin(np.ones(3)) * scale) + np.sum(np.sin(np.zeros(3)) * scale) * scale

    for scale in (2.0, 3.0):
        assert cr.grad(outer)(scale) == pytest.approx(cr.grad(plain)(scale), rel=1e-15)


def test_keeps_name_and_docstring():
    @cr.compile
    def named(x):
        """Twice."""
        return 2 * x

    assert (named.__name__, named.__doc__) == ("named", "Twice.")


def test_what_the_passes_did_is_shown_step_by_step():
    compiled = cr.compile(lambda x: np.log(1 + np.exp(x * 1)), executor="interpreter")
    steps = compiled.passes(1.0)
    assert [name for name, _ in steps] == ["trace", "simplify", "stabilise", "eliminate_dead_code"]
    assert str(steps[-1][1]) == str(compiled.graph(1.0))
    assert str(steps[0][1]) == str(cr.trace(lambda x: np.log(1 + np.exp(x * 1)))(1.0))
