"""The two styles: Unicode text for terminals, and LaTeX that KaTeX and MathJax know.

Numbers are shown to six digits: expressions are read, computing uses the graph.
"""

from __future__ import annotations

import math
import unicodedata
from typing import Any, final

import numpy as np

from chainrule.insight.notation.expression import Constant, Symbol
from chainrule.insight.notation.writing import Kind, Level, Piece, Style

SUBSCRIPTS = str.maketrans("0123456789+-,", "₀₁₂₃₄₅₆₇₈₉₊₋,")
SUPERSCRIPTS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")

MULTIPLES_OF_PI = {math.pi: "", 2 * math.pi: "2", math.pi / 2: "/2", -math.pi: "-"}


def digits(value: float) -> str:
    """A real number to six digits, whole numbers without a point: 2, 0.5, 1e-08."""
    if value == int(value) and abs(value) < 1e7:
        return str(int(value))
    exact = repr(float(value))
    return exact if len(exact) <= 8 else f"{value:.6g}"


def _plain(value: Any) -> bool | int | float | complex:
    return np.asarray(value).item()


@final
class TextStyle(Style):
    """Unicode: ``σ(z) ⊙ (1 - σ(z))``."""

    kind: Kind = "text"

    def symbol(self, symbol: Symbol) -> Piece:
        """A variable."""
        return Piece(symbol.text)

    def number(self, value: Any) -> Piece:
        """A number to six digits."""
        number = _plain(value)
        if isinstance(number, bool):
            return Piece("true" if number else "false")
        if isinstance(number, complex):
            return Piece(f"({digits(number.real)}{number.imag:+.6g}i)")
        if math.isnan(number):
            return Piece("nan")
        if number in MULTIPLES_OF_PI:
            before = MULTIPLES_OF_PI[number]
            level = {"/2": Level.PRODUCT, "-": Level.SIGN}.get(before, Level.ATOM)
            return Piece(f"π{before}" if before == "/2" else f"{before}π", level)
        string = f"{number:+}"[0].replace("+", "") + (
            "∞" if math.isinf(number) else digits(abs(number))
        )
        return Piece(string, Level.SIGN if string.startswith("-") else Level.ATOM)

    def array(self, constant: Constant, index: int) -> Piece:
        """K₁: the name of an array."""
        return Piece(f"K{str(index).translate(SUBSCRIPTS)}")

    def in_parentheses(self, string: str) -> str:
        """(string)"""
        return f"({string})"

    def name(self, name: str) -> str:
        """A function's name that has no symbol."""
        return name


@final
class LatexStyle(Style):
    """LaTeX: ``\\sigma(z) \\odot (1 - \\sigma(z))``."""

    kind: Kind = "latex"

    def symbol(self, symbol: Symbol) -> Piece:
        """A variable."""
        return Piece(symbol.latex)

    def number(self, value: Any) -> Piece:
        """A number to six digits."""
        number = _plain(value)
        if isinstance(number, bool):
            return Piece(rf"\mathrm{{{str(number).lower()}}}")
        if isinstance(number, complex):
            return Piece(f"({digits(number.real)}{number.imag:+.6g}i)")
        if math.isnan(number):
            return Piece(r"\mathrm{NaN}")
        sign = "-" if math.copysign(1.0, number) < 0 else ""
        string, level = self._magnitude(abs(number))
        return Piece(sign + string, Level.SIGN if sign else level)

    def _magnitude(self, number: float) -> tuple[str, Level]:
        if math.isinf(number):
            return r"\infty", Level.ATOM
        if number in MULTIPLES_OF_PI:
            before = MULTIPLES_OF_PI[number]
            string = r"\frac{\pi}{2}" if before == "/2" else rf"{before}\pi"
            return string, Level.POWER if before else Level.ATOM
        if number == 0.5:
            return r"\frac{1}{2}", Level.POWER
        mantissa, _, exponent = digits(number).partition("e")
        if not exponent:
            return mantissa, Level.ATOM
        power = f"10^{{{int(exponent)}}}"
        if mantissa == "1":
            return power, Level.POWER
        return rf"{mantissa} \cdot {power}", Level.PRODUCT

    def array(self, constant: Constant, index: int) -> Piece:
        """K₁: the name of an array."""
        return Piece(f"K_{{{index}}}")

    def in_parentheses(self, string: str) -> str:
        """(string)"""
        if any(tall in string for tall in (r"\frac", r"\sum", r"\prod", r"\begin", r"\sqrt")):
            return rf"\left({string}\right)"
        return f"({string})"

    def name(self, name: str) -> str:
        """A function's name that has no symbol."""
        return rf"\operatorname{{{escaped(name)}}}"


def escaped(name: str) -> str:
    """A plain word for LaTeX."""
    return "".join(c if c.isascii() and (c.isalnum() or c in " .,-") else "\\_" for c in name)


def width(string: str) -> int:
    """Columns that a string takes in a terminal: marks above a letter take none."""
    return sum(1 for c in string if not unicodedata.combining(c))
