"""What the inputs and results of a ``scan`` are, and how its reverse sweep may save memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Limit = tuple[int, int]  # steps of a block, carries that are kept


@dataclass(frozen=True)
class Shape:
    """How many of a scan's inputs are constants and carries, and how many steps it makes."""

    constants: int
    carries: int
    length: int
    reverse: bool
    limit: Limit | None = None  # how the reverse sweep saves memory; see limited.py

    def inputs(self, values: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
        """Constants, carry and xs."""
        stop = self.constants + self.carries
        return values[: self.constants], values[self.constants : stop], values[stop:]

    def outputs(self, values: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
        """Carry and ys."""
        return values[: self.carries], values[self.carries :]

    @property
    def carry(self) -> tuple[int, int]:
        """Where the carry stands among the inputs, from and to."""
        return self.constants, self.constants + self.carries

    @property
    def steps(self) -> dict[str, Any]:
        """The parameters that say which steps the loop makes, and how it is reversed."""
        given = {"length": self.length, "reverse": self.reverse}
        return given if self.limit is None else {**given, "limit": self.limit}

    @property
    def order(self) -> Iterable[int]:
        """The steps in the order in which they run."""
        return reversed(range(self.length)) if self.reverse else range(self.length)
