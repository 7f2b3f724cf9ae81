"""Gradients of a network's cost against difference quotients, for the screen "Check".

The quotients cost four forward sweeps a parameter and do not depend on the gradient that is held
against them, so they are made once and kept; any gradient is compared at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from chainrule.checking.problem import vector
from chainrule.checking.quotients import Progress, Quotients, quotients_of
from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.explorer.checked.planted import gradient
from chainrule.explorer.checked.symptoms import Compared
from chainrule.explorer.examples import Example, example_named
from chainrule.explorer.subjects import NetworkSubject
from chainrule.nn.network import Network
from chainrule.nn.record import record_stack
from chainrule.nn.stack import Stack, stack_of

Array = Any
Layers = dict[int, Array]

SAMPLE = 120  # parameters of each array that are compared, unless all are asked for
FEW = 2000  # so many that machine code does not pay
MOST_EXAMPLES = 20
SMALL = (4, 4, 4, 4)  # square layers: a transpose can be forgotten there


class StoppedError(ChainruleError):
    """A check that somebody stopped."""


@dataclass(frozen=True, eq=False)
class Case:
    """What is checked: layers in double precision, and a mini-batch."""

    stack: Stack
    X: Array
    Y: Array

    @property
    def shapes(self) -> dict[tuple[str, int], tuple[int, ...]]:
        """The arrays of parameters in their order: kind and layer, with the shape of each."""
        arrays = {"w": self.stack.weights, "b": self.stack.biases}
        return {(kind, n): x.shape for kind, layers in arrays.items() for n, x in layers.items()}

    def cost(self, weights: Layers, biases: Layers) -> Array:
        """The mean cost of the mini-batch, a pure function of the parameters."""
        costs: Array = self.stack.forward(self.X, self.Y, weights, biases).costs
        return cast("Array", np.mean(costs))

    def quotients(self, *, every: bool, progress: Progress) -> Quotients:
        """The difference quotients of a sample of the parameters, or of all."""
        sizes = [int(np.prod(shape)) for shape in self.shapes.values()]
        return quotients_of(
            self.cost, self.stack.weights, self.stack.biases,
            chosen=None if every else _sample(sizes),
            executor="native" if every and sum(sizes) > FEW else "interpreter",
            progress=progress,
        )  # fmt: skip

    def gradient(self, mistake: str) -> Array:
        """The gradient as one vector: the engine's, or one written by hand with a mistake."""
        if mistake:
            nabla_w, nabla_b = gradient(self.stack, self.X, self.Y, mistake)
        else:
            found = record_stack(self.stack, self.X, self.Y, keep=("nabla_w", "nabla_b"))
            nabla_w, nabla_b = found.nabla_w, found.nabla_b
        return vector([*(layers[n] for layers in (nabla_w, nabla_b) for n in self.stack.weights)])

    def compared(self, quotients: Quotients, analytic: Array) -> Iterator[Compared]:
        """Array by array; parameters that no difference can judge are left out."""
        found, judged = analytic[quotients.chosen], np.isfinite(quotients.allowed)
        wrong = ~(np.abs(found - quotients.numeric) <= quotients.allowed)
        start = 0
        for (kind, n), shape in self.shapes.items():
            size = int(np.prod(shape))
            mine = judged & (quotients.chosen >= start) & (quotients.chosen < start + size)
            start += size
            yield Compared(kind, n, found[mine], quotients.numeric[mine], wrong[mine])


def _sample(sizes: Sequence[int]) -> Array:
    """The numbers of some parameters, some of each array."""
    rng = np.random.default_rng(0)
    starts = np.cumsum([0, *sizes[:-1]])
    parts = [rng.choice(n, min(n, SAMPLE), replace=False) for n in sizes]
    return np.concatenate([np.sort(p) + start for p, start in zip(parts, starts, strict=True)])


def case_of(network: NetworkSubject, stack: Stack, example: Example, examples: int) -> Case:
    """A network with a mini-batch: the example, and the test examples that follow it."""
    if not 1 <= examples <= MOST_EXAMPLES:
        raise ArgumentError(f"a mini-batch has 1 to {MOST_EXAMPLES} examples here, not {examples}")
    data = network.data
    first = int(example.name) + 1 if example.name.isdigit() else 0
    rows = [(example.x, example.y)]
    for i in range(first, first + examples - 1):
        other = example_named(str(i % len(data.test)), data, stack.dtype)
        rows.append((other.x, other.y))
    X, Y = (np.concatenate(part) for part in zip(*rows, strict=True))
    return _in_double(stack, X, Y)


def small_case(examples: int) -> Case:
    """A small network of square layers with random examples."""
    rng = np.random.default_rng(0)
    stack = stack_of(Network(list(SMALL), seed=3))
    X, Y = (rng.uniform(0, 1, (MOST_EXAMPLES, n))[:examples] for n in (SMALL[0], SMALL[-1]))
    return Case(stack, X, Y)


def _in_double(stack: Stack, X: Array, Y: Array) -> Case:
    weights, biases = (
        {n: np.array(x, np.float64) for n, x in layers.items()}
        for layers in (stack.weights, stack.biases)
    )
    wide = replace(stack, weights=weights, biases=biases)
    return Case(wide, X.astype(np.float64), Y.astype(np.float64))
