"""What a model consists of and asks for, layer by layer, known before anything is computed.

Shapes and parameters come from the sizes, operations and memory from graphs that are traced by
types (``demands.py``). ``model.summary()`` makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from html import escape
from typing import Any

import numpy as np

from chainrule.core.columns import aligned
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.html import table
from chainrule.core.trace import shape_of
from chainrule.core.tree import flatten
from chainrule.nn.activations import Activation, identity
from chainrule.nn.costs import Cost
from chainrule.nn.demands import Demand, demand, step_graph, workspace
from chainrule.nn.layers import Dense, Sequential
from chainrule.nn.objective import mean_cost
from chainrule.ops.reductions import sum_p
from chainrule.transforms.operations import Operations, operations

Array = Any
_HEAD = (
    "layer", "in", "out", "weights", "biases", "parameters", "forward", "training", "kept",
)  # fmt: skip


@dataclass(frozen=True)
class LayerSummary:
    """One row: the input (layer 0), a dense layer with its activation, or the cost (layer None).

    ``forward`` and ``training`` are floating-point operations for one example: to compute the
    layer, and to compute it and its part of the backward sweep. ``kept`` is the bytes of one
    example that the forward sweep leaves for the backward sweep here. Shapes are None where there
    are no parameters.
    """

    layer: int | None
    kind: str
    n_in: int
    n_out: int
    weights: tuple[int, int] | None
    biases: tuple[int] | None
    forward: Operations
    training: Operations
    kept: int

    @property
    def parameters(self) -> int:
        """How many weights and biases there are."""
        return 0 if self.weights is None else self.n_out * self.n_in + self.n_out


@dataclass(frozen=True)
class Summary:
    """A model's layers, shapes, parameters, operations and memory; print it, or display it.

    An addition or multiplication is one operation, so a multiply-add is two; an elementwise
    function, whichever, is one for each entry (``transforms/operations.py``). Operations
    are those of the graphs after the passes of ``cr.compile``, for the examples that a mini-batch
    has more of; a step takes ``batch_size`` times that and what it does once, such as the update.
    Where a cost has the output activation inside (log-likelihood the softmax), training computes
    the two together, and the row of the cost counts them.

    Attributes:
        model: the model in one line.
        dtype: of parameters and computation.
        rows: the input, the layers, and the cost if it is known.
        batch_size: examples in a mini-batch.
        step_operations: of one step of plain gradient descent; None without a cost.
        workspace_bytes: what the machine code of that step needs besides parameters and
            mini-batch; None without a cost, or where a part of it has no machine code.

    >>> import chainrule as cr
    >>> summary = cr.nn.Network([784, 30, 10]).summary()
    >>> summary.parameters, summary.forward.counted  # 2 * (784 * 30 + 30 * 10) + 2 * (30 + 10)
    (23860, 47720)
    """

    model: str
    dtype: np.dtype[Any]
    rows: tuple[LayerSummary, ...]
    batch_size: int
    step_operations: Operations | None
    workspace_bytes: int | None

    @property
    def parameters(self) -> int:
        """How many weights and biases there are in all layers."""
        return sum(row.parameters for row in self.rows)

    @property
    def forward(self) -> Operations:
        """Operations to compute the outputs for one example."""
        layers = (row.forward for row in self.rows if row.layer is not None)
        return reduce(Operations.__add__, layers, Operations())

    @property
    def training(self) -> Operations:
        """Operations of the forward and the backward sweep for one example, the cost included."""
        return reduce(Operations.__add__, (row.training for row in self.rows), Operations())

    @property
    def parameter_bytes(self) -> int:
        """Memory of the parameters; gradients, a velocity, or each moment of adam take the same."""
        return self.parameters * self.dtype.itemsize

    @property
    def kept_bytes(self) -> int:
        """Memory that the forward sweep leaves for the backward sweep, for one example."""
        return sum(row.kept for row in self.rows)

    def __str__(self) -> str:
        lines = aligned([_HEAD, *(_cells(row) for row in self.rows), self._totals()])
        width = max(map(len, lines))
        return "\n".join([
            f"{self.model}, {self.dtype}", "", lines[0], *lines[1:-1], "-" * width, lines[-1], "",
            *aligned_left(self._notes()),
        ])  # fmt: skip

    __repr__ = __str__

    def _repr_html_(self) -> str:
        layers = table(
            _HEAD, [*(_cells(row) for row in self.rows), self._totals()], str(self.model)
        )
        notes = "".join(f"<li>{escape(name)}: {escape(text)}</li>" for name, text in self._notes())
        return f"{layers}\n<ul>{notes}</ul>"

    def _totals(self) -> tuple[str, ...]:
        forward, training = (f"{x.counted:,}" for x in (self.forward, self.training))
        total = f"{self.parameters:,}"
        return ("total", "", "", "", "", total, forward, training, readable(self.kept_bytes))

    def _notes(self) -> list[tuple[str, str]]:
        """What the table does not show, as names and texts."""
        n, size = self.batch_size, self.parameter_bytes
        notes = [
            ("forward, training", "operations for one example; a multiply-add counts 2"),
            ("kept", f"for the backward sweep, of one example; {n} take {self._bytes(n)}"),
            ("parameters", f"{readable(size)}; the same for gradients, momentum; adam 2 x"),
        ]
        if self.step_operations is None:
            return [*notes, ("a training step", "give cost= to know of it"), *self._uncounted()]
        space = self.workspace_bytes
        known = "not known, a part has no machine code" if space is None else readable(space)
        step = f"{self.step_operations.counted:,} operations; workspace as machine code {known}"
        return [*notes, (f"a step of {n} examples", step), *self._uncounted()]

    def _bytes(self, examples: int) -> str:
        return readable(examples * self.kept_bytes)

    def _uncounted(self) -> list[tuple[str, str]]:
        left = self.training.uncounted | self.forward.uncounted
        return [("not counted", ", ".join(sorted(left)))] if left else []


def aligned_left(rows: Sequence[tuple[str, str]]) -> list[str]:
    """Names and texts, the texts under each other."""
    width = max(len(name) for name, _ in rows)
    return [f"{name.ljust(width)}  {text}".rstrip() for name, text in rows]


def readable(n: int) -> str:
    """Bytes as a person reads them, with three digits; 1 kB is 1000 B.

    >>> readable(512), readable(95_440), readable(3_200_000)
    ('512 B', '95.4 kB', '3.20 MB')
    """
    size = float(n)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5 or unit == "GB":
            break
        size /= 1000
    digits = 0 if unit == "B" else max(0, 3 - len(str(int(size))))
    return f"{size:.{digits}f} {unit}"


def _cells(row: LayerSummary) -> tuple[str, ...]:
    shapes = ["" if s is None else " x ".join(map(str, s)) for s in (row.weights, row.biases)]
    forward = 0 if row.layer is None else row.forward.counted  # no part of the outputs
    counts = [f"{n:,}" if n else "" for n in (row.parameters, forward, row.training.counted)]
    name = "C" if row.layer is None else str(row.layer)
    kept = readable(row.kept) if row.kept else ""
    return (f"{name}  {row.kind}", str(row.n_in), str(row.n_out), *shapes, *counts, kept)


def summary_of(
    model: Sequential,
    text: str,
    *,
    cost: Cost | None,
    params: Any = None,
    dtype: Any = "float32",
    batch_size: int = 32,
) -> Summary:
    """The summary of dense layers and functions; ``text`` is the model in one line.

    Raises:
        ArgumentError: the batch size is less than 1.
        ShapeError: params are not those of the model.
    """
    if batch_size < 1:
        raise ArgumentError(f"batch_size must be an integer of at least 1, got {batch_size!r}")
    kind = np.dtype(dtype) if params is None else _dtype_of(model, params)
    rows = _rows(_blocks(model, cost), cost, kind)
    if cost is None:
        return Summary(text, kind, rows, batch_size, None, None)
    n_in, n_out = rows[0].n_in, rows[-2].n_out
    types = [_types(x, kind) for x in model.layers]
    step = step_graph(mean_cost(model, cost), types, n_in, n_out, batch_size)
    return Summary(text, kind, rows, batch_size, operations(step), workspace(step))


def _types(layer: Any, dtype: np.dtype[Any]) -> Any:
    """The types of a layer's parameters."""
    if not isinstance(layer, Dense):
        return ()
    shapes = {"weights": (layer.n_out, layer.n_in), "biases": (layer.n_out,)}
    return {name: ArrayType(shape, dtype) for name, shape in shapes.items()}


