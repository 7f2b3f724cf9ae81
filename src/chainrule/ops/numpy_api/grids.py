"""NumPy's functions that make axes of vectors: meshgrid, ix_."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_operand
from chainrule.ops.elementwise import copied
from chainrule.ops.indexing import mask_positions
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.shapes import broadcast_arrays, reshape_view


@implements(np.meshgrid)
def meshgrid(*xi: Array, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """``np.meshgrid``: each vector along an axis of its own, the first two exchanged for "xy"."""
    if indexing not in ("xy", "ij"):
        raise ValueError("Valid values for `indexing` are 'xy' and 'ij'.")
    n = len(xi)
    axes = list(range(n))
    if indexing == "xy" and n > 1:
        axes[:2] = [1, 0]
    grids: Any = [_along(as_operand(x), axis, n) for x, axis in zip(xi, axes, strict=True)]
    if not sparse:
        grids = broadcast_arrays(*grids)
    return tuple(copied(x) for x in grids) if copy else grids


def _along(x: Array, axis: int, ndim: int) -> Array:
    wanted = (*(1,) * axis, type_of(x).size, *(1,) * (ndim - axis - 1))
    return reshape_view(x, wanted) if isinstance(x, TracedValue) else np.reshape(x, wanted)


@implements(np.ix_)
def ix_(*args: Any) -> tuple[Array, ...]:
    """``np.ix_``: indices of a grid; masks become positions, so their values must be known."""
    out: list[Array] = []
    for k, index in enumerate(args):
        new: Array = index if isinstance(index, TracedValue) else np.asarray(index)
        if isinstance(index, list) and not index:
            new = new.astype(np.intp)
        if len(shape_of(new)) != 1:
            raise ValueError("Cross index must be 1 dimensional")
        if type_of(new).dtype.kind == "b":
            (new,) = mask_positions(new)
        out.append(_along(new, k, len(args)))
    return tuple(out)
