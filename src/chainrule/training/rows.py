"""Examples as training takes them: checked, finite, one row of inputs and of targets each.

Everything that can be wrong with the data of ``cr.fit`` is found here, before anything is computed
or written; an error says which data, which example and what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import numpy as np

from chainrule.core.errors import DataError, ShapeError
from chainrule.core.trace import shape_of
from chainrule.data.dataset import Examples
from chainrule.data.finite import require_finite
from chainrule.nn.costs import Cost
from chainrule.nn.examples import one_hot_rows
from chainrule.nn.layers import Model
from chainrule.nn.objective import costs_of_examples

Array = Any


class Rows(NamedTuple):
    """Inputs (examples, n_in), targets (examples, n_out), and whether those stand for classes."""

    X: Array
    Y: Array
    classes: bool


def pair_of(given: Any) -> tuple[Any, Any] | None:
    """``(X, Y)`` of two arrays or of :class:`~chainrule.data.Examples`; None for anything else.

    A list of two mini-batches is no pair of arrays: its parts are tuples.

    >>> pair_of(([[0.0]], [1])) is None, pair_of([([[0.0]], [1]), ([[1.0]], [0])]) is None
    (False, True)
    """
    if isinstance(given, Examples):
        return given.X, given.Y
    if isinstance(given, (tuple, list)):
        parts = list(cast("list[Any]", given))
        if len(parts) == 2 and not any(isinstance(part, tuple) for part in parts):
            return parts[0], parts[1]
    return None


def rows_of(
    pair: tuple[Any, Any], outputs: Callable[[Array, str], int], dtype: np.dtype[Any], what: str
) -> Rows:
    """Checked rows of inputs and targets.

    Args:
        pair: inputs and targets in any of the forms that ``cr.fit`` takes.
        outputs: the number of outputs that the model gives for a row of these inputs.
        dtype: of the computation.
        what: names the data in errors.

    Raises:
        DataError: lengths differ, there are none, or a number is NaN or infinite (says where).
        ShapeError: the model has another number of inputs or outputs.
    """
    X = inputs_of(pair[0], dtype, what)
    return targets_of(X, pair[1], outputs(X, what), dtype, what)


def inputs_of(given: Any, dtype: np.dtype[Any], what: str) -> Array:
    """Finite inputs of shape (examples, features); further axes are flattened."""
    X = _numbers(given, what, "inputs X")
    if X.ndim == 0 or X.size == 0:
        raise DataError(f"{what}: there are no examples, X has shape {X.shape}")
    return _finite(X.reshape(len(X), -1), dtype, f"{what}: X")


def targets_of(X: Array, given: Any, n_out: int, dtype: np.dtype[Any], what: str) -> Rows:
    """The inputs with their targets as rows (examples, n_out).

    Class numbers become rows with a single 1, unless there is one output, which tells 0 from 1.
    """
    targets = _numbers(given, what, "targets Y")
    if targets.ndim == 0 or len(targets) != len(X):
        raise DataError(f"{what}: {len(X)} inputs but {len(np.atleast_1d(targets))} targets")
    Y = targets.reshape(len(targets), -1)
    if Y.shape[1] not in (1, n_out) or (Y.shape[1] != n_out and Y.dtype.kind == "f"):
        raise ShapeError(
            f"{what}: targets have {_columns(Y.shape[1])}, but the output layer has {n_out}"
            f" neuron{'s' * (n_out > 1)}; give class numbers as integers, or {n_out} numbers for"
            " each example"
        )
    numbered = Y.shape[1] == 1 and Y.dtype.kind in "iub"
    if numbered:
        _require_labels(Y[:, 0], n_out, what)
    if numbered and n_out > 1:
        return Rows(X, one_hot_rows(Y[:, 0].astype(np.int64), len(Y), n_out, dtype), True)
    return Rows(X, _finite(Y, dtype, f"{what}: Y"), numbered or _is_one_hot(Y))


def outputs_of(model: Model, cost: Cost, params: Any) -> Callable[[Array, str], int]:
    """How many outputs the model gives for rows of inputs; tries model and cost on the first row.

    Raises:
        ShapeError: the model does not take these inputs, or the cost not its outputs.
    """
    costs = costs_of_examples(model, cost)

    def outputs(X: Array, what: str) -> int:
        row = X[:1]
        try:
            shape = shape_of(model(params, row))
        except ValueError as error:  # NumPy's own error, and ours
            raise ShapeError(
                f"{what}: examples have {_columns(row.shape[1], 'feature')} each, which the model"
                f" does not take: {error}"
            ) from error
        if len(shape) != 2 or shape[0] != 1:
            raise ShapeError(
                f"{what}: the model gives an array of shape {shape} for one row of inputs; it must"
                " give one row of outputs for each row of inputs"
            )
        found = shape_of(costs(params, row, np.zeros(shape, row.dtype)))
        if found != (1,):
            raise ShapeError(
                f"cost {cost.name} gives an array of shape {found} for one example; it must"
                " give one number for each row"
            )
        return shape[1]

    return outputs


def _numbers(given: Any, what: str, part: str) -> Array:
    try:
        a = np.asarray(given)
    except ValueError as error:  # rows of different lengths
        raise DataError(f"{what}: {part} are not an array: {error}") from error
    if a.dtype.kind not in "fiub":
        remedy = "; number the classes from 0" if part.startswith("targets") else ""
        raise DataError(f"{what}: {part} are of dtype {a.dtype}, not numbers{remedy}")
    return a


def _finite(a: Array, dtype: np.dtype[Any], what: str) -> Array:
    with np.errstate(over="ignore"):  # what leaves the range becomes infinite and is reported
        converted = np.asarray(a, dtype)
    require_finite(converted, what)
    return converted


def _is_one_hot(Y: Array) -> bool:
    return bool(
        Y.shape[1] > 1 and np.all((Y == 0) | (Y == 1)) and np.all(np.count_nonzero(Y, axis=1) == 1)
    )


def _require_labels(labels: Array, n_out: int, what: str) -> None:
    greatest = max(n_out - 1, 1)
    wrong = np.flatnonzero((labels < 0) | (labels > greatest))
    if not wrong.size:
        return
    label, place = labels[wrong[0]], wrong[0]
    if n_out == 1:
        raise DataError(
            f"{what}: label {label} of example {place}: one output neuron tells 0 from 1; give the"
            " output layer a neuron for each class, or floats for regression"
        )
    raise DataError(
        f"{what}: label {label} of example {place} is not a class number from 0 to {greatest}; the"
        f" output layer has {n_out} neurons"
    )


def _columns(n: int, name: str = "column") -> str:
    return f"{n} {name}{'s' * (n != 1)}"
