"""Which traced values share memory: what ``np.shares_memory`` would say of NumPy's arrays.

A traced value has no memory of its own, but it knows what it is a view of (``aliasing.py``). So the
numbers of the places of that array take the way of each view, and are compared.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.aliasing import memory_order
from chainrule.core.errors import TraceError
from chainrule.core.trace import TracedValue, shape_of, type_of


def shared(x: Any, y: Any, *, exact: bool = True) -> bool:
    """Whether two values share memory; not ``exact``: whether what they span overlaps."""
    if not (isinstance(x, TracedValue) and isinstance(y, TracedValue) and _root(x) is _root(y)):
        return False
    first, second = _places(x), _places(y)
    is_number = not shape_of(x) and x.alias is None  # NumPy's numbers have no memory to share
    if first.size == 0 or second.size == 0 or is_number:
        return False
    if exact:
        return np.intersect1d(first, second).size > 0
    return bool(first.min() <= second.max() and second.min() <= first.max())


def _root(x: TracedValue) -> TracedValue:
    while x.alias is not None and x.alias.parent is not None:
        if not x.alias.sure:
            raise TraceError(
                "whether an array that was reshaped shares memory depends on its layout, which is"
                " not known where only types are; use x.copy() where nothing should be shared"
            )
        x = x.alias.parent
    return x


def _places(x: TracedValue) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The numbers, in the array that owns the memory, of the numbers that ``x`` looks at."""
    views: list[Any] = []
    while x.alias is not None and x.alias.parent is not None:
        views.append(x.alias.redo)
        x = x.alias.parent
    places: Any = 2.0 * np.arange(type_of(x).size)
    if type_of(x).dtype.kind == "c":  # the real and the imaginary part have a place each
        places = places + 1j * (places + 1.0)
    places = places.reshape(shape_of(x), order=memory_order(x) or "C")
    for redo in reversed(views):
        places = redo(places)
    parts = (np.real(places), np.imag(places)) if np.iscomplexobj(places) else (places,)
    return np.concatenate([np.ravel(part) for part in parts])
