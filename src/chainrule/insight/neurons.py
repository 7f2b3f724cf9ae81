"""Neurons at work on a batch: saturated, dead, or with the same answer for every example.

An error passes a neuron by its slope: ``delta_j = sigma'(z_j) dC/da_j`` (BP1, BP2). Where sigma'
is nearly 0 the neuron is saturated for that example and learns next to nothing from it (Nielsen,
chapter 3; Glorot and Bengio 2010, section 3); a neuron without slope for every example is dead, as
a rectifier becomes whose weighted input is never positive (Maas, Hannun and Ng 2013; Lu, Shin, Su
and Karniadakis 2019). The slope comes from the activation's own graph (``slopes.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core import html
from chainrule.core.columns import aligned
from chainrule.core.errors import ArgumentError
from chainrule.core.tracebacks import users_frames
from chainrule.insight.rows import inputs_for, stack_for
from chainrule.insight.slopes import Slope, slope_at, slope_of
from chainrule.nn.activations import Activation
from chainrule.nn.stack import GivenCost, Stack

Array = Any

DEAD = 1e-7
"""A slope below this part of the largest is none: it is lost in single precision."""

MOSTLY = 0.95
_HEAD = ("layer", "activation", "neurons", "saturated", "almost always", "dead", "constant")


@dataclass(frozen=True, eq=False)
class LayerNeurons:
    """The neurons of one layer over a batch; arrays have one entry a neuron.

    Attributes:
        layer: its number, from 1.
        activation: the name of sigma.
        slope: how steep sigma gets, and where it is flat; None if it mixes neurons (softmax), for
            then no neuron has a slope of its own.
        saturated: the share of examples for which ``|sigma'(z_j)|`` is below the given part of its
            maximum; None without a slope.
        steepness: the mean of ``|sigma'(z_j)|`` over the examples, as a part of its maximum: what
            the neuron lets through of an error; None without a slope.
        dead: whether the slope is 0 for every example; None without a slope.
        constant: whether its activation is the same for every example, of at least two.
        mean, spread: mean and standard deviation of its activation.
    """

    layer: int
    activation: str
    slope: Slope | None
    saturated: Array | None
    steepness: Array | None
    dead: Array | None
    constant: Array
    mean: Array
    spread: Array

    @property
    def saturated_share(self) -> float | None:
        """The share of all activations of the layer that are saturated."""
        return None if self.saturated is None else float(self.saturated.mean())


@dataclass(frozen=True, eq=False)
class Neurons:
    """The neurons of a network over a batch: ``layers[l]`` is a :class:`LayerNeurons`.

    ``part`` is the part of the largest slope below which a neuron counts as saturated.
    """

    layers: Mapping[int, LayerNeurons]
    examples: int
    part: float

    def __str__(self) -> str:
        return "\n".join([self._caption(), *(f"  {x}" for x in aligned([_HEAD, *self._rows()]))])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html.table(_HEAD, self._rows(), self._caption())

    def _caption(self) -> str:
        return (
            f"neurons over {self.examples:,} examples; saturated: slope below {self.part:.0%} of"
            f" the activation's largest, almost always: for {MOSTLY:.0%} of them"
        )

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                str(n), layer.activation, f"{len(layer.mean):,}",
                "-" if layer.saturated_share is None else f"{layer.saturated_share:.1%}",
                "-" if layer.saturated is None else str(int(np.sum(layer.saturated >= MOSTLY))),
                "-" if layer.dead is None else str(int(np.sum(layer.dead))),
                str(int(np.sum(layer.constant))),
            )
            for n, layer in self.layers.items()
        ]  # fmt: skip


def neurons(
    model: Any, X: Array, *, params: Any = None, cost: GivenCost = None, part: float = 0.05
) -> Neurons:
    """Which neurons are saturated, dead or constant on examples, layer by layer.

    Args:
        model: a Network, a Sequential with ``params`` and ``cost``, or a result of ``cr.fit``.
        X: examples as rows (examples, n_in).
        part: a neuron is saturated where ``|sigma'(z)| < part * max |sigma'|``. For the sigmoid
            0.05 means an activation below 0.013 or above 0.987, for tanh beyond 0.975.

    Raises:
        ArgumentError: the model is not of dense layers, or part is not between 0 and 1.
        ShapeError: X does not fit the network.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> net.biases[0] = np.array([0.0, 50.0, 0.0])
    >>> found = cr.insight.neurons(net, np.random.default_rng(0).normal(size=(100, 2)))
    >>> found.layers[1].saturated[1], found.layers[1].dead
    (np.float64(1.0), array([False,  True, False]))
    """
    with users_frames:
        if not 0 < part < 1:
            raise ArgumentError(f"neurons: part must be between 0 and 1, got {part}")
        stack = stack_for(model, params, cost)
        z, _ = stack.activate(inputs_for(stack, X))
        return neurons_at(stack, z, part)


def neurons_at(stack: Stack, z: Mapping[int, Array], part: float) -> Neurons:
    """The same for weighted inputs ``z[l]`` that are known already."""
    layers = {n: _layer(n, stack.activations[n], z[n], part) for n in z}
    return Neurons(layers, len(z[1]), part)


def _layer(n: int, f: Activation, z: Array, part: float) -> LayerNeurons:
    with np.errstate(all="ignore"):  # activations that are not finite are for the reader to see
        a = np.asarray(f(z), np.float64)
        mean, spread = a.mean(axis=0), a.std(axis=0)
        same = np.ptp(a, axis=0) <= DEAD * np.maximum(np.abs(mean), 1.0)
        constant = same & (len(a) > 1)
        name, slope = f.__name__, slope_of(f)
        if slope is None:
            return LayerNeurons(n, name, slope, None, None, None, constant, mean, spread)
        # A step function has no slope anywhere: all its neurons are dead
        relative = slope_at(f, np.asarray(z, np.float64)) / (slope.largest or 1.0)
    saturated, steepness = (relative < part).mean(axis=0), relative.mean(axis=0)
    dead = np.all(relative <= DEAD, axis=0)
    return LayerNeurons(n, name, slope, saturated, steepness, dead, constant, mean, spread)
