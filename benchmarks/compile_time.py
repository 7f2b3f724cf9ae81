"""Compile time: the training step of a deep network, from the Python function to its first result.

Layers of equal width with tanh, a squared cost, its gradient in all weights and biases, and a plain
step; about 20 equations a layer. Tracing, passes, planning and machine code all count. Cold is with
an empty cache on disk; to be reached for 50 layers are 20 s cold and 2 s from the cache, and growth
that is linear in the number of layers.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.work import OURS, Contender, Size, Task, Work

Array = Any
WIDTH, BATCH, ETA = 32, 16, np.float32(0.1)


def data(size: Size) -> tuple[list[tuple[Array, Array]], Array, Array]:
    """Weights and biases, inputs and targets."""
    rng = np.random.default_rng(6)
    draw = rng.standard_normal
    layers = [
        (draw((WIDTH, WIDTH), dtype=np.float32) / 6, draw(WIDTH, dtype=np.float32))
        for _ in range(size["layers"])
    ]
    x, y = (draw((BATCH, WIDTH), dtype=np.float32) for _ in "xy")
    return layers, x, y


def cost(np_: Any, layers: Any, x: Array, y: Array) -> Any:
    """The cost in one library's functions."""
    for w, b in layers:
        x = np_.tanh(x @ w.T + b)
    return np_.sum((x - y) ** 2) / BATCH


def stepped(layers: Any, gradient: Any) -> Any:
    """The layers after a step down the gradient."""
    return [(w - ETA * gw, b - ETA * gb) for (w, b), (gw, gb) in zip(layers, gradient, strict=True)]


def listed(layers: Any) -> Sequence[Any]:
    """Weights and biases in order."""
    return [np.asarray(x) for layer in layers for x in layer]


def _compiled(args: Any) -> Sequence[Any]:
    """Compile the step anew and run it once."""
    import chainrule as cr

    def step(layers: Any, x: Array, y: Array) -> Any:
        return stepped(layers, cr.grad(lambda layers: cost(np, layers, x, y))(layers))

    return listed(cr.compile(step)(*args))


def cold(size: Size, _threads: int) -> Task:
    """chainrule, with an empty cache each time."""
    args = data(size)

    def run() -> Sequence[Any]:
        os.environ["CHAINRULE_CACHE"] = tempfile.mkdtemp(prefix="chainrule-bench-")
        try:
            return _compiled(args)
        finally:
            shutil.rmtree(os.environ.pop("CHAINRULE_CACHE"))

    return Task(run)


def warm(size: Size, _threads: int) -> Task:
    """chainrule, with the machine code in the cache."""
    args = data(size)
    _compiled(args)
    return Task(lambda: _compiled(args))


def jax(size: Size, _threads: int) -> Task:
    """``jax.jit``, with its caches cleared each time."""
    import jax
    import jax.numpy as jnp

    args = data(size)

    def step(layers: Any, x: Array, y: Array) -> Any:
        return stepped(layers, jax.grad(lambda layers: cost(jnp, layers, x, y))(layers))

    def run() -> Sequence[Any]:
        jax.clear_caches()
        return listed(jax.block_until_ready(jax.jit(step)(*args)))

    return Task(run)


WORK = Work(
    name="compile-time",
    what="from the Python function to the first result of a training step of equal layers",
    sizes=[{"layers": n} for n in (10, 25, 50)],
    contenders={
        OURS: Contender(cold, note="empty cache"),
        "chainrule (from the cache)": Contender(warm),
        "JAX": Contender(jax, is_peer=True, note="jit"),
    },
    tolerance=1e-4,
    unit="compilation",
    small={"layers": 2},
)
