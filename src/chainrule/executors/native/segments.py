"""Cutting a graph into what is native and what is not.

Equations are taken as soon as their operands are there: first all native ones that can run, then
all others that can, and so on, so that there are few changes from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.executors.native.schedule import is_native


@dataclass(frozen=True)
class Segment:
    """A part of a graph that runs in one piece, as a graph of its own."""

    graph: Graph
    native: bool


def cut(graph: Graph) -> list[Segment]:
    """The segments of a graph in the order in which they run."""
    known: set[Var] = set(graph.inputs)
    waiting = list(graph.equations)
    runs: list[tuple[bool, list[Equation]]] = []
    kind = True
    while waiting:
        taken, waiting = _runnable(waiting, known, native=kind)
        if taken:
            runs.append((kind, taken))
        kind = not kind
    return [
        Segment(_as_graph(equations, later, graph), native)
        for (native, equations), later in _with_later(runs)
    ]


def _runnable(
    equations: list[Equation], known: set[Var], *, native: bool
) -> tuple[list[Equation], list[Equation]]:
    taken: list[Equation] = []
    left: list[Equation] = []
    for equation in equations:
        ready = all(isinstance(x, Literal) or x in known for x in equation.inputs)
        if ready and is_native(equation) is native:
            taken.append(equation)
            known.update(equation.outputs)
        else:
            left.append(equation)
    return taken, left


def _with_later(
    runs: list[tuple[bool, list[Equation]]],
) -> list[tuple[tuple[bool, list[Equation]], set[Var | Literal]]]:
    """Each run with all that later runs read."""
    later: set[Var | Literal] = set()
    result: list[tuple[tuple[bool, list[Equation]], set[Var | Literal]]] = []
    for run in reversed(runs):
        result.append((run, set(later)))
        later.update(x for e in run[1] for x in e.inputs)
    return result[::-1]


def _as_graph(equations: list[Equation], later: set[Var | Literal], whole: Graph) -> Graph:
    made = {v: None for e in equations for v in e.outputs}
    read = {x: None for e in equations for x in e.inputs if isinstance(x, Var)}
    inputs = tuple(v for v in read if v not in made)
    wanted = later | set(whole.outputs)
    return Graph(inputs, tuple(equations), tuple(v for v in made if v in wanted))
