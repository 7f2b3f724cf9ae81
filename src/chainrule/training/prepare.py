"""What is trained, on what and by which rule: checked and ready before anything is computed.

``fit.py`` trains it for some epochs; the page (``chainrule.explorer``) step by step, back and
forth, with the same loop.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from chainrule.compile import Compiled, Executor
from chainrule.core.errors import ArgumentError
from chainrule.core.tree import flatten, map_leaves
from chainrule.data.dataset import Dataset
from chainrule.nn.costs import Cost, cost_named
from chainrule.nn.layers import Model
from chainrule.nn.network import Network
from chainrule.training.advance import Advance, advancing
from chainrule.training.feed import Feed, feed_of
from chainrule.training.optim import Optimiser
from chainrule.training.rows import Rows, outputs_of, pair_of, rows_of
from chainrule.training.state import TrainingState
from chainrule.training.step import training_step

Array = Any
DType = np.dtype[Any]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A training that can begin; ``fresh`` is its state before the first step.

    ``decay`` is lambda / n of L2 regularisation.
    """

    model: Model
    cost: Cost
    optimiser: Optimiser
    feed: Feed
    validation: Rows | None
    decay: float
    dtype: DType
    step: Compiled
    executor: Executor
    fresh: TrainingState

    def advancing(self, threads: int | None = None, *, deterministic: bool = False) -> Advance:
        """The fastest way to advance, which may take some seconds to compile."""
        return advancing(
            self.feed, self.step, self.executor, self.fresh, threads=threads,
            deterministic=deterministic,
        )  # fmt: skip


def prepare(
    model: Model,
    data: Any,
    *,
    cost: str | Cost | Callable[[Array, Array], Array] | None,
    optimiser: Optimiser,
    batch_size: int,
    validation: Any = None,
    seed: int = 0,
    params: Any = None,
    l2: float = 0.0,
    dtype: Any = None,
    executor: Executor = "native",
) -> Prepared:
    """A training with its arguments checked, which are those of ``cr.fit``.

    Raises:
        ArgumentError, DataError, ShapeError: as ``cr.fit``.
    """
    chosen = _cost_of(model, cost)
    start, kind = _initial(model, params, seed, dtype)
    outputs = outputs_of(model, chosen, start)
    feed = feed_of(data, outputs, batch_size, seed, kind)
    held_out = _held_out(data, validation, outputs, kind, classes=feed.classes)
    decay = _decay(l2, feed)
    step = training_step(model, chosen, optimiser, decay, executor)
    return Prepared(
        model, chosen, optimiser, feed, held_out, decay, kind, step, executor,
        TrainingState(start, optimiser.init(start)),
    )  # fmt: skip


def limited_blas(threads: int | None, deterministic: bool) -> AbstractContextManager[Any]:
    """The threads of the BLAS outside of the native loop, which has threads of its own."""
    n = 1 if deterministic else threads
    return nullcontext() if n is None else threadpool_limits(n)


def whole(name: str, value: Any, least: int) -> int:
    """``value`` as an integer; ArgumentError if it is none, or below ``least``."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least:
        raise ArgumentError(f"{name} must be an integer of at least {least}, got {value!r}")
    return number


def _cost_of(model: Model, cost: Any) -> Cost:
    if cost is not None:
        return cost_named(cost)
    if isinstance(model, Network):
        return model.cost
    raise ArgumentError("fit needs cost=, such as 'quadratic' or 'log-likelihood'")


def _initial(model: Model, params: Any, seed: int, dtype: Any) -> tuple[Any, DType]:
    """The parameters to start from, copied, and the dtype of the computation."""
    given = model.params if params is None and isinstance(model, Network) else params
    if given is None:
        kind = _float(dtype or "float32")
        return model.init(seed, kind), kind
    leaves, _ = flatten(given)
    wide = any(np.asarray(x).dtype == np.float64 for x in leaves)
    kind = _float(dtype or ("float64" if wide else "float32"))
    return map_leaves(lambda x: np.array(x, kind), given), kind  # pyright: ignore


def _float(dtype: Any) -> DType:
    try:
        kind = np.dtype(dtype)
    except TypeError:
        kind = np.dtype(object)
    if kind not in (np.dtype("float32"), np.dtype("float64")):
        raise ArgumentError(f"dtype must be float32 or float64, got {dtype!r}")
    return kind


def _decay(l2: float, feed: Feed) -> float:
    """The factor lambda / n of L2 regularisation."""
    if not (l2 >= 0 and math.isfinite(l2)):
        raise ArgumentError(f"l2 must be a finite number of at least 0, got {l2}")
    if not l2:
        return 0.0
    if feed.examples is None:
        raise ArgumentError(
            "l2 is divided by the number of examples, which an iterable of mini-batches does not"
            " tell; give a pair of arrays, or add the term to the cost"
        )
    return l2 / feed.examples


def _held_out(
    data: Any, validation: Any, outputs: Callable[[Array, str], int], dtype: DType, *, classes: bool
) -> Rows | None:
    """The examples to follow training on; classes if the training data's are."""
    if validation is None:
        validation = data.validation if isinstance(data, Dataset) else None
    if validation is None:
        return None
    pair = pair_of(validation)
    if pair is None:
        raise ArgumentError("validation must be a pair of arrays (X, Y) or cr.data.Examples")
    return rows_of(pair, outputs, dtype, "validation data")._replace(classes=classes)
