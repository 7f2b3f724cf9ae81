"""How good a model is on held-out examples: mean cost, and accuracy or R^2."""

from __future__ import annotations

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
    chunks = [
        activation(model.weighted_output(params, X[start : start + _ROWS]))
        for start in range(0, max(len(X), 1), _ROWS)
    ]
    return np.concatenate(chunks)


def score(model: Model, cost: Cost, params: Any, X: Array, Y: Array, *, classes: bool) -> dict[str, float]:
    """``{"cost", "accuracy"}`` on target rows ``Y``, or ``{"cost", "r2"}`` for regression.

    Accuracy is the share of examples whose largest output is where the target's is; with a single
    output, whose output is on the target's side of 1/2. R^2 is ``1 - sum (y - a)^2 / sum (y - mean)^2``.
    """
    costs = costs_of_examples(model, cost)
    total = sum(
        float(np.sum(costs(params, X[i : i + _ROWS], Y[i : i + _ROWS]), dtype=np.float64))
        for i in range(0, len(X), _ROWS)
    )
    a = outputs(model, cost, params, X)
    result = {"cost": total / len(X)}
    if classes:
        result["accuracy"] = float(np.mean(chosen(a) == chosen(Y)))
    else:
        away = np.sum(np.square(Y - a, dtype=np.float64))
        spread = np.sum(np.square(Y - Y.mean(axis=0), dtype=np.float64))
        result["r2"] = float(1 - away / spread) if spread > 0 else float("nan")
    return result


def chosen(rows: Array) -> Array:
    """The class number that each row of outputs or targets stands for."""
    return np.argmax(rows, axis=1) if rows.shape[1] > 1 else (rows[:, 0] > 0.5).astype(np.int64)
