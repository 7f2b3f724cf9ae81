"""Where mini-batches come from: arrays, shuffled anew each epoch, or the user's own batches.

The order of an epoch is a function of (seed, epoch) alone, so training can be taken up again
anywhere in it: the position in the data is two numbers, epoch and mini-batch. ``rows.py`` checks
the examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from chainrule.core.errors import DataError, ShapeError
from chainrule.data.batches import mini_batches, permutation
from chainrule.data.dataset import Dataset
from chainrule.training.rows import Rows, inputs_of, pair_of, rows_of, targets_of

Array = Any
Outputs = Callable[[Array, str], int]


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

    @property
    def classes(self) -> bool:
        """Whether the targets are classes."""
        ...

    def epoch(self, epoch: int, start: int) -> Iterator[tuple[Array, Array]]:
        """The mini-batches of an epoch from number ``start`` on."""
        ...


@dataclass(frozen=True)
class ArrayFeed:
    """Mini-batches of two arrays, drawn in a new order each epoch; the last one may be short."""

    rows: Rows
    batch_size: int
    seed: int

    @property
    def examples(self) -> int:
        """How many examples an epoch has."""
        return len(self.rows.X)

    @property
    def batches(self) -> int:
        """How many mini-batches an epoch has."""
        return -(-self.examples // self.batch_size)

    @property
    def classes(self) -> bool:
        """Whether the targets are classes."""
        return self.rows.classes

    def order(self, epoch: int) -> Array:
        """The order in which an epoch takes the examples."""
        return permutation(self.seed, epoch, self.examples)

    def epoch(self, epoch: int, start: int) -> Iterator[tuple[Array, Array]]:
        """The mini-batches of an epoch from number ``start`` on."""
        X, Y, _ = self.rows
        order = self.order(epoch)
        for chosen in mini_batches(len(X), self.batch_size)[start:]:
            examples = order[chosen]
            yield X[examples], Y[examples]


@dataclass(frozen=True)
class IterableFeed:
    """The user's own iterable of ``(X, Y)`` mini-batches, gone through once an epoch."""

    source: Iterable[tuple[Any, Any]]
    n_in: int
    n_out: int
    classes: bool
    dtype: np.dtype[Any]
    examples: None = None
    batches: None = None

    def epoch(self, epoch: int, start: int) -> Iterator[tuple[Array, Array]]:
        """The mini-batches of an epoch from number ``start`` on."""
        number = 0
        for number, batch in enumerate(self.source, start=1):
            if number > start:
                yield self._checked(batch, f"mini-batch {number} of epoch {epoch}")
        if number == 0:
            raise DataError(_none_in(f"in epoch {epoch}"))

    def _checked(self, batch: Any, what: str) -> tuple[Array, Array]:
        pair = _batch_pair(batch, what)
        X = inputs_of(pair[0], self.dtype, what)
        if X.shape[1] != self.n_in:
            raise ShapeError(
                f"{what}: examples have {X.shape[1]} features each, those before had {self.n_in}"
            )
        return targets_of(X, pair[1], self.n_out, self.dtype, what)[:2]


def feed_of(data: Any, outputs: Outputs, batch_size: int, seed: int, dtype: np.dtype[Any]) -> Feed:
    """The mini-batches of what ``cr.fit`` was given as data.

    ``outputs(X, what)`` is the number of outputs that the model gives for rows of inputs.

    Raises:
        DataError, ShapeError: the data is none, or does not fit the model.
    """
    given = data.train if isinstance(data, Dataset) else data
    pair = pair_of(given)
    if pair is not None:
        return ArrayFeed(rows_of(pair, outputs, dtype, "training data"), batch_size, seed)
    if isinstance(given, Iterator):
        raise DataError(
            "training data is an iterator, which can be gone through only once; give a list of"
            " mini-batches, or an object whose __iter__ begins anew for each epoch"
        )
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes, dict, np.ndarray)):
        return _iterable_feed(cast("Iterable[Any]", given), outputs, dtype)
    kind = type(cast("object", given)).__name__
    raise DataError(
        f"training data of type {kind}: give a pair of arrays (X, Y), a data set of"
        " cr.data, or an iterable of mini-batches (X, Y)"
    )


def _iterable_feed(source: Iterable[Any], outputs: Outputs, dtype: np.dtype[Any]) -> IterableFeed:
    what = "the first mini-batch"
    first = next(iter(source), None)
    if first is None:
        raise DataError(_none_in("at all"))
    X, Y, classes = rows_of(_batch_pair(first, what), outputs, dtype, what)
    return IterableFeed(source, X.shape[1], Y.shape[1], classes, dtype)


def _batch_pair(batch: Any, what: str) -> tuple[Any, Any]:
    pair = pair_of(batch)
    if pair is None:
        raise DataError(
            f"{what} is of type {type(batch).__name__}; each must be a pair of arrays (X, Y)"
        )
    return pair


def _none_in(where: str) -> str:
    return (
        f"the iterable of mini-batches gave none {where}; give one that can be gone through again"
        " for each epoch (a list, or an object with __iter__)"
    )
