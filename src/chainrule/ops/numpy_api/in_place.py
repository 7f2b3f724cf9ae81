"""``ufunc.at``: an operation on chosen entries in place, once for each time an entry is named.

Sums and differences are one addition into zeros. With any other ufunc, entries that are named
again wait for the next round, so a round is a read, an operation and a write, and there are as many
rounds as the most often named entry needs.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule.core.aliasing import write
from chainrule.core.errors import TraceError
from chainrule.core.primitive import NUMPY
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.indexing import added, plain_index
from chainrule.ops.shaping import broadcast_to, reshape

_SUMS: dict[np.ufunc, Any] = {np.add: operator.add, np.subtract: operator.sub}


def at(ufunc: np.ufunc, a: Any, indices: Any, *operands: Any) -> None:
    """``ufunc.at(a, indices, b)``: ``a[indices] = ufunc(a[indices], b)``, repeats included."""
    name = f"np.{ufunc.__name__}.at"
    if not isinstance(a, TracedValue):
        raise TraceError(
            f"{name}(a, indices, b): a plain array cannot hold traced values; make it with"
            " np.zeros_like(x, shape=...) of a traced x"
        )
    if ufunc.nin != 1 + len(operands) or ufunc.nout != 1 or ufunc.signature is not None:
        raise TypeError(f"{name} takes an array, indices and {ufunc.nin - 1} operands")
    b = [as_operand(x) for x in operands]
    if ufunc in _SUMS and type_of(a).dtype.kind in "fc":
        total = added(a, indices, b[0])
        write(a, _SUMS[ufunc](a, total))
        return
    size = type_of(a).size
    entries = np.arange(size).reshape(shape_of(a))[plain_index(indices, name)]
    b = [reshape(broadcast_to(x, shape=entries.shape), shape=(entries.size,)) for x in b]
    write(a, reshape(_in_rounds(ufunc, a, entries.reshape(-1), b), shape=shape_of(a)))


def _in_rounds(ufunc: np.ufunc, a: Array, entries: Any, b: list[Array]) -> Array:
    read, written = NUMPY[operator.getitem], NUMPY[operator.setitem]
    flat = reshape(a, shape=(type_of(a).size,))
    turns = _turns(entries)
    for turn in range(int(turns.max(initial=-1)) + 1):
        chosen = np.nonzero(turns == turn)[0]
        places = entries[chosen]
        new = ufunc(read(flat, places), *(read(x, chosen) for x in b))
        flat = written(flat, places, as_dtype(new, type_of(a).dtype))
    return flat


def _turns(entries: Any) -> Any:
    """For each entry that is named, how often it was named before.

    >>> _turns(np.array([3, 1, 3, 3, 1])).tolist()
    [0, 0, 1, 2, 1]
    """
    order = np.argsort(entries, kind="stable")
    ordered = entries[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[first, ordered.size])
    turns = np.empty(entries.size, np.intp)
    turns[order] = np.arange(entries.size) - np.repeat(first, lengths)
    return turns
