"""A trained model read back from its run folder, with what it needs to be used on new data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import FileFormatError, RunError
from chainrule.core.tree import flatten, unflatten
from chainrule.data.dataset import Dataset
from chainrule.data.load import load as load_data
from chainrule.files.checkpoints import Checkpoint, load_latest
from chainrule.files.parameters import load
from chainrule.files.runs import RunFolder
from chainrule.nn.costs import Cost, cost_named
from chainrule.nn.description import build_model
from chainrule.nn.initialisers import INITIALISERS
from chainrule.nn.layers import Model
from chainrule.training.data_description import DataDescription
from chainrule.training.metrics import outputs
from chainrule.training.state import saved_leaves

Array = Any


@dataclass(frozen=True)
class Trained:
    """A model with its trained parameters; ``complete``: was its training finished.

    ``seed`` is that of the training, which also split the data.
    """

    path: Path
    model: Model
    cost: Cost
    params: Any
    dtype: np.dtype[Any]
    seed: int
    config: dict[str, Any]
    complete: bool

    def outputs(self, X: Array) -> Array:
        """The activations of the output layer for rows of inputs."""
        return outputs(self.model, self.cost, self.params, X.astype(self.dtype))

    @property
    def data(self) -> DataDescription:
        """What the model was trained on.

        Raises:
            RunError: the run does not say.
        """
        if not isinstance(self.config.get("data"), dict):
            raise RunError(
                f"{self.path}: the run does not say what data it was trained on, which only"
                " chainrule train writes down; use cr.files.load and the model in Python"
            )
        return DataDescription.from_config(self.config["data"], f"{self.path}/config.toml")

    def dataset(self) -> Dataset:
        """The data set that the model was trained on, split as it was; its file is read again.

        Raises:
            RunError: the run does not say what it was.
            DataError: the file is there no more, or another one.
        """
        data = self.data
        return load_data(
            data.source, target=data.target if data.features else None, features=data.features,
            task=data.task, seed=self.seed, dtype=self.dtype,
        )  # fmt: skip

    @property
    def start(self) -> Any:
        """The parameters that training began with; None if the run does not say how they were made.

        ``chainrule train`` always makes them by its seed and the scheme that it writes down.
        """
        return _start(self.model, self.config, self.seed, self.dtype)

    def optimiser_state(self, like: Any) -> Any:
        """The optimiser's state at the latest checkpoint, in the structure of ``like``, or None.

        Raises:
            FileFormatError: it holds other arrays than ``like``.
        """
        folder = RunFolder.open(self.path).checkpoint_folder
        found = load_latest(folder)
        if found is None:
            return None
        leaves, structure = flatten(like)
        saved = saved_leaves(found[1])[len(flatten(self.params)[0]) :]
        state = unflatten(structure, saved) if len(saved) == len(leaves) else saved
        return _fitting(state, like, folder)


def load_trained(path: str | Path, *, untrained: bool = False) -> Trained:
    """The model of a run: the final one, or that of the latest checkpoint if training was stopped.

    Args:
        path: the run's folder.
        untrained: also take a run that has not come to its first checkpoint, with the parameters
            that it starts from.

    Raises:
        RunError: there is no run, or nothing trained in it yet.
        FileFormatError: a file is damaged, or does not fit the configuration.
    """
    run = RunFolder.open(path)
    config = run.config
    model, cost, dtype, seed = _described(config, run)
    fresh = model.init(0, dtype)
    complete = run.model_path.exists()
    if complete:
        params = _fitting(load(run.model_path), fresh, run.model_path)
    elif (found := load_latest(run.checkpoint_folder)) is not None:
        params = _fitting(_parameters(found[1], fresh), fresh, run.checkpoint_folder)
    else:
        params = _start(model, config, seed, dtype) if untrained else None
        if params is None:
            raise RunError(f"{run.path}: nothing is trained yet; go on with its training first")
    return Trained(run.path, model, cost, params, dtype, seed, config, complete)


def _start(model: Model, config: dict[str, Any], seed: int, dtype: np.dtype[Any]) -> Any:
    by_name = config["model"].get("init") in INITIALISERS
    return model.init(seed, dtype) if by_name and "command" in config else None


def _described(config: dict[str, Any], run: RunFolder) -> tuple[Model, Cost, np.dtype[Any], int]:
    where = f"{run.path}/config.toml"
    try:
        section = config["model"]
        cost, dtype = cost_named(section["cost"]), np.dtype(section["dtype"])
        return build_model(section), cost, dtype, int(config["training"]["seed"])
    except KeyError as error:
        raise RunError(f"{where}: {error} is missing; restore the file") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise RunError(f"{where}: model or training is damaged ({error}); restore it") from error


def _parameters(checkpoint: Checkpoint, fresh: Any) -> Any:
    """The parameters of a checkpoint, which has the optimiser's arrays after them."""
    leaves, structure = flatten(fresh)
    saved = saved_leaves(checkpoint)[: len(leaves)]
    return unflatten(structure, saved) if len(saved) == len(leaves) else saved


def _fitting(params: Any, fresh: Any, source: Path) -> Any:
    """The parameters, if they are those of the model."""
    leaves, structure = flatten(params)
    expected, wanted = flatten(fresh)
    shapes, needed = ([np.shape(x) for x in xs] for xs in (leaves, expected))
    if structure != wanted or shapes != needed:
        raise FileFormatError(
            f"{source}: holds arrays of shapes {shapes}, but the model of config.toml needs"
            f" {needed}; one of the two files was changed"
        )
    return params
