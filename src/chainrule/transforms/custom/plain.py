"""What solvers of SciPy may be given: plain values, and functions that return such."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import TraceError
from chainrule.core.graph import ArrayType
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


def require_values(solver: str, remedy: str, *trees: Any) -> None:
    """Raise where a solver would become a part of a graph, whose later values it cannot know.

    In a derivative the values of a traced argument are there at some level below, in a compiled or
    batched function they are not, or (with ``branches=True``) are those of one call.
    """
    for x in flatten(trees)[0]:
        while isinstance(x, TracedValue):
            if x.recorder.guards is not None or isinstance(x.value, ArrayType):
                raise TraceError(
                    f"{solver} chooses its steps by values, and inside of cr.compile, cr.vmap and"
                    f" loops there are none; call it outside of these, {remedy}"
                )
            x = x.value
