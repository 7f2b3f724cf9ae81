"""Cotangents of arrays that are read and written part by part, in time linear in the parts.

By its rule a read ``x[i]`` pulls back an array of zeros with one part filled, and a write a copy
with one part cleared: n of them on n entries cost n^2. Where the walk alone holds a cotangent, as
the arrays that it made itself, the parts are added and cleared in its memory instead. ``own`` are
the indices of these. Traced cotangents (derivatives of derivatives) keep to the rules.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import Edge
from chainrule.core.trace import Record, TracedValue, shape_of, type_of
from chainrule.ops.index import filled
from chainrule.ops.indexing import getitem


def pull_part(step: Record, ct: Any, collected: list[Any], own: set[int], *, mine: bool) -> None:
    """Pull the cotangent of a read or a write back; ``mine``: nothing else holds ``ct``."""
    indices, values = step[1], step[2]
    plain = not any(isinstance(x, (TracedValue, ArrayType)) for x in (ct, *values[1:]))
    if step[0] is getitem:
        if not (plain and _added(step, ct, collected, own)):
            _collect(collected, indices[0], _pulled(step, 0, ct))
        return
    if indices[1] >= 0:
        part = _pulled(step, 1, ct)
        shared = mine and plain and np.may_share_memory(part, ct)
        _collect(collected, indices[1], np.array(part) if shared else part)
    target = indices[0]
    if target < 0:
        return
    if mine and plain and collected[target] is None:
        ct[filled(step[3]["index"], tuple(values[2:]))] = 0
        collected[target] = ct
        own.add(target)
    else:
        first = collected[target] is None
        _collect(collected, target, _pulled(step, 0, ct))
        if first and plain and type(collected[target]) is np.ndarray:
            own.add(target)


def _added(step: Record, ct: Any, collected: list[Any], own: set[int]) -> bool:
    """Add to the part that was read, in an array of the walk's own; False if it cannot be."""
    target, arrays = step[1][0], tuple(step[2][1:])
    before, dtype = collected[target], type_of(ct).dtype
    if before is not None and (isinstance(before, TracedValue) or type_of(before).dtype != dtype):
        return False
    if target not in own or type(before) is not np.ndarray:
        before = np.zeros(shape_of(step[2][0]), dtype) if before is None else np.array(before)
        collected[target] = before
        own.add(target)
    index = filled(step[3]["index"], arrays)
    if arrays:
        np.add.at(before, index, ct)
    else:
        before[index] += ct
    return True


def _pulled(step: Record, position: int, ct: Any) -> Any:
    primitive, _indices, values, params, _index, out, _source = step
    local = cast("tuple[Edge, ...]", primitive.derivative)[position]
    return local.pull(ct, out, *values, **params)


def _collect(collected: list[Any], index: int, part: Any) -> None:
    before = collected[index]
    collected[index] = part if before is None else before + part
