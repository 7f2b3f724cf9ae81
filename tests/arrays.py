"""Arrays of every shape and layout that NumPy's users have, for hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

LAYOUTS = ("C", "F", "reversed", "every other", "turned", "one entry repeated", "read-only")
SHAPES: tuple[tuple[int, ...], ...] = (
    (), (0,), (1,), (7,), (3, 4), (1, 5), (4, 1), (0, 3), (3, 0), (2, 3, 4), (2, 1, 3), (300,),
)  # fmt: skip


def laid_out(values: Any, layout: str) -> Any:
    """An array of these values, except for the last two layouts, that lies so in memory."""
    if values.ndim == 0:
        return values
    if layout == "F":
        return np.asfortranarray(values)
    if layout == "reversed":
        turned = tuple(slice(None, None, -1) for _ in values.shape)
        return values[turned].copy()[turned]
    if layout == "every other":
        wide = np.zeros(tuple(2 * n for n in values.shape), values.dtype)
        part = wide[tuple(slice(None, None, 2) for _ in values.shape)]
        part[...] = values
        return part
    if layout == "turned":
        return values.T.copy().T
    if layout == "one entry repeated":
        return np.broadcast_to(
            values.flat[0] if values.size else values.dtype.type(0), values.shape
        )
    if layout == "read-only":
        values.flags.writeable = False
    return values


@st.composite
def arrays(
    draw: st.DrawFn,
    dtypes: Sequence[Any] = (np.float16, np.float32, np.float64, np.complex64, np.complex128),
    shapes: Sequence[tuple[int, ...]] = SHAPES,
    size: float = 4.0,
) -> Any:
    """An array with numbers of up to ``size`` in one of the layouts."""
    dtype = np.dtype(draw(st.sampled_from(list(dtypes))))
    shape = draw(st.sampled_from(list(shapes)))
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    values = rng.uniform(-size, size, shape) * 10.0 ** rng.integers(-3, 1, shape)
    if dtype.kind == "c":
        values = values + 1j * rng.uniform(-size, size, shape)
    return laid_out(np.asarray(values).astype(dtype), draw(st.sampled_from(LAYOUTS)))


@st.composite
def pairs(draw: st.DrawFn, dtypes: Sequence[Any], shapes: Sequence[tuple[int, ...]]) -> Any:
    """Two arrays of one shape: apart, the same one twice, or views that overlap."""
    first = draw(arrays(dtypes, shapes))
    kind = draw(st.sampled_from(["apart", "same", "overlapping", "broadcast"]))
    if kind == "same":
        return first, first
    if kind == "overlapping" and first.ndim:
        return first[1:], first[:-1]
    if kind == "broadcast" and first.ndim:
        return first, first[:1] if len(first) else first
    return first, draw(arrays([first.dtype], [first.shape]))
