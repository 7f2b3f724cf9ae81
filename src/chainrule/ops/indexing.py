"""Reading and writing parts of arrays: ``x[index]`` and ``x[index] = v``.

An index is kept as a static template (``index.py``), with each integer array in it replaced by a
:class:`Slot`; the arrays themselves are inputs of the equation, so they may be traced. One
primitive reads (``getitem``), one adds into zeros (``scatter_add``, the transpose of reading) and
one overwrites (``setitem``).
"""

from __future__ import annotations

import operator
import sys
from typing import Any, cast

import numpy as np

from chainrule.core.aliasing import view
from chainrule.core.errors import DTypeError, ShapeError, TraceError
from chainrule.core.graph import ArrayType
from chainrule.core.lists import as_array
from chainrule.core.peek import Reading, peek
from chainrule.core.primitive import NUMPY, PRIMITIVES, edge, primitive
from chainrule.core.trace import FEW, Trace, TracedValue, shape_of, type_of
from chainrule.ops.batch import Flags, core_rank, padded, with_axis
from chainrule.ops.define import Array, as_dtype, linear, match
from chainrule.ops.elementwise import select
from chainrule.ops.index import BatchedIndex, Index, Slot, batched_index, filled


def _is_basic(arrays: tuple[Any, ...]) -> bool:
    return not arrays


# ---- primitives ----------------------------------------------------------------------------------


def _getitem_value(x: Any, *arrays: Any, index: Index) -> Any:
    part = x[filled(index, arrays)]
    if _is_basic(arrays) and part.nbytes * 4 <= x.nbytes and part.flags.c_contiguous:
        return part.copy()  # a small part would keep all of x in memory
    return part


def _getitem_type(x: ArrayType, *arrays: ArrayType, index: Index) -> ArrayType:
    # NumPy itself finds the shape, on an array without memory; out-of-range integers are found
    # late.
    model = np.broadcast_to(np.empty((), np.bool_), x.shape)
    zeros = tuple(np.zeros(a.shape, np.intp) for a in arrays)
    try:
        return ArrayType(model[filled(index, zeros)].shape, x.dtype)
    except IndexError as error:
        raise ShapeError(f"indexing an array of shape {x.shape}: {error}") from None


def _transpose_getitem(ct: Array, x: Array, *arrays: Array, index: Index) -> Array:
    return scatter_add(ct, *arrays, index=index, shape=shape_of(x))


def _batch_getitem(batched: Flags, size: int, x: Array, *arrays: Array, index: Index) -> Array:
    ndim = core_rank(x, batched[0])
    plan = batched_index(index, ndim, arrays, batched[1:], whole=batched[0], size=size)
    parts = getitem(x, *plan.arrays, index=plan.index)
    return parts if plan.is_ordered else PRIMITIVES["transpose"](parts, order=plan.order)


getitem = linear(
    "getitem",
    _getitem_value,
    _getitem_type,
    _transpose_getitem,
    batch=_batch_getitem,
    types_only=True,
)


def _scatter_add_value(x: Any, *arrays: Any, index: Index, shape: tuple[int, ...]) -> Any:
    out = np.zeros(shape, type_of(x).dtype)
    if _is_basic(arrays):
        out[index] = x
    else:
        np.add.at(out, filled(index, arrays), x)
    return out


def _scatter_add_type(
    x: ArrayType, *arrays: ArrayType, index: Index, shape: tuple[int, ...]
) -> ArrayType:
    return ArrayType(shape, x.dtype)


def _transpose_scatter_add(
    ct: Array, x: Array, *arrays: Array, index: Index, shape: tuple[int, ...]
) -> Array:
    return getitem(ct, *arrays, index=index)


def _batch_scatter_add(
    batched: Flags, size: int, x: Array, *arrays: Array, index: Index, shape: tuple[int, ...]
) -> Array:
    plan = batched_index(index, len(shape), arrays, batched[1:], whole=True, size=size)
    parts = _as_numpy_wants(with_axis(x, batched[0], size), plan)
    return scatter_add(parts, *plan.arrays, index=plan.index, shape=(size, *shape))


def _as_numpy_wants(parts: Array, plan: BatchedIndex) -> Array:
    return parts if plan.is_ordered else PRIMITIVES["transpose"](parts, order=plan.back)


scatter_add = linear(
    "scatter_add",
    _scatter_add_value,
    _scatter_add_type,
    _transpose_scatter_add,
    batch=_batch_scatter_add,
)


def _setitem_value(x: Any, v: Any, *arrays: Any, index: Index) -> Any:
    out = np.array(x)
    out[filled(index, arrays)] = v
    return out


def _setitem_type(x: ArrayType, v: ArrayType, *arrays: ArrayType, index: Index) -> ArrayType:
    part = _getitem_type(x, *arrays, index=index).shape
    if len(v.shape) > len(part) and set(v.shape[: len(v.shape) - len(part)]) <= {1}:
        v = ArrayType(v.shape[len(v.shape) - len(part) :], v.dtype)  # as NumPy: leading ones go
    try:
        fits = np.broadcast_shapes(part, v.shape) == part
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(
            f"x[index] = v: v of shape {v.shape} does not fit x[index] of shape {part}"
        )
    return x


