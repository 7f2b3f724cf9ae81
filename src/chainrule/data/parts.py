"""What a file of arrays holds, as it holds it: raw X and Y for each split, unscaled.

Rests on NumPy. ``npz.py`` and ``idx.py`` make Parts, ``load.py`` turns them into a Dataset.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from numpy.typing import NDArray

from chainrule.core.errors import DataError

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Pair:
    """X of shape (n, ...) and, where there is one, Y of shape (n, ...); names for error messages.

    Readers give real numbers only. Raises DataError if there are no examples or lengths differ.
    """

    X: Array
    Y: Array | None
    x_name: str
    y_name: str

    def __post_init__(self) -> None:
        for name, array in ((self.x_name, self.X), (self.y_name, self.Y)):
            if array is not None and not (array.ndim and array.size):
                raise DataError(
                    f"{name} has shape {array.shape}, so it holds no examples;"
                    " store an array with one row per example."
                )
        if self.Y is not None and len(self.X) != len(self.Y):
            raise DataError(
                f"{self.x_name} has {len(self.X)} rows and {self.y_name} has {len(self.Y)};"
                " store one target for each example."
            )


@dataclass(frozen=True, eq=False)
class Parts:
    """The splits that a file has of its own; a file without splits has only ``train``."""

    path: Path
    train: Pair | None = None
    validation: Pair | None = None
    test: Pair | None = None

    def rows(self) -> Pair:
        """The rows to evaluate or predict: the test split, or all there is without one.

        Raises DataError if there are none.
        """
        for pair in (self.test, self.train, self.validation):
            if pair is not None:
                return pair
        raise DataError(f"{self.path}: holds no examples.")

    def splits(self) -> dict[str, Pair]:
        """The splits that are there, by name: train, validation, test."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: pair for name, pair in named.items() if pair is not None}
