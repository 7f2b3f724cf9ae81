"""What tells one call of a compiled function from another: types of arrays, values of the rest.

Arrays and Python numbers are traced; everything else among the leaves of the arguments (strings,
booleans, functions) is static, a part of the signature by its value.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import DTypeError
from chainrule.core.trace import TracedValue, type_of


def is_traced(x: Any) -> bool:
    """Whether a leaf of the arguments is traced; the others are static."""
    return isinstance(x, (np.ndarray, np.generic, TracedValue)) or type(x) in (int, float, complex)


def with_traced(leaves: Sequence[Any], traced: Sequence[Any]) -> list[Any]:
    """The leaves of a call with others in place of those that are traced."""
    values = iter(traced)
    return [next(values) if is_traced(x) else x for x in leaves]


_NUMBERS = frozenset({float, int, np.float64, np.float32})


def signature_of_arrays(args: tuple[Any, ...]) -> Hashable | None:
    """Shapes and dtypes, or None if there is anything but plain arrays and numbers."""
    found: list[Any] = []
    for x in args:
        if type(x) is np.ndarray:
            found += (x.shape, x.dtype)
        elif type(x) in _NUMBERS:
            found.append(type(x))
        else:
            return None
    return tuple(found)


def signature_of(x: Any) -> Hashable:
    """What a leaf adds to the signature of a call."""
    if type(x) is np.ndarray:  # the usual case, on the way of every call
        return x.shape, x.dtype
    if is_traced(x):
        return type_of(x)
    if isinstance(x, Hashable):
        return x
    raise DTypeError(
        f"a compiled function got an argument of type {type(x).__name__}, which is neither an array"
        " nor hashable; pass arrays, numbers, containers of them, or keep the value in a closure"
    )
