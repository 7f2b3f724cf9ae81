"""Looks at values that decide the shape or the dtype of a result."""

from __future__ import annotations

import operator

from chainrule.core.errors import TraceError
from chainrule.core.graph import ArrayType
from chainrule.core.peek import Reading, peek
from chainrule.ops.define import Array


def known_truth(condition: Array, name: str) -> bool:
    """Whether a condition holds; an error that says why it matters if that is not known."""
    value = peek(condition, Reading.TRUTH)
    if isinstance(value, ArrayType):
        raise _unknown(name)
    return bool(value)


def known_index(number: Array, name: str) -> int:
    """A whole number; an error that says why it matters if it is not known."""
    value = peek(number, Reading.INDEX)
    if isinstance(value, ArrayType):
        raise _unknown(name)
    return operator.index(value)


def _unknown(name: str) -> TraceError:
    return TraceError(
        f"{name} of numbers whose values are not known: what comes out depends on them, its length"
        " or its dtype; call it outside of the compiled function, or compile with branches=True"
    )
