"""What a derivation is: lines, each an equation with its reason and the check that it passed.

Expressions are printed by ``insight/notation``; derivations are made by ``network.py`` and
``function.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from chainrule.insight.notation.expression import Expression
from chainrule.insight.notation.latex import latex
from chainrule.insight.notation.styles import width
from chainrule.insight.notation.text import text

WIDEST = 56  # columns of an equation that has its reason beside it, not below


@dataclass(frozen=True)
class Line:
    """One equation of a derivation.

    Attributes:
        left: what is given a value, and
        right: what it is equal to.
        reason: why, in a few words without symbols ("chain rule").
        error: largest relative error between both sides at the points where they were evaluated.
        against: what the number on the left was, independent of the derivation.
        where: for which layers it holds ("l = 1, ..., L-1"), "" for a line without an index.
        section: the heading that it stands under.
        source: the user's line that it comes from, "" if there is none.
        assumptions: conditions under which it holds, each an expression that is true or false.
        layers: the numbers of the layers that it holds for.
    """

    left: Expression
    right: Expression
    reason: str
    error: float
    against: str
    where: str = ""
    section: str = ""
    source: str = ""
    assumptions: tuple[Expression, ...] = ()
    layers: tuple[int, ...] = ()

    def __str__(self) -> str:
        return f"{text(self.left)} = {text(self.right)}"

    __repr__ = __str__

    def latex(self) -> str:
        """The equation, with ``&`` before its equals sign, for an aligned environment."""
        return f"{latex(self.left)} &= {latex(self.right)}"


@dataclass(frozen=True)
class Derivation:
    """Lines that lead from a graph to its derivative.

    ``str()`` is the text form, :meth:`latex` one aligned environment, which is also what a notebook
    shows. Iterating gives the :class:`Line` s.
    """

    title: str
    lines: tuple[Line, ...]

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def error(self) -> float:
        """The largest relative error of all lines."""
        return max((line.error for line in self.lines), default=0.0)

    def __str__(self) -> str:
        parts = [self.title]
        told: set[str] = set()
        for section, group in groupby(self.lines, key=lambda line: line.section):
            parts += ["", *([section] if section else []), *_rows(list(group), told)]
        against = " and ".join(dict.fromkeys(line.against for line in self.lines))
        parts += [
            "",
            "Each line was checked by numbers before it was shown, against",
            f"{against}.",
        ]
        parts.append(f"The last column is its relative error; the largest is {_error(self.error)}.")
        return "\n".join(parts)

    __repr__ = __str__

    def latex(self) -> str:
        """All lines as one aligned environment, with headings and reasons."""
        rows = [_heading(self.title)]
        told: set[str] = set()
        for section, group in groupby(self.lines, key=lambda line: line.section):
            if section:
                rows.append(_heading(section))
            before: Line | None = None
            for line in group:
                equation = line.latex()
                if before is not None and (before.left, before.where) == (line.left, line.where):
                    equation = equation[equation.index("&=") :]
                rows.append(equation + _remarks(line, told))
                before = line
        checked = f"Each line was checked by numbers; largest relative error {_error(self.error)}."
        rows.append(rf"&\rlap{{\text{{{_escaped(checked)}}}}}")
        return "\\begin{aligned}\n" + " \\\\[3pt]\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"


def _rows(lines: list[Line], told: set[str]) -> list[str]:
    """Lines in columns: equation, layers, reason, error."""
    cells: list[tuple[str, str, str, str]] = []
    before: Line | None = None
    for line in lines:
        shown = str(line)
        if before is not None and (before.left, before.where) == (line.left, line.where):
            indent = width(text(line.left))
            shown = " " * indent + shown[len(text(line.left)) :]
        reason = line.reason
        new = _untold(line, told)
        if new:
            reason += "; where " + ", ".join(map(text, new))
        if line.source:
            reason += f"  # {line.source}"
        cells.append((shown, line.where, reason, _error(line.error)))
        before = line
    widths = [
        max((width(c[i]) for c in cells if i or width(c[0]) <= WIDEST), default=0)
        for i in (0, 1, 2)
    ]
    rows: list[str] = []
    for equation, where, reason, error in cells:
        first = _padded(equation, widths[0])
        if width(equation) > WIDEST:
            rows.append(f"  {equation}")
            first = " " * widths[0]
        middle = f"  {where:<{widths[1]}}" if widths[1] else ""
        rows.append(f"  {first}{middle}  {_padded(reason, widths[2])}  {error:>7}")
    return rows


def _untold(line: Line, told: set[str]) -> list[Expression]:
    """Assumptions that no line above has."""
    new = [x for x in line.assumptions if text(x) not in told]
    told.update(map(text, new))
    return new


def _padded(string: str, columns: int) -> str:
    return string + " " * (columns - width(string))


def _error(error: float) -> str:
    return f"{error:.0e}" if error else "0"


def _heading(string: str) -> str:
    return rf"&\rlap{{\textbf{{{_escaped(string)}}}}}"  # it makes no column wider


def _remarks(line: Line, told: set[str]) -> str:
    """The layers and the reason as two more columns."""
    where = line.where.replace("...", r"\dots")
    reason = _escaped(line.reason)
    new = _untold(line, told)
    if new:
        conditions = r",\ ".join(map(latex, new))
        return rf" && {where} && \text{{{reason}; where }} {conditions}"
    return rf" && {where} && \text{{{reason}}}"


_SPECIAL = {c: rf"\{c}" for c in "&%$#_{}"} | {"^": r"\^{}", "~": r"\~{}", "→": "to", "\\": "/"}


def _escaped(string: str) -> str:
    return "".join(_SPECIAL.get(c, c) for c in string)
