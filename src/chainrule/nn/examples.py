"""Examples in the forms that people have them, brought into rows.

The book's class takes lists of pairs ``(x, y)`` with column vectors; arrays have examples as rows;
targets are rows or class numbers. Everything here ends in ``(X, Y)`` with examples as rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import numpy as np

from chainrule.core.errors import DataError, ShapeError
from chainrule.data.one_hot import one_hot

Array = Any
Examples = Iterable[tuple[Array, Array]] | tuple[Array, Array]


def is_column(a: Array, n: int) -> bool:
    """Whether ``a`` is one example as a column (n, 1)."""
    return np.shape(a) == (n, 1) and n != 1


def as_rows(a: Array, n: int, dtype: Any, what: str) -> Array:
    """An example (n,) or (n, 1), or a batch (examples, n), as rows of shape (examples, n)."""
    rows = np.asarray(a, dtype)
    if rows.ndim == 1 or is_column(rows, n):
        rows = rows.reshape(1, -1)
    if rows.ndim != 2 or rows.shape[1] != n:
        neurons = "1 neuron" if n == 1 else f"{n} neurons"
        raise ShapeError(
            f"{what} has shape {np.shape(a)}; the layer has {neurons}, so it must be ({n},),"
            f" ({n}, 1) or (examples, {n})"
        )
    return rows


def pairs_of(data: Any) -> list[tuple[Array, Array]]:
    """The pairs of a list of ``(x, y)``, the form that the book has.

    Raises:
        DataError: it is no such list, or has no pairs.
    """
    pairs: list[Any] = [data] if isinstance(data, str) or not np.iterable(data) else list(data)
    if not pairs:
        raise DataError("there are no examples: the list is empty")
    if not all(isinstance(p, (tuple, list)) and len(cast("Any", p)) == 2 for p in pairs):
        kind = type(cast("object", data)).__name__
        if kind == "ndarray":
            kind = f"array of shape {np.shape(cast('Any', data))}"
        raise DataError(
            f"examples are a pair of arrays (X, Y), or a list of pairs (x, y); this is one {kind}"
        )
    return pairs


def _pairs(data: Examples) -> tuple[list[Array], list[Array]] | None:
    """The x and y of a list of pairs; None for a pair of arrays."""
    if isinstance(data, tuple) and len(data) == 2 and np.ndim(data[0]) == 2:
        return None
    pairs = pairs_of(data)
    return [np.asarray(x) for x, _ in pairs], [np.asarray(y) for _, y in pairs]


def stack_examples(data: Examples, n_in: int, n_out: int, dtype: Any) -> tuple[Array, Array]:
    """Examples as ``(X, Y)`` with target rows."""
    xs, ys = _arrays(data)
    rows = as_rows(xs, n_in, dtype, "the examples' x")
    return rows, one_hot_rows(ys, len(rows), n_out, dtype)


def _arrays(data: Examples) -> tuple[Array, Array]:
    """Inputs as rows, and targets as they are: rows, columns or class numbers."""
    pairs = _pairs(data)
    if pairs is None:
        xs, ys = data
        return xs, np.asarray(ys)
    return (
        np.stack([x.reshape(-1) for x in pairs[0]]),
        np.stack([y.reshape(-1) if y.ndim else y for y in pairs[1]]),
    )


def one_hot_rows(Y: Array, examples: int, n_out: int, dtype: Any) -> Array:
    """Targets as rows (examples, n_out); class numbers become rows with a single 1.

    Of a single output a number for each example will do.
    """
    targets = np.asarray(Y)
    if n_out == 1 and targets.ndim < 2 and targets.size == examples and targets.dtype.kind == "f":
        targets = targets.reshape(-1, 1)
    if targets.dtype.kind in "iu" and targets.size == examples and (n_out > 1 or not targets.ndim):
        return one_hot(targets.reshape(-1), n_out, dtype)
    rows = as_rows(targets, n_out, dtype, "the targets y")
    if len(rows) != examples:
        raise ShapeError(f"{examples} inputs but {len(rows)} targets; give one target an input")
    return rows


def labels_of(data: Examples, n_in: int, dtype: Any) -> tuple[Array, Array]:
    """Examples as ``(X, labels)`` with class numbers; a row stands for its largest entry."""
    xs, ys = _arrays(data)
    rows = as_rows(xs, n_in, dtype, "the examples' x")
    if ys.ndim == 2 and ys.shape[1] > 1:
        return rows, np.argmax(ys, axis=1)
    return rows, ys.reshape(-1)
