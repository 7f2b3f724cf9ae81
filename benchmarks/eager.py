"""Uncompiled ``cr.grad`` beside the autograd package, on five small functions.

python benchmarks/eager.py        (needs: pip install autograd)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from timing import machine, medians

import chainrule as cr

rng = np.random.default_rng(0)
W = rng.standard_normal((20, 20))
x20 = rng.standard_normal(20)
X = rng.standard_normal((10, 784))
Y = np.eye(10)[rng.integers(0, 10, 10)]
params = [rng.standard_normal((30, 784)) / 28, np.zeros(30), rng.standard_normal((10, 30)) / 5,
          np.zeros(10)]  # fmt: skip


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
            x = m.tanh(m.matmul(W, x)) * 2.0 + 1.0
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


CASES = [(scalar_chain, 1.3), (recurrence, x20), (rosenbrock, x20), (log_sum_exp, x20),
         (network, params)]  # fmt: skip


def main() -> None:
    """Check that the gradients agree, then time them."""
    print(machine())
    print(f"{'function':<14}{'chainrule':>12}{'autograd':>12}{'ratio':>8}")
    for case, x in CASES:
        ours, theirs = cr.grad(case(np)), autograd.grad(case(anp))
        for a, b in zip(*((g(x) if isinstance(x, list) else [g(x)]) for g in (ours, theirs)),
                        strict=True):  # fmt: skip
            np.testing.assert_allclose(a, b, rtol=1e-10)
        t = medians({"ours": lambda ours=ours, x=x: ours(x), "theirs": lambda g=theirs, x=x: g(x)})
        print(
            f"{case.__name__:<14}{t['ours'] * 1e6:>9.1f} us{t['theirs'] * 1e6:>9.1f} us"
            f"{t['theirs'] / t['ours']:>8.2f}"
        )


if __name__ == "__main__":
    main()
