"""The settings of a run as config.toml holds them, and what a resumed run must have in common.

A run that goes on with another model, learning rate or data would be neither the old run nor a new
one, so that is an error. The number of epochs may change: it only says when to stop.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from chainrule.core.errors import RunError
from chainrule.nn.costs import Cost
from chainrule.nn.description import describe_model
from chainrule.nn.layers import Model
from chainrule.training.optim import Optimiser

_COMPARED = ("model", "training", "data")
_MAY_CHANGE = frozenset({"training.epochs"})


def settings_of(
    model: Model,
    cost: Cost,
    optimiser: Optimiser,
    dtype: np.dtype[Any],
    *,
    epochs: int,
    batch_size: int,
    l2: float,
    seed: int,
    deterministic: bool,
) -> dict[str, Any]:
    """What config.toml says of a training, in its sections ``model`` and ``training``."""
    return {
        "model": {**describe_model(model), "cost": cost.name, "dtype": dtype.name},
        "training": {
            "optimiser": optimiser.name,
            "eta": optimiser.eta,
            **optimiser.settings,
            "epochs": epochs,
            "batch_size": batch_size,
            "l2": float(l2),
            "seed": seed,
            "deterministic": deterministic,
        },
    }


def require_same_settings(before: Mapping[str, Any], now: Mapping[str, Any], where: str) -> None:
    """Check that a run that began with the settings ``before`` may go on with those of ``now``.

    Raises:
        RunError: they differ; names the first that does.

    >>> require_same_settings({"training": {"eta": 3.0}}, {"training": {"eta": 0.5}}, "runs/a")
    Traceback (most recent call last):
    chainrule.core.errors.RunError: runs/a: the run began with training.eta = 3.0, not 0.5; ...
    """
    for section in _COMPARED:
        old, new = _table(before, section), _table(now, section)
        for key in sorted(old.keys() | new.keys()):
            name = f"{section}.{key}"
            if name not in _MAY_CHANGE and not _same(old.get(key), new.get(key)):
                raise RunError(
                    f"{where}: the run began with {name} = {_shown(old.get(key))}, not"
                    f" {_shown(new.get(key))}; resume it with the same settings and data, or choose"
                    " another run folder"
                )


def _table(config: Mapping[str, Any], section: str) -> dict[str, Any]:
    table = config.get(section, {})
    return cast("dict[str, Any]", table) if isinstance(table, dict) else {}


def _same(a: Any, b: Any) -> bool:
    """Equal; but TOML has no tuples, and machines differ in the last digits of a mean."""
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        pair = cast("tuple[list[Any], list[Any]]", (a, b))
        return len(pair[0]) == len(pair[1]) and all(map(_same, *pair))
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-12)
    return a == b


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
