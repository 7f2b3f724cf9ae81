"""A small change on its way through a network, step by step: the chain rule seen forwards.

A change of z[l] makes one of a[l], that one of z[l+1], and so on to the cost. Predicted, each is
the one before times a local derivative: ``da = sigma'(z) dz``, ``dz[l+1] = w[l+1] da[l]``. In a
chain of single neurons these are numbers, and their product is the derivative of the cost (Nielsen,
Neural Networks and Deep Learning, chapter 5, on why gradients of deep chains vanish).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.columns import aligned
from chainrule.core.errors import ArgumentError
from chainrule.core.html import table
from chainrule.core.tracebacks import users_frames
from chainrule.insight.moves import Chosen, Move, move_of
from chainrule.insight.swept import Swept, swept
from chainrule.nn.record import cost_derivative
from chainrule.nn.stack import GivenCost
from chainrule.transforms.jvp import jvp

Array = Any

CHAIN_HEAD = ("step", "factor", "product", "predicted", "real")
MOST_FACTORS = 12  # in one line
WIDE_HEAD = ("step", "factor", "|predicted|", "|real|", "strongest", "predicted", "real")


@dataclass(frozen=True, eq=False)
class Step:
    """One change that follows from the one before.

    Attributes:
        name: what changes: "dz[2]", "da[2]", "dC".
        rule: what that is, of the step before: "w[2] da[1]".
        layer: where.
        factor: where one number makes one number the local derivative; else how many times as
            long the predicted change is as the one before.
        predicted: the change to first order, a number for each neuron of the layer.
        real: the change that there is.
    """

    name: str
    rule: str
    layer: int
    factor: float
    predicted: Array
    real: Array

    @property
    def line(self) -> str:
        """What changes and why: "dz[2] = w[2] da[1]"."""
        return f"{self.name} = {self.rule}" if self.rule else self.name

    @property
    def strongest(self) -> int:
        """The neuron whose predicted change is largest."""
        return int(np.argmax(np.abs(self.predicted)))


@dataclass(frozen=True, eq=False)
class Cascade:
    """A change followed from where it begins to the cost.

    Attributes:
        name: what is changed: "b[1][0]", "w[2][7, 3]", ...
        change: how the change is called: "db", "dw", ...
        dz: how large it is.
        value: the number that is changed as it is now; None where it is not one number.
        steps: from the first weighted inputs that change to dC.
        is_chain: whether there is one neuron in each layer on the way.
        cost: the cost C without the change.
        derivative: dC/d(what is changed), by one sweep backwards.
    """

    name: str
    change: str
    dz: float
    value: float | None
    steps: tuple[Step, ...]
    is_chain: bool
    cost: float
    derivative: float

    @property
    def factors(self) -> dict[str, float]:
        """The factor of each step by its name, in order; their product is ``product``."""
        return {step.name: step.factor for step in self.steps}

    @property
    def product(self) -> float:
        """The predicted dC divided by the change: in a chain the product of all factors."""
        if self.is_chain:
            return float(np.prod([step.factor for step in self.steps]))
        return float(self.steps[-1].predicted[0]) / self.dz

    @property
    def real(self) -> float:
        """The real dC divided by the change."""
        return float(self.steps[-1].real[0]) / self.dz

    def __str__(self) -> str:
        rows = self._rows()
        return "\n".join([self.title, *aligned([self._head, *rows]), *self.sums])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        sums = "".join(f"<p>{line}</p>" for line in self.sums)
        return table(self._head, self._rows(), self.title) + sums

    @property
    def title(self) -> str:
        """What is changed, by how much, and the cost."""
        now = "" if self.value is None else f" = {self.value:.4g}"
        return f"cascade from {self.name}{now}: {self.change} = {self.dz:g}, C = {self.cost:.6g}"

    @property
    def sums(self) -> tuple[str, ...]:
        """What comes out at the end, in lines: by the steps, by the sweep backwards and really."""
        name = f"dC/{self.change}"
        ways = f"{self.derivative:.6g} by the reverse sweep, {self.real:.6g} by the real change"
        if not self.is_chain:
            return (f"{name} = {self.product:.6g} step by step, {ways}",)
        factors = [f"{step.factor:.4g}" for step in self.steps]
        if len(factors) > MOST_FACTORS:
            factors[MOST_FACTORS // 2 : -MOST_FACTORS // 2] = ["..."]
        product = f"{name} = {' * '.join(factors)} = {self.product:.6g}"
        return (product, f"{' ' * len(name)} = {ways}")

    @property
    def _head(self) -> tuple[str, ...]:
        return CHAIN_HEAD if self.is_chain else WIDE_HEAD

    def _rows(self) -> list[tuple[str, ...]]:
        return self._chain_rows() if self.is_chain else [_wide_row(step) for step in self.steps]

    def _chain_rows(self) -> list[tuple[str, ...]]:
        products = np.cumprod([step.factor for step in self.steps])
        return [
            (
                step.line,
                f"{step.factor:.4g}",
                f"{product:.4g}",
                f"{step.predicted[0]:+.5g}",
                f"{step.real[0]:+.5g}",
            )
            for step, product in zip(self.steps, products, strict=True)
        ]


def _wide_row(step: Step) -> tuple[str, ...]:
    j = step.strongest
    where = "" if step.name == "dC" else f"{step.name}[{j}]"
    norms = [float(np.linalg.norm(v)) for v in (step.predicted, step.real)]
    ends = [f"{v[j]:+.4g}" for v in (step.predicted, step.real)]
    return (
        step.line,
        f"{step.factor:.4g}",
        *(f"{norm:.4g}" for norm in norms),
        where,
        *ends,
    )


def cascade(
    model: Any,
    x: Array,
    y: Array,
    *,
    layer: int | None = None,
    neuron: int | None = None,
    bias: int | None = None,
    weight: Sequence[int] | None = None,
    input: int | None = None,
    along: Any = None,
    dz: float = 0.01,
    params: Any = None,
    cost: GivenCost = None,
) -> Cascade:
    """Follow a small change of one number through the network to the cost, predicted and real.

    To first order each change is the one before times a local derivative,
    ``da[l] = sigma'(z[l]) dz[l]``, ``dz[l+1] = w[l+1] da[l]`` and ``dC = dC/da[L] da[L]``. (A cost
    that is computed together with its output activation: ``dC = dC/dz[L] dz[L]``.) In a chain of
    single neurons the product of the factors is the derivative of the cost; in any other network
    the changes are vectors, of which the text shows the length and the strongest neuron.

    A chain is a network with one neuron a layer, ``cr.nn.Network([1, 1, 1, 1])``, whose
    ``weights`` and ``biases`` are set.

    Args:
        model: a Network, a Sequential of dense layers with ``params`` and ``cost``, what ``cr.fit``
            returned, or the path of a run folder.
        x: one example (n,) or (n, 1).
        y: its target row, or its class number.
        layer, neuron, bias, weight, input, along: where the change begins, as in ``nudge``.
        dz: how large it is.
        params: parameters in place of the model's own.
        cost: a cost in place of the model's own.

    Raises:
        ArgumentError: several examples are given, or not exactly one number to change.

    Source: M. Nielsen, Neural Networks and Deep Learning, chapter 5.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([1, 1, 1])
    >>> net.weights, net.biases = [np.array([[2.0]]), np.array([[-1.0]])], [np.zeros(1)] * 2
    >>> print(cr.insight.cascade(net, [1.0], [0.0], layer=1, bias=0))
    cascade from b[1][0] = 0: db = 0.01, C = 0.0429282
    step                        factor    product   predicted         real
    dz[1] = db                       1          1       +0.01        +0.01
    da[1] = sigma'(z[1]) dz[1]   0.105      0.105  +0.0010499   +0.0010459
    dz[2] = w[2] da[1]              -1     -0.105  -0.0010499   -0.0010459
    da[2] = sigma'(z[2]) dz[2]  0.2072   -0.02175  -0.0002175  -0.00021663
    dC = dC/da[2] da[2]          0.293  -0.006373  -6.373e-05  -6.3451e-05
    dC/db = 1 * 0.105 * -1 * 0.2072 * 0.293 = -0.00637305
          = -0.00637305 by the reverse sweep, -0.0063451 by the real change
    """
    with users_frames:
        chosen = Chosen(layer, neuron, bias, weight, input, along)
        return cascaded(swept(model, x, y, params, cost), chosen, dz)


def cascaded(s: Swept, chosen: Chosen, dz: float) -> Cascade:
    """The cascade of an example that has been swept over."""
    if len(s.X) != 1:
        raise ArgumentError(
            f"cascade follows one example, got {len(s.X)}; give one row: x=X[0], y=Y[0]"
        )
    size = float(dz)
    if size == 0 or not np.isfinite(size):
        raise ArgumentError(f"dz={dz} must be a number other than 0: the change to follow")
    move = move_of(s, chosen)
    steps = _followed(s, move, size)
    return Cascade(
        move.name,
        move.change,
        size,
        move.value,
        steps,
        all(n == 1 for n in s.stack.sizes[move.start :]),
        s.cost,
        float(move.slope[0]),
    )


def _followed(s: Swept, move: Move, dz: float) -> tuple[Step, ...]:
    u, start = move.direction[0], move.start
    name = f"dz[{start}]" if start else "dx"
    first = Step(name, _first_rule(move), start, _length(u), dz * u, dz * u)
    steps = [first]
    for n in range(start, s.stack.depth):
        steps.append(_through_activation(s, n, steps[-1]))
        steps.append(_through_weights(s, n + 1, steps[-1]))
    return (*steps, *_to_the_cost(s, steps[-1]))


def _through_activation(s: Swept, n: int, before: Step) -> Step:
    """From dz[n] to da[n]."""
    f, z = (s.stack.activations[n], s.z[n]) if n else (s.stack.prepare, s.X)
    real = (f(z + before.real) - s.a[n])[0]
    predicted = jvp(f, (z,), (before.predicted[None],))[1][0]
    if z.size == 1 == len(predicted):  # also where the change has vanished
        factor = float(jvp(f, (z,), (np.ones_like(z),))[1][0, 0])
    else:
        factor = _growth(before.predicted, predicted)
    rule = f"sigma'(z[{n}]) dz[{n}]" if n else "prepare'(x) dx"
    return Step(f"da[{n}]", rule, n, factor, predicted, real)


def _through_weights(s: Swept, n: int, before: Step) -> Step:
    """From da[n - 1] to dz[n], linear as it is."""
    w = s.stack.weights[n]
    predicted = w @ before.predicted
    factor = float(w[0, 0]) if w.size == 1 else _growth(before.predicted, predicted)
    rule = f"w[{n}] da[{n - 1}]"
    return Step(f"dz[{n}]", rule, n, factor, predicted, w @ before.real)


def _to_the_cost(s: Swept, before: Step) -> list[Step]:
    """From dz[L] to dC: by way of da[L], unless the cost is computed from z[L]."""
    stack, last = s.stack, s.stack.depth
    moved = s.z[last] + before.real
    real = stack.costs(moved, stack.activations[last](moved), s.Y) - s.costs
    if stack.is_fused:
        steps, slope, of = [before], s.delta[last][0], f"z[{last}]"
    else:
        steps, of = [before, _through_activation(s, last, before)], f"a[{last}]"
        slope = cost_derivative(stack.cost, s.a[last], s.Y)[0]
    predicted = np.array([slope @ steps[-1].predicted])
    factor = float(slope[0]) if len(slope) == 1 else _growth(steps[-1].predicted, predicted)
    return [*steps[1:], Step("dC", f"dC/d{of} d{of}", last, factor, predicted, real)]


def _first_rule(move: Move) -> str:
    """How the first weighted inputs follow from what is changed."""
    if move.kind == "weight":
        k = move.index[1]
        return f"a[{move.start - 1}][{k}] dw" if move.start > 1 else f"x[{k}] dw"
    if move.kind == "input" and move.start:
        return f"w[1][:, {move.index[0]}] dx"
    return {"bias": "db", "direction": "direction t"}.get(move.kind, "")


def _length(u: Array) -> float:
    """Of a direction; a single number is itself."""
    return float(u[0]) if len(u) == 1 else float(np.linalg.norm(u))


def _growth(before: Array, after: Array) -> float:
    """How many times as long a change is as the one before."""
    length = float(np.linalg.norm(before))
    return float(np.linalg.norm(after)) / length if length else 0.0
