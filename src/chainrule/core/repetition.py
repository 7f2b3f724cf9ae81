"""Python loops that were recorded iteration by iteration, found in what they left.

A loop writes the same sequence of primitives again and again. :func:`warn_of_loops` looks for that
when a long recording has ended, so recording itself pays nothing.

A period of p records that is found n times leaves a run of (n - 1) p places where the primitive is
that of p places before. Such a run covers a whole block of ``n p / 2`` places wherever it begins,
so looking at the beginnings of these blocks tells which periods are worth a full comparison.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from chainrule.core.errors import LongLoopWarning
from chainrule.core.graph import Source
from chainrule.core.trace import Record, Trace, user_source

MOST_ITERATIONS = 3_000
"""Recorded iterations of a Python loop that nobody is warned of."""


class Loop(NamedTuple):
    """A repetition in a recording: its first record, how many a turn takes, how many turns."""

    start: int
    period: int
    turns: int


def warn_of_loops(trace: Trace) -> None:
    """Warn if a recording holds more than ``MOST_ITERATIONS`` turns of one Python loop.

    The line is that of the loop's body where lines are recorded (``trace``, ``compile``), else the
    one that called the transformation.
    """
    records = trace.records
    loop = find_loop(records)
    if loop is None:
        return
    inside = _line(records, loop)
    if trace.sources and inside is None:
        return  # the same operations, but from many lines
    here = inside or user_source()
    body = f" at {inside}" if inside is not None else ""
    message = (
        f"a Python loop{body} was recorded for {loop.turns:,} iterations of {loop.period}"
        f" {'operation' if loop.period == 1 else 'operations'}; cr.scan (or cr.while_loop) records"
        " its body once, in less time and memory. To keep the loop, filter"
        " chainrule.core.errors.LongLoopWarning"
    )
    if here is None:
        warnings.warn(message, LongLoopWarning, stacklevel=2)
    else:
        warnings.warn_explicit(message, LongLoopWarning, here.file, here.line)


def find_loop(records: list[Record]) -> Loop | None:
    """The repetition that begins first, of more than ``MOST_ITERATIONS`` turns."""
    n = len(records)
    numbers: dict[Any, int] = {}
    made = (numbers.setdefault(record[0], len(numbers)) for record in records)
    codes = np.fromiter(made, np.int32, n)
    if len(numbers) < 256:
        codes = codes.astype(np.uint8)
    best: Loop | None = None
    found: list[int] = []
    for period in range(1, n // MOST_ITERATIONS + 1):
        if any(period % shorter == 0 for shorter in found) or not _may_repeat(codes, period):
            continue
        loop = _longest(codes, period)
        if loop is not None:
            found.append(period)
            best = loop if best is None else min(best, loop)
    return best


def _may_repeat(codes: Any, period: int) -> bool:
    """Whether some block begins with a period that is followed by the same again."""
    starts = np.arange(0, len(codes) - 2 * period + 1, MOST_ITERATIONS // 2 * period)
    places = starts[:, None] + np.arange(period)
    return bool(np.any(np.all(codes[places] == codes[places + period], axis=1)))


def _longest(codes: Any, period: int) -> Loop | None:
    """The longest repetition of one period, if it is long enough."""
    differs = np.flatnonzero(codes[period:] != codes[:-period])
    edges = np.concatenate(([-1], differs, [len(codes) - period]))
    lengths = np.diff(edges) - 1
    at = int(np.argmax(lengths))
    turns = int(lengths[at]) // period + 1
    return Loop(int(edges[at]) + 1, period, turns) if turns > MOST_ITERATIONS else None


def _line(records: list[Record], loop: Loop) -> Source | None:
    """The user's line that made the first operation of every turn, if it is one line."""
    stop = loop.start + loop.period * loop.turns
    lines = {record[6] for record in records[loop.start : stop : loop.period]}
    (line, *others) = lines
    return line if not others else None
