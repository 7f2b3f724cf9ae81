"""Contenders for gradients of functions: each library's usual way to get a fast one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.work import Contender, Size, Task

Arrays = Sequence[Any]
Data = Callable[[Size], Arrays]


def ours(data: Data, f: Callable[..., Any], wrt: int | tuple[int, ...]) -> Contender:
    """``cr.compile(cr.value_and_grad(f))``."""

    def prepare(size: Size, _threads: int) -> Task:
        import chainrule as cr

        args = data(size)
        both = cr.compile(cr.value_and_grad(f, wrt))
        return Task(lambda: listed(both(*args)))

    return Contender(prepare)


def jitted(data: Data, f: Callable[..., Any], wrt: int | tuple[int, ...]) -> Contender:
    """``jax.jit(jax.value_and_grad(f))`` in float64; ``f`` takes ``jax.numpy`` first."""

    def prepare(size: Size, _threads: int) -> Task:
        import jax

        jax.config.update("jax_enable_x64", True)
        args = [jax.numpy.asarray(x) for x in data(size)]
        shifted = jax.jit(jax.value_and_grad(f, wrt))
        return Task(lambda: listed(jax.block_until_ready(shifted(*args))))

    return Contender(prepare, is_peer=True)


def eager(data: Data, f: Callable[..., Any], wrt: tuple[int, ...]) -> Contender:
    """PyTorch's autograd."""

    def prepare(size: Size, threads: int) -> Task:
        import torch

        torch.set_num_threads(threads)
        args = [torch.tensor(x) for x in data(size)]
        for i in wrt:
            args[i].requires_grad_(True)

        def run() -> Sequence[Any]:
            value = f(*args)
            found = torch.autograd.grad(value, [args[i] for i in wrt])
            return [value.detach().numpy(), *(g.numpy() for g in found)]

        return Task(run)

    return Contender(prepare, is_peer=True)


def by_hand(data: Data, both: Callable[..., Any], note: str) -> Contender:
    """Value and gradient derived by hand."""

    def prepare(size: Size, _threads: int) -> Task:
        args = data(size)
        return Task(lambda: listed(both(*args)))

    return Contender(prepare, note=note)


def listed(found: Any) -> list[Any]:
    """A value and a gradient, or several, as one list."""
    value, gradient = found
    return [value, *(gradient if isinstance(gradient, (tuple, list)) else [gradient])]
