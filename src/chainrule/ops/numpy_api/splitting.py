"""NumPy's functions that take arrays apart: split and its kin, unstack. All give views."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of
from chainrule.ops.define import Array, as_operand, axis_of
from chainrule.ops.indexing import read
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.known import known


def _parts(x: Array, bounds: list[Any], axis: int) -> list[Array]:
    everything = (slice(None),) * axis
    return [
        read(x, (*everything, slice(start, stop))) for start, stop in itertools.pairwise(bounds)
    ]


@implements(np.array_split)
def array_split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """``np.array_split``: sections whose lengths differ by one at most, or cuts at indices."""
    x = as_operand(ary)
    axis = axis_of(axis, len(shape_of(x)))
    n = shape_of(x)[axis]
    cuts = known(indices_or_sections)
    if cuts.ndim:
        return _parts(x, [0, *cuts.tolist(), n], axis)
    sections = int(cuts)
    if sections <= 0:
        raise ValueError("number sections must be larger than 0.")
    each, longer = divmod(n, sections)
    return _parts(x, [i * each + min(i, longer) for i in range(sections + 1)], axis)


@implements(np.split)
def split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """``np.split``: equal sections, or cuts at indices."""
    x = as_operand(ary)
    cuts = known(indices_or_sections)
    if not cuts.ndim and shape_of(x)[axis] % int(cuts):
        raise ValueError("array split does not result in an equal division")
    return array_split(x, cuts, axis)


@implements(np.hsplit)
def hsplit(ary: Array, indices_or_sections: Any) -> list[Array]:
    """``np.hsplit``: along the second axis, of vectors along the first."""
    _require_axes(ary, 1, "hsplit")
    return split(ary, indices_or_sections, 1 if len(shape_of(as_operand(ary))) > 1 else 0)


@implements(np.vsplit)
def vsplit(ary: Array, indices_or_sections: Any) -> list[Array]:
    """``np.vsplit``: along the first axis."""
    _require_axes(ary, 2, "vsplit")
    return split(ary, indices_or_sections, 0)


@implements(np.dsplit)
def dsplit(ary: Array, indices_or_sections: Any) -> list[Array]:
    """``np.dsplit``: along the third axis."""
    _require_axes(ary, 3, "dsplit")
    return split(ary, indices_or_sections, 2)


def _require_axes(ary: Array, least: int, name: str) -> None:
    shape = shape_of(as_operand(ary))
    if len(shape) < least:
        raise ShapeError(f"{name} only works on arrays of {least} or more dimensions, got {shape}")


@implements(np.unstack)
def unstack(x: Array, /, *, axis: int = 0) -> tuple[Array, ...]:
    """``np.unstack``: the entries along an axis, in a tuple."""
    if not shape_of(x):
        raise ShapeError("Input array must be at least 1-d.")
    axis = axis_of(axis, len(shape_of(x)))
    return tuple(read(x, (*(slice(None),) * axis, i)) for i in range(shape_of(x)[axis]))
