"""The parts of a function's derivation, as plain data: equations, lines, sums of cotangents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chainrule.core.graph import Source
from chainrule.insight.derivations.edges import Contribution
from chainrule.insight.notation.expression import Expression, Symbol
from chainrule.insight.notation.names import cotangent

Array = Any


@dataclass(frozen=True, eq=False)
class Step:
    """An equation of the graph: ``c = a + b``, and what it gives back in the reverse sweep.

    Attributes:
        left: the symbols of its results.
        right: what each is equal to.
        values: their numbers.
        contributions: one for each operand with a cotangent.
        body: rows of the graph that the equation holds, of one turn of a loop or of the branch
            that is taken; their numbers are those of the first turn.
        title: what the body is: "c, y = body(c, x)".
    """

    left: tuple[Symbol, ...]
    right: tuple[Expression, ...]
    values: tuple[Array, ...]
    contributions: tuple[Contribution, ...]
    body: tuple[Row, ...] = ()
    title: str = ""


@dataclass(frozen=True, eq=False)
class Row:
    """A line of the source and its equations.

    Attributes:
        source: the line, "" where it is not known.
        place: its file and number.
        steps: its equations, in the order in which they ran.
        left_out: equations of it that are not shown.
    """

    source: str
    place: Source | None
    steps: tuple[Step, ...]
    left_out: int = 0


@dataclass(frozen=True, eq=False)
class CotangentSum:
    """A cotangent of the reverse sweep: the sum of the contributions of all uses of a variable.

    Attributes:
        of: the symbol of the variable.
        terms: the contributions, in the order in which they come in.
        hidden: how many more there are, of equations that are not shown.
        value: its number.
        is_input: whether it is the derivative in an argument.
    """

    of: Symbol
    terms: tuple[Contribution, ...]
    hidden: int
    value: Array
    is_input: bool

    @property
    def left(self) -> Symbol:
        """The symbol of the cotangent."""
        return cotangent(self.of)
