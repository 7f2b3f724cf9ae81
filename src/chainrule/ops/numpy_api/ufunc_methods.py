"""What ufuncs can do besides being called: keywords, reduce, accumulate, reduceat, outer, at.

Here are the keywords and the way to the methods, which are in ``folding.py`` and ``in_place.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError, TraceError
from chainrule.core.outputs import common_dtype, into, require_traced
from chainrule.core.primitive import NUMPY
from chainrule.core.sharing import shared
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import select
from chainrule.ops.numpy_api.folding import accumulate, reduce, reduceat
from chainrule.ops.numpy_api.in_place import at
from chainrule.ops.numpy_api.shapes import expand_dims, moveaxis
from chainrule.ops.shaping import reshape

_METHODS = {"reduce": reduce, "accumulate": accumulate, "reduceat": reduceat}
_HARMLESS: dict[Any, float] = {np.arctanh: 0.5, np.arcsin: 0.5, np.arccos: 0.5}
"""Where 1, which any other ufunc takes without a warning, is at the edge of the domain."""


def ufunc_method(ufunc: np.ufunc, method: str, inputs: Any, kwargs: dict[str, Any]) -> Any:
    """A ufunc's method, or its call with keywords, on traced values."""
    name = f"np.{ufunc.__name__}"
    if method == "at":
        return at(ufunc, *inputs)
    options = {k: v for k, v in kwargs.items() if k not in ("order", "subok")}  # of memory only
    outs: tuple[Any, ...] = options.pop("out", None) or (None,) * ufunc.nout
    for out in outs:
        if out is not None:
            require_traced(out, name if method == "__call__" else f"{name}.{method}")
    if method == "__call__":
        casting = options.get("casting", "same_kind")
        return _put(called(ufunc, inputs, outs, **options), outs, name, casting)
    if method == "outer":
        x, y = map(as_operand, inputs)
        spread = reshape(x, shape=(*shape_of(x), *(1,) * len(shape_of(y))))
        return called_into(ufunc, (spread, y), outs, options)
    if options.get("dtype") is None and outs[0] is not None:
        options["dtype"] = common_dtype(inputs[0], outs[0])
    result = _METHODS[method](ufunc, *inputs, **options)
    if outs[0] is None:
        return result
    return into(outs[0], result, f"{name}.{method}", casting="unsafe")


NUMPY[np.ufunc] = ufunc_method


def called_into(ufunc: np.ufunc, inputs: Any, outs: Any, options: dict[str, Any]) -> Any:
    """A call with keywords whose results go where ``outs`` says."""
    return ufunc_method(ufunc, "__call__", inputs, {**options, "out": outs})


def _put(results: Any, outs: tuple[Any, ...], name: str, casting: Any) -> Any:
    several = len(outs) > 1
    for x, y in combinations([out for out in outs if out is not None], 2):
        if shared(x, y):
            raise TraceError(
                f"{name}(..., out=(y, z)): y and z share memory; write into two arrays"
            )
    given = cast("tuple[Any, ...]", results) if several else (results,)
    placed = tuple(
        result if out is None else into(out, result, name, casting=casting, widen=True)
        for result, out in zip(given, outs, strict=True)
    )
    return placed if several else placed[0]


def called(
    ufunc: np.ufunc,
    inputs: Sequence[Any],
    outs: tuple[Any, ...],
    *,
    where: Any = True,
    dtype: Any = None,
    signature: Any = None,
    casting: Any = "same_kind",
    **axes: Any,
) -> Any:
    """``ufunc(*inputs)`` with keywords, without writing to ``outs``, which ``where`` reads."""
    operands = [as_operand(x) for x in inputs]
    if dtype is not None or signature is not None or casting != "same_kind":
        operands = _converted(ufunc, operands, dtype, signature, casting)
    if axes:
        return _along(ufunc, operands, **axes)
    if where is True:
        return ufunc(*operands)
    return _masked(ufunc, operands, outs, as_operand(where), casting)


