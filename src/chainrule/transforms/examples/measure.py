"""Norms, products with the mean and the mean itself, from the pieces of many examples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array
from chainrule.ops.shaping import broadcast_to, reshape
from chainrule.transforms.examples.contraction import Factor
from chainrule.transforms.examples.lookups import product
from chainrule.transforms.examples.pieces import Piece, axes_of, pair_of, pairs_of, sizes_with
from chainrule.transforms.examples.plan import BATCH, Plan


@dataclass(frozen=True)
class Measured:
    """For each parameter: squares (B,) of the norms, products (B,) with the mean, the mean."""

    squares: list[Array]
    dots: list[Array]
    means: list[Array]


def measure(
    plan: Plan,
    parameters: Sequence[Any],
    data: Sequence[Any],
    size: int,
    means: Sequence[Array] | None = None,
) -> Measured:
    """What is asked of the gradients of ``size`` examples; ``means`` if they are known."""
    flags = (False,) * len(parameters) + (True,) * len(data)
    squares: list[list[Array]] = [[] for _ in parameters]
    dots: list[list[Array]] = [[] for _ in parameters]
    found: list[list[Array]] = [[] for _ in parameters]
    batched = plan.batched([*parameters, *data], flags, size)
    for part, pieces in zip(plan.parts, batched, strict=True):
        k = part.view.owner
        one = _Gradients(pieces, part.view.shape, size, type_of(parameters[k]).dtype)
        if part.choice.multiplied:
            one.multiply()
        mean = one.mean() if means is None else part.view.of(means[k])
        found[k].append(part.view.back(mean))
        squares[k].append(one.squares())
        dots[k].append(one.dots(mean))
    kinds = [type_of(x) for x in parameters]
    return Measured(
        [_sum(s, (size,), kind.dtype) for s, kind in zip(squares, kinds, strict=True)],
        [_sum(d, (size,), kind.dtype) for d, kind in zip(dots, kinds, strict=True)],
        [_sum(m, kind.shape, kind.dtype) for m, kind in zip(found, kinds, strict=True)],
    )


def _sum(parts: Sequence[Array], shape: Sequence[int], dtype: Any) -> Array:
    total = np.zeros(shape, dtype)[()] if not parts else parts[0]
    for part in parts[1:]:
        total = total + part
    return total


class _Gradients:
    """The gradients of a part of a parameter for all examples, as pieces."""

    def __init__(self, pieces: list[Piece], shape: tuple[int, ...], size: int, dtype: Any) -> None:
        self._pieces = pieces
        self._shape = shape
        self._size = size
        self._dtype = dtype
        self._sizes = sizes_with(pieces, {BATCH: size})
        self._whole: Array | None = None  # all gradients, without the axes of length one

    def multiply(self) -> None:
        """Multiply all gradients out; norms and products are then taken of them."""
        labels = [BATCH, *axes_of(self._shape)]
        parts = [product(p.factors, labels, self._sizes) for p in self._pieces]
        self._whole = _sum(parts, (), self._dtype)

    def mean(self) -> Array:
        """The mean of the gradients."""
        axes = axes_of(self._shape)
        bare = tuple(self._shape[k] for k in axes)
        means: list[Array] = []
        for piece in self._pieces:
            part = product(piece.factors, axes, self._sizes)
            differs = any(BATCH in f.labels for f in piece.factors)
            means.append(part / self._size if differs else part)
        return reshape(_sum(means, bare, self._dtype), shape=self._shape)

    def squares(self) -> Array:
        """The squares of the norms."""
        if self._whole is not None:
            axes = tuple(range(1, len(shape_of(self._whole))))
            return np.sum(np.square(self._whole), axis=axes)
        parts: list[Array] = []
        for p, q in pairs_of(self._pieces):
            sizes = sizes_with([p, q], self._sizes)
            factors = pair_of(p, q)
            there = {a for f in factors for a in f.labels}
            times = math.prod(sizes[a] for a in axes_of(self._shape) if a not in there)
            times *= 1 if p is q else 2
            part = product(factors, [BATCH], sizes)
            parts.append(part if times == 1 else times * part)
        return _sum(parts, (self._size,), self._dtype)

    def dots(self, mean: Array) -> Array:
        """The products with a mean."""
        axes = axes_of(self._shape)
        bare = reshape(mean, shape=tuple(self._shape[k] for k in axes))
        if self._whole is not None:
            parts = self._whole * broadcast_to(bare, shape=shape_of(self._whole))
            return np.sum(parts, axis=tuple(range(1, len(axes) + 1)))
        factor = Factor(bare, tuple(axes))
        parts = [product([*p.factors, factor], [BATCH], self._sizes) for p in self._pieces]
        return _sum(parts, (self._size,), self._dtype)
