"""Which traced values are the same view of the same variable.

A body that says ``x[1:]`` four times closes over four values. They are one constant of the loop, so
that its reverse has one sum for their gradient, not four to be added afterwards.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from typing import Any

from chainrule.core.trace import Record, Trace, TracedValue

_VIEWS = frozenset({"getitem", "reshape", "transpose", "broadcast_to"})


def origin(x: TracedValue) -> Hashable:
    """What two values have in common if they are made by the same views of one variable.

    >>> import numpy as np
    >>> from chainrule.transforms.recording import record
    >>> def f(x):
    ...     assert origin(x[1:][0]) == origin(x[1:][0]) != origin(x[1:][1])
    ...     return x
    >>> _ = record(f, [np.ones(4)], trace=Trace(differentiates=False))
    """
    return _origin_of(x.recorder, x.index)


def _origin_of(trace: Trace, index: int) -> Hashable:
    step = _record_of(trace, index)
    if step is None or step[0].name not in _VIEWS:
        return id(trace), index
    operands = tuple(
        ("constant", id(value)) if i < 0 else _origin_of(trace, i)
        for i, value in zip(step[1], step[2], strict=True)
    )
    return step[0].name, operands, repr(sorted(step[3].items()))


def _record_of(trace: Trace, index: int) -> Record | None:
    """The record that made a variable; inputs of the recording have none."""

    def made(step: Record) -> Any:
        return step[4]

    place = bisect_left(trace.records, index, key=made)
    found = trace.records[place] if place < len(trace.records) else None
    return found if found is not None and found[4] == index else None
