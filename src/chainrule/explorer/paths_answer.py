"""The paths between two numbers of a traced function as plain data, with the boxes on them."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.graph import Var
from chainrule.drawing.short import number
from chainrule.explorer.entries import Entries
from chainrule.explorer.lockstep_answer import with_numbers
from chainrule.explorer.picture import Picture
from chainrule.explorer.traced import Traced
from chainrule.insight.factoring import factors
from chainrule.insight.local import Point, local_derivatives
from chainrule.insight.paths import Merge, Path, Paths, paths_between

Plain = Any
MOST_PATHS = 60
FEW_PATHS = 4  # that are listed of a factor


def paths_answer(traced: Traced, start: int, end: int) -> Plain:
    """The derivative of one number in another as a sum over paths.

    Args:
        traced: the function.
        start: a number of the graph, counted through inputs and results; -1 for the first input,
            the entry with the largest derivative.
        end: the same; -1 for the first output.
    """
    graph = with_numbers(traced)
    everything = Entries(traced.variables, traced.symbols, "number")
    a = _first_input(traced) if start < 0 else everything.point(start)
    outputs = Entries(graph.outputs, traced.symbols, "output")
    b = outputs.point(0) if end < 0 else everything.point(end)
    names = {v: traced.symbols[v].text for v in traced.variables}
    found = paths_between(graph, a, b, MOST_PATHS, names)
    lines = _Lines(traced, names)
    return {
        "function": traced.subject.name,
        "variables": everything.plain(),
        "start": everything.number(a),
        "end": everything.number(b),
        "nodes": lines.picture.nodes(),
        "edges": lines.picture.edges(),
        "derivatives": lines.derivatives(a, b),
        "merges": [_merge(m, found.output) for m in found.merges],
        "factors": [_plain(f, lines) for f in factors(graph, a, b, FEW_PATHS, names)],
        **_plain(found, lines),
    }


def _first_input(traced: Traced) -> Point:
    v = Entries(traced.graph.inputs, traced.symbols, "input").point(0).variable
    slopes = traced.cotangent(v)
    return Point(v, 0 if slopes is None else int(np.argmax(np.abs(slopes))))


class _Lines:
    """Which boxes and lines of the picture belong to variables and paths."""

    def __init__(self, traced: Traced, names: dict[Var, str]) -> None:
        graph = traced.graph
        self.picture = Picture(traced)
        self._graph, self._names = with_numbers(traced), names
        self._named = {name: v for v, name in names.items()}
        made = {v: f"i{n}" for n, v in enumerate(graph.inputs)}
        made |= {v: f"e{n}" for n, e in enumerate(graph.equations) for v in e.outputs}
        self._boxes = {v: self.picture.box(key) for v, key in made.items()}

    def boxes(self, path: Path) -> list[str]:
        """The boxes that a path goes through, in order."""
        return [self._boxes[self._variable(x)] for x in (path.start, *(s.to for s in path.steps))]

    def derivatives(self, start: Point, end: Point) -> list[Plain]:
        """The local derivatives of single numbers: what stands on the lines on the way."""
        return [
            {
                "start": self._boxes[d.operand],
                "end": self._boxes[d.result],
                "variable": self._names[d.operand],
                "to": self._names[d.result],
                "text": number(d.values[0]),
            }
            for d in local_derivatives(self._graph, start.variable, end.variable)
            if d.operand.type.size == d.result.type.size == 1
        ]

    def _variable(self, name: str) -> Var:
        """The variable of ``x[2]``."""
        return self._named.get(name) or self._named[name[: name.rindex("[")]]


def _plain(found: Paths, lines: _Lines) -> Plain:
    return {
        "from": found.input,
        "to": found.output,
        "gradient": found.gradient,
        "count": _whole(found.count),
        "nonzero": _whole(found.nonzero),
        "absolute": found.absolute,
        "factored": _whole(found.factored),
        "unfactored": _whole(found.unfactored),
        "paths": [_path(path, lines) for path in found.largest],
        "rest": found.gradient - sum(path.product for path in found.largest),
        "left_out": _whole(found.count - len(found.largest)),
    }


def _path(path: Path, lines: _Lines) -> Plain:
    return {
        "names": [path.start, *(step.to for step in path.steps)],
        "boxes": lines.boxes(path),
        "factors": [step.derivative for step in path.steps],
        "product": path.product,
    }


def _merge(merge: Merge, end: str) -> Plain:
    """One sum of the sweep backwards: the number and its uses, each with two factors."""
    return {
        "name": merge.name,
        "end": end,
        "uses": [
            {"to": to, "derivative": derivative, "cotangent": ct}
            for to, derivative, ct in merge.uses
        ],
        "total": merge.total,
    }


def _whole(n: int) -> Plain:
    """A whole number of any size: all its digits as text, and short."""
    text = f"{n:,}"
    return {"text": text, "short": text if n < 10**9 else f"{float(n):.3g}", "few": n < 10**6}
