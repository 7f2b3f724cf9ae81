"""Loops and branches beside the same in Python: one table for every test of control flow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr

Array = Any
rng = np.random.default_rng(7)
W, b, start = rng.normal(size=(3, 3)), rng.normal(size=3), rng.normal(size=3)
xs = rng.normal(size=(5, 3))


@dataclass(frozen=True)
class Twin:
    """A real function with control flow of ours, the same with Python's, and arguments."""

    name: str
    ours: Callable[..., Any]
    python: Callable[..., Any]
    args: tuple[Any, ...]


def recurrent(W: Array, b: Array, c: Array, xs: Array) -> Any:
    def step(c: Array, x: Array) -> Any:
        c = np.tanh(W @ c + x * b)
        return c, np.sum(c * c)

    c, ys = cr.scan(step, c, xs)
    return np.sum(c) + np.sum(ys * ys)


def recurrent_python(W: Array, b: Array, c: Array, xs: Array) -> Any:
    total = 0.0
    for x in xs:
        c = np.tanh(W @ c + x * b)
        total = total + np.sum(c * c) ** 2
    return np.sum(c) + total


def counted(c: Array, x: Array) -> Any:
    """A carry of a float, an integer and a dict; ys that are not used, and integer ones."""

    def step(state: Any, x: Array) -> Any:
        value, n, more = state
        new = value * np.exp(-x["u"]) + n * more["s"]
        return (new, n + 1, {"s": more["s"] * x["u"]}), {"n": n, "v": value}

    (last, n, more), ys = cr.scan(step, (c, 0, {"s": np.float64(1.5)}), {"u": x})
    return last * n + more["s"] + np.sum(ys["v"])


def counted_python(c: Array, x: Array) -> Any:
    value, s, total = c, 1.5, 0.0
    for n in range(5):
        total = total + value
        value, s = value * np.exp(-x[n]) + n * s, s * x[n]
    return value * 5 + s + total


def no_steps(c: Array, x: Array) -> Any:
    last, ys = cr.scan(lambda c, x: (c * x, c), c, x[:0])
    return last * 3 + np.sum(ys)


def nested(x: Array) -> Any:
    def outer(c: Array, row: Array) -> Any:
        inner, _ = cr.scan(lambda a, e: (np.sin(a * e) + c, None), c, row)
        return inner, inner * c

    c, ys = cr.scan(outer, 0.3, x)
    return c + np.sum(ys)


def nested_python(x: Array) -> Any:
    c, total = 0.3, 0.0
    for row in x:
        a = c
        for e in row:
            a = np.sin(a * e) + c
        c, total = a, total + a * c
    return c + total


def newton(a: Array) -> Any:
    return cr.while_loop(lambda x: np.abs(x * x - a) > 1e-13, lambda x: (x + a / x) / 2, a)


def newton_python(a: Array) -> Any:
    x = a
    while abs(x * x - a) > 1e-13:
        x = (x + a / x) / 2
    return x


def stepping(n: int, memory: int | None = None) -> Callable[..., Any]:
    def loop(x: Array, a: Array) -> Any:
        step = lambda s: (np.sin(s[0]) * a + s[0], s[1] + 1)
        return np.sum(cr.while_loop(lambda s: s[1] < n, step, (x, 0), memory=memory)[0])

    return loop


def stepping_python(n: int) -> Callable[..., Any]:
    def loop(x: Array, a: Array) -> Any:
        for _ in range(n):
            x = np.sin(x) * a + x
        return np.sum(x)

    return loop


def branch(x: Array, y: Array) -> Any:
    big = lambda x: np.sin(x) * np.sum(y)
    return cr.cond(np.sum(y) * x > 0, big, lambda x: x * x * y[0], x)


def branch_python(x: Array, y: Array) -> Any:
    return np.sin(x) * np.sum(y) if np.sum(y) * x > 0 else x * x * y[0]


def branching_loop(x: Array, xs: Array) -> Any:
    def step(c: Array, e: Array) -> Any:
        return cr.cond(e > 0, lambda c: c * np.exp(e), lambda c: c - e * x, c), c

    c, ys = cr.scan(step, x, xs)
    return c * np.sum(ys)


def branching_loop_python(x: Array, xs: Array) -> Any:
    c, total = x, 0.0
    for e in xs:
        total = total + c
        c = c * np.exp(e) if e > 0 else c - e * x
    return c * total


def layers(wrap: Callable[..., Any]) -> Callable[..., Any]:
    """Layers that each close over one value and take another; the last gets a Python number."""

    def loss(W: Array, x: Array, e: Array) -> Any:
        layer = wrap(lambda x, by: {"z": np.tanh(W @ x) * by + b * e})
        pair = wrap(lambda x: layer(layer(x, e)["z"], 0.5)["z"])
        return np.sum(pair(pair(x)) ** 2)

    return loss


def checkpointed_step(W: Array, c: Array, xs: Array) -> Any:
    step = cr.checkpoint(lambda c, x: (np.sin(W @ c) + x * c, np.sum(c)))
    whole = cr.checkpoint(lambda c: cr.scan(step, c, xs))
    c, ys = whole(c)
    return np.sum(c * c) + np.sum(ys)


def checkpointed_step_python(W: Array, c: Array, xs: Array) -> Any:
    total = 0.0
    for x in xs:
        total = total + np.sum(c)
        c = np.sin(W @ c) + x * c
    return np.sum(c * c) + total


def switching(x: Array, xs: Array) -> Any:
    """Branches by an index that changes in a loop; one of them closes over a value."""
    branches = [np.sin, lambda c: c * x, lambda c: np.exp(-c * c), lambda c: c - 1.0]

    def step(state: Any, e: Array) -> Any:
        c, n = state
        return (cr.cond(n % 4 - 2, branches, c) + e, n + 1), c

    (c, _), ys = cr.scan(step, (x, 0), xs)
    return c * np.sum(ys)


def switching_python(x: Array, xs: Array) -> Any:
    branches = [np.sin, lambda c: c * x, lambda c: np.exp(-c * c), lambda c: c - 1.0]
    c, total = x, 0.0
    for n, e in enumerate(xs):
        total = total + c
        c = branches[n % 4 - 2](c) + e
    return c * total


TWINS = [
    Twin("scan", recurrent, recurrent_python, (W, b, start, xs)),
    Twin("scan of containers", counted, counted_python, (0.7, xs[:, 0])),
    Twin("scan of no steps", no_steps, lambda c, x: c * 3, (0.7, xs[:, 0])),
    Twin("scan in scan", nested, nested_python, (xs,)),
    Twin("while", newton, newton_python, (2.0,)),
    *(Twin(f"{n} steps", stepping(n), stepping_python(n), (start, 0.1)) for n in (0, 1, 2, 13)),
    *(
        Twin(f"{n} steps, {k} kept", stepping(n, memory=32 * k), stepping_python(n), (start, 0.1))
        for n, k in ((7, 1), (9, 3), (5, 20))
    ),
    Twin("cond, true", branch, branch_python, (0.4, xs[0] + 9)),
    Twin("cond, false", branch, branch_python, (0.4, xs[0] - 9)),
    Twin("checkpoint", layers(cr.checkpoint), layers(lambda f: f), (W, start, 0.3)),
    Twin("checkpoint and scan", checkpointed_step, checkpointed_step_python, (W, start, xs)),
    Twin("cond by index", switching, switching_python, (0.8, xs[:, 0])),
    Twin("cond in scan", branching_loop, branching_loop_python, (0.8, xs[:, 0])),
]
