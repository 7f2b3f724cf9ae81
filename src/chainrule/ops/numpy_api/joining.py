"""NumPy's functions that join arrays: concatenate, stack and their kin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError, TraceError
from chainrule.core.primitive import NUMPY
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_operand, axis_of
from chainrule.ops.numpy_api.implements import axes_of, implements, refuse_out
from chainrule.ops.numpy_api.shapes import at_least
from chainrule.ops.shaping import concatenate, expand, reshape


@implements(np.concatenate)
def np_concatenate(
    arrays: Sequence[Array], axis: int | None = 0, out: Any = None, **kw: Any
) -> Array:
    """``np.concatenate``; without an axis of the flattened arrays."""
    refuse_out(out, "np.concatenate")
    if kw.pop("dtype", None) is not None or kw.pop("casting", "same_kind") != "same_kind":
        raise TraceError("np.concatenate(dtype=...) is not recorded; use .astype on the result")
    parts = [as_operand(x) for x in arrays]
    if axis is None:
        parts, axis = [reshape(x, shape=(type_of(x).size,)) for x in parts], 0
    if not parts:
        raise ValueError("need at least one array to concatenate")
    return concatenate(parts, axes_of(parts[0], axis)[0])


@implements(np.stack)
def stack(arrays: Sequence[Array], axis: int = 0, out: Any = None) -> Array:
    """``np.stack``: join along a new axis."""
    refuse_out(out, "np.stack")
    parts = [as_operand(x) for x in arrays]
    if not parts:
        raise ValueError("need at least one array to stack")
    shapes = {shape_of(x) for x in parts}
    if len(shapes) != 1:
        raise ShapeError(f"stack: all arrays must have one shape, got {sorted(shapes)}")
    n = len(shape_of(parts[0])) + 1
    number = axis_of(axis, n)
    return concatenate([expand(x, number) for x in parts], number)


def _stacker(dims: int, axis_of: Callable[[int], int]) -> Callable[..., Any]:
    def join(tup: Sequence[Array]) -> Array:
        parts = [at_least(dims)(x) for x in tup]
        return np_concatenate(parts, axis_of(len(shape_of(parts[0]))))

    return join


NUMPY[np.hstack] = _stacker(1, lambda n: 0 if n == 1 else 1)
NUMPY[np.vstack] = _stacker(2, lambda n: 0)
NUMPY[np.dstack] = _stacker(3, lambda n: 2)


@implements(np.column_stack)
def column_stack(tup: Sequence[Array]) -> Array:
    """``np.column_stack``: vectors become columns."""
    parts = [as_operand(x) for x in tup]
    return np_concatenate([expand(x, 1) if len(shape_of(x)) == 1 else x for x in parts], 1)
