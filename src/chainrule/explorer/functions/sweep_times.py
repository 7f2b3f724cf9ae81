"""How long all derivatives of a function take: by forward sweeps, reverse sweeps and differences.

Each way is really gone. One that would take too long is gone for a part, and the rest is told from
the median of what was measured; a :class:`Timing` says how many sweeps that were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tree import flatten, unflatten
from chainrule.transforms.jvp import linearize
from chainrule.transforms.vjp import vjp

Array = Any
Sweep = Callable[[int], Any]
FEW = 5  # sweeps that are measured at least
ENOUGH = 50  # complete runs that are measured at most


@dataclass(frozen=True)
class Timing:
    """What one way to all derivatives takes.

    Attributes:
        way: "evaluation", "forward", "reverse" or "differences".
        sweeps: how many sweeps, or evaluations, all derivatives take.
        measured: how many of them were made, of the last run.
        runs: complete runs; 0 if what was measured is only a part.
        milliseconds: for all derivatives: the median of the runs, or, of a part, the median of a
            sweep times ``sweeps``; the evaluation whose values the sweeps use is in it once.
        each: median of one sweep, in milliseconds.
    """

    way: str
    sweeps: int
    measured: int
    runs: int
    milliseconds: float
    each: float


def timed(way: str, prepare: Callable[[], Sweep], sweeps: int, budget: float) -> Timing:
    """Make all sweeps, again and again until ``budget`` seconds are over, or a part of them.

    Args:
        way: the name of the way.
        prepare: what is done once for all sweeps; returns what makes the sweep of a number.
        sweeps: how many there are.
        budget: seconds.

    >>> found = timed("forward", lambda: lambda i: None, 3, 0.001)
    >>> found.sweeps, found.measured, found.runs > 0, found.milliseconds > 0
    (3, 3, True, True)
    """
    prepare()(0)  # what is only slow the first time
    totals: list[float] = []
    once: list[float] = []
    each: list[float] = []
    end = perf_counter() + budget
    made = 0
    while not once or (perf_counter() < end and len(totals) < ENOUGH):
        begun = perf_counter()
        sweep = prepare()
        before = perf_counter()
        once.append(before - begun)
        made = 0
        while made < sweeps and (made < FEW or before < end):
            sweep(made)
            now = perf_counter()
            each.append(now - before)
            before = now
            made += 1
        if made == sweeps:
            totals.append(before - begun)
    total = median(totals) if totals else median(once) + sweeps * median(each)
    measured = sweeps if totals else made
    return Timing(way, sweeps, measured, len(totals), 1e3 * total, 1e3 * median(each))


@dataclass(frozen=True, eq=False)
class Measured:
    """All ways to the derivatives of one function.

    Attributes:
        inputs, outputs: how many numbers the function takes and gives.
        timings: of an evaluation, and of the three ways.
        error: the largest difference between forward and reverse mode, relative to the largest
            derivative that was compared, and
        difference_error: the same between central differences and reverse mode.
    """

    inputs: int
    outputs: int
    timings: tuple[Timing, ...]
    error: float
    difference_error: float


def measure(f: Callable[..., Any], args: Sequence[Array], budget: float) -> Measured:
    """Measure all ways to all derivatives of a function.

    Args:
        f: a function of plain NumPy.
        args: its arguments, floating-point numbers and arrays.
        budget: seconds for each way.

    Raises:
        ArgumentError: there is nothing to differentiate, or not by real numbers.
    """
    ways = _Ways(f, args)
    n, m = ways.inputs, ways.outputs
    if not n * m or ways.complex:
        found = "complex numbers" if ways.complex else f"{n} inputs and {m} outputs"
        raise ArgumentError(
            f"sweeps are timed of functions of real numbers with real results; this has {found}"
        )
    timings = (
        timed("evaluation", lambda: lambda _: f(*args), 1, budget / 4),
        timed("forward", ways.forward, n, budget),
        timed("reverse", ways.reverse, m, budget),
        timed("differences", ways.differences, 2 * n, budget),
    )
    return Measured(n, m, timings, *ways.errors())


class _Ways:
    """The three ways, each with the sweep of a number: an input, an output, a moved input."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Array]) -> None:
        self._f, self._args = f, [np.asarray(x)[()] for x in args]
        outs = flatten(f(*self._args))[0]
        self._outs = [np.asarray(x) for x in outs]
        self.inputs = sum(np.size(x) for x in self._args)
        self.outputs = sum(x.size for x in self._outs)
        self.complex = any(map(np.iscomplexobj, (*self._args, *self._outs)))

    def forward(self) -> Sweep:
        """∂/∂x_i of all outputs, by pushing a tangent of one input."""
        _, push = linearize(self._f, *self._args)
        flat, tangents = _directions(self._args)

        def sweep(i: int) -> Any:
            flat[i] = 1
            found = push(*(t[()] for t in tangents))
            flat[i] = 0
            return found

        return sweep

    def reverse(self) -> Sweep:
        """∂y_j/∂ of all inputs, by pulling a cotangent of one output back."""
        out, pull = vjp(self._f, *self._args)
        structure = flatten(out)[1]
        flat, cotangents = _directions(self._outs)

        def sweep(j: int) -> Any:
            flat[j] = 1
            found = pull(unflatten(structure, [ct[()] for ct in cotangents]))
            flat[j] = 0
            return found

        return sweep

    def differences(self) -> Sweep:
        """One of the two evaluations of a central difference in each input."""
        flat, moved = _directions(self._args)
        flat[:] = _flat(self._args)

        def sweep(k: int) -> Any:
            i = k // 2
            before = flat[i]
            flat[i] = before + (1 if k % 2 else -1) * self._step(before)
            found = self._f(*(x[()] for x in moved))
            flat[i] = before
            return found

        return sweep

    def _step(self, x: float) -> float:
        eps = min(float(np.finfo(y.dtype).eps) for y in (*self._outs, *map(np.asarray, self._args)))
        return float(eps ** (1 / 3)) * max(1.0, abs(x))

    def errors(self) -> tuple[float, float]:
        """How far forward mode and differences are from reverse mode, for the inputs with the
        largest derivatives.
        """
        outputs = range(min(FEW, self.outputs))
        reverse = self.reverse()
        rows = np.array([_flat(reverse(j)) for j in outputs])
        inputs = np.argsort(-np.max(np.abs(rows), axis=0))[:FEW].tolist()
        forward, moved = self.forward(), self.differences()
        pushed = [_flat(forward(i))[: len(outputs)] for i in inputs]
        ends = [[_flat(moved(2 * i + k))[: len(outputs)] for i in inputs] for k in (0, 1)]
        widths = [2 * self._step(x) for x in _flat(self._args)[inputs]]
        slopes = (np.array(ends[1]) - np.array(ends[0])).T / widths
        true = rows[:, inputs]
        size = float(np.max(np.abs(true), initial=0.0)) or 1.0
        return (
            float(np.max(np.abs(np.array(pushed).T - true), initial=0.0)) / size,
            float(np.max(np.abs(slopes - true), initial=0.0)) / size,
        )


def _flat(tree: Any) -> Array:
    """All numbers of a container in one vector."""
    return np.concatenate([np.ravel(x) for x in flatten(tree)[0]])


def _directions(like: Sequence[Array]) -> tuple[Array, list[Array]]:
    """Zeros in one vector, and the same memory in the shapes of several arrays."""
    dtype = np.result_type(*like)
    flat = np.zeros(sum(np.size(x) for x in like), dtype)
    ends = np.cumsum([np.size(x) for x in like])
    parts = np.split(flat, ends[:-1])
    return flat, [part.reshape(np.shape(x)) for part, x in zip(parts, like, strict=True)]


def small_network(inputs: int, outputs: int) -> tuple[Callable[[Array], Array], Array]:
    """A network with eight hidden neurons as a function of its inputs, and a point to be at.

    >>> f, x = small_network(100, 3)
    >>> f(x).shape
    (3,)
    """
    rng = np.random.default_rng(0)
    first = rng.normal(size=(8, inputs)) / np.sqrt(inputs)
    second = rng.normal(size=(outputs, 8))

    def network(x: Array) -> Array:
        return second @ np.tanh(first @ x)

    return network, rng.normal(size=inputs)