def _dtype_of(model: Sequential, params: Any) -> np.dtype[Any]:
    """The dtype of parameters, which must be the model's."""
    leaves, _ = flatten(params)
    shapes = [x.shape for layer in model.layers for x in flatten(_types(layer, np.dtype("f4")))[0]]
    if [np.shape(x) for x in leaves] != shapes:
        raise ShapeError(
            f"the parameters have shapes {[np.shape(x) for x in leaves]}, those of the model are"
            f" {shapes}"
        )
    return np.asarray(leaves[0]).dtype


@dataclass(frozen=True)
class _Block:
    """The input or a dense layer, with the functions after it; ``fused`` is one inside the cost."""

    dense: Dense | None
    n_in: int
    functions: tuple[Activation, ...] = ()
    fused: Activation | None = None

    @property
    def kind(self) -> str:
        """In words: what it is and which functions it has."""
        functions = [*self.functions, *([self.fused] if self.fused else [])]
        names = [f.__name__ for f in functions if f is not identity]
        return ", ".join(["input" if self.dense is None else "dense", *names])

    def demand(self, dtype: np.dtype[Any], *, first: bool) -> Demand:
        """What it asks of training, and what of a forward sweep."""
        found = self._demand(self.functions, dtype, first=first)
        if self.fused is None:
            return found
        whole = self._demand((*self.functions, self.fused), dtype, first=first)
        return replace(found, forward=whole.forward)

    def _demand(
        self, functions: tuple[Activation, ...], dtype: np.dtype[Any], *, first: bool
    ) -> Demand:
        def activation(z: Array) -> Array:
            for f in functions:
                z = f(z)
            return z

        if self.dense is None:
            return demand(activation, [], [self.n_in], dtype, first=True)

        def layer(w: Array, b: Array, x: Array) -> Array:
            return activation(x @ w.T + b)

        shapes = [(self.dense.n_out, self.n_in), (self.dense.n_out,)]
        return demand(layer, shapes, [self.n_in], dtype, first=first)


