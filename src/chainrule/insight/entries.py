"""The four equations of one example, entry by entry: each with its numbers and its check.

The equations are those of the derivation (``derivations/network.py``) for the network, or for a
narrow one of its kind (``narrow.py``), the numbers those of one forward and one reverse sweep
(``swept.py``). An entry is what one line of an equation says of one number: its terms, what they
come to, and the same by a difference of the cost.
``explanation.py`` writes out the largest, the page any that somebody points at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.drawing.short import factor, number
from chainrule.insight.derivations.lines import Line
from chainrule.insight.derivations.network import GENERAL, network_derivation
from chainrule.insight.moves import Chosen
from chainrule.insight.narrow import narrow
from chainrule.insight.notation.latex import latex
from chainrule.insight.notation.live import live
from chainrule.insight.notation.reading import evaluate_expression
from chainrule.insight.notation.text import text
from chainrule.insight.nudge import nudged
from chainrule.insight.swept import Swept, swept_stack
from chainrule.nn.costs import Cost

Array = Any
Index = tuple[int, ...]

STEP = 1e-4  # of the differences that gradients are checked against
LABELS = ("BP1", "BP2", "BP3", "BP4")
_LEFT = {"BP1": "δ^{n}", "BP2": "δ^{n}", "BP3": "∂C/∂b^{n}", "BP4": "∂C/∂W^{n}"}
_MOVED = {"BP1": "neuron", "BP2": "neuron", "BP3": "bias", "BP4": "weight"}
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
class Forms:
    """One of the four equations in LaTeX.

    Attributes:
        general: for any activation and any cost.
        special: as it is for this network.
        assumptions: under which the special form holds.
    """

    general: str
    special: str
    assumptions: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class BackSum:
    """What comes back to a neuron from the next layer, ``(W^(l+1)ᵀ δ^(l+1))[k]``.

    Attributes:
        neurons: of the next layer, those with the largest products first.
        weights, errors, products: of each; a product is weight times error.
        total: the sum of all products.
    """

    neurons: Array
    weights: Array
    errors: Array
    products: Array
    total: float

    def rest(self, shown: int) -> float:
        """The sum of all but the first ``shown`` products."""
        return float(self.products[shown:].sum())


class FourEquations:
    """BP1 to BP4 of one example.

    Args:
        found: the example, swept over.

    >>> import chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1], seed=1)
    >>> four = cr.insight.Demon(net, [0.5, -1.0], [1.0]).equations
    >>> four.entry("BP1", 2, (0,))
    δ^2[0] = (0.2149 - 1) · 0.2149 · (1 - 0.2149) = -0.1325
    >>> four.forms("BP2", 1).special
    '\\\\delta^{1} = ((W^{2})^{\\\\top} \\\\, \\\\delta^{2}) \\\\odot a^{1} \\\\odot (1 - a^{1})'
    """

    def __init__(self, found: Swept) -> None:
        if len(found.X) != 1:
            raise ShapeError(
                f"the four equations are of one example, got {len(found.X)}; choose a row of X"
            )
        self._found = found
        self._depth = found.stack.depth

    def under(self, cost: Cost) -> FourEquations:
        """The same network and example with another cost."""
        found = self._found
        return FourEquations(swept_stack(replace(found.stack, cost=cost), found.X, found.Y))

    @cached_property
    def _lines(self) -> tuple[Line, ...]:
        stack, x = narrow(self._found.stack, self._found.X[0])
        return network_derivation(stack, (x, self._found.Y[0])).lines

    @property
    def places(self) -> list[tuple[str, int]]:
        """Equations and layers as the sweep goes: BP1, BP3, BP4, then BP2 of the layer before."""
        return [
            (label, n)
            for n in range(self._depth, 0, -1)
            for label in ("BP1" if n == self._depth else "BP2", "BP3", "BP4")
        ]

    def values(self, label: str, n: int) -> Array:
        """What an equation gives for a layer: (n_l,), or (n_l, n_(l-1)) for BP4."""
        self._check(label, n)
        delta = self._found.delta[n][0]
        return np.outer(delta, self._found.a[n - 1][0]) if label == "BP4" else delta

    def forms(self, label: str, n: int) -> Forms:
        """The equation in symbols, with the layer's number."""
        self._check(label, n)
        lines = [x for x in self._lines if x.section == GENERAL and n in x.layers]
        general = next(x for x in lines if x.reason.startswith(label))
        special = self._line(label, n)
        return Forms(
            _equation(general, n),
            _equation(special, n),
            tuple(_numbered_latex(latex(x), n, special) for x in special.assumptions),
        )

    def largest(self, label: str, n: int, count: int) -> list[Index]:
        """The places of the entries of largest size."""
        values = self.values(label, n)
        order = np.argsort(-np.abs(values), axis=None, kind="stable")[:count]
        places: list[list[int]] = np.stack(np.unravel_index(order, values.shape), axis=1).tolist()
        return [tuple(place) for place in places]

    def with_largest(self, count: int) -> tuple[LiveEquation, ...]:
        """All equations, each with its largest entries."""
        return tuple(self._live(label, n, count) for label, n in self.places)

    def entry(self, label: str, n: int, index: Index) -> Entry:
        """One entry in numbers, and its check.

        Raises:
            ArgumentError: there is no such equation, layer or entry.
        """
        values, index = self.values(label, n), tuple(index)
        if len(index) != values.ndim or not all(
            0 <= i < size for i, size in zip(index, values.shape, strict=True)
        ):
            raise ArgumentError(
                f"{label} of layer {n} has the shape {values.shape}, and no entry {list(index)}"
            )
        line = self._line(label, n)
        return Entry(
            f"{_LEFT[label].format(n=n)}{list(index)}",
            self._product(n, index)
            if label == "BP4"
            else text(live(line.right, self._values(line, n), index)),
            float(values[index]),
            self._difference(n, _MOVED[label], index),
            self._sum(n, index[0]) if label == "BP2" else "",
        )

    def back(self, n: int, k: int) -> BackSum:
        """The sum that comes back from layer n + 1 to neuron k of layer n, largest terms first."""
        self._check("BP2", n)
        weights, delta = self._found.stack.weights[n + 1][:, k], self._found.delta[n + 1][0]
        products = weights * delta
        order = np.argsort(-np.abs(products), kind="stable")
        total = float(weights @ delta)
        return BackSum(order, weights[order], delta[order], products[order], total)

    def _check(self, label: str, n: int) -> None:
        first, last = {"BP1": (self._depth, self._depth), "BP2": (1, self._depth - 1)}.get(
            label, (1, self._depth)
        )
        if label not in LABELS:
            raise ArgumentError(f"{label!r} is not one of {', '.join(LABELS)}")
        if not first <= n <= last:
            there = f"layers {first} to {last}" if first <= last else "no layer of this network"
            raise ArgumentError(f"{label} holds for {there}, not for layer {n}")

    def _line(self, label: str, n: int) -> Line:
        """The most special equation for a derivative in a layer that holds at these numbers."""
        left = _LEFT[label]
        names = [left.format(n="l"), *([left.format(n="L")] if n == self._depth else [])]
        lines = [x for x in self._lines if n in x.layers and text(x.left) in names]
        return next((x for x in reversed(lines) if self._holds(x, n)), lines[0])

    def _holds(self, line: Line, n: int) -> bool:
        """Whether what was assumed is true: targets that add up to 1, for one."""
        values = self._values(line, n)
        return all(np.all(evaluate_expression(x, values)) for x in line.assumptions)

    def _values(self, line: Line, n: int) -> dict[str, Array]:
        """The numbers of the symbols around layer n, by their texts in this line."""
        base = _base(line)
        values: dict[str, Array] = {"y": self._found.Y[0], "x": self._found.X[0]}
        for shift in (-1, 0, 1):
            m, index = n + shift, base if not shift else f"({base}{shift:+d})"
            for family, kept in self._families.items():
                if m in kept:
                    values[f"{family}^{index}"] = kept[m]
        return values

    @cached_property
    def _families(self) -> Mapping[str, dict[int, Array]]:
        found = self._found
        one = {
            "z": found.z, "a": found.a, "δ": {n: d for n, d in found.delta.items() if n},
        }  # fmt: skip
        rows = {family: {n: x[0] for n, x in kept.items()} for family, kept in one.items()}
        return {**rows, "W": found.stack.weights, "b": found.stack.biases}

    def _live(self, label: str, n: int, count: int) -> LiveEquation:
        line = self._line(label, n)
        entries = tuple(self.entry(label, n, index) for index in self.largest(label, n, count))
        assumptions = tuple(_numbered(text(x), n, line) for x in line.assumptions)
        return LiveEquation(label, n, _numbered(str(line), n, line), assumptions, entries)

    def _product(self, n: int, index: Index) -> str:
        """An entry of an outer product: δ_j a_k."""
        j, k = index
        delta, before = self._found.delta[n][0][j], self._found.a[n - 1][0][k]
        return f"{factor(delta)} · {factor(before)}"

    def _sum(self, n: int, k: int) -> str:
        """The sum that comes back from the next layer to a neuron, its largest terms first."""
        back = self.back(n, k)
        pairs = list(zip(back.weights, back.errors, strict=True))
        terms = [f"{factor(weight)} · {factor(error)}" for weight, error in pairs[:_TERMS]]
        more = len(pairs) - len(terms)
        shown = " + ".join([*terms, *([f"{more} more"] if more else [])])
        return f"(W^{n + 1}ᵀ δ^{n + 1})[{k}] = {shown} = {number(back.total)}"

    def _difference(self, n: int, where: str, index: Index) -> float:
        """The derivative by a central difference: the demon moves this number alone."""
        place: Any = index if where == "weight" else index[0]
        chosen = replace(Chosen(n, None, None, None, None, None), **{where: place})
        found = nudged(self._found, chosen, np.array([STEP, -STEP]))
        return float((found.curve[0] - found.curve[1]) / (2 * STEP))


def _base(line: Line) -> str:
    """The letter that a line has for its layer."""
    return "L" if text(line.left).endswith("L") else "l"


def _numbered(shown: str, n: int, line: Line) -> str:
    """A text with the layer's number in the place of its letter."""
    base = _base(line)
    for shift in (-1, 1):
        shown = shown.replace(f"^({base}{shift:+d})", f"^{n + shift}")
    return shown.replace(f"^{base}", f"^{n}")


def _numbered_latex(shown: str, n: int, line: Line) -> str:
    base = _base(line)
    for mark in "^_":
        for index, number_ in ((f"{base}-1", n - 1), (f"{base}+1", n + 1), (base, n)):
            shown = shown.replace(f"{mark}{{{index}}}", f"{mark}{{{number_}}}")
    return shown


def _equation(line: Line, n: int) -> str:
    return _numbered_latex(f"{latex(line.left)} = {latex(line.right)}", n, line)
