"""The passes in the order in which a graph goes through them before it is executed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chainrule.core.graph import Graph
from chainrule.passes.cse import share_common
from chainrule.passes.dce import eliminate_dead_code
from chainrule.passes.fold import fold_constants
from chainrule.passes.inner import Pass, everywhere
from chainrule.passes.loops import merge_scans, trim_scans
from chainrule.passes.simplify import simplify
from chainrule.passes.stabilise import stabilise
from chainrule.passes.transposes import push_transposes
from chainrule.passes.update import fuse_updates

OnStep = Callable[[str, Graph, Graph], None]


@dataclass(frozen=True)
class Repeated:
    """Passes that feed each other, run in turn until none of them changes the graph.

    ``at_most`` bounds the rounds: rules shrink what they find, so two or three are the rule.
    """

    steps: Sequence[Pass]
    at_most: int = 5


def _steps(*rewrites: Pass) -> Sequence[Pass | Repeated]:
    return (
        eliminate_dead_code,
        share_common,
        merge_scans,
        trim_scans,
        Repeated((fold_constants, *rewrites, share_common, eliminate_dead_code)),
        push_transposes,
        share_common,
        fuse_updates,
        eliminate_dead_code,
    )


STEPS: Sequence[Pass | Repeated] = _steps(simplify, stabilise)
FAITHFUL: Sequence[Pass | Repeated] = _steps(simplify)
"""Without the rewrites that give a finite value where the function as it is written overflows."""


@dataclass(frozen=True)
class Pipeline:
    """Passes to run one after the other, on a graph and on the graphs that its equations hold.

    ``on_step(name, before, after)`` is called after each.

    >>> import numpy as np, chainrule as cr
    >>> graph = cr.trace(cr.grad(lambda x: np.sum(np.exp(x) * x)))(np.ones(3))
    >>> print(Pipeline()(graph))
    graph(a: float64[3])
      b: float64[3] = exp a
      c: float64[3] = mul_or_zero a b
      d: float64[3] = add b c
      return d
    """

    steps: Sequence[Pass | Repeated] = field(default=STEPS)
    on_step: OnStep | None = None

    def __call__(self, graph: Graph) -> Graph:
        """The graph after all passes."""
        for step in self.steps:
            if isinstance(step, Repeated):
                graph = self._repeat(step, graph)
            else:
                graph = self._run(step, graph)
        return graph

    def _repeat(self, group: Repeated, graph: Graph) -> Graph:
        for _ in range(group.at_most):
            before = graph
            for step in group.steps:
                graph = self._run(step, graph)
            if graph is before:
                break
        return graph

    def _run(self, step: Pass, graph: Graph) -> Graph:
        after = everywhere(step)(graph)
        if self.on_step is not None:
            self.on_step(step.__name__, graph, after)
        return after
