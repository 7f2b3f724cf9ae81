"""Where every value of a schedule is kept: nowhere, in an output, or in a workspace that is shared.

A value that only its own loop reads stays in a register. Others live in one workspace for each
dtype, at an offset that is free from the group that makes the value to the last one that reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from chainrule.core.graph import ArrayType, Literal, Var
from chainrule.executors.native.fusion import REDUCTIONS, Loop, at_same_place
from chainrule.executors.native.indexed import WRITE
from chainrule.executors.native.refs import Base, Ref
from chainrule.executors.native.routines import Routine
from chainrule.executors.native.schedule import (
    Control,
    Group,
    Indexed,
    Move,
    Product,
    Schedule,
    carries,
    constant_of,
)

_FEW = 256  # values for which a second order is tried
_ALIGN = 16  # entries, so that rows of float32 begin at 64 bytes


@dataclass(frozen=True, slots=True)
class Spot:
    """An array of the emitted function and an offset in it.

    ``moving`` is a term that is added to the offset: the step of a loop. A scalar argument is
    ``by_value`` and no array.
    """

    array: str
    offset: int = 0
    moving: str = ""
    by_value: bool = False

    def at(self, further: int = 0) -> str:
        """The offset, and further entries, as text."""
        return f"{self.offset + further}{self.moving}"

    def shifted(self, further: int, moving: str = "") -> Spot:
        """A spot further on in the same array."""
        return replace(self, offset=self.offset + further, moving=self.moving + moving)


@dataclass(frozen=True)
class Memory:
    """Spots of the values that have one, and how large each workspace must be.

    A loop or branch has a memory for each of its graphs, whose workspaces are parts of this one's
    (``scratch``), and whose inputs and outputs get their spots when it is written.
    """

    spots: dict[Base, Spot]
    sizes: dict[str, int]
    arrays: list[Literal]
    overwrites: dict[int, int] = field(default_factory=dict[int, int])
    parts: dict[Control, dict[str, Memory]] = field(
        default_factory=dict[Control, dict[str, "Memory"]]
    )
    scratch: dict[tuple[Control, str], Var] = field(default_factory=dict[tuple[Control, str], Var])


def reads(group: Group, schedule: Schedule) -> Iterator[Ref]:
    """The views that a group reads."""
    if isinstance(group, Move):
        yield group.source
    elif isinstance(group, Loop):
        yield from (ref for ref, _ in group.reads())
    elif isinstance(group, Routine):
        yield from group.reads
    else:
        for x in group.equation.inputs:
            yield schedule.refs[x]


def written(group: Group) -> Sequence[Var]:
    """The bases that a group writes."""
    if isinstance(group, Move):
        assert isinstance(group.target.base, Var)
        return [group.target.base]
    if isinstance(group, Loop):
        return group.written
    return group.writes if isinstance(group, Routine) else group.equation.outputs


def plan_memory(schedule: Schedule, donated: Mapping[int, int] = MappingProxyType({})) -> Memory:
    """Give every value that needs one a spot.

    Output ``i`` is put into input ``donated[i]`` where nobody reads that input after it is written;
    ``overwrites`` says which ones are.
    """
    inputs, outputs = schedule.graph.inputs, schedule.outputs
    given = {inputs[j] for j in donated.values()}
    spots: dict[Base, Spot] = {
        v: Spot(f"x{i}", by_value=v.type.shape == () and v not in given)
        for i, v in enumerate(inputs)
    }
    spots |= {v: Spot(f"o{i}") for i, v in enumerate(outputs)}
    found = _overwriting(schedule, {outputs[i]: inputs[j] for i, j in donated.items()})
    spots |= {out: spots[target] for out, target in found.items()}
    place = {v: j for j, v in enumerate(inputs)}
    overwrites = {i: place[found[v]] for i, v in enumerate(outputs) if v in found}
    return _planned(schedule, spots, [], overwrites)


def _planned(
    schedule: Schedule,
    spots: dict[Base, Spot],
    arrays: list[Literal],
    overwrites: dict[int, int],
) -> Memory:
    """The memory of a schedule; inputs and outputs have spots, ``arrays`` collects literals."""
    last = _last_reads(schedule)
    for x in last:
        if isinstance(x, Literal) and constant_of(x) is None:
            spots[x] = Spot(f"k{len(arrays)}")
            arrays.append(x)
    last |= {v: len(schedule.groups) for v in schedule.outputs}
    made: dict[Var, int] = {}
    memory = Memory(spots, {}, arrays, overwrites)
    lives: dict[Var, tuple[int, int]] = {}
    for index, group in enumerate(schedule.groups):
        for v in written(group):
            made.setdefault(v, index)
        for v in _accumulated(group):
            last.setdefault(v, index)
        if isinstance(group, Control):
            for v in _plan_parts(group, memory):
                lives[v] = (index, index)
    lives |= {v: (made[v], last[v]) for v in made if v in last and v not in spots}
    memory.sizes.update(_allocate(lives, spots))
    return memory


def _plan_parts(group: Control, memory: Memory) -> list[Var]:
    """Plan the graphs of a loop or branch; returns what stands for their workspaces."""
    parts: dict[str, Memory] = {}
    for name, part in group.parts.items():
        # Where inputs and results are is known when all is planned; here only that they have a spot
        elsewhere: dict[Base, Spot] = {v: Spot("") for v in part.graph.inputs}
        found = _overwriting(part, part.carried)
        copied = [v for v in part.outputs if v in part.carried and v not in found]
        if name != "test":  # a predicate stays in the workspace
            elsewhere |= {v: Spot("") for v in part.outputs if v not in copied}
        for v in copied:
            part.groups.append(Move(Ref.whole(v), Ref.whole(part.carried[v])))
        parts[name] = _planned(part, elsewhere, memory.arrays, {})
    memory.parts[group] = parts
    largest: dict[str, int] = {}
    for part in parts.values():
        for array, size in part.sizes.items():
            largest[array] = max(largest.get(array, 0), size)
    for array, size in largest.items():
        memory.scratch[group, array] = Var(ArrayType((size,), np.dtype(array[2:])))
    return [memory.scratch[group, array] for array in largest]


def _overwriting(schedule: Schedule, pairs: Mapping[Var, Var]) -> dict[Var, Var]:
    """Which results may be written over the inputs that they are paired with."""
    made: dict[Var, int] = {}
    for index, group in enumerate(schedule.groups):
        for v in written(group):
            made.setdefault(v, index)
    return {
        out: target
        for out, target in pairs.items()
        if target.type == out.type and _may_overwrite(schedule, target, out, made[out])
    }


def _last_reads(schedule: Schedule) -> dict[Base, int]:
    """For each value the last group that reads it from memory."""
    last: dict[Base, int] = {}
    for index, group in enumerate(schedule.groups):
        if isinstance(group, Loop):
            from_memory = (x for x, place in group.reads() if not group.in_register(x, place))
        else:
            from_memory = reads(group, schedule)
        last |= dict.fromkeys((ref.base for ref in from_memory), index)
    return last


def _may_overwrite(schedule: Schedule, target: Var, out: Var, when: int) -> bool:
    """Whether all reads of an input come before group ``when``, or entry by entry in that loop."""
    for index, group in enumerate(schedule.groups):
        for ref in reads(group, schedule):
            late = ref.base is target and index >= when
            if late and (index > when or not _reads_what_it_writes(group, target, out, schedule)):
                return False
    return True


def _reads_what_it_writes(group: Group, target: Var, out: Var, schedule: Schedule) -> bool:
    """Whether a group reads each entry of an input only to write the same entry of its result."""
    ref = Ref.whole(target)
    if isinstance(group, Loop):
        box = group.made.get(out)  # none of a sum, or of what is put together of parts
        return box is not None and all(
            at_same_place(view, target, place, box.begin)
            for view, place in group.reads()
            if view.base is target
        )
    if isinstance(group, Product) and group.equation.primitive.name == "subtract_product":
        w, _s, *factors = (schedule.refs[x] for x in group.equation.inputs)
        return ref == w and all(f.base is not ref.base for f in factors)
    if isinstance(group, Indexed) and group.equation.primitive.name == WRITE:
        x, *rest = (schedule.refs[x] for x in group.equation.inputs)
        return x == ref and all(r.base is not ref.base for r in rest)
    if isinstance(group, Control):  # the first carry, whose buffer the loop may go on in
        uses = [schedule.refs[x] for x in group.equation.inputs]
        begins = zip(carries(group.equation), group.equation.outputs, strict=False)
        own = any(v is out and schedule.refs[x] == ref for x, v in begins)
        return own and [r.base for r in uses].count(ref.base) == 1
    return False


def _accumulated(group: Group) -> Sequence[Var]:
    """What needs memory even if nobody reads it: BLAS and sums cannot do without."""
    if isinstance(group, Loop):
        sums = [e.outputs[0] for e in group.equations if e.primitive.name in REDUCTIONS]
        return [*sums, *(v for v in group.written if v not in group.made)]
    return written(group)


def _allocate(lives: dict[Var, tuple[int, int]], spots: dict[Base, Spot]) -> dict[str, int]:
    """Offsets in one workspace for each dtype; what lives at the same time lies apart."""
    sizes: dict[str, int] = {}
    of_dtype: dict[str, list[Var]] = {}
    for v in sorted(lives, key=lambda v: lives[v][0]):
        of_dtype.setdefault(f"w_{v.type.dtype.name}", []).append(v)
    for array, values in of_dtype.items():
        starts, sizes[array] = _first_fit(values, lives)
        if len(values) <= _FEW:  # the largest first leaves fewer gaps around what lives long
            largest_first = sorted(values, key=lambda v: -v.type.size)
            tighter, size = _first_fit(largest_first, lives)
            if size < sizes[array]:
                starts, sizes[array] = tighter, size
        spots.update({v: Spot(array, start) for v, start in starts.items()})
    return sizes


def _first_fit(
    values: Sequence[Var], lives: dict[Var, tuple[int, int]]
) -> tuple[dict[Var, int], int]:
    """Each value at the first offset that is free while it lives; and how much that takes."""
    starts: dict[Var, int] = {}
    total = 0
    taken: list[tuple[int, int, int, int]] = []  # start, stop, first group, last group
    in_order = all(lives[a][0] <= lives[b][0] for a, b in pairwise(values))
    for v in values:
        begin, end = lives[v]
        need = -(-v.type.size // _ALIGN) * _ALIGN
        if in_order:  # what has ended is in nobody's way any more
            taken = [x for x in taken if x[3] >= begin]
        start = 0
        for left, right, _, _ in sorted(x for x in taken if x[2] <= end and x[3] >= begin):
            if left - start >= need:
                break
            start = max(start, right)
        taken.append((start, start + need, begin, end))
        starts[v], total = start, max(total, start + need)
    return starts, total
