"""Labels as rows of zeros with a single one: the target that a quadratic cost compares with.

Rests on NumPy. The labels themselves are in ``dataset.py``.
"""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from chainrule.core.errors import DataError


def one_hot(labels: ArrayLike, n: int, dtype: DTypeLike = "float32") -> NDArray[np.floating]:
    """One row per label, of shape (len(labels), n), with a 1 in the label's column.

    ``labels``: integers 0..n-1 of shape (examples,). Raises DataError for any other, naming its
    value and position. Source: Nielsen, Neural Networks and Deep Learning, ``vectorized_result``.

    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """
    y = np.asarray(labels)
    if y.ndim != 1 or (y.dtype.kind not in "biu" and y.size):
        raise DataError(
            f"one_hot takes integer labels of shape (examples,), got {y.dtype} of shape {y.shape}."
        )
    y = y.astype(np.int64)
    outside = np.flatnonzero((y < 0) | (y >= n))
    if outside.size:
        i = int(outside[0])
        raise DataError(
            f"one_hot: label {y[i]} at position {i} is not among the {n} classes 0..{n - 1};"
            " correct the label or raise n."
        )
    rows: NDArray[np.floating] = np.zeros((len(y), n), dtype)
    rows[np.arange(len(y)), y] = 1
    return rows
