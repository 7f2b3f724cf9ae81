"""What a session looks at: a network with its data, and a function with its arguments.

A network comes from a run folder, from Python, or is the seed network, untrained, on MNIST.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.data.dataset import Dataset
from chainrule.data.load import load as load_data
from chainrule.explorer.written import written
from chainrule.nn.costs import Cost
from chainrule.nn.layers import Model
from chainrule.nn.network import Network
from chainrule.training.trained import load_trained

Array = Any


@dataclass(frozen=True, eq=False)
class NetworkSubject:
    """A network, the data that it learns, and how it was or will be trained.

    Attributes:
        name: what the page calls it.
        model: a Network or Sequential of dense layers.
        cost: its cost.
        params: those to begin with, ``step`` steps after the start of training.
        data: examples; test ones are looked at, train ones train.
        eta, batch_size, seed: of stochastic gradient descent.
    """

    name: str
    model: Model
    cost: Cost
    params: Any
    data: Dataset
    eta: float = 3.0
    batch_size: int = 10
    seed: int = 0
    step: int = 0


@dataclass(frozen=True, eq=False)
class FunctionSubject:
    """A function of plain NumPy, its arguments, and the file that it stands in, if any."""

    name: str
    f: Callable[..., Any]
    args: tuple[Any, ...]
    file: str | None = None


_ESSAY = """\
def essay(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e
"""
ESSAY = FunctionSubject("essay", written(_ESSAY, "essay.py"), (2.0, 1.0), "essay.py")
"""What the page opens with: e = (a + b)(b + 1)."""


def seed_network() -> NetworkSubject:
    """The book's network, 784-30-10 with sigmoid and quadratic cost, before it is trained."""
    net = Network([784, 30, 10], dtype="float32")
    return NetworkSubject("784-30-10", net, net.cost, net.params, load_data("mnist"))


def network_of_run(path: str | Path) -> NetworkSubject:
    """The network of a run folder, with its parameters and its data.

    Raises:
        RunError, FileFormatError, DataError: see :func:`~chainrule.training.trained.load_trained`.
    """
    trained = load_trained(path)
    training = trained.config["training"]
    return NetworkSubject(
        Path(path).name, trained.model, trained.cost, trained.params, trained.dataset(),
        eta=float(training["eta"]), batch_size=int(training["batch_size"]), seed=trained.seed,
    )  # fmt: skip


def target_row(data: Dataset, y: Any, dtype: Any) -> Array:
    """The target of one example as a row (1, n_out)."""
    if data.classes:
        return np.eye(data.n_out, dtype=dtype)[[int(y)]]
    return np.asarray(y, dtype).reshape(1, -1)
