"""The four equations for one example, with its numbers in them.

The equations are those of the network's derivation (``derivation/network.py``), simplified for its
activations and cost; the numbers are those of one forward and one reverse sweep (``swept.py``). Of
each equation the entry that matters most is written out, and checked: a derivative against a
difference of the cost, by the demon who nudges it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.core import html
from chainrule.core.columns import aligned
from chainrule.core.errors import ShapeError
from chainrule.core.tracebacks import users_frames
from chainrule.drawing.short import factor, number
from chainrule.insight.derivations.lines import Line
from chainrule.insight.derivations.network import network_derivation
from chainrule.insight.moves import Chosen
from chainrule.insight.notation.live import live
from chainrule.insight.notation.reading import evaluate_expression
from chainrule.insight.notation.text import text
from chainrule.insight.nudge import nudged
from chainrule.insight.swept import Swept, swept
from chainrule.nn.display import name_of
from chainrule.nn.stack import GivenCost

Array = Any
Index = tuple[int, ...]

STEP = 1e-4  # of the differences that gradients are checked against
_AGREES = 1e-4
_SHOWN = 10  # neurons of a layer that is written out
_TERMS = 3  # of a sum that is written out


@dataclass(frozen=True)
class Entry:
    """One entry of an equation, with numbers.

    Attributes:
        name: of the left side, ``δ^2[7]``.
        terms: the right side with numbers in the place of symbols.
        value: what it is.
        difference: the same by a central difference of the cost.
        sum: of what comes back from the next layer, its largest terms; "" where nothing does.
    """

    name: str
    terms: str
    value: float
    difference: float
    sum: str = ""

    def __str__(self) -> str:
        same = "" if self.terms == number(self.value) else f" = {self.terms}"
        from_next = f"\n    {self.sum}" if self.sum else ""
        return f"{self.name}{same} = {number(self.value)}{from_next}"

    __repr__ = __str__


@dataclass(frozen=True)
class LiveEquation:
    """One of the four equations for one layer.

    Attributes:
        label: "BP1" to "BP4".
        layer: the layer that it gives a derivative in.
        formula: the equation in symbols, simplified for this network.
        assumptions: under which the formula holds, in symbols.
        entries: entries of it with numbers, the largest first.
    """

    label: str
    layer: int
    formula: str
    assumptions: tuple[str, ...]
    entries: tuple[Entry, ...]


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
        lines = network_derivation(found.stack, (found.X[0], found.Y[0])).lines
        writer = _Writer(found, lines, max(entries, 1))
        return Explanation(
            x=found.X[0],
            target=found.Y[0],
            outputs=_outputs(found, classes),
            cost=found.cost,
            layers=tuple(_layer(found, n) for n in found.z),
            equations=tuple(writer.equations()),
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


class _Writer:
    """Equations of single layers, in numbers."""

    def __init__(self, found: Swept, lines: tuple[Line, ...], entries: int) -> None:
        self._found = found
        self._lines = lines
        self._entries = entries
        self._depth = found.stack.depth

    def equations(self) -> list[LiveEquation]:
        """BP1, then BP2 for each hidden layer going back, and BP3 and BP4 with each."""
        made: list[LiveEquation] = []
        for n in range(self._depth, 0, -1):
            made.append(self._errors("BP1" if n == self._depth else "BP2", n))
            made.append(self._biases(n))
            made.append(self._weights(n))
        return made

    def _line(self, left: str, n: int) -> Line:
        """The most special equation for a derivative in a layer that holds at these numbers."""
        names = [left.format(n="l"), *([left.format(n="L")] if n == self._depth else [])]
        lines = [x for x in self._lines if n in x.layers and text(x.left) in names]
        return next((x for x in reversed(lines) if self._holds(x, n)), lines[0])

    def _holds(self, line: Line, n: int) -> bool:
        """Whether what was assumed is true: targets that add up to 1, for one."""
        values = self._values(line, n)
        return all(np.all(evaluate_expression(x, values)) for x in line.assumptions)

    def _values(self, line: Line, n: int) -> dict[str, Array]:
        """The numbers of the symbols around layer n, by their texts in this line."""
        base = "L" if text(line.left).endswith("L") else "l"
        values: dict[str, Array] = {"y": self._found.Y[0], "x": self._found.X[0]}
        for shift in (-1, 0, 1):
            m, index = n + shift, base if not shift else f"({base}{shift:+d})"
            for family, kept in self._families().items():
                if m in kept:
                    values[f"{family}^{index}"] = kept[m]
        return values

    def _families(self) -> Mapping[str, dict[int, Array]]:
        found = self._found
        one = {
            "z": found.z, "a": found.a, "δ": {n: d for n, d in found.delta.items() if n},
        }  # fmt: skip
        rows = {family: {n: x[0] for n, x in kept.items()} for family, kept in one.items()}
        return {**rows, "W": found.stack.weights, "b": found.stack.biases}

    def _numbered(self, shown: str, n: int, line: Line) -> str:
        """A text with the layer's number in the place of its letter."""
        base = "L" if text(line.left).endswith("L") else "l"
        for shift in (-1, 1):
            shown = shown.replace(f"^({base}{shift:+d})", f"^{n + shift}")
        return shown.replace(f"^{base}", f"^{n}")

    def _live(
        self, label: str, line: Line, n: int, name: str, values: Array, where: str
    ) -> LiveEquation:
        """The entries of largest size, written out."""
        known = self._values(line, n)
        order = np.argsort(-np.abs(values), axis=None, kind="stable")[: self._entries]
        places: list[list[int]] = np.stack(np.unravel_index(order, values.shape), axis=1).tolist()
        entries: list[Entry] = []
        for index in map(tuple, places):
            terms = text(live(line.right, known, index)) if values.ndim == 1 else ""
            value = float(values[index])
            entries.append(
                Entry(
                    f"{name}{list(index)}",
                    terms or self._product(n, index),
                    value,
                    self._difference(n, where, index),
                    self._sum(n, index[0]) if label == "BP2" else "",
                )
            )
        assumptions = tuple(self._numbered(text(x), n, line) for x in line.assumptions)
        formula = self._numbered(str(line), n, line)
        return LiveEquation(label, n, formula, assumptions, tuple(entries))

    def _errors(self, label: str, n: int) -> LiveEquation:
        line = self._line("δ^{n}", n)
        return self._live(label, line, n, f"δ^{n}", self._found.delta[n][0], "neuron")

    def _biases(self, n: int) -> LiveEquation:
        line = self._line("∂C/∂b^{n}", n)
        return self._live("BP3", line, n, f"∂C/∂b^{n}", self._found.delta[n][0], "bias")

    def _weights(self, n: int) -> LiveEquation:
        line = self._line("∂C/∂W^{n}", n)
        delta, before = self._found.delta[n][0], self._found.a[n - 1][0]
        return self._live("BP4", line, n, f"∂C/∂W^{n}", np.outer(delta, before), "weight")

    def _product(self, n: int, index: Index) -> str:
        """An entry of an outer product: δ_j a_k."""
        j, k = index
        delta, before = self._found.delta[n][0][j], self._found.a[n - 1][0][k]
        return f"{factor(delta)} · {factor(before)}"

    def _sum(self, n: int, k: int) -> str:
        """The sum that comes back from the next layer to a neuron, its largest terms first."""
        weights, delta = self._found.stack.weights[n + 1][:, k], self._found.delta[n + 1][0]
        order = np.argsort(-np.abs(weights * delta), kind="stable")
        terms = [f"{factor(weights[j])} · {factor(delta[j])}" for j in order[:_TERMS]]
        more = len(order) - len(terms)
        shown = " + ".join([*terms, *([f"{more} more"] if more else [])])
        total = number(float(weights @ delta))
        return f"(W^{n + 1}ᵀ δ^{n + 1})[{k}] = {shown} = {total}"

    def _difference(self, n: int, where: str, index: Index) -> float:
        """The derivative by a central difference: the demon moves this number alone."""
        place: Any = index if where == "weight" else index[0]
        chosen = replace(Chosen(n, None, None, None, None, None), **{where: place})
        found = nudged(self._found, chosen, np.array([STEP, -STEP]))
        return float((found.curve[0] - found.curve[1]) / (2 * STEP))
