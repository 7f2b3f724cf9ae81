"""Every number of backpropagation by name: z, a, delta, delta_a and the gradients, for a batch.

The numbers are the values and cotangents of the graph itself: one recording of the network, one
sweep backwards that keeps the cotangents of weighted inputs and activations, compiled once for each
shape of batch and rid of what nobody asked for. The four equations hold between them (Nielsen,
chapter 2):

* BP1: ``delta[L] = delta_a[L] * sigma'(z[L])``
* BP2: ``delta[l] = (delta[l+1] @ weights[l+1]) * sigma'(z[l])``
* BP3: ``nabla_b[l]`` is the mean of the rows of ``delta[l]``
* BP4: ``nabla_w[l]`` is the mean of the outer products of rows of ``delta[l]`` and ``a[l-1]``

How a record reads is in ``record_text.py``; named points of other functions are for
``chainrule.insight.record``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from chainrule.compile import Compiled, Executor
from chainrule.core.errors import ArgumentError, DataError, ShapeError
from chainrule.core.trace import Trace
from chainrule.nn.activations import Activation
from chainrule.nn.costs import Cost
from chainrule.nn.display import name_of
from chainrule.nn.examples import as_rows, one_hot_rows
from chainrule.nn.record_text import html_of, text_of
from chainrule.ops.reductions import sum_p
from chainrule.passes.pipeline import FAITHFUL
from chainrule.transforms.directions import or_zeros
from chainrule.transforms.recording import record
from chainrule.transforms.vjp import pull_back, vjp

if TYPE_CHECKING:
    from chainrule.nn.stack import Stack

Array = Any
Layers = dict[int, Array]

QUANTITIES = ("z", "a", "delta", "delta_a", "nabla_w", "nabla_b", "cost")


class ByLayer(dict[int, Array]):
    """Arrays by the number of their layer; an error for another number says which there are.

    >>> ByLayer({1: "z of layer 1", 2: "z of layer 2"})[0]
    Traceback (most recent call last):
        ...
    chainrule.core.errors.ShapeError: there is no layer 0 here, layers are 1 to 2
    """

    def __missing__(self, layer: Any) -> Array:
        raise ShapeError(f"there is no layer {layer!r} here, layers are {min(self)} to {max(self)}")


@dataclass(frozen=True, eq=False)
class Record:
    """One forward and one backward sweep over a batch. Layers count from 1, ``a[0]`` is the input.

    What was not asked for with ``keep`` was not computed; reading it is an error.

    Attributes:
        sizes: neurons in each layer, the input layer first.
        activations: the names of the activations, of layer 1 first.
        cost_name: the name of the cost.
        kept: the numbers by the names of the properties.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([2, 3, 1])
    >>> record = net.record(np.array([[0.5, 1.0]]), np.array([[1.0]]))
    >>> a, y = record.a[2], 1.0
    >>> bool(np.allclose(record.delta[2], (a - y) * a * (1 - a)))
    True
    >>> print(net.record(np.array([[0.5, 1.0]]), np.array([[1.0]]), keep=["delta", "cost"]))
    record of 2-3-1, 1 example, cost ... (quadratic)
                 what it is  numbers, rows are examples
      cost              C_x                         ...
      delta[2]     dC/dz[2]                         ...
      delta[1]     dC/dz[1]                         ...
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    cost_name: str
    kept: Mapping[str, Any]

    @property
    def z(self) -> Layers:
        """Weighted inputs, ``z[l]`` of shape (examples, n_l)."""
        return self._of("z")

    @property
    def a(self) -> Layers:
        """Activations, ``a[l]`` of shape (examples, n_l)."""
        return self._of("a")

    @property
    def delta(self) -> Layers:
        """Errors dC_x/dz, per example."""
        return self._of("delta")

    @property
    def delta_a(self) -> Layers:
        """dC_x/da, per example; ``delta_a[0]`` is dC_x/dx."""
        return self._of("delta_a")

    @property
    def nabla_w(self) -> Layers:
        """Gradients of the mean cost in the weights, ``nabla_w[l]`` of shape (n_l, n_(l-1))."""
        return self._of("nabla_w")

    @property
    def nabla_b(self) -> Layers:
        """Gradients of the mean cost in the biases, ``nabla_b[l]`` of shape (n_l,)."""
        return self._of("nabla_b")

    @property
    def cost(self) -> Array:
        """C_x of each example."""
        return self._of("cost")

    def per_example_nabla_w(self, layer: int) -> Array:
        """dC_x/dw of one layer for each example: shape (examples, n_l, n_(l-1)), by BP4.

        Made of ``delta[layer]`` and ``a[layer - 1]`` when it is asked for.
        """
        self._require_layer(layer)
        return self.delta[layer][:, :, None] * self.a[layer - 1][:, None, :]

    def per_example_nabla_b(self, layer: int) -> Array:
        """dC_x/db of one layer for each example, by BP3: the errors themselves."""
        self._require_layer(layer)
        return self.delta[layer]

    def __str__(self) -> str:
        return text_of(self.sizes, self.activations, self.cost_name, self.kept)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_of(self.sizes, self.activations, self.cost_name, self.kept)

    def _of(self, quantity: str) -> Any:
        if quantity not in self.kept:
            wanted = ", ".join(f'"{q}"' for q in QUANTITIES if q in self.kept or q == quantity)
            comma = "" if self.kept else ","
            raise ArgumentError(
                f"{quantity} was not kept; ask for it: record(..., keep=({wanted}{comma}))"
            )
        found = self.kept[quantity]
        return found if quantity == "cost" else ByLayer(found)

    def _require_layer(self, layer: int) -> None:
        if not 1 <= layer < len(self.sizes):
            raise ShapeError(f"layer {layer} is not one of 1 to {len(self.sizes) - 1}")


