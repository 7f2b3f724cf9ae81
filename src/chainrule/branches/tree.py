"""The paths of one signature as a prefix tree: paths share what they have in common.

A node runs one part of a path; what Python would look at then chooses the next node. Where there is
none, the tree does not know the path: a miss. Equal parts, such as the turns of a loop, share their
code, which is made when it is first run: a path that is taken once is not compiled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.branches.path import Part, Path, parts_of
from chainrule.core.graph import Graph
from chainrule.core.peek import Guard, read
from chainrule.core.trace import type_of
from chainrule.core.tree import Structure
from chainrule.executors.choice import make_executable
from chainrule.executors.executable import Executable
from chainrule.passes.inline import inlined
from chainrule.passes.pipeline import FAITHFUL, Pipeline
from chainrule.transforms.control.content import content_of
from chainrule.transforms.recording import Recording

MOST_GRAPHS = 128
"""Different graphs of one compiled function."""
MOST_PARTS = 20_000
"""Parts of all paths of one compiled function, equal ones counted each time."""
_SMALL = 3  # equations of numbers, not arrays, that NumPy runs faster than machine code is called


class Code:
    """The graph of a part, made executable when it is first run."""

    def __init__(self, graph: Graph, executor: str) -> None:
        self._graph = graph
        self._executor = executor
        self.executable: Executable | None = None

    def __call__(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs of the graph."""
        made = self.executable
        if made is None:
            graph = Pipeline(FAITHFUL)(inlined(self._graph))
            executor = "interpreter" if _is_small(graph) else self._executor
            made = self.executable = make_executable(graph, executor, {})
        return made.run(inputs)


def _is_small(graph: Graph) -> bool:
    made = [v for e in graph.equations for v in e.outputs]
    several = any(e.primitive.several for e in graph.equations)
    return len(made) <= _SMALL and not several and all(x.type.size <= 1 for x in made)


class Codes:
    """All code of one compiled function, by content; it bounds how much there may be."""

    def __init__(self, executor: str) -> None:
        self._executor = executor
        self._codes: dict[Hashable, Code] = {}
        self._parts = 0

    def of(self, parts: Sequence[Part]) -> list[Code] | None:
        """Code for each part, or None if it were too much."""
        keys = [content_of(part.graph) for part in parts]
        new = set(keys) - self._codes.keys()
        if len(self._codes) + len(new) > MOST_GRAPHS or self._parts + len(parts) > MOST_PARTS:
            return None
        self._parts += len(parts)
        for key, part in zip(keys, parts, strict=True):
            if key not in self._codes:
                self._codes[key] = Code(part.graph, self._executor)
        return [self._codes[key] for key in keys]

    def executables(self) -> list[Executable]:
        """What has been made executable so far."""
        return [c.executable for c in self._codes.values() if c.executable is not None]


@dataclass(frozen=True, slots=True)
class Result:
    """How the outputs of a path become what the function returns."""

    structure: Structure
    weak: Sequence[int]  # outputs that are Python numbers, which machine code does not know

    def typed(self, outputs: list[Any]) -> list[Any]:
        """The outputs with numbers of Python where the function returns them."""
        for i in self.weak:
            outputs[i] = np.asarray(outputs[i]).item()
        return outputs


def result_of(recording: Recording) -> Result:
    """What a function returned when it was recorded."""
    weak = [i for i, x in enumerate(recording.outputs) if type_of(x).weak]
    return Result(recording.structure, weak)


@dataclass(eq=False, slots=True)
class Node:
    """One part of one or more paths, and where they go from there; the last has no guard."""

    code: Code
    takes: Sequence[int]
    gives: Sequence[int]
    guard: Guard | None
    result: Result
    next: dict[Hashable, Node] = field(default_factory=dict["Hashable", "Node"])


@dataclass(eq=False, slots=True)
class Tree:
    """The known paths of one signature, and what has happened on them."""

    types: str
    root: Node | None = None
    closed: str = ""  # why no more paths are kept
    paths: int = 0
    hits: int = 0
    misses: int = 0
    uncompiled: int = 0
    missed: Counter[str] = field(default_factory=Counter[str])  # by guard
    codes: set[Code] = field(default_factory=set["Code"])

    def run(self, inputs: Sequence[Any]) -> tuple[Node | None, list[Any]]:
        """The node at which the run ends: with results, or where its guard is missed."""
        node = self.root
        if node is None:
            return None, []
        values = dict(enumerate(inputs))
        while True:
            made = node.code([values[i] for i in node.takes])
            guard = node.guard
            if guard is None:
                return node, made
            values.update(zip(node.gives, made, strict=True))
            following = node.next.get(read(guard.reading, values[guard.variable]))
            if following is None:
                return node, []
            node = following

    def grow(self, path: Path, result: Result, codes: Codes) -> None:
        """Add a path: what it does after the last guard that it shares with known ones."""
        known = set(range(len(path.graph.inputs)))
        last: Node | None = None
        node, shared = self.root, 0
        while node is not None:
            here = path.guards[shared] if shared < len(path.guards) else None
            if not _same_look(node.guard, here):
                self.closed = "it looked at other values than before, for the same arguments"
                return
            if here is None:
                return  # another thread was faster, or a value is within rounding of a limit
            known.update(node.gives)
            last, node = node, node.next.get(here.seen)
            shared += 1
        parts = parts_of(path, shared, known)
        made = codes.of(parts)
        if made is None:
            self.closed = f"more than {MOST_GRAPHS} graphs, or {MOST_PARTS} parts of paths"
            return
        guards = [*path.guards[shared:], None]
        nodes = [
            Node(code, part.takes, part.gives, guard, result)
            for code, part, guard in zip(made, parts, guards, strict=True)
        ]
        for one, guard, following in zip(nodes, guards, nodes[1:], strict=False):
            if guard is not None:
                one.next[guard.seen] = following
        self.codes.update(made)
        self.paths += 1
        if last is None:
            self.root = nodes[0]
        else:
            last.next[path.guards[shared - 1].seen] = nodes[0]


def _same_look(known: Guard | None, found: Guard | None) -> bool:
    if known is None or found is None:
        return known is found
    return known._replace(seen=None) == found._replace(seen=None)
