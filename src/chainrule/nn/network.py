"""The feed-forward network of the book: its methods and their meaning, gradients from the graph.

The calls are those of ``Network`` in M. Nielsen, Neural Networks and Deep Learning, chapters 1 and
2. What differs: a mini-batch is computed at once, with examples as rows; activations and costs are
free to choose; and no derivative is written here, ``backprop`` asks ``cr.grad``. ``record`` keeps
every number of one forward and one backward sweep, see ``record.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.compile import Compiled, Executor
from chainrule.core.errors import ArgumentError, DataError, ShapeError
from chainrule.core.tracebacks import users_frames
from chainrule.nn.activations import ACTIVATIONS, Activation, activation_named
from chainrule.nn.costs import COSTS, Cost, cost_named
from chainrule.nn.display import Layer, as_argument, layers_table, name_of
from chainrule.nn.examples import as_rows, is_column, labels_of, one_hot_rows, stack_examples
from chainrule.nn.initialisers import Initialiser, initialiser_named
from chainrule.nn.layers import Dense, Sequential
from chainrule.nn.objective import mean_cost
from chainrule.nn.record import Record, cost_derivative, record_stack
from chainrule.transforms.derived import grad

if TYPE_CHECKING:
    from chainrule.nn.summary import Summary

Array = Any
Example = tuple[Array, Array]


class Network:
    """A fully connected network whose layers have the given numbers of neurons.

    Args:
        sizes: neurons in each layer, the input layer first: ``[784, 30, 10]``.
        activation: a name ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "softplus", "softmax",
            "identity"), a function of plain NumPy, or one for each layer after the input.
        cost: "quadratic", "cross-entropy", "log-likelihood", "mean-absolute", "huber", or a
            function of ``(a, y)`` with examples as rows that returns one number for each row.
            Unless activations are given layer by layer, cross-entropy makes the output layer
            sigmoid and log-likelihood makes it softmax.
        seed: for the initial parameters and the shuffling. With ``init="book"`` they are what the
            book's class draws after ``np.random.seed(seed)``.
        dtype: of parameters and computation.
        init: "book" (standard normal), "scaled" (standard deviation 1/sqrt(n_in), biases zero),
            "glorot", "he", or a function ``(rng, n_in, n_out) -> (weights, biases)``.

    Attributes:
        weights: one array of shape (n_out, n_in) for each layer after the input.
        biases: one array of shape (n_out,) for each.

    Raises:
        ShapeError: sizes or activations do not make a network.

    >>> net = Network([784, 30, 10])
    >>> [w.shape for w in net.weights], [b.shape for b in net.biases]
    ([(30, 784), (10, 30)], [(30,), (10,)])
    >>> net.feedforward(np.zeros(784)).shape
    (10,)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Activation | Sequence[str | Activation] = "sigmoid",
        cost: str | Cost | Callable[[Array, Array], Array] = "quadratic",
        seed: int = 0,
        dtype: Any = "float64",
        init: str | Initialiser = "book",
    ) -> None:
        self.sizes = [int(n) for n in sizes]
        if len(self.sizes) < 2 or min(self.sizes) < 1:
            raise ShapeError(
                "a network needs at least two layers of at least one neuron,"
                f" got sizes {list(sizes)}"
            )
        self.num_layers = len(self.sizes)
        self.cost = cost_named(cost)
        self.activations = _layer_activations(activation, self.cost, self.num_layers - 1)
        self.dtype = np.dtype(dtype)
        self.initialiser = init
        self.seed = seed
        self.params = self.init(seed, self.dtype)
        self._shuffler = np.random.default_rng(seed)
        self._gradient = Compiled(grad(mean_cost(self, self.cost)), "interpreter")

    # ---- parameters -------------------------------------------------------------------------

    def init(self, seed: int, dtype: Any = "float32") -> list[dict[str, Array]]:
        """Initial parameters, one ``{"weights", "biases"}`` for each layer after the input.

        As in the book all biases are drawn before all weights.
        """
        shapes = list(zip(self.sizes[:-1], self.sizes[1:], strict=True))
        if self.initialiser == "book":
            rng = np.random.RandomState(seed)  # the generator behind np.random.seed
            biases = [rng.standard_normal(n_out) for _, n_out in shapes]
            weights = [rng.standard_normal((n_out, n_in)) for n_in, n_out in shapes]
        else:
            generator = np.random.default_rng(seed)
            draw = initialiser_named(self.initialiser)
            weights, biases = zip(*(draw(generator, *shape) for shape in shapes), strict=True)
        return [
            {"weights": w.astype(dtype), "biases": b.astype(dtype)}
            for w, b in zip(weights, biases, strict=True)
        ]

    @property
    def params(self) -> list[dict[str, Array]]:
        """Weights and biases as the nested container that pure functions of the network take."""
        return [{"weights": w, "biases": b} for w, b in zip(self.weights, self.biases, strict=True)]

    @params.setter
    def params(self, params: Sequence[dict[str, Array]]) -> None:
        self.weights = [p["weights"] for p in params]
        self.biases = [p["biases"] for p in params]

    # ---- as a pure function -------------------------------------------------------------------

    def __call__(self, params: Sequence[dict[str, Array]], x: Array) -> Array:
        """The outputs for rows of inputs, as a pure function of the parameters."""
        return self.output_activation(self.weighted_output(params, x))

    def weighted_output(self, params: Sequence[dict[str, Array]], x: Array) -> Array:
        """The weighted input z of the output layer, as a pure function of the parameters."""
        z = x
        for i, (n_in, n_out) in enumerate(zip(self.sizes[:-1], self.sizes[1:], strict=True)):
            a = z if i == 0 else self.activations[i - 1](z)
            z = Dense(n_in, n_out)(params[i], a)
        return z

    @property
    def output_activation(self) -> Activation:
        """The activation of the output layer."""
        return self.activations[-1]

    # ---- the book's methods -------------------------------------------------------------------

    def feedforward(self, a: Array) -> Array:
        """The output of the network for input ``a``.

        ``a`` is one example, of shape (n,) or (n, 1), or a batch (examples, n); the result has the
        same form.
        """
        rows = as_rows(a, self.sizes[0], self.dtype, "the input")
        out = self(self.params, rows)
        if is_column(a, self.sizes[0]):
            return out[0][:, None]
        return out if np.ndim(a) == 2 else out[0]

    def backprop(self, x: Array, y: Array) -> tuple[list[Array], list[Array]]:
        """``(nabla_b, nabla_w)``: the gradient of the cost C_x of one example, layer by layer."""
        X = as_rows(x, self.sizes[0], self.dtype, "x")
        Y = as_rows(y, self.sizes[-1], self.dtype, "y")
        if len(X) != 1 or len(Y) != 1:
            raise ShapeError(
                f"backprop takes one example, got {len(X)} inputs and {len(Y)} targets;"
                " net.record takes a batch"
            )
        return _by_layer(self._gradient(self.params, X, Y))

    def update_mini_batch(self, mini_batch: Sequence[Example], eta: float) -> None:
        """One step of gradient descent: ``w -> w - eta/m sum_x dC_x/dw``, and the same for biases.

        ``mini_batch`` is a list of pairs ``(x, y)``.
        """
        self._step(*stack_examples(mini_batch, self.sizes[0], self.sizes[-1], self.dtype), eta)

    def _step(self, X: Array, Y: Array, eta: float) -> None:
        nabla_b, nabla_w = _by_layer(self._gradient(self.params, X, Y))
        self.weights = [w - eta * nw for w, nw in zip(self.weights, nabla_w, strict=True)]
        self.biases = [b - eta * nb for b, nb in zip(self.biases, nabla_b, strict=True)]

    def SGD(
        self,
        training_data: Iterable[Example] | tuple[Array, Array],
        epochs: int,
        mini_batch_size: int,
        eta: float,
        test_data: Iterable[Example] | tuple[Array, Array] | None = None,
    ) -> None:
        """Mini-batch stochastic gradient descent, with a new shuffle for each epoch.

        With ``test_data`` the network is evaluated after each epoch and the result printed, as in
        the book. Data are lists of pairs ``(x, y)``, or a pair of arrays ``(X, Y)`` with examples
        as rows. For validation, checkpoints and speed see ``cr.fit``.
        """
        if eta <= 0 or mini_batch_size < 1 or epochs < 0:
            raise ArgumentError(
                f"SGD needs eta > 0, mini_batch_size >= 1 and epochs >= 0, got eta={eta},"
                f" mini_batch_size={mini_batch_size}, epochs={epochs}"
            )
        X, Y = stack_examples(training_data, self.sizes[0], self.sizes[-1], self.dtype)
        for epoch in range(epochs):
            order = self._shuffler.permutation(len(X))
            for start in range(0, len(X), mini_batch_size):
                chosen = order[start : start + mini_batch_size]
                self._step(X[chosen], Y[chosen], eta)
            if test_data is not None:
                right, total = self._score(test_data)
                print(f"Epoch {epoch}: {right} / {total}")
            else:
                print(f"Epoch {epoch} complete")

    def evaluate(self, test_data: Iterable[Example] | tuple[Array, Array]) -> int:
        """How many test examples have their largest output where it should be.

        The target of an example is a class number, or a row whose largest entry marks the class.
        """
        return self._score(test_data)[0]

    def _score(self, test_data: Iterable[Example] | tuple[Array, Array]) -> tuple[int, int]:
        X, labels = labels_of(test_data, self.sizes[0], self.dtype)
        if len(X) == 0:
            raise DataError("evaluate needs at least one test example")
        found = np.argmax(self(self.params, X), axis=1)
        return int(np.sum(found == labels)), len(labels)

    def cost_derivative(self, output_activations: Array, y: Array) -> Array:
        """``dC_x / da`` at the output activations; for the quadratic cost ``a - y``."""
        a = np.asarray(output_activations, self.dtype)
        rows = as_rows(a, self.sizes[-1], self.dtype, "output_activations")
        Y = as_rows(y, self.sizes[-1], self.dtype, "y")
        return np.reshape(cost_derivative(self.cost, rows, Y), a.shape)

    # ---- seeing ---------------------------------------------------------------------------------

    def record(
        self,
        X: Array,
        Y: Array,
        keep: Iterable[str] | str | None = None,
        executor: Executor = "interpreter",
    ) -> Record:
        """One forward and one backward sweep over a batch, with every number kept by name.

        Args:
            X: examples as rows; one example may be given as (n,) or (n, 1).
            Y: one target row for each, or class numbers.
            keep: some of "z", "a", "delta", "delta_a", "nabla_w", "nabla_b", "cost"; None for all.
                What is not asked for is neither computed nor kept.
            executor: "interpreter" starts at once; "native" takes seconds for the first record of
                a shape, and pays where many of that shape follow.

        Returns:
            A :class:`~chainrule.nn.record.Record`.

        >>> net = Network([2, 3, 1])
        >>> record = net.record(np.ones((4, 2)), np.zeros((4, 1)), keep=("delta", "a"))
        >>> record.delta[2].shape, record.per_example_nabla_w(1).shape
        ((4, 1), (4, 3, 2))
        """
        from chainrule.nn.stack import stack_of  # which rests on this module

        with users_frames:
            return record_stack(stack_of(self), X, Y, keep, executor)

    def total_cost(self, X: Array, Y: Array) -> float:
        """The mean cost over a batch, ``C = (1/n) sum_x C_x``."""
        rows = as_rows(X, self.sizes[0], self.dtype, "X")
        targets = one_hot_rows(Y, len(rows), self.sizes[-1], self.dtype)
        return float(mean_cost(self, self.cost)(self.params, rows, targets))

    def summary(self, params: Any = None, batch_size: int = 32, cost: Any = None) -> Summary:
        """Layers, shapes, parameters, operations and memory; nothing is run.

        ``params`` and ``cost`` take the place of its own; ``batch_size`` is of the training steps
        whose operations and workspace are told. See :class:`~chainrule.nn.summary.Summary`.

        >>> print(Network([784, 30, 10]).summary(batch_size=10))
        Network([784, 30, 10], activation='sigmoid', cost='quadratic'), float64
        ...
        """
        from chainrule.nn.summary import summary_of

        chosen = self.cost if cost is None else cost_named(cost)
        given = None if params is None else [x for p in params for x in (p, ())]
        return summary_of(
            self.sequential(), repr(self), cost=chosen, params=given, dtype=self.dtype,
            batch_size=batch_size,
        )  # fmt: skip

    def __repr__(self) -> str:
        """As it was made, where that is not the default; the parameters may be trained since.

        >>> Network([784, 30, 10], activation="relu", cost="log-likelihood", dtype="float32")
        Network([784, 30, 10], activation='relu', cost='log-likelihood', dtype='float32')
        """
        first = self.activations[0]
        if _layer_activations(first, self.cost, self.num_layers - 1) == self.activations:
            activation = as_argument(first, ACTIVATIONS)
        else:
            activation = f"[{', '.join(as_argument(f, ACTIVATIONS) for f in self.activations)}]"
        dtype = "" if self.dtype == np.float64 else f", dtype={self.dtype.name!r}"
        given = self.initialiser
        init = "" if given == "book" else f", init={as_argument(given, {})}"
        cost = repr(self.cost.name) if COSTS.get(self.cost.name) is self.cost else self.cost.name
        return f"Network({self.sizes}, activation={activation}, cost={cost}{dtype}{init})"

    def _repr_html_(self) -> str:
        shapes = zip(self.sizes, self.sizes[1:], map(name_of, self.activations), strict=False)
        return layers_table([Layer(*shape) for shape in shapes], repr(self))

    def sequential(self) -> Sequential:
        """The same layers as a :class:`~chainrule.nn.layers.Sequential` model."""
        layers: list[Dense | Activation] = []
        for n_in, n_out, f in zip(self.sizes, self.sizes[1:], self.activations, strict=False):
            layers += [Dense(n_in, n_out, self.initialiser), f]
        return Sequential(layers)


def _layer_activations(given: Any, cost: Cost, n: int) -> list[Activation]:
    """One activation for each layer after the input."""
    if isinstance(given, str) or callable(given):
        activations = [activation_named(given)] * n
        if cost.output is not None:
            activations[-1] = cost.output
        return activations
    activations = [activation_named(f) for f in given]
    if len(activations) != n:
        raise ShapeError(
            f"{len(activations)} activations for {n} layers after the input; give one name, or one"
            " for each layer"
        )
    return activations


def _by_layer(gradient: Sequence[dict[str, Array]]) -> tuple[list[Array], list[Array]]:
    return [g["biases"] for g in gradient], [g["weights"] for g in gradient]
