"""Where every value of a schedule is kept: nowhere, in an output, or in a workspace that is shared.

A value that only its own loop reads stays in a register. Others live in one workspace for each
dtype, at an offset that is free from the group that makes the value to the last one that reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from chainrule.core.graph import Literal, Var
from chainrule.executors.native.refs import Base, Ref
from chainrule.executors.native.schedule import REDUCTIONS, Group, Loop, Move, Product, Schedule

_ALIGN = 16  # entries, so that rows of float32 begin at 64 bytes


@dataclass(frozen=True, slots=True)
class Spot:
    """An array of the emitted function and an offset in it."""

    array: str
    offset: int = 0


@dataclass(frozen=True)
class Memory:
    """Spots of the values that have one, and how large each workspace must be."""

    spots: dict[Base, Spot]
    sizes: dict[str, int]
    arrays: list[Literal]
    overwrites: dict[int, int]  # output -> the input that it takes the place of


def reads(group: Group, schedule: Schedule) -> Iterator[Ref]:
    """The views that a group reads."""
    if isinstance(group, Move):
        yield group.source
    else:
        equations = group.equations if isinstance(group, Loop) else [group.equation]
        for equation in equations:
            for x in equation.inputs:
                yield schedule.refs[x]


def written(group: Group) -> list[Var]:
    """The bases that a group writes."""
    if isinstance(group, Move):
        assert isinstance(group.target.base, Var)
        return [group.target.base]
    equations = [group.equation] if isinstance(group, Product) else group.equations
    return [e.outputs[0] for e in equations]


def plan_memory(
    schedule: Schedule, outputs: list[Var], donated: Mapping[int, int] = MappingProxyType({})
) -> Memory:
    """Give every value that needs one a spot; ``outputs`` are the bases that are returned.

    Output ``i`` is put into input ``donated[i]`` where nobody reads that input after it is written.
    """
    last = _last_reads(schedule)
    arrays = [x for x in last if isinstance(x, Literal) and constant_of(x) is None]
    spots: dict[Base, Spot] = {v: Spot(f"x{i}") for i, v in enumerate(schedule.graph.inputs)}
    spots |= {literal: Spot(f"k{i}") for i, literal in enumerate(arrays)}
    spots |= {v: Spot(f"o{i}") for i, v in enumerate(outputs)}
    made: dict[Var, int] = {}
    for index, group in enumerate(schedule.groups):
        for v in written(group):
            made.setdefault(v, index)
        for v in _accumulated(group):
            last.setdefault(v, index)
    overwrites: dict[int, int] = {}
    for i, j in donated.items():
        target = schedule.graph.inputs[j]
        if target.type == outputs[i].type and _may_overwrite(schedule, target, made[outputs[i]]):
            spots[outputs[i]] = spots[target]
            overwrites[i] = j
    lives = {v: (made[v], last[v]) for v in made if v in last and v not in spots}
    return Memory(spots, _allocate(lives, spots), arrays, overwrites)


def _last_reads(schedule: Schedule) -> dict[Base, int]:
    """For each value the last group that reads it from memory."""
    last: dict[Base, int] = {}
    for index, group in enumerate(schedule.groups):
        own = set(written(group)) if isinstance(group, Loop) else set[Var]()
        for ref in reads(group, schedule):
            in_register = ref.base in own and ref.is_whole and ref.shape == _shape(group)
            if not in_register:
                last[ref.base] = index
    return last


def _shape(group: Group) -> tuple[int, ...] | None:
    return group.shape if isinstance(group, Loop) else None


def _may_overwrite(schedule: Schedule, target: Var, when: int) -> bool:
    """Whether all reads of an input come before group ``when``, or entry by entry in that loop."""
    for index, group in enumerate(schedule.groups):
        for ref in reads(group, schedule):
            if ref.base is not target or index < when:
                continue
            if index > when or not _reads_what_it_writes(group, ref, schedule):
                return False
    return True


def _reads_what_it_writes(group: Group, ref: Ref, schedule: Schedule) -> bool:
    """Whether a group reads each entry of a view only to write the same entry of its result."""
    if isinstance(group, Loop):
        return ref.is_whole and ref.shape == group.shape
    if isinstance(group, Product) and group.equation.primitive.name == "subtract_product":
        w, _s, *factors = (schedule.refs[x] for x in group.equation.inputs)
        return ref == w and ref.is_whole and all(f.base is not ref.base for f in factors)
    return False


def _accumulated(group: Group) -> list[Var]:
    """What needs memory even if nobody reads it: BLAS and sums cannot do without."""
    if isinstance(group, Loop):
        return [e.outputs[0] for e in group.equations if e.primitive.name in REDUCTIONS]
    return written(group)


def _allocate(lives: dict[Var, tuple[int, int]], spots: dict[Base, Spot]) -> dict[str, int]:
    """First fit, in the order in which values are made."""
    sizes: dict[str, int] = {}
    taken: dict[str, list[tuple[int, int, int]]] = {}  # of each array: start, stop, last group
    for v, (begin, end) in sorted(lives.items(), key=lambda item: item[1][0]):
        array = f"w_{v.type.dtype.name}"
        need = -(-v.type.size // _ALIGN) * _ALIGN
        living = sorted(x for x in taken.get(array, []) if x[2] >= begin)
        start = 0
        for left, right, _ in living:
            if left - start >= need:
                break
            start = max(start, right)
        taken[array] = [*living, (start, start + need, end)]
        sizes[array] = max(sizes.get(array, 0), start + need)
        spots[v] = Spot(array, start)
    return sizes


def constant_of(literal: Literal) -> object | None:
    """The number that a literal holds everywhere, or None if it holds several."""
    value = np.asarray(literal.value)
    if value.size == 0:
        return None
    first = value.reshape(-1)[0]
    same = value.ndim == 0 or bool(np.all((value == first) | ((value != value) & (first != first))))
    return first.item() if same else None
