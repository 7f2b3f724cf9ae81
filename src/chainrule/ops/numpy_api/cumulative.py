"""NumPy's running products, and running sums and products that include their beginning."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.numpy_api.reductions import cumsum
from chainrule.ops.recurrences import cumprod_p
from chainrule.ops.shaping import concatenate, reshape


@implements(np.cumprod)
def cumprod(a: Array, axis: int | None = None, dtype: Any = None, out: Any = None) -> Array:
    """``np.cumprod``; its derivative does not divide, so entries may be zero.

    >>> import chainrule as cr
    >>> cr.grad(lambda x: np.cumprod(x)[-1])(np.array([2.0, 0.0, 3.0]))
    array([0., 6., 0.])
    """
    a = as_operand(a)
    if dtype is not None:
        a = as_dtype(a, np.dtype(dtype))
    if axis is None or (not shape_of(a) and axis in (0, -1)):
        a, axis = reshape(a, shape=(type_of(a).size,)), 0
    return cumprod_p(a, axis=axis_of(axis, len(shape_of(a))))


def _with_initial(name: str, scan: Any, neutral: int) -> Any:
    def cumulative(
        x: Array,
        /,
        *,
        axis: int | None = None,
        dtype: Any = None,
        out: Any = None,
        include_initial: bool = False,
    ) -> Array:
        x = as_operand(x)
        shape = shape_of(x) or (1,)
        x = x if shape_of(x) else reshape(x, shape=shape)
        if axis is None and len(shape) > 1:
            raise ValueError("For arrays which have more than one dimension ``axis`` is required.")
        along = axis_of(0 if axis is None else axis, len(shape))
        result = scan(x, along, dtype)
        if not include_initial:
            return result
        kind = type_of(result).dtype
        start = np.full((*shape[:along], 1, *shape[along + 1 :]), neutral, kind)
        return concatenate([start, result], along)

    cumulative.__doc__ = f"""``{name}``; ``include_initial`` puts {neutral} in front."""
    return cumulative


cumulative_sum = implements(np.cumulative_sum)(_with_initial("np.cumulative_sum", cumsum, 0))
cumulative_prod = implements(np.cumulative_prod)(_with_initial("np.cumulative_prod", cumprod, 1))
