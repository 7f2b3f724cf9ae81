"""Every number of backpropagation by name: z, a, delta, delta_a and the gradients, for a batch.

The numbers are the values and cotangents of the graph itself: one recording of the network, one
sweep backwards that keeps the cotangents of all weighted inputs and activations. The four equations
hold between them (Nielsen, chapter 2):

* BP1: ``delta[L] = delta_a[L] * sigma'(z[L])``
* BP2: ``delta[l] = (delta[l+1] @ weights[l+1]) * sigma'(z[l])``
* BP3: ``nabla_b[l]`` is the mean of the rows of ``delta[l]``
* BP4: ``nabla_w[l]`` is the mean of the outer products of rows of ``delta[l]`` and ``a[l-1]``
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import Trace
from chainrule.nn.costs import Cost
from chainrule.ops.reductions import sum_p
from chainrule.transforms.directions import or_zeros
from chainrule.transforms.recording import Recording, record
from chainrule.transforms.vjp import pull_back, vjp

if TYPE_CHECKING:
    from chainrule.nn.network import Network

Array = Any


@dataclass(frozen=True)
class Record:
    """One forward and one backward sweep over a batch. Layers count from 1, ``a[0]`` is the input.

    Attributes:
        z: weighted inputs, ``z[l]`` of shape (examples, n_l).
        a: activations, ``a[l]`` of shape (examples, n_l).
        delta: errors dC_x/dz, per example.
        delta_a: dC_x/da, per example; ``delta_a[0]`` is dC_x/dx.
        nabla_w: gradients of the mean cost in the weights, ``nabla_w[l]`` of shape (n_l, n_(l-1)).
        nabla_b: gradients of the mean cost in the biases, ``nabla_b[l]`` of shape (n_l,).
        cost: C_x of each example.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> record = net.record(np.array([[0.5, 1.0]]), np.array([[1.0]]))
    >>> a, y = record.a[2], 1.0
    >>> bool(np.allclose(record.delta[2], (a - y) * a * (1 - a)))
    True
    """

    z: dict[int, Array]
    a: dict[int, Array]
    delta: dict[int, Array]
    delta_a: dict[int, Array]
    nabla_w: dict[int, Array]
    nabla_b: dict[int, Array]
    cost: Array

    def per_example_nabla_w(self, layer: int) -> Array:
        """dC_x/dw of one layer for each example: shape (examples, n_l, n_(l-1)), by BP4."""
        if layer not in self.delta:
            raise ShapeError(f"layer {layer} is not one of 1 to {max(self.delta)}")
        return self.delta[layer][:, :, None] * self.a[layer - 1][:, None, :]

    def per_example_nabla_b(self, layer: int) -> Array:
        """dC_x/db of one layer for each example, by BP3: the errors themselves."""
        return self.delta[layer]


def record_network(net: Network, X: Array, Y: Array) -> Record:
    """Run ``net`` over rows ``X`` with target rows ``Y`` and keep everything."""
    n = net.num_layers - 1
    recording = _recorded(net, X, Y)
    costs = recording.outputs[1]
    z = dict(enumerate(recording.outputs[2 : 2 + n], start=1))
    a = dict(enumerate(recording.outputs[2 + n :]))
    seeds = [np.ones((), net.dtype), *[None] * (len(recording.outputs) - 1)]
    parameters = range(1, 1 + 2 * n)
    wanted = [*recording.output_indices[2:], *parameters]
    values = [*recording.outputs[2:], *recording.inputs[1 : 1 + 2 * n]]
    pulled = or_zeros(pull_back(recording, seeds, wanted), values)
    delta = dict(enumerate(pulled[:n], start=1))
    delta_a = dict(enumerate(pulled[n : 2 * n + 1]))
    # A cost that is computed from z bypasses a[L]; its derivative there is asked for directly, and
    # is infinite where a probability has vanished.
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        delta_a[n] = cost_derivative(net.cost, a[n], Y)
    examples = len(X)
    nabla_w = {i + 1: g / examples for i, g in enumerate(pulled[2 * n + 1 : 3 * n + 1])}
    nabla_b = {i + 1: g / examples for i, g in enumerate(pulled[3 * n + 1 :])}
    return Record(z, a, delta, delta_a, nabla_w, nabla_b, costs)


def cost_derivative(cost: Cost, a: Array, y: Array) -> Array:
    """dC_x / da for each row."""

    def costs_of(out: Array) -> Array:
        return cost.of_activation(out, y)

    costs, pullback = vjp(costs_of, a)
    return pullback(np.ones_like(costs))[0]


def _recorded(net: Network, X: Array, Y: Array) -> Recording:
    """The network as a function of its input and parameters, with z and a among its outputs."""
    n = net.num_layers - 1
    fused = net.cost.of_weighted_input if net.output_activation is net.cost.output else None

    def forward(x: Array, *parameters: Array) -> Any:
        zs: list[Array] = []
        activations = [x]
        for i, f in enumerate(net.activations):
            zs.append(activations[-1] @ parameters[i].T + parameters[n + i])
            activations.append(f(zs[-1]))
        if fused is not None:
            costs = fused(zs[-1], Y)
        else:
            costs = net.cost.of_activation(activations[-1], Y)
        return (sum_p(costs, axes=(0,)), costs, *zs, *activations)

    return record(forward, [X, *net.weights, *net.biases], trace=Trace(differentiates=True))
