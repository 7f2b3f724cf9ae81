"""Where the variables of a traced function are in its picture, and the derivatives on its lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chainrule.core.graph import Graph, Var
from chainrule.drawing.short import factor
from chainrule.explorer.functions.picture import Picture
from chainrule.explorer.functions.traced import Traced
from chainrule.insight.local import single_derivatives

Plain = Any


class OnPicture:
    """A traced function with its picture, folded where it is large.

    >>> from chainrule.explorer.subjects import ESSAY
    >>> on = OnPicture(Traced(ESSAY))
    >>> on.box["c"], [d["text"] for d in on.derivatives()]
    ('e0', ['1', '1', '1', '2', '3'])
    """

    def __init__(self, traced: Traced) -> None:
        self._picture = Picture(traced)
        self.graph: Graph = replace(traced.graph, numbers=traced.numbers)
        self.names: dict[Var, str] = {v: traced.symbols[v].text for v in traced.variables}
        graph = self.graph
        made = {v: f"i{n}" for n, v in enumerate(graph.inputs)}
        made |= {v: f"e{n}" for n, e in enumerate(graph.equations) for v in e.outputs}
        self.box = {self.names[v]: self._picture.box(key) for v, key in made.items()}

    def of_node(self, key: str) -> str:
        """The visible box that a node is drawn in."""
        return self._picture.box(key)

    def of_number(self, name: str) -> str:
        """The box of a number of a variable: ``x[2]``."""
        return self.box.get(name) or self.box[name[: name.rindex("[")]]

    def plain(self) -> Plain:
        """Boxes and lines, and the local derivatives of single numbers."""
        return {
            "nodes": self._picture.nodes(),
            "edges": self._picture.edges(),
            "groups": [
                {"key": g.key, "label": g.label, "group": g.group, "times": g.times}
                for g in self._picture.view.groups
            ],
            "derivatives": self.derivatives(),
        }

    def derivatives(self) -> list[Plain]:
        """The local derivatives between single numbers, in the order of the graph."""
        return [
            {
                "start": self.box[self.names[d.operand]],
                "end": self.box[self.names[d.result]],
                "variable": self.names[d.operand],
                "text": factor(d.values[0]),
            }
            for d in single_derivatives(self.graph)
        ]
