"""The cost of a model on examples, as a pure function of its parameters.

Joins a model and a cost: where the cost belongs to the output activation (softmax and
log-likelihood), both are computed together from the weighted input, which is stable for any input.
A model that ends without an activation gives weighted inputs, to which such a cost adds its
activation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.nn.activations import Activation, identity
from chainrule.nn.costs import Cost
from chainrule.nn.layers import Model
from chainrule.ops.reductions import sum_p

Array = Any


def costs_of_examples(model: Model, cost: Cost) -> Callable[[Any, Array, Array], Array]:
    """``(params, X, Y) -> C_x`` for each row: shape (examples,)."""
    if cost.of_weighted_input is not None and model.output_activation in (cost.output, identity):
        of_weighted_input = cost.of_weighted_input
        return lambda params, X, Y: of_weighted_input(model.weighted_output(params, X), Y)
    return lambda params, X, Y: cost.of_activation(model(params, X), Y)


def mean_cost(model: Model, cost: Cost) -> Callable[[Any, Array, Array], Array]:
    """``(params, X, Y) -> C = (1/n) sum_x C_x``, the cost that training lowers."""
    costs = costs_of_examples(model, cost)

    def mean(params: Any, X: Array, Y: Array) -> Array:
        return sum_p(costs(params, X, Y), axes=(0,)) / X.shape[0]

    return mean


def output_of(model: Model, cost: Cost) -> Activation:
    """The activation of the outputs: the model's own, or the cost's where the model has none."""
    if cost.output is not None and model.output_activation is identity:
        return cost.output
    return model.output_activation
