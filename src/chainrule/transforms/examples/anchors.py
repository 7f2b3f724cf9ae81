"""Parts of parameters: the views of one parameter that do not overlap.

A model with all its parameters in one vector takes its weights out by slices and reshapes. The
gradient of such weights is a product, but not along the axis of the vector; it need not be, for
norms of parts that do not overlap add up. So the sweep stops at such views, the *anchors*. Where
views overlap (``W`` and ``W.T``), it goes on to the view that they have in common, up to the
parameter itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule.core.graph import ArrayType
from chainrule.core.primitive import Edge, Primitive
from chainrule.core.trace import Record, type_of
from chainrule.ops.define import Array
from chainrule.transforms.recording import Recording

_VIEWS = frozenset({"reshape", "transpose", "getitem"})
_LARGEST = 1 << 24  # entries of a parameter whose views are compared entry by entry


@dataclass(frozen=True)
class View:
    """How a part is taken out of its parameter, step by step, and put back."""

    owner: int
    shape: tuple[int, ...]
    steps: Sequence[tuple[Primitive, Mapping[str, Any], ArrayType]] = ()

    def of(self, x: Array) -> Array:
        """The part of an array like the parameter."""
        for primitive, params, _ in self.steps:
            x = primitive(x, **params)
        return x

    def back(self, part: Array) -> Array:
        """An array like the parameter, zero outside of the part."""
        for primitive, params, kind in reversed(self.steps):
            (edge,) = cast("tuple[Edge]", primitive.derivative)
            part = edge.pull(part, None, kind, **params)
        return part


@dataclass(frozen=True)
class Anchors:
    """Where the sweep stops: ``views`` by variable; ``same`` names the first of equal views."""

    views: Mapping[int, View]
    same: Mapping[int, int]


def anchors_of(recording: Recording) -> Anchors:
    """The anchors of all inputs of a recording."""
    tree = _ViewTree(recording)
    found = {i: tree.view(i) for k in range(len(recording.inputs)) for i in tree.apart(k)}
    return Anchors(found, tree.same)


class _ViewTree:
    """The views of the inputs of a recording, equal ones once."""

    def __init__(self, recording: Recording) -> None:
        self._types = dict(enumerate(map(type_of, recording.inputs)))
        self._made: dict[int, tuple[int, Record]] = {}  # view -> what it looks at, by which step
        self._roots = {i: i for i in self._types}
        self._used = {i for i in recording.output_indices if i >= 0}
        self.same: dict[int, int] = {}
        known: dict[Any, int] = {}
        for step in recording.trace.records:
            primitive, indices, values, params, index, out, _ = step
            operands = [self.same.get(i, i) for i in indices]
            is_view = primitive.name in _VIEWS and len(values) == 1 and operands[0] in self._roots
            if not is_view:
                self._used.update(operands)
                continue
            key = operands[0], primitive, repr(sorted(params.items()))
            first = known.setdefault(key, index)
            if first != index:
                self.same[index] = first
                continue
            self._made[index] = operands[0], step
            self._roots[index] = self._roots[operands[0]]
            self._types[index] = type_of(out)
        self._used = {self.same.get(i, i) for i in self._used}

    def _path(self, i: int) -> list[int]:
        """From a view to the input, both included."""
        path = [i]
        while path[-1] in self._made:
            path.append(self._made[path[-1]][0])
        return path

    def view(self, i: int) -> View:
        """The view with this variable."""
        steps = [self._made[k][1] for k in self._path(i)[-2::-1]]
        kinds = [type_of(step[2][0]) for step in steps]
        taken = tuple((s[0], s[3], kind) for s, kind in zip(steps, kinds, strict=True))
        return View(self._roots[i], self._types[i].shape, taken)

    def apart(self, root: int) -> list[int]:
        """Views of an input that do not overlap and through which all use of it goes."""
        anchors = [i for i in sorted(self._used & self._roots.keys()) if self._roots[i] == root]
        if len(anchors) < 2:
            return anchors
        if self._types[root].size > _LARGEST:
            return [root]
        while True:
            pair = self._overlapping(root, anchors)
            if pair is None:
                return anchors
            left, right = self._path(pair[0]), self._path(pair[1])
            common = next(i for i in left if i in right)
            anchors = [i for i in anchors if common not in self._path(i)] + [common]

    def _overlapping(self, root: int, anchors: Sequence[int]) -> tuple[int, int] | None:
        kind = self._types[root]
        entries = np.arange(kind.size).reshape(kind.shape)
        owner = np.full(kind.size, -1)
        for i in anchors:
            seen = self.view(i).of(entries)
            others = owner[seen]
            if np.any(others >= 0):
                return int(np.max(others)), i
            owner[seen] = i
        return None
