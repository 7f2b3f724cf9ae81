"""The four equations for one example, with its numbers in them.

Of each equation (``entries.py``) the entries that matter most are written out, and checked: a
derivative against a difference of the cost, by the demon who nudges it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core import html
from chainrule.core.columns import aligned
from chainrule.core.errors import ShapeError
from chainrule.core.tracebacks import users_frames
from chainrule.drawing.short import number
from chainrule.insight.entries import FourEquations, LiveEquation
from chainrule.insight.swept import Swept, swept
from chainrule.nn.display import name_of
from chainrule.nn.stack import GivenCost

Array = Any

_AGREES = 1e-4
_SHOWN = 10  # neurons of a layer that is written out


@dataclass(frozen=True)
class LayerRow:
    """One layer in numbers: the sizes of its weighted inputs and errors, its mean activation."""

    layer: int
    activation: str
    neurons: int
    norm_z: float
    mean_a: float
    norm_delta: float


@dataclass(frozen=True)
class NeuronRow:
    """One neuron of the output layer, and the class that it stands for, if it is known."""

    neuron: int
    z: float
    a: float
    y: float
    delta: float
    name: str = ""


@dataclass(frozen=True, eq=False)
class Explanation:
    """What a network computes for one example, forwards and backwards.

    Attributes:
        x: the input.
        target: what the outputs should be.
        outputs: a row for each output neuron.
        cost: C_x.
        layers: a row for each layer.
        equations: BP1 to BP4, from the last layer back.
        sensitivity: dC/dx, which inputs would change the cost.
    """

    x: Array
    target: Array
    outputs: tuple[NeuronRow, ...]
    cost: float
    layers: tuple[LayerRow, ...]
    equations: tuple[LiveEquation, ...]
    sensitivity: Array

    @property
    def largest_gap(self) -> float:
        """The largest relative gap between an entry and its difference quotient."""
        entries = [e for equation in self.equations for e in equation.entries]
        scale = max((abs(e.value) for e in entries), default=0.0) or 1.0
        return max((abs(e.value - e.difference) / scale for e in entries), default=0.0)

    def __str__(self) -> str:
        return "\n".join([*self._forward(), "", *self._backward()])

    __repr__ = __str__

    def _forward(self) -> list[str]:
        head = ("layer", "activation", "neurons", "|z|", "mean a", "|δ|")
        rows = [
            (
                str(r.layer), r.activation, f"{r.neurons:,}",
                *map(number, (r.norm_z, r.mean_a, r.norm_delta)),
            )
            for r in self.layers
        ]  # fmt: skip
        lines = [f"cost C = {number(self.cost)}", *(f"  {x}" for x in aligned([head, *rows]))]
        few = sorted(self.outputs, key=lambda row: -abs(row.delta))[:_SHOWN]
        outputs = [
            (f"{r.neuron} {r.name}".rstrip(), *map(number, (r.z, r.a, r.y, r.delta)))
            for r in sorted(few, key=lambda row: row.neuron)
        ]
        depth = len(self.layers)
        names = ("output neuron", f"z^{depth}", f"a^{depth}", "y", f"δ^{depth}")
        lines += ["", *(f"  {x}" for x in aligned([names, *outputs]))]
        if len(few) < len(self.outputs):
            lines.append(f"  and {len(self.outputs) - len(few):,} more with smaller errors")
        return lines

    def _backward(self) -> list[str]:
        lines: list[str] = []
        for e in self.equations:
            where = f", where {' and '.join(e.assumptions)}" if e.assumptions else ""
            lines.append(f"{e.label}  {e.formula}{where}")
            lines += [f"     {line}" for entry in e.entries for line in str(entry).split("\n")]
        checked = sum(len(e.entries) for e in self.equations)
        gap = f"{self.largest_gap:.0e} of the largest"
        if self.largest_gap < _AGREES:
            verdict = f"all {checked} entries agree with central differences of the cost to {gap}"
        else:
            verdict = f"entries and central differences of the cost are up to {gap} apart: a kink?"
        return [*lines, "", verdict]

    def _repr_html_(self) -> str:
        head = ["", "equation", "with numbers"]
        rows = [[e.label, e.formula, "\n".join(map(str, e.entries))] for e in self.equations]
        return html.table(head, rows, f"The four equations, C = {number(self.cost)}")


def explain(
    model: Any,
    x: Array,
    y: Array,
    *,
    params: Any = None,
    cost: GivenCost = None,
    entries: int = 2,
    classes: Sequence[str] = (),
) -> Explanation:
    """The four equations of backpropagation for one example, with its numbers in them.

    ``δ^L = ∂C/∂a^L ⊙ σ′(z^L)`` (BP1), ``δ^l = (W^(l+1)ᵀ δ^(l+1)) ⊙ σ′(z^l)`` (BP2),
    ``∂C/∂b^l = δ^l`` (BP3), ``∂C/∂W^l = δ^l a^(l-1)ᵀ`` (BP4), each in the form that it has for this
    network's activations and cost, and written out for its largest entries.

    Args:
        model: a Network, a Sequential of dense layers with ``params`` and ``cost``, what ``cr.fit``
            returned, or the path of a run folder.
        x: one example, of shape (n,), (n, 1) or (1, n).
        y: its target, as a row or a class number.
        params, cost: in place of the model's own.
        entries: how many entries of each equation to write out.
        classes: what the output neurons stand for, to be written beside their numbers.

    Returns:
        :class:`Explanation`; ``str()`` is what ``chainrule explain`` prints.

    Raises:
        ShapeError: x or y do not fit, or are more than one example.
        GradientError: an equation does not hold for the numbers, which would be a mistake here.

    >>> import chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1], seed=1)
    >>> print(explain(net, [0.5, -1.0], [1.0], entries=1))
    cost C = ...
      layer  activation  neurons      |z|   mean a        |δ|
      1         sigmoid        3 ...
      2         sigmoid        1 ...
    ...
    BP1  δ^2 = (a^2 - y) ⊙ a^2 ⊙ (1 - a^2)
         δ^2[0] = (0.2149 - 1) · 0.2149 · (1 - 0.2149) = -0.1325
    ...
    BP4  ∂C/∂W^1 = δ^1 a^0ᵀ
    ...

    Source: Nielsen, chapter 2, equations BP1 to BP4.
    """
    with users_frames:
        found = swept(model, x, y, params, cost)
        if len(found.X) != 1:
            raise ShapeError(f"explain takes one example, got {len(found.X)}; choose a row of X")
        four = FourEquations(found)
        return Explanation(
            x=found.X[0],
            target=found.Y[0],
            outputs=_outputs(found, classes),
            cost=found.cost,
            layers=tuple(_layer(found, n) for n in found.z),
            equations=four.with_largest(max(entries, 1)),
            sensitivity=found.delta[0][0],
        )


def _outputs(found: Swept, classes: Sequence[str]) -> tuple[NeuronRow, ...]:
    last = found.stack.depth
    columns = (found.z[last][0], found.a[last][0], found.Y[0], found.delta[last][0])
    width = len(found.Y[0])
    names = classes if len(classes) == width else [""] * width  # one neuron may tell two apart
    return tuple(
        NeuronRow(j, *map(float, numbers), name="" if names[j] == str(j) else names[j])
        for j, numbers in enumerate(zip(*columns, strict=True))
    )


def _layer(found: Swept, n: int) -> LayerRow:
    z: Array = found.z[n][0]
    a: Array = found.a[n][0]
    delta: Array = found.delta[n][0]
    name = name_of(found.stack.activations[n])
    norm = np.linalg.norm
    return LayerRow(n, name, int(z.size), float(norm(z)), float(a.mean()), float(norm(delta)))
