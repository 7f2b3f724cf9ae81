"""Training dense networks: an epoch of mini-batch gradient descent, in float32.

All contenders begin with the same parameters, take the same mini-batches in the same order, compute
the gradient of the mean cost and make a plain step. The numbers that are compared are the
parameters after the first steps; not after many, because a relu whose input is a rounding error
away from 0 sends programs that are equally right on different ways. scikit-learn has its own
initial weights, order and costs, so it does work of the same size and is not compared.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.work import OURS, Contender, Size, Task, Work

Array = Any
Layers = list[tuple[Array, Array]]


def data(size: Size) -> tuple[Array, Array, Array, Layers]:
    """Inputs, one-hot targets, the order of the examples, and weights and biases."""
    rng = np.random.default_rng(5)
    n, sizes = size["examples"], size["layers"]
    X = rng.random((n, sizes[0]), dtype=np.float32)
    Y = np.eye(sizes[-1], dtype=np.float32)[rng.integers(0, sizes[-1], n)]
    layers: Layers = []
    for n_in, n_out in itertools.pairwise(sizes):
        w = rng.standard_normal((n_out, n_in), dtype=np.float32) / np.float32(np.sqrt(n_in))
        layers.append((w, np.zeros(n_out, np.float32)))
    return X, Y, rng.permutation(n), layers


def flat(layers: Layers) -> list[Array]:
    """Weights and biases in order."""
    return [x for layer in layers for x in layer]


# ---- contenders ----------------------------------------------------------------------------------


def chainrule(size: Size, threads: int) -> Task:
    """The loop that ``cr.fit`` and ``chainrule train`` run."""
    import chainrule as cr
    from chainrule.core.tree import flatten, unflatten
    from chainrule.executors.native.epoch import NativeLoop
    from chainrule.executors.native.team import team_for
    from chainrule.nn import costs
    from chainrule.training.step import training_step

    X, Y, order, layers = data(size)
    batch = size["batch"]
    cost = size["cost"]
    model = cr.nn.Network(size["layers"], activation=size["activation"], cost=cost, dtype="float32")
    params = [
        {**p, "weights": w, "biases": b} for p, (w, b) in zip(model.params, layers, strict=True)
    ]
    known = {"quadratic": costs.quadratic, "log-likelihood": costs.log_likelihood}
    step = training_step(model, known[cost], cr.optim.sgd(size["eta"]), 0.0, "native")
    graph = step.graph(params, (), X[:batch], Y[:batch], 1.0)
    loop = NativeLoop(graph, team_for(graph, threads, deterministic=False))
    carry, structure = flatten((params, ()))
    steps = len(X) // batch

    def run(steps: int = steps) -> Sequence[Any]:
        _, new, _ = loop.run(carry, order, 0, steps, X, Y, size["eta"], 0.0)
        trained, _ = unflatten(structure, new)
        return flat([(p["weights"], p["biases"]) for p in trained])

    return Task(run, steps, lambda: run(min(steps, size["checked"])))


def torch(size: Size, threads: int) -> Task:
    """PyTorch, eager: modules, autograd and ``torch.optim.SGD``."""
    import torch

    torch.set_num_threads(threads)
    X, Y, order, layers = data(size)
    inputs, targets, labels = (torch.from_numpy(x) for x in (X, Y, Y.argmax(1)))
    rows = torch.from_numpy(order)
    batch = size["batch"]
    last = len(layers) - 1

    def build() -> Any:
        modules: list[Any] = []
        for i, (w, b) in enumerate(layers):
            linear = torch.nn.Linear(w.shape[1], w.shape[0])
            linear.weight.data, linear.bias.data = torch.tensor(w), torch.tensor(b)
            modules.append(linear)
            if size["activation"] == "sigmoid":
                modules.append(torch.nn.Sigmoid())
            elif i < last:
                modules.append(torch.nn.ReLU())
        return torch.nn.Sequential(*modules)

    def run(steps: int = len(X) // batch) -> Sequence[Any]:
        model = build()
        optimiser = torch.optim.SGD(model.parameters(), lr=size["eta"])
        for start in range(0, steps * batch, batch):
            chosen = rows[start : start + batch]
            optimiser.zero_grad()
            out = model(inputs[chosen])
            if size["cost"] == "quadratic":
                cost = 0.5 * ((out - targets[chosen]) ** 2).sum() / batch
            else:
                cost = torch.nn.functional.cross_entropy(out, labels[chosen])
            cost.backward()
            optimiser.step()
        return [p.detach().numpy() for p in model.parameters()]

    return Task(run, len(X) // batch, lambda: run(min(len(X) // batch, size["checked"])))


def jax(size: Size, threads: int) -> Task:
    """JAX: the epoch as one jitted ``lax.scan`` over the mini-batches."""
    import jax
    import jax.numpy as jnp

    X, Y, order, layers = data(size)
    batch, eta = size["batch"], size["eta"]
    steps = len(X) // batch
    rows = jnp.asarray(order[: steps * batch].reshape(steps, batch))
    inputs, targets = jnp.asarray(X), jnp.asarray(Y)
    start = [(jnp.asarray(w), jnp.asarray(b)) for w, b in layers]

    def cost(params: Any, x: Any, y: Any) -> Any:
        for i, (w, b) in enumerate(params):
            z = x @ w.T + b
            if size["activation"] == "sigmoid":
                x = jax.nn.sigmoid(z)
            else:
                x = jax.nn.relu(z) if i < len(params) - 1 else z
        if size["cost"] == "quadratic":
            return 0.5 * jnp.sum((x - y) ** 2) / batch
        return -jnp.sum(y * jax.nn.log_softmax(x)) / batch

    @jax.jit
    def epoch(params: Any, inputs: Any, targets: Any, rows: Any) -> Any:
        def step(params: Any, chosen: Any) -> Any:
            g = jax.grad(cost)(params, inputs[chosen], targets[chosen])
            return jax.tree.map(lambda p, d: p - eta * d, params, g), None

        return jax.lax.scan(step, params, rows)[0]

    def run(rows: Any = rows) -> Sequence[Any]:
        return flat(jax.block_until_ready(epoch(start, inputs, targets, rows)))

    return Task(run, steps, lambda: run(rows[: size["checked"]]))


def sklearn(size: Size, threads: int) -> Task:
    """scikit-learn's MLPClassifier, one epoch of plain SGD."""
    import warnings

    from sklearn.neural_network import MLPClassifier

    X, Y, _, _ = data(size)
    warnings.simplefilter("ignore")  # one epoch does not converge
    kind = {"sigmoid": "logistic", "relu": "relu"}[size["activation"]]
    options = {
        "hidden_layer_sizes": tuple(size["layers"][1:-1]), "activation": kind, "solver": "sgd",
        "alpha": 0.0, "batch_size": size["batch"], "learning_rate_init": size["eta"],
        "momentum": 0.0, "nesterovs_momentum": False, "max_iter": 1, "random_state": 0,
    }  # fmt: skip
    labels = Y.argmax(1)

    def run() -> Sequence[Any]:
        return MLPClassifier(**options).fit(X, labels).coefs_

    return Task(run, len(X) // size["batch"])


def per_example(size: Size, threads: int) -> Task:
    """NumPy, one example after the other: columns, outer products, gradients added in a loop."""
    from scipy.special import expit

    X, Y, order, layers = data(size)
    batch, eta = size["batch"], np.float32(size["eta"])

    def gradients(layers: Layers, x: Array, y: Array) -> Layers:
        activations = [x]
        for w, b in layers:
            activations.append(expit(w @ activations[-1] + b))
        found: Layers = []
        a = activations[-1]
        delta = (a - y) * a * (1 - a)
        for i in reversed(range(len(layers))):
            found.append((delta @ activations[i].T, delta))
            if i:
                a = activations[i]
                delta = (layers[i][0].T @ delta) * a * (1 - a)
        return found[::-1]

    def run(steps: int = len(X) // batch) -> Sequence[Any]:
        current = [(w, b[:, None]) for w, b in layers]
        for start in range(0, steps * batch, batch):
            sums = [(np.zeros_like(w), np.zeros_like(b)) for w, b in current]
            for row in order[start : start + batch]:
                found = gradients(current, X[row][:, None], Y[row][:, None])
                sums = [(s + g, t + h) for (s, t), (g, h) in zip(sums, found, strict=True)]
            current = [
                (w - eta / batch * s, b - eta / batch * t)
                for (w, b), (s, t) in zip(current, sums, strict=True)
            ]
        return flat([(w, b[:, 0]) for w, b in current])

    return Task(run, len(X) // batch, lambda: run(min(len(X) // batch, size["checked"])))


def products(size: Size, threads: int) -> Task:
    """The matrix products of the steps alone, as NumPy's ``a @ b`` into ready arrays."""
    X, _, _, layers = data(size)
    batch = size["batch"]
    steps = len(X) // batch
    inputs = [X[:batch], *(np.ones((batch, w.shape[0]), np.float32) for w, _ in layers)]
    deltas = [np.empty((batch, w.shape[0]), np.float32) for w, _ in layers]
    updates = [np.empty_like(w) for w, _ in layers]

    def run() -> Sequence[Any]:
        for _ in range(steps):
            for i, (w, _) in enumerate(layers):
                np.matmul(inputs[i], w.T, out=deltas[i])
            for i in reversed(range(len(layers))):
                np.matmul(inputs[i + 1].T, inputs[i], out=updates[i])
                if i:
                    np.matmul(inputs[i + 1], layers[i][0], out=deltas[i - 1])
        return deltas

    return Task(run, steps)


PEERS = {
    OURS: Contender(chainrule),
    "PyTorch": Contender(torch, is_peer=True, note="eager"),
    "JAX": Contender(jax, is_peer=True, note="jit(scan)"),
}

SEED = Work(
    name="mlp-seed",
    what="784-30-10, sigmoid, quadratic cost, mini-batches of 10, an epoch of 50,000 examples",
    sizes=[{"layers": [784, 30, 10], "activation": "sigmoid", "cost": "quadratic", "batch": 10,
            "eta": 3.0, "checked": 20, "examples": 50_000}],
    contenders={
        **PEERS,
        "scikit-learn": Contender(
            sklearn, is_peer=True, compared=False, note="softmax and its log-likelihood"
        ),
        "NumPy by example": Contender(per_example),
    },
    tolerance=1e-4,
    unit="step",
    at_least={"PyTorch": 10, "JAX": 2, "scikit-learn": 15, "NumPy by example": 25},
    small={"layers": [20, 8, 4], "activation": "sigmoid", "cost": "quadratic", "batch": 10,
           "eta": 3.0, "checked": 20, "examples": 200},
    shows_memory=True,
)  # fmt: skip
MID = Work(
    name="mlp-mid",
    what="784-256-128-10, relu, log-likelihood, mini-batches of 64",
    sizes=[{"layers": [784, 256, 128, 10], "activation": "relu", "cost": "log-likelihood",
            "batch": 64, "eta": 0.05, "checked": 20, "examples": 64 * 300}],
    contenders={**PEERS, "a @ b": Contender(products, compared=False, note="the products alone")},
    threads=(1, 2),
    tolerance=1e-4,
    unit="step",
    at_least={"PyTorch": 2.2, "JAX": 1.0},
    small={"layers": [20, 8, 4], "activation": "relu", "cost": "log-likelihood", "batch": 16,
           "eta": 0.05, "checked": 20, "examples": 160},
    shows_memory=True,
)  # fmt: skip
BIG = Work(
    name="mlp-big",
    what="784-2048-2048-10, relu, log-likelihood, mini-batches of 512",
    sizes=[{"layers": [784, 2048, 2048, 10], "activation": "relu", "cost": "log-likelihood",
            "batch": 512, "eta": 0.05, "checked": 1, "examples": 512 * 10}],
    contenders={**PEERS, "a @ b": Contender(products, compared=False, note="the products alone")},
    threads=(1, 2),
    tolerance=1e-3,
    unit="step",
    at_least={"PyTorch": 1.5, "JAX": 1.0, "a @ b": 0.8},
    small={"layers": [20, 16, 4], "activation": "relu", "cost": "log-likelihood", "batch": 32,
           "eta": 0.05, "checked": 1, "examples": 160},
    shows_memory=True,
)  # fmt: skip
