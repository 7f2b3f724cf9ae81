"""How pieces pass backwards through views: transposes, reshapes, slices.

The factors are turned, reshaped or filled up with zeros, each along the axes that it has; a factor
is far smaller than the product. A reshape that would split the labels of one axis over two factors
has no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops.define import Array, as_dtype
from chainrule.ops.indexing import getitem, scatter_add
from chainrule.ops.shaping import reshape, transpose
from chainrule.transforms.examples.contraction import Factor
from chainrule.transforms.examples.pieces import Piece

Params = Mapping[str, Any]
Axes = tuple[int, ...]


def _with(piece: Piece, shape: Axes, factors: Sequence[Factor]) -> Piece:
    return Piece(shape, tuple(factors), piece.materialised)


def _renamed(f: Factor, places: Mapping[int, int]) -> Factor:
    return replace(f, labels=tuple(places.get(a, a) for a in f.labels))


def _same(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    return piece


def _convert(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    dtype = type_of(xs[0]).dtype
    factors = [f if f.rows else Factor(as_dtype(f.value, dtype), f.labels) for f in piece.factors]
    return _with(piece, piece.shape, factors)


def _transpose(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    order: Axes = params["order"]
    places = dict(enumerate(order))
    return _with(piece, shape_of(xs[0]), [_renamed(f, places) for f in piece.factors])


# ---- reshape ------------------------------------------------------------------------------------


def _reshape(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    target = shape_of(xs[0])
    groups = _groups(piece.shape, target)
    factors: list[Factor] = []
    for f in piece.factors:
        for here, there in groups:
            if 0 < len([a for a in here if a in f.labels]) < len(here):
                return None
            if f.rows and f.labels[-1] in here and (len(here), len(there)) != (1, 1):
                return None
        factors.append(_regrouped(f, groups, piece.shape, target))
    return _with(piece, target, factors)


def _groups(here: Axes, there: Axes) -> list[tuple[Axes, Axes]]:
    """Which axes of two shapes of one size hold the same entries; axes of length one aside.

    >>> _groups((2, 3, 1, 4), (6, 2, 2))
    [((0, 1), (0,)), ((3,), (1, 2))]
    """
    a = [k for k, n in enumerate(here) if n != 1]
    b = [k for k, n in enumerate(there) if n != 1]
    groups: list[tuple[Axes, Axes]] = []
    while a and b:
        left, right = [a.pop(0)], [b.pop(0)]
        n, m = here[left[0]], there[right[0]]
        while n != m:
            if n < m:
                left.append(a.pop(0))
                n *= here[left[-1]]
            else:
                right.append(b.pop(0))
                m *= there[right[-1]]
        groups.append((tuple(left), tuple(right)))
    return groups


def _regrouped(f: Factor, groups: list[tuple[Axes, Axes]], here: Axes, there: Axes) -> Factor:
    """The factor with the axes of the operand in place of those of the result."""
    if f.rows:  # its one axis, that of the table, stays one
        return _renamed(f, {old[0]: new[0] for old, new in groups})
    summed = [a for a in f.labels if a < 0]
    mine = [(old, new) for old, new in groups if old[0] in f.labels]
    order = tuple(f.labels.index(a) for a in (*summed, *(a for old, _ in mine for a in old)))
    sizes = dict(zip(f.labels, shape_of(f.value), strict=True))
    labels = (*summed, *(k for _, new in mine for k in new))
    shape = tuple(sizes[a] if a < 0 else there[a] for a in labels)
    return Factor(reshape(transpose(f.value, order=order), shape=shape), labels)


# ---- slices -------------------------------------------------------------------------------------


def sliced(piece: Piece, parts: Sequence[Any], target: Axes) -> Piece | None:
    """The piece of ``x``, of shape ``target``, for ``x[parts]`` with slices, integers and None."""
    places: dict[int, int] = {}
    narrowed: list[tuple[int, Any]] = []
    axis = place = 0
    for part in parts:
        if part is None:
            place += 1
            continue
        if type(part) is slice:
            places[place] = axis
            place += 1
        if part != slice(None):
            narrowed.append((axis, part))
        axis += 1
    factors = [_renamed(f, places) for f in piece.factors]
    for axis, part in narrowed:
        if any(f.rows and axis == f.labels[-1] for f in factors):
            return None
        factors = _widened(factors, axis, part, target[axis])
    return _with(piece, target, factors)


def explicit(index: Sequence[Any], rank: int) -> list[Any]:
    """The index with a part for each axis, and None for new ones."""
    parts = [*index]
    used = len([p for p in parts if p is not None and p is not Ellipsis])
    fill = [slice(None)] * (rank - used)
    place = parts.index(Ellipsis) if Ellipsis in parts else len(parts)
    return [*parts[:place], *fill, *parts[place + 1 :]]


def _widened(factors: list[Factor], axis: int, part: Any, n: int) -> list[Factor]:
    """The factors with zeros along ``axis`` where the index did not look."""
    if n == 1:
        return factors
    if not any(axis in f.labels for f in factors):
        seen = np.zeros(n, type_of(factors[0].value).dtype)
        seen[part] = 1
        return [*factors, Factor(seen, (axis,))]
    return [_filled(f, f.labels.index(axis), part, n) if axis in f.labels else f for f in factors]


def _filled(f: Factor, place: int, part: Any, n: int) -> Factor:
    shape = shape_of(f.value)
    index = (*(slice(None),) * place, part)
    wide = scatter_add(f.value, index=index, shape=(*shape[:place], n, *shape[place + 1 :]))
    return Factor(wide, f.labels)


def _concatenate(piece: Piece, operand: int, xs: Sequence[Array], params: Params) -> Piece | None:
    axis: int = params["axis"]
    start = sum(shape_of(x)[axis] for x in xs[:operand])
    target = shape_of(xs[operand])
    part = slice(start, start + target[axis]) if target[axis] != 1 else start
    if any(f.rows and axis == f.labels[-1] for f in piece.factors):
        return None

    def cut(f: Factor) -> Factor:
        if axis not in f.labels:
            return f
        place = f.labels.index(axis)
        value = getitem(f.value, index=(*(slice(None),) * place, part))
        kept = f.labels if target[axis] != 1 else tuple(a for a in f.labels if a != axis)
        return Factor(value, kept)

    return _with(piece, target, [cut(f) for f in piece.factors])


RULES: Mapping[str, Callable[..., Piece | None]] = {
    "copy": _same, "name": _same, "convert": _convert, "transpose": _transpose, "reshape": _reshape,
    "concatenate": _concatenate,
}  # fmt: skip
"""By the primitive's name."""
