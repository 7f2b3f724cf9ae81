"""Which values to keep and which to compute again, within a bound on memory.

The sweep back over a chain of pieces from ``i`` to ``j`` either is made at once, or goes forwards
to a place ``k`` between, keeps the values there, comes back from ``j`` to ``k``, and does the part
from ``i`` to ``k`` in the same way. With h bytes to use, of which the cotangents at j take c,

    T(i, j, h) = min(work(i, j) if c + peak(i, j) <= h,
                     min over k of work(i, k) + T(k, j, h - kept(k)) + T(i, k, h))

which a table over (i, j, h) solves: Beaumont, Eyraud-Dubois, Herrmann, Joly and Shilova, "Optimal
checkpointing for heterogeneous chains" (2019), section 4, here with pieces of several equations
that keep all they need. A loop is a piece that can itself save memory (``limited.py``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from chainrule.core.graph import Equation, Var
from chainrule.transforms.checkpointing.chain import Chain
from chainrule.transforms.checkpointing.liveness import (
    bytes_of,
    count_of,
    peak_in_one_piece,
    work_of,
)
from chainrule.transforms.control.revolve import fewest_advances
from chainrule.transforms.control.shape import Limit

LEVELS = 128  # of memory that the table tells apart


@dataclass(frozen=True)
class Piece:
    """A part of the chain that is computed and reversed at once, scans within ``limits``.

    ``again`` are the equations that its scans run beyond once for each step.
    """

    start: int
    stop: int
    memory: int
    work: int
    again: int = 0
    limits: Mapping[Equation, Limit] = field(default_factory=dict[Equation, Limit])


@dataclass(frozen=True)
class Split:
    """Forwards from ``start`` to ``place``, whose values are kept for ``later``; then ``earlier``.

    ``earlier`` is the part from start to place, ``later`` the one from place to stop.
    """

    start: int
    place: int
    stop: int
    later: Plan
    earlier: Plan


Plan = Piece | Split


@dataclass(frozen=True)
class _Found:
    work: float
    plan: Plan | None


_NONE = _Found(math.inf, None)


@dataclass(frozen=True, eq=False)
class Planner:
    """Finds plans for one chain."""

    chain: Chain
    _whole: dict[tuple[int, int], Piece] = field(default_factory=dict[tuple[int, int], Piece])
    _forwards: dict[tuple[int, int, tuple[Var, ...]], int] = field(
        default_factory=dict[tuple[int, int, tuple[Var, ...]], int]
    )
    _least: dict[tuple[int, int], tuple[int, Plan]] = field(
        default_factory=dict[tuple[int, int], "tuple[int, Plan]"]
    )
    _loops: dict[tuple[int, int], _Room] = field(default_factory=dict[tuple[int, int], "_Room"])

    def within(self, memory: int) -> Plan | None:
        """The plan of the least work that takes at most so many bytes, by the table."""
        whole = self._at_once(0, self.chain.pieces)
        if whole.memory <= memory:
            return whole
        unit = max(1, memory // LEVELS)
        table: dict[tuple[int, int, int], _Found] = {}
        return self._best(0, self.chain.pieces, memory // unit, unit, table).plan

    def _best(
        self, i: int, j: int, level: int, unit: int, table: dict[tuple[int, int, int], _Found]
    ) -> _Found:
        known = table.get((i, j, level))
        if known is not None:
            return known
        have = level * unit
        if level <= 0 or self.least(i, j)[0] > have:
            best = _NONE
        elif self._fits(i, j, have):
            best = _Found(self._at_once(i, j).work, self._at_once(i, j))
        else:
            best = self._saving(i, j, level, unit, table)
        table[i, j, level] = best
        return best

    def _saving(
        self, i: int, j: int, level: int, unit: int, table: dict[tuple[int, int, int], _Found]
    ) -> _Found:
        """The best plan of a part that is not made at once as it is."""
        best, have = _NONE, level * unit
        for piece in self._of_loop(i, j, have):
            if piece.memory <= have and piece.work < best.work:
                best = _Found(piece.work, piece)
        for k in range(i + 1, j):
            if self._to(i, k, j) > have:
                continue
            after = level - -(-self.chain.kept_bytes(i, k, j) // unit)
            later = self._best(k, j, after, unit, table)
            forwards = self.chain.work(i, k)
            if forwards + later.work >= best.work:
                continue
            earlier = self._best(i, k, level, unit, table)
            work = forwards + later.work + earlier.work
            if later.plan is not None and earlier.plan is not None and work < best.work:
                best = _Found(work, Split(i, k, j, later.plan, earlier.plan))
        return best

    # ---- the least memory -----------------------------------------------------------------------

    def least(self, i: int, j: int) -> tuple[int, Plan]:
        """The least memory in which the sweep from ``j`` back to ``i`` can be made, and how."""
        known = self._least.get((i, j))
        if known is not None:
            return known
        found: list[tuple[int, Plan]] = []
        for k in range(i + 1, j):
            later, earlier = self.least(k, j), self.least(i, k)
            kept = self.chain.kept_bytes(i, k, j)
            need = max(self._to(i, k, j), kept + later[0], earlier[0])
            found.append((need, Split(i, k, j, later[1], earlier[1])))
        best = min(found, key=lambda pair: pair[0], default=None)
        if best is None or self._fits(i, j, best[0]):
            best = self._at_once(i, j).memory, self._at_once(i, j)
        for piece in self._of_loop(i, j, 0):
            if piece.memory < best[0]:
                best = piece.memory, piece
        self._least[i, j] = best
        return best

    # ---- pieces ---------------------------------------------------------------------------------

    def _to(self, i: int, k: int, j: int) -> int:
        """The memory of going forwards from ``i`` to ``k`` on the way to ``j``."""
        kept = self.chain.kept(i, k, j)
        key = i, k, kept
        if key not in self._forwards:
            self._forwards[key] = peak_in_one_piece(self.chain.forwards(i, k, j)[0])
        return self.chain.cotangent_bytes[j] + self._forwards[key]

    def _fits(self, i: int, j: int, memory: int) -> bool:
        """Whether a part can be made at once; a longer one takes no less than what is in it."""
        known = (i, j) in self._whole or j == i + 1
        if not (known or (self._fits(i, j - 1, memory) and self._fits(i + 1, j, memory))):
            return False
        return self._at_once(i, j).memory <= memory

    def _at_once(self, i: int, j: int) -> Piece:
        if (i, j) not in self._whole:
            self._whole[i, j] = self._piece(i, j, {})
        return self._whole[i, j]

    def _piece(self, i: int, j: int, limits: Mapping[Equation, Limit]) -> Piece:
        chain = self.chain
        back = chain.backwards(i, j, chain.given[j], limits)
        memory = chain.cotangent_bytes[j] + peak_in_one_piece(back.graph)
        more = [_again(e, limit) for e, limit in limits.items()]
        work = chain.work(i, j) + sum(w for w, _ in more)
        return Piece(i, j, memory, work, sum(n for _, n in more), limits)

    def _of_loop(self, i: int, j: int, memory: int) -> Iterator[Piece]:
        """A loop that stands alone, reversed in so much memory, and in the least."""
        equations = self.chain.equations(i, j)
        if len(equations) != 1:
            return
        (scan,) = equations
        if scan.primitive.name != "scan" or scan.params["length"] < 4:
            return
        if (i, j) not in self._loops:
            self._loops[i, j] = _Room.of(scan, lambda limit: self._limited(i, j, scan, limit))
        room = self._loops[i, j]
        yield room.smallest
        more = memory - room.smallest.memory
        if more > 0:  # in steps of a factor, so that few are tried
            found = room.within(room.smallest.memory + 1.1 ** math.floor(math.log(more, 1.1)))
            if found is not None:
                yield found

    def _limited(self, i: int, j: int, scan: Equation, limit: Limit) -> Piece:
        return self._piece(i, j, {scan: limit})


@dataclass(frozen=True, eq=False)
class _Room:
    """What the reverse of a scan takes: about ``base + slots * carry + steps * kept`` bytes."""

    length: int
    carry: int
    kept: float  # bytes for each step of a block
    base: float
    smallest: Piece
    make: Callable[[Limit], Piece]
    _known: dict[float, Piece | None] = field(default_factory=dict[float, "Piece | None"])

    @classmethod
    def of(cls, scan: Equation, make: Callable[[Limit], Piece]) -> _Room:
        """Measured at two limits."""
        length: int = scan.params["length"]
        short = 1 if length < 64 else 8
        a, b = make((short, 1)), make((2 * short, 1))
        kept = max(0.0, (b.memory - a.memory) / short)
        carry = bytes_of(scan.outputs[: scan.params["carries"]])
        base = a.memory - short * kept
        smallest = a if short == 1 else min(a, make((1, 1)), key=lambda piece: piece.memory)
        return cls(length, carry, kept, base, smallest, make)

    def within(self, memory: float) -> Piece | None:
        """The one of the fewest steps again that takes at most so many bytes."""
        if memory not in self._known:
            self._known[memory] = self._search(memory)
        return self._known[memory]

    def _search(self, memory: float) -> Piece | None:
        room = memory - self.base
        for _ in range(12):
            limit = self._best(room)
            if limit is None:
                return None
            piece = self.make(limit)
            if piece.memory <= memory:
                return piece
            room *= 0.98 * (memory - self.base) / (piece.memory - self.base)
        return None

    def _best(self, room: float) -> Limit | None:
        """The limit with the fewest steps made again, as far as the formula holds."""
        best: tuple[int, int, Limit] | None = None
        parts = {max(1, round(1.1**n)) for n in range(int(math.log(self.length, 1.1)) + 1)}
        for length in {-(-self.length // n) for n in parts}:
            count = self.length // length
            left = room - length * self.kept
            slots = int(left // max(1, self.carry))
            if slots < count:  # a stack of them, which is copied once
                slots = int(left // max(1, 2 * self.carry))
            if slots < 1:
                continue
            slots = min(slots, count)
            again = fewest_advances(count, slots) * length + self.length % length
            key = again, length + slots, (length, slots)
            if best is None or key < best:
                best = key
        return None if best is None else best[2]


def _again(scan: Equation, limit: Limit) -> tuple[int, int]:
    """The work that a limit adds to the reverse of a scan, and the equations."""
    length, slots = limit
    steps: int = scan.params["length"]
    made = fewest_advances(steps // length, slots) * length + steps % length
    return made * (work_of(scan) - 1) // steps, made * count_of(scan) // steps
