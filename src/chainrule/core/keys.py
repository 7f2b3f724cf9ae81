"""What makes the parameters of two operations the same."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, cast

import numpy as np


def params_key(params: Mapping[str, Any]) -> Hashable:
    """Equal for equal parameters; arrays and held graphs are equal only to themselves.

    >>> params_key({"axes": (0, 1)}) == params_key({"axes": (0, 1)}) != params_key({"axes": (1,)})
    True
    """
    return tuple((name, _value_key(value)) for name, value in sorted(params.items()))


def _value_key(value: Any) -> Hashable:
    if isinstance(value, tuple):
        return tuple(map(_value_key, cast("tuple[Any, ...]", value)))
    if isinstance(value, slice):
        whole = cast("slice[Any, Any, Any]", value)
        return ("slice", whole.start, whole.stop, whole.step)
    if isinstance(value, (str, int, float, bool, np.dtype)):
        return (type(cast("Any", value)).__name__, str(cast("Any", value)))
    return ("object", id(value))
