"""Views: traced values that share memory, and what a write does to them.

In NumPy ``row = x[0]; x[0, 1] = 5.0`` changes ``row`` too, because both look at the same memory. A
traced value is never changed in place, so the sharing is kept here: each view knows the array it
looks at and how (``redo`` makes the view from its parent, ``undo`` puts a changed view back), and
each parent knows its living views. :func:`write` gives a name its updated value, carries the change
up to the array that owns the memory, and down again to every other view of it.

A reshape is a view or a copy depending on memory layout; with values at hand that is looked up, and
where only types are known (compilation) a write that would depend on it is refused. An updated
value is a new array, so the layout that NumPy would still have is kept beside it (``layout``).
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError, TraceError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import TracedValue, shape_of, type_of


class Alias:
    """The memory that a traced value shares: the parent it is a view of, and its own views.

    ``layout`` is the array that the value was before the first write to it, or None: its numbers
    are out of date, its strides are what NumPy's array would still have. A type in its place says
    that NumPy's strides are not known, although the numbers are.
    """

    __slots__ = ("layout", "parent", "redo", "sure", "undo", "views")

    def __init__(
        self,
        parent: TracedValue | None = None,
        redo: Callable[[Any], Any] | None = None,
        undo: Callable[[Any, Any], Any] | None = None,
        *,
        sure: bool = True,
        layout: np.ndarray[Any, Any] | ArrayType | None = None,
    ) -> None:
        self.parent = parent
        self.redo = redo
        self.undo = undo
        self.sure = sure
        self.layout = layout
        self.views: list[weakref.ref[TracedValue]] = []


def view(
    result: Any,
    parent: Any,
    redo: Callable[[Any], Any],
    undo: Callable[[Any, Any], Any],
    *,
    layout_decides: bool = False,
) -> Any:
    """Note that ``result`` looks at the memory of ``parent``; returns ``result``.

    ``layout_decides``: whether it is a view or a copy depends on the layout of the memory
    (reshape).
    """
    if not (isinstance(result, TracedValue) and isinstance(parent, TracedValue)):
        return result
    here = memory_of(parent)
    if not isinstance(here, (np.ndarray, ArrayType)):
        return result  # a NumPy scalar has no memory to share
    written = parent.alias is not None and parent.alias.layout is not None
    layout = None
    if isinstance(here, ArrayType) and isinstance(_bottom(parent), np.ndarray):
        layout = type_of(result)  # values are known, the layout is not
    elif written:
        layout = redo(here)
    sure = isinstance(here, np.ndarray) or bool(here.shape)
    if layout_decides:
        shared = _share_memory(here, _bottom(result) if layout is None else layout)
        if shared is False:
            return result
        sure = shared is True
    if parent.alias is None:
        parent.alias = Alias()
    views = parent.alias.views
    if len(views) >= 8 and len(views) & (len(views) - 1) == 0:  # prune at each power of two
        views[:] = [ref for ref in views if ref() is not None]
    views.append(weakref.ref(result))
    result.alias = Alias(parent, redo, undo, sure=sure, layout=layout)
    return result


def laid_out(results: Any, inputs: Any) -> Any:
    """Results of a NumPy function, new arrays or views, in the layout that NumPy's have.

    NumPy makes arrays in C order of arrays in C order; what was composed otherwise gets that order,
    with the same numbers. What NumPy makes of other orders is each function's own affair, and taken
    for unknown.
    """
    if type(results) in (tuple, list):
        return type(results)(laid_out(x, inputs) for x in results)
    is_new = isinstance(results, TracedValue) and results.alias is None
    if not is_new or len(shape_of(results)) < 2:
        return results
    lowest = results
    while isinstance(lowest.value, TracedValue):
        lowest = lowest.value
    here: Any = lowest.value
    if isinstance(here, np.ndarray):
        if not all(map(is_contiguous, inputs)):
            results.alias = Alias(layout=type_of(results))
        elif not here.flags.c_contiguous:
            lowest.value = np.ascontiguousarray(cast("Any", here))
    return results


def is_contiguous(x: Any) -> bool:
    """Whether NumPy's array in place of ``x`` would be contiguous; true where it is not known."""
    here = memory_of(x) if isinstance(x, TracedValue) else x
    return not isinstance(here, np.ndarray) or here.flags.c_contiguous


