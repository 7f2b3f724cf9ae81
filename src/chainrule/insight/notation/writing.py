"""Writing an expression down: the walk, levels of precedence, and where parentheses are needed.

An expression is written from its leaves up. Each part becomes a :class:`Piece`, a string that knows
how tightly it is bound; a form of the table ``symbols.py`` puts the pieces of the operands into its
pattern and asks for parentheses where one is bound less tightly than its place needs. The two
styles, text and LaTeX, share the walk, the levels and the table.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.insight.notation.expression import Apply, Constant, Expression, Symbol

LARGEST = 20_000  # parts of an expression that is still written out in one piece

Kind = Literal["text", "latex"]


class Level(IntEnum):
    """How tightly a piece is bound; a higher level needs parentheses in fewer places."""

    CHOICE = 0  # a if c else b
    OR = 1
    AND = 2
    NOT = 3
    COMPARE = 4
    BITS = 5
    SUM = 6
    SIGN = 7  # -x, and a product that begins with it
    PRODUCT = 8
    MATRIX = 9  # matrix products, written side by side
    POWER = 10  # x², Aᵀ, √x
    ATOM = 11


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an expression as it is written.

    ``open_right``: what follows would be read as part of it, as after a sum sign.
    """

    string: str
    level: Level = Level.ATOM
    open_right: bool = False


class Style(ABC):
    """What text and LaTeX do differently, apart from the table of symbols."""

    kind: Kind

    @abstractmethod
    def symbol(self, symbol: Symbol) -> Piece:
        """A variable."""

    @abstractmethod
    def number(self, value: Any) -> Piece:
        """A single number or truth value."""

    @abstractmethod
    def array(self, constant: Constant, index: int) -> Piece:
        """The name of an array that stands in the graph, the ``index`` th of the expression."""

    @abstractmethod
    def in_parentheses(self, string: str) -> str:
        """The string between parentheses that are large enough."""

    @abstractmethod
    def name(self, name: str) -> str:
        """A function's name that has no symbol."""


class Writer:
    """One walk over one expression in one style."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.kind: Kind = style.kind
        self._pieces: dict[int, Piece] = {}
        self._arrays = 0

    def write(self, expression: Expression, form_of: Callable[[str], Form]) -> Piece:
        """The piece of an expression; ``form_of`` finds a primitive's form by its name."""
        for x in _leaves_first(expression):
            self._pieces[id(x)] = self._piece(x, form_of)
        return self._pieces[id(expression)]

    def _piece(self, x: Expression, form_of: Callable[[str], Form]) -> Piece:
        if isinstance(x, Symbol):
            return self.style.symbol(x)
        if isinstance(x, Constant):
            if np.ndim(x.value) == 0:
                return self.style.number(x.value)
            self._arrays += 1
            return self.style.array(x, self._arrays)
        return form_of(x.primitive)(x, self)

    def piece(self, x: Expression) -> Piece:
        """An operand, or a part of one, as it was written."""
        return self._pieces[id(x)]

    def at(self, x: Expression | Piece, level: Level, *, followed: bool = False) -> str:
        """An operand for a place that needs ``level``; ``followed`` by more of the same."""
        piece = x if isinstance(x, Piece) else self.piece(x)
        if piece.level < level or (followed and piece.open_right):
            return self.style.in_parentheses(piece.string)
        return piece.string

    def call(self, name: str, *arguments: str) -> Piece:
        """``name(a, b)``, the name as it is to be written."""
        return Piece(name + self.style.in_parentheses(", ".join(arguments)))


Form = Callable[[Apply, Writer], Piece]


def parts_of(expression: Expression) -> int:
    """How many parts an expression has when it is written out; shared ones count each time."""
    return _sized(expression)[1]


def _leaves_first(expression: Expression) -> list[Expression]:
    """All parts, operands before what they are operands of; refuses what nobody could read."""
    order, size = _sized(expression)
    if size > LARGEST:
        raise ArgumentError(
            f"the expression has {size:,} parts when it is written out; write its graph with"
            " expression_of, which gives shared parts a name"
        )
    return order


def _sized(expression: Expression) -> tuple[list[Expression], int]:
    order: list[Expression] = []
    sizes: dict[int, int] = {}
    stack: list[tuple[Expression, bool]] = [(expression, False)]
    while stack:
        x, operands_done = stack.pop()
        if id(x) in sizes:
            continue
        operands = x.operands if isinstance(x, Apply) else ()
        if operands_done or not operands:
            sizes[id(x)] = 1 + sum(sizes[id(o)] for o in operands)
            order.append(x)
        else:
            stack.append((x, True))
            stack.extend((o, False) for o in reversed(operands))
    return order, sizes[id(expression)]
