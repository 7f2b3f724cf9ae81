"""What ``check_gradients`` returns, and how it reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Two ways to one derivative.

    Attributes:
        order: of the derivative; 0 is the value.
        ways: the names of the two.
        gap: how far they are apart, at the entry where that is most in relation to ``allowed``.
        allowed: what they may be apart by rounding, or by the error of the differences.
    """

    order: int
    ways: tuple[str, str]
    gap: float
    allowed: float

    @property
    def agrees(self) -> bool:
        """Whether they are the same up to what is allowed."""
        return self.gap <= self.allowed


@dataclass(frozen=True)
class GradientReport:
    """All comparisons that were made, and what could not be compared.

    Attributes:
        function: its name and line.
        numbers: how many numbers it was differentiated in.
        directions: how many directions were compared.
        comparisons: each pair of ways, with the worst of all directions.
        differences: how differences were taken, and their steps.
        notes: kinks, ways that were left out and why.
    """

    function: str
    numbers: int
    directions: int
    comparisons: tuple[Comparison, ...]
    differences: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"gradients of {self.function} agree: {_counted(self.numbers, 'number')},"
            f" {_counted(self.directions, 'direction')}"
        ]
        width = max((len(" = ".join(c.ways)) for c in self.comparisons), default=0)
        lines += [
            f"  order {c.order}  {' = '.join(c.ways):{width}}  apart {c.gap:.1e} of {c.allowed:.1e}"
            for c in self.comparisons
        ]
        if self.differences:
            lines.append(f"  differences: {self.differences}")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    __repr__ = __str__


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
