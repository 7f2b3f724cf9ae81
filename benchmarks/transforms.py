"""Derivatives of every kind: of each example, of second order, in little memory.

``per-example`` and ``gradient-norms`` differentiate the cost of a network for each example of a
mini-batch; ``hvp`` multiplies its Hessian by a vector; ``hessian`` computes a whole one;
``checkpoint`` goes backwards through a long loop with a hundredth of the memory. Sparse derivatives
are in ``sparse.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.work import OURS, Contender, Size, Task, Work

Array = Any
Params = list[Array]


# ---- a network -----------------------------------------------------------------------------------


def network(size: Size) -> tuple[Params, Array, Array]:
    """Weights and biases of two layers, digits-like examples and labels one row each."""
    rng = np.random.default_rng(3)
    inputs, hidden, outputs = size["layers"]
    params = [
        rng.normal(size=(hidden, inputs)) / math.sqrt(inputs), np.zeros(hidden),
        rng.normal(size=(outputs, hidden)) / math.sqrt(hidden), np.zeros(outputs),
    ]  # fmt: skip
    X = rng.random((size["batch"], inputs))
    Y = np.eye(outputs)[rng.integers(0, outputs, size["batch"])]
    return [p.astype(np.float32) for p in params], X.astype(np.float32), Y.astype(np.float32)


def cost(np: Any) -> Callable[[Params, Array, Array], Any]:
    """The log-likelihood cost of one example, with NumPy or ``jax.numpy``."""

    def of_example(params: Params, x: Array, y: Array) -> Any:
        w1, b1, w2, b2 = params
        z = w2 @ np.tanh(w1 @ x + b1) + b2
        return np.log(np.sum(np.exp(z))) - np.sum(z * y)

    return of_example


def mean_cost(np: Any) -> Callable[[Params, Array, Array], Any]:
    """The mean over a mini-batch."""

    def of_batch(params: Params, X: Array, Y: Array) -> Any:
        w1, b1, w2, b2 = params
        z = np.tanh(X @ w1.T + b1) @ w2.T + b2
        return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(z * Y, axis=1))

    return of_batch


def _torch_network(size: Size, threads: int) -> tuple[Any, Any, Any, Any]:
    import torch

    torch.set_num_threads(threads)
    params, X, Y = network(size)
    return torch, tuple(map(torch.tensor, params)), torch.tensor(X), torch.tensor(Y)


def _torch_cost(torch: Any, params: Any, x: Any, y: Any) -> Any:
    w1, b1, w2, b2 = params
    z = torch.tanh(x @ w1.T + b1) @ w2.T + b2
    return torch.logsumexp(z, -1) - (z * y).sum(-1)


# ---- the gradient of every example ---------------------------------------------------------------


def _few(gradients: Sequence[Array]) -> list[Array]:
    """What is compared of gradients of every example: some of them, and the sum."""
    found = [np.asarray(g) for g in gradients]
    return [*(g[:3] for g in found), *(g.sum(0, dtype=np.float64) for g in found)]


def _each(size: Size, threads: int) -> Task:
    import chainrule as cr

    args = network(size)
    each = cr.compile(cr.vmap(cr.grad(cost(np)), in_axes=(None, 0, 0)))
    return Task(lambda: each(*args), numbers=lambda: _few(each(*args)))


def _each_jax(size: Size, threads: int) -> Task:
    import jax

    args = jax.tree.map(jax.numpy.asarray, network(size))
    each = jax.jit(jax.vmap(jax.grad(cost(jax.numpy)), in_axes=(None, 0, 0)))
    return Task(lambda: jax.block_until_ready(each(*args)), numbers=lambda: _few(each(*args)))


def _each_torch(size: Size, threads: int) -> Task:
    torch, params, X, Y = _torch_network(size, threads)

    def of_example(params: Any, x: Any, y: Any) -> Any:
        return _torch_cost(torch, params, x, y)

    each = torch.func.vmap(torch.func.grad(of_example), in_dims=(None, 0, 0))
    return Task(lambda: each(params, X, Y), numbers=lambda: _few(each(params, X, Y)))


SIZES: list[Size] = [{"layers": [784, 256, 10], "batch": 256}]
SMALL: Size = {"layers": [6, 5, 3], "batch": 4}

PER_EXAMPLE = Work(
    name="per-example",
    what="the gradient of every example of a mini-batch, float32",
    sizes=SIZES,
    contenders={
        OURS: Contender(_each),
        "JAX": Contender(_each_jax, is_peer=True, note="jit(vmap(grad))"),
        "PyTorch": Contender(_each_torch, is_peer=True, note="torch.func.vmap(grad)"),
    },
    tolerance=1e-5,
    unit="mini-batch",
    at_least={"JAX": 1, "PyTorch": 1},
    small=SMALL,
)


def _norms(size: Size, threads: int) -> Task:
    import chainrule as cr

    args = network(size)
    norms = cr.compile(lambda *args: cr.per_example_norms(cost(np), *args).norms)
    return Task(lambda: [norms(*args)])


def _norms_of_gradients(size: Size, threads: int) -> Task:
    import chainrule as cr

    args = network(size)

    def of_gradient(*args: Any) -> Any:
        return np.sqrt(sum(np.sum(g * g) for g in cr.grad(cost(np))(*args)))

    norms = cr.compile(cr.vmap(of_gradient, in_axes=(None, 0, 0)))
    return Task(lambda: [norms(*args)])


def _norms_jax(size: Size, threads: int) -> Task:
    import jax

    args = jax.tree.map(jax.numpy.asarray, network(size))

    def of_gradient(*args: Any) -> Any:
        return jax.numpy.sqrt(sum((g * g).sum() for g in jax.grad(cost(jax.numpy))(*args)))

    norms = jax.jit(jax.vmap(of_gradient, in_axes=(None, 0, 0)))
    return Task(lambda: [np.asarray(jax.block_until_ready(norms(*args)))])


def _each_without_numbers(size: Size, threads: int) -> Task:
    """The gradients, as something to compare the time of their norms with."""
    return Task(_each(size, threads).run, numbers=list)


NORMS = Work(
    name="gradient-norms",
    what="the norm of the gradient of every example, without the gradients, float32",
    sizes=SIZES,
    contenders={
        OURS: Contender(_norms),
        "gradients": Contender(
            _each_without_numbers,
            compared=False,
            note="the gradients alone, materialised",
            shown=False,
        ),
        "norms of gradients": Contender(
            _norms_of_gradients, note="vmap of grad and norm", shown=False
        ),
        "JAX": Contender(_norms_jax, is_peer=True, note="jit(vmap of grad and norm)"),
    },
    tolerance=1e-5,
    unit="mini-batch",
    at_least={"gradients": 5, "JAX": 1},
    small=SMALL,
)


# ---- the Hessian times a vector ------------------------------------------------------------------


def _direction(params: Params) -> Params:
    rng = np.random.default_rng(4)
    return [rng.normal(size=p.shape).astype(p.dtype) for p in params]


def _hvp(size: Size, threads: int) -> Task:
    import chainrule as cr

    params, X, Y = network(size)
    t = _direction(params)
    f = mean_cost(np)
    product = cr.compile(lambda p, t, X, Y: cr.hvp(lambda p: f(p, X, Y), (p,), (t,)))
    return Task(lambda: product(params, t, X, Y))


def _gradient(size: Size, threads: int) -> Task:
    import chainrule as cr

    args = network(size)
    gradient = cr.compile(cr.grad(mean_cost(np)))
    return Task(lambda: gradient(*args))


def _hvp_jax(size: Size, threads: int) -> Task:
    import jax

    params, X, Y = network(size)
    args = jax.tree.map(jax.numpy.asarray, (params, _direction(params), X, Y))
    f = mean_cost(jax.numpy)

    @jax.jit
    def product(p: Any, t: Any, X: Any, Y: Any) -> Any:
        return jax.jvp(jax.grad(lambda p: f(p, X, Y)), (p,), (t,))[1]

    return Task(lambda: jax.block_until_ready(product(*args)))


def _hvp_torch(size: Size, threads: int) -> Task:
    torch, params, X, Y = _torch_network(size, threads)
    t = tuple(map(torch.tensor, _direction(network(size)[0])))

    def f(params: Any) -> Any:
        return _torch_cost(torch, params, X, Y).mean()

    gradient = torch.func.grad(f)
    return Task(lambda: [x.numpy() for x in torch.func.jvp(gradient, (params,), (t,))[1]])


HVP = Work(
    name="hvp",
    what="the Hessian of a network's cost times a vector, 101,770 parameters, float32",
    sizes=[{"layers": [784, 128, 10], "batch": 64}],
    contenders={
        OURS: Contender(_hvp),
        "gradient": Contender(
            _gradient, compared=False, note="chainrule's gradient alone", shown=False
        ),
        "JAX": Contender(_hvp_jax, is_peer=True, note="jit(jvp(grad))"),
        "PyTorch": Contender(_hvp_torch, is_peer=True, note="torch.func"),
    },
    tolerance=1e-4,
    unit="product",
    at_least={"gradient": 1 / 3, "JAX": 1},
    small=SMALL,
)


# ---- a whole Hessian -----------------------------------------------------------------------------


def _regression(size: Size) -> tuple[Array, Array]:
    """Coefficients and signed features of a logistic regression."""
    rng = np.random.default_rng(5)
    n = size["variables"]
    return rng.normal(size=n) / math.sqrt(n), rng.normal(size=(size["examples"], n))


def logistic(np: Any) -> Callable[[Array, Array], Any]:
    """The cost of a logistic regression with a penalty of fourth order."""

    def f(x: Array, A: Array) -> Any:
        return np.sum(np.log1p(np.exp(-(A @ x)))) + 0.25 * np.sum(x**4)

    return f


def _hessian(size: Size, threads: int) -> Task:
    import chainrule as cr

    args = _regression(size)
    hessian = cr.compile(cr.hessian(logistic(np)))
    return Task(lambda: [hessian(*args)])


def _hessian_jax(size: Size, threads: int) -> Task:
    import jax

    jax.config.update("jax_enable_x64", True)
    args = [jax.numpy.asarray(x) for x in _regression(size)]
    hessian = jax.jit(jax.hessian(logistic(jax.numpy)))
    return Task(lambda: [np.asarray(jax.block_until_ready(hessian(*args)))])


def _hessian_torch(size: Size, threads: int) -> Task:
    import torch

    torch.set_num_threads(threads)
    x, A = map(torch.tensor, _regression(size))

    def f(x: Any) -> Any:
        return torch.log1p(torch.exp(-(A @ x))).sum() + 0.25 * (x**4).sum()

    hessian = torch.func.hessian(f)
    return Task(lambda: [hessian(x).numpy()])


HESSIAN = Work(
    name="hessian",
    what="the Hessian of a logistic regression, float64",
    sizes=[{"variables": 200, "examples": 500}],
    contenders={
        OURS: Contender(_hessian),
        "JAX": Contender(_hessian_jax, is_peer=True, note="jit(hessian)"),
        "PyTorch": Contender(_hessian_torch, is_peer=True, note="torch.func"),
    },
    tolerance=1e-9,
    unit="Hessian",
    at_least={"JAX": 1},
    small={"variables": 4, "examples": 6},
)


# ---- a long loop backwards -----------------------------------------------------------------------


def _loop(size: Size) -> tuple[Array, Array, Array]:
    """Weights, a first state and inputs of a recurrent network."""
    rng = np.random.default_rng(6)
    n = size["units"]
    w = rng.normal(size=(n, n)) / math.sqrt(n)
    return w, rng.normal(size=n), 0.1 * rng.normal(size=(size["steps"], n))


def recurrent(w: Array, state: Array, xs: Array) -> Any:
    """A recurrent network of tanh neurons, and the squares of its last state."""
    import chainrule as cr

    def step(state: Array, x: Array) -> tuple[Array, None]:
        return np.tanh(w @ state + x), None

    last, _ = cr.scan(step, state, xs)
    return np.sum(last * last)


def _memory(size: Size) -> int:
    """A share of the bytes of all states, which the plain sweep keeps."""
    return int(size["share"] * 8 * size["units"] * size["steps"])


def _within_memory(size: Size, threads: int) -> Task:
    import chainrule as cr

    args = _loop(size)
    f = cr.checkpoint(recurrent, memory=_memory(size))
    gradient = cr.compile(cr.grad(f, argnums=(0, 1)))
    return Task(lambda: gradient(*args))


def _all_kept(size: Size, threads: int) -> Task:
    import chainrule as cr

    args = _loop(size)
    gradient = cr.compile(cr.grad(recurrent, argnums=(0, 1)))
    return Task(lambda: gradient(*args))


def _loop_jax(size: Size, threads: int) -> Task:
    import jax

    jax.config.update("jax_enable_x64", True)
    args = [jax.numpy.asarray(x) for x in _loop(size)]

    def f(w: Any, state: Any, xs: Any) -> Any:
        def step(state: Any, x: Any) -> tuple[Any, None]:
            return jax.numpy.tanh(w @ state + x), None

        last, _ = jax.lax.scan(step, state, xs)
        return (last * last).sum()

    gradient = jax.jit(jax.grad(f, argnums=(0, 1)))
    return Task(lambda: jax.block_until_ready(gradient(*args)))


CHECKPOINT = Work(
    name="checkpoint",
    what="backwards through 100,000 steps of a recurrent network in 1 % of the memory, float64",
    sizes=[{"units": 16, "steps": 100_000, "share": 0.01}],
    contenders={
        OURS: Contender(_within_memory),
        "all states kept": Contender(_all_kept, note="chainrule's plain sweep", shown=False),
        "JAX": Contender(_loop_jax, is_peer=True, note="jit(grad) of lax.scan, all states kept"),
    },
    tolerance=1e-9,
    unit="gradient",
    at_least={"all states kept": 1 / 3},
    small={"units": 3, "steps": 900, "share": 2},
    shows_memory=True,
)
