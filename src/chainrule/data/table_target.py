"""The target column of a table, as labels of named classes or as numbers.

Rests on ``table.py`` (and so on polars and narwhals, imported only when a table is read) and on
``target.py``, which states the rule. Used by ``load.py`` and ``rows.py``.
"""

from collections.abc import Sequence

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from chainrule.core.errors import DataError
from chainrule.data.dataset import Task
from chainrule.data.excerpt import excerpt, listing
from chainrule.data.table import Table, number_column, require_filled
from chainrule.data.target import (
    MOST_GUESSED_CLASSES,
    Target,
    class_index,
    class_names,
    sorted_classes,
)


def target_of_table(table: Table, name: str, task: Task | None) -> Target:
    """The column as a target; classes in the order of their names, or numbers.

    Raises DataError for a missing column, an empty cell, or text where numbers are asked for.
    """
    task = task or _guess(table, name)
    if task == "regression":
        return Target(task, (number_column(table, name)[:, None],), ())
    names = _names(table, name)
    classes = sorted_classes(names)
    index = {c: label for label, c in enumerate(classes)}
    return Target(task, (np.array([index[c] for c in names], np.int64),), classes)


def labels_of_column(table: Table, name: str, classes: Sequence[str]) -> NDArray[np.int64]:
    """The column as labels of given classes, of shape (rows,).

    Raises DataError for a class that is not among them, with its place.
    """
    index = class_index(classes)
    names = _names(table, name)
    unknown = next((row for row, c in enumerate(names) if c not in index), None)
    if unknown is not None:
        raise DataError(
            f"{table.where(name)} holds the class {excerpt(names[unknown])!r} at"
            f" {table.place(unknown)}, which is not among the known ones"
            f" ({listing(list(classes))}); correct or remove the row."
        )
    return np.array([index[c] for c in names], np.int64)


def _guess(table: Table, name: str) -> Task:
    column = table.column(name)
    if column.dtype.is_integer():
        few = column.drop_nulls().n_unique() <= MOST_GUESSED_CLASSES
        return "classification" if few else "regression"
    return "classification" if isinstance(column.dtype, (nw.String, nw.Boolean)) else "regression"


def _names(table: Table, name: str) -> list[str]:
    column = require_filled(table, name)
    if column.dtype.is_float():
        return class_names(number_column(table, name).tolist())
    if not (column.dtype.is_integer() or isinstance(column.dtype, (nw.String, nw.Boolean))):
        raise DataError(
            f"{table.where(name)} holds {excerpt(column.dtype)}, which cannot name classes;"
            " turn it into text or integers."
        )
    return class_names(column.to_list())
