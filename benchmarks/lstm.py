"""ADBench's LSTM with diagonal weights: mean log-likelihood of characters and its gradient.

Two layers; 14 bits a character; 1,024 characters. The state of a layer is (hidden, cell):

    forget = sigma(x w_0 + b_0), in = sigma(hidden w_1 + b_1), out = sigma(x w_2 + b_2)
    cell' = cell forget + in tanh(hidden w_3 + b_3), hidden' = out tanh(cell')

(Srajer, Kukelova and Fitzgibbon, 2018). The gradient is in the weights and biases of the layers and
in the scales of input and output; float64.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from scipy.special import expit

from benchmarks.contenders import by_hand, eager, jitted, ours
from benchmarks.work import OURS, Size, Work

Array = Any


def data(size: Size) -> tuple[Array, ...]:
    """Weights and biases (layers, 2, 4, bits), scales (3, bits), first state, characters."""
    rng = np.random.default_rng(4)
    layers, bits = size["layers"], size["bits"]
    main = rng.normal(size=(layers, 2, 4, bits))
    extra = rng.normal(size=(3, bits))
    state = rng.normal(size=(layers, 2, bits))
    return main, extra, state, rng.integers(0, 2, (size["characters"], bits)).astype(float)


def step_of(np_: Any, sigma: Any, main: Array, extra: Array) -> Any:
    """The step of a scan in one library's functions; the carry is a tuple of (hidden, cell)."""

    def step(state: Any, pair: Any) -> Any:
        x, gold = pair
        x = x * extra[0]
        new: list[Any] = []
        for i, (hidden, cell) in enumerate(state):
            w, b = main[i][0], main[i][1]
            cell = cell * sigma(x * w[0] + b[0]) + sigma(hidden * w[1] + b[1]) * np_.tanh(
                hidden * w[3] + b[3]
            )
            x = sigma(x * w[2] + b[2]) * np_.tanh(cell)
            new.append((x, cell))
        y = x * extra[1] + extra[2]
        return tuple(new), np_.sum(gold * (y - np_.log(2 + np_.sum(np_.exp(y)))))

    return step


def f(main: Array, extra: Array, state: Array, text: Array) -> Any:
    """The function, for NumPy."""
    import chainrule as cr

    start = tuple((state[i, 0], state[i, 1]) for i in range(len(state)))
    step = step_of(np, expit, main, extra)
    _, likelihoods = cr.scan(step, start, (text[:-1], text[1:]))
    return -np.sum(likelihoods) / (text[1:].size)


def f_jax(main: Array, extra: Array, state: Array, text: Array) -> Any:
    """The same for JAX."""
    import jax
    import jax.numpy as jnp

    start = tuple((state[i, 0], state[i, 1]) for i in range(len(state)))
    step = step_of(jnp, jax.nn.sigmoid, main, extra)
    _, likelihoods = jax.lax.scan(step, start, (text[:-1], text[1:]))
    return -jnp.sum(likelihoods) / (text[1:].size)


def f_torch(main: Array, extra: Array, state: Array, text: Array) -> Any:
    """The same for PyTorch, which runs the loop in Python."""
    import torch

    carry: Any = tuple((state[i, 0], state[i, 1]) for i in range(len(state)))
    step = step_of(torch, torch.sigmoid, main, extra)
    total: Any = 0.0
    for x, gold in itertools.pairwise(text):
        carry, likelihood = step(carry, (x, gold))
        total = total + likelihood
    return -total / text[1:].numel()


