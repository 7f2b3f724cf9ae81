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
_MACRON = "\u0304"


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


def cotangent(of: Symbol) -> Symbol:
    """The symbol of the derivative of the output in a variable: x̄.

    >>> cotangent(symbol("x", ArrayType((), "float64"))).latex
    '\\\\bar{x}'
    """
    text = unicodedata.normalize("NFC", of.text[:1] + _MACRON) + of.text[1:]
    base, mark, index = of.latex.partition("_{")
    if mark and len(base) == 1:
        return Symbol(text, rf"\bar{{{base}}}_{{{index}", of.type)
    over = "bar" if len(of.latex) == 1 or of.latex[1:] in _GREEK else "overline"
    return Symbol(text, rf"\{over}{{{of.latex}}}", of.type)
