"""Five programs with a bound on the memory of their reverse sweep.

``python -m tests.transforms.checkpointed`` prints what they take, measured, against the bound.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr

Array = Any


@dataclass(frozen=True)
class Program:
    """A real function, its arguments, and a part of the plain sweep's memory as the bound."""

    name: str
    f: Callable[..., Any]
    args: tuple[Any, ...]
    part: float

    @property
    def every(self) -> tuple[int, ...]:
        return tuple(range(len(self.args)))

    def bound(self) -> int:
        """The part in bytes."""
        whole = cr.checkpoint(self.f, memory=1 << 40).schedule(*self.args).peak
        return int(self.part * whole)

    def plain(self) -> Callable[..., Any]:
        return cr.grad(self.f, self.every)

    def checkpointed(self, memory: int) -> Callable[..., Any]:
        return cr.grad(cr.checkpoint(self.f, memory=memory), self.every)


def mlp(weights: Array, x: Array) -> Any:
    for w in weights:
        x = np.tanh(x @ w + 0.1)
    return np.sum(x * x)


def recurrent(W: Array, c: Array, xs: Array) -> Any:
    def step(c: Array, x: Array) -> Any:
        c = np.tanh(W @ c + x)
        return c, np.sum(c)

    c, ys = cr.scan(step, c, xs)
    return np.sum(c * c) + np.mean(ys)


def elementwise(x: Array) -> Any:
    for n in range(60):
        x = np.sin(x) * 1.01 if n % 3 else x * x + 0.1
    return np.sum(x)


def heat(k: Array, u: Array, steps: int = 600) -> Any:
    """A rod that is heated: explicit steps of the diffusion equation."""

    def step(u: Array, _: Any) -> Any:
        flux = k * (u[1:] - u[:-1])
        return u + 0.1 * np.concatenate([flux[:1], flux[1:] - flux[:-1], -flux[-1:]]), None

    u, _ = cr.scan(step, u, None, length=steps)
    return np.sum(u * u)


def mixture(W: Array, c: Array, xs: Array, head: Array) -> Any:
    """A recurrent encoder with a dense head on all its states."""

    def step(c: Array, x: Array) -> Any:
        c = np.tanh(W @ c + x)
        return c, c

    _, states = cr.scan(step, c, xs)
    for w in head:
        states = np.tanh(states @ w)
    return np.sum(states * states)


def programs() -> list[Program]:
    rng = np.random.default_rng(11)

    def normal(*shape: int) -> Array:
        x = rng.normal(size=shape) / np.sqrt(shape[-1])
        x.flags.writeable = False  # so that no recording makes a copy, which is not in the bound
        return x

    return [
        Program("deep network", mlp, ([normal(40, 40) for _ in range(24)], normal(400, 40)), 0.35),
        Program("recurrent", recurrent, (normal(40, 40), normal(40), normal(3000, 40)), 0.5),
        Program("elementwise", elementwise, (normal(20_000),), 0.15),
        Program("diffusion", heat, (np.abs(normal(200)), normal(201)), 0.1),
        Program(
            "recurrent and dense", mixture,
            (normal(40, 40), normal(40), normal(1000, 40), [normal(40, 40) for _ in range(8)]), 0.5,
        ),
    ]  # fmt: skip


def measured(f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[int, float]:
    """The peak of the arrays that a call makes, in bytes, and its time in seconds."""
    f(*args)
    start = time.perf_counter()
    f(*args)
    seconds = time.perf_counter() - start
    tracemalloc.start()
    result = f(*args)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del result
    return peak, seconds


def main() -> None:
    print(f"{'program':<20} {'plain':>10} {'bound':>10} {'predicted':>10} {'measured':>10}"
          f" {'again':>6} {'time':>5}")  # fmt: skip
    for p in programs():
        plain, before = measured(p.plain(), p.args)
        memory = p.bound()
        schedule = cr.checkpoint(p.f, memory=memory).schedule(*p.args)
        peak, after = measured(p.checkpointed(memory), p.args)
        again = schedule.recomputed / schedule.equations
        print(f"{p.name:<20} {plain:>10} {memory:>10} {schedule.peak:>10} {peak:>10}"
              f" {again:>6.2f} {after / before:>5.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
