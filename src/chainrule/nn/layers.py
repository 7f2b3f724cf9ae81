"""Layers as pure functions: ``Dense``, and ``Sequential`` that joins layers and activations.

A model is something with ``init(seed) -> params`` and ``model(params, x) -> outputs``, where params
are nested containers of arrays; ``grad``, ``vmap`` and ``compile`` then apply to it as to any
function. An activation is a plain function and stands between layers as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of
from chainrule.core.tracebacks import users_frames
from chainrule.nn.activations import identity
from chainrule.nn.display import Layer, as_argument, layers_table, name_of
from chainrule.nn.initialisers import Generator, Initialiser, initialiser_named

if TYPE_CHECKING:
    from chainrule.compile import Executor
    from chainrule.nn.costs import Cost
    from chainrule.nn.record import Record
    from chainrule.nn.summary import Summary

Array = Any
Params = Any
Function = Callable[[Array], Array]


class Model(Protocol):
    """What can be trained: parameters, and a pure function of them and the inputs."""

    def init(self, seed: int, dtype: Any = ...) -> Params:
        """Initial parameters."""
        ...

    def __call__(self, params: Params, x: Array) -> Array:
        """The outputs for rows of inputs."""
        ...

    def weighted_output(self, params: Params, x: Array) -> Array:
        """The outputs before the last activation: the weighted input z of the output layer."""
        ...

    @property
    def output_activation(self) -> Function:
        """The activation that turns ``weighted_output`` into the outputs."""
        ...


@dataclass(frozen=True, repr=False)
class Dense:
    """A fully connected layer: ``z = x @ weights.T + biases``.

    Args:
        n_in: number of inputs.
        n_out: number of neurons.
        init: how ``weights`` (n_out, n_in) and ``biases`` (n_out,) are drawn: "scaled", "glorot",
        "he",
            "book", or a function ``(rng, n_in, n_out) -> (weights, biases)``.

    >>> layer = Dense(3, 2)
    >>> params = layer.init(np.random.default_rng(0))
    >>> layer(params, np.ones((5, 3))).shape
    (5, 2)
    """

    n_in: int
    n_out: int
    initialiser: str | Initialiser = "scaled"

    def __post_init__(self) -> None:
        for name, n in (("n_in", self.n_in), ("n_out", self.n_out)):
            if n < 1:
                raise ShapeError(f"Dense({self.n_in}, {self.n_out}): {name} must be at least 1")

    def init(self, rng: Generator) -> dict[str, Array]:
        """Initial weights and biases."""
        weights, biases = initialiser_named(self.initialiser)(rng, self.n_in, self.n_out)
        return {"weights": weights, "biases": biases}

    def __repr__(self) -> str:
        init = "" if self.initialiser == "scaled" else f", {as_argument(self.initialiser, {})}"
        return f"Dense({self.n_in}, {self.n_out}{init})"

    def __call__(self, params: Params, x: Array) -> Array:
        """The weighted input z, one row for each row of ``x``."""
        if shape_of(x)[-1:] != (self.n_in,):
            raise ShapeError(
                f"Dense({self.n_in}, {self.n_out}) takes rows of {self.n_in} numbers, got an array"
                f" of shape {shape_of(x)}"
            )
        return x @ params["weights"].T + params["biases"]


class Sequential:
    """Layers one after the other; plain functions between them are activations without parameters.

    Args:
        layers: :class:`Dense` layers and functions of one array.

    >>> from chainrule.nn.activations import relu
    >>> model = Sequential([Dense(4, 8), relu, Dense(8, 3)])
    >>> params = model.init(0)
    >>> model(params, np.ones((2, 4))).shape
    (2, 3)
    """

    def __init__(self, layers: Sequence[Dense | Function]) -> None:
        self.layers = tuple(layers)
        if not any(isinstance(layer, Dense) for layer in self.layers):
            raise ShapeError("Sequential needs at least one Dense layer")
        before: Dense | None = None
        for layer in self.layers:
            if isinstance(layer, Dense):
                if before is not None and before.n_out != layer.n_in:
                    raise ShapeError(
                        f"Dense({layer.n_in}, {layer.n_out}) takes {layer.n_in} inputs, but the"
                        f" layer before it gives {before.n_out}"
                    )
                before = layer

    def init(self, seed: int, dtype: Any = "float32") -> list[Any]:
        """Initial parameters, a list with one entry a layer: a dict, or () for a function."""
        rng = np.random.default_rng(seed)
        return [
            {k: v.astype(dtype) for k, v in layer.init(rng).items()}
            if isinstance(layer, Dense)
            else ()
            for layer in self.layers
        ]

    def __call__(self, params: Params, x: Array) -> Array:
        """The outputs, one row for each row of ``x``."""
        return self.output_activation(self.weighted_output(params, x))

    def weighted_output(self, params: Params, x: Array) -> Array:
        """The outputs before the last activation."""
        last = len(self.layers) - (self._ends_in_activation())
        if len(params) != len(self.layers):
            raise ShapeError(f"{len(self.layers)} layers, but parameters for {len(params)}")
        for layer, layer_params in zip(self.layers[:last], params, strict=False):
            x = layer(layer_params, x) if isinstance(layer, Dense) else layer(x)
        return x

    @property
    def output_activation(self) -> Function:
        """The function at the end, or the identity."""
        last = self.layers[-1]
        return identity if isinstance(last, Dense) else last

    def record(
        self,
        params: Params,
        X: Array,
        Y: Array,
        cost: str | Cost | Callable[[Array, Array], Array] | None = None,
        keep: Iterable[str] | str | None = None,
        executor: Executor = "interpreter",
    ) -> Record:
        """One forward and one backward sweep over a batch, with every number kept by name.

        As :meth:`Network.record <chainrule.nn.network.Network.record>`. Layers are counted from 1,
        one for each ``Dense`` with what follows it; ``a[0]`` is what the first one gets.

        >>> from chainrule.nn.activations import tanh
        >>> model = Sequential([Dense(2, 3), tanh, Dense(3, 2)])
        >>> X, classes = np.ones((4, 2)), np.array([0, 1, 1, 0])
        >>> record = model.record(model.init(0), X, classes, cost="log-likelihood")
        >>> bool(np.allclose(record.delta[2], record.a[2] - np.eye(2)[classes]))
        True
        """
        from chainrule.nn.record import record_stack  # which rests on this module
        from chainrule.nn.stack import stack_of

        with users_frames:
            return record_stack(stack_of(self, params, cost), X, Y, keep, executor)

    def summary(
        self, params: Any = None, batch_size: int = 32, cost: str | Cost | None = None
    ) -> Summary:
        """Layers, shapes, parameters, operations and memory; nothing is run.

        Args:
            params: tell the dtype, float32 without them.
            batch_size: examples of the training steps whose operations and workspace are told.
            cost: as for ``cr.fit``; without it a training step is not known.

        See :class:`~chainrule.nn.summary.Summary`.

        >>> from chainrule.nn.activations import relu
        >>> model = Sequential([Dense(4, 8), relu, Dense(8, 3)])
        >>> summary = model.summary(cost="log-likelihood")
        >>> summary.parameters, [row.kept for row in summary.rows]
        (67, [16, 40, 0, 28])
        """
        from chainrule.nn.costs import cost_named
        from chainrule.nn.summary import summary_of

        given = None if cost is None else cost_named(cost)
        return summary_of(self, repr(self), cost=given, params=params, batch_size=batch_size)

    def __repr__(self) -> str:
        return f"Sequential([{', '.join(map(_text, self.layers))}])"

    def _repr_html_(self) -> str:
        rows: list[Layer] = []
        for layer in self.layers:
            if isinstance(layer, Dense):
                rows.append(Layer(layer.n_in, layer.n_out))
            elif rows:
                names = filter(None, [rows[-1].activation, name_of(layer)])
                rows[-1] = rows[-1]._replace(activation=", ".join(names))
        return layers_table(rows, repr(self))

    def _ends_in_activation(self) -> bool:
        return not isinstance(self.layers[-1], Dense)


def _text(layer: Dense | Function) -> str:
    return repr(layer) if isinstance(layer, Dense) else name_of(layer)
