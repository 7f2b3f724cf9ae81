"""What a demon can move, and what that is to the weighted inputs of a layer.

Within a layer everything is linear: a change t of the bias b_j adds t to z_j, of the weight w_jk it
adds t a_k, of the input x_k it adds t w_jk to each z_j. So each of them is a direction u of the
weighted inputs, ``z -> z + t u``, along which the cost changes by ``t delta . u`` to first order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import index as integer
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.insight.swept import Swept, begins_as_it_is

Array = Any


@dataclass(frozen=True, eq=False)
class Move:
    """One direction to move in.

    Attributes:
        kind: "neuron", "bias", "weight", "input" or "direction".
        layer: where it is; an input is in layer 0.
        index: the neuron; (neuron, input) of a weight; () of a direction.
        name: what is moved, as in ``record``: "z[2][7]", "w[2][7, 3]", "x[391]".
        change: how the change is called: "dz", "db", "dw", "dx", "t".
        value: what the moved number is now; None where it is none.
        start: the layer whose weighted inputs (of 0: inputs) move first.
        direction: u, of shape (examples, n_start).
        slope: dC_x/dt of each example.
    """

    kind: str
    layer: int
    index: tuple[int, ...]
    name: str
    change: str
    value: float | None
    start: int
    direction: Array
    slope: Array


@dataclass(frozen=True)
class Chosen:
    """What a caller wants to move; one of the last five is given."""

    layer: int | None = None
    neuron: int | None = None
    bias: int | None = None
    weight: Sequence[int] | None = None
    input: int | None = None
    along: Any = None


def move_of(s: Swept, chosen: Chosen) -> Move:
    """The move that was chosen.

    Raises:
        ArgumentError: not exactly one thing is chosen, or an index is out of its range.
        ShapeError: a direction does not fit its layer.
    """
    kinds = {
        "neuron": chosen.neuron,
        "bias": chosen.bias,
        "weight": chosen.weight,
        "input": chosen.input,
        "along": chosen.along,
    }
    given = [name for name, value in kinds.items() if value is not None]
    if len(given) != 1:
        raise ArgumentError(
            "give exactly one of neuron=, bias=, weight=, input= and along=, got"
            f" {' and '.join(given) or 'none'}"
        )
    if chosen.input is not None:
        return _of_input(s, chosen.layer, chosen.input)
    if chosen.along is not None:
        return _along(s, _layer(s, chosen.layer, "along", first=0), chosen.along)
    layer = _layer(s, chosen.layer, given[0], first=1)
    if chosen.weight is not None:
        return _of_weight(s, layer, chosen.weight)
    if chosen.bias is not None:
        return _of_neuron(s, layer, chosen.bias, "bias")
    return _of_neuron(s, layer, chosen.neuron, "neuron")


def _layer(s: Swept, layer: int | None, kind: str, first: int) -> int:
    depth = s.stack.depth
    if layer is None:
        raise ArgumentError(f"{kind}= needs the number of its layer: layer={first} to {depth}")
    number = integer(layer)
    if first <= number <= depth:
        return number
    hint = "; an input is moved by input=" if number == 0 else ""
    raise ArgumentError(f"layer {number} is not one of {first} to {depth}{hint}")


def _number(index: Any, n: int, what: str, where: str) -> int:
    """An index, checked against the n things that there are."""
    number = integer(index)
    if not 0 <= number < n:
        raise ArgumentError(f"{what} {number} is not one of 0 to {n - 1} {where}")
    return number


def _of_neuron(s: Swept, layer: int, index: Any, kind: str) -> Move:
    """A weighted input or a bias: to the cost they are the same, ``dC/db = dC/dz``."""
    sizes = s.stack.sizes
    j = _number(index, sizes[layer], "neuron", f"in layer {layer}")
    direction = np.zeros((1, sizes[layer]), s.stack.dtype)
    direction[0, j] = 1
    if kind == "bias":
        name, change, value = f"b[{layer}][{j}]", "db", float(s.stack.biases[layer][j])
    else:
        name, change = f"z[{layer}][{j}]", "dz"
        value = float(s.z[layer][0, j]) if len(s.X) == 1 else None
    slope = s.delta[layer][:, j]
    return Move(kind, layer, (j,), name, change, value, layer, direction, slope)


def _of_weight(s: Swept, layer: int, pair: Any) -> Move:
    if np.shape(pair) != (2,):
        raise ArgumentError(
            f"weight={pair!r} is not a pair (neuron, input): weight=(7, 3) is the weight to neuron"
            f" 7 of layer {layer} from neuron 3 of the layer before"
        )
    sizes = s.stack.sizes
    j = _number(pair[0], sizes[layer], "neuron", f"in layer {layer}")
    before = f"in layer {layer - 1}, from which weights of layer {layer} come"
    k = _number(pair[1], sizes[layer - 1], "neuron" if layer > 1 else "input", before)
    direction = np.zeros((len(s.X), sizes[layer]), s.stack.dtype)
    direction[:, j] = s.a[layer - 1][:, k]
    slope = s.delta[layer][:, j] * s.a[layer - 1][:, k]
    value = float(s.stack.weights[layer][j, k])
    name = f"w[{layer}][{j}, {k}]"
    return Move("weight", layer, (j, k), name, "dw", value, layer, direction, slope)


def _of_input(s: Swept, layer: int | None, index: Any) -> Move:
    if layer is not None and integer(layer) != 0:
        raise ArgumentError(f"an input is in layer 0 and not in {layer}; leave layer= out")
    k = _number(index, s.stack.sizes[0], "input", "of the network")
    direction = np.zeros((1, s.stack.sizes[0]), s.stack.dtype)
    direction[0, k] = 1
    value = float(s.X[0, k]) if len(s.X) == 1 else None
    slope = s.delta[0][:, k]
    start, shifted = _from_layer_1(s, direction)
    return Move("input", 0, (k,), f"x[{k}]", "dx", value, start, shifted, slope)


def _along(s: Swept, layer: int, along: Any) -> Move:
    name = "x" if layer == 0 else f"z[{layer}]"
    if isinstance(along, str):
        if along not in ("delta", "-delta"):
            raise ArgumentError(f'along={along!r} is not "-delta", "delta" or an array')
        direction = s.delta[layer] if along == "delta" else -s.delta[layer]
        name += f" along {along}"
    else:
        direction = np.asarray(along, s.stack.dtype)
        width, examples = s.stack.sizes[layer], len(s.X)
        if direction.shape not in ((width,), (examples, width)):
            raise ShapeError(
                f"a direction in layer {layer} has the shape ({width},), or ({examples}, {width})"
                f" with one row an example; along= has the shape {direction.shape}"
            )
        direction = np.atleast_2d(direction)
        name += " along a direction"
    slope = np.sum(s.delta[layer] * direction, axis=1)
    start, shifted = (layer, direction) if layer else _from_layer_1(s, direction)
    return Move("direction", layer, (), name, "t", None, start, shifted, slope)


def _from_layer_1(s: Swept, direction: Array) -> tuple[int, Array]:
    """Where to begin with a direction of inputs: at z[1] if that is linear in them, as usual."""
    if begins_as_it_is(s.stack):
        return 1, direction @ s.stack.weights[1].T
    return 0, direction
