"""Lists as arrays, as NumPy's functions take them: lists of traced values are stacked."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from chainrule.core.primitive import NUMPY
from chainrule.core.trace import TracedValue


def as_array(x: Any) -> Any:
    """What ``np.asarray`` makes of ``x``, with traced values in lists stacked."""
    if isinstance(x, TracedValue) or not _holds_traced(x):
        return cast("Any", x if isinstance(x, TracedValue) else np.asarray(x))
    return NUMPY[np.stack]([as_array(entry) for entry in x])


def _holds_traced(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and any(
        isinstance(entry, TracedValue) or _holds_traced(entry) for entry in cast("list[Any]", x)
    )
