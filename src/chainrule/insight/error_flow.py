"""How errors grow or shrink on their way back through the layers.

BP2 multiplies the error by the transposed weights and the slope at each layer, so its size changes
by a factor a layer, and by the product of them over the depth: below 1 it vanishes, above 1 it
explodes (Hochreiter 1991; Nielsen, chapter 5; Glorot and Bengio 2010, section 4.2; Pascanu, Mikolov
and Bengio 2013, section 2). What a step of descent changes is seen in the gradient relative to the
weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.columns import aligned
from chainrule.core.html import table
from chainrule.core.tracebacks import users_frames
from chainrule.insight.rows import rows_for, stack_for
from chainrule.nn.stack import GivenCost, Stack
from chainrule.transforms.derived import grad

Array = Any
_HEAD = ("layer", "|delta|", "to next layer", "|nabla_w|", "|nabla_w| / |w|")


@dataclass(frozen=True)
class LayerErrors:
    """The errors of one layer over a batch.

    Attributes:
        norm: the root mean square over examples of ``|delta[l]|``.
        ratio: ``norm`` over that of layer l + 1; None for the output layer.
        gradient: ``|nabla_w[l]|``, of the mean cost.
        relative: ``|nabla_w[l]| / |w[l]|``; None if the weights are not known, or all 0.
    """

    norm: float
    ratio: float | None
    gradient: float
    relative: float | None


@dataclass(frozen=True)
class ErrorFlow:
    """The sizes of errors through a network: ``layers[l]`` is a :class:`LayerErrors`.

    >>> flow = ErrorFlow({1: LayerErrors(0.01, 0.1, 0.1, None),
    ...                   2: LayerErrors(0.1, None, 1.0, None)}, examples=1)
    >>> round(flow.factor, 6)
    0.1
    """

    layers: Mapping[int, LayerErrors]
    examples: int

    @property
    def factor(self) -> float:
        """``|delta[1]| / |delta[L]|``: what the way through all layers makes of an error."""
        last, first = self.layers[max(self.layers)].norm, self.layers[1].norm
        return first / last if last else math.nan

    @property
    def per_layer(self) -> float:
        """The geometric mean of the ratios: the factor a layer; NaN for a single layer."""
        steps = len(self.layers) - 1
        return self.factor ** (1 / steps) if steps else math.nan

    def __str__(self) -> str:
        lines = [
            f"errors, root mean square over {_counted(self.examples)}",
            *aligned([_HEAD, *self._rows()]),
        ]
        if len(self.layers) > 1:
            lines.append(f"times {self.per_layer:.3g} a layer, {self.factor:.3g} over the depth")
        return "\n  ".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        over = _counted(self.examples)
        caption = f"Errors, root mean square over {over}: times {self.per_layer:.3g} a layer"
        return table(_HEAD, self._rows(), caption)

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (str(n), *map(_shown, (layer.norm, layer.ratio, layer.gradient, layer.relative)))
            for n, layer in self.layers.items()
        ]


def _counted(examples: int) -> str:
    return f"{examples:,} example" if examples == 1 else f"{examples:,} examples"


def _shown(x: float | None) -> str:
    return "-" if x is None else f"{x:.3g}"


def error_flow(
    model: Any, X: Array, Y: Array, *, params: Any = None, cost: GivenCost = None
) -> ErrorFlow:
    """The sizes of errors and gradients, layer by layer, over a batch.

    Args:
        model: a Network, a Sequential with ``params`` and ``cost``, or a result of ``cr.fit``.
        X, Y: examples as rows, with class numbers or target rows.

    >>> import numpy as np, chainrule as cr
    >>> deep = cr.nn.Network([4] + [8] * 10 + [2], init="scaled")
    >>> flow = cr.insight.error_flow(deep, np.ones((5, 4)), np.zeros(5, int))
    >>> flow.per_layer < 1 / 4  # sigma' is at most 1/4
    True
    """
    with users_frames:
        stack = stack_for(model, params, cost)
        rows, targets = rows_for(stack, X, Y)
        a, delta = errors_at(stack, rows, targets)
        return flow_of(a, delta, stack.weights)


def errors_at(stack: Stack, X: Array, Y: Array) -> tuple[dict[int, Array], dict[int, Array]]:
    """Activations and errors of each example, ``a[l]`` and ``delta[l]``.

    A bias of each example's own, added to z, has that example's error as gradient (BP3).
    """
    own = {n: np.broadcast_to(b, (len(X), len(b))).copy() for n, b in stack.biases.items()}

    def total(biases: dict[int, Array]) -> tuple[Array, dict[int, Array]]:
        forward = stack.forward(X, Y, biases=biases)
        return np.sum(forward.costs), forward.a

    with np.errstate(all="ignore"):  # what is not finite is for the reader to see
        delta, a = grad(total, has_aux=True)(own)
    return a, delta


def flow_of(
    a: Mapping[int, Array], delta: Mapping[int, Array], weights: Mapping[int, Array] | None
) -> ErrorFlow:
    """The same of known activations and errors; weights may be unknown."""
    examples = len(delta[1])
    norms = {n: math.sqrt(float(np.sum(_wide(d) ** 2)) / examples) for n, d in delta.items()}
    layers: dict[int, LayerErrors] = {}
    for n, d in delta.items():
        above = norms.get(n + 1)
        gradient = float(np.linalg.norm(_wide(d).T @ _wide(a[n - 1]))) / examples
        size = float(np.linalg.norm(_wide(weights[n]))) if weights else 0.0
        relative = gradient / size if size else None
        layers[n] = LayerErrors(norms[n], norms[n] / above if above else None, gradient, relative)
    return ErrorFlow(layers, examples)


def _wide(x: Array) -> Array:
    return np.asarray(x, np.float64)
