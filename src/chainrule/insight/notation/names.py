"""Names: the symbol that stands for a variable of the user's program."""

from __future__ import annotations

import re
import unicodedata

from chainrule.core.graph import ArrayType
from chainrule.insight.notation.expression import Symbol
from chainrule.insight.notation.styles import SUBSCRIPTS, escaped

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_DIGITS = {subscript: chr(digit) for digit, subscript in SUBSCRIPTS.items()}
_MACRON, _DOT = "\u0304", "\u0307"


def symbol(name: str, type: ArrayType) -> Symbol:
    """The symbol of a Python name: ``W1`` is W_{1} and ``eta`` η in LaTeX; text keeps the name.

    >>> symbol("W1", ArrayType((), "float64")).latex, symbol("eta", ArrayType((), "float64")).latex
    ('W_{1}', '\\\\eta')
    """
    return Symbol(name, latex_name(name), type)


def latex_name(name: str) -> str:
    """A Python name, or a place in a container (``p['W'][0]``), as LaTeX."""
    parts = re.fullmatch(r"([A-Za-z]+?)_?(\d*)", name)
    if parts is None:
        base = re.fullmatch(r"([A-Za-z]+)_([A-Za-z0-9]+)", name)
        if base is None:
            return rf"\mathtt{{{_typed(name)}}}"
        return f"{_word(base[1])}_{{{_word(base[2])}}}"
    return f"{_word(parts[1])}_{{{parts[2]}}}" if parts[2] else _word(parts[1])


def _typed(name: str) -> str:
    return "".join("\\_" if c == "_" else c for c in name if c.isascii() and c not in "{}\\^$&#%~")


def _word(word: str) -> str:
    if word in _GREEK:
        return f"\\{word}"
    return word if len(word) == 1 or word.isdigit() else rf"\mathit{{{escaped(word)}}}"


def numbered(name: str, number: int, type: ArrayType) -> Symbol:
    """The symbol of the ``number`` th value that a name has had: x₂."""
    index = str(number)
    text = name + index.translate(SUBSCRIPTS)
    plain = latex_name(name)
    if "_" in plain or plain.startswith("\\mathtt"):
        return Symbol(text, f"{plain}^{{({index})}}", type)
    return Symbol(text, f"{plain}_{{{index}}}", type)


def symbol_of_text(text: str, type: ArrayType) -> Symbol:
    """The symbol of a name as pictures write it: ``x₂`` is the second value of x.

    >>> symbol_of_text("x₂", ArrayType((), "float64"))
    Symbol(text='x₂', latex='x_{2}', type=float64)
    """
    base = text.rstrip("₀₁₂₃₄₅₆₇₈₉")
    if base == text or not base:
        return symbol(text, type)
    return numbered(base, int(text[len(base) :].translate(_DIGITS)), type)


def cotangent(of: Symbol) -> Symbol:
    """The symbol of the derivative of the output in a variable: x̄.

    >>> cotangent(symbol("x", ArrayType((), "float64"))).latex
    '\\\\bar{x}'
    """
    return _accented(of, _MACRON, "bar", "overline")


def tangent(of: Symbol) -> Symbol:
    """The symbol of the derivative of a variable in what a forward sweep started from: ẋ.

    >>> tangent(symbol("x1", ArrayType((), "float64"))).latex
    '\\\\dot{x}_{1}'
    """
    return _accented(of, _DOT, "dot", "dot")


def _accented(of: Symbol, mark: str, short: str, long: str) -> Symbol:
    """A symbol with a mark above its first letter, in LaTeX above its name."""
    text = unicodedata.normalize("NFC", of.text[:1] + mark) + of.text[1:]
    base, found, index = of.latex.partition("_{")
    if found and len(base) == 1:
        return Symbol(text, rf"\{short}{{{base}}}_{{{index}", of.type)
    over = short if len(of.latex) == 1 or of.latex[1:] in _GREEK else long
    return Symbol(text, rf"\{over}{{{of.latex}}}", of.type)
