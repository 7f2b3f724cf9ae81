"""What a case is, and the sample inputs that they share."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Case:
    """One function with sample inputs.

    ``smooth``: differentiable at the inputs, so that finite differences may be compared with.
    ``by_types``: can be traced by the types of its inputs alone.
    ``constant``: piecewise constant, so that all derivatives are zero.
    """

    name: str
    f: Callable[..., Any]
    inputs: tuple[Any, ...]
    smooth: bool = True
    by_types: bool = True
    constant: bool = False

    @property
    def argnums(self) -> tuple[int, ...]:
        """The positions of the inputs that can be differentiated."""
        return tuple(i for i, x in enumerate(self.inputs) if np.result_type(x).kind in "fc")


CASES: list[Case] = []


def case(name: str, f: Callable[..., Any], *inputs: Any, **flags: bool) -> None:
    CASES.append(Case(name, f, inputs, **flags))


def x(*shape: int, low: float = -2.0, high: float = 2.0, dtype: Any = np.float64, seed: int = 0):
    """Numbers between ``low`` and ``high``, always the same ones, distinct and away from ties."""
    rng = np.random.default_rng(zlib.crc32(repr((shape, low, high, seed)).encode()))
    size = int(np.prod(shape))
    values = (np.arange(size) + 0.25 + 0.5 * rng.random(size)) / max(size, 1)
    rng.shuffle(values)
    return np.asarray(low + (high - low) * values).reshape(shape).astype(dtype)[()]


def y(*shape: int, **options: Any):
    return x(*shape, seed=1, **options)


def z(*shape: int, dtype: Any = np.complex128, seed: int = 0):
    return (x(*shape, seed=seed) + 1j * x(*shape, seed=seed + 2)).astype(dtype)[()]


def ints(*shape: int, below: int = 5):
    return x(*shape, low=0, high=below).astype(np.int64)


MASK = np.array([[True, False, True], [False, False, True]])
