"""Graphs of the kinds that are drawn: small, deep, unrolled, without any repetition."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from chainrule.core.graph import Graph


def essay() -> Graph:
    def f(a, b):
        c = a + b
        d = b + 1
        return c * d

    return cr.trace(f)(2.0, 1.0)


def _parameters(sizes: list[int]) -> tuple[list[Any], list[Any], Any, Any]:
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(n, m)) / np.sqrt(m) for m, n in zip(sizes, sizes[1:], strict=False)]
    biases = [rng.normal(size=n) for n in sizes[1:]]
    return weights, biases, rng.random((4, sizes[0])), rng.random((4, sizes[-1]))


def cost(weights, biases, X, Y):
    a = X
    for w, b in zip(weights, biases, strict=True):
        z = a @ w.T + b
        a = np.tanh(z)
    return np.sum((a - Y) ** 2)


def network(sizes: list[int]) -> Graph:
    return cr.trace(cost)(*_parameters(sizes))


def step(sizes: list[int]) -> Graph:
    """Forward, backward and the update of all parameters."""

    def updated(weights, biases, X, Y):
        value, (nabla_w, nabla_b) = cr.value_and_grad(cost, argnums=(0, 1))(weights, biases, X, Y)
        new_weights = [w - 0.1 * g for w, g in zip(weights, nabla_w, strict=True)]
        new_biases = [b - 0.1 * g for b, g in zip(biases, nabla_b, strict=True)]
        return value, new_weights, new_biases

    return cr.trace(updated)(*_parameters(sizes))


def seed_step() -> Graph:
    return step([784, 30, 10])


def deep_step() -> Graph:
    """More than 3,000 equations."""
    return step([20, *[8] * 190, 10])


def unrolled(turns: int = 100) -> Graph:
    rng = np.random.default_rng(0)

    def loss(W, U, b, xs):
        h = np.zeros(4)
        for t in range(turns):
            h = np.tanh(W @ h + U @ xs[t] + b)
        return np.sum(h**2)

    arrays = rng.normal(size=(4, 4)), rng.normal(size=(4, 3)), rng.normal(size=4)
    return cr.trace(loss)(*arrays, rng.normal(size=(turns, 3)))


def unrolled_gradient() -> Graph:
    rng = np.random.default_rng(0)

    def loss(W, x):
        for _ in range(60):
            x = np.tanh(W @ x)
        return np.sum(x)

    return cr.trace(cr.grad(loss))(rng.normal(size=(4, 4)), rng.normal(size=4))


def irregular(length: int = 2200) -> Graph:
    """More than 3,000 equations in no order."""
    rng = np.random.default_rng(1)
    functions = [np.sin, np.cos, np.tanh, np.arctan, lambda x: x + 1, lambda x: x * 0.5]

    def f(x):
        values = [x]
        for k in rng.integers(0, len(functions), length):
            y = functions[k](values[-1])
            if k % 3 == 0:
                y = y + 0.1 * values[rng.integers(0, len(values))]
            values.append(y)
        return values[-1]

    return cr.trace(f)(0.3)


def held() -> Graph:
    """Graphs in equations: a loop, a condition, a part that is computed again."""

    def f(x, w):
        def body(carry, t):
            h = np.tanh(w * carry + t)
            return h, h * 2

        last, ys = cr.scan(body, x, np.arange(3.0))
        chosen = cr.cond(last > 0, lambda x: np.sin(x), lambda x: np.cos(x) * 2, last)
        return chosen + np.sum(ys) + cr.checkpoint(lambda x: np.exp(x) * x)(x)

    return cr.trace(f)(1.0, 2.0)


GRAPHS = {
    "essay": essay,
    "held": held,
    "network": lambda: network([784, 30, 10]),
    "twelve layers": lambda: network([20, *[8] * 13, 10]),
    "unequal layers": lambda: step([20, *range(40, 10, -1), 10]),
    "step": seed_step,
    "deep step": deep_step,
    "unrolled": unrolled,
    "unrolled gradient": unrolled_gradient,
    "irregular": irregular,
}
