"""Where mini-batches come from: arrays that are shuffled anew each epoch, or the user's own batches.

The order of an epoch is a function of (seed, epoch) alone, so training can be taken up again anywhere
in it: the position in the data is two numbers, epoch and mini-batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from chainrule.core.errors import ArgumentError, DataError, ShapeError
from chainrule.data.batches import mini_batches, permutation
from chainrule.data.dataset import Dataset, Examples
from chainrule.nn.examples import one_hot_rows

Array = Any


class Feed(Protocol):
    """Mini-batches for each epoch."""

    @property
    def examples(self) -> int | None:
        """How many examples an epoch has, if known."""
        ...

    @property
    def batches(self) -> int | None:
        """How many mini-batches an epoch has, if known."""
        ...

    def epoch(self, epoch: int, start: int) -> Iterator[tuple[Array, Array]]:
        """The mini-batches of an epoch from number ``start`` on."""
        ...


@dataclass(frozen=True)
class ArrayFeed:
    """Mini-batches of two arrays, drawn in a new order each epoch; the last one may be short."""

    X: Array
    Y: Array
    batch_size: int
    seed: int

    @property
    def examples(self) -> int:
        """How many examples an epoch has."""
        return len(self.X)

    @property
    def batches(self) -> int:
        """How many mini-batches an epoch has."""
        return len(mini_batches(len(self.X), self.batch_size))

    def epoch(self, epoch: int, start: int) -> Iterator[tuple[Array, Array]]:
        """The mini-batches of an epoch from number ``start`` on."""
        order = permutation(self.seed, epoch, len(self.X))
        for chosen in mini_batches(len(self.X), self.batch_size)[start:]:
            rows = order[chosen]
            yield self.X[rows], self.Y[rows]


@dataclass(frozen=True)
class IterableFeed:
    """The user's own iterable of ``(X, Y)`` mini-batches, gone through once an epoch."""

    source: Iterable[tuple[Array, Array]]
    n_out: int
    dtype: Any
    examples: None = None
    batches: None = None

    def epoch(self, epoch: int, start: int) -> Iterator[tuple[Array, Array]]:
        """The mini-batches of an epoch from number ``start`` on."""
        number = -1
        for number, (X, Y) in enumerate(self.source):
            if number >= start:
                yield np.asarray(X, self.dtype), one_hot_rows(Y, len(X), self.n_out, self.dtype)
        if number < 0:
            raise DataError(
                f"the iterable of mini-batches gave none in epoch {epoch}; give one that can be"
                " iterated again for each epoch (a list, or an object with __iter__), not a generator"
            )


def split_of(given: Any) -> tuple[Array, Array] | None:
    """``(X, Y)`` of a pair of arrays or of :class:`~chainrule.data.Examples`; None for others."""
    if isinstance(given, Examples):
        return given.X, given.Y
    if isinstance(given, (tuple, list)) and len(given) == 2 and np.ndim(given[0]) >= 1:  # pyright: ignore[reportUnknownArgumentType]
        X, Y = (np.asarray(x) for x in given)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return X.reshape(len(X), -1), Y
    return None


def checked_rows(X: Array, Y: Array, n_in: int, n_out: int, dtype: Any, what: str) -> tuple[Array, Array, bool]:
    """Inputs and target rows of the model's sizes, and whether the targets are classes.

    Raises:
        DataError: lengths differ, there are none, or a number is NaN or infinite (says where).
        ShapeError: the model takes another number of features.
    """
    if X.ndim != 2 or X.shape[1] != n_in:
        raise ShapeError(
            f"{what}: examples have {int(np.prod(X.shape[1:]))} features each, but the input layer of"
            f" the model has {n_in} neurons"
        )
    if len(X) != len(Y):
        raise DataError(f"{what}: {len(X)} inputs but {len(Y)} targets")
    if len(X) == 0:
        raise DataError(f"{what}: there are no examples")
    if X.dtype.kind not in "fiub":
        raise DataError(f"{what}: inputs are of dtype {X.dtype}, not numbers")
    classes = Y.ndim == 1 and Y.dtype.kind in "iub" or _is_one_hot(Y)
    if Y.dtype.kind == "b":
        Y = Y.astype(np.int64)
    if Y.ndim == 1 and (Y.dtype.kind == "f" or n_out == 1):
        Y = Y[:, None]
    if Y.ndim == 2 and Y.shape[1] != n_out:
        raise ShapeError(
            f"{what}: targets have {Y.shape[1]} columns, but the output layer has {n_out} neurons"
        )
    if n_out == 1 and classes:
        _require_truth_values(Y, what)
    checked = Examples(np.asarray(X, dtype), one_hot_rows(Y, len(X), n_out, dtype))
    return checked.X, checked.Y, bool(classes)


def _is_one_hot(Y: Array) -> bool:
    return bool(
        Y.ndim == 2
        and Y.shape[1] > 1
        and np.all((Y == 0) | (Y == 1))
        and np.all(np.count_nonzero(Y, axis=1) == 1)
    )


def _require_truth_values(Y: Array, what: str) -> None:
    wrong = np.flatnonzero((Y != 0) & (Y != 1))
    if wrong.size:
        raise DataError(
            f"{what}: label {Y.reshape(-1)[wrong[0]]} of example {wrong[0]}: one output neuron tells 0"
            " from 1; give the output layer a neuron for each class, or floats for regression"
        )


def as_feed(
    data: Any, n_in: int, n_out: int, batch_size: int, seed: int, dtype: Any
) -> tuple[Feed, bool]:
    """The training examples of what ``cr.fit`` was given, and whether their targets are classes."""
    if batch_size < 1:
        raise ArgumentError(f"batch_size must be at least 1, got {batch_size}")
    given = data.train if isinstance(data, Dataset) else data
    pair = split_of(given)
    if pair is not None:
        X, Y, classes = checked_rows(*pair, n_in, n_out, dtype, "training data")
        return ArrayFeed(X, Y, batch_size, seed), classes
    if isinstance(given, Iterable):
        return IterableFeed(given, n_out, dtype), n_out > 1  # pyright: ignore[reportUnknownArgumentType]
    raise DataError(
        f"training data of type {type(given).__name__}: give a pair of arrays (X, Y), a data set of"
        " cr.data, or an iterable of mini-batches (X, Y)"
    )
