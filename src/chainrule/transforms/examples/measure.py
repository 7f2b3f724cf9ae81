"""Norms, products with the mean and the mean itself, from the pieces of many examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array
from chainrule.ops.shaping import broadcast_to, reshape
from chainrule.transforms.examples.contraction import Factor, contract
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
    batched = plan.batched([*parameters, *data], flags, size)
    squares: list[Array] = []
    dots: list[Array] = []
    found: list[Array] = []
    for k, (pieces, x) in enumerate(zip(batched, parameters, strict=True)):
        one = _Parameter(pieces, shape_of(x), size, type_of(x).dtype)
        if plan.choices[k].multiplied:
            one.multiply()
        mean = one.mean() if means is None else means[k]
        found.append(mean)
        squares.append(one.squares())
        dots.append(one.dots(mean))
    return Measured(squares, dots, found)


class _Parameter:
    """The gradients of one parameter for all examples, as pieces."""

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
        parts = [contract(p.factors, labels, self._sizes) for p in self._pieces]
        self._whole = self._sum(parts, ())

    def _sum(self, parts: Sequence[Array], shape: tuple[int, ...]) -> Array:
        total = np.zeros(shape, self._dtype) if not parts else parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    def mean(self) -> Array:
        """The mean of the gradients."""
        axes = axes_of(self._shape)
        bare = tuple(self._shape[k] for k in axes)
        means: list[Array] = []
        for piece in self._pieces:
            part = contract(piece.factors, axes, self._sizes)
            differs = any(BATCH in f.labels for f in piece.factors)
            means.append(part / self._size if differs else part)
        return reshape(self._sum(means, bare), shape=self._shape)

    def squares(self) -> Array:
        """The squares of the norms."""
        if self._whole is not None:
            axes = tuple(range(1, len(shape_of(self._whole))))
            return np.sum(np.square(self._whole), axis=axes)
        parts: list[Array] = []
        for p, q in pairs_of(self._pieces):
            sizes = sizes_with([p, q], self._sizes)
            part = contract(pair_of(p, q), [BATCH], sizes)
            parts.append(part if p is q else 2 * part)
        return self._sum(parts, (self._size,))

    def dots(self, mean: Array) -> Array:
        """The products with a mean."""
        axes = axes_of(self._shape)
        bare = reshape(mean, shape=tuple(self._shape[k] for k in axes))
        if self._whole is not None:
            product = self._whole * broadcast_to(bare, shape=shape_of(self._whole))
            return np.sum(product, axis=tuple(range(1, len(axes) + 1)))
        factor = Factor(bare, tuple(axes))
        parts = [contract([*p.factors, factor], [BATCH], self._sizes) for p in self._pieces]
        return self._sum(parts, (self._size,))