def _zeros_like(x: Array) -> Any:
    return np.zeros(shape_of(x), type_of(x).dtype)


def _last_written(x: Array, *arrays: Array, index: Index) -> Array:
    """True for the entries of ``v`` that survive: a repeated index keeps the last one written."""
    part = _getitem_type(type_of(x), *map(type_of, arrays), index=index).shape
    order = np.arange(int(np.prod(part)), dtype=np.intp).reshape(part)
    owners = setitem(np.full(shape_of(x), -1, np.intp), order, *arrays, index=index)
    return getitem(owners, *arrays, index=index) == order


def _pull_written(ct: Array, out: Array, x: Array, v: Array, *arrays: Array, index: Index) -> Array:
    part = getitem(ct, *arrays, index=index)
    if not _is_basic(arrays):
        part = select(_last_written(x, *arrays, index=index), part, 0)
    leading_ones = len(shape_of(v)) - len(shape_of(part))
    if leading_ones > 0:
        part = PRIMITIVES["reshape"](part, shape=(*(1,) * leading_ones, *shape_of(part)))
    return match(part, v)


def _overwritten(t: Array, out: Array, x: Array, v: Array, *arrays: Array, index: Index) -> Array:
    return setitem(t, 0, *arrays, index=index)


def _push_written(t: Array, out: Array, x: Array, v: Array, *arrays: Array, index: Index) -> Array:
    return setitem(_zeros_like(out), t, *arrays, index=index)


def _batch_setitem(
    batched: Flags, size: int, x: Array, v: Array, *arrays: Array, index: Index
) -> Array:
    ndim = core_rank(x, batched[0])
    plan = batched_index(index, ndim, arrays, batched[2:], whole=True, size=size)
    v = with_axis(v, batched[1], size)
    surplus = len(shape_of(v)) - 1 - plan.rank
    if surplus > 0:  # leading axes of one, which NumPy lets go
        v = PRIMITIVES["reshape"](v, shape=(size, *shape_of(v)[1 + surplus :]))
    v = _as_numpy_wants(padded(v, True, plan.rank), plan)
    return setitem(with_axis(x, batched[0], size), v, *plan.arrays, index=plan.index)


setitem = primitive(
    "setitem",
    _setitem_value,
    _setitem_type,
    (edge(_overwritten, _overwritten), edge(_push_written, _pull_written)),
    batch=_batch_setitem,
    types_only=True,
)


def _write(x: Array, v: Array, *arrays: Array, index: Index) -> Array:
    """``setitem``, in the memory of ``x`` where nothing else looks at it.

    So a loop that fills an array entry by entry costs no copy an entry.
    """
    if not (isinstance(x, TracedValue) and _is_sole(x)):
        return setitem(x, v, *arrays, index=index)
    trace, inner = x.recorder, v.value if isinstance(v, TracedValue) else v
    own = not isinstance(v, TracedValue) or v.recorder is trace
    if not own or any(isinstance(a, (TracedValue, ArrayType)) for a in (inner, *arrays)):
        return setitem(x, v, *arrays, index=index)
    x.value[filled(index, arrays)] = inner
    indices = [x.index, v.index if isinstance(v, TracedValue) else -1, *(-1 for _ in arrays)]
    operands = [x.value, inner, *map(trace.keep, arrays)]
    return trace.record(setitem, indices, operands, {"index": index}, x.value)


def _is_sole(x: TracedValue) -> bool:
    """Whether ``x`` alone holds its array: no view, record, or name of the user's."""
    if not (type(x.value) is np.ndarray and x.recorder.forgets):
        return False
    array = cast("Any", x).value.size > FEW and cast("Any", x).value.flags.owndata
    return array and _references(x) == _SOLE


def _references(x: TracedValue) -> int:
    return sys.getrefcount(x.value)


_SOLE = _references(TracedValue(Trace(differentiates=True), 0, np.zeros(1)))

# ---- what users write
# ------------------------------------------------------------------------------


def _split(index: Any, x: Array) -> tuple[Index, tuple[Any, ...]]:
    """An index as users write it -> static template and integer arrays."""
    parts = cast("tuple[Any, ...]", index if type(index) is tuple else (index,))
    template: list[Any] = []
    arrays: list[Any] = []
    axis = 0
    for i, part in enumerate(parts):
        if part is None or part is Ellipsis or isinstance(part, slice):
            template.append(_static_slice(cast("Any", part)) if isinstance(part, slice) else part)
            if part is Ellipsis:
                axis = len(shape_of(x)) - _axes_used(parts[i + 1 :])
            elif part is not None:
                axis += 1
        elif isinstance(part, (int, np.integer)) and not isinstance(part, (bool, np.bool_)):
            template.append(operator.index(cast("Any", part)))
            axis += 1
        else:
            axis += _add_array(part, template, arrays, shape_of(x)[axis:])
    return tuple(template), tuple(arrays)


