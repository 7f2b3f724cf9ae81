"""Reads rows of a file for a network that is already trained: same columns, scaling and classes.

Rests on ``reading.py`` and ``target.py``. What to pass is what ``load.py`` put into the Dataset:
``features``, ``target``, ``classes`` and ``scaling``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from chainrule.core.errors import DataError
from chainrule.data.dataset import Scaling, float_dtype
from chainrule.data.excerpt import listing
from chainrule.data.finite import require_finite
from chainrule.data.parts import Array, Pair, Parts
from chainrule.data.reading import read_source
from chainrule.data.target import labels_of_array, numbers_of_array

if TYPE_CHECKING:
    from chainrule.data.table import Table


class Rows(NamedTuple):
    """X of shape (n, features); Y int64 labels (n,), floats (n, k), or None if there are none."""

    X: NDArray[np.floating]
    Y: Array | None


def read_rows(
    source: str | Path,
    *,
    features: Sequence[str] | None = None,
    target: str | None = None,
    classes: Sequence[str] = (),
    scaling: Scaling | None = None,
    dtype: DTypeLike = "float32",
    need_target: bool = False,
) -> Rows:
    """All rows of a file or data set (of its test split, where it has one), unshuffled.

    A table's columns are picked by name; ``features`` None or () are all but the target. Y holds
    labels if ``classes`` are given (unknown class: DataError) and numbers otherwise. ``scaling``
    is applied to the raw numbers, so a file must hold them as the training file did (uint8 pixels
    stay uint8); without it they are left as they are. Y is None if the file has no target, which
    ``need_target`` forbids.

    Raises DataError, also for another number of features than ``scaling`` has; FileFormatError
    for a damaged file; MissingExtraError for a table without polars.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "new.csv"
    >>> _ = path.write_text("b,kind,a\\n1,no,2\\n3,yes,4\\n")
    >>> read_rows(path, features=["a", "b"], target="kind", classes=["no", "yes"])
    Rows(X=array([[2., 1.], [4., 3.]], dtype=float32), Y=array([0, 1]))
    """
    float_dtype(dtype)
    raw = read_source(source)
    X, Y = (
        _from_pair(raw.rows(), len(classes), need_target)
        if isinstance(raw, Parts)
        else _from_table(raw, tuple(features or ()), target, classes, need_target)
    )
    scaling = scaling or Scaling.identity(X.shape[1])
    if X.shape[1] != len(scaling.shift):
        raise DataError(
            f"{raw.path}: has {X.shape[1]} features, but {len(scaling.shift)} are expected;"
            " give the features that the network was trained on."
        )
    scaled = scaling.apply(X, dtype)
    require_finite(scaled, f"{raw.path}: X after scaling")
    return Rows(scaled, Y if Y is None or classes else Y.astype(np.float64, copy=False))


def _from_pair(pair: Pair, classes: int, need_target: bool) -> tuple[Array, Array | None]:
    require_finite(pair.X, pair.x_name)
    X = pair.X.reshape(len(pair.X), -1)
    if pair.Y is None and not need_target:
        return X, None
    return X, labels_of_array(pair, classes) if classes else numbers_of_array(pair)


def _from_table(
    table: "Table",
    features: tuple[str, ...],
    target: str | None,
    classes: Sequence[str],
    need_target: bool,
) -> tuple[Array, Array | None]:
    from chainrule.data.table import number_column, numbers
    from chainrule.data.table_target import labels_of_column

    X = numbers(table, features or tuple(c for c in table.columns if c != target))
    if target is None and need_target:
        raise DataError(
            f"{table.path}: name the column that holds the targets (--target COLUMN);"
            f" the columns are {listing(table.columns)}."
        )
    if target is None or (target not in table.columns and not need_target):
        return X, None
    if classes:
        return X, labels_of_column(table, target, classes)
    return X, number_column(table, target)[:, None]
