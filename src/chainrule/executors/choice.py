"""A graph made executable by the executor that the user names."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.core.graph import Graph
from chainrule.core.interpreter import interpret
from chainrule.executors.executable import Executable
from chainrule.executors.results import separate_results


def make_executable(graph: Graph, executor: str, donated: Mapping[int, int]) -> Executable:
    """The graph as ``executor`` ("native" or "interpreter") runs it.

    ``donated[i] = j`` lets native code write result i into input j.
    """
    if executor == "interpreter":
        graph = separate_results(graph)
        names = tuple(e.primitive.name for e in graph.equations)
        return Executable(interpret(graph), len(names), (), names)
    from chainrule.executors.native.executor import native  # Numba takes time to import

    return native(graph, donated)
