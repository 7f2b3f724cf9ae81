"""Loops that equations share: over one shape, or over blocks of it that lie at one place.

An equation over ``n - 1`` entries runs in the loop of ``n`` that it takes a slice of or that it is
a part of. The loop is then cut: the space is a grid of blocks, each with the equations that are
there. What a loop has just computed it reads from a register where both are at the same place; all
else it reads from memory, so that must be complete before the loop.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chainrule.core.graph import Equation, Var
from chainrule.executors.native.pieces import Box, Part, Place
from chainrule.executors.native.refs import Base, Ref

REDUCTIONS = frozenset({"sum", "max", "min", "prod", "all", "any"})
MOST_BLOCKS = 16  # of one loop: each is a nest of its own
SHORTEST = 64  # entries in a row that are worth a cut across other axes


@dataclass(eq=False)
class Loop:
    """Equations that are computed entry by entry over one shape, reductions at their edges.

    ``where`` says at which block of the shape an equation runs, ``cuts`` along each axis where
    blocks begin and end. ``parts`` are the views that an operand consists of.
    """

    shape: tuple[int, ...]
    equations: list[Equation] = field(default_factory=list[Equation])
    where: dict[Equation, Box] = field(default_factory=dict[Equation, Box])
    operands: dict[Equation, list[Sequence[Part]]] = field(
        default_factory=dict[Equation, list[Sequence[Part]]]
    )
    made: dict[Var, Box] = field(default_factory=dict[Var, Box])  # what is in registers, and where
    targets: dict[Var, Ref] = field(default_factory=dict[Var, Ref])  # results put into others
    cuts: list[set[int]] = field(default_factory=list[set[int]])
    reduces: bool = False
    whole: bool = False  # is not to be cut

    def __post_init__(self) -> None:
        self.cuts = [{0, n} for n in self.shape]

    def add(self, equation: Equation, begin: Place, operands: list[Sequence[Part]]) -> None:
        """Let an equation run here, over the block of its operands' shape that begins there."""
        reduces = equation.primitive.name in REDUCTIONS
        shape = equation.inputs[0].type.shape if reduces else equation.outputs[0].type.shape
        self._widen(begin, shape)
        box = Box(tuple(max(b, 0) for b in begin), shape)
        self.equations.append(equation)
        self.where[equation], self.operands[equation] = box, operands
        self.cuts = self._cuts_with(box, operands)
        self.reduces |= reduces
        if not reduces:
            self.made[equation.outputs[0]] = box

    def _widen(self, begin: Place, shape: Place) -> None:
        """Make room for a block that reaches beyond the loop's shape, which then is the shape."""
        by = tuple(max(0, -b) for b in begin)
        if any(by) or any(n > m for n, m in zip(shape, self.shape, strict=True)):
            self.where = {e: box.moved(by) for e, box in self.where.items()}
            self.made = {v: box.moved(by) for v, box in self.made.items()}
            cuts = zip(self.cuts, by, strict=True)
            self.cuts = [{c + d for c in axis} | {0} for axis, d in cuts]
            self.shape = shape

    def _cuts_with(self, box: Box, operands: Sequence[Sequence[Part]]) -> list[set[int]]:
        cuts = [{*axis, n} for axis, n in zip(self.cuts, self.shape, strict=True)]
        for block in [box, *(p.box.moved(box.begin) for parts in operands for p in parts)]:
            for axis, bounds in enumerate(zip(block.begin, block.end, strict=True)):
                cuts[axis].update(bounds)
        return cuts

    def fits(
        self, begin: Place, shape: Place, operands: list[Sequence[Part]], *, reduces: bool
    ) -> bool:
        """Whether an equation may run at a block, as far as cuts go.

        A sum does not go with cuts: it would be begun in each block.
        """
        inside = all(
            b >= 0 and b + n <= m for b, n, m in zip(begin, shape, self.shape, strict=True)
        )
        covers = all(
            b <= 0 and b + n >= m for b, n, m in zip(begin, shape, self.shape, strict=True)
        )
        if not (inside or covers):
            return False
        wider = Loop(shape if covers else self.shape)
        by = tuple(max(0, -b) for b in begin)
        wider.cuts = [
            {c + d for c in axis} | {0, n}
            for axis, d, n in zip(self.cuts, by, wider.shape, strict=True)
        ]
        wider.cuts = wider._cuts_with(Box(tuple(max(b, 0) for b in begin), shape), operands)
        if all(len(axis) <= 2 or n == 1 for axis, n in zip(wider.cuts, wider.shape, strict=True)):
            return True
        return not (self.whole or self.reduces or reduces) and wider.is_worth_its_cuts

    def would_be_reduced(self, reduction: Equation) -> bool:
        """Whether with one more reduction no axis were left along which threads could share it."""
        reduced = {
            axis
            for e in (*self.equations, reduction)
            if e.primitive.name in REDUCTIONS
            for axis in e.params["axes"]
        }
        return all(n == 1 or axis in reduced for axis, n in enumerate(self.shape))

    @property
    def is_worth_its_cuts(self) -> bool:
        """Whether blocks are few, and entries in a row many or cut along the outermost axis."""
        if math.prod(len(axis) - 1 for axis in self.cuts) > MOST_BLOCKS:
            return False
        for i, axis in enumerate(self.cuts):
            shortest = min(b - a for a, b in itertools.pairwise(sorted(axis)))
            row = shortest * math.prod(self.shape[i + 1 :])
            if len(axis) > 2 and math.prod(self.shape[:i]) > 1 and row < SHORTEST:
                return False
        return True

    def in_register(self, ref: Ref, place: Place) -> bool:
        """Whether a view that is read from ``place`` on is what the loop has computed there."""
        box = self.made.get(ref.base) if isinstance(ref.base, Var) else None
        return box is not None and at_same_place(ref, ref.base, place, box.begin)

    def places(self, parts: Sequence[Part], corner: Place) -> Iterator[Place]:
        """Where an equation would find one of its operands in a register, and the corner first."""
        yield corner
        for part in parts:
            box = self.made.get(part.ref.base) if isinstance(part.ref.base, Var) else None
            first = first_entry(part.ref) if box is not None else None
            if box is not None and first is not None:
                yield tuple(b + f - p for b, f, p in zip(box.begin, first, part.begin, strict=True))

    def reads(self) -> Iterator[tuple[Ref, Place]]:
        """The views that are read, and where in the loop their first entries are."""
        for equation in self.equations:
            begin = self.where[equation].begin
            for parts in self.operands[equation]:
                for part in parts:
                    yield part.ref, tuple(b + p for b, p in zip(begin, part.begin, strict=True))

    @property
    def written(self) -> list[Var]:
        """The bases that results are in."""
        outputs = [e.outputs[0] for e in self.equations]
        return [v if v not in self.targets else _variable(self.targets[v]) for v in outputs]

    def blocks(self) -> Iterator[tuple[Box, list[Equation]]]:
        """The blocks of the loop with the equations that run there."""
        sides = [list(itertools.pairwise(sorted(axis))) for axis in self.cuts]
        for corner in itertools.product(*sides):
            block = Box(tuple(a for a, _ in corner), tuple(b - a for a, b in corner))
            yield block, [e for e in self.equations if block.within(self.where[e])]

    def target(self, equation: Equation, block: Box) -> Ref:
        """Where the result of an equation goes in a block."""
        (out,) = equation.outputs
        inner = block.moved(tuple(-b for b in self.where[equation].begin))
        return inner.of(self.targets.get(out) or Ref.whole(out)).normal

    def view(self, equation: Equation, operand: int, block: Box) -> Ref:
        """What an equation reads in a block."""
        begin = self.where[equation].begin
        inner = block.moved(tuple(-b for b in begin))
        for part in self.operands[equation][operand]:
            if inner.within(part.box):
                return inner.moved(tuple(-b for b in part.begin)).of(part.ref).normal
        raise AssertionError(f"{equation} reads nothing at {block}")


def _variable(ref: Ref) -> Var:
    assert isinstance(ref.base, Var)
    return ref.base


def at_same_place(ref: Ref, base: Base, place: Place, begin: Place) -> bool:
    """Whether a view read from ``place`` on is of the entries of ``base`` that are there.

    The first entry of ``base`` is at ``begin``.
    """
    whole = Ref.whole(base)
    inner = Box(tuple(p - b for p, b in zip(place, begin, strict=True)), ref.shape)
    if len(ref.shape) != len(whole.shape):
        return False
    if not inner.within(Box((0,) * len(whole.shape), whole.shape)):
        return False
    return inner.of(whole).normal == ref.normal


def first_entry(ref: Ref) -> Place | None:
    """Where in its base a view begins, if it is a block of it."""
    whole = Ref.whole(ref.base)
    if len(whole.shape) != len(ref.shape):
        return None
    place: list[int] = []
    rest = ref.offset
    for s in whole.strides:
        place.append(rest // s)
        rest %= s
    return tuple(place) if at_same_place(ref, ref.base, tuple(place), (0,) * len(place)) else None
