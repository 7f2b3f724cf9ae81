"""NumPy's weighted average; the plain mean is among the reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.numpy_api.implements import Axis, axes_of, implements
from chainrule.ops.numpy_api.reductions import count, mean
from chainrule.ops.numpy_api.reductions import sum as np_sum
from chainrule.ops.shaping import broadcast_to, reshape, transpose


@implements(np.average)
def average(
    a: Array,
    axis: Axis = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: Any = False,
) -> Any:
    """``np.average``: ``sum(a * weights) / sum(weights)``, differentiable in both.

    Weights that sum to zero give NaN or infinities, not the ZeroDivisionError of NumPy, which looks
    at values.

    >>> import chainrule as cr
    >>> cr.grad(lambda w: np.average(np.array([1.0, 5.0]), weights=w))(np.array([1.0, 3.0]))
    array([-0.75,  0.25])
    """
    a = as_operand(a)
    if weights is None:
        result = mean(a, axis, keepdims=keepdims)
        scale: Any = type_of(result).dtype.type(count(a, axes_of(a, axis)))
    else:
        weights = weights_for(a, weights, axis, "np.average")
        dtype = np.result_type(type_of(a).dtype, type_of(weights).dtype)
        if type_of(a).dtype.kind in "iub":
            dtype = np.result_type(dtype, np.float64)
        a, weights = as_dtype(a, dtype), as_dtype(weights, dtype)
        scale = np_sum(weights, axis, keepdims=keepdims)
        result = np_sum(a * weights, axis, keepdims=keepdims) / scale
    if not returned:
        return result
    same = shape_of(scale) == shape_of(result)
    return result, scale if same else broadcast_to(scale, shape=shape_of(result))


def weights_for(a: Array, weights: Any, axis: Axis, name: str) -> Array:
    """Weights of the shape of ``a``, or of its axes ``axis`` alone, spread along the others."""
    weights, shape = as_operand(weights), shape_of(a)
    if shape_of(weights) == shape:
        return weights
    if axis is None:
        raise ShapeError(
            f"{name}: weights of shape {shape_of(weights)} for values of shape {shape} need an axis"
        )
    given = [axis] if isinstance(axis, (int, np.integer)) else [*axis]
    wanted = [a % len(shape) for a in given]
    if shape_of(weights) != tuple(shape[i] for i in wanted):
        raise ShapeError(
            f"{name}: weights of shape {shape_of(weights)} do not fit axes {axis} of {shape}"
        )
    turned = transpose(weights, order=tuple(int(i) for i in np.argsort(wanted)))
    return broadcast_to(
        reshape(turned, shape=tuple(n if i in wanted else 1 for i, n in enumerate(shape))),
        shape=shape,
    )
