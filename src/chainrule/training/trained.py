"""A trained model read back from its run folder, with what it needs to be used on new data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.core.errors import FileFormatError, RunError
from chainrule.core.tree import flatten, unflatten
from chainrule.data.dataset import Dataset, Scaling
from chainrule.files.checkpoints import load_latest
from chainrule.files.parameters import load
from chainrule.files.runs import RunFolder
from chainrule.nn.costs import Cost, cost_named
from chainrule.nn.description import build_model
from chainrule.nn.layers import Model
from chainrule.training.metrics import outputs


@dataclass(frozen=True)
class DataDescription:
    """What a model must know of the data it was trained on, as config.toml holds it.

    ``scaling`` turns raw features into inputs; ``target_shift`` and ``target_scale`` turn outputs of a
    regression back into the target's unit: ``y = target_shift + target_scale * a``.
    """

    source: str
    target: str
    task: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    shape: tuple[int, ...]
    scaling: Scaling
    target_shift: tuple[float, ...] = ()
    target_scale: tuple[float, ...] = ()

    @classmethod
    def of(cls, data: Dataset, source: str) -> DataDescription:
        """The description of the data set that was loaded from ``source``.

        Targets of a regression are standardised by the mean and deviation of the train split.
        """
        shift: tuple[float, ...] = ()
        scale: tuple[float, ...] = ()
        if data.task == "regression":
            Y = data.train.Y.astype(np.float64)
            spread = Y.std(axis=0)
            shift = tuple(Y.mean(axis=0).tolist())
            scale = tuple(np.where(spread > 0, spread, 1.0).tolist())
        return cls(
            source, data.target, data.task, data.classes, data.features, data.shape,
            data.scaling, shift, scale,
        )  # fmt: skip

    def to_config(self) -> dict[str, Any]:
        """As a table of config.toml."""
        config: dict[str, Any] = {
            "source": self.source,
            "target": self.target,
            "task": self.task,
            "classes": list(self.classes),
            "features": list(self.features),
            "shape": list(self.shape),
            "shift": _shortened(self.scaling.shift),
            "scale": _shortened(self.scaling.scale),
        }
        if self.target_shift:
            config |= {
                "target_shift": list(self.target_shift),
                "target_scale": list(self.target_scale),
            }
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> DataDescription:
        """From a table of config.toml."""
        try:
            shape = tuple(config["shape"])
            n = int(np.prod(shape))
            scaling = Scaling(
                np.broadcast_to(config["shift"], (n,)), np.broadcast_to(config["scale"], (n,))
            )
            return cls(
                config["source"], config["target"], config["task"], tuple(config["classes"]),
                tuple(config["features"]), shape, scaling, tuple(config.get("target_shift", ())),
                tuple(config.get("target_scale", ())),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise RunError(f"the data section of config.toml is not complete: {error!r}") from error

    def scaled_targets(self, Y: Any) -> Any:
        """Targets in the units in which the model was trained."""
        if not self.target_shift:
            return Y
        return ((Y - np.array(self.target_shift)) / np.array(self.target_scale)).astype(Y.dtype)

    def in_target_units(self, a: Any) -> Any:
        """Outputs of the model in the unit of the target."""
        if not self.target_shift:
            return a
        return a * np.array(self.target_scale) + np.array(self.target_shift)


def _shortened(values: Any) -> Any:
    """One number where all are equal, as for pixels."""
    same = len(values) > 0 and bool(np.all(values == values[0]))
    return float(values[0]) if same else values.tolist()


@dataclass(frozen=True)
class Trained:
    """A model with its trained parameters."""

    path: Path
    model: Model
    cost: Cost
    params: Any
    dtype: np.dtype[Any]
    config: dict[str, Any]
    complete: bool

    def outputs(self, X: Any) -> Any:
        """The activations of the output layer for rows of inputs."""
        return outputs(self.model, self.cost, self.params, X.astype(self.dtype))

    @property
    def data(self) -> DataDescription:
        """What the model was trained on."""
        if "data" not in self.config:
            raise RunError(
                f"{self.path}: the run does not say what data it was trained on, because it was made by"
                " cr.fit with arrays; use cr.files.load and the model in Python"
            )
        return DataDescription.from_config(self.config["data"])


def load_trained(path: str | Path) -> Trained:
    """The model of a run: the final one, or that of the latest checkpoint if training was stopped.

    Raises:
        RunError: there is no run, or nothing trained in it yet.
        FileFormatError: a file is damaged, or does not fit the configuration.
    """
    run = RunFolder.open(path)
    config = run.config
    try:
        model = build_model(config["model"])
        cost = cost_named(config["model"]["cost"])
        dtype = np.dtype(config["model"]["dtype"])
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{run.path}/config.toml: {error}") from error
    fresh = model.init(0, dtype)
    if run.model_path.exists():
        return Trained(
            run.path, model, cost, _fitting(load(run.model_path), fresh, run), dtype, config, True
        )
    found = load_latest(run.checkpoint_folder)
    if found is None:
        raise RunError(f"{run.path}: nothing is trained yet; go on with chainrule train --resume")
    leaves, structure = flatten(fresh)
    saved = [found[1].tensors[name] for name in sorted(found[1].tensors)][: len(leaves)]
    params = _fitting(unflatten(structure, saved), fresh, run)
    return Trained(run.path, model, cost, params, dtype, config, False)


def _fitting(params: Any, fresh: Any, run: RunFolder) -> Any:
    leaves, structure = flatten(params)
    expected, wanted = flatten(fresh)
    shapes, needed = ([np.shape(x) for x in xs] for xs in (leaves, expected))
    if structure != wanted or shapes != needed:
        raise FileFormatError(
            f"{run.model_path}: holds arrays of shapes {shapes}, but the model of config.toml needs"
            f" {needed}; one of the two files was changed"
        )
    return params
