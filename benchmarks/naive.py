"""Backpropagation against one forward pass for each parameter.

The essay's claim: in a network of tens of millions of parameters, backpropagation is ten million
times faster than nudging each parameter. The network is 784-5000-5000-500-10 with 31,435,510
parameters. One evaluation by nudging is measured (a forward pass); there would be one for each
parameter and one more; the number of units says so.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import expit

from benchmarks.work import OURS, Contender, Size, Task, Work

Array = Any


def data(size: Size) -> tuple[Array, Array, list[tuple[Array, Array]]]:
    """One example and the layers."""
    rng = np.random.default_rng(8)
    sizes = size["layers"]
    layers = [
        (rng.normal(size=(m, n)) / np.sqrt(n), rng.normal(size=m))
        for n, m in itertools.pairwise(sizes)
    ]
    return rng.random(sizes[0]), rng.random(sizes[-1]), layers


def parameters(size: Size) -> int:
    """How many weights and biases there are."""
    return sum((n + 1) * m for n, m in zip(size["layers"][:-1], size["layers"][1:], strict=True))


def cost(layers: Any, x: Array, y: Array) -> Any:
    """Half the squared distance of the output from y."""
    for w, b in layers:
        x = expit(w @ x + b)
    return 0.5 * np.sum((x - y) ** 2)


def backpropagation(size: Size, threads: int) -> Task:
    """The gradient in all parameters by one forward and one backward sweep.

    As in training it is put where the one before was, which saves the system from clearing a
    quarter of a gigabyte each time.
    """
    import chainrule as cr

    x, y, layers = data(size)
    last = [[(np.empty_like(w), np.empty_like(b)) for w, b in layers]]

    @cr.compile(donate=1)
    def gradient(layers: Any, last: Any, x: Array, y: Array) -> Any:
        return cr.grad(cost)(layers, x, y)

    def run() -> Sequence[Any]:
        last[0] = gradient(layers, last[0], x, y)
        return [last[0][0][1]]

    return Task(run)


def nudging(size: Size, threads: int) -> Task:
    """The difference quotient in one parameter; the gradient takes as many as there are."""
    import chainrule as cr

    x, y, layers = data(size)
    compiled = cr.compile(cost)
    base = compiled(layers, x, y)
    bias = layers[0][1]
    step = 1e-6

    def run() -> Sequence[Any]:
        before = bias[0]
        bias[0] = before + step
        quotient = (compiled(layers, x, y) - base) / step
        bias[0] = before
        return [quotient]

    return Task(run)


WORK = Work(
    name="naive",
    what="the gradient of 31,435,510 parameters: backpropagation, and one nudge of them all",
    sizes=[{"layers": [784, 5000, 5000, 500, 10]}],
    contenders={
        OURS: Contender(backpropagation),
        "one nudge": Contender(
            nudging, compared=False, note="a forward pass; the gradient takes one a parameter"
        ),
    },
    small={"layers": [5, 4, 3]},
)
