"""``out=``: a result that is written into an array which exists already.

A traced array takes the result as an in-place write does (``aliasing.py``): the name holds the new
value, and whatever shares memory with it sees it. A plain array cannot hold a traced value and is
refused. Functions of NumPy have their ``out`` taken off before they are looked up
(:func:`take_out`); their traced forms keep the parameter for NumPy's order only, and it is None.
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.core.aliasing import require_array, write
from chainrule.core.errors import DTypeError, ShapeError, TraceError
from chainrule.core.primitive import NUMPY
from chainrule.core.refusals import full_name
from chainrule.core.trace import TracedValue, shape_of, type_of

_IN_ITS_DTYPE: frozenset[Any] = frozenset({np.sum, np.prod, np.cumsum, np.cumprod, np.trace})
"""Functions that compute in the common dtype of input and ``out``, unless given another one."""

_NOWHERE = 1 << 16


@lru_cache(maxsize=1024)
def place_of_out(function: Callable[..., Any]) -> int:
    """The position of NumPy's parameter ``out``; a large number if it has none."""
    try:
        names = list(inspect.signature(function).parameters.items())
    except (TypeError, ValueError):
        return _NOWHERE
    for i, (name, parameter) in enumerate(names):
        if name == "out" and parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            return i
    return _NOWHERE


def take_out(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
    """The arguments of a NumPy function without its ``out``, and that."""
    named = dict(kwargs)
    place = place_of_out(function)
    if len(args) <= place:
        out = named.pop("out", None)
    else:
        out, args = args[place], (*args[:place], None, *args[place + 1 :])
    if out is not None:
        require_traced(out, full_name(function))
        if function in _IN_ITS_DTYPE:
            given = inspect.signature(function).bind(*args, **named)
            if given.arguments.get("dtype") is None:
                given.arguments["dtype"] = common_dtype(given.arguments["a"], out)
                args, named = given.args, given.kwargs
    return args, named, out


def common_dtype(x: Any, out: Any) -> np.dtype[Any]:
    """The dtype that a reduction computes in, from its input and its ``out``."""
    here = type_of(x if isinstance(x, TracedValue) else np.asarray(x))
    return np.result_type(here.dtype, type_of(out).dtype)


def require_traced(out: Any, name: str) -> None:
    """Raise the error for an ``out`` that cannot hold a traced value."""
    if not isinstance(out, TracedValue):
        raise TraceError(
            f"{name}(..., out=...): a plain {type(out).__name__} cannot hold a traced value; write"
            " y = f(x) instead of out=y, and y = y + x instead of y += x, or make y with"
            " np.zeros_like(x, shape=...) of a traced x"
        )
    require_array(out, f"{name}(..., out=x)")


def into_of(function: Callable[..., Any], out: TracedValue, result: Any) -> Any:
    """``out`` after the result of a NumPy function was written into it."""
    casting = "unsafe" if function in _IN_ITS_DTYPE else "same_kind"
    return into(out, result, full_name(function), casting=casting)


def into(
    out: TracedValue, result: Any, name: str, *, casting: Any = "same_kind", widen: bool = False
) -> Any:
    """``out`` after ``result`` was written into it, by NumPy's rules of casting.

    ``widen``: the result may be broadcast to the shape of ``out``, as that of a ufunc is.
    """
    here, new = type_of(out), type_of(result)
    fits = new.shape == here.shape
    if widen and not fits:
        try:
            fits = np.broadcast_shapes(new.shape, here.shape) == here.shape
        except ValueError:
            fits = False
    if not fits:
        raise ShapeError(
            f"{name}(..., out=y): y has shape {here.shape}, the result has shape {new.shape}"
        )
    if not np.can_cast(new.dtype, here.dtype, casting):
        raise DTypeError(
            f"{name}(..., out=y): cannot cast {new.dtype} to the {here.dtype} of y"
            f" by casting={casting!r}; make y with dtype={new.dtype}, or use .astype on the result"
        )
    if isinstance(result, TracedValue) and shape_of(result) == here.shape and new == here:
        write(out, result)
    else:
        write(out, NUMPY[operator.setitem](out, (Ellipsis,), result))
    return out