def hand() -> Any:
    """By hand, in Numba: gates are kept, then pulled back from the last character to the first."""
    from numba import njit

    @njit(error_model="numpy")
    def sigma(x: float) -> float:
        return 1.0 / (1.0 + np.exp(-x))

    @njit(error_model="numpy")
    def both(main: Array, extra: Array, state: Array, text: Array) -> Any:
        layers, bits = state.shape[0], state.shape[2]
        steps = len(text) - 1
        scale = -1.0 / (steps * bits)
        xs = np.empty((steps, layers + 1, bits))
        gates = np.empty((steps, layers, 4, bits))
        cells = np.empty((steps + 1, layers, bits))
        tops = np.empty((steps, layers, bits))
        ys = np.empty((steps, bits))
        hidden = np.empty((steps + 1, layers, bits))
        sums = np.empty(steps)
        for i in range(layers):
            hidden[0, i] = state[i, 0]
            cells[0, i] = state[i, 1]
        value = 0.0
        for t in range(steps):
            for j in range(bits):
                xs[t, 0, j] = text[t, j] * extra[0, j]
            for i in range(layers):
                w, b = main[i, 0], main[i, 1]
                for j in range(bits):
                    x, h = xs[t, i, j], hidden[t, i, j]
                    a0 = sigma(x * w[0, j] + b[0, j])
                    a1 = sigma(h * w[1, j] + b[1, j])
                    a2 = sigma(x * w[2, j] + b[2, j])
                    a3 = np.tanh(h * w[3, j] + b[3, j])
                    cell = cells[t, i, j] * a0 + a1 * a3
                    top = np.tanh(cell)
                    gates[t, i, 0, j], gates[t, i, 1, j] = a0, a1
                    gates[t, i, 2, j], gates[t, i, 3, j] = a2, a3
                    cells[t + 1, i, j], tops[t, i, j] = cell, top
                    hidden[t + 1, i, j] = a2 * top
                    xs[t, i + 1, j] = a2 * top
            total = 2.0
            for j in range(bits):
                y = xs[t, layers, j] * extra[1, j] + extra[2, j]
                ys[t, j] = np.exp(y)
                total += ys[t, j]
                value += text[t + 1, j] * y
            sums[t] = total
            log = np.log(total)
            for j in range(bits):
                value -= text[t + 1, j] * log
        g_main, g_extra = np.zeros_like(main), np.zeros_like(extra)
        g_hidden, g_cell = np.zeros((layers, bits)), np.zeros((layers, bits))
        g_x = np.empty(bits)
        for t in range(steps - 1, -1, -1):
            gold = 0.0
            for j in range(bits):
                gold += text[t + 1, j]
            for j in range(bits):
                g_y = scale * (text[t + 1, j] - gold * ys[t, j] / sums[t])
                g_extra[1, j] += g_y * xs[t, layers, j]
                g_extra[2, j] += g_y
                g_x[j] = g_y * extra[1, j]
            for i in range(layers - 1, -1, -1):
                w = main[i, 0]
                for j in range(bits):
                    x, h = xs[t, i, j], hidden[t, i, j]
                    a0, a1 = gates[t, i, 0, j], gates[t, i, 1, j]
                    a2, a3 = gates[t, i, 2, j], gates[t, i, 3, j]
                    top = tops[t, i, j]
                    g = g_x[j] + g_hidden[i, j]
                    gc = g_cell[i, j] + g * a2 * (1 - top * top)
                    d0 = gc * cells[t, i, j] * a0 * (1 - a0)
                    d1 = gc * a3 * a1 * (1 - a1)
                    d2 = g * top * a2 * (1 - a2)
                    d3 = gc * a1 * (1 - a3 * a3)
                    g_main[i, 0, 0, j] += d0 * x
                    g_main[i, 0, 1, j] += d1 * h
                    g_main[i, 0, 2, j] += d2 * x
                    g_main[i, 0, 3, j] += d3 * h
                    g_main[i, 1, 0, j] += d0
                    g_main[i, 1, 1, j] += d1
                    g_main[i, 1, 2, j] += d2
                    g_main[i, 1, 3, j] += d3
                    g_cell[i, j] = gc * a0
                    g_hidden[i, j] = d1 * w[1, j] + d3 * w[3, j]
                    g_x[j] = d0 * w[0, j] + d2 * w[2, j]
            for j in range(bits):
                g_extra[0, j] += g_x[j] * text[t, j]
        return scale * value, (g_main, g_extra)

    return both


_made: list[Any] = []


def both_by_hand(*args: Array) -> Any:
    """The compiled function, made once."""
    if not _made:
        _made.append(hand())
    return _made[0](*args)


WORK = Work(
    name="lstm",
    what="ADBench's LSTM, gradient in all parameters",
    sizes=[{"layers": 2, "bits": 14, "characters": 1024}],
    contenders={
        OURS: ours(data, f, (0, 1)),
        "by hand": by_hand(data, both_by_hand, "Numba"),
        "PyTorch": eager(data, f_torch, (0, 1)),
        "JAX": jitted(data, f_jax, (0, 1)),
    },
    tolerance=1e-8,
    at_least={"by hand": 1 / 1.5, "PyTorch": 1, "JAX": 1},
    small={"layers": 2, "bits": 3, "characters": 5},
)
