"""Neurons in the order in which a demon would choose its seat: by the size of their errors.

A demon that may move the weighted input of one neuron by at most dz lowers the cost by about
``|delta| dz``, so it sits down where \\|delta\\| is largest (Nielsen, chapter 2, on the error).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.columns import aligned
from chainrule.core.errors import ArgumentError
from chainrule.core.html import table
from chainrule.core.tracebacks import users_frames
from chainrule.insight.swept import Swept, swept
from chainrule.nn.stack import GivenCost

Array = Any

SHOWN = 10
HEAD = ("rank", "layer", "neuron", "delta", "predicted", "real")
MEAN_HEAD = ("rank", "layer", "neuron", "mean |delta|", "mean delta", "predicted", "real")


@dataclass(frozen=True, eq=False)
class Ranks:
    """Neurons by the size of their error, the largest first: entry i has rank i + 1.

    Attributes:
        layer, neuron: where each of them is.
        delta: its error dC/dz; of several examples the mean.
        size: \\|delta\\|, by which they are ordered; of several examples the mean of it.
        predicted: the change of the cost if the demon there does its best: ``-dz size``.
        real: the change that it brings about; of those that were tried, else NaN.
        dz: how far the demon may move a weighted input, to either side.
        cost: the cost C without it.
        examples: how many there are.
    """

    layer: Array
    neuron: Array
    delta: Array
    size: Array
    predicted: Array
    real: Array
    dz: float
    cost: float
    examples: int

    def __len__(self) -> int:
        return len(self.size)

    def rank_of(self, layer: int, neuron: int) -> int:
        """The rank of a neuron, from 1; those with equal errors share the best of their ranks."""
        found = np.flatnonzero((self.layer == layer) & (self.neuron == neuron))
        if len(found) == 0:
            raise ArgumentError(f"neuron {neuron} of layer {layer} is not among those ranked")
        return int(np.sum(self.size > self.size[found[0]])) + 1

    def __str__(self) -> str:
        lines = [self.title, *aligned([self._head, *self._rows()])]
        if len(self) > SHOWN:
            lines.append(f"and {len(self) - SHOWN} more neurons")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return table(self._head, self._rows(), self.title)

    @property
    def title(self) -> str:
        """The cost, and what predicted and real are."""
        of = "" if self.examples == 1 else f", mean of {self.examples} examples"
        return (
            f"neurons by |delta|, C = {self.cost:.6g}{of};"
            f" changes of C by a demon with |dz| <= {self.dz:g}"
        )

    @property
    def _head(self) -> tuple[str, ...]:
        return HEAD if self.examples == 1 else MEAN_HEAD

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                f"{i + 1}",
                f"{self.layer[i]}",
                f"{self.neuron[i]}",
                *([] if self.examples == 1 else [f"{self.size[i]:.4g}"]),
                f"{self.delta[i]:+.4g}",
                f"{self.predicted[i]:+.4g}",
                "" if np.isnan(self.real[i]) else f"{self.real[i]:+.4g}",
            )
            for i in range(min(len(self), SHOWN))
        ]


def rank(
    model: Any,
    x: Array,
    y: Array,
    *,
    layer: int | None = None,
    dz: float = 0.1,
    tried: int | None = None,
    params: Any = None,
    cost: GivenCost = None,
) -> Ranks:
    """Neurons by \\|delta\\|, the largest first, and what a demon at each of them could gain.

    A demon that moves z by at most dz against the sign of delta changes the cost by
    ``-dz |delta|`` to first order (``predicted``), and by ``C(z - dz sign(delta)) - C(z)`` really.
    With several examples it looks at each: neurons are ordered by the mean of \\|delta\\|, and the
    sign is that of the example.

    Args:
        model: a Network, a Sequential of dense layers with ``params`` and ``cost``, what ``cr.fit``
            returned, or the path of a run folder.
        x: one example (n,) or (n, 1), or a batch with examples as rows.
        y: target rows or class numbers.
        layer: rank the neurons of this layer alone, from 1; of all layers by default.
        dz: how far the demon may go.
        tried: compute the real change for so many neurons, the first ones (each takes a sweep from
            its layer on); for all by default.
        params: parameters in place of the model's own.
        cost: a cost in place of the model's own.

    Raises:
        ArgumentError: the layer does not exist, dz is not positive, or tried is negative.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> ranks = cr.insight.rank(net, [0.5, 1.0], [0.0])
    >>> print(ranks)
    neurons by |delta|, C = 0.481202; changes of C by a demon with |dz| <= 0.1
    rank  layer  neuron       delta   predicted        real
    1         2       0    +0.01826   -0.001826   -0.001915
    2         1       1   +0.005841  -0.0005841  -0.0006031
    3         1       2   +0.002289  -0.0002289   -0.000237
    4         1       0  +0.0003388  -3.388e-05   -3.51e-05
    >>> ranks.rank_of(layer=1, neuron=2)
    3
    """
    with users_frames:
        return ranked(swept(model, x, y, params, cost), layer, dz, tried)


def ranked(s: Swept, layer: int | None, dz: float, tried: int | None) -> Ranks:
    """The ranks of neurons, of examples that have been swept over."""
    depth = s.stack.depth
    if layer is not None and not 1 <= layer <= depth:
        raise ArgumentError(f"layer {layer} is not one of 1 to {depth}")
    if not (dz > 0 and np.isfinite(dz)):
        raise ArgumentError(f"dz={dz} must be a positive number: how far the demon may move z")
    if tried is not None and tried < 0:
        raise ArgumentError(f"tried={tried} must be a number of neurons, 0 or more")
    layers = [layer] if layer is not None else list(range(1, depth + 1))
    numbers = np.concatenate([np.arange(s.stack.sizes[n]) for n in layers])
    places = np.repeat(layers, [s.stack.sizes[n] for n in layers])
    size = np.concatenate([np.mean(np.abs(s.delta[n]), axis=0) for n in layers])
    mean = np.concatenate([np.mean(s.delta[n], axis=0) for n in layers])
    order = np.argsort(-size, kind="stable")
    places, numbers, size, mean = (v[order] for v in (places, numbers, size, mean))
    real = np.full(len(order), np.nan)
    for n in layers:
        chosen = np.flatnonzero(places[:tried] == n)
        if len(chosen):
            real[chosen] = _real_changes(s, n, numbers[chosen], dz)
    return Ranks(places, numbers, mean, size, -dz * size, real, dz, s.cost, len(s.X))


def _real_changes(s: Swept, layer: int, neurons: Array, dz: float) -> Array:
    """How the cost changes if z of one neuron after the other goes downhill by dz."""
    best = -dz * np.sign(s.delta[layer])

    def shift(some: Array) -> Array:
        moved = np.zeros((len(some), *best.shape), best.dtype)
        moved[np.arange(len(some)), :, some] = best[:, some].T
        return moved

    return s.moved(layer, neurons, shift) - s.cost
