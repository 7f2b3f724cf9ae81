"""The order of an epoch and its mini-batches, as pure functions of seed, epoch and sizes.

Rests on NumPy. There is no iterator to save: training that stops at any step of any epoch goes on
from the numbers (seed, epoch, step) alone.
"""

import numpy as np
from numpy.typing import NDArray

from chainrule.core.errors import DataError


def permutation(seed: int, epoch: int, n: int) -> NDArray[np.int64]:
    """The order, of shape (n,), in which epoch number ``epoch`` visits n examples.

    Stateless: ``np.random.default_rng([seed, epoch]).permutation(n)``, so any epoch's order can be
    had without those before it, and training can resume anywhere. seed and epoch are >= 0.

    >>> permutation(0, 3, 5)
    array([3, 0, 2, 1, 4])
    """
    return np.random.default_rng([seed, epoch]).permutation(n)


def mini_batches(n: int, batch_size: int) -> tuple[slice, ...]:
    """Slices that cut n examples into mini-batches; the last one may be short, none is dropped.

    Raises DataError if batch_size is not positive. Source: Nielsen, Neural Networks and Deep
    Learning, ``Network.SGD``.

    >>> mini_batches(5, 2)
    (slice(0, 2, None), slice(2, 4, None), slice(4, 5, None))
    """
    if batch_size < 1:
        raise DataError(
            f"mini_batches: a batch size of {batch_size} is not positive; use 1 or more."
        )
    return tuple(slice(i, min(i + batch_size, n)) for i in range(0, n, batch_size))
