"""Loads a data set by name or from a file: read, flattened, split and scaled.

Rests on ``reading.py`` (which reader), ``target.py`` (what Y means) and ``splits.py`` (which
examples train). ``rows.py`` reads more rows for a network trained on what this loads.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike

from chainrule.core.errors import DataError
from chainrule.data.dataset import Dataset, Examples, Scaling, Task, float_dtype
from chainrule.data.excerpt import listing
from chainrule.data.finite import require_finite
from chainrule.data.parts import Array, Pair, Parts
from chainrule.data.reading import BuiltIn, built_in, read_source
from chainrule.data.splits import divide
from chainrule.data.target import Target, checked_task, target_of_arrays

if TYPE_CHECKING:
    from chainrule.data.table import Table


def load(
    source: str | Path,
    *,
    target: str | None = None,
    task: str | None = None,
    features: Sequence[str] | None = None,
    seed: int = 0,
    dtype: DTypeLike = "float32",
) -> Dataset:
    """The data set of a name ("mnist") or in a CSV, Parquet, NPZ or IDX file (or IDX folder).

    ``target`` is the column to predict and ``features`` are the columns to predict it from (all
    others, if not given), for tables only. ``task`` is "classification" or "regression"; without
    it the target decides: text, booleans and integers of at most 100 values are classes.

    The file's own test split is kept, and validation cut off the end of train; a file without one
    is shuffled by the seed and split 80/10/10. Tables are standardised by mean and standard
    deviation of the train split, uint8 is divided by 255, other arrays stay as they are.

    X has shape (n, features), dtype float32 or float64. Numbers to predict stay float64: of a large
    mean, such as times in seconds, float32 holds no digits. Raises DataError for what does not fit,
    FileFormatError for a damaged file, MissingExtraError for a table without polars.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "small.npz"
    >>> np.savez(path, X=np.zeros((20, 4, 4), np.uint8), Y=np.arange(20) % 3)
    >>> data = load(path)
    >>> data.n_in, data.n_out, len(data.train), data.shape
    (16, 3, 16, (4, 4))
    """
    float_dtype(dtype)
    chosen = checked_task(task)
    raw = read_source(source)
    if not isinstance(raw, Parts):
        return _from_table(raw, target, chosen, features, seed, dtype)
    if target is not None or features:
        raise DataError(
            f"{raw.path}: holds arrays, which have no named columns;"
            " leave out the target and the features."
        )
    return _from_parts(raw, built_in(source), chosen, seed, dtype)


def mnist() -> Dataset:
    """MNIST: 50,000 images to train, 10,000 to validate, 10,000 to test, pixels from 0 to 1.

    X has shape (n, 784), float32. Source: Y. LeCun and C. Cortes; the split is the book's.

    >>> data = mnist()
    >>> len(data.train), len(data.validation), len(data.test), data.n_in, data.n_out
    (50000, 10000, 10000, 784, 10)
    """
    return load("mnist")


def array_scaling(X: Array) -> Scaling:
    """The scaling of raw arrays of shape (n, ...): uint8 is divided by 255, others stay.

    >>> array_scaling(np.zeros((5, 1), np.uint8)).scale
    array([255.])
    """
    features = X.size // len(X)
    divisor = 255.0 if X.dtype == np.uint8 else 1.0
    return Scaling(np.zeros(features), np.full(features, divisor))


def standardising(X: Array) -> Scaling:
    """The scaling to mean 0 and standard deviation 1 for each column of X; constants become 0.

    >>> standardising(np.array([[1.0, 5.0], [3.0, 5.0]])).as_arrays()
    {'shift': array([2., 5.]), 'scale': array([1., 1.])}
    """
    first: Array = X[0]
    constant = X.min(axis=0) == X.max(axis=0)
    # A column beyond 1e154 overflows; Scaling then says which.
    with np.errstate(over="ignore", invalid="ignore"):
        shift, scale = X.mean(axis=0), X.std(axis=0)
    return Scaling(np.where(constant, first, shift), np.where(constant, 1.0, scale))


def _from_parts(
    parts: Parts, known: BuiltIn | None, task: Task | None, seed: int, dtype: DTypeLike
) -> Dataset:
    pairs = parts.splits()
    first = next(iter(pairs.values()))
    for pair in pairs.values():
        _require_alike(first, pair)
        require_finite(pair.X, pair.x_name)
    found = target_of_arrays(tuple(pairs.values()), task)
    own = {
        split: (pair.X.reshape(len(pair.X), -1), Y)
        for (split, pair), Y in zip(pairs.items(), found.Y, strict=True)
    }
    return _dataset(
        parts.path,
        divide(own, seed, str(parts.path)),
        found,
        array_scaling(first.X),
        dtype,
        features=(),
        target=known.target if known else "y",
        shape=first.X.shape[1:] or (1,),
        source=known.source if known else str(parts.path),
    )


def _from_table(
    table: "Table",
    target: str | None,
    task: Task | None,
    features: Sequence[str] | None,
    seed: int,
    dtype: DTypeLike,
) -> Dataset:
    from chainrule.data.table import numbers
    from chainrule.data.table_target import target_of_table

    if target is None:
        raise DataError(
            f"{table.path}: name the column to predict as the target (--target COLUMN);"
            f" the columns are {listing(table.columns)}."
        )
    found = target_of_table(table, target, task)
    chosen = tuple(features or (c for c in table.columns if c != target))
    if not chosen or target in chosen:
        raise DataError(
            f"{table.path}: the target {target!r} cannot be its own feature;"
            " name other columns as features."
        )
    twice = next((c for i, c in enumerate(chosen) if c in chosen[:i]), None)
    if twice is not None:
        raise DataError(f"{table.path}: the feature {twice!r} is named twice; name each once.")
    X = numbers(table, chosen)
    splits = divide({"train": (X, found.Y[0])}, seed, str(table.path))
    return _dataset(
        table.path,
        splits,
        found,
        standardising(splits[0][0]),
        dtype,
        features=chosen,
        target=target,
        shape=(len(chosen),),
        source=str(table.path),
    )


def _dataset(
    path: Path,
    splits: tuple[tuple[Array, Array], ...],
    found: Target,
    scaling: Scaling,
    dtype: DTypeLike,
    *,
    features: tuple[str, ...],
    target: str,
    shape: tuple[int, ...],
    source: str,
) -> Dataset:
    """Scale the splits and put everything together."""
    if found.task == "classification" and len(found.classes) < 2:
        raise DataError(
            f"{path}: every example is of one class ({listing(found.classes)}), so there is"
            " nothing to learn; give examples of at least two."
        )
    train, validation, test = (
        Examples(
            scaling.apply(X, dtype),
            Y if found.task == "classification" else Y.astype(np.float64, copy=False),
        )
        for X, Y in splits
    )
    return Dataset(
        path.name, train, validation, test, found.task, found.classes, features, target,
        scaling, shape, source,
    )  # fmt: skip


def _require_alike(first: Pair, other: Pair) -> None:
    """Check that two splits hold examples of the same shape and will be scaled the same way."""
    if first.X.shape[1:] != other.X.shape[1:]:
        raise DataError(
            f"{other.x_name} has examples of shape {other.X.shape[1:]} and {first.x_name} of"
            f" {first.X.shape[1:]}; store both alike."
        )
    if (first.X.dtype == np.uint8) != (other.X.dtype == np.uint8):
        raise DataError(
            f"{other.x_name} holds {other.X.dtype} and {first.x_name} {first.X.dtype}, and only"
            " uint8 is divided by 255; store both alike."
        )
