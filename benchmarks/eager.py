"""Gradients without compiling: small functions in plain NumPy, beside the autograd package.

``eager`` is five functions on numbers and small arrays; ``eager-linear`` is the price of one
operation, of one entry read or written and of one part of a container, at two lengths: the same, if
it is linear.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.work import OURS, Contender, Size, Task, Work

Array = Any
Program = Callable[[Any], Callable[[Any], Any]]

rng = np.random.default_rng(0)
MATRIX = rng.standard_normal((20, 20))
TWENTY = rng.standard_normal(20)
X = rng.standard_normal((10, 784))
Y = np.eye(10)[rng.integers(0, 10, 10)]
PARAMETERS = [rng.standard_normal((30, 784)) / 28, np.zeros(30),
              rng.standard_normal((10, 30)) / 5, np.zeros(10)]  # fmt: skip


def scalar_chain(m: Any) -> Callable[[Any], Any]:
    """20 rounds of sin, times, plus on one number."""

    def f(x: Any) -> Any:
        for _ in range(20):
            x = m.sin(x) * x + 0.5
        return x

    return f


def recurrence(m: Any) -> Callable[[Any], Any]:
    """10 products with a 20 x 20 matrix, each through tanh."""

    def f(x: Any) -> Any:
        for _ in range(10):
            x = m.tanh(m.matmul(MATRIX, x)) * 2.0 + 1.0
        return m.sum(x)

    return f


def rosenbrock(m: Any) -> Callable[[Any], Any]:
    """Slices and squares of 20 numbers."""
    return lambda x: m.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def log_sum_exp(m: Any) -> Callable[[Any], Any]:
    """Shifted by the maximum."""

    def f(x: Any) -> Any:
        largest = m.max(x)
        return largest + m.log(m.sum(m.exp(x - largest)))

    return f


def network(m: Any) -> Callable[[Any], Any]:
    """The seed network on a mini-batch of 10."""

    def f(p: Any) -> Any:
        a = 1 / (1 + m.exp(-(m.dot(X, p[0].T) + p[1])))
        b = 1 / (1 + m.exp(-(m.dot(a, p[2].T) + p[3])))
        return m.sum((b - Y) ** 2) / 20

    return f


SMALL: Mapping[str, tuple[Program, Any]] = {
    "scalar_chain": (scalar_chain, 1.3), "recurrence": (recurrence, TWENTY),
    "rosenbrock": (rosenbrock, TWENTY), "log_sum_exp": (log_sum_exp, TWENTY),
    "network": (network, PARAMETERS),
}  # fmt: skip

# ---- what is linear ------------------------------------------------------------------------------


def operations(m: Any, n: int) -> tuple[Callable[[Any], Any], Any]:
    """A chain of n operations on a number."""

    def f(x: Any) -> Any:
        for _ in range(n):
            x = m.sin(x)
        return x

    return f, 1.3


def reads(m: Any, n: int) -> tuple[Callable[[Any], Any], Any]:
    """Each of n entries read by itself."""

    def f(x: Any) -> Any:
        total = 0.0
        for i in range(n):
            total = total + x[i]
        return total

    return f, np.linspace(0.0, 1.0, n)


def writes(m: Any, n: int) -> tuple[Callable[[Any], Any], Any]:
    """Each of n entries written by itself."""

    def f(x: Any) -> Any:
        u = m.zeros_like(x)
        for i in range(1, n):
            u[i] = u[i - 1] + x[i]
        return m.sum(u)

    return f, np.linspace(0.0, 1.0, n)


def parts(m: Any, n: int) -> tuple[Callable[[Any], Any], Any]:
    """A list of n numbers."""

    def f(x: Any) -> Any:
        total = 0.0
        for part in x:
            total = total + part
        return total

    return f, [float(i) for i in range(n)]


LINEAR = {"operations": operations, "reads": reads, "writes": writes, "parts": parts}

# ---- contenders ----------------------------------------------------------------------------------


def _leaves(gradient: Any) -> list[Array]:
    return list(gradient) if isinstance(gradient, list) else [gradient]


def _task(grad: Any, m: Any, size: Size) -> Task:
    if "n" in size:
        f, x = LINEAR[size["function"]](m, size["n"])
        units = size["n"]
    else:
        (program, x), units = SMALL[size["function"]], 1
        f = program(m)
    gradient = grad(f)
    return Task(lambda: _leaves(gradient(x)), units=units)


def ours(size: Size, threads: int) -> Task:
    """``cr.grad``, nothing compiled."""
    import chainrule as cr

    warnings.simplefilter("ignore")  # that the loops are long is the point
    return _task(cr.grad, np, size)


def autograd(size: Size, threads: int) -> Task:
    """autograd, with its own NumPy; it does not write into arrays."""
    import autograd as peer
    import autograd.numpy as anp

    return _task(peer.grad, anp, size)


CONTENDERS = {
    OURS: Contender(ours, note="nothing compiled"),
    "autograd": Contender(autograd, is_peer=True),
}
WORK = Work(
    "eager",
    "Gradients without compiling, of numbers and small arrays",
    [{"function": name} for name in SMALL],
    CONTENDERS,
    tolerance=1e-10,
    unit="gradient",
    at_least={"autograd": 1.5},
    small={"function": "rosenbrock"},
)
SCALING = Work(
    "eager-linear",
    "The price of one operation, of one entry, of one part of a container: at 500 and at 4,000",
    [{"function": name, "n": n} for name in LINEAR for n in (500, 4_000)],
    CONTENDERS,
    tolerance=1e-10,
    unit="operation",
    small={"function": "reads", "n": 100},
)