def record_stack(
    stack: Stack,
    X: Array,
    Y: Array,
    keep: Iterable[str] | str | None = None,
    executor: Executor = "interpreter",
) -> Record:
    """Run a stack over examples ``X`` with targets ``Y`` and keep what is asked for.

    As in training, activations and cost are traced once for a shape of batch: what they close over
    counts as constant.

    Args:
        stack: the network, see :func:`~chainrule.nn.stack.stack_of`.
        X: examples as rows, or one example of shape (n,) or (n, 1).
        Y: one target row for each, or class numbers.
        keep: some of "z", "a", "delta", "delta_a", "nabla_w", "nabla_b", "cost"; None for all.
        executor: "interpreter" starts at once; "native" pays where records of one shape recur.

    Raises:
        ShapeError: examples or targets do not fit the network.
        ArgumentError: ``keep`` asks for something else.
        DataError: there are no examples.
    """
    quantities = _quantities(keep)
    rows = as_rows(X, stack.sizes[0], stack.dtype, "X")
    if not len(rows):
        raise DataError(f"record: there are no examples, X has shape {np.shape(X)}")
    targets = one_hot_rows(Y, len(rows), stack.sizes[-1], stack.dtype)
    sweep = _sweeps_of(tuple(stack.activations.values()), stack, quantities, executor)
    # A cost that is computed from z bypasses a[L]; its derivative there is infinite where a
    # probability has vanished, and says so by its value.
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        kept = sweep(stack.weights, stack.biases, rows, targets)
    names = tuple(name_of(f) for f in stack.activations.values())
    ordered = {q: kept[q] for q in QUANTITIES if q in kept}
    return Record(tuple(stack.sizes), names, stack.cost.name, ordered)


def _quantities(keep: Iterable[str] | str | None) -> frozenset[str]:
    asked = QUANTITIES if keep is None else (keep,) if isinstance(keep, str) else tuple(keep)
    unknown = [q for q in asked if q not in QUANTITIES]
    if unknown:
        raise ArgumentError(
            f"record: keep asks for {unknown[0]!r}, which is not one of {', '.join(QUANTITIES)}"
        )
    return frozenset(asked)


def _sweeps_of(
    activations: tuple[Activation, ...], stack: Stack, keep: frozenset[str], executor: Executor
) -> Compiled:
    if executor not in get_args(Executor):
        executors = ", ".join(get_args(Executor))
        raise ArgumentError(f"executor {executor!r} is not one of {executors}")
    try:
        return _compiled(activations, stack.prepare, stack.cost, keep, executor)
    except TypeError:  # an activation that cannot be hashed, so nothing of it is remembered
        return _compiled.__wrapped__(activations, stack.prepare, stack.cost, keep, executor)


@lru_cache(maxsize=64)
def _compiled(
    activations: tuple[Activation, ...],
    prepare: Activation,
    cost: Cost,
    keep: frozenset[str],
    executor: Executor,
) -> Compiled:
    """Both sweeps as one compiled function of parameters and batch, traced anew for new shapes."""
    from chainrule.nn.stack import Stack  # which rests on networks, whose method this is

    by_layer = dict(enumerate(activations, start=1))

    def sweeps(weights: Layers, biases: Layers, X: Array, Y: Array) -> dict[str, Any]:
        return _numbers(Stack(weights, biases, by_layer, prepare, cost), X, Y, keep)

    return Compiled(sweeps, executor, steps=FAITHFUL)


def _numbers(stack: Stack, X: Array, Y: Array, keep: frozenset[str]) -> dict[str, Any]:
    """One forward and one backward sweep, recorded in turn; what is not kept is left out."""
    n = stack.depth

    def forward(x: Array, *parameters: Array) -> Any:
        w, b = (dict(enumerate(p, start=1)) for p in (parameters[:n], parameters[n:]))
        found = stack.forward(x, Y, w, b)
        total = sum_p(found.costs, axes=(0,))
        return (total, found.costs, *found.z.values(), *found.a.values())

    inputs = [X, *stack.weights.values(), *stack.biases.values()]
    recording = record(forward, inputs, trace=Trace(differentiates=True))
    _, costs, *values = recording.outputs
    _, _, *places = recording.output_indices
    seeds = [np.ones((), stack.dtype), *[None] * (len(values) + 1)]
    wanted = [*places, *range(1, 1 + 2 * n)]
    like = [*values, *inputs[1:]]
    pulled = or_zeros(pull_back(recording, seeds, wanted), like)
    z, a, ct_z, ct_a = values[:n], values[n:], pulled[:n], pulled[n : 2 * n + 1]
    if "delta_a" in keep:
        ct_a[n] = cost_derivative(stack.cost, a[n], Y)
    means = [g / len(X) for g in pulled[2 * n + 1 :]]
    found = {
        "z": _from(1, z), "a": _from(0, a), "delta": _from(1, ct_z), "delta_a": _from(0, ct_a),
        "nabla_w": _from(1, means[:n]), "nabla_b": _from(1, means[n:]), "cost": costs,
    }  # fmt: skip
    return {q: x for q, x in found.items() if q in keep}


def _from(first: int, arrays: Sequence[Array]) -> Layers:
    return dict(enumerate(arrays, start=first))


def cost_derivative(cost: Cost, a: Array, y: Array) -> Array:
    """dC_x / da for each row."""

    def costs_of(out: Array) -> Array:
        return cost.of_activation(out, y)

    costs, pullback = vjp(costs_of, a)
    return pullback(np.ones_like(costs))[0]
