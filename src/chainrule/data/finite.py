"""Looks for NaN and infinity in an array, and says where the first one is.

Rests on NumPy alone. ``dataset.py`` and the readers' callers use it, so that a bad number is found
when the data is read and not as a NaN cost an hour later.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.core.errors import DataError


def all_finite(X: NDArray[Any]) -> bool:
    """True if no number of X is NaN or infinite; a sum settles it without a second array.

    >>> all_finite(np.array([1.0, 2.0])), all_finite(np.array([1.0, np.inf]))
    (True, False)
    """
    if X.dtype.kind != "f":
        return True
    # NaN and infinity survive every sum. A sum of large finite numbers may overflow: look closely.
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(X.sum())) or bool(np.isfinite(X).all())


def require_finite(X: NDArray[Any], what: str, columns: Sequence[str] = ()) -> None:
    """Check that X, of shape (n,) or (n, ...), holds only finite numbers.

    Rows and columns count from 0; further axes are flattened into the columns.
    Raises DataError with the first bad number's place (by column name where ``columns`` are given).

    >>> require_finite(np.array([[1.0, np.nan]]), "x.npz: array 'x'", ["height", "width"])
    Traceback (most recent call last):
    chainrule.core.errors.DataError: x.npz: array 'x' holds 1 number that is not finite, the first
    (nan) in row 0, column 'width'; replace it or remove its row.
    """
    if all_finite(X):
        return
    rows = X.reshape(len(X), -1)
    bad = ~np.isfinite(rows)
    row, column = divmod(int(bad.argmax()), rows.shape[1])
    count = int(bad.sum())
    place = f"row {row}"
    if X.ndim > 1:
        place += f", column {columns[column]!r}" if columns else f", column {column}"
    numbers = "1 number that is" if count == 1 else f"{count} numbers that are"
    remedy = "replace it or remove its row" if count == 1 else "replace them or remove their rows"
    raise DataError(
        f"{what} holds {numbers} not finite, the first ({rows[row, column]}) in {place}; {remedy}."
    )
