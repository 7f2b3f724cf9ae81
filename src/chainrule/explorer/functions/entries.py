"""Inputs and outputs of a graph number by number: a sweep starts from one of them.

They are counted through, entry by entry, argument by argument, so that the page can name one by a
whole number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Literal, Var
from chainrule.insight.local import Point, entry_text
from chainrule.insight.notation.expression import Symbol

Plain = Any


class Entries:
    """The numbers of some variables, counted through.

    >>> from chainrule.explorer.subjects import ESSAY
    >>> from chainrule.explorer.functions.traced import Traced
    >>> traced = Traced(ESSAY)
    >>> entries = Entries(traced.graph.inputs, traced.symbols, "input")
    >>> len(entries), entries.text(1)
    (2, 'b')
    """

    def __init__(
        self,
        variables: Sequence[Var | Literal],
        symbols: Mapping[Var | Literal, Symbol],
        what: str,
    ) -> None:
        real = [v for v in variables if isinstance(v, Var) and v.type.dtype.kind == "f"]
        self.variables = list(dict.fromkeys(real))
        self._symbols, self._what = symbols, what

    def __len__(self) -> int:
        return sum(v.type.size for v in self.variables)

    def point(self, number: int) -> Point:
        """The number that stands at a place.

        Raises:
            ArgumentError: there are fewer.
        """
        rest = number
        for v in self.variables:
            if 0 <= rest < v.type.size:
                return Point(v, rest)
            rest -= v.type.size
        if not len(self):
            raise ArgumentError(
                f"the function has no {self._what} that is a real number and can be differentiated"
            )
        several = "is 1" if len(self) == 1 else f"are {len(self):,}"
        raise ArgumentError(
            f"there {several} {self._what}{'' if len(self) == 1 else 's'} of real numbers, counted"
            f" from 0; not {number}"
        )

    def number(self, point: Point) -> int:
        """The place of a number."""
        before = self.variables[: self.variables.index(point.variable)]
        return sum(v.type.size for v in before) + point.entry

    def text(self, number: int) -> str:
        """What it is called: ``x[2]``."""
        point = self.point(number)
        return self._symbols[point.variable].text + entry_text(point.variable, point.entry)

    def plain(self) -> list[Plain]:
        """The variables, each with its size and the number of its first entry."""
        found: list[Plain] = []
        first = 0
        for v in self.variables:
            name = self._symbols[v].text
            found.append({"name": name, "size": v.type.size, "shape": v.type.shape, "first": first})
            first += v.type.size
        return found
