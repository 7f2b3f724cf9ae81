"""``Graph.draw`` and what a notebook shows of a graph: from a graph to a file or to text.

The suffix of the file's name says what it will be. ``of_graph.py`` makes the view, ``svg.py`` and
``page.py`` the picture; ``chainrule.drawing`` enters these functions into ``core/pictures.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Graph, Literal, Var, VariableNumbers
from chainrule.core.tracebacks import users_frames
from chainrule.drawing.folding import Insides, folded
from chainrule.drawing.of_graph import view_of
from chainrule.drawing.page import document, html
from chainrule.drawing.svg import svg
from chainrule.drawing.unfolded import unfolded
from chainrule.drawing.view import Edge, View
from chainrule.files.atomic import write_atomic

MOST_ENTRIES = 20_000_000
"""Entries of all variables, up to which a notebook computes the numbers on edges unasked."""

MOST_PICTURES, MOST_TEXT = 150, 2_000_000
"""Pictures and characters of a page, up to which a notebook gets it; else it gets the folded
picture alone, and :meth:`Graph.draw` makes the page.
"""

MOST_LINES = 300
"""Lines of a graph's text that go into a notebook."""


def draw(
    graph: Graph,
    path: str | os.PathLike[str],
    *,
    values: bool,
    gradients: bool,
    unfold: bool,
    direction: str,
    theme: str,
    cotangents: Sequence[Any] | None,
    title: str,
) -> Path:
    """Write a picture of a graph; see :meth:`chainrule.core.graph.Graph.draw`."""
    with users_frames:
        target = Path(path)
        kinds: dict[str, Callable[[View], str]] = {
            ".svg": lambda view: svg(
                unfolded(view) if unfold else folded(view), direction=direction, theme=theme
            ),
            ".html": lambda view: document(view, direction=direction, theme=theme),
        }
        kind = kinds.get(target.suffix.lower())
        if kind is None:
            known = " or ".join(kinds)
            raise ArgumentError(
                f"draw: {target.name!r} should end in {known}, which says what is drawn: a picture"
                " that any browser and most editors show, or a page in which groups unfold"
            )
        view = _view(graph, values, gradients, cotangents, title)
        write_atomic(target, kind(view).encode())
        return target


def mimebundle(graph: Graph) -> dict[str, str]:
    """A graph for a notebook: the page in which groups unfold, and the folded picture.

    Numbers stand on the edges as long as computing them costs little.
    """
    variables = [*graph.inputs, *(v for e in graph.equations for v in e.outputs)]
    small = sum(v.type.size for v in variables) <= MOST_ENTRIES
    view = _view(graph, small, small, None, "")
    found = {"text/plain": _text(graph), "image/svg+xml": svg(folded(view))}
    if _pictures(view) <= MOST_PICTURES:
        page = html(view)
        if len(page) <= MOST_TEXT:
            found["text/html"] = page
    return found


def _text(graph: Graph) -> str:
    lines = str(graph).splitlines()
    left = len(lines) - MOST_LINES
    if left > 0:
        half = MOST_LINES // 2
        told = f"  ... {left:,} lines more; print(graph) shows them"
        lines = [*lines[:half], told, *lines[half + left :]]
    return "\n".join(lines)


def _pictures(view: View) -> int:
    """How many pictures the page of a view would have."""
    insides = Insides(view)
    waiting = [""]
    for key in waiting:  # grows while it is read
        waiting += insides.children(key)
    return len(waiting)


def _view(
    graph: Graph, values: bool, gradients: bool, cotangents: Sequence[Any] | None, title: str
) -> View:
    """The view with what is wanted on its edges."""
    numbers = graph.numbers
    if cotangents is not None:
        if numbers is None:
            raise ArgumentError(
                "draw: cotangents are of no use to a graph that was traced with types; give"
                " cr.trace(f) arrays, and the graph knows its values"
            )
        numbers = numbers.from_cotangents(cotangents)
        for x in graph.inputs[:1]:
            numbers.cotangent(x)  # raises here if the cotangents do not fit
    if numbers is None or not (values or gradients):
        view = view_of(replace(graph, numbers=None), title=title)
    else:
        view = view_of(graph, numbers if gradients else _Values(numbers), title=title)
    if numbers is None and values:  # all that is known of values
        return replace(view, edges=tuple(replace(e, value=e.type) for e in view.edges))
    return view if values else replace(view, edges=tuple(map(_without_value, view.edges)))


def _without_value(edge: Edge) -> Edge:
    return replace(edge, value="")


class _Values:
    """The values alone, so that nothing is swept backwards."""

    def __init__(self, numbers: VariableNumbers) -> None:
        self._numbers = numbers

    def value(self, x: Var | Literal) -> Any:
        """The value of a variable."""
        return self._numbers.value(x)

    def cotangent(self, x: Var) -> None:
        """None, whatever it is."""

    def from_cotangents(self, cotangents: Sequence[Any]) -> VariableNumbers:
        """The numbers with these cotangents of outputs."""
        return self._numbers.from_cotangents(cotangents)