def _blocks(model: Sequential, cost: Cost | None) -> list[_Block]:
    """The input and the dense layers, with what the cost has inside taken off the last one."""
    first = next(layer for layer in model.layers if isinstance(layer, Dense))
    found = [_Block(None, first.n_in)]
    for layer in model.layers:
        if isinstance(layer, Dense):
            found.append(_Block(layer, layer.n_in))
        elif layer is not identity:
            found[-1] = replace(found[-1], functions=(*found[-1].functions, layer))
    if cost is not None and cost.of_weighted_input is not None:
        functions = found[-1].functions
        if model.output_activation is cost.output:
            found[-1] = replace(found[-1], functions=functions[:-1], fused=cost.output)
        elif model.output_activation is identity:
            found[-1] = replace(found[-1], fused=cost.output)
    return found


def _rows(
    blocks: Sequence[_Block], cost: Cost | None, dtype: np.dtype[Any]
) -> tuple[LayerSummary, ...]:
    """A row for each block and for the cost."""
    found = [block.demand(dtype, first=n <= 1) for n, block in enumerate(blocks)]
    last = None if cost is None else _of_cost(blocks[-1], cost, found[-1].width, dtype)
    rows: list[LayerSummary] = []
    for n, (block, this) in enumerate(zip(blocks, found, strict=True)):
        following = found[n + 1] if n + 1 < len(found) else last
        kept = this.keeps_output or (following is not None and following.keeps_input)
        dense = block.dense
        rows.append(
            LayerSummary(
                n, block.kind, block.n_in, this.width,
                None if dense is None else (dense.n_out, dense.n_in),
                None if dense is None else (dense.n_out,),
                this.forward, this.training, this.kept + kept * this.width * dtype.itemsize,
            )
        )  # fmt: skip
    if cost is not None and last is not None:
        inside = blocks[-1].fused
        kind = cost.name if inside is None else f"{cost.name} with {inside.__name__}"
        width = found[-1].width
        rows.append(
            LayerSummary(None, kind, width, 1, None, None, last.forward, last.training, last.kept)
        )
    return tuple(rows)


def _of_cost(output: _Block, cost: Cost, width: int, dtype: np.dtype[Any]) -> Demand:
    """What the mean cost asks for, of activations or, where it has those inside, of z."""
    given = cost.of_weighted_input if output.fused is not None else cost.of_activation
    assert given is not None

    def mean(a: Array, Y: Array) -> Array:
        return sum_p(given(a, Y), axes=(0,)) / shape_of(a)[0]

    return demand(mean, [], [width, width], dtype)