def _axes_used(parts: tuple[Any, ...]) -> int:
    used = 0
    for part in parts:
        if part is None or part is Ellipsis:
            continue
        is_mask = False
        if not isinstance(part, slice):
            array = part if isinstance(part, TracedValue) else np.asarray(part)
            is_mask = type_of(array).dtype.kind == "b"
        used += len(shape_of(part)) if is_mask else 1
    return used


def _static_slice(part: slice) -> slice:
    def static(bound: Any) -> Any:
        return bound if bound is None else operator.index(bound)

    return slice(static(part.start), static(part.stop), static(part.step))


def _add_array(part: Any, template: list[Any], arrays: list[Any], shape: tuple[int, ...]) -> int:
    """Append an array index; returns how many axes it takes."""
    if not isinstance(part, TracedValue):
        part = np.asarray(part)
        if part.size == 0 and part.dtype.kind == "f":  # x[[]]
            part = part.astype(np.intp)
    kind = type_of(part).dtype.kind
    if kind == "b":
        if not shape_of(part):
            raise TraceError("x[True] and x[False] are not recorded; use np.where or x[None]")
        if shape_of(part) != shape[: len(shape_of(part))]:
            raise ShapeError(f"a mask of shape {shape_of(part)} does not fit axes of {shape}")
        for positions in mask_positions(part):
            template.append(Slot(len(arrays)))
            arrays.append(positions)
        return len(shape_of(part))
    if kind not in "iu":
        raise DTypeError(f"an index must be of integers or booleans, got {type_of(part)}")
    template.append(Slot(len(arrays)))
    arrays.append(part)
    return 1


def mask_positions(mask: Any) -> tuple[Any, ...]:
    """``np.nonzero(mask)``, which needs the values of the mask."""
    values = peek(mask, Reading.NONZERO)
    if isinstance(values, ArrayType):
        raise TraceError(
            "x[mask] of a mask whose values are not known has no known shape;"
            " use np.where(mask, x, 0) and reduce, or x[mask] = scalar, or compile with"
            " branches=True"
        )
    return np.nonzero(values)


def read(x: Array, index: Any) -> Array:
    """``x[index]`` for a traced ``x``; a basic index gives a view, as in NumPy, or a scalar."""
    template, arrays = _split(index, x)
    part = getitem(x, *arrays, index=template)
    is_scalar = not shape_of(part) and Ellipsis not in template
    if arrays or is_scalar:
        return part
    return view(
        part,
        x,
        redo=lambda parent: getitem(parent, index=template),
        undo=lambda parent, child: _write(parent, child, index=template),
    )


def written(x: Array, index: Any, v: Any) -> Array:
    """``x`` after ``x[index] = v``, with the dtype of ``x``, as in NumPy."""
    if not isinstance(v, TracedValue):
        v = as_array(v)[()]
    if type_of(v).dtype.kind == "c" and type_of(x).dtype.kind != "c":
        raise DTypeError("x[index] = v: a complex v does not fit a real x; use v.real")
    v = as_dtype(v, type_of(x).dtype)
    mask = index if type_of_index(index) == "b" else None
    if mask is not None and not shape_of(v) and shape_of(mask) == shape_of(x):
        return select(mask, v, x)
    template, arrays = _split(index, x)
    _setitem_type(type_of(x), type_of(v), *map(type_of, arrays), index=template)
    return _write(x, v, *arrays, index=template)


def added(x: Array, index: Any, v: Array) -> Array:
    """Zeros like ``x`` to which ``v`` is added at ``index``, repeated entries as often as named."""
    template, arrays = _split(index, x)
    part = shape_of(getitem(x, *arrays, index=template))
    if type_of(v).dtype.kind == "c" and type_of(x).dtype.kind != "c":
        raise DTypeError("np.add.at(x, index, v): a complex v does not fit a real x; use v.real")
    v = as_dtype(PRIMITIVES["broadcast_to"](v, shape=part), type_of(x).dtype)
    return scatter_add(v, *arrays, index=template, shape=shape_of(x))


def plain_index(index: Any, name: str) -> Any:
    """An index without traced values: a mask whose values are known, or an error."""
    parts = cast("tuple[Any, ...]", index if type(index) is tuple else (index,))
    plain: list[Any] = []
    for part in parts:
        if not isinstance(part, TracedValue):
            plain.append(part)
        elif type_of(part).dtype.kind == "b":
            plain.extend(mask_positions(part))
        else:
            raise TraceError(
                f"{name} at traced indices is not recorded, as entries may be named again;"
                " pass plain indices, or write it with np.add.at, which takes traced ones"
            )
    return tuple(plain)


def type_of_index(index: Any) -> str:
    """The dtype's kind of an index that is an array, else an empty string."""
    if isinstance(index, (TracedValue, np.ndarray)):
        return type_of(index).dtype.kind
    return ""


NUMPY[operator.getitem] = read
NUMPY[operator.setitem] = written
