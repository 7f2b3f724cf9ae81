"""An array in the cell of a table: its numbers while there are few, else its norm and its mean."""

from __future__ import annotations

from typing import Any

import numpy as np

FEW = 16
"""Numbers that are all written out."""


def is_small(x: Any) -> bool:
    """Whether all numbers of an array fit into a cell: at most 16, in at most two axes."""
    return np.size(x) <= FEW and np.ndim(x) <= 2


def array_text(x: Any) -> str:
    """The numbers of a small array, four digits of each; of another norm, mean and what is wrong.

    >>> print(array_text(np.array([[0.5, -1.0], [2.0, 1 / 3]])))
    [0.5      -1]
    [  2  0.3333]
    >>> array_text(np.arange(100.0)), array_text(np.array([np.nan] * 50))
    ('norm 573, mean 49.5', 'norm nan, mean nan, 50 not finite')
    """
    values = np.asarray(x)
    if is_small(values):
        rows = aligned_right(np.atleast_2d(values))
        return "\n".join(f"[{row}]" if values.ndim else row for row in rows)
    parts = [f"norm {number_text(norm(values))}", f"mean {number_text(mean(values))}"]
    wrong = values.size - int(np.count_nonzero(np.isfinite(values)))
    return ", ".join([*parts, f"{wrong:,} not finite"] if wrong else parts)


def aligned_right(matrix: Any) -> list[str]:
    """A line for each row, its numbers under each other."""
    cells = [[_short(x) for x in row] for row in matrix]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in cells]


def _short(x: Any) -> str:
    return str(x) if x.dtype.kind in "iub" else f"{x:.4g}"


def number_text(x: Any) -> str:
    """One number with three digits; powers of ten where it is large or small.

    >>> [number_text(x) for x in (0.0123456, -3.0, 1e-9, 1234567.0)]
    ['0.0123', '-3', '1e-09', '1.23e+06']
    """
    return f"{x:.3g}"


def norm(x: Any) -> float:
    """The root of the sum of squares of all entries, without overflow on the way."""
    flat = np.abs(np.asarray(x)).ravel().astype(np.float64)
    largest = flat.max(initial=0.0)
    if not np.isfinite(largest) or largest == 0:
        return float(largest)
    return float(largest * np.sqrt(np.sum(np.square(flat / largest))))


def mean(x: Any) -> Any:
    """The mean of all entries, computed in 64 bits."""
    values = np.asarray(x)
    if not values.size:
        return 0.0
    with np.errstate(invalid="ignore"):
        return np.mean(values, dtype=np.complex128 if values.dtype.kind == "c" else np.float64)
