"""Views: traced values that share memory, and what a write does to them.

In NumPy ``row = x[0]; x[0, 1] = 5.0`` changes ``row`` too, because both look at the same memory. A
traced value is never changed in place, so the sharing is kept here: each view knows the array it
looks at and how (``redo`` makes the view from its parent, ``undo`` puts a changed view back), and
each parent knows its living views. :func:`write` gives a name its updated value, carries the change
up to the array that owns the memory, and down again to every other view of it.

A reshape is a view or a copy depending on memory layout; with values at hand that is looked up, and
where only types are known (compilation) a write that would depend on it is refused.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError, TraceError
from chainrule.core.graph import ArrayType
from chainrule.core.trace import TracedValue


class Alias:
    """The memory that a traced value shares: the parent it is a view of, and its own views."""

    __slots__ = ("parent", "redo", "sure", "undo", "views")

    def __init__(
        self,
        parent: TracedValue | None = None,
        redo: Callable[[Any], Any] | None = None,
        undo: Callable[[Any, Any], Any] | None = None,
        *,
        sure: bool = True,
    ) -> None:
        self.parent = parent
        self.redo = redo
        self.undo = undo
        self.sure = sure
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
    if result is parent:
        return result
    sure = True
    if layout_decides:
        shared = _shares_memory(result, parent)
        if shared is False:
            return result
        sure = shared is True or parent.alias is None or parent.alias.parent is None
    if parent.alias is None:
        parent.alias = Alias()
    views = parent.alias.views
    if len(views) >= 8 and len(views) & (len(views) - 1) == 0:  # prune at each power of two
        views[:] = [ref for ref in views if ref() is not None]
    views.append(weakref.ref(result))
    result.alias = Alias(parent, redo, undo, sure=sure)
    return result


def write(target: TracedValue, new: Any) -> None:
    """Let ``target`` hold ``new``, as an in-place write does: every alias sees it."""
    if target.shape != new.shape:  # type: ignore[attr-defined]
        raise ShapeError(
            f"an in-place operation cannot change the shape of an array from"
            f" {target.shape} to {new.shape}; write x = x + y instead of x += y"  # type: ignore[attr-defined]
        )
    _hold(target, new)
    root, path = target, {id(target)}
    while root.alias is not None and root.alias.parent is not None:
        alias = root.alias
        _require_sure(alias)
        _hold(alias.parent, alias.undo(alias.parent, root))
        root = alias.parent
        path.add(id(root))
    _refresh_views(root, path)


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
    target.recorder, target.index, target.value = new.recorder, new.index, new.value


def _require_sure(alias: Alias) -> None:
    if not alias.sure:
        raise TraceError(
            "a write to an array that was reshaped after slicing or transposing: whether the"
            " reshaped array shares its memory depends on its layout, which is not known here;"
            " reshape a .copy(), or write before reshaping"
        )


def _shares_memory(a: TracedValue, b: TracedValue) -> bool | None:
    x, y = _bottom(a), _bottom(b)
    if isinstance(x, ArrayType) or isinstance(y, ArrayType):
        return None
    return np.may_share_memory(x, y)


def _bottom(x: Any) -> Any:
    while isinstance(x, TracedValue):
        x = x.value
    return x
