"""What ``cr.insight.record`` returns: values and cotangents by name, and how they read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule.core.array_text import array_text
from chainrule.core.columns import aligned
from chainrule.core.html import table
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten, leaf_names
from chainrule.insight.keeping import ByName
from chainrule.transforms.points import Point
from chainrule.transforms.signature import is_traced

Array = Any


@dataclass(frozen=True, eq=False)
class NamedRecord:
    """Values, and derivatives of the output, of named points and of the arguments.

    Attributes:
        function: its name.
        output: what the function returned.
        value: ``value["hidden"]`` is what was named so; a list, in the order in which they came,
            if several values were. In a ``cr.scan`` the values of all steps are stacked; in a
            branch of ``cr.cond`` that was not taken they are NaN.
        cotangent: ``cotangent["hidden"]`` is d output / d hidden, of the same form. Of an output
            with several numbers it is that of their sum: where the function returns one cost a row,
            and rows do not mix, the cotangent of a row is that of its own cost.
        points: all named values in the order of the graph, with type and line.
    """

    function: str
    output: Any
    value: ByName
    cotangent: ByName
    points: tuple[Point, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of arguments and points of which something was kept."""
        return tuple(n for n in self.value.known if n in self.value or n in self.cotangent)

    def __str__(self) -> str:
        lines = [f"{self._title()}; {self._start()}"]
        return "\n".join([*lines, *(f"  {line}" for line in aligned(self._columns()))])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *rows = self._columns()
        return table(head, rows, f"{self._title()}; {self._start()}")

    def _columns(self) -> list[list[str]]:
        """The table, heads first, without columns in which there is nothing."""
        rows = self._rows()
        filled = [i for i in range(len(_HEAD)) if i < 2 or any(row[i] for row in rows)]
        return [[row[i] for i in filled] for row in [[*_HEAD], *rows]]

    def _title(self) -> str:
        leaves, _ = flatten(self.output)
        if len(leaves) == 1 and not np.ndim(leaves[0]):
            return f"{self.function}: output {array_text(leaves[0])}"
        return f"{self.function}: output {', '.join(str(type_of(x)) for x in leaves)}"

    def _start(self) -> str:
        leaves, _ = flatten(self.output)
        if not self.cotangent:
            return "values only"
        if len(leaves) == 1 and not np.ndim(leaves[0]):
            return "cotangents are d output / d point"
        return "cotangents are d sum(output) / d point, per row where rows do not mix"

    def _rows(self) -> list[list[str]]:
        lines: dict[str, list[str]] = {}
        for p in self.points:
            lines.setdefault(p.name, []).append("" if p.source is None else _place(p))
        return [
            [label, kind_of(ct if v is None else v), _cell(v), _cell(ct), where]
            for name in self.names
            for label, v, ct, where in self._parts(name, lines.get(name))
        ]

    def _parts(self, name: str, lines: list[str] | None) -> list[tuple[str, Any, Any, str]]:
        """Each array behind a name, with its label: ``hidden[0]``, ``params['w']``."""
        value, cotangent = self.value.get(name), self.cotangent.get(name)
        whole = cotangent if value is None else value
        several = isinstance(whole, list) if lines else True
        if not several:
            return [(name, value, cotangent, lines[0] if lines else "")]
        labels = leaf_names(flatten(whole)[1])
        values, cotangents = (
            [None] * len(labels) if x is None else flatten_with_gaps(x, whole)
            for x in (value, cotangent)
        )
        places = lines or ["argument"] * len(labels)
        return [
            (name + label, v, ct, place)
            for label, v, ct, place in zip(labels, values, cotangents, places, strict=True)
        ]


_HEAD = ("name", "type", "value", "cotangent", "where")


def flatten_with_gaps(tree: Any, like: Any) -> list[Any]:
    """The leaves of ``tree``, None where it has none in the place of a leaf of ``like``."""
    return cast("list[Any]", flatten(like)[1].flatten_up_to(tree))


def _place(point: Point) -> str:
    assert point.source is not None
    return point.source.short


def kind_of(x: Any) -> str:
    """The type of an array, the class of anything else."""
    return str(type_of(x)) if is_traced(x) else type(x).__name__


def _cell(x: Any) -> str:
    if x is None:
        return ""
    return array_text(x) if is_traced(x) else repr(x)[:40]
