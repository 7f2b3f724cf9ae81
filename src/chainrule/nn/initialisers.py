"""Initial weights and biases of a dense layer, drawn from a random generator.

``weights`` have the shape (n_out, n_in), ``biases`` (n_out,).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError

Generator = np.random.Generator | np.random.RandomState
Initialiser = Callable[[Generator, int, int], tuple[Any, Any]]


def book(rng: Generator, n_in: int, n_out: int) -> tuple[Any, Any]:
    """Biases, then weights, standard normal (Nielsen, chapter 1).

    >>> weights, biases = book(np.random.default_rng(0), 784, 30)
    >>> weights.shape, biases.shape
    ((30, 784), (30,))
    """
    biases = rng.standard_normal(n_out)
    return rng.standard_normal((n_out, n_in)), biases


def _with_deviation(deviation: Callable[[int, int], float]) -> Initialiser:
    def draw(rng: Generator, n_in: int, n_out: int) -> tuple[Any, Any]:
        return deviation(n_in, n_out) * rng.standard_normal((n_out, n_in)), np.zeros(n_out)

    return draw


INITIALISERS: dict[str, Initialiser] = {
    "book": book,
    # standard deviation of the weights; biases are zero
    "scaled": _with_deviation(lambda n_in, n_out: 1 / math.sqrt(n_in)),  # LeCun et al., 1998
    "glorot": _with_deviation(lambda n_in, n_out: math.sqrt(2 / (n_in + n_out))),  # 2010
    "he": _with_deviation(lambda n_in, n_out: math.sqrt(2 / n_in)),  # He et al., 2015
}


def initialiser_named(given: str | Initialiser) -> Initialiser:
    """The initialiser of that name: "book", "scaled", "glorot" or "he"; a function is itself.

    >>> weights, biases = initialiser_named("scaled")(np.random.default_rng(0), 100, 10)
    >>> bool(abs(weights.std() - 0.1) < 0.01), bool(biases.any())
    (True, False)
    """
    if callable(given):
        return given
    if given not in INITIALISERS:
        raise ArgumentError(f"initialiser {given!r} is not one of {', '.join(INITIALISERS)}")
    return INITIALISERS[given]
