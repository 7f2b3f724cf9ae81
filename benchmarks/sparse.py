"""Sparse Jacobians and Hessians in compressed sweeps, beside dense sweeps and colourings by hand.

A tridiagonal Jacobian of size 100,000, the tridiagonal Hessian of Rosenbrock's function of
1,000,000 variables, and bundle adjustment with its true pattern: an observation depends on the 11
numbers of one camera, the 3 of one point, and on its own weight. Pattern and colouring are found at
the first call, which is not measured here. JAX has neither; its contenders are given the structure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import ba
from benchmarks.work import OURS, Contender, Size, Task, Work

Array = Any


def system(x: Array, np_: Any = np) -> Array:
    """Broyden's tridiagonal function, with an exponential."""
    inner = x[1:-1] * (3 - 2 * x[1:-1]) - x[:-2] - 2 * np_.exp(x[2:]) + 1
    ends = x[:1] * (3 - x[:1]) - 2 * x[1:2], x[-1:] * (3 - x[-1:]) - x[-2:-1]
    return np_.concatenate([ends[0], inner, ends[1]])


def rosenbrock(x: Array, np_: Any = np) -> Any:
    """The sum over neighbours."""
    return np_.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def point(size: Size) -> Array:
    """Where the derivatives are taken."""
    return np.random.default_rng(11).random(size["n"])


def jacobian(size: Size, threads: int) -> Task:
    """``cr.sparse_jacobian`` of a compiled function."""
    import chainrule as cr

    x, f = point(size), cr.compile(system)
    return Task(lambda: [cr.sparse_jacobian(f, x).data])


def hessian(size: Size, threads: int) -> Task:
    """``cr.sparse_hessian`` of a compiled function."""
    import chainrule as cr

    x, f = point(size), cr.compile(rosenbrock)
    return Task(lambda: [cr.sparse_hessian(f, x).data])


def one_forward(size: Size, threads: int) -> Task:
    """One column of the Jacobian."""
    import chainrule as cr

    x = point(size)
    pushed = cr.compile(lambda x, t: cr.jvp(system, (x,), (t,))[1])
    return Task(lambda: [pushed(x, x)])


def one_product(size: Size, threads: int) -> Task:
    """One column of the Hessian."""
    import chainrule as cr

    x = point(size)
    product = cr.compile(lambda x, t: cr.hvp(rosenbrock, (x,), (t,)))
    return Task(lambda: [product(x, x)])


def coloured(of: Callable[..., Any]) -> Callable[[Size, int], Task]:
    """JAX with the colours of a tridiagonal matrix, and where its entries are."""

    def prepare(size: Size, threads: int) -> Task:
        import jax
        import jax.numpy as jnp

        jax.config.update("jax_enable_x64", True)
        n = size["n"]
        rows = np.repeat(np.arange(n), 3)
        columns = rows + np.tile([-1, 0, 1], n)
        inside = (columns >= 0) & (columns < n)
        places = jnp.asarray((columns % 3 * n + rows)[inside])
        seeds = jnp.asarray(np.arange(n) % 3 == np.arange(3)[:, None]).astype(float)
        x = jnp.asarray(point(size))

        @jax.jit
        def entries(x: Any) -> Any:
            f = of(jax)
            swept = jax.vmap(lambda t: jax.jvp(f, (x,), (t,))[1])(seeds)
            return swept.ravel()[places]

        return Task(lambda: [np.asarray(jax.block_until_ready(entries(x)))])

    return prepare


# ---- bundle adjustment ---------------------------------------------------------------------------


def scene(size: Size) -> tuple[Any, Array, Array, Array]:
    """Cameras, points and weights; which of them an observation has; what was measured."""
    rng = np.random.default_rng(6)
    n = size["observations"]
    parameters, measured = ba.data({"observations": max(size["cameras"], size["points"], n)})
    cameras, points = parameters[: size["cameras"], :11], parameters[: size["points"], 11:14]
    weights = parameters[:n, 14]
    which = rng.integers(0, size["cameras"], n), rng.integers(0, size["points"], n)
    return (cameras.copy(), points.copy(), weights.copy()), *which, measured[:n]


