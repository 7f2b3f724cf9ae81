"""Counting sweeps: how often a recording was walked forwards and backwards.

The cost of a derivative is a number of sweeps: forward mode takes one for each input, reverse mode
one for each output (Griewank and Walther, Evaluating Derivatives, 2008, chapter 3).
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Sweeps:
    """The sweeps made so far inside one ``with count_sweeps()``."""

    forward: int = 0
    reverse: int = 0


_counting: ContextVar[Sweeps | None] = ContextVar("chainrule_sweeps", default=None)


@contextmanager
def count_sweeps() -> Generator[Sweeps]:
    """Count the forward and reverse sweeps made inside the block, by this thread or task.

    >>> import chainrule as cr
    >>> def e(a, b):
    ...     return (a + b) * (b + 1)
    >>> with cr.count_sweeps() as sweeps:
    ...     de_da, de_db = cr.grad(e, argnums=(0, 1))(2.0, 1.0)
    >>> sweeps
    Sweeps(forward=0, reverse=1)
    """
    sweeps = Sweeps()
    token = _counting.set(sweeps)
    try:
        yield sweeps
    finally:
        _counting.reset(token)
        outer = _counting.get()
        if outer is not None:
            outer.forward += sweeps.forward
            outer.reverse += sweeps.reverse


@contextmanager
def uncounted() -> Generator[None]:
    """Count nothing inside the block: a sweep that is traced once may run many times, or never."""
    token = _counting.set(None)
    try:
        yield
    finally:
        _counting.reset(token)


def count_forward(n: int = 1) -> None:
    """Note a walk forwards, or ``n`` of them side by side."""
    sweeps = _counting.get()
    if sweeps is not None:
        sweeps.forward += n


def count_reverse(n: int = 1) -> None:
    """Note a walk backwards, or ``n`` of them side by side."""
    sweeps = _counting.get()
    if sweeps is not None:
        sweeps.reverse += n
