"""What is known of a traced value without its numbers: dtypes and what can become of them."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from chainrule.core.errors import TraceError
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array
from chainrule.ops.numpy_api.implements import constant

_OF_PYTHON: dict[str, Any] = {"b": False, "i": 0, "f": 0.0, "c": 0j}


def _model(x: Any) -> Any:
    """What stands for a traced value in NumPy's rules: its dtype, or a Python number."""
    if not isinstance(x, TracedValue):
        return x
    here = type_of(x)
    return _OF_PYTHON[here.dtype.kind] if here.weak else here.dtype


@constant(np.result_type)
def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """``np.result_type``."""
    return np.result_type(*map(_model, arrays_and_dtypes))


@constant(np.can_cast)
def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    """``np.can_cast``."""
    return np.can_cast(_model(from_), to, casting)


@constant(np.common_type)
def common_type(*arrays: Any) -> Any:
    """``np.common_type``."""
    return cast("Any", np.common_type)(*(np.empty(0, type_of(x).dtype) for x in arrays))


@constant(np.min_scalar_type)
def min_scalar_type(a: Array, /) -> np.dtype[Any]:
    """``np.min_scalar_type`` of an array; of one number it would depend on its value."""
    if not shape_of(a):
        raise TraceError("np.min_scalar_type of a traced number depends on its value; use x.dtype")
    return type_of(a).dtype


@constant(np.iscomplexobj)
def iscomplexobj(x: Array) -> bool:
    """``np.iscomplexobj``."""
    return type_of(x).dtype.kind == "c"


@constant(np.isrealobj)
def isrealobj(x: Array) -> bool:
    """``np.isrealobj``."""
    return not iscomplexobj(x)
