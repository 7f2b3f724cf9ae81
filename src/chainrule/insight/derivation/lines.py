"""What a derivation is: lines, each an equation with the reason for it and the check that it passed.

Printed with ``insight/notation``; made by ``network.py`` and ``function.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chainrule.insight.notation.expression import Expression
from chainrule.insight.notation.latex import latex
from chainrule.insight.notation.text import text


@dataclass(frozen=True)
class Line:
    """One equation of a derivation.

    Attributes:
        left: what is given a value, and
        right: what it is equal to.
        reason: why, in a few words ("chain rule").
        error: largest relative error between both sides at the points where they were evaluated.
        against: what the number on the left was, independent of the derivation.
        where: for which layers it holds ("l = 1, ..., L-1"), "" for a line without an index.
        section: the heading that it stands under.
        source: the user's line that it comes from, "" if there is none.
    """

    left: Expression
    right: Expression
    reason: str
    error: float
    against: str
    where: str = ""
    section: str = ""
    source: str = ""

    def __str__(self) -> str:
        return f"{text(self.left)} = {text(self.right)}"

    def latex(self) -> str:
        """The equation, with ``&`` before its equals sign, for an aligned environment."""
        return f"{latex(self.left)} &= {latex(self.right)}"


@dataclass(frozen=True)
class Derivation:
    """Lines that lead from a graph to its derivative.

    ``str()`` is the text form, :meth:`latex` an aligned environment for each section, which is also
    what a notebook shows. Iterating gives the :class:`Line` s.
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
