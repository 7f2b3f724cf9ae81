"""The pictures of ``docs/drawing.md``: ``python -m tests.drawing.gallery`` draws them anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr
from chainrule.nn.objective import mean_cost

FOLDER = Path(__file__).parents[2] / "docs" / "images" / "graphs"


def essay(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e  # noqa: RET504 (so that the output has a name)


def pictures() -> Iterator[tuple[str, cr.Graph, dict[str, Any]]]:
    """Name, graph and options of each picture."""
    yield "essay", cr.trace(essay)(2.0, 1.0), {"direction": "right", "title": "e = (a + b)(b + 1)"}

    digits = cr.data.load("mnist").train
    X, Y = digits.X[:10], np.eye(10, dtype=np.float32)[digits.Y[:10]]
    net = cr.nn.Network([784, 30, 10], seed=1)
    cost = mean_cost(net, net.cost)
    yield "cost", cr.trace(cost)(net.params, X, Y), {"title": "Cost of ten digits"}

    def step(params, X, Y, eta):
        gradient = cr.grad(cost)(params, X, Y)
        return [
            {
                "weights": p["weights"] - eta * g["weights"],
                "biases": p["biases"] - eta * g["biases"],
            }
            for p, g in zip(params, gradient)
        ]

    graph = cr.trace(step)(net.params, X, Y, np.float32(3))
    yield "step", graph, {"title": "A training step"}

    deep = cr.nn.Network([20] + [16] * 12 + [3], seed=0)
    x = np.sin(np.arange(160.0, dtype=np.float32)).reshape(8, 20)
    y = np.eye(3, dtype=np.float32)[np.arange(8) % 3]
    graph = cr.trace(mean_cost(deep, deep.cost))(deep.params, x, y)
    yield "deep", graph, {"title": "Cost of a network of twelve layers"}


def draw(folder: Path) -> None:
    """Draw all of them."""
    for name, graph, options in pictures():
        graph.draw(folder / f"{name}.svg", **options)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    draw(FOLDER)
