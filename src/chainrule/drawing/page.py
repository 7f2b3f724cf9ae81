"""A graph as HTML in which groups unfold: one piece that needs no network and no library.

The picture of the whole comes first, its groups folded. Below it each group has its own picture in
a ``<details>``, those of its groups inside of it again; a box of a group is a button that opens and
closes it. Equal blocks have one picture, and a field that says of which block the numbers are. So
nothing has to be laid out by the reader's browser, and without scripts, or read aloud, all of it is
still there.

Rests on ``folding.py`` for what is in a picture, ``stepping.py`` for numbers of blocks, ``svg.py``.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from html import escape
from typing import Any

from chainrule.drawing.folding import Insides, folded, titled
from chainrule.drawing.page_script import SCRIPT, STYLE
from chainrule.drawing.stepping import Numbers, steps_of
from chainrule.drawing.svg import svg
from chainrule.drawing.theme import style
from chainrule.drawing.view import Group, View

_INFINITE = 1e300  # JSON has no infinity


def html(view: View, *, direction: str = "down", theme: str = "auto") -> str:
    """A view as a fragment of HTML, for a notebook or to stand in a page.

    Args:
        view: what to draw, all of it.
        direction: where data flows to, "down" or "right".
        theme: "light" or "dark", or "auto": as the reader's system is set.

    Raises:
        ArgumentError: an unknown direction or theme.

    >>> import chainrule as cr
    >>> from chainrule.drawing.of_graph import view_of
    >>> text = html(view_of(cr.trace(lambda a, b: (a + b) * (b + 1))(2.0, 1.0)))
    >>> text.startswith('<div class="cr-page'), text.count("<svg")
    (True, 1)
    """
    return "\n".join(_Page(view, direction, theme).lines()) + "\n"


def document(view: View, *, direction: str = "down", theme: str = "auto") -> str:
    """A view as a whole HTML file; arguments as of :func:`html`."""
    title = escape(view.title or "Computational graph")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>html{{color-scheme:light dark}}body{{margin:16px}}</style>"
        f"\n</head>\n<body>\n{html(view, direction=direction, theme=theme)}</body>\n</html>\n"
    )


class _Page:
    """One page; ``name`` makes its ids different from those of any other in the same document."""

    def __init__(self, view: View, direction: str, theme: str) -> None:
        self._view, self._direction, self._theme = view, direction, theme
        self._insides = Insides(view)
        self._groups = {group.key: group for group in view.groups}
        self._name = f"cr-{secrets.token_hex(4)}"
        self._numbers = {key: n for n, key in enumerate(self._groups)}

    def lines(self) -> Iterator[str]:
        """The page."""
        yield f'<div class="cr-page cr-{self._theme}" id="{self._name}">'
        yield f"<style>{style(self._theme)}\n{STYLE}</style>"
        yield from self._head()
        yield self._picture(folded(self._view), "")
        for key in self._insides.children(""):
            yield from self._details(self._groups[key])
        if self._groups:
            yield f"<script>{SCRIPT.replace('NAME', self._name)}</script>"
        yield "</div>"

    def _head(self) -> Iterator[str]:
        operations = sum(node.kind == "operation" for node in self._view.nodes)
        title = escape(self._view.title or "Computational graph")
        yield f'<div class="cr-bar"><strong>{title}</strong>'
        yield f"<span>{operations:,} operation{'s' if operations != 1 else ''}</span>"
        if self._groups:
            yield '<button type="button" data-all="open" hidden>Unfold all</button>'
            yield '<button type="button" data-all="close" hidden>Fold all</button>'
            yield "<span>Orange boxes are groups; each has its picture below.</span>"
        yield "</div>"

    def _id(self, key: str) -> str:
        return f"{self._name}-{self._numbers[key]}"

    def _picture(self, view: View, key: str) -> str:
        controls = {child: self._id(child) for child in self._insides.children(key)}
        how = {"direction": self._direction, "theme": self._theme}
        drawn = svg(view, **how, controls=controls, styled=False)
        return f'<div class="cr-picture">{drawn}</div>'

    def _details(self, group: Group) -> Iterator[str]:
        yield f'<details id="{self._id(group.key)}" data-group="{escape(group.key)}">'
        yield f"<summary>{escape(titled(group))}</summary>"
        if len(self._insides.blocks(group.key)) > 1:
            yield from self._stepper(group)
        yield self._picture(self._insides.of(group.key), group.key)
        for key in self._insides.children(group.key):
            yield from self._details(self._groups[key])
        yield "</details>"

    def _stepper(self, group: Group) -> Iterator[str]:
        """The field for the number of a block, and the numbers of all blocks."""
        steps = steps_of(self._insides, group.key)
        count = len(steps.numbers)
        yield (
            f'<p class="cr-step">The numbers are those of block <input type="number" value="1"'
            f' min="1" max="{count}" aria-label="block" disabled> of {count:,} equal ones.</p>'
        )
        numbers = [[_as_json(edge) for edge in block] for block in steps.numbers]
        told = {"numbers": numbers, "labels": steps.labels}
        data = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        yield f'<script type="application/json">{_in_script(data)}</script>'


def _as_json(edge: Numbers) -> list[Any]:
    value, gradient, norm = edge
    shown = norm if norm is None or norm < _INFINITE else _INFINITE
    return [value, gradient, None if shown is None else float(f"{shown:.4g}")]


def _in_script(text: str) -> str:
    """JSON that no parser of HTML takes for the end of the script."""
    return text.replace("<", "\\u003c")
