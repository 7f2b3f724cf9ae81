"""What a session looks at: a network with its data, and a function with its arguments.

A network comes from a run folder, from Python, or is the seed network, untrained, on MNIST.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.data.dataset import Dataset, Examples
from chainrule.data.load import load as load_data
from chainrule.explorer.functions.written import written
from chainrule.files.checkpoints import load_latest
from chainrule.files.runs import RunFolder
from chainrule.nn.costs import Cost
from chainrule.nn.layers import Dense, Model, Sequential
from chainrule.nn.network import Network
from chainrule.training.optim import OPTIMISERS, Optimiser, sgd
from chainrule.training.state import TrainingState, from_checkpoint
from chainrule.training.trained import Trained, load_trained

Array = Any


@dataclass(frozen=True, eq=False)
class NetworkSubject:
    """A network, the data that it learns, and how it was or will be trained.

    Attributes:
        name: what the page calls it.
        model: a Network or Sequential of dense layers.
        cost: its cost.
        params: those to begin with.
        data: examples; test ones are looked at, train ones train.
        eta, batch_size, seed, l2: of its training, as for ``cr.fit``.
        optimiser: makes the rule that steps follow, of a learning rate.
        deterministic: the same bits for any number of threads.
        reached: where its training stood, with the history of its epochs; None before any.
    """

    name: str
    model: Model
    cost: Cost
    params: Any
    data: Dataset
    eta: float = 3.0
    batch_size: int = 10
    seed: int = 0
    l2: float = 0.0
    optimiser: Callable[[float], Optimiser] = sgd
    deterministic: bool = False
    reached: TrainingState | None = None

    @property
    def rule(self) -> Optimiser:
        """What a step does with a gradient."""
        return self.optimiser(self.eta)

    @property
    def begin(self) -> TrainingState:
        """The state from which training goes on."""
        if self.reached is not None:
            return self.reached
        return TrainingState(self.params, self.rule.init(self.params))


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
    settings = trained.config["training"]
    network = NetworkSubject(
        Path(path).name, trained.model, trained.cost, trained.params, _as_trained(trained),
        eta=float(settings["eta"]), batch_size=int(settings["batch_size"]), seed=trained.seed,
        l2=float(settings["l2"]), optimiser=_rule_of(settings),
        deterministic=bool(settings["deterministic"]),
    )  # fmt: skip
    return replace(network, reached=_reached(network, RunFolder.open(path)))


def _as_trained(trained: Trained) -> Dataset:
    """The data of a run with its targets in the units in which the network was trained."""
    data, scaled = trained.dataset(), trained.data.scaled_targets
    splits = {name: Examples(x.X, scaled(x.Y, trained.dtype)) for name, x in data.splits().items()}
    return replace(data, **splits)


def _rule_of(settings: Mapping[str, Any]) -> Callable[[float], Optimiser]:
    names = {"sgd": ("momentum",), "adam": ("beta1", "beta2", "epsilon")}[settings["optimiser"]]
    given = {name: float(settings[name]) for name in names if name in settings}
    return partial(OPTIMISERS[settings["optimiser"]], **given)


def _reached(network: NetworkSubject, run: RunFolder) -> TrainingState:
    """Where the training of a run stood: at its last checkpoint, which has all of it."""
    fresh = network.begin
    batches = -(-len(network.data.train) // network.batch_size)
    found = load_latest(run.checkpoint_folder)
    if found is None:
        history = tuple(run.read_metrics())
        return replace(fresh, epoch=len(history) + 1, steps=len(history) * batches, history=history)
    state = replace(from_checkpoint(found[1], fresh, network.seed), params=network.params)
    return state.next_epoch() if state.batch == batches else state


def initial_params(model: Model, init: str, seed: int, dtype: Any) -> Any:
    """Parameters to begin with, drawn by an initialiser of that name.

    >>> [p["weights"].shape for p in initial_params(Network([3, 2, 1]), "he", 0, "float32")]
    [(2, 3), (1, 2)]
    """
    if isinstance(model, Network):
        drawn = Network(model.sizes, model.activations, model.cost, seed, dtype, init)
        return drawn.params
    if isinstance(model, Sequential):
        layers = [
            replace(layer, initialiser=init) if isinstance(layer, Dense) else layer
            for layer in model.layers
        ]
        return Sequential(layers).init(seed, dtype)
    return model.init(seed, dtype)


def initialiser_name(model: Model) -> str:
    """The name of the initialiser that draws a model's parameters, or "scaled" if it has none.

    >>> initialiser_name(Network([3, 2], init="he"))
    'he'
    """
    found: Any = None
    if isinstance(model, Network):
        found = model.initialiser
    elif isinstance(model, Sequential):
        found = next(layer.initialiser for layer in model.layers if isinstance(layer, Dense))
    return found if isinstance(found, str) else "scaled"


def target_row(data: Dataset, y: Any, dtype: Any) -> Array:
    """The target of one example as a row (1, n_out)."""
    if data.classes:
        return np.eye(data.n_out, dtype=dtype)[[int(y)]]
    return np.asarray(y, dtype).reshape(1, -1)
