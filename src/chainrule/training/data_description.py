"""What a model must know of the data it was trained on, as config.toml holds it.

With it ``evaluate`` and ``predict`` read new data as the training data was read: the same columns
in the same units. ``trained.py`` finds it in a run folder.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ChainruleError, RunError
from chainrule.data.dataset import Dataset, Scaling

Array = Any


@dataclass(frozen=True)
class DataDescription:
    """Where the data came from, what it holds, and how raw numbers become inputs and targets.

    ``scaling`` turns raw features into inputs; ``target_shift`` and ``target_scale`` turn outputs
    of a regression back into the target's unit: ``y = target_shift + target_scale * a``.
    ``checksum`` is of all targets: a run is resumed with the data that it began with.
    """

    source: str
    target: str
    task: str
    classes: tuple[str, ...]
    features: tuple[str, ...]
    shape: tuple[int, ...]
    scaling: Scaling
    target_shift: tuple[float, ...]
    target_scale: tuple[float, ...]
    checksum: int

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
            data.scaling, shift, scale, _checksum(data),
        )  # fmt: skip

    def to_config(self) -> dict[str, Any]:
        """As a table of config.toml."""
        return {
            "source": self.source,
            "target": self.target,
            "task": self.task,
            "classes": list(self.classes),
            "features": list(self.features),
            "shape": list(self.shape),
            "shift": _shortened(self.scaling.shift),
            "scale": _shortened(self.scaling.scale),
            "target_shift": list(self.target_shift),
            "target_scale": list(self.target_scale),
            "checksum": self.checksum,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], where: str) -> DataDescription:
        """From a table of config.toml; ``where`` names the file in errors.

        Raises:
            RunError: something is missing, or of another type than :meth:`to_config` wrote.
        """
        try:
            shape = tuple(int(n) for n in config["shape"])
            n = int(np.prod(shape))
            scaling = Scaling(
                np.broadcast_to(config["shift"], (n,)), np.broadcast_to(config["scale"], (n,))
            )
            return cls(
                str(config["source"]), str(config["target"]), str(config["task"]),
                tuple(map(str, config["classes"])), tuple(map(str, config["features"])), shape,
                scaling, tuple(map(float, config["target_shift"])),
                tuple(map(float, config["target_scale"])), int(config["checksum"]),
            )  # fmt: skip
        except KeyError as error:
            raise RunError(f"{where}: section data lacks {error}; restore the file") from error
        except (ChainruleError, TypeError, ValueError) as error:
            raise RunError(f"{where}: section data is damaged ({error}); restore it") from error

    def scaled_targets(self, Y: Array, dtype: np.dtype[Any]) -> Array:
        """Targets in the units in which the model was trained; class numbers are as they are.

        They are rounded to ``dtype`` only when scaled: a large mean would leave them no digits.
        """
        if not self.target_shift:
            return Y
        return ((Y - np.array(self.target_shift)) / np.array(self.target_scale)).astype(dtype)

    def in_target_units(self, a: Array) -> Array:
        """Outputs of the model in the unit of the target."""
        if not self.target_shift:
            return a
        return a * np.array(self.target_scale) + np.array(self.target_shift)


def _shortened(values: Array) -> Any:
    """One number where all are equal, as for pixels."""
    same = len(values) > 0 and bool(np.all(values == values[0]))
    return float(values[0]) if same else values.tolist()


def _checksum(data: Dataset) -> int:
    value = 0
    for examples in data.splits().values():
        little = examples.Y.astype(examples.Y.dtype.newbyteorder("<"))
        value = zlib.crc32(little.tobytes(), value)
    return value
