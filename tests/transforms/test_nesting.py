"""Transforms nest in any order, and a perturbation of one level is never taken for another's.

The examples of confusion are those of Siskind and Pearlmutter, "Perturbation confusion and
referential transparency" (2005), and of Manzyuk et al., "Perturbation confusion in forward
automatic differentiation of higher-order functions" (2019).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import chainrule as cr


def derivative(f: Any) -> Any:
    """By forward mode."""
    return lambda x: cr.jvp(f, (x,), (1.0,))[1]


def test_siskind_and_pearlmutters_example() -> None:
    for outer in (derivative, cr.grad):
        for inner in (derivative, cr.grad):
            found = outer(lambda x, inner=inner: x * inner(lambda y: x + y)(1.0))(1.0)
            assert found == 1.0


def test_inner_derivatives_see_outer_values_as_constants() -> None:
    for outer in (derivative, cr.grad):
        for inner in (derivative, cr.grad):
            found = outer(lambda x, inner=inner: x * inner(lambda y: x * y * y)(x))(3.0)
            assert found == 6 * 3.0**2  # x * 2 x^2, derived


def test_a_returned_function_keeps_its_levels_apart() -> None:
    def shift(offset: Any) -> Any:
        return lambda g: lambda x: g(x + offset)

    def tangent_of_shift(g: Any) -> Any:
        return lambda x: derivative(lambda offset: shift(offset)(g)(x))(0.0)

    assert math.isclose(tangent_of_shift(tangent_of_shift(np.exp))(0.5), math.exp(0.5))


def test_five_orders_by_every_mixture_of_modes() -> None:
    for modes in range(32):
        f = np.sin
        for order in range(5):
            f = cr.grad(f) if modes >> order & 1 else derivative(f)
        assert math.isclose(f(0.7), math.cos(0.7), rel_tol=1e-12)


def test_grad_inside_jvp_inside_vjp() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.sin(x) * x**2)

    def along(x: Any) -> Any:
        return cr.jvp(cr.grad(f), (x,), (np.cos(x),))[1]

    x = np.array([0.3, 0.8, -1.2])
    _, pullback = cr.vjp(along, x)
    (found,) = pullback(np.ones(3))
    h = 1e-5
    expected = (along(x + h) - along(x - h)) / (2 * h)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_a_pullback_is_a_function_like_any_other() -> None:
    _, pullback = cr.vjp(np.sin, 0.4)
    assert cr.grad(lambda ct: pullback(ct)[0] ** 2)(3.0) == 2 * 3.0 * math.cos(0.4) ** 2
    _, f_jvp = cr.linearize(np.sin, 0.4)
    assert cr.grad(lambda t: f_jvp(t) ** 2)(3.0) == 2 * 3.0 * math.cos(0.4) ** 2


def test_a_pullback_made_inside_differentiates_through_its_values() -> None:
    def f(x: Any) -> Any:
        value, pullback = cr.vjp(np.exp, x)
        return value * pullback(x)[0]  # exp(x) * x exp(x)

    assert math.isclose(cr.grad(f)(0.3), math.exp(0.6) * 1.6, rel_tol=1e-12)


def test_derivatives_of_a_derivative_with_control_flow() -> None:
    def f(x: Any) -> Any:
        y = x
        while y < 10.0:
            y = y * y
        return y

    assert cr.grad(cr.grad(f))(1.5) == 8 * 7 * 1.5**6


def test_jacobian_of_a_gradient_is_the_hessian() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.exp(x[:-1] * x[1:]))

    x = np.array([0.1, -0.5, 0.8])
    hessian = cr.hessian(f)(x)
    np.testing.assert_allclose(cr.jacobian(cr.grad(f), mode="reverse")(x), hessian, rtol=1e-13)
    np.testing.assert_allclose(cr.jacobian(cr.jacobian(f))(x), hessian, rtol=1e-13)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-13)


def test_a_graph_of_a_derivative_can_be_differentiated() -> None:
    graph = cr.trace(cr.grad(lambda x: np.sum(np.tanh(x) ** 3)))(np.ones(3))

    def through_graph(x: Any) -> Any:
        return np.sum(cr.core.interpreter.evaluate(graph, [x])[0])

    x = np.array([0.2, -0.4, 1.0])
    expected = cr.grad(lambda x: np.sum(cr.grad(lambda y: np.sum(np.tanh(y) ** 3))(x)))(x)
    np.testing.assert_allclose(cr.grad(through_graph)(x), expected, rtol=1e-13)


def test_tracing_inside_a_derivative_by_outer_values() -> None:
    def f(x: Any) -> Any:
        graph = cr.trace(lambda y: y * x)(2.0)
        return cr.core.interpreter.evaluate(graph, [x])[0]

    assert cr.grad(f)(3.0) == 6.0
