"""The error of an output layer under one cost and under another: where learning slows down.

Under the quadratic cost the error of an output neuron is ``(a - y) sigma'(z)``, which vanishes
where the neuron is saturated, be it right or wrong. Under the cost that belongs to the activation
(cross-entropy to the sigmoid, log-likelihood to the softmax) sigma' cancels, and the error is
``a - y``. Nothing of that is written here: errors are derivatives of the costs as they are.

Source: Nielsen, chapter 3, the cross-entropy cost function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.nn.costs import Cost, cross_entropy, huber, log_likelihood, quadratic
from chainrule.nn.stack import Stack
from chainrule.transforms.vjp import vjp

Array = Any


@dataclass(frozen=True, eq=False)
class OutputErrors:
    """The output layer at weighted inputs z, under one cost.

    Attributes:
        cost: the name of the cost.
        value: C of these outputs.
        delta_a: dC/da, of shape (n_L,).
        delta: dC/dz, of shape (n_L,).
    """

    cost: str
    value: float
    delta_a: Array
    delta: Array


def compared_costs(stack: Stack) -> tuple[Cost, Cost]:
    """The quadratic cost, and the one that belongs to the output activation.

    For an activation that none belongs to, it is the network's own cost, or huber.

    >>> from chainrule.nn import Network
    >>> from chainrule.nn.stack import stack_of
    >>> [cost.name for cost in compared_costs(stack_of(Network([2, 3, 1])))]
    ['quadratic', 'cross-entropy']
    """
    output = stack.activations[stack.depth]
    for cost in (cross_entropy, log_likelihood):
        if cost.output is output:
            return quadratic, cost
    return quadratic, huber if stack.cost is quadratic else stack.cost


def output_errors(stack: Stack, cost: Cost, z: Array, y: Array) -> OutputErrors:
    """Errors of the output layer at weighted inputs ``z`` (n_L,) with target ``y`` (n_L,)."""
    other = replace(stack, cost=cost)
    a = stack.activations[stack.depth](z[None])
    with np.errstate(all="ignore"):  # dC/da may be infinite where a is 0 or 1
        delta_a = _pulled(lambda a: cost.of_activation(a, y[None]), a)[0]
        value = float(other.costs(z[None], a, y[None])[0])
    return OutputErrors(cost.name, value, delta_a, errors_along(stack, cost, z[None], y)[0])


def errors_along(stack: Stack, cost: Cost, Z: Array, y: Array) -> Array:
    """dC/dz for each row of ``Z`` (rows, n_L), all with the target ``y`` (n_L,).

    >>> from chainrule.nn import Network
    >>> from chainrule.nn.stack import stack_of
    >>> stack, z = stack_of(Network([2, 3, 1])), np.array([[-8.0], [0.0]])
    >>> for cost in compared_costs(stack):
    ...     print(cost.name, errors_along(stack, cost, z, np.array([1.0]))[:, 0].round(4))
    quadratic [-0.0003 -0.125 ]
    cross-entropy [-0.9997 -0.5   ]
    """
    other, Y = replace(stack, cost=cost), np.broadcast_to(y, Z.shape)

    def costs(z: Array) -> Array:
        return other.costs(z, other.activations[other.depth](z), Y)

    with np.errstate(all="ignore"):
        return _pulled(costs, Z)


def _pulled(costs: Callable[[Array], Array], rows: Array) -> Array:
    """The derivative of each row's cost in that row."""
    return vjp(costs, rows)[1](np.ones(len(rows), rows.dtype))[0]
