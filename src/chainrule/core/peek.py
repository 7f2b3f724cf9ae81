"""Looking at the number behind a traced value: the one way by which Python gets it.

``if x > 0``, ``range(n)`` and ``x[mask]`` ask for values, and what is recorded afterwards holds
only where these are the same. A guarded recording notes each of them as a :class:`Guard`, so that
the graph of a path can say when it applies (``chainrule/branches``). A look goes through all levels
of nested recordings: inside a gradient, ``x > 0`` is a value of the level below.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable
from enum import Enum
from typing import Any, NamedTuple

import numpy as np

from chainrule.core.graph import ArrayType, Source
from chainrule.core.trace import TracedValue, user_source


class Reading(Enum):
    """What Python wanted to know of a value."""

    TRUTH = "truth"
    INDEX = "index"
    WHOLE = "int"
    NONZERO = "mask"


def _nonzero(value: Any) -> Hashable:
    mask = np.asarray(value) != 0
    return mask.shape, np.packbits(mask).tobytes()


_READ: dict[Reading, Callable[[Any], Hashable]] = {
    Reading.TRUTH: bool,
    Reading.INDEX: operator.index,
    Reading.WHOLE: int,
    Reading.NONZERO: _nonzero,
}


class Guard(NamedTuple):
    """A value that Python looked at: the variable, what was seen of it, when and where."""

    variable: int
    reading: Reading
    seen: Hashable
    records: int  # how many operations had been recorded
    source: Source | None


def read(reading: Reading, value: Any) -> Hashable:
    """What a look at a concrete value sees; equal for values that Python cannot tell apart so.

    >>> read(Reading.TRUTH, np.float64(0.5)), read(Reading.NONZERO, np.array([0.0, 2.0]))
    (True, ((2,), b'@'))
    """
    return _READ[reading](value)


def peek(x: Any, reading: Reading) -> Any:
    """The concrete value of ``x``, or its type if only that is known; guarded recordings note it.

    Raises what Python raises if the value cannot be read so: the truth of an array, for one.
    """
    looked_at: list[TracedValue] = []
    value = x
    while isinstance(value, TracedValue):
        if value.recorder.guards is not None:
            looked_at.append(value)
        value = value.value
    if looked_at and type(value) is not ArrayType:
        seen = read(reading, value)
        for one in looked_at:
            _note(one, reading, seen)
    return value


def _note(x: TracedValue, reading: Reading, seen: Hashable) -> None:
    guards, key = x.recorder.guards, (x.index, reading)
    if guards is not None and key not in guards:
        guards[key] = Guard(x.index, reading, seen, len(x.recorder.records), user_source())
