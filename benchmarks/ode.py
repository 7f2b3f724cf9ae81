"""Sensitivity of a differential equation: the gradient through a Runge-Kutta integration.

y_0' = x_0, y_i' = x_i y_(i-1), y(0) = 0, integrated to t = 2 in s classical steps of fourth order.
The work is the last component at the end and its gradient in x, in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.contenders import by_hand, eager, jitted, ours
from benchmarks.work import OURS, Size, Work

Array = Any


def data(size: Size) -> tuple[Array, Array]:
    """The parameters x, and one number a step."""
    x = 1 + np.random.default_rng(2).random(size["n"])
    return x, np.zeros(size["steps"])


def f(x: Array, steps: Array) -> Any:
    """The function, for NumPy."""
    import chainrule as cr

    h = 2.0 / len(steps)

    def slope(y: Array) -> Array:
        return np.concatenate([x[:1], x[1:] * y[:-1]])

    def step(y: Array, _: Array) -> Any:
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    return cr.scan(step, np.zeros(len(x)), steps)[0][-1]


def f_jax(x: Array, steps: Array) -> Any:
    """The same for JAX."""
    import jax
    import jax.numpy as jnp

    h = 2.0 / len(steps)

    def slope(y: Array) -> Array:
        return jnp.concatenate([x[:1], x[1:] * y[:-1]])

    def step(y: Array, _: Array) -> Any:
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    return jax.lax.scan(step, jnp.zeros(len(x)), steps)[0][-1]


def f_torch(x: Array, steps: Array) -> Any:
    """The same for PyTorch, which runs the loop in Python."""
    import torch

    h = 2.0 / len(steps)

    def slope(y: Array) -> Array:
        return torch.cat([x[:1], x[1:] * y[:-1]])

    y = torch.zeros_like(x)
    for _ in range(len(steps)):
        k1 = slope(y)
        k2 = slope(y + h / 2 * k1)
        k3 = slope(y + h / 2 * k2)
        k4 = slope(y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y[-1]


def hand() -> Any:
    """By hand, in Numba: states are kept, slopes computed again on the way back."""
    from numba import njit

    @njit(error_model="numpy")
    def slope(x: Array, y: Array, k: Array) -> None:
        k[0] = x[0]
        for i in range(1, len(x)):
            k[i] = x[i] * y[i - 1]

    @njit(error_model="numpy")
    def pull(x: Array, y: Array, ct: Array, gx: Array, gy: Array) -> None:
        """gx += (dk/dx)^T ct, gy = (dk/dy)^T ct."""
        gx[0] += ct[0]
        for i in range(1, len(x)):
            gx[i] += ct[i] * y[i - 1]
        for i in range(1, len(x)):
            gy[i - 1] = ct[i] * x[i]
        gy[len(x) - 1] = 0.0

    @njit(error_model="numpy")
    def both(x: Array, steps: Array) -> tuple[float, Array]:
        n, s = len(x), len(steps)
        h = 2.0 / s
        ys = np.zeros((s + 1, n))
        k1, k2, k3, k4 = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
        y2, y3, y4 = np.empty(n), np.empty(n), np.empty(n)
        for t in range(s):
            y = ys[t]
            slope(x, y, k1)
            for i in range(n):
                y2[i] = y[i] + h / 2 * k1[i]
            slope(x, y2, k2)
            for i in range(n):
                y3[i] = y[i] + h / 2 * k2[i]
            slope(x, y3, k3)
            for i in range(n):
                y4[i] = y[i] + h * k3[i]
            slope(x, y4, k4)
            for i in range(n):
                ys[t + 1, i] = y[i] + h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i])
        gx, ct = np.zeros(n), np.zeros(n)
        g1, g2, g3, g4, ck = np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n)
        ct[n - 1] = 1.0
        for t in range(s - 1, -1, -1):
            y = ys[t]
            slope(x, y, k1)
            for i in range(n):
                y2[i] = y[i] + h / 2 * k1[i]
            slope(x, y2, k2)
            for i in range(n):
                y3[i] = y[i] + h / 2 * k2[i]
            slope(x, y3, k3)
            for i in range(n):
                y4[i] = y[i] + h * k3[i]
                ck[i] = h / 6 * ct[i]
            pull(x, y4, ck, gx, g4)
            for i in range(n):
                ck[i] = h / 3 * ct[i] + h * g4[i]
            pull(x, y3, ck, gx, g3)
            for i in range(n):
                ck[i] = h / 3 * ct[i] + h / 2 * g3[i]
            pull(x, y2, ck, gx, g2)
            for i in range(n):
                ck[i] = h / 6 * ct[i] + h / 2 * g2[i]
            pull(x, y, ck, gx, g1)
            for i in range(n):
                ct[i] += g1[i] + g2[i] + g3[i] + g4[i]
        return ys[s, n - 1], gx

    return both


def both_by_hand(x: Array, steps: Array) -> Any:
    """The compiled function, made once."""
    if not _made:
        _made.append(hand())
    return _made[0](x, steps)


_made: list[Any] = []

WORK = Work(
    name="ode",
    what="gradient of a Runge-Kutta integration in n parameters, s steps",
    sizes=[{"n": n, "steps": s} for n in (1000, 10_000) for s in (10, 100)],
    contenders={
        OURS: ours(data, f, 0),
        "by hand": by_hand(data, both_by_hand, "Numba"),
        "PyTorch": eager(data, f_torch, (0,)),
        "JAX": jitted(data, f_jax, 0),
    },
    tolerance=1e-9,
    at_least={"by hand": 1 / 1.5, "PyTorch": 1, "JAX": 1},
    small={"n": 4, "steps": 3},
)
