"""The number of one node in a sweep, as a sum over edges: by name, by rule, and in numbers.

``b̄ = c̄ · ∂c/∂b + d̄ · ∂d/∂b = c̄ + d̄ = 2 + 3 = 5``
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import ArrayType, Var
from chainrule.drawing.short import number, short
from chainrule.insight.notation.expression import Apply, Expression, Symbol
from chainrule.insight.notation.latex import latex
from chainrule.insight.notation.live import live
from chainrule.insight.notation.text import text

Array = Any
MANY = 8  # terms of a sum that is written out


@dataclass(frozen=True, eq=False)
class Term:
    """What one edge gives to a sum.

    Attributes:
        edges: as the general chain rule has it: ``c̄ · ∂c/∂b``, for each result of the operation.
        rule: with the derivative that the primitive's rule says; of the shape of the sum, or None
            where it is added to a part of it.
        value: its number.
    """

    edges: tuple[Expression, ...]
    rule: Expression | None
    value: Array


@dataclass(frozen=True, eq=False)
class Sum:
    """A tangent or cotangent: what it is the sum of, and its number.

    Attributes:
        variable: whose it is.
        name: its symbol, such as ȧ or ā.
        kind: "start" where a sweep starts, "other" at an input that it does not start from,
            "none" where no edge comes in, else "sum".
        value: its number.
        terms: one for each edge.
        numbers: the numbers of all symbols in the terms, by their text.
    """

    variable: Var
    name: Symbol
    kind: str
    value: Array
    terms: tuple[Term, ...] = ()
    numbers: Mapping[str, Array] = field(default_factory=dict[str, Array])

    @cached_property
    def text(self) -> tuple[str, ...]:
        """What stands between the signs of equality."""
        return self._sides(text, short)

    @cached_property
    def latex(self) -> tuple[str, ...]:
        """The same as LaTeX."""
        return self._sides(latex, lambda x: rf"\text{{{short(x)}}}" if np.ndim(x) else _power(x))

    def __str__(self) -> str:
        return " = ".join(self.text)

    __repr__ = __str__

    def _sides(
        self, write: Callable[[Expression], str], write_number: Callable[[Array], str]
    ) -> tuple[str, ...]:
        sides = [write(self.name)]
        if 0 < len(self.terms) <= MANY:
            sides += list(self._written(write))
        sides.append(write_number(self.value))
        return tuple(dict.fromkeys(sides))

    def _written(self, write: Callable[[Expression], str]) -> Iterator[str]:
        """The sum by edges, by rules, and with numbers in place of symbols."""
        edges = list({text(edge): edge for term in self.terms for edge in term.edges}.values())
        yield write(self._added(edges))
        rules = [term.rule for term in self.terms if term.rule is not None]
        if len(rules) < len(self.terms):
            return
        whole = self._added(rules)
        try:
            with_numbers = live(whole, self.numbers, ()) if self._is_of_real_numbers else None
            yield write(whole)
        except ArgumentError:  # a rule that is only named, or too long to be read
            return
        if with_numbers is not None:
            yield write(with_numbers)

    @property
    def _is_of_real_numbers(self) -> bool:
        """Whether it can be written with numbers: it is a single one, and none is complex."""
        is_single = not self.variable.type.shape
        return is_single and all(np.asarray(x).dtype.kind != "c" for x in self.numbers.values())

    def _added(self, terms: Sequence[Expression]) -> Expression:
        return reduce(lambda x, y: Apply("add", (x, y), self.variable.type), terms)


def _power(x: Array) -> str:
    """A number in LaTeX: 1.2e-05 is a product with a power of ten."""
    mantissa, e, exponent = number(x).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa


def edge_of(result: Symbol, operand: Symbol, direction: Symbol, *, back: bool) -> Expression:
    """One edge by the general chain rule, ``∂c/∂b · ḃ``, or, ``back``, ``c̄ · ∂c/∂b``.

    The derivative of arrays is a matrix: ``∂c/∂b ḃ``, and ``(∂c/∂b)ᵀ c̄``.
    """
    shapes = result.type.shape, operand.type.shape
    plain = shapes == ((), ())
    name = f"∂{result.text}/∂{operand.text}"
    tex = rf"\frac{{\partial {result.latex}}}{{\partial {operand.latex}}}"
    to = operand.type if back else result.type
    if plain:
        ratio = Symbol(name, tex, to)
        return Apply("mul", (direction, ratio) if back else (ratio, direction), to)
    if back:
        name, tex = f"({name})ᵀ", rf"\left({tex}\right)^{{\top}}"
    return Apply("matmul", (Symbol(name, tex, ArrayType((1, 1), to.dtype)), direction), to)
