"""How examples are divided into train, validation and test.

Rests on NumPy. Used by ``load.py``; the rules are stated here and nowhere else.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from chainrule.core.errors import DataError
from chainrule.data.parts import Array

Index = NDArray[np.int64]


def validation_size(n: int) -> int:
    """How many of n training examples to keep for validation: one sixth, at most 10,000.

    The book keeps the last 10,000 of MNIST's 60,000.

    >>> validation_size(60_000), validation_size(12), validation_size(2)
    (10000, 2, 1)
    """
    return min(max(n // 6, 1), 10_000)


def random_parts(n: int, seed: int, parts: int, what: str) -> tuple[Index, ...]:
    """Indices 0..n-1 shuffled by the seed and cut: all but a tenth or two, then a tenth for each.

    ``parts`` is 3 (80/10/10) or 2 (90/10); each gets at least one example.
    Raises DataError, with ``what`` in front, if there are fewer examples than parts.

    >>> [len(part) for part in random_parts(25, 0, 3, "x.csv")]
    [21, 2, 2]
    """
    if n < parts:
        raise DataError(
            f"{what}: {n} {'example is' if n == 1 else 'examples are'} too few to split"
            f" into {parts} parts; give at least {parts}."
        )
    order = np.random.default_rng(seed).permutation(n)
    tenth = max(n // 10, 1)
    return tuple(np.split(order, [n - tenth * k for k in range(parts - 1, 0, -1)]))


def divide(
    own: Mapping[str, tuple[Array, Array]], seed: int, what: str
) -> tuple[tuple[Array, Array], ...]:
    """(X, Y) of train, validation and test, from the splits that a source has of its own.

    A test split of the source is kept, and validation cut off the end of train if there is none;
    without a test split the examples are shuffled first. Raises DataError, with ``what`` in front,
    if there is no train split or too few examples.

    >>> X = np.arange(10)
    >>> [len(x) for x, y in divide({"train": (X, X)}, 0, "x.npz")]
    [8, 1, 1]
    """
    if "train" not in own:
        raise DataError(f"{what}: holds no training examples; add them as x_train and y_train.")
    X, Y = own["train"]
    n = len(X)
    if "test" in own:
        if "validation" in own:
            return own["train"], own["validation"], own["test"]
        if n < 2:
            raise DataError(f"{what}: one training example leaves none for validation; give more.")
        cut = n - validation_size(n)
        return (X[:cut], Y[:cut]), (X[cut:], Y[cut:]), own["test"]
    parts = random_parts(n, seed, 2 if "validation" in own else 3, what)
    train, *others = ((X[index], Y[index]) for index in parts)
    return (train, own["validation"], *others) if "validation" in own else (train, *others)
