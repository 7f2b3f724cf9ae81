"""A model as plain data for a configuration file, and back.

Names and numbers only: a model that was trained can be built again from its run folder without
running code that a file brings. A function without a name here is noted as ``custom:<name>``, which
can be read but not built.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.core.errors import RunError
from chainrule.nn.activations import ACTIVATIONS, Activation
from chainrule.nn.initialisers import INITIALISERS
from chainrule.nn.layers import Dense, Model, Sequential
from chainrule.nn.network import Network

Description = dict[str, Any]


def describe_model(model: Model) -> Description:
    """A network or sequential model as a dictionary of names and numbers.

    >>> describe_model(Network([2, 3, 1]))["layers"]
    [2, 3, 1]
    """
    if isinstance(model, Network):
        return {
            "kind": "network",
            "layers": model.sizes,
            "activations": [_name(f) for f in model.activations],
            "cost": model.cost.name,
            "init": model.initialiser if isinstance(model.initialiser, str) else "custom",
            "dtype": model.dtype.name,
        }
    if isinstance(model, Sequential):
        return {
            "kind": "sequential",
            "layers": [
                {"dense": [x.n_in, x.n_out]} if isinstance(x, Dense) else _name(x)
                for x in model.layers
            ],
        }
    return {"kind": f"custom:{type(model).__name__}"}


def _name(f: Activation) -> str:
    name = getattr(f, "__name__", type(f).__name__)
    return name if ACTIVATIONS.get(name) is f else f"custom:{name}"


def build_model(description: Mapping[str, Any]) -> Model:
    """The model that :func:`describe_model` described, with fresh parameters.

    They are drawn as the described model's were, where its initialiser has a name.

    Raises:
        RunError: the description is not complete, or holds functions that have no name.

    >>> build_model({"kind": "sequential", "layers": [{"dense": [2, 1]}, "sigmoid"]}).init(0)[1]
    ()
    """
    kind = description.get("kind")
    try:
        if kind == "network":
            return Network(
                description["layers"],
                activation=[_activation(name) for name in description["activations"]],
                cost=description["cost"],
                dtype=np.dtype(description["dtype"]),
                init=description["init"] if description.get("init") in INITIALISERS else "scaled",
            )
        if kind == "sequential":
            return Sequential([_layer(x) for x in description["layers"]])
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"the model in config.toml cannot be built: {error}") from error
    raise RunError(
        f"the model in config.toml is of kind {kind!r}, which only the program that made it can"
        " build; load its parameters with cr.files.load"
    )


def _layer(entry: Any) -> Dense | Activation:
    if isinstance(entry, str):
        return _activation(entry)
    n_in, n_out = entry["dense"]
    return Dense(n_in, n_out)


def _activation(name: str) -> Activation:
    if name not in ACTIVATIONS:
        raise RunError(
            f"the model uses the function {name!r}, which only the program that trained it has;"
            " load its parameters with cr.files.load"
        )
    return ACTIVATIONS[name]
