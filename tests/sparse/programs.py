"""Sparse functions of a vector with the patterns of their Jacobians, and random ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy import sparse

import chainrule as cr

Array = Any
N = 12
RNG = np.random.default_rng(5)
INDEX = RNG.integers(0, N, 17)
BAND = np.diag(np.arange(1.0, N + 1)) + np.diag(np.ones(N - 2), 2)


def banded(rows: int, *offsets: int) -> Array:
    """Ones on diagonals."""
    return sum(np.eye(rows, N, k) for k in offsets) > 0


def tridiagonal(x: Array) -> Array:
    inner = x[1:-1] * (3 - 2 * x[1:-1]) - x[:-2] - 2 * np.exp(x[2:]) + 1
    return np.concatenate([x[:1] * x[1:2], inner, x[-1:] - x[-2:-1] ** 2])


def laplacian(x: Array) -> Array:
    u = np.zeros((5, 6)) + 0 * x[0]
    u[1:4, 1:5] = np.reshape(x, (3, 4))
    inner = u[1:-1, 1:-1]
    return inner**3 + (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]) - 4 * inner


def grid() -> Array:
    first, second = (sparse.diags_array([1, 1, 1], offsets=[-1, 0, 1], shape=(n, n), dtype=int)
                     for n in (3, 4))  # fmt: skip
    return sparse.kronsum(second, first).toarray() != 0


def accumulated(x: Array) -> Array:
    out = np.zeros(5) + 0 * x[0]
    out[[0, 2, 4]] += x[[3, 3, 1]] * x[:3]
    return out


def own_step(x: Array) -> Array:
    """A loop whose steps hand nothing on."""
    return cr.scan(lambda _, e: ((), np.sin(e)), (), x)[1]


def chained(x: Array) -> Array:
    def step(c: Array, e: Array) -> Any:
        return c * e, c

    return cr.scan(step, x[0], x[1:])[1]


def forgetful(x: Array) -> Array:
    """A loop that hands on what it has just read."""
    return cr.scan(lambda c, e: (e * e, c * e), 1.0, x)[1]


def backward(x: Array) -> Array:
    return cr.grad(lambda x: np.sum(chained(x) ** 2))(x)


def indexed(x: Array) -> Array:
    """A loop over numbers of entries, with a counter."""

    def step(k: Array, i: Array) -> Any:
        return k + 1, x[i] * x[k] + x[np.minimum(i + 1, N - 1)]

    return cr.scan(step, 2, np.array([5, 0, 11]))[1]


def at(*pairs: tuple[int, int], rows: int) -> Array:
    dense = np.zeros((rows, N), bool)
    dense[tuple(np.transpose(pairs))] = True
    return dense


# name -> function, exact pattern
PROGRAMS: dict[str, tuple[Callable[[Array], Array], Array]] = {
    "identity": (lambda x: x, np.eye(N) > 0),
    "elementwise": (lambda x: np.sin(x) * x + 2, np.eye(N) > 0),
    "tridiagonal": (tridiagonal, banded(N, -1, 0, 1)),
    "laplacian": (laplacian, grid()),
    "gather": (lambda x: x[INDEX] ** 2, np.eye(N)[INDEX] > 0),
    "scatter": (accumulated, at((0, 3), (0, 0), (2, 3), (2, 1), (4, 1), (4, 2), rows=5)),
    "constant band": (lambda x: BAND @ np.sin(x), BAND > 0),
    "constant band, transposed": (lambda x: np.sin(x) @ BAND, BAND.T > 0),
    "einsum": (lambda x: np.einsum("ij,kj->ki", BAND, x[None, :]), BAND > 0),
    "blocks": (lambda x: np.sum(np.reshape(x, (4, 3)) ** 2, axis=1),
               np.kron(np.eye(4), np.ones((1, 3))) > 0),
    "matrix blocks": (lambda x: np.linalg.inv(np.reshape(x, (3, 2, 2)) + 3 * np.eye(2)),
                      np.kron(np.eye(3), np.ones((4, 4))) > 0),
    "mask": (lambda x: x * (np.arange(N) % 2 == 0), np.diag(np.arange(N) % 2 == 0)),
    "where": (lambda x: np.where(np.arange(N) < 6, x, x[::-1]),
              np.where(np.arange(N)[:, None] < 6, np.eye(N), np.eye(N)[::-1]) > 0),
    "stopped": (lambda x: x * cr.stop_gradient(x[::-1]), np.eye(N) > 0),
    "rounded": (lambda x: x[np.argsort(-np.arange(N))] * np.floor(x), np.eye(N)[::-1] > 0),
    "cumulated": (np.cumsum, np.tri(N) > 0),
    "nothing": (lambda x: np.floor(x), np.zeros((N, N), bool)),
    "constant": (lambda x: np.ones(3), np.zeros((3, N), bool)),
    "one row": (lambda x: np.sum(x[3:5]), banded(1, 3, 4)),
    "two results": (lambda x: {"a": x[:2] * x[2], "b": (x[3], np.ones(2))},
                    at((0, 0), (0, 2), (1, 1), (1, 2), (2, 3), rows=5)),
    "own step": (own_step, np.eye(N) > 0),
    "chained": (chained, np.tri(N - 1, N) > 0),
    "indexed": (indexed, at((0, 5), (0, 2), (0, 6), (1, 0), (1, 3), (1, 1), (2, 11), (2, 4),
                            rows=3)),
    "forgetful": (forgetful, banded(N, -1, 0)),
}  # fmt: skip


def chain(x: Array) -> Array:
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def arrow(x: Array) -> Array:
    return np.sum(np.sin(x[0] * x[1:])) + x[0] ** 3 + np.sum(x**4)


def paired(x: Array) -> Array:
    return np.sum(np.prod(np.reshape(x, (-1, 2)), axis=1) ** 2)


def recurrent(x: Array) -> Array:
    last, ys = cr.scan(lambda c, e: (e * e, c * np.sin(e)), x[0], x[1:])
    return last + np.sum(ys)


BLOCKS = np.kron(np.eye(N // 2), np.ones((2, 2))) > 0
ARROW = np.eye(N) + np.eye(1, N, 0) + np.eye(1, N, 0).T > 0
# name -> real function, exact pattern of its Hessian
SCALARS: dict[str, tuple[Callable[[Array], Array], Array]] = {
    "rosenbrock": (chain, banded(N, -1, 0, 1)),
    "arrow": (arrow, ARROW),
    "pairs": (paired, BLOCKS),
    "squares": (lambda x: np.sum(x**4), np.eye(N) > 0),
    "linear": (lambda x: np.sum(3 * x), np.zeros((N, N), bool)),
    "stencil": (lambda x: np.sum(np.ravel(laplacian(x)) * np.cos(x)), grid()),
    "loop": (recurrent, banded(N, -1, 0, 1) & (np.arange(N * N).reshape(N, N) > 0)),
    "indexed": (
        lambda x: np.sum(indexed(x)),
        at(*((i, k) for p in ((5, 2), (0, 3), (11, 4)) for i, k in (p, p[::-1])), rows=N),
    ),
    "masked": (lambda x: np.sum(np.where(np.arange(N) < 6, x**3, x)), np.diag(np.arange(N) < 6)),
}


# ---- random ones ---------------------------------------------------------------------------------

STEPS: dict[str, Callable[[Array, int], Array]] = {
    "sin": lambda x, k: np.sin(x),
    "shift": lambda x, k: rolled(x, k),
    "roll and multiply": lambda x, k: x * rolled(x, k + 1),
    "gather": lambda x, k: x[np.random.default_rng(k).integers(0, len(x), len(x))],
    "scatter": lambda x, k: scattered(x, np.random.default_rng(k).integers(0, len(x), len(x) - 1)),
    "write": lambda x, k: written(x, k),
    "band": lambda x, k: np.diag(np.ones(len(x) - k), k) @ x + x,
    "pairs": lambda x, k: np.ravel(np.reshape(x, (2, -1)).T * 0.5),
    "mean of some": lambda x, k: x + np.mean(x[k : k + 2]),
    "mask": lambda x, k: np.where(np.arange(len(x)) % (k + 2) == 0, x, 0.3),
    "chosen by value": lambda x, k: np.where(x > 0.1 * k, x * x, 0.5 * x),
    "sorted": lambda x, k: x[np.argsort(x)],
    "reversed product": lambda x, k: x[::-1] * 0.7 - x**2,
    "loop": lambda x, k: cr.scan(lambda c, e: (np.sin(e), c * e), x[k], x)[1],
    "sums": lambda x, k: np.cumsum(x) * 0.1,
    "stopped": lambda x, k: x * cr.stop_gradient(rolled(x, k)),
    "either": lambda x, k: cr.cond(np.sum(x) > k, lambda x: x * x, lambda x: x[::-1], x),
    "largest": lambda x, k: x + np.max(np.reshape(x, (-1, 2)), axis=0)[k % 2],
    "chunks": lambda x, k: np.concatenate([np.array([[1.0, k], [0.0, 1.0]]) @ x[:2], x[2:]]),
}


def rolled(x: Array, k: int) -> Array:
    return np.concatenate([x[k:], x[:k]])


def scattered(x: Array, index: Array) -> Array:
    y = 0 * x
    y[index] = x[1:]
    y[index[:3]] += x[:3]
    return y


def written(x: Array, k: int) -> Array:
    y = x + 0.0
    y[k] = x[0] * x[1]
    y[2:4] = x[k : k + 2]
    return y


def composed(steps: list[tuple[str, int]]) -> Callable[[Array], Array]:
    def f(x: Array) -> Array:
        for name, k in steps:
            x = STEPS[name](x, k)
        return x

    return f


def random_programs(longest: int) -> st.SearchStrategy[list[tuple[str, int]]]:
    step = st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 4))
    return st.lists(step, min_size=1, max_size=longest)
