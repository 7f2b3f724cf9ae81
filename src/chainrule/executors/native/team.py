"""Several threads on one schedule: how each group is cut, and before which groups they must meet.

All threads run the same function (SPMD). A group is cut along one axis of its iteration space, and
each thread does its own range of it; what cannot be cut, the first thread does alone. Threads meet
at a barrier only where one of them is about to touch what another has touched since they last met:
a loop that goes on along the axis along which its operand was made needs no meeting.

The same bits for any number of threads: no axis is cut that a sum runs along, so each entry is
computed by one thread in one order. A product is different, because BLAS may add up in another
order where a matrix is larger, so products are cut at ``parts`` fixed places, whoever does them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chainrule.core.graph import Equation, Graph, Literal
from chainrule.executors.native.circular import FUNCTIONS_OF_ANGLES
from chainrule.executors.native.fusion import REDUCTIONS, Loop
from chainrule.executors.native.memory import Memory, reads, written
from chainrule.executors.native.refs import Ref
from chainrule.executors.native.schedule import (
    PRODUCTS,
    Group,
    Move,
    Product,
    Schedule,
    product_views,
)


@dataclass(frozen=True)
class Team:
    """How many threads share the work, and at how many places products are cut for them."""

    threads: int = 1
    parts: int = 1


SOLO = Team()
FIXED_PARTS = 8  # of a product whose bits must not depend on the number of threads
WORTH_A_THREAD = 4_000_000  # multiplications in a step


def team_for(graph: Graph, threads: int | None, *, deterministic: bool) -> Team:
    """The team for a graph; ``threads=None`` takes as many of the cores as there is work for."""
    if threads is None:
        threads = max(1, min(_cores(), _multiplications(graph) // WORTH_A_THREAD))
    return Team(threads, FIXED_PARTS if deterministic else threads)


def _cores() -> int:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _multiplications(graph: Graph) -> int:
    """How many multiplications the matrix products of a graph take."""
    products = [e for e in graph.equations if e.primitive.name in PRODUCTS]
    return sum(e.outputs[0].type.size * e.inputs[-2].type.shape[-1] for e in products)


@dataclass(frozen=True)
class Cut:
    """A group is cut along ``axis`` of its iteration space, which has ``n`` entries there."""

    axis: int
    n: int


@dataclass(frozen=True)
class Division:
    """For each group its cut (None: the first thread alone), and before which ones to meet."""

    cuts: dict[Group, Cut | None]
    meetings: frozenset[Group]


@dataclass(frozen=True)
class _Access:
    """Entries of an array that a group reads or writes, and which thread touches which of them.

    ``owner`` is equal for two accesses only if each entry has the same thread in both, or if all
    threads read all of them (None).
    """

    array: str
    start: int
    stop: int
    owner: object
    writes: bool

    def must_wait_for(self, other: _Access) -> bool:
        """Whether threads must meet between the two."""
        overlap = self.array == other.array and self.start < other.stop and other.start < self.stop
        return overlap and (self.writes or other.writes) and self.owner != other.owner


@dataclass(frozen=True)
class _Use:
    """A view that a group reads or writes, over the group's iteration space."""

    ref: Ref
    writes: bool


def divide(schedule: Schedule, memory: Memory, team: Team) -> Division:
    """Cut the groups of a schedule for a team, and find where its threads must meet."""
    divider = _Divider(schedule, memory, team)
    for group in schedule.groups:
        divider.take(group)
    return Division(divider.cuts, frozenset(divider.meetings))


