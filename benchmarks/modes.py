"""One reverse sweep against a forward sweep for each of 1,000,000 inputs.

The function is f(x) = sum_i sin(x_i) x_(i+1). Reverse mode gives its gradient in one sweep; forward
mode gives one derivative a sweep, of which one is measured.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.work import OURS, Contender, Size, Task, Work

Array = Any


def f(x: Array) -> Any:
    """A sum over neighbours."""
    return np.sum(np.sin(x[:-1]) * x[1:])


def reverse(size: Size, threads: int) -> Task:
    """The gradient, compiled."""
    import chainrule as cr

    x = np.random.default_rng(9).random(size["inputs"])
    gradient = cr.compile(cr.grad(f))
    return Task(lambda: [gradient(x)])


def forward(size: Size, threads: int) -> Task:
    """One directional derivative, compiled."""
    import chainrule as cr

    x = np.random.default_rng(9).random(size["inputs"])
    direction = np.zeros_like(x)
    direction[0] = 1
    pushed = cr.compile(lambda x, t: cr.jvp(f, (x,), (t,))[1])
    return Task(lambda: [pushed(x, direction)])


WORK = Work(
    name="modes",
    what="a function of 1,000,000 inputs: the reverse sweep, and one of the forward sweeps",
    sizes=[{"inputs": 1_000_000}],
    contenders={
        OURS: Contender(reverse, note="1 reverse sweep"),
        "one forward sweep": Contender(
            forward, compared=False, note="the gradient takes one an input"
        ),
    },
    small={"inputs": 10},
)
