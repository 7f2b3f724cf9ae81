"""One uncompiled training step of the seed network beside NumPy written by hand, float32, batch 10.

python benchmarks/seed_step.py
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit
from threadpoolctl import threadpool_limits
from timing import machine, medians

import chainrule as cr
from chainrule.nn.costs import quadratic
from chainrule.nn.objective import mean_cost
from chainrule.training.step import training_step

ETA = 3.0
rng = np.random.default_rng(0)
X = rng.random((10, 784), dtype=np.float32)
Y = np.eye(10, dtype=np.float32)[rng.integers(0, 10, 10)]
net = cr.nn.Network([784, 30, 10], dtype="float32")
params = net.params


def by_hand() -> list[Any]:
    """The four equations in matrix form, written out in NumPy."""
    (w1, b1), (w2, b2) = ((p["weights"], p["biases"]) for p in params)
    a1 = expit(X @ w1.T + b1)
    a2 = expit(a1 @ w2.T + b2)
    delta2 = (a2 - Y) * a2 * (1 - a2)
    delta1 = (delta2 @ w2) * a1 * (1 - a1)
    s = ETA / len(X)
    return [w1 - s * (delta1.T @ X), b1 - s * delta1.sum(0),
            w2 - s * (delta2.T @ a1), b2 - s * delta2.sum(0)]  # fmt: skip


optimiser = cr.optim.sgd(ETA)
step = training_step(net, quadratic, optimiser, 0.0, "interpreter")
eager_gradient = cr.value_and_grad(mean_cost(net, quadratic))


def interpreted() -> Any:
    """The graph of the whole step, traced once, through the interpreter."""
    return step(params, (), X, Y, ETA)[1]


def eager() -> Any:
    """Traced anew at every step."""
    _, gradient = eager_gradient(params, X, Y)
    return optimiser.update(gradient, (), params, ETA)[0]


def main() -> None:
    """Check that all three agree, then time them."""
    for run in (interpreted, eager):
        found = run()
        for ours, theirs in zip(
            [found[0]["weights"], found[0]["biases"], found[1]["weights"], found[1]["biases"]],
            by_hand(),
            strict=True,
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    with threadpool_limits(1):
        print(machine())
        t = medians({"NumPy by hand": by_hand, "graph, interpreted": interpreted, "eager": eager})
    base = t["NumPy by hand"]
    for name, seconds in t.items():
        print(f"{name:<20}{seconds * 1e6:>8.1f} us a step{seconds / base:>8.2f} x")


if __name__ == "__main__":
    main()
