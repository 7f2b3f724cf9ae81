"""A demon that has looked at some examples once, and answers many questions about them.

Nudges of one example after the other need its forward values and errors: two sweeps, which are made
here once. A nudge then costs the layers from its own on; a slider is followed as it is dragged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from chainrule.core.tracebacks import users_frames
from chainrule.insight.cascade import Cascade, cascaded
from chainrule.insight.entries import FourEquations
from chainrule.insight.moves import Chosen
from chainrule.insight.nudge import Nudge, nudged
from chainrule.insight.ranks import Ranks, ranked
from chainrule.insight.swept import swept
from chainrule.nn.stack import GivenCost

Array = Any


class Demon:
    """``nudge``, ``rank`` and ``cascade`` of the same examples, without sweeping again.

    It keeps the parameters that the model had when the demon was made.

    Args:
        model: a Network, a Sequential of dense layers with ``params`` and ``cost``, what ``cr.fit``
            returned, or the path of a run folder.
        x: one example (n,) or (n, 1), or a batch with examples as rows.
        y: target rows or class numbers.
        params: parameters in place of the model's own.
        cost: a cost in place of the model's own.

    >>> import numpy as np, chainrule as cr
    >>> demon = cr.insight.Demon(cr.nn.Network([2, 3, 1]), [0.5, 1.0], [0.0])
    >>> [float(demon.nudge(layer=1, neuron=j, dz=0.1).real.round(4)) for j in range(3)]
    [0.0, 0.0006, 0.0002]
    >>> demon
    Demon of [2, 3, 1] at 1 example, C = ...: .nudge, .rank, .cascade
    """

    def __init__(
        self, model: Any, x: Array, y: Array, *, params: Any = None, cost: GivenCost = None
    ) -> None:
        with users_frames:
            self._swept = swept(model, x, y, params, cost)

    def __repr__(self) -> str:
        sizes, n = self._swept.stack.sizes, len(self._swept.X)
        examples = "1 example" if n == 1 else f"{n:,} examples"
        return f"Demon of {sizes} at {examples}, C = {self.cost:.6g}: .nudge, .rank, .cascade"

    @property
    def cost(self) -> float:
        """The mean cost of the examples, with nothing moved."""
        return self._swept.cost

    @cached_property
    def equations(self) -> FourEquations:
        """BP1 to BP4 of its one example, entry by entry."""
        with users_frames:
            return FourEquations(self._swept)

    def nudge(
        self,
        *,
        layer: int | None = None,
        neuron: int | None = None,
        bias: int | None = None,
        weight: Sequence[int] | None = None,
        input: int | None = None,
        along: Any = None,
        dz: Any = None,
    ) -> Nudge:
        """One number is nudged: see :func:`~chainrule.insight.nudge.nudge`."""
        with users_frames:
            return nudged(self._swept, Chosen(layer, neuron, bias, weight, input, along), dz)

    def rank(self, *, layer: int | None = None, dz: float = 0.1, tried: int | None = None) -> Ranks:
        """Neurons by the size of their errors: see :func:`~chainrule.insight.ranks.rank`."""
        with users_frames:
            return ranked(self._swept, layer, dz, tried)

    def cascade(
        self,
        *,
        layer: int | None = None,
        neuron: int | None = None,
        bias: int | None = None,
        weight: Sequence[int] | None = None,
        input: int | None = None,
        along: Any = None,
        dz: float = 0.01,
    ) -> Cascade:
        """A change from layer to layer: see :func:`~chainrule.insight.cascade.cascade`."""
        with users_frames:
            return cascaded(self._swept, Chosen(layer, neuron, bias, weight, input, along), dz)
