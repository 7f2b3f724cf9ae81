"""What a target means: labels of named classes, or numbers to be fitted.

The rule, where the task is not given: text and booleans are classes; integers are classes if they
take at most 100 values; floats are numbers. Rests on NumPy. ``load.py`` uses it to build a data
set, ``rows.py`` to read more rows for a trained model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chainrule.core.errors import DataError
from chainrule.data.dataset import Task
from chainrule.data.finite import require_finite
from chainrule.data.parts import Array, Pair

MOST_GUESSED_CLASSES = 100

#: A label beyond this is a mistake, and would cost a network as many outputs.
MOST_CLASSES = 65_536


@dataclass(frozen=True, eq=False)
class Target:
    """Y of each split, as int64 labels (n,) or floats (n, k), and what they mean."""

    task: Task
    Y: tuple[Array, ...]
    classes: tuple[str, ...]


def checked_task(task: str | None) -> Task | None:
    """The task, if it is one; raises DataError otherwise.

    >>> checked_task("regression")
    'regression'
    """
    if task is None or task == "classification" or task == "regression":
        return task
    raise DataError(f"There is no task {task!r}; use 'classification' or 'regression'.")


def target_of_arrays(pairs: Sequence[Pair], task: Task | None) -> Target:
    """The target of arrays: classes are 0..k-1, k being one more than the greatest label.

    Raises DataError for a missing Y, and as ``labels_of_array`` and ``numbers_of_array``.
    """
    arrays = [array_of(pair) for pair in pairs]
    if task is None:
        task = _guess(np.concatenate([np.unique(y) for y in arrays]))
    if task == "regression":
        return Target(task, tuple(numbers_of_array(pair) for pair in pairs), ())
    labels = tuple(labels_of_array(pair, MOST_CLASSES) for pair in pairs)
    count = max(int(y.max()) for y in labels) + 1
    return Target(task, labels, tuple(str(i) for i in range(count)))


def array_of(pair: Pair) -> Array:
    """The pair's Y; raises DataError that says where it was looked for, if there is none."""
    if pair.Y is None:
        raise DataError(f"{pair.y_name} is missing, which must hold the targets; put it there.")
    return pair.Y


def labels_of_array(pair: Pair, classes: int) -> NDArray[np.int64]:
    """Labels of shape (n,), integers below ``classes``.

    Raises DataError for the first that is negative, fractional or too large, with its position.
    """
    Y = array_of(pair)
    if Y.size != len(Y):
        raise DataError(
            f"{pair.y_name} has shape {Y.shape}; labels have shape (n,)"
            " (numpy.argmax(Y, axis=1) turns one-hot rows into labels)."
        )
    flat = Y.reshape(-1)
    # Written so that NaN counts as wrong.
    fits = (flat >= 0) & (flat < classes) & (np.floor(flat) == flat)
    wrong = np.flatnonzero(~fits)
    if wrong.size:
        i = int(wrong[0])
        raise DataError(
            f"{pair.y_name}: {flat[i]} at position {i} is not a label, an integer"
            f" 0..{classes - 1}; relabel the classes from 0, or use task='regression'."
        )
    return flat.astype(np.int64)


def numbers_of_array(pair: Pair) -> Array:
    """Targets of shape (n, k), all finite; raises DataError with the place of one that is not."""
    Y = array_of(pair)
    require_finite(Y, pair.y_name)
    return Y.reshape(len(Y), -1)


def class_names(values: Sequence[str | bool | int | float]) -> list[str]:
    """Each value as the name of a class: one number has one name, however it was written.

    >>> class_names([1, 1.0, 2.5, True, "a"])
    ['1', '1', '2.5', 'true', 'a']
    """
    return [_class_name(value) for value in values]


def sorted_classes(names: Sequence[str]) -> tuple[str, ...]:
    """The distinct names in order: by number if all of them are numbers.

    >>> sorted_classes(["10", "9", "10"]), sorted_classes(["b", "10", "9"])
    (('9', '10'), ('10', '9', 'b'))
    """
    distinct = sorted(set(names))
    values = [_number(name) for name in distinct]
    if None in values:
        return tuple(distinct)
    return tuple(sorted(distinct, key=lambda name: _number(name) or 0.0))


def class_index(classes: Sequence[str]) -> dict[str, int]:
    """The label of each class by name, and by the name that its number has elsewhere.

    >>> class_index(["01", "b"])
    {'01': 0, 'b': 1, '1': 0}
    """
    index = {name: label for label, name in enumerate(classes)}
    for label, name in enumerate(classes):
        value = _number(name)
        if value is not None:
            index.setdefault(_class_name(value), label)
    return index


def _guess(values: Array) -> Task:
    if values.dtype.kind == "f":
        return "regression"
    few = len(np.unique(values)) <= MOST_GUESSED_CLASSES
    return "classification" if few else "regression"


def _class_name(value: str | bool | int | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _number(name: str) -> float | None:
    try:
        value = float(name)
    except ValueError:
        return None
    return value if np.isfinite(value) else None