def _converted(
    ufunc: np.ufunc, operands: list[Array], dtype: Any, signature: Any, casting: Any
) -> list[Array]:
    """The inputs in the dtypes that NumPy would compute with."""
    types = [type_of(x) for x in operands]
    python = {"i": int, "f": float, "c": complex}
    here = [python[t.dtype.kind] if t.weak else t.dtype for t in types]
    if dtype is not None:
        signature = (None,) * ufunc.nin + (np.dtype(dtype),) * ufunc.nout
    elif isinstance(signature, str):
        signature = tuple(np.dtype(c) for c in signature.replace("->", ""))
    wanted: Any = ufunc.resolve_dtypes(
        cast("Any", (*here, *(None,) * ufunc.nout)), signature=signature, casting=casting
    )
    return [as_dtype(x, kind) for x, kind in zip(operands, wanted[: ufunc.nin], strict=True)]


def _masked(
    ufunc: np.ufunc, operands: list[Array], outs: tuple[Any, ...], where: Array, casting: Any
) -> Any:
    """The results where the mask holds, and what is in ``outs`` elsewhere.

    Elsewhere the ufunc sees a harmless number, so nothing there warns or reaches a derivative.
    """
    name = f"np.{ufunc.__name__}"
    if any(out is None for out in outs):
        raise TraceError(
            f"{name}(where=...) leaves entries undefined; pass out=y with a traced y to say what"
            " stands there, or write np.where(mask, f(x), y)"
        )
    if ufunc.signature is not None:
        raise TypeError(f"{name} does not take where=, as it is no elementwise function")
    if type_of(where).dtype.kind != "b":
        raise TypeError(f"{name}(where=...) needs a mask of bool, got {type_of(where)}")
    fill = _HARMLESS.get(ufunc, 1)
    safe = [select(where, x, np.array(fill, type_of(x).dtype)[()]) for x in operands]
    results = ufunc(*safe)
    chosen: list[Array] = []
    for result, out in zip(results if ufunc.nout > 1 else (results,), outs, strict=True):
        if np.can_cast(type_of(result).dtype, type_of(out).dtype, casting):
            result = as_dtype(result, type_of(out).dtype)  # else `into` says so
        chosen.append(select(where, result, out))
    return tuple(chosen) if ufunc.nout > 1 else chosen[0]


# ---- axes of products ----------------------------------------------------------------------------


def _core_axes(signature: str) -> tuple[list[int], list[int]]:
    """How many axes of each input and output a product takes: matmul ([2, 2], [2])."""
    counts = [
        [len([axis for axis in part.split(",") if axis]) for part in re.findall(r"\((.*?)\)", side)]
        for side in signature.split("->")
    ]
    return counts[0], counts[1]


def _along(
    ufunc: np.ufunc, operands: list[Array], *, axes: Any = None, axis: Any = None,
    keepdims: bool = False,
) -> Array:  # fmt: skip
    """A product whose vectors and matrices are along other axes than the last ones."""
    name = f"np.{ufunc.__name__}"
    if ufunc.signature is None:
        raise TypeError(f"{name} takes no axes=, axis= or keepdims=")
    inner, (outer,) = _core_axes(ufunc.signature)
    if (axis is not None or keepdims) and (outer or set(inner) != {1}):
        raise TypeError(f"{name} does not take axis= or keepdims=, only axes=")
    if axes is None:
        axes = [(-1 if axis is None else axis,)] * len(operands)
    places: list[Any] = [place if isinstance(place, tuple) else (place,) for place in axes]
    if len(places) < len(operands):
        raise ShapeError(f"{name}(axes=...) needs axes for each of {len(operands)} inputs")
    last = [(-2, -1)[2 - min(n, len(shape_of(x))) :] for n, x in zip(inner, operands, strict=True)]
    moved = [
        moveaxis(x, place[: len(end)], end) if end else x
        for x, place, end in zip(operands, places, last, strict=False)
    ]
    result = ufunc(*moved)
    if keepdims:
        return expand_dims(result, places[0][0])
    if outer and len(places) > len(operands) and shape_of(result):
        end = (-2, -1)[2 - min(outer, len(places[-1])) :]
        return moveaxis(result, end, places[-1])
    return result
