"""What a data set is: examples in three splits, and how their numbers were scaled.

Rests on NumPy and ``finite.py``. ``load.py`` builds a Dataset from a name or a file; ``batches.py``
cuts it into mini-batches.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from chainrule.core.errors import DataError
from chainrule.data.finite import all_finite, require_finite

Task = Literal["classification", "regression"]


def float_dtype(dtype: DTypeLike) -> np.dtype[np.floating]:
    """The dtype as NumPy's; raises DataError if it is neither float32 nor float64.

    >>> float_dtype("float32")
    dtype('float32')
    """
    found: np.dtype[Any] = np.dtype(dtype)
    if found.name not in ("float32", "float64"):
        raise DataError(f"Data cannot be loaded as {found}; use float32 or float64.")
    return found


@dataclass(frozen=True, eq=False)
class Examples:
    """Examples as rows: X (n, features) floats; Y int64 labels (n,) or float targets (n, k).

    Raises DataError if shapes, lengths or dtypes do not fit, or a number is NaN or infinite.

    >>> examples = Examples(np.zeros((3, 2)), np.array([0, 1, 1]))
    >>> len(examples), len(examples[:2]), examples[1:].Y
    (3, 2, array([1, 1]))
    """

    X: NDArray[np.floating]
    Y: NDArray[Any]

    def __post_init__(self) -> None:
        X, Y = self.X, self.Y
        if X.ndim != 2 or X.dtype.kind != "f":
            raise DataError(
                f"Examples: X is {X.dtype} of shape {X.shape}; give floats of shape (n, features)."
            )
        if not ((Y.ndim == 1 and Y.dtype == np.int64) or (Y.ndim == 2 and Y.dtype.kind == "f")):
            raise DataError(
                f"Examples: Y is {Y.dtype} of shape {Y.shape};"
                " give int64 labels of shape (n,) or floats of shape (n, k)."
            )
        if len(X) != len(Y):
            raise DataError(
                f"Examples: X has {len(X)} rows and Y has {len(Y)}; give one target for each row."
            )
        require_finite(X, "Examples: X")
        require_finite(Y, "Examples: Y")

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, index: slice | NDArray[np.integer]) -> "Examples":
        return Examples(self.X[index], self.Y[index])


@dataclass(frozen=True, eq=False)
class Scaling:
    """Column by column, X -> (X - shift) / scale; shift and scale have shape (features,).

    Raises DataError if they differ in shape, are not finite, or a scale is zero.

    >>> Scaling([1.0, 0.0], [2.0, 1.0]).apply(np.array([[3.0, 5.0]]))
    array([[1., 5.]], dtype=float32)
    """

    shift: NDArray[np.float64]
    scale: NDArray[np.float64]

    def __init__(self, shift: ArrayLike, scale: ArrayLike) -> None:
        object.__setattr__(self, "shift", np.array(shift, np.float64))
        object.__setattr__(self, "scale", np.array(scale, np.float64))
        if self.shift.ndim != 1 or self.shift.shape != self.scale.shape:
            raise DataError(
                f"Scaling: shift has shape {self.shift.shape} and scale {self.scale.shape};"
                " give both the shape (features,)."
            )
        if not (all_finite(self.shift) and all_finite(self.scale) and self.scale.all()):
            bad = ~np.isfinite(self.shift) | ~np.isfinite(self.scale) | (self.scale == 0)
            i = int(bad.argmax())
            raise DataError(
                f"Scaling: column {i} has shift {self.shift[i]} and scale {self.scale[i]};"
                " both must be finite and the scale not zero."
            )

    @classmethod
    def identity(cls, features: int) -> "Scaling":
        """The scaling that changes nothing.

        >>> Scaling.identity(2).scale
        array([1., 1.])
        """
        return cls(np.zeros(features), np.ones(features))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, ArrayLike]) -> "Scaling":
        """The scaling that ``as_arrays`` wrote down.

        >>> Scaling.from_arrays(Scaling([0.0], [2.0]).as_arrays()).scale
        array([2.])
        """
        return cls(arrays["shift"], arrays["scale"])

    def as_arrays(self) -> dict[str, NDArray[np.float64]]:
        """Shift and scale by name, as a file of arrays keeps them.

        >>> sorted(Scaling.identity(2).as_arrays())
        ['scale', 'shift']
        """
        return {"shift": self.shift, "scale": self.scale}

    def apply(self, X: NDArray[Any], dtype: DTypeLike = "float32") -> NDArray[np.floating]:
        """X of shape (n, features) scaled, in a new array of the given dtype.

        Computes in the wider of X's dtype and ``dtype``, so that a large mean is taken off before
        digits are lost. Raises DataError if X has another number of features.

        >>> Scaling([0.0], [255.0]).apply(np.array([[51]], np.uint8))
        array([[0.2]], dtype=float32)
        """
        if X.ndim != 2 or X.shape[1] != len(self.shift):
            raise DataError(
                f"Scaling: X has shape {X.shape}, but {len(self.shift)} features are expected;"
                f" give an array of shape (n, {len(self.shift)})."
            )
        work = np.result_type(X.dtype, dtype)
        # What leaves the range becomes infinite, and Examples says where; a warning would not.
        with np.errstate(over="ignore", invalid="ignore"):
            if self.shift.any():
                scaled = np.subtract(X, self.shift.astype(work), dtype=work)
            else:
                scaled = X.astype(work)
            if (self.scale != 1).any():
                scaled /= self.scale.astype(work)
            return scaled.astype(dtype, copy=False)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Scaled examples in three splits, with the names that a person knows them by.

    ``classes`` are the classes' names in the order of the labels, () for regression. ``features``
    are a table's column names, () where they have none. ``target`` is the column or array that Y
    came from. ``scaling`` is what X went through, ``shape`` one example's shape before flattening,
    and ``source`` where the data came from.

    Raises DataError if the splits do not agree with each other, the task or the names.
    """

    name: str
    train: Examples
    validation: Examples
    test: Examples
    task: Task
    classes: tuple[str, ...]
    features: tuple[str, ...]
    target: str
    scaling: Scaling
    shape: tuple[int, ...]
    source: str

    def __post_init__(self) -> None:
        for split, examples in self.splits().items():
            fits = (
                examples.X.shape[1] == self.n_in
                and (examples.Y.ndim == 1) == bool(self.classes)
                and (examples.Y.ndim == 1 or examples.Y.shape[1] == self.n_out)
            )
            if not fits:
                raise DataError(
                    f"{self.name}: the {split} split has X {examples.X.shape} and Y"
                    f" {examples.Y.shape}, which does not fit {self.n_in} inputs and"
                    f" {self.n_out} outputs of a {self.task}."
                )
        if (self.task == "classification") != bool(self.classes):
            raise DataError(f"{self.name}: a {self.task} with classes {self.classes}.")

    @property
    def n_in(self) -> int:
        """Number of inputs: features of one flattened example."""
        return len(self.scaling.shift)

    @property
    def n_out(self) -> int:
        """Number of outputs: classes, or target columns for regression."""
        return len(self.classes) if self.classes else int(self.train.Y.shape[1])

    def splits(self) -> dict[str, Examples]:
        """The three splits by name, in the order in which they are used."""
        return {"train": self.train, "validation": self.validation, "test": self.test}
