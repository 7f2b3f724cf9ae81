"""How the equations of a graph are put together, so that no picture becomes a wall.

Repetitions first. If more parts are left than fit into a picture, blocks that are equal but for
the shapes of their arrays (layers of different sizes), then what comes from one line, from one
function, from one sweep of the user's program, and what has no such order in consecutive pieces of
like size, cut where few variables pass. The same holds within each of these groups.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Sequence

from chainrule.core.graph import Equation, Literal, Source, Var
from chainrule.drawing.names import line_of
from chainrule.drawing.repeats import Block, Part, are_alike, repeated

MOST_PARTS = 50
"""Equations and groups that are drawn in one picture."""

SMALL = 24
"""Equations of a graph in which nothing is folded."""

Place = Callable[[Source], Hashable]


def arranged(equations: Sequence[Equation]) -> list[Part]:
    """All equations in order, as numbers and blocks, at most ``MOST_PARTS`` in each."""
    if len(equations) <= SMALL:
        return list(range(len(equations)))
    return _limited(equations, repeated(equations))


def _limited(equations: Sequence[Equation], parts: list[Part]) -> list[Part]:
    """The same with no more parts than fit, at any depth."""
    if len(parts) > MOST_PARTS:
        parts = _loosely(equations, parts)
    if len(parts) > MOST_PARTS:
        parts = _grouped(equations, parts)
    return [_limited_block(equations, p) if isinstance(p, Block) else p for p in parts]


def _limited_block(equations: Sequence[Equation], block: Block) -> Block:
    if block.times > 1:  # of equal blocks one is drawn at a time
        first = block.parts[0]
        assert isinstance(first, Block)
        inner = _limited_block(equations, first)
        period = first.stop - first.start
        blocks = tuple(inner.moved(n * period) for n in range(block.times))
        return Block(blocks, block.start, block.stop, block.times, block.label)
    parts = tuple(_limited(equations, list(block.parts)))
    return Block(parts, block.start, block.stop, 1, block.label)


def _loosely(equations: Sequence[Equation], parts: list[Part]) -> list[Part]:
    """Single equations as blocks that are equal but for shapes: to a repeated one beside them, as
    the first and the last layer are to those between, or to each other.
    """
    parts = _beside(equations, parts)
    found: list[Part] = []
    for single, run in itertools.groupby(parts, key=lambda p: isinstance(p, int)):
        stretch = list(run)
        if single:
            low, high = _start(stretch[0]), _stop(stretch[-1])
            inner = repeated(equations[low:high], shapes=False)
            found += [p.moved(low) if isinstance(p, Block) else p + low for p in inner]
        else:
            found += stretch
    return found


def _beside(equations: Sequence[Equation], parts: list[Part]) -> list[Part]:
    """The equations before and after repeated blocks as one more block, if they are like them."""
    single = {part for part in parts if isinstance(part, int)}
    blocks = [part for part in parts if isinstance(part, Block)]
    for block in [block for block in blocks if block.times > 1]:
        period = (block.stop - block.start) // block.times
        for start in (block.start - period, block.stop):
            places = range(start, start + period)
            if single.issuperset(places) and are_alike(equations, start, block.start, period):
                single.difference_update(places)
                blocks.append(Block(tuple(places), start, start + period))
    return sorted([*single, *blocks], key=_start)


def _start(part: Part) -> int:
    return part.start if isinstance(part, Block) else part


def _stop(part: Part) -> int:
    return part.stop if isinstance(part, Block) else part + 1


# ---- groups -------------------------------------------------------------------------------------


def _grouped(equations: Sequence[Equation], parts: list[Part]) -> list[Part]:
    """The finest grouping with few enough groups."""
    places: list[Place] = [
        lambda s: s,
        lambda s: (s.file, s.function, s.sweep),
        lambda s: s.sweep,
    ]
    for place in places:
        keys = [_place(equations, part, place) for part in parts]
        groups = [
            [part for _, part in run]
            for _, run in itertools.groupby(zip(keys, parts, strict=True), key=lambda pair: pair[0])
        ]
        if 1 < len(groups) <= MOST_PARTS:
            return _closed_as_needed(equations, groups)
    return [_joined(group, "") for group in _pieces(equations, parts)]


def _closed_as_needed(equations: Sequence[Equation], groups: list[list[Part]]) -> list[Part]:
    """As many groups, the largest first, as it takes to be few enough."""
    room = MOST_PARTS - len(groups)
    found: list[Part] = []
    opened: set[int] = set()
    for n in sorted(range(len(groups)), key=lambda n: len(groups[n])):
        room -= len(groups[n]) - 1
        if room >= 0:
            opened.add(n)
    for n, group in enumerate(groups):
        found += group if n in opened else [_joined(group, _label(equations, group))]
    return found


def _place(equations: Sequence[Equation], part: Part, place: Place) -> Hashable:
    """Where a part comes from; one that comes from several places stands for itself."""
    sources = {e.source for e in equations[_start(part) : _stop(part)]}
    places = {None if s is None else place(s) for s in sources}
    return places.pop() if len(places) == 1 else ("several", _start(part))


def _joined(group: list[Part], label: str) -> Part:
    if len(group) == 1:
        return group[0]
    return Block(tuple(group), _start(group[0]), _stop(group[-1]), 1, label)


def _label(equations: Sequence[Equation], group: list[Part]) -> str:
    """What a group from one place is called: the line, the function or the sweep."""
    made = [e.source for e in equations[_start(group[0]) : _stop(group[-1])]]
    sources = {s for s in made if s is not None}
    if len(sources) == 1:
        (source,) = sources
        return source.sweep or line_of(source) or source.short
    sweeps, functions = {s.sweep for s in sources}, {s.function for s in sources}
    if len(functions) == 1 and sweeps == {""}:
        return f"{functions.pop()}()"
    return sweeps.pop() if len(sweeps) == 1 else ""


def _pieces(equations: Sequence[Equation], parts: list[Part]) -> list[list[Part]]:
    """Consecutive pieces of like size, cut where few variables pass."""
    depth = math.ceil(math.log(len(parts), MOST_PARTS))
    count = math.ceil(len(parts) ** (1 / depth))
    alive = _alive(equations)
    cuts = [0]
    for n in range(1, count):
        middle, slack = n * len(parts) // count, len(parts) // (4 * count)
        around = range(max(middle - slack, cuts[-1] + 1), middle + slack + 1)
        cuts.append(min(around, key=lambda i: (alive[_start(parts[i])], abs(i - middle))))
    return [parts[a:b] for a, b in itertools.pairwise([*cuts, len(parts)])]


def _alive(equations: Sequence[Equation]) -> list[int]:
    """For each equation, how many results of those before it are used from it on."""
    made: dict[Var, int] = {v: n for n, e in enumerate(equations) for v in e.outputs}
    last: dict[Var, int] = {}
    for n, e in enumerate(equations):
        last.update((x, n) for x in e.inputs if not isinstance(x, Literal) and x in made)
    change = [0] * (len(equations) + 1)
    for v, n in last.items():
        change[made[v] + 1] += 1
        change[n + 1] -= 1
    return list(itertools.accumulate(change))
