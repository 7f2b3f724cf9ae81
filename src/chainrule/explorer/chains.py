"""The chain of single neurons that the screen "Chain" looks at, named by a text.

The page's address holds the text, and the page sends it as it is: ``"n8*w4*h1"`` are eight neurons
whose weights are 4, and whose biases hold each z at 0. Parts are joined by ``*``: a letter, before
it the number of a neuron that is set apart, behind it the value. The empty text is the chain that
the screen opens with. ``web/src/screens/chain/text.ts`` reads and writes the same.

==  ================================================================
n   neurons
w   the weight of each neuron; ``3w-2`` that of neuron 3 alone
b   the bias of each neuron; ``3b0.5`` that of neuron 3 alone
x   the input
y   the target
f   the activation
c   the cost
h   1: biases hold each z at 0, ``b_l = -w_l a_(l-1)``
d   not 0: weights and biases are w and b times normal random numbers
==  ================================================================
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.nn.activations import ACTIVATIONS, Activation, sigmoid, softmax
from chainrule.nn.costs import COSTS
from chainrule.nn.network import Network

MOST = 30  # neurons
LARGEST = 1000.0  # of a weight
NAMES = tuple(name for name, f in ACTIVATIONS.items() if f is not softmax)  # of one neuron it is 1
COST_NAMES = tuple(name for name, cost in COSTS.items() if cost.output is not softmax)
_PART = re.compile(r"([1-9][0-9]?)?([nwbxyfchd])(.+)", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


@dataclass(frozen=True)
class Chain:
    """Neurons in a row; layers count from 1, and layer l has the neuron l alone.

    Attributes:
        neurons: how many.
        w, b: weight and bias of each; ``own_w``, ``own_b`` of those that are set apart.
        x, y: input and target.
        activation, cost: their names.
        held: whether biases hold each z at 0.
        drawn: 0, or the seed of the random numbers that w and b are multiplied with.

    >>> chain = chain_named("n2*w4*2w-1*h1*x0.5")
    >>> chain.parameters
    ([4.0, -1.0], [-2.0, 0.5])
    """

    neurons: int = 5
    w: float = 1.0
    b: float = 0.0
    x: float = 0.8
    y: float = 0.0
    activation: str = "sigmoid"
    cost: str = "quadratic"
    held: bool = False
    drawn: int = 0
    own_w: dict[int, float] = field(default_factory=dict[int, float])
    own_b: dict[int, float] = field(default_factory=dict[int, float])

    @property
    def functions(self) -> list[Activation]:
        """The activation of each neuron: a cost that belongs to the sigmoid brings it along."""
        last = COSTS[self.cost].output
        own = ACTIVATIONS[self.activation]
        return [own] * (self.neurons - 1) + [own if last is None else sigmoid]

    @property
    def parameters(self) -> tuple[list[float], list[float]]:
        """Weights and biases, neuron by neuron."""
        ones = np.ones((2, self.neurons))
        draw = np.random.default_rng(self.drawn).standard_normal(ones.shape)
        w, b = (draw if self.drawn else ones) * [[self.w], [self.b]]
        weights = [self.own_w.get(n, float(v)) for n, v in enumerate(w, start=1)]
        if not self.held:
            return weights, [self.own_b.get(n, float(v)) for n, v in enumerate(b, start=1)]
        biases: list[float] = []
        a = self.x
        for n, (v, f) in enumerate(zip(weights, self.functions, strict=True), start=1):
            biases.append(self.own_b.get(n, 0.0 - v * a))
            a = float(f(np.float64(v * a + biases[-1])))
        return weights, biases

    def network(self) -> Network:
        """The chain as a network of one neuron a layer, in double precision."""
        net = Network([1] * (self.neurons + 1), activation=self.functions, cost=self.cost)
        weights, biases = self.parameters
        net.weights = [np.array([[w]]) for w in weights]
        net.biases = [np.array([b]) for b in biases]
        return net

    def activated_by(self, activation: str) -> Chain:
        """The same with another activation."""
        return replace(self, activation=activation)


_KEYS = {
    "n": "neurons", "w": "w", "b": "b", "x": "x", "y": "y", "f": "activation", "c": "cost",
    "h": "held", "d": "drawn",
}  # fmt: skip


def chain_named(text: str) -> Chain:
    """The chain that a text names.

    Raises:
        ArgumentError: it names none.
    """
    given: dict[str, Any] = {"own_w": {}, "own_b": {}}
    for part in text.split("*") if text else []:
        found = _PART.fullmatch(part)
        if found is None:
            raise ArgumentError(f"{part!r} is no part of a chain such as n8*w4*3w-2*frelu")
        neuron, key, value = found.groups()
        if neuron is None:
            given[_KEYS[key]] = _value(part, key, value)
        elif key in "wb":
            given[f"own_{key}"][int(neuron)] = _value(part, key, value)
        else:
            raise ArgumentError(f"{part!r}: only w and b are set for one neuron of a chain")
    chain = Chain(**given)
    if not 2 <= chain.neurons <= MOST:
        raise ArgumentError(f"a chain has 2 to {MOST} neurons, not {chain.neurons}")
    if not 0 <= chain.y <= 1:
        raise ArgumentError(f"the target of a chain is between 0 and 1, not {chain.y}")
    return chain


def _value(part: str, key: str, value: str) -> Any:
    if key in "fc":
        names = NAMES if key == "f" else COST_NAMES
        if value not in names:
            raise ArgumentError(f"{part!r}: {value} is not one of {', '.join(names)}")
        return value
    number = float(value) if _NUMBER.fullmatch(value) else math.nan
    if not abs(number) <= LARGEST:
        raise ArgumentError(f"{part!r}: {value} is no number from -{LARGEST:g} to {LARGEST:g}")
    if key in "nhd":
        if number != int(number) or number < 0:
            raise ArgumentError(f"{part!r}: {value} is no count")
        return bool(number) if key == "h" else int(number)
    return number
