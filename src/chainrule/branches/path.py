"""One path through a function, cut at the values that Python looked at.

A part of a path computes what Python looks at next (the last one, the results) and nothing else:
what comes before a look without being needed for it is left to a later part that needs it. So no
part computes ahead of a branch that may go the other way, where the same lines could fail, or
never end. A part takes the inputs and what earlier parts hand out, and computes views again.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.core.peek import Guard
from chainrule.executors.results import VIEWS


@dataclass(frozen=True)
class Path:
    """The graph of a run from the arguments to the results, and its guards in order."""

    graph: Graph
    guards: Sequence[Guard]

    def variables(self) -> list[Var]:
        """The variables by their index in the recording."""
        return [*self.graph.inputs, *(v for e in self.graph.equations for v in e.outputs)]


@dataclass(frozen=True)
class Part:
    """What is computed from one guard to the next; variables are named by index.

    ``gives`` are the outputs of the graph that later parts or guards read; none of the last part.
    """

    graph: Graph
    takes: Sequence[int]
    gives: Sequence[int]


def parts_of(path: Path, start: int, known: Set[int]) -> list[Part]:
    """The parts from guard number ``start`` on, when earlier ones have handed out ``known``."""
    cutter = _Cutter(path, known)
    targets: list[Sequence[Var | Literal]] = [[cutter.at(g.variable)] for g in path.guards[start:]]
    targets.append(path.graph.outputs)
    slices = [cutter.slice(n, wanted) for n, wanted in enumerate(targets)]
    wanted_later: list[dict[Var, None]] = [{} for _ in targets]
    for n, (taken, _) in enumerate(slices):
        for v in taken:
            maker = cutter.made.get(v)
            if maker is not None and maker < n:
                wanted_later[maker][v] = None
    parts: list[Part] = []
    for n, (taken, equations) in enumerate(slices):
        last = n == len(slices) - 1
        looked_at = [v for v in targets[n] if v not in taken and isinstance(v, Var)]
        given = () if last else tuple(dict.fromkeys((*looked_at, *wanted_later[n])))
        graph = Graph(tuple(taken), tuple(equations), path.graph.outputs if last else given)
        parts.append(Part(graph, [*map(cutter.index, taken)], [*map(cutter.index, given)]))
    return parts


class _Cutter:
    """Finds what each part computes, and notes which part computes a variable first."""

    def __init__(self, path: Path, known: Set[int]) -> None:
        self._variables = path.variables()
        self._indices = {v: i for i, v in enumerate(self._variables)}
        self._equations = path.graph.equations
        self._makers = {v: n for n, e in enumerate(self._equations) for v in e.outputs}
        self._known = {self._variables[i] for i in known} | set(path.graph.inputs)
        self.made: dict[Var, int] = {}

    def at(self, index: int) -> Var:
        return self._variables[index]

    def index(self, v: Var) -> int:
        return self._indices[v]

    def slice(self, part: int, wanted: Sequence[Var | Literal]) -> tuple[list[Var], list[Equation]]:
        """What the part takes, in the order of use, and its equations."""
        numbers = self._needed(wanted)
        equations = [self._equations[n] for n in sorted(numbers)]
        inside = {v for e in equations for v in e.outputs}
        read = [x for e in equations for x in e.inputs] + list(wanted)
        taken = dict.fromkeys(x for x in read if isinstance(x, Var) and x not in inside)
        for v in inside:
            self.made.setdefault(v, part)
        return list(taken), equations

    def _needed(self, wanted: Sequence[Var | Literal]) -> set[int]:
        numbers: set[int] = set()
        pending = [x for x in wanted if isinstance(x, Var)]
        while pending:
            v = pending.pop()
            if v in self._known or (v in self.made and not self._is_view(v)):
                continue
            number = self._makers[v]
            if number not in numbers:
                numbers.add(number)
                pending += [x for x in self._equations[number].inputs if isinstance(x, Var)]
        return numbers

    def _is_view(self, v: Var) -> bool:
        return self._equations[self._makers[v]].primitive.name in VIEWS