class _Divider:
    def __init__(self, schedule: Schedule, memory: Memory, team: Team) -> None:
        self.schedule, self.memory, self.team = schedule, memory, team
        self.cuts: dict[Group, Cut | None] = {}
        self.meetings: list[Group] = []
        self.since: list[_Access] = []  # what was touched since the threads met

    def take(self, group: Group) -> None:
        """Cut the next group: along an axis that needs no meeting, else along the longest."""
        uses = list(_uses(group, self.schedule))
        best: tuple[Cut | None, list[_Access], bool] | None = None
        for axis in self._axes(group):
            cut = None if axis is None else Cut(axis, _space(group, self.schedule)[axis])
            accesses = self._accesses(group, uses, cut)
            meets = self.team.threads > 1 and any(
                a.must_wait_for(b) for a in accesses for b in self.since
            )
            if best is None or (best[2] and not meets):
                best = cut, accesses, meets
        assert best is not None
        self.cuts[group], accesses, meets = best
        if meets:
            self.meetings.append(group)
            self.since = []
        self.since += accesses

    def _axes(self, group: Group) -> Sequence[int | None]:
        """The axes along which a group can be cut, the preferred one first."""
        space = _space(group, self.schedule)
        found = [axis for axis in _separable(group, self.schedule) if space[axis] > 1]
        found.sort(key=lambda axis: -space[axis])
        if isinstance(group, Product):
            found = found[:1]  # the longer side: the operand of the other is read by every thread
        return found or [None]

    def _accesses(self, group: Group, uses: list[_Use], cut: Cut | None) -> list[_Access]:
        found = [self._access(use, cut) for use in uses if use.ref.base in self.memory.spots]
        for (owner, array), scratch in self.memory.scratch.items():
            if owner is group:
                spot = self.memory.spots[scratch]
                stop = spot.offset + scratch.type.size
                found.append(_Access(array, spot.offset, stop, "first", writes=True))
        return found

    def _access(self, use: _Use, cut: Cut | None) -> _Access:
        ref, spot = use.ref, self.memory.spots[use.ref.base]
        begin = spot.offset + ref.offset
        reach = [s * (n - 1) for n, s in zip(ref.shape, ref.strides, strict=True)]
        start = begin + sum(x for x in reach if x < 0)
        stop = begin + sum(x for x in reach if x > 0) + 1
        owner: object = "first" if cut is None else None
        if cut is not None and ref.strides[cut.axis]:
            owner = (begin, ref.strides[cut.axis], cut.n) if _tells(ref, cut) else object()
        return _Access(spot.array, start, stop, owner, use.writes)


def _tells(ref: Ref, cut: Cut) -> bool:
    """Whether the place of an entry tells its position along the axis: views of the same origin,
    step and length then give each entry to the same thread."""
    step = ref.strides[cut.axis]
    inner = 0
    for axis, (n, s) in enumerate(zip(ref.shape, ref.strides, strict=True)):
        if axis == cut.axis or n == 1:
            continue
        if s < 0 or (s >= step and s % (step * cut.n)):
            return False
        inner += s * (n - 1) if s < step else 0
    return step > 0 and inner < step


def _space(group: Group, schedule: Schedule) -> tuple[int, ...]:
    """The iteration space of a group; () where it is not one."""
    if isinstance(group, Loop):
        return group.shape
    if isinstance(group, Move):
        return group.source.shape
    if isinstance(group, Product):
        *_, c = product_views(group.equation, schedule.refs)
        return c.shape
    return ()


def _separable(group: Group, schedule: Schedule) -> Iterator[int]:
    """The axes of a group's iteration space of which each thread may do a range of its own."""
    space = _space(group, schedule)
    if isinstance(group, Product):
        update = group.equation.primitive.name == "subtract_product"
        # rows of weights stay with the thread that reads them on the way forward
        yield from (range(len(space) - 1) if update else range(len(space)))
        return
    equations = group.equations if isinstance(group, Loop) else []
    if any(e.primitive.name in FUNCTIONS_OF_ANGLES for e in equations):
        return  # how they are computed depends on the largest angle of all
    reduced = [_reduced_axes(e) for e in equations]
    for axis in range(len(space)):
        kept = all(axis not in axes for axes in reduced)
        # a sum that is added up in memory is cleared as one block before the loop
        block = all(not axes or _leads(axis, axes, space) for axes in reduced)
        if kept and block:
            yield axis


def _reduced_axes(equation: Equation) -> tuple[int, ...]:
    return equation.params["axes"] if equation.primitive.name in REDUCTIONS else ()


def _leads(axis: int, reduced: tuple[int, ...], space: tuple[int, ...]) -> bool:
    """Whether an axis is the first one that is left after a reduction."""
    left = [i for i, n in enumerate(space) if i not in reduced and n > 1]
    return not left or left[0] == axis


def _uses(group: Group, schedule: Schedule) -> Iterator[_Use]:
    """The views that a group reads and writes, over its iteration space."""
    if isinstance(group, Move):
        yield _Use(group.source, writes=False)
        yield _Use(group.target, writes=True)
    elif isinstance(group, Product):
        yield from _product_uses(group.equation, schedule)
    elif isinstance(group, Loop):
        yield from _loop_uses(group)
    else:
        for ref in reads(group, schedule):
            yield _Use(Ref.whole(ref.base), writes=False)
        for v in written(group):
            yield _Use(Ref.whole(v), writes=True)


