"""The passes in the order in which a graph goes through them before it is executed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from chainrule.core.graph import Graph
from chainrule.passes.cse import share_common
from chainrule.passes.dce import eliminate_dead_code
from chainrule.passes.inner import Pass, everywhere
from chainrule.passes.loops import merge_scans, trim_scans
from chainrule.passes.transposes import push_transposes
from chainrule.passes.update import fuse_updates

OnStep = Callable[[str, Graph, Graph], None]

STEPS: Sequence[Pass] = (
    eliminate_dead_code,
    share_common,
    merge_scans,
    trim_scans,
    push_transposes,
    share_common,
    fuse_updates,
    eliminate_dead_code,
)


@dataclass(frozen=True)
class Pipeline:
    """Passes to run one after the other, on a graph and on the graphs that its equations hold.

    ``on_step(name, before, after)`` is called after each.

    >>> import numpy as np, chainrule as cr
    >>> graph = cr.trace(cr.grad(lambda x: np.sum(np.exp(x) * x)))(np.ones(3))
    >>> print(Pipeline()(graph))
    graph(a: float64[3])
      b: float64[3] = exp a
      c: float64[3] = mul <float64[3]> a
      d: float64[3] = mul <float64[3]> b
      e: float64[3] = mul_or_zero c b
      f: float64[3] = add d e
      return f
    """

    steps: Sequence[Pass] = field(default=STEPS)
    on_step: OnStep | None = None

    def __call__(self, graph: Graph) -> Graph:
        """The graph after all passes."""
        for step in self.steps:
            after = everywhere(step)(graph)
            if self.on_step is not None:
                self.on_step(step.__name__, graph, after)
            graph = after
        return graph
