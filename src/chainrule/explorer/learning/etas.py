"""With which learning rate each step of a training was taken: so that it can be taken again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Etas:
    """``changes`` are pairs (step, eta), ascending: from that step on, the rate was eta.

    >>> etas = Etas(((0, 3.0),)).since(100, 0.5)
    >>> etas.at(99), etas.at(100), etas.next_change(0), etas.next_change(100)
    (3.0, 0.5, 100, None)
    """

    changes: tuple[tuple[int, float], ...]

    def at(self, step: int) -> float:
        """The rate of the step that follows ``step`` steps."""
        return next(eta for first, eta in reversed(self.changes) if first <= step)

    def next_change(self, step: int) -> int | None:
        """The first step after ``step`` with another rate, if there is one."""
        return next((first for first, _ in self.changes if first > step), None)

    def since(self, step: int, eta: float) -> Etas:
        """The same up to ``step``, and ``eta`` from there on."""
        kept = tuple(change for change in self.changes if change[0] < step)
        if kept and kept[-1][1] == eta:
            return Etas(kept)
        return Etas((*kept, (step, eta)))
