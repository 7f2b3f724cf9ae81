"""What looks at traced values from outside: their text, memory, plans; and what is refused.

Text is that of the numbers, where they are known and no guard forbids to look at them unseen.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.sharing import shared
from chainrule.core.trace import TracedValue, type_of
from chainrule.ops.numpy_api.implements import constant, refuse


def _readable(x: Any) -> Any:
    """The numbers behind a traced value, or None where text must not tell them."""
    value = x
    while isinstance(value, TracedValue):
        if value.recorder.guards is not None:
            return None
        value = value.value
    return None if isinstance(value, ArrayType) else value


def _text(function: Any) -> Any:
    def write(arr: Any, *args: Any, **kwargs: Any) -> str:
        value = _readable(arr)
        return repr(arr) if value is None else function(np.asarray(value), *args, **kwargs)

    write.__doc__ = f"``np.{function.__name__}`` of the numbers; else the type."
    return write


for _function in (np.array_repr, np.array_str, np.array2string):
    constant(_function)(_text(_function))


@constant(np.einsum_path)
def einsum_path(*operands: Any, optimize: Any = "greedy", einsum_call: bool = False) -> Any:
    """``np.einsum_path``: a plan, which depends on shapes alone."""
    models = [
        np.broadcast_to(np.empty((), type_of(x).dtype), type_of(x).shape)
        if isinstance(x, TracedValue)
        else x
        for x in operands
    ]
    return np.einsum_path(*models, optimize=optimize)


@constant(np.shares_memory)
def shares_memory(a: Any, b: Any, /, max_work: int = -1) -> bool:
    """``np.shares_memory``: whether a write to one is seen in the other; exact at any work."""
    return shared(a, b)


@constant(np.may_share_memory)
def may_share_memory(a: Any, b: Any, /, max_work: int = 0) -> bool:
    """``np.may_share_memory``: whether the parts of memory overlap that reach from end to end."""
    return shared(a, b, exact=max_work != 0)


refuse(
    "files are written outside of the traced function; return the value from it and save that",
    np.save, np.savez, np.savez_compressed, np.savetxt,
)  # fmt: skip
refuse(
    "dates are no numbers, so there is no derivative and no graph of them; count days as floats"
    " outside of the traced function and pass these",
    np.isnat, np.busday_count, np.busday_offset, np.is_busday, np.datetime_as_string,
)  # fmt: skip
refuse(
    "matrices of the class np.matrix are not traced; write np.block, which joins plain arrays",
    np.bmat,
)  # fmt: skip
refuse(
    "NumPy does not hand traced values over to what reads arrays entry by entry; write"
    " np.broadcast_arrays, a loop over range(len(x)), or x[i] for the index of an entry",
    np.broadcast, np.nditer, np.nested_iters, np.ndenumerate,
)  # fmt: skip
