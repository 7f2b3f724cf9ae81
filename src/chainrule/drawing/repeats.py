"""Equal blocks that follow each other: the layers of a deep network, the turns of a Python loop.

Equations are compared by what they do (primitive, parameters, types); numbers that stand in them
and integers of an index may differ, as they do from turn to turn. A block repeats if the equations
after it are the same again and are connected among themselves in the same way.

A period of p equations that is found n times leaves a run of (n - 1) p places where an equation is
as that of p places before. All runs are found by one comparison of arrays for each period; those
that save the most are taken, then what is left between them and the inside of one block is looked
at in the same way. So repetitions nest.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var

MOST_COMPARED = 100_000_000  # entries; a few tenths of a second
SAVES = 6  # equations that a repetition must save to be one
ALTERNATING = 4  # ways in which blocks that do the same may be connected in turns
PRODUCTS = {"matmul", "einsum", "convolve"}
PHASES = 64  # beginnings of a block that are tried


class Run(NamedTuple):
    """Equations from ``start`` on that are as those of ``period`` places before them."""

    start: int
    period: int
    stop: int

    @property
    def turns(self) -> int:
        """Whole periods."""
        return (self.stop - self.start) // self.period

    @property
    def saves(self) -> int:
        """Equations that are not drawn if only one block is."""
        return (self.turns - 1) * self.period

    @property
    def is_worth_folding(self) -> bool:
        """Whether the picture gains; a pair of small blocks is as well drawn."""
        return self.saves >= (SAVES if self.turns > 2 else 2 * SAVES)


@dataclass(frozen=True)
class Block:
    """Equations ``start`` to ``stop`` that belong together.

    ``parts`` are all of them in order, as numbers and blocks. ``times`` > 1 says that the parts are
    that many equal blocks. A ``label`` of "" leaves it to what the equations do.
    """

    parts: tuple[int | Block, ...]
    start: int
    stop: int
    times: int = 1
    label: str = ""

    def moved(self, by: int) -> Block:
        """The same block of equations that stand elsewhere."""
        parts = tuple(p.moved(by) if isinstance(p, Block) else p + by for p in self.parts)
        return Block(parts, self.start + by, self.stop + by, self.times, self.label)


Part = int | Block


def are_alike(equations: Sequence[Equation], start: int, other: int, length: int) -> bool:
    """Whether equations are equal, but for the shapes of arrays, to those from another place on."""
    if min(start, other) < 0 or max(start, other) + length > len(equations):
        return False
    these, those = equations[start : start + length], equations[other : other + length]
    if any(
        _key(e, shapes=False) != _key(f, shapes=False) for e, f in zip(these, those, strict=True)
    ):
        return False
    return _wiring(_producers(these), 0, length) == _wiring(_producers(those), 0, length)


def repeated(equations: Sequence[Equation], *, shapes: bool = True) -> list[Part]:
    """All equations in order, as numbers, with repetitions as blocks.

    Without ``shapes``, blocks are compared but for the shapes of their arrays, and are not equal:
    each is a part of its own.
    """
    finder = _Finder(equations, shapes)
    return finder.parts(0, len(equations))


class _Finder:
    def __init__(self, equations: Sequence[Equation], shapes: bool) -> None:
        self._shapes = shapes
        self._sources = [e.source for e in equations]
        self._names = [e.primitive.name for e in equations]
        self._inputs = _producers(equations)
        self._runs = _runs(_codes(equations, shapes))

    def parts(self, start: int, stop: int) -> list[Part]:
        found: list[Part] = []
        todo = [(start, stop)]
        while todo:
            low, high = todo.pop()
            block = self._best(low, high)
            if block is None:
                found += range(low, high)
                continue
            found += [block] if self._shapes else block.parts
            todo += [(low, block.start), (block.stop, high)]
        return sorted(found, key=lambda p: p.start if isinstance(p, Block) else p)

    def _best(self, low: int, high: int) -> Block | None:
        """The repetition within some equations that saves the most."""
        clipped = [Run(max(r.start, low), r.period, min(r.stop, high)) for r in self._runs]
        worth = [r for r in clipped if r.stop - r.start >= 2 * r.period and r.is_worth_folding]
        for run in sorted(worth, key=lambda r: (-r.saves, r.period, r.start)):
            placed = self._connected(run)
            if placed is not None and placed.is_worth_folding:
                return self._block(placed)
        return None

    def _block(self, run: Run) -> Block:
        first = Block(
            tuple(self.parts(run.start, run.start + run.period)), run.start, run.start + run.period
        )
        blocks = tuple(first.moved(n * run.period) for n in range(run.turns))
        return Block(blocks, run.start, run.start + run.turns * run.period, run.turns)

    def _connected(self, run: Run) -> Run | None:
        """The part of a run whose blocks are connected alike, beginning where a block does."""
        spare = run.stop - run.start - run.turns * run.period
        phases = range(min(run.period, PHASES))
        possible = [p for p in phases if run.turns - (p > spare) >= 2]
        start = run.start + min(possible, key=lambda p: self._unlikely(run, p, p > spare))
        turns = (run.stop - start) // run.period
        wired = [_wiring(self._inputs, start + n * run.period, run.period) for n in range(turns)]
        return _longest(wired, start, run.period)

    def _unlikely(self, run: Run, phase: int, loses_turn: bool) -> tuple[Any, ...]:
        """Blocks begin where the fewest variables go from one to the next; there with a line of the
        program, with the first of them, or so that they end with one; else as a layer does, with
        what is made of its own parameters, or with a product.
        """
        start = run.start + phase
        stop = start + (run.stop - start) // run.period * run.period
        source = self._sources[start]
        line = source.line if source else 0
        if not self._is_new_line(start) and not self._is_new_line(stop):
            line = math.inf
        second = self._inputs[start + run.period]
        own = all(q[0] < start for q in second)
        first = 0 if own else 1 if self._names[start] in PRODUCTS else 2
        return self._crossing(start, run.period), loses_turn, line, first, phase

    def _is_new_line(self, n: int) -> bool:
        at_end = n == 0 or n == len(self._sources)
        return at_end or self._sources[n] != self._sources[n - 1]

    def _crossing(self, start: int, period: int) -> int:
        """How many variables of the first block the second one uses."""
        second = range(start + period, start + 2 * period)
        uses = {q for e in second for q in self._inputs[e] if start <= q[0] < start + period}
        return len(uses)


def _wiring(inputs: list[list[tuple[int, int]]], start: int, period: int) -> Hashable:
    """How the equations of a block are connected, other variables numbered as they come."""
    others: dict[tuple[int, int], int] = {}
    wires: list[tuple[int, int]] = []
    for e in range(start, start + period):
        for q in inputs[e]:
            inside = q[0] >= start
            wires.append(
                (q[0] - start, q[1]) if inside else (-1, others.setdefault(q, len(others)))
            )
    return tuple(wires)


def _longest(wired: list[Hashable], start: int, period: int) -> Run | None:
    """The longest row of equal blocks."""
    best = (0, 0)
    begin = 0
    for n in range(1, len(wired) + 1):
        if n == len(wired) or wired[n] != wired[begin]:
            best = max(best, (n - begin, -begin))
            begin = n
    turns, first = best[0], start - best[1] * period
    return Run(first, period, first + turns * period) if turns > 1 else None


def _producers(equations: Sequence[Equation]) -> list[list[tuple[int, int]]]:
    """For each operand that is a variable, the equation and result that it is; < 0 if none here."""
    made: dict[Var, tuple[int, int]] = {
        v: (n, i) for n, e in enumerate(equations) for i, v in enumerate(e.outputs)
    }
    outside: dict[Var, tuple[int, int]] = {}
    return [
        [
            made.get(x) or outside.setdefault(x, (-1 - len(outside), 0))
            for x in e.inputs
            if isinstance(x, Var)
        ]
        for e in equations
    ]


def _runs(codes: Any) -> list[Run]:
    """All runs that may be worth folding.

    Those of a large multiple of a period found there are not; of a small one they are, as blocks
    may do the same but be connected in turns.
    """
    n = len(codes)
    found: list[Run] = []
    by_end: dict[tuple[int, int], list[int]] = {}
    for period in range(1, min(n // 2, MOST_COMPARED // max(n, 1)) + 1):
        differs = np.flatnonzero(codes[period:] != codes[:-period])
        edges = np.concatenate(([-1], differs, [n - period]))
        long = np.flatnonzero(np.diff(edges) - 1 >= period)
        for at in long:
            start, stop = int(edges[at]) + 1, int(edges[at + 1]) + period
            periods = by_end.setdefault((start, stop), [])
            run = Run(start, period, stop)
            if run.is_worth_folding and not any(
                period % p == 0 for p in periods if period > ALTERNATING * p
            ):
                periods.append(period)
                found.append(run)
    return found


# ---- what is compared ---------------------------------------------------------------------------


def _codes(equations: Sequence[Equation], shapes: bool) -> Any:
    """A number for each equation; equal ones do the same."""
    known: dict[Hashable, int] = {}
    codes = [known.setdefault(_key(e, shapes), len(known)) for e in equations]
    return np.asarray(codes, np.int32)


def _key(e: Equation, shapes: bool) -> Hashable:
    params = tuple(
        (name, _param_key(value, shapes, exact=shapes and name != "index"))
        for name, value in e.params.items()
    )
    operands = tuple((isinstance(x, Literal), _type_key(x.type, shapes)) for x in e.inputs)
    results = tuple(_type_key(v.type, shapes) for v in e.outputs)
    sweep = "" if e.source is None else e.source.sweep
    return e.primitive.name, params, operands, results, sweep


def _type_key(kind: ArrayType, shapes: bool) -> Hashable:
    return (kind.shape if shapes else kind.ndim), kind.dtype, kind.weak


def _param_key(value: Any, shapes: bool, exact: bool) -> Hashable:
    """A parameter as it is compared; integers count where they are ``exact``."""
    if isinstance(value, Graph):
        return tuple(_key(e, shapes) for e in value.equations)
    if isinstance(value, tuple):
        whole = cast("tuple[Any, ...]", value)
        return tuple(_param_key(x, shapes, exact) for x in whole)
    if isinstance(value, slice):
        part = cast("slice[Any, Any, Any]", value)
        return tuple(_param_key(x, shapes, exact) for x in (part.start, part.stop, part.step))
    if isinstance(value, int) and not isinstance(value, bool):
        return ("int", value if exact else "")
    return value if isinstance(value, Hashable) else repr(value)
