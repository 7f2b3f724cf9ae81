"""In which order the loops of a nest run: the innermost is the one that most operands lie along.

Where operands disagree, as in the copy of a transposed matrix, the innermost loop runs in tiles
with the loop that the others lie along around it, so that a line of the cache is used up before it
is dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

TILE = 64
LONG = 1024  # a loop of more turns runs in tiles; a shorter one is as fast without
SHORT = 16  # a loop of fewer turns is not worth to be innermost
_APART = 8  # what an entry costs that does not follow the one before


def loop_order(
    sizes: Sequence[int], steps: Sequence[Sequence[int]], written: Collection[int]
) -> list[int]:
    """The loops from the outermost to the innermost; ``steps[k]`` are operand k's in each loop.

    >>> loop_order([100, 200], [[1, 100], [200, 1], [1, 100]], {1})  # two lie transposed
    [0, 1]
    >>> loop_order([100, 200], [[1, 100], [1, 100], [1, 0]], {2})  # a sum over the second
    [1, 0]
    """
    axes = list(range(len(sizes)))
    if not axes:
        return axes
    cost = {a: _cost(a, steps, written) for a in axes if sizes[a] >= SHORT or a == axes[-1]}
    best = min(reversed(axes), key=lambda a: cost.get(a, float("inf")))
    if 3 * cost[best] >= 2 * cost[axes[-1]]:
        best = axes[-1]
    return [*(a for a in axes if a != best), best]


def _cost(axis: int, steps: Sequence[Sequence[int]], written: Collection[int]) -> int:
    """What the operands cost an entry if this loop is the innermost."""
    each = [0 if not s[axis] else 1 if abs(s[axis]) == 1 else _APART for s in steps]
    return sum(2 * c if k in written else c for k, c in enumerate(each))


def across(sizes: Sequence[int], steps: Sequence[Sequence[int]]) -> int | None:
    """The loop that some operand lies along, if the innermost is worth to be run in tiles for it.

    >>> across([100, 2000], [[1, 100], [2000, 1]])
    0
    """
    if len(sizes) < 2 or sizes[-1] <= LONG:
        return None
    for s in steps:
        if abs(s[-1]) > 1:
            for axis, n in enumerate(sizes[:-1]):
                if abs(s[axis]) == 1 and n >= SHORT:
                    return axis
    return None
