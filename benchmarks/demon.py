"""The demon's curve: the cost of one example, for 241 changes of one neuron's weighted input.

The example has been swept over before, as when a slider is dragged; what is timed is the curve.
The batched sweep begins at the neuron's layer. By hand, each change takes a forward pass of its
own from the input on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import expit

from benchmarks.work import OURS, Contender, Size, Task, Work

Array = Any
NEURON = 2
DZ = np.linspace(-3.0, 3.0, 241)


def network(size: Size) -> tuple[Any, Array, Array]:
    """A network of sigmoids as the textbook draws it, and one example."""
    import chainrule as cr

    sizes = size["layers"]
    rng = np.random.default_rng(0)
    return cr.nn.Network(sizes), rng.random(sizes[0]), np.eye(sizes[-1])[0]


def demon(size: Size, threads: int) -> Task:
    """``cr.insight.Demon``: prediction, real change and gap."""
    import chainrule as cr

    net, x, y = network(size)
    made = cr.insight.Demon(net, x, y)

    def run() -> Sequence[Any]:
        found = made.nudge(layer=size["layer"], neuron=NEURON, dz=DZ)
        return [found.curve, found.predicted]

    return Task(run)


def one_by_one(size: Size, threads: int) -> Task:
    """NumPy, a forward pass for each change; the slope from the four equations."""
    net, x, y = network(size)

    def sweep(dz: float) -> tuple[float, list[Array]]:
        a = [x]
        for n, (w, b) in enumerate(zip(net.weights, net.biases, strict=True), start=1):
            z = w @ a[-1] + b
            if n == size["layer"]:
                z[NEURON] += dz
            a.append(expit(z))
        return 0.5 * np.sum((a[-1] - y) ** 2), a

    def run() -> Sequence[Any]:
        _, a = sweep(0.0)
        delta = (a[-1] - y) * a[-1] * (1 - a[-1])
        for n in range(len(net.weights) - 1, size["layer"] - 1, -1):
            delta = (net.weights[n].T @ delta) * a[n] * (1 - a[n])
        return [np.array([sweep(dz)[0] for dz in DZ]), delta[NEURON] * DZ]

    return Task(run)


WORK = Work(
    name="demon",
    what="the cost for 241 changes of one weighted input, with prediction and gap",
    sizes=[
        {"layers": [784, 30, 10], "layer": 1},
        {"layers": [784, 30, 10], "layer": 2},
        {"layers": [784, 2048, 2048, 10], "layer": 1},
    ],
    contenders={OURS: Contender(demon), "NumPy, one by one": Contender(one_by_one)},
    unit="curve",
    tolerance=1e-9,
    small={"layers": [5, 4, 3], "layer": 1},
)
