"""How good a model is on held-out examples: mean cost, and accuracy or R^2."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.nn.costs import Cost
from chainrule.nn.layers import Model
from chainrule.nn.objective import costs_of_examples, output_of

Array = Any
_ROWS = 4096  # at a time, so that memory stays bounded


def outputs(model: Model, cost: Cost, params: Any, X: Array) -> Array:
    """The outputs for rows of inputs, with the cost's activation where the model has none."""
    activation = output_of(model, cost)
    with np.errstate(all="ignore"):  # infinite outputs are for the reader of the outputs to see
        return np.concatenate(
            [activation(model.weighted_output(params, X[part])) for part in _parts(len(X))]
        )


def score(
    model: Model, cost: Cost, params: Any, X: Array, Y: Array, *, classes: bool
) -> dict[str, float]:
    """``{"cost", "accuracy"}`` on target rows ``Y``, or ``{"cost", "r2"}`` for regression.

    Accuracy is the share of examples whose largest output is where the target's is; with a single
    output, whose output is on the target's side of 1/2. R^2 is ``1 - sum (y - a)^2 / sum (y -
    mean)^2``, and NaN where all targets are equal.
    """
    costs = costs_of_examples(model, cost)
    with np.errstate(all="ignore"):
        total = sum(
            float(np.asarray(costs(params, X[part], Y[part]), np.float64).sum())
            for part in _parts(len(X))
        )
        a = outputs(model, cost, params, X)
        result = {"cost": total / len(X)}
        if classes:
            return result | {"accuracy": float((chosen(a) == chosen(Y)).mean())}
        return result | {"r2": _r2(a.astype(np.float64), Y.astype(np.float64))}


def _r2(a: Array, Y: Array) -> float:
    spread = float(((Y - Y.mean(axis=0)) ** 2).sum())
    return 1 - float(((Y - a) ** 2).sum()) / spread if spread > 0 else math.nan


def chosen(rows: Array) -> Array:
    """The class number that each row of outputs or targets stands for."""
    return np.argmax(rows, axis=1) if rows.shape[1] > 1 else (rows[:, 0] > 0.5).astype(np.int64)


def _parts(n: int) -> Iterator[slice]:
    return (slice(start, start + _ROWS) for start in range(0, max(n, 1), _ROWS))
