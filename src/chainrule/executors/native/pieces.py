"""A value that is put together of parts of others: joined, zeros around a slice, ``x[i] = v``.

It needs no memory of its own where loops read it entry by entry: a loop is cut where the parts
begin, and each piece of it reads its part where that lies (``fusion.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.executors.native.refs import Ref

Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A block of entries: where it begins and how far it goes along each axis."""

    begin: Place
    shape: Place

    @property
    def end(self) -> Place:
        """Where it ends, exclusively."""
        return tuple(b + n for b, n in zip(self.begin, self.shape, strict=True))

    def within(self, other: Box) -> bool:
        """Whether all of it is in another."""
        return all(
            b >= c and b + n <= c + m
            for b, n, c, m in zip(self.begin, self.shape, other.begin, other.shape, strict=True)
        )

    def moved(self, by: Place) -> Box:
        """The same block elsewhere."""
        return Box(tuple(b + d for b, d in zip(self.begin, by, strict=True)), self.shape)

    def overlap(self, other: Box) -> Box | None:
        """The entries that both have."""
        begin = tuple(map(max, self.begin, other.begin))
        end = map(min, self.end, other.end)
        shape = tuple(e - b for b, e in zip(begin, end, strict=True))
        return Box(begin, shape) if all(n > 0 for n in shape) else None

    def of(self, ref: Ref) -> Ref:
        """This block of a view."""
        return ref.sliced([slice(b, b + n) for b, n in zip(self.begin, self.shape, strict=True)])


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the entries of a value, which are those of a view."""

    begin: Place
    ref: Ref

    @property
    def box(self) -> Box:
        """Where it is in the value."""
        return Box(self.begin, self.ref.shape)


@dataclass(frozen=True, slots=True)
class Pieces:
    """A value of ``shape`` whose entries are those of its parts, each in exactly one."""

    shape: tuple[int, ...]
    parts: tuple[Part, ...]

    def within(self, box: Box, index: Sequence[Any]) -> Pieces:
        """A block of it; ``index`` then takes the axes away that an integer picked."""
        found: list[Part] = []
        for part in self.parts:
            common = part.box.overlap(box)
            if common is not None:
                back = tuple(-b for b in part.begin)
                view = common.moved(back).of(part.ref).sliced(index)
                place = common.moved(tuple(-b for b in box.begin)).begin
                kept = [b for b, i in zip(place, index, strict=True) if isinstance(i, slice)]
                found.append(Part(tuple(kept), view))
        kept = [n for n, i in zip(box.shape, index, strict=True) if isinstance(i, slice)]
        return Pieces(tuple(kept), tuple(found))

    def reshaped(self, shape: tuple[int, ...]) -> Pieces | None:
        """With other axes of length one; None for any other shape.

        >>> Pieces((2, 1), ()).reshaped((1, 2)).shape
        (1, 2)
        """
        long = [axis for axis, n in enumerate(self.shape) if n != 1]
        if [self.shape[axis] for axis in long] != [n for n in shape if n != 1]:
            return None
        axes = iter(long)
        source = [next(axes) if n != 1 else None for n in shape]
        return Pieces(shape, tuple(_on_axes(part, source) for part in self.parts))


def _on_axes(part: Part, source: Sequence[int | None]) -> Part:
    """A part seen along these of its axes; None is one of length one."""
    ref = part.ref
    begin = tuple(0 if axis is None else part.begin[axis] for axis in source)
    shape = tuple(1 if axis is None else ref.shape[axis] for axis in source)
    strides = tuple(0 if axis is None else ref.strides[axis] for axis in source)
    return Part(begin, Ref(ref.base, shape, strides, ref.offset))


@dataclass(frozen=True, slots=True)
class Selection:
    """A basic index as a block of the array; integers are blocks of length one."""

    box: Box
    kept: Sequence[Any]  # the index that takes the axes of integers away

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what is selected."""
        return tuple(
            n for n, i in zip(self.box.shape, self.kept, strict=True) if isinstance(i, slice)
        )

    def filled(self, part: Part) -> Part:
        """A part of what is selected, seen in the array: with the axes that integers took away."""
        begin: list[int] = []
        shape: list[int] = []
        strides: list[int] = []
        feed = iter(zip(part.begin, part.ref.shape, part.ref.strides, strict=True))
        for start, i in zip(self.box.begin, self.kept, strict=True):
            b, n, s = next(feed) if isinstance(i, slice) else (0, 1, 0)
            begin.append(start + b)
            shape.append(n)
            strides.append(s)
        ref = Ref(part.ref.base, tuple(shape), tuple(strides), part.ref.offset)
        return Part(tuple(begin), ref)


def selection(index: Sequence[Any], shape: tuple[int, ...]) -> Selection | None:
    """A basic index as a block, or None if it is none: with steps or with new axes.

    >>> selection((slice(1, None), ...), (3, 4)).box
    Box(begin=(1, 0), shape=(2, 4))
    """
    if any(part is None for part in index):
        return None
    parts: list[Any] = [*index] if Ellipsis in index else [*index, Ellipsis]
    where = parts.index(Ellipsis)
    parts[where : where + 1] = [slice(None)] * (len(shape) - len(parts) + 1)
    begin: list[int] = []
    extent: list[int] = []
    for part, n in zip(parts, shape, strict=True):
        if isinstance(part, slice):
            start, stop, step = part.indices(n)
            if step != 1 or stop <= start:
                return None
        else:
            start = int(part) % n
            stop = start + 1
        begin.append(start)
        extent.append(stop - start)
    kept = [slice(None) if isinstance(part, slice) else 0 for part in parts]
    return Selection(Box(tuple(begin), tuple(extent)), kept)


def around(box: Box, shape: tuple[int, ...]) -> Iterator[Box]:
    """The rest of an array without a block, as blocks.

    >>> [b.begin for b in around(Box((1,), (2,)), (5,))]
    [(0,), (3,)]
    """
    low, high = [0] * len(shape), list(shape)
    for axis, (b, e) in enumerate(zip(box.begin, box.end, strict=True)):
        for start, stop in ((low[axis], b), (e, high[axis])):
            if stop > start:
                begin, end = list(low), list(high)
                begin[axis], end[axis] = start, stop
                extent = tuple(y - x for x, y in zip(begin, end, strict=True))
                yield Box(tuple(begin), extent)
        low[axis], high[axis] = b, e
