"""The demon: what happens to the cost when one number of a network is nudged.

A demon sits at neuron j of layer l and adds dz to its weighted input, so that the neuron gives
``sigma(z + dz)``. To first order the cost then changes by ``delta dz``: that is what the error
``delta = dC/dz`` means (Nielsen, Neural Networks and Deep Learning, chapter 2). Here the
prediction stands beside the real change, ``C(z + dz) - C(z)``, over a whole range of dz. The same
for a weight, a bias, an input and a direction of a whole layer: see ``moves.py``. ``demon.py`` asks
for many nudges of the same examples without sweeping again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from chainrule.core.columns import aligned
from chainrule.core.errors import ArgumentError
from chainrule.core.html import table
from chainrule.core.tracebacks import users_frames
from chainrule.insight.curve import curve_svg
from chainrule.insight.moves import Chosen, Move, move_of
from chainrule.insight.swept import Swept, swept
from chainrule.nn.stack import GivenCost

Array = Any

POINTS, REACH = 241, 3.0  # of the range that is taken where none is given
SHOWN = (1, 1 / 3, 1 / 10, 1 / 30)  # of the largest |dz|, on either side
HEAD = ("predicted", "real", "gap", "C")


@dataclass(frozen=True, eq=False)
class Nudge:
    """What a nudge does to the mean cost C of some examples, predicted and real.

    Attributes:
        name: what is nudged: "z[2][7]", "b[2][7]", "w[2][7, 3]", "x[391]", "z[2] along -delta".
        kind: "neuron", "bias", "weight", "input" or "direction".
        layer: its layer; inputs are layer 0.
        index: (neuron,), of a weight (neuron, input), of a direction ().
        change: how the change is called: "dz", "db", "dw", "dx", "t".
        value: the number that is nudged as it is now; None where it is not one number.
        examples: how many there are; C is their mean cost.
        dz: the changes, of the shape that was asked for.
        curve: the cost after each change, ``C(z + dz)``.
        cost: the cost without, ``C(z)``.
        delta: the derivative of the cost in what is nudged; of a neuron the error dC/dz.
    """

    name: str
    kind: str
    layer: int
    index: tuple[int, ...]
    change: str
    value: float | None
    examples: int
    dz: Array
    curve: Array
    cost: float
    delta: float

    @property
    def neuron(self) -> int | None:
        """The neuron that is nudged, or whose weight or bias is."""
        return self.index[0] if self.index and self.layer else None

    @property
    def predicted(self) -> Array:
        """What the derivative predicts: ``delta dz``."""
        return self.delta * self.dz

    @property
    def real(self) -> Array:
        """What happens: ``C(z + dz) - C(z)``."""
        return self.curve - self.cost

    @property
    def gap(self) -> Array:
        """``real - predicted``, of the order of dz^2."""
        return self.real - self.predicted

    @property
    def tangent(self) -> Array:
        """``C(z) + delta dz``: the straight line that touches ``curve`` at dz = 0."""
        return self.cost + self.predicted

    def within(self, tolerance: float = 0.1) -> float:
        """The largest |dz| up to which the prediction is right to that part of the real change.

        Among the given dz: 0.0 if it is wrong already at the smallest one.
        """
        size = np.abs(np.ravel(self.dz))
        wrong = np.abs(self.gap) > tolerance * np.abs(self.real) + self._rounding
        first = np.min(size[np.ravel(wrong)], initial=np.inf)
        return float(np.max(size[size < first], initial=0.0))

    @property
    def meaning(self) -> str:
        """What the numbers say, in a line or two."""
        if np.all(np.abs(self.predicted) + np.abs(self.real) <= self._rounding):
            return f"The cost does not feel {self.name}: it changes by nothing but rounding."
        reach, largest, d = self.within(), float(np.max(np.abs(self.dz))), self.change
        if reach == 0:
            first = f"The prediction is off by more than 10 % at every {d} here."
        elif reach == largest:
            first = "The prediction is within 10 % of the real change all over this range."
        else:
            first = f"The prediction is within 10 % of the real change up to |{d}| = {reach:.3g}."
        lowest = int(np.argmin(self.curve))
        best, dz = float(np.ravel(self.curve)[lowest]), float(np.ravel(self.dz)[lowest])
        if best < self.cost:
            return f"{first}\nThe cost is lowest at {d} = {dz:.3g}: {best:.4g}."
        return f"{first}\nNo {d} here lowers the cost."

    def __str__(self) -> str:
        lines = [self.title, *aligned([(self.change, *HEAD), *self._rows()]), self.meaning]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        text = table((self.change, *HEAD), self._rows(), self.title)
        picture = curve_svg(self.dz, self.curve, self.tangent, (self.change, "C"))
        return f'{text}\n<p style="white-space:pre-line">{escape(self.meaning)}</p>\n{picture}'

    @property
    def _rounding(self) -> Array:
        """What differences of costs may be off by rounding."""
        return 8 * np.finfo(float).eps * (abs(self.cost) + np.abs(self.curve))

    @property
    def title(self) -> str:
        """What is nudged, the cost and the derivative, in one line."""
        now = "" if self.value is None else f" = {self.value:.4g}"
        of = "" if self.examples == 1 else f", mean of {self.examples} examples"
        name = "delta = dC/dz" if self.kind == "neuron" else f"dC/{self.change}"
        if self.kind == "direction":
            name = "dC/dt"
        return f"nudge of {self.name}{now}: C = {self.cost:.6g}, {name} = {self.delta:.4g}{of}"

    def _rows(self) -> list[tuple[str, ...]]:
        """Some of the points, as texts."""
        columns = [self.dz, self.predicted, self.real, self.gap, self.curve]
        flat = [np.ravel(column) for column in columns]
        return [
            (*(f"{c[i]:+.4g}" if c[i] else "0" for c in flat[:4]), f"{flat[4][i]:.6g}")
            for i in _shown(flat[0])
        ]


def _shown(dz: Array) -> list[int]:
    """Which points a short table shows: all of a few, else some of each magnitude, in order."""
    if len(dz) <= 2 * len(SHOWN) + 1:
        return list(range(len(dz)))
    largest = np.max(np.abs(dz))
    wanted = [0.0, *(sign * part * largest for part in SHOWN for sign in (-1, 1))]
    nearest = {int(np.argmin(np.abs(dz - w))) for w in wanted}
    return sorted(nearest, key=lambda i: dz[i])


def nudge(
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
    dz: Any = None,
    params: Any = None,
    cost: GivenCost = None,
) -> Nudge:
    """Nudge one number of a network and see what becomes of the cost: predicted and real.

    The cost changes by ``delta dz`` to first order, where delta is the derivative of the cost in
    what is nudged, and really by ``C(z + dz) - C(z)``. Exactly one thing is nudged:

    ============================  ================================================================
    ``layer=2, neuron=7``         the weighted input z of a neuron, as the demon; dC/dz is delta
    ``layer=2, bias=7``           the bias of a neuron
    ``layer=2, weight=(7, 3)``    the weight to neuron 7 of layer 2 from neuron 3 of layer 1
    ``input=391``                 an input (a pixel)
    ``layer=2, along="-delta"``   all weighted inputs of a layer downhill: ``z - t delta``
    ``layer=2, along=direction``  ... in a given direction, ``z + t direction``, of the shape
                                  (n_layer,) or with one row an example
    ============================  ================================================================

    Args:
        model: a Network, a Sequential of dense layers with ``params`` and ``cost``, what ``cr.fit``
            returned, or the path of a run folder.
        x: one example (n,) or (n, 1), or a batch with examples as rows: the same number is nudged
            in all of them, C is their mean cost and delta the mean of their derivatives.
        y: target rows or class numbers.
        layer: layers count from 1; layer 0 is the input (for ``along``), with dC/dx as its delta.
        neuron, bias, weight, input, along: what is nudged; neurons count from 0.
        dz: a number or any array. By default 241 points from -3 to 3; of a direction as far as
            moves no weighted input by more than 3.
        params: parameters in place of the model's own.
        cost: a cost in place of the model's own.

    Raises:
        ArgumentError: not exactly one thing is nudged, or an index is out of range.
        ShapeError: x, y or a direction do not fit.
        DataError: the cost is infinite or NaN.

    Source: M. Nielsen, Neural Networks and Deep Learning, chapter 2, on the error delta.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> print(cr.insight.nudge(net, [0.5, 1.0], [0.0], layer=1, neuron=2, dz=[-1, -0.1, 0.1, 1]))
    nudge of z[1][2] = 1.338: C = 0.481202, delta = dC/dz = 0.002289
    dz     predicted        real         gap         C
    -1     -0.002289   -0.003125  -0.0008362  0.478076
    -0.1  -0.0002289   -0.000237  -8.124e-06  0.480965
    +0.1  +0.0002289  +0.0002209  -7.947e-06  0.481423
    +1     +0.002289   +0.001596  -0.0006929  0.482798
    The prediction is within 10 % of the real change up to |dz| = 0.1.
    The cost is lowest at dz = -1: 0.4781.
    """
    with users_frames:
        examples = swept(model, x, y, params, cost)
        return nudged(examples, Chosen(layer, neuron, bias, weight, input, along), dz)


def nudged(s: Swept, chosen: Chosen, dz: Any) -> Nudge:
    """A nudge of examples that have been swept over."""
    move = move_of(s, chosen)
    steps = _default_range(move) if dz is None else np.asarray(dz, s.stack.dtype)
    if steps.size == 0 or not np.all(np.isfinite(steps)):
        raise ArgumentError(f"dz= must be finite numbers, at least one; got {dz!r}")
    u = move.direction
    curve = s.moved(move.start, np.ravel(steps), lambda part: part[:, None, None] * u)
    curve = np.reshape(np.where(np.ravel(steps) == 0, s.cost, curve), steps.shape)
    return Nudge(
        move.name,
        move.kind,
        move.layer,
        move.index,
        move.change,
        move.value,
        len(s.X),
        steps,
        curve,
        s.cost,
        float(move.slope.mean()),
    )


def _default_range(move: Move) -> Array:
    reach = REACH
    if move.kind == "direction":
        largest = float(np.max(np.abs(move.direction)))
        reach = REACH / largest if largest > 0 else REACH
    return np.linspace(-reach, reach, POINTS)
