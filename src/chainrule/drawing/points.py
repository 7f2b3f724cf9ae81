"""Named points (``cr.insight.name``): in a picture they are names of variables, not operations."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from chainrule.core.graph import Equation, Graph, Literal, Var


class WithoutPoints(NamedTuple):
    """A graph's equations (with their numbers) and outputs without named points, and the names."""

    equations: list[tuple[int, Equation]]
    outputs: tuple[Var | Literal, ...]
    names: dict[Var, str]


def without_points(graph: Graph) -> WithoutPoints:
    """Each use of a named point becomes one of the variable that has the name."""
    named: dict[Var, Var | Literal] = {}
    names: dict[Var, str] = {}
    kept: list[tuple[int, Equation]] = []
    for n, e in enumerate(graph.equations):
        inputs = tuple(_original(x, named) for x in e.inputs)
        if e.primitive.name != "name":
            kept.append((n, replace(e, inputs=inputs)))
            continue
        named[e.outputs[0]] = inputs[0]
        if isinstance(inputs[0], Var):
            names[inputs[0]] = str(e.params["name"])
    return WithoutPoints(kept, tuple(_original(x, named) for x in graph.outputs), names)


def _original(x: Var | Literal, named: dict[Var, Var | Literal]) -> Var | Literal:
    return named.get(x, x) if isinstance(x, Var) else x