def residuals(np_: Any, x: Any, camera: Array, point: Array, measured: Array) -> Array:
    """Both residuals of each observation."""
    cameras, points, weights = x
    ours, theirs = cameras[camera], points[point]
    columns = [*(ours[:, k] for k in range(11)), *(theirs[:, k] for k in range(3)), weights]
    return np_.stack(ba.residuals(np_, columns, measured[:, 0], measured[:, 1]), axis=1)


def adjusted(size: Size, threads: int) -> Task:
    """``cr.sparse_jacobian`` of the compiled residuals: 14 forward sweeps."""
    import chainrule as cr

    x, camera, point, measured = scene(size)
    f = cr.compile(lambda x: residuals(np, x, camera, point, measured))
    return Task(lambda: [cr.sparse_jacobian(f, x).data])


def blocks(size: Size, threads: int) -> Task:
    """JAX's Jacobian of one observation, batched, for someone who knows that there is no more."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    (cameras, points, weights), camera, point, measured = scene(size)
    of_each = jnp.asarray(np.concatenate([cameras[camera], points[point], weights[:, None]], 1))
    measured = jnp.asarray(measured)
    kept = jnp.asarray([[k for k in range(15) if k != 8 - i] for i in range(2)])

    def one(row: Any, m: Any) -> Any:
        return jnp.stack(ba.residuals(jnp, list(row), m[0], m[1]))

    @jax.jit
    def both(of_each: Any, measured: Any) -> Any:
        dense = jax.vmap(jax.jacrev(one))(of_each, measured)
        return jnp.take_along_axis(dense, kept[None], axis=2).ravel()

    return Task(lambda: [np.asarray(jax.block_until_ready(both(of_each, measured)))])


JACOBIAN = Work(
    name="sparse-jacobian",
    what="a tridiagonal Jacobian of size 100,000: 3 sweeps",
    sizes=[{"n": 100_000}],
    contenders={
        OURS: Contender(jacobian),
        "one dense sweep": Contender(
            one_forward, compared=False, shown=False,
            note="compiled; the dense Jacobian takes 100,000",
        ),
        "JAX": Contender(
            coloured(lambda jax: lambda x: system(x, jax.numpy)), is_peer=True,
            note="coloured by hand",
        ),
    },
    tolerance=1e-9,
    at_least={"one dense sweep": 100 / 100_000},
    small={"n": 9},
)  # fmt: skip

HESSIAN = Work(
    name="sparse-hessian",
    what="the Hessian of Rosenbrock's function of 1,000,000 variables: 3 sweeps of the gradient",
    sizes=[{"n": 1_000_000}],
    contenders={
        OURS: Contender(hessian),
        "one dense sweep": Contender(
            one_product, compared=False, shown=False,
            note="compiled; the dense Hessian takes 1,000,000",
        ),
        "JAX": Contender(
            coloured(lambda jax: jax.grad(lambda x: rosenbrock(x, jax.numpy))), is_peer=True,
            note="coloured by hand",
        ),
    },
    tolerance=1e-9,
    at_least={"one dense sweep": 100 / 1_000_000},
    small={"n": 9},
)  # fmt: skip

BUNDLE = Work(
    name="sparse-ba",
    what="bundle adjustment, 30,000 observations: the sparse Jacobian in 14 sweeps",
    sizes=[{"observations": 30_000, "cameras": 49, "points": 7_776}],
    contenders={
        OURS: Contender(adjusted),
        "JAX": Contender(blocks, is_peer=True, note="blocks of each observation, by hand"),
    },
    tolerance=1e-9,
    small={"observations": 6, "cameras": 2, "points": 3},
)
