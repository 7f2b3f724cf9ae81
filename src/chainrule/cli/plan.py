"""What ``chainrule train`` is asked to do: its options with defaults filled in, and the data.

A default that is None on the command line depends on the data: the sizes of the layers, the
learning rate, the initialiser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.data.dataset import Dataset
from chainrule.data.load import load as load_data
from chainrule.data.reading import names
from chainrule.nn.activations import identity
from chainrule.nn.network import Network
from chainrule.training.data_description import DataDescription

HIDDEN = 30
ETA = {
    "classification": {"sgd": 3.0, "momentum": 0.3, "adam": 0.001},
    "regression": {"sgd": 0.02, "momentum": 0.002, "adam": 0.001},
}
# A linear output sees the sum of all hidden neurons: weights of size 1 would start it far off.
INIT = {"classification": "book", "regression": "scaled"}
COSTS_OF_CLASSES = ("cross-entropy", "log-likelihood")
# what config.toml keeps of the options; the rest belongs to one call of the command
KEPT = (
    "source", "layers", "activation", "cost", "optimiser", "eta", "batch_size", "epochs", "l2",
    "init", "dtype", "seed", "threads", "deterministic", "executor", "target", "features",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Data and what is kept of it, the network, and the options as they apply."""

    data: Dataset
    description: DataDescription
    net: Network
    options: Mapping[str, Any]

    @property
    def config(self) -> dict[str, Any]:
        """The sections of config.toml that tell the data and the command."""
        kept = {k: self.options[k] for k in KEPT if self.options[k] is not None}
        return {"data": self.description.to_config(), "command": kept}

    @property
    def stem(self) -> str:
        """How the run folder's name begins: the file's name without its endings."""
        return self.data.name.partition(".")[0] or "run"


def plan_of(options: Mapping[str, Any]) -> Plan:
    """Load the data, and find the options that depend on it.

    Raises:
        DataError, ShapeError, ArgumentError: the data is not usable, or the options do not fit.
    """
    data = load_data(
        options["source"], target=options["target"], features=options["features"],
        seed=options["seed"], dtype=options["dtype"],
    )  # fmt: skip
    _require_fitting_cost(data, options["cost"])
    sizes: list[int] = options["layers"] or [data.n_in, HIDDEN, data.n_out]
    full = {
        **options,
        "source": lasting(options["source"]),
        "layers": sizes,
        "eta": options["eta"] or ETA[data.task][options["optimiser"]],
        "init": options["init"] or INIT[data.task],
    }
    description = DataDescription.of(data, lasting(options["source"]))
    return Plan(data, description, _network(data, full), full)


def lasting(source: str) -> str:
    """A data set's name, or the whole path of a file, so that it is found from anywhere."""
    return source if source in names() else str(Path(source).resolve())


def _require_fitting_cost(data: Dataset, cost: str) -> None:
    if data.task == "regression" and cost in COSTS_OF_CLASSES:
        raise ArgumentError(
            f"the cost {cost} is for classes, but the target {data.target!r} holds numbers; use"
            " --cost quadratic, mean-absolute or huber"
        )


def _network(data: Dataset, options: Mapping[str, Any]) -> Network:
    """The network to train, with layer sizes that fit the data."""
    sizes: list[int] = options["layers"]
    if sizes[0] != data.n_in or sizes[-1] != data.n_out:
        what = "classes" if data.task == "classification" else "target columns"
        raise ShapeError(
            f"--layers {','.join(map(str, sizes))} does not fit {data.name}, which has {data.n_in}"
            f" features and {data.n_out} {what}: the first layer must be {data.n_in}, the last"
            f" {data.n_out}"
        )
    activation: Any = options["activation"]
    net = Network(
        sizes, activation[0] if len(activation) == 1 else activation, options["cost"],
        options["seed"], options["dtype"], options["init"],
    )  # fmt: skip
    if data.task == "regression" and len(activation) == 1:
        net.activations[-1] = identity  # targets are any numbers, not values between 0 and 1
    return net