def _product_uses(equation: Equation, schedule: Schedule) -> Iterator[_Use]:
    a, b, c = product_views(equation, schedule.refs)
    (k, _), batch = b.shape[-2:], c.shape[:-2]
    sums = (*batch, *c.shape[-2:], k)
    for ref, row, column, inner in (
        (a, a.strides[-2], 0, a.strides[-1]),
        (b, 0, b.strides[-1], b.strides[-2]),
        (c, c.strides[-2], c.strides[-1], 0),
    ):
        strides = (*ref.strides[:-2], row, column, inner)
        yield _Use(Ref(ref.base, sums, strides, ref.offset), writes=ref is c)
    if equation.primitive.name == "subtract_product":
        w, s = (schedule.refs[x] for x in equation.inputs[:2])
        yield _Use(Ref(w.base, (*w.shape, 1), (*w.strides, 0), w.offset), writes=False)
        yield _Use(s.broadcast(sums), writes=False)


def _loop_uses(group: Loop) -> Iterator[_Use]:
    """Those of a loop that is not cut into blocks."""
    for ref, place in group.reads():
        number = isinstance(ref.base, Literal) and ref.base.type.shape == ()
        if not number and not group.in_register(ref, place):
            yield _Use(ref, writes=False)
    for equation in group.equations:
        (out,) = equation.outputs
        target = group.targets.get(out) or Ref.whole(out)
        if equation.primitive.name in REDUCTIONS:
            steps = iter(target.strides)
            axes = equation.params["axes"]
            strides = tuple(0 if i in axes else next(steps) for i in range(len(group.shape)))
            target = Ref(out, group.shape, strides)
        yield _Use(target, writes=True)


_TEXT = """\
# Memory that other threads write to: LLVM must not take it for this function's own.
SHARED = dict(OPTIONS, noalias=False)


@njit(**OPTIONS)
def parts_of(me):
    \"\"\"Which of the {parts} parts of a product belong to thread ``me`` of {threads}.\"\"\"
    return {parts} * me // {threads}, {parts} * (me + 1) // {threads}


@njit(**OPTIONS)
def bound(n, part):
    \"\"\"Where part number ``part`` of ``n`` entries begins; a multiple of 16 if n is large.\"\"\"
    unit = int64(16) if n >= {long} else int64(1)
    return n if part == {parts} else n * part // {parts} // unit * unit
"""

_MEETING = """\
@intrinsic
def arrive(context, sync):
    \"\"\"Count one more arrival; returns how many there were.\"\"\"

    def codegen(ctx, builder, signature, args):
        place = ctx.make_array(signature.args[0])(ctx, builder, args[0]).data
        one = ctx.get_constant(types.int64, 1)
        return builder.atomic_rmw("add", place, one, "acq_rel")

    return types.int64(sync), codegen


@intrinsic
def counted(context, sync, i):
    \"\"\"The counter as it is now, and with it all that was written before it was counted up.\"\"\"

    def codegen(ctx, builder, signature, args):
        place = ctx.make_array(signature.args[0])(ctx, builder, args[0]).data
        return builder.load_atomic(builder.gep(place, [args[1]]), "acquire", 8)

    return types.int64(sync, types.int64), codegen


give_way = types.ExternalFunction("{give_way}", types.int32())


@njit(**SHARED)
def meet(sync):
    \"\"\"Wait until all {threads} threads are here: then all see what each has written.\"\"\"
    goal = (arrive(sync) // {threads} + 1) * {threads}
    turns = 0
    while counted(sync, {arrivals}) < goal and counted(sync, {failures}) == 0:
        turns += 1
        if turns > 10_000:  # more threads than cores, or one that is held up
            give_way()
"""

ARRIVALS, FAILURES, COUNTERS = 0, 8, 16  # places in ``sync``, a cache line apart


def team_text(team: Team) -> str:
    """The functions by which the threads of a team share work and meet."""
    if team == SOLO:
        return ""
    text = _TEXT if team.threads == 1 else _TEXT + "\n\n" + _MEETING
    return text.format(
        parts=team.parts, threads=team.threads, long=32 * team.parts,
        arrivals=ARRIVALS, failures=FAILURES,
        give_way="SwitchToThread" if os.name == "nt" else "sched_yield",
    )  # fmt: skip
