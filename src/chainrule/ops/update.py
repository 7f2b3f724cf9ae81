"""The update of gradient descent in a weight matrix as one primitive: ``w - s * (x @ y)``.

No function of NumPy stands for it; ``passes/update.py`` makes it, because BLAS does it in one call.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import Joint, batch_rule, primitive
from chainrule.ops.batch import Flags
from chainrule.ops.contraction import matmul
from chainrule.ops.define import Array, match, spread
from chainrule.ops.elementwise import mul, sub
from chainrule.ops.shaping import swap_last


def _value(w: Any, s: Any, x: Any, y: Any) -> Any:
    return w - s * (x @ y)


def _type(w: ArrayType, s: ArrayType, x: ArrayType, y: ArrayType) -> ArrayType:
    return ArrayType(w.shape, w.dtype)


def _push(tangents: Sequence[Array], out: Array, w: Array, s: Array, x: Array, y: Array) -> Array:
    dw, ds, dx, dy = tangents
    parts = [
        dw,
        None if ds is None else -ds * (x @ y),
        None if dx is None else -s * (dx @ y),
        None if dy is None else -s * (x @ dy),
    ]
    total = None
    for part in parts:
        if part is not None:
            total = part if total is None else total + part
    return spread(total, out)


def _pull(
    ct: Array, out: Array, wanted: Sequence[bool], w: Array, s: Array, x: Array, y: Array
) -> list[Array]:
    return [
        ct if wanted[0] else None,
        match(-ct * (x @ y), s) if wanted[1] else None,
        match(-s * (ct @ swap_last(y)), x) if wanted[2] else None,
        match(-s * (swap_last(x) @ ct), y) if wanted[3] else None,
    ]


def _batch(batched: Flags, size: int, w: Array, s: Array, x: Array, y: Array) -> Array:
    pair = batched[2:]
    product = batch_rule(matmul)(pair, size, x, y) if any(pair) else x @ y
    step = batch_rule(mul)((batched[1], any(pair)), size, s, product)
    return batch_rule(sub)((batched[0], any(batched[1:])), size, w, step)


subtract_product = primitive("subtract_product", _value, _type, Joint(_push, _pull), batch=_batch)
