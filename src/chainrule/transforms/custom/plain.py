"""What solvers of SciPy may be given: plain values, and functions that return such."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import TraceError
from chainrule.core.trace import TracedValue
from chainrule.core.tree import flatten


def any_traced(*trees: Any) -> bool:
    """Whether there is a traced value in these containers."""
    return any(isinstance(x, TracedValue) for x in flatten(trees)[0])


def plain(out: Any, solver: str) -> Any:
    """A result that SciPy is given; an error if the function closes over a traced value."""
    if type(out) is not np.ndarray and any_traced(out):
        raise TraceError(
            f"{solver}: the function uses a traced value of the function around it, in which the"
            " solution would have no derivative; pass it in args="
        )
    return out
