"""A narrow twin of a network: the same functions, fewer neurons.

The four equations do not depend on how many neurons a layer has, but deriving them checks each
line by numbers, which takes time in proportion to the parameters: 20 s for two layers of 2048. So
they are derived for the twin. Only layers that act neuron by neuron are made narrow; what the
output layer and its targets are stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chainrule.core.errors import ChainruleError
from chainrule.insight.derivations.functions import is_elementwise
from chainrule.insight.swept import begins_as_it_is
from chainrule.nn.activations import Activation
from chainrule.nn.stack import Stack

Array = Any

WIDEST = 32


def narrow(stack: Stack, x: Array) -> tuple[Stack, Array]:
    """``stack`` with at most 32 neurons in each layer that can be cut, and so much of ``x`` (n_0,).

    >>> import numpy as np, chainrule as cr
    >>> from chainrule.nn.stack import stack_of
    >>> stack = stack_of(cr.nn.Network([784, 100, 10]))
    >>> narrow(stack, np.zeros(784))[0].sizes
    [32, 32, 10]
    """
    sizes = stack.sizes
    kept = {n: _width(stack.activations[n], sizes[n]) for n in range(1, stack.depth)}
    kept[0] = min(sizes[0], WIDEST) if begins_as_it_is(stack) else sizes[0]
    kept[stack.depth] = sizes[-1]
    weights = {n: w[: kept[n], : kept[n - 1]] for n, w in stack.weights.items()}
    biases = {n: b[: kept[n]] for n, b in stack.biases.items()}
    return replace(stack, weights=weights, biases=biases), x[: kept[0]]


def _width(f: Activation, n: int) -> int:
    """How many of n neurons are kept: all, if f needs that number or mixes them."""
    if n <= WIDEST:
        return n
    try:
        return WIDEST if is_elementwise(f, n) and is_elementwise(f, WIDEST) else n
    except ChainruleError:
        return n
