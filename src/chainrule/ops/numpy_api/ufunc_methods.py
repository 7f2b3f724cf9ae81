"""What ufuncs can do besides being called: reduce, accumulate, outer, and keywords."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import TraceError
from chainrule.core.primitive import NUMPY
from chainrule.core.trace import shape_of
from chainrule.ops.define import as_dtype, as_operand
from chainrule.ops.numpy_api import reductions
from chainrule.ops.shaping import reshape

_REDUCE: dict[np.ufunc, Any] = {
    np.add: reductions.sum,
    np.multiply: reductions.prod,
    np.maximum: reductions.max,
    np.minimum: reductions.min,
    np.logical_and: reductions.all,
    np.logical_or: reductions.any,
}


_REDUCE_OPTIONS = {"axis", "keepdims", "initial", "where"}


def _outer(ufunc: np.ufunc, x: Any, y: Any) -> Any:
    x, y = as_operand(x), as_operand(y)
    return ufunc(reshape(x, shape=(*shape_of(x), *(1,) * len(shape_of(y)))), y)


def ufunc_method(ufunc: np.ufunc, method: str, inputs: Any, kwargs: dict[str, Any]) -> Any:
    """A ufunc's method, or its call with keywords, on traced values."""
    name = f"np.{ufunc.__name__}"
    if kwargs.get("out") is not None and any(out is not None for out in kwargs["out"]):
        raise TraceError(
            f"{name}(..., out=...) cannot be recorded, and a plain array cannot hold traced values;"
            " write y = f(x) instead of out=y, and y = y + x instead of y += x for a plain y"
        )
    if method == "reduce" and ufunc in _REDUCE and set(kwargs) <= _REDUCE_OPTIONS:
        (x,) = inputs
        return _REDUCE[ufunc](x, **{"axis": 0, **kwargs})
    if method == "accumulate" and ufunc is np.add:
        return reductions.cumsum(*inputs, **{"axis": 0, **kwargs})
    if method == "outer" and not kwargs:
        return _outer(ufunc, *inputs)
    if method == "__call__" and set(kwargs) == {"dtype"}:
        return ufunc(*(as_dtype(as_operand(x), np.dtype(kwargs["dtype"])) for x in inputs))
    what = name if method == "__call__" else f"{name}.{method}"
    options = ", ".join(f"{k}=" for k in kwargs)
    raise TraceError(
        f"{what}({options}) of traced values cannot be recorded; write it with np.where"
        " and the plain function"
    )


NUMPY[np.ufunc] = ufunc_method
