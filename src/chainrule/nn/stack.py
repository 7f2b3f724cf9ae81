"""A model of dense layers in one form: weights, biases and an activation for each layer.

What looks into networks (``record.py``, ``chainrule.insight``, ``chainrule.plot``) takes a
:class:`~chainrule.nn.network.Network` or a :class:`~chainrule.nn.layers.Sequential` alike: as a
:class:`Stack`, in the words of the four equations. Layers count from 1, ``a[0]`` is the input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.nn.activations import Activation, identity
from chainrule.nn.costs import Cost, cost_named
from chainrule.nn.display import name_of
from chainrule.nn.layers import Dense, Function, Model, Sequential
from chainrule.nn.network import Network

Array = Any
GivenCost = str | Cost | Callable[[Array, Array], Array] | None


class Forward(NamedTuple):
    """What a forward sweep computes: ``z[l]``, ``a[l]`` and the cost of each example."""

    z: dict[int, Array]
    a: dict[int, Array]
    costs: Array


@dataclass(frozen=True, eq=False)
class Stack:
    """Dense layers one after the other, with a cost.

    Attributes:
        weights: ``weights[l]`` of shape (n_l, n_(l-1)), l from 1 to ``depth``.
        biases: ``biases[l]`` of shape (n_l,).
        activations: ``activations[l]``; several functions after a layer are one here.
        prepare: what happens to the input before layer 1, usually nothing.
        cost: the cost of examples.

    >>> stack = stack_of(Network([2, 3, 1]))
    >>> stack.depth, stack.sizes, stack.activations[2].__name__
    (2, [2, 3, 1], 'sigmoid')
    """

    weights: dict[int, Array]
    biases: dict[int, Array]
    activations: dict[int, Activation]
    prepare: Activation
    cost: Cost

    @property
    def depth(self) -> int:
        """L, the number of the output layer."""
        return len(self.weights)

    @property
    def sizes(self) -> list[int]:
        """Neurons in each layer, the input layer first."""
        return [self.weights[1].shape[1], *(len(self.biases[n]) for n in self.weights)]

    @property
    def dtype(self) -> Any:
        """Of the parameters and of the computation."""
        return self.weights[1].dtype

    @property
    def is_fused(self) -> bool:
        """Whether the cost is computed from z[L], output activation included: see ``costs.py``."""
        return (
            self.cost.of_weighted_input is not None
            and self.activations[self.depth] is self.cost.output
        )

    def costs(self, z: Array, a: Array, Y: Array) -> Array:
        """C_x of each example, given ``z[L]`` and ``a[L]``."""
        if self.is_fused and self.cost.of_weighted_input is not None:
            return self.cost.of_weighted_input(z, Y)
        return self.cost.of_activation(a, Y)

    def forward(
        self,
        X: Array,
        Y: Array,
        weights: dict[int, Array] | None = None,
        biases: dict[int, Array] | None = None,
    ) -> Forward:
        """One forward sweep over rows ``X`` with target rows ``Y``; other parameters may be given.

        A pure function of plain NumPy: it is traced, differentiated and compiled.
        """
        z, a = self.activate(X, weights, biases)
        return Forward(z, a, self.costs(z[self.depth], a[self.depth], Y))

    def activate(
        self,
        X: Array,
        weights: dict[int, Array] | None = None,
        biases: dict[int, Array] | None = None,
    ) -> tuple[dict[int, Array], dict[int, Array]]:
        """The forward sweep alone, without targets: ``z[l]`` and ``a[l]``."""
        w, b = weights or self.weights, biases or self.biases
        z: dict[int, Array] = {}
        a: dict[int, Array] = {0: self.prepare(X)}
        for n in w:
            z[n] = a[n - 1] @ w[n].T + b[n]
            a[n] = self.activations[n](z[n])
        return z, a


def stack_of(model: Model, params: Any = None, cost: GivenCost = None) -> Stack:
    """A model of dense layers as a :class:`Stack`.

    Args:
        model: a ``Network``, or a ``Sequential`` of dense layers and functions.
        params: its parameters; a Network has its own.
        cost: its cost; a Network has its own. A cost that belongs to an activation (log-likelihood
            to softmax) brings it along for a model that ends without one, as in ``cr.fit``.

    Raises:
        ArgumentError: the model is of another kind, or params or cost are missing.
        ShapeError: the parameters are those of another model.
    """
    if isinstance(model, Network):
        given = model.params if params is None else params
        chosen = model.cost if cost is None else cost_named(cost)
        return _stack(given, [identity, *model.activations], chosen)
    if not isinstance(model, Sequential):
        raise ArgumentError(
            f"{type(model).__name__} is not a model of dense layers; give a cr.nn.Network or a"
            " cr.nn.Sequential. Of any other function see cr.insight.name and cr.insight.record"
        )
    if params is None or cost is None:
        missing = "params=" if params is None else "cost="
        raise ArgumentError(
            f"a Sequential model does not hold its parameters and cost; give {missing}"
        )
    groups: list[list[Function]] = [[]]
    for layer in model.layers:
        if isinstance(layer, Dense):
            groups.append([])
        else:
            groups[-1].append(layer)
    return _stack(
        _dense_params(model, params),
        [_in_turn(tuple(functions)) for functions in groups],
        cost_named(cost),
    )


def _dense_params(model: Sequential, params: Any) -> list[Any]:
    """The parameters of the dense layers."""
    if len(params) != len(model.layers):
        raise ShapeError(
            f"the model has {len(model.layers)} layers, but there are parameters for {len(params)};"
            " give one entry a layer, () for a function, as model.init(seed) does"
        )
    found: list[Any] = []
    for layer, given in zip(model.layers, params, strict=True):
        if isinstance(layer, Dense):
            found.append(given)
            shapes = [np.shape(given[name]) for name in ("weights", "biases") if name in given]
            if shapes != [(layer.n_out, layer.n_in), (layer.n_out,)]:
                raise ShapeError(
                    f"layer {len(found)} is {layer}, with weights ({layer.n_out}, {layer.n_in}) and"
                    f" biases ({layer.n_out},), but its parameters are of shapes {shapes}"
                )
    return found


def _stack(params: Sequence[Any], activations: list[Activation], cost: Cost) -> Stack:
    if cost.output is not None and activations[-1] is identity:
        activations = [*activations[:-1], cost.output]
    return Stack(
        {n: p["weights"] for n, p in enumerate(params, start=1)},
        {n: p["biases"] for n, p in enumerate(params, start=1)},
        dict(enumerate(activations[1:], start=1)),
        activations[0],
        cost,
    )


@lru_cache(maxsize=256)
def _in_turn(functions: tuple[Function, ...]) -> Activation:
    """Functions that follow each other as one, and always the same one."""
    if len(functions) < 2:
        return functions[0] if functions else identity

    def composed(z: Array) -> Array:
        for f in functions:
            z = f(z)
        return z

    composed.__name__ = "_then_".join(map(name_of, functions))
    return composed
