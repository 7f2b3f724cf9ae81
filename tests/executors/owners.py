"""Whose value lies where: a plan of memory walked group by group, without running anything.

Each entry of a workspace belongs to the value that was written there last. A group must find in
each entry that it reads the value that it asks for; within a loop it may read what it overwrites
only at the same place.
"""

from __future__ import annotations

import numpy as np

from chainrule.core.graph import Literal
from chainrule.executors.native.fusion import Loop, at_same_place
from chainrule.executors.native.memory import reads, written
from chainrule.executors.native.schedule import Control


def entries(ref, spot):
    """The entries of an array that a view reads, as (array, number)."""
    places = np.full(ref.shape, ref.offset)
    for axis, (n, s) in enumerate(zip(ref.shape, ref.strides, strict=True)):
        along = [1] * len(ref.shape)
        along[axis] = n
        places = places + (np.arange(n) * s).reshape(along)
    return {(spot.array, spot.offset + int(p)) for p in np.unique(places)}


def room(v, spot):
    """All entries of a value."""
    return {(spot.array, spot.offset + i) for i in range(v.type.size)}


def from_memory(group, plan):
    """The views that a group reads from memory, with their place in the loop."""
    if isinstance(group, Loop):
        return [(ref, place) for ref, place in group.reads() if not group.in_register(ref, place)]
    return [(ref, None) for ref in reads(group, plan)]


def check_owners(plan, memory):
    """Raise AssertionError if a value is overwritten before its last reader; returns nothing."""
    spots = {v: s for v, s in memory.spots.items() if s.array and not s.by_value}
    owner = {}
    for v in plan.graph.inputs:
        owner |= dict.fromkeys(room(v, spots[v]) if v in spots else (), v)
    for group in plan.groups:
        asked = from_memory(group, plan)
        for ref, _ in asked:
            if ref.base in spots and not isinstance(ref.base, Literal):
                found = {owner.get(entry) for entry in entries(ref, spots[ref.base])}
                assert found == {ref.base}, f"{ref} finds {found}"
        for v in written(group):
            if v in spots:
                _check_apart(group, v, asked, spots)
                owner |= dict.fromkeys(room(v, spots[v]), v)
        if isinstance(group, Control):
            for (of, array), scratch in memory.scratch.items():
                if of is group:
                    used = room(scratch, memory.spots[scratch])
                    results = {e for v in group.equation.outputs for e in room(v, spots[v])}
                    assert not used & results, array
                    owner |= dict.fromkeys(used)
            for name, part in group.parts.items():
                check_inner(part, memory.parts[group][name])


def check_inner(part, planned):
    """The same for the body of a loop, whose inputs and results lie apart; carries in place."""
    spots = dict(planned.spots)
    for i, v in enumerate((*part.graph.inputs, *part.outputs)):
        if v in spots and spots[v].array == "":
            target = part.carried.get(v)
            known = spots.get(target) if target is not None else None
            spots[v] = known if known and known.array else type(spots[v])(f"apart{i}")
    check_owners(part, type(planned)(spots, planned.sizes, [], {}, planned.parts, planned.scratch))


def _check_apart(group, v, asked, spots):
    """What a group writes is apart from what it reads, or is read at the same place."""
    mine = room(v, spots[v])
    for ref, place in asked:
        if ref.base is v or ref.base not in spots or not mine & entries(ref, spots[ref.base]):
            continue
        if isinstance(group, Loop):
            begin = group.made[v].begin
            assert at_same_place(ref, ref.base, place, begin), f"{ref} is overwritten while read"
        else:  # an update or the first carry, in place
            assert ref.is_whole, f"{ref} is overwritten while read"