def require_array(x: TracedValue, what: str) -> None:
    """Raise what NumPy raises where its value is a number, which nothing can be written to."""
    if not shape_of(x) and not isinstance(memory_of(x), (np.ndarray, ArrayType)):
        raise TraceError(f"{what}: x is a number, and no array that can be written to; write x = v")


def memory_order(x: Any) -> str | None:
    """How NumPy's array in place of ``x`` lies in memory: "C", "F", "" (neither), None: unknown."""
    here = memory_of(x) if isinstance(x, TracedValue) else x
    if isinstance(here, ArrayType):
        return "C" if len(here.shape) < 2 else None
    if not isinstance(here, np.ndarray) or here.flags.c_contiguous:
        return "C"
    return "F" if here.flags.f_contiguous else ""


def write(target: TracedValue, new: Any) -> None:
    """Let ``target`` hold ``new``, as an in-place write does: every alias sees it."""
    if shape_of(target) != shape_of(new):
        raise ShapeError(
            f"an in-place operation cannot change the shape of an array from"
            f" {shape_of(target)} to {shape_of(new)}; write x = x + y instead of x += y"
        )
    here = _bottom(target)
    if isinstance(here, np.ndarray) and not here.flags.c_contiguous:
        new = PRIMITIVES["setitem"](target, new, index=(Ellipsis,))  # keeps the order of the axes
    _hold(target, new)
    root, path = target, {id(target)}
    while root.alias is not None and root.alias.parent is not None:
        alias = root.alias
        _require_sure(alias)
        _hold(alias.parent, alias.undo(alias.parent, root))
        root = alias.parent
        path.add(id(root))
    _refresh_views(root, path)


def stand_in(x: TracedValue) -> TracedValue:
    """A new value in the place of ``x`` among what shares memory, so that ``x`` can leave it."""
    new = type(x)(x.recorder, x.index, x.value)
    new.alias, x.alias = x.alias, None
    if new.alias is not None:
        for ref in new.alias.views:
            child = ref()
            if child is not None:
                child.alias.parent = new
        if new.alias.parent is not None:
            _replace(new.alias.parent, x, new)
    return new


def become(x: TracedValue, other: TracedValue) -> None:
    """Let the name ``x`` be the view ``other``, which nobody else holds."""
    x.recorder, x.index, x.value, x.alias = other.recorder, other.index, other.value, other.alias
    if x.alias is not None:  # an array without entries shares no memory
        x.alias.sure = True  # a new shape in place is either a view or NumPy's error
        _replace(x.alias.parent, other, x)


def is_view_of(x: TracedValue, parent: TracedValue) -> bool:
    """Whether ``x`` was made as a view of ``parent``."""
    return x.alias is not None and x.alias.parent is parent


def _replace(parent: TracedValue, old: TracedValue, new: TracedValue) -> None:
    parent.alias.views[:] = [
        weakref.ref(new) if ref() is old else ref for ref in parent.alias.views
    ]


def _refresh_views(root: TracedValue, up_to_date: set[int]) -> None:
    pending = [root]
    while pending:
        parent = pending.pop()
        if parent.alias is None:
            continue
        for ref in parent.alias.views:
            child = ref()
            if child is None:
                continue
            if id(child) not in up_to_date:
                _require_sure(child.alias)
                _hold(child, child.alias.redo(parent))
            pending.append(child)


def _hold(target: TracedValue, new: Any) -> None:
    if target.alias is None:
        target.alias = Alias()
    here = _bottom(target)
    if target.alias.layout is None and isinstance(here, np.ndarray):
        target.alias.layout = here
    target.recorder, target.index, target.value = new.recorder, new.index, new.value


def _require_sure(alias: Alias) -> None:
    if not alias.sure:
        raise TraceError(
            "a write to an array that was reshaped: whether both share memory depends on its"
            " layout, which is not known where only types are; write into x.reshape(...).copy(),"
            " or write before reshaping"
        )


def _share_memory(x: Any, y: Any) -> bool | None:
    if isinstance(x, ArrayType) or isinstance(y, ArrayType):
        return None
    return np.may_share_memory(x, y)


def memory_of(x: TracedValue) -> Any:
    """The array that NumPy would have in place of ``x``, for its layout, not its numbers.

    A number if NumPy has a number there, and the type where only that is known.
    """
    layout = None if x.alias is None else x.alias.layout
    return _bottom(x) if layout is None else layout


def _bottom(x: Any) -> Any:
    while isinstance(x, TracedValue):
        x = x.value
    return x
