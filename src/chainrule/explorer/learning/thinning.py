"""Keeping a few of many training steps: evenly, the first and the last among them."""

from __future__ import annotations

from collections.abc import Sequence


def crowded(steps: Sequence[int]) -> int:
    """Which of at least three ascending steps to drop: the one with the nearest neighbours.

    Dropped one by one as others come, those that are left lie about evenly.

    >>> crowded([0, 100, 110, 200])
    110
    """
    gaps = [after - before for before, after in zip(steps, steps[2:], strict=False)]
    return steps[1 + gaps.index(min(gaps))]
