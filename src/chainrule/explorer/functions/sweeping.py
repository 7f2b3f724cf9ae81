"""The order in which the numbers of a graph come to be, in both sweeps.

Moments count from 0, where only the arguments are known: one for each equation forwards, one for
the seed of the reverse sweep, and one for each equation that this goes through, backwards. A
:class:`Stop` is where the page stands still: each moment, but for those within a folded group.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property

from chainrule.core.graph import Var
from chainrule.explorer.functions.traced import Traced


@dataclass(frozen=True)
class Stop:
    """A position of the sweep.

    Attributes:
        at: its moment; of a folded group the last one in it.
        phase: "given", "forward", "seed" or "backward".
        box: the node that is computed, "" for the arguments and the seed.
        equation: which one, -1 for none; of a folded group the last.
        count: how many moments it stands for.
    """

    at: int
    phase: str
    box: str
    equation: int
    count: int = 1


@dataclass(frozen=True, eq=False)
class Moments:
    """When each number of a graph is known."""

    traced: Traced

    @cached_property
    def back(self) -> dict[int, int]:
        """The moments of equations in the reverse sweep."""
        equations = self.traced.graph.equations
        order = [n for n in reversed(range(len(equations))) if self.traced.has_back(equations[n])]
        return {n: self.seed + 1 + k for k, n in enumerate(order)}

    @property
    def seed(self) -> int:
        """When the reverse sweep starts."""
        return len(self.traced.graph.equations) + 1

    @cached_property
    def made(self) -> dict[Var, int]:
        """When the value of each variable is known."""
        found = dict.fromkeys(self.traced.graph.inputs, 0)
        for n, e in enumerate(self.traced.graph.equations):
            found.update(dict.fromkeys(e.outputs, n + 1))
        return found

    def given(self, n: int) -> int:
        """When an equation gives something back; -1 is the seed. 0 if it never does."""
        return self.seed if n < 0 else self.back.get(n, 0)

    def complete(self, v: Var) -> int:
        """When the cotangent of a variable has all its terms; 0 if it has none."""
        return max((self.given(n) for n, _ in self.traced.uses[v]), default=0)

    def stops(self, box: Callable[[int], str], groups: Collection[str]) -> list[Stop]:
        """All positions, where ``box`` is the node that an equation is drawn in, and ``groups`` are
        those that are folded.
        """
        found = [Stop(0, "given", "", -1)]
        for n in range(len(self.traced.graph.equations)):
            _append(found, Stop(n + 1, "forward", box(n), n), groups)
        found.append(Stop(self.seed, "seed", "", -1))
        for n, at in self.back.items():
            _append(found, Stop(at, "backward", box(n), n), groups)
        return found


def _append(found: list[Stop], stop: Stop, groups: Collection[str]) -> None:
    """One stop more, or the last one longer if it is in the same folded group."""
    last = found[-1]
    if stop.box in groups and (last.box, last.phase) == (stop.box, stop.phase):
        found[-1] = replace(stop, count=last.count + 1)
    else:
        found.append(stop)
