"""Forms: the ways in which a primitive is written, from which ``symbols.py`` makes its table.

A pattern has ``#1``, ``#2`` in the places of the operands, as a macro of TeX has, and says for each
place how tightly bound an operand must be to stand there without parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule.core.graph import Graph
from chainrule.insight.notation.expression import Apply, Expression
from chainrule.insight.notation.styles import SUBSCRIPTS
from chainrule.insight.notation.writing import Form, Level, Piece, Writer


@dataclass(frozen=True)
class Pattern:
    """``#1 + #2``, how tightly the whole is bound, and what its places need."""

    pattern: str
    level: Level = Level.ATOM
    places: tuple[Level, ...] = ()
    open_right: bool = False

    def fill(self, operands: Sequence[Expression], writer: Writer) -> Piece:
        """The pattern with operands in its places."""

        def place(match: re.Match[str]) -> str:
            i = int(match.group(1)) - 1
            needed = self.places[i] if i < len(self.places) else Level.CHOICE
            return writer.at(operands[i], needed, followed=match.end() < len(self.pattern))

        return Piece(re.sub(r"#(\d)", place, self.pattern), self.level, self.open_right)


def form(text: Pattern, latex: Pattern) -> Form:
    """A form by two patterns."""

    def write(x: Apply, writer: Writer) -> Piece:
        return (text if writer.kind == "text" else latex).fill(x.operands, writer)

    return write


def patterns(
    text: str, latex: str, level: Level = Level.ATOM, places: tuple[Level, ...] = ()
) -> Form:
    """A form whose two patterns are bound equally tightly."""
    return form(Pattern(text, level, places), Pattern(latex, level, places))


def infix(text: str, latex: str, level: Level) -> Form:
    """``x < y``: an operator between operands that are bound more tightly."""
    tighter = Level(level + 1)
    return patterns(f"#1 {text} #2", rf"#1 {latex} #2", level, (tighter, tighter))


def chain(text: str, latex: str, level: Level) -> Form:
    """``p ∧ q ∧ r``: an operator that is associative."""
    return patterns(f"#1 {text} #2", rf"#1 {latex} #2", level, (level, level))


def prefix(text: str, latex: str, level: Level, needed: Level) -> Form:
    """``¬p``: an operator before its operand."""
    return patterns(f"{text}#1", rf"{latex} #1", level, (needed,))


def between(text: tuple[str, str], latex: tuple[str, str]) -> Form:
    """``|x|``: a pair of marks around the operand."""
    return patterns(f"{text[0]}#1{text[1]}", f"{latex[0]}#1{latex[1]}")


def function(text: str, latex: str) -> Form:
    """``sin(x)``: a function with a symbol of its own, of any number of arguments."""

    def write(x: Apply, writer: Writer) -> Piece:
        arguments = [writer.at(o, Level.CHOICE) for o in x.operands]
        return writer.call(text if writer.kind == "text" else latex, *arguments)

    return write


def named(name: str) -> Form:
    r"""``tanh(x)``, ``\operatorname{name}``: a function whose symbol is its name."""

    def write(x: Apply, writer: Writer) -> Piece:
        arguments = [writer.at(o, Level.CHOICE) for o in x.operands]
        return writer.call(writer.style.name(name), *arguments)

    return write


def over_axes(text: str, latex: str) -> Form:
    """``max₀(x)``: a reduction; the axes stand as indices unless all are reduced."""

    def write(x: Apply, writer: Writer) -> Piece:
        argument = writer.at(x.operands[0], Level.CHOICE)
        symbol = text if writer.kind == "text" else latex
        return writer.call(symbol + axes_of(x, writer), argument)

    return write


def axes_of(x: Apply, writer: Writer) -> str:
    """The axes of a reduction as indices; "" where nothing is left of the array."""
    given = x.params.get("axes", (x.params["axis"],) if "axis" in x.params else ())
    axes = ",".join(str(a) for a in cast("tuple[int, ...]", given))
    if not axes or (x.type.shape == () and x.params.get("axis", 0) == 0):
        return ""
    return axes.translate(SUBSCRIPTS) if writer.kind == "text" else f"_{{{axes}}}"


def several(name: str, *results: str) -> Form:
    """``qr(A).Q``: one of the results of a function that has several."""

    def write(x: Apply, writer: Writer) -> Piece:
        called, result = default(name)(x, writer), results[x.result]
        shown = result if writer.kind == "text" else rf"\mathrm{{{result}}}"
        return Piece(f"{called.string}.{shown}")

    return write


def indexed(text: str, latex: str, *params: str) -> Form:
    """``j₂(x)``: a function with whole numbers among its parameters, written as indices."""

    def write(x: Apply, writer: Writer) -> Piece:
        numbers = ",".join(str(x.params[name]) for name in params)
        if writer.kind == "text":
            symbol = text + numbers.translate(SUBSCRIPTS)
        else:
            symbol = f"{latex}_{{{numbers}}}"
        return writer.call(symbol, *(writer.at(o, Level.CHOICE) for o in x.operands))

    return write


def default(name: str) -> Form:
    """``name(a, b, axis=1)``: a call with the parameters that matter."""

    def write(x: Apply, writer: Writer) -> Piece:
        arguments = [writer.at(o, Level.CHOICE) for o in x.operands]
        arguments += [*_parameters(x.params, writer)]
        return writer.call(writer.style.name(name), *arguments)

    return write


def _parameters(params: Mapping[str, Any], writer: Writer) -> list[str]:
    shown: list[str] = []
    for name, value in params.items():
        if isinstance(value, Graph):
            continue
        written = param(value)
        if written:
            plain = f"{name}={written}"
            shown.append(plain if writer.kind == "text" else latex_words(plain))
    return shown


def param(value: Any) -> str:
    """A parameter of a primitive as Python would write it; "" for what has no short form."""
    if isinstance(value, tuple):
        parts = [param(v) for v in cast("tuple[Any, ...]", value)]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if isinstance(value, np.dtype):
        return str(cast("np.dtype[Any]", value))
    if isinstance(value, float):
        return f"{value:.6g}"
    if value is None or isinstance(value, (bool, int, str)):
        return str(value)
    return ""


def latex_words(string: str) -> str:
    """Program text in a formula."""
    return rf"\texttt{{{string.replace('_', chr(92) + '_')}}}"
