"""Where the entries of a value lie: a buffer, an offset and a stride for each axis.

Buffers are flat. A transpose, a slice or a broadcast of a value is the same buffer seen through
other strides and costs nothing; only what no strides can describe is copied.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chainrule.core.graph import Literal, Var

Base = Var | Literal


def contiguous(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides, in entries, of an array in C order.

    >>> contiguous((2, 3, 4))
    (12, 4, 1)
    """
    strides: list[int] = []
    step = 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))


@dataclass(frozen=True, slots=True)
class Ref:
    """A value as a view of the flat buffer that belongs to ``base``."""

    base: Base
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0

    @classmethod
    def whole(cls, base: Base) -> Ref:
        """The value of ``base`` itself, in C order."""
        return cls(base, base.type.shape, contiguous(base.type.shape))

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its base, in C order."""
        return self.offset == 0 and self.shape == self.base.type.shape and self.is_contiguous

    @property
    def is_contiguous(self) -> bool:
        """Whether its entries lie one after the other in C order."""
        wanted = contiguous(self.shape)
        return all(
            n == 1 or s == w for n, s, w in zip(self.shape, self.strides, wanted, strict=True)
        )

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)

    @property
    def normal(self) -> Ref:
        """The same view, with stride 0 along axes of length one, where strides mean nothing."""
        steps = zip(self.shape, self.strides, strict=True)
        return replace(self, strides=tuple(0 if n == 1 else s for n, s in steps))

    @property
    def squeezed(self) -> Ref:
        """Without its axes of length one."""
        kept = [(n, s) for n, s in zip(self.shape, self.strides, strict=True) if n != 1]
        return replace(self, shape=tuple(n for n, _ in kept), strides=tuple(s for _, s in kept))

    def transposed(self, order: tuple[int, ...]) -> Ref:
        """With its axes in another order."""
        return replace(
            self,
            shape=tuple(self.shape[i] for i in order),
            strides=tuple(self.strides[i] for i in order),
        )

    def broadcast(self, shape: tuple[int, ...]) -> Ref:
        """Repeated along new axes and axes of length one, with stride 0."""
        lead = len(shape) - len(self.shape)
        strides = (0,) * lead + tuple(
            0 if n == 1 and m != 1 else s
            for n, m, s in zip(self.shape, shape[lead:], self.strides, strict=True)
        )
        return replace(self, shape=shape, strides=strides)

    def reshaped(self, shape: tuple[int, ...]) -> Ref | None:
        """In another shape, or None where that needs a copy."""
        if self.is_contiguous:
            return replace(self, shape=shape, strides=contiguous(shape))
        kept = [(n, s) for n, s in zip(self.shape, self.strides, strict=True) if n != 1]
        if [n for n, _ in kept] != [n for n in shape if n != 1]:
            return None
        steps = iter(s for _, s in kept)
        return replace(
            self, shape=shape, strides=tuple(0 if n == 1 else next(steps) for n in shape)
        )

    def sliced(self, index: Sequence[Any]) -> Ref:
        """A basic index: integers, slices, None and an ellipsis."""
        taken = sum(1 for part in index if part is not None and part is not Ellipsis)
        shape: list[int] = []
        strides: list[int] = []
        offset, axis = self.offset, 0
        parts: list[Any] = [*index] if Ellipsis in index else [*index, Ellipsis]
        for part in parts:
            if part is None:
                shape.append(1)
                strides.append(0)
            elif part is Ellipsis:
                rest = len(self.shape) - taken
                shape += self.shape[axis : axis + rest]
                strides += self.strides[axis : axis + rest]
                axis += rest
            elif isinstance(part, slice):
                start, _stop, step = part.indices(self.shape[axis])
                length = len(range(*part.indices(self.shape[axis])))
                offset += start * self.strides[axis] if length else 0
                shape.append(length)
                strides.append(step * self.strides[axis])
                axis += 1
            else:
                offset += (int(part) % self.shape[axis]) * self.strides[axis]
                axis += 1
        return Ref(self.base, tuple(shape), tuple(strides), offset)
