"""Training steps as one native loop: mini-batches are gathered, steps follow, no Python between.

Examples lie far away in memory and come in random order, so the next mini-batch is fetched ahead:
it comes while a step is computed.

The step's graph takes ``(carry..., X, Y, eta)`` and gives ``(cost, carry...)``. The carry
(parameters and optimiser state) is overwritten in place where the graph allows it, copied back
where not. The loop ends when its steps are done or a cost is not finite. For a team of threads each
gathers rows of its own, and they meet before and after a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Graph
from chainrule.executors.native.build import build
from chainrule.executors.native.emit import emit
from chainrule.executors.native.executor import array_type, empty, flat, scalar_or_array_type
from chainrule.executors.native.lowering import lowered
from chainrule.executors.native.places import COPY, PREFETCH
from chainrule.executors.native.schedule import is_native
from chainrule.executors.native.team import SOLO, Team
from chainrule.executors.native.threads import Threads

Array = Any

_LOOP = '''\
@njit(cache=True, **{options})
def run(order, first, steps, data_x, data_y, total, {arguments}):
    """Steps of {rows} examples from position ``first`` of ``order``; returns how many were done."""
    for step in range(steps):
        for i in range({own_rows}):
            row = order[first + step * {rows} + i]
            copy_entries({x}, i * {width_x}, data_x, row * {width_x}, {width_x})
            copy_entries({y}, i * {width_y}, data_y, row * {width_y}, {width_y})
            following = order[first + min(step + 1, steps - 1) * {rows} + i]
            prefetch(data_x, following * {width_x}, {width_x})
{meet}        step_once({arguments})
{meet}        if not np.isfinite(o0[0]):
            return step
{alone}    return steps
'''


class NativeLoop:
    """The compiled loop over a step, with its buffers and its threads."""

    def __init__(self, graph: Graph, team: Team = SOLO) -> None:
        """``graph`` is the step at full mini-batches; see :func:`can_loop`."""
        graph = lowered(graph)
        self._carry = len(graph.outputs) - 1
        X, Y = (graph.inputs[self._carry + i].type for i in (0, 1))
        donated = {i + 1: i for i in range(self._carry)}
        self._team = team
        self._emitted = emit(graph, name="step_once", cached=False, donated=donated, team=team)
        self.source = "\n\n".join([self._emitted.source, COPY, PREFETCH, self._loop(X, Y)])
        self._buffers = self._allocate(graph)
        self._run = build(self.source, self._signature(graph, X.dtype, Y.dtype))
        self._threads = Threads(team.threads)

    def _loop(self, X: ArrayType, Y: ArrayType) -> str:
        """The text of the loop around ``step_once``."""
        emitted, n, rows = self._emitted, self._team.threads, X.shape[0]
        last = [f"total[0] += np.float64(o0[0]) * {rows}"]
        last += [
            f"x{i}[:] = o{i + 1}" for i in range(self._carry) if i + 1 not in emitted.overwrites
        ]
        shared = n > 1
        return _LOOP.format(
            options="OPTIONS" if self._team == SOLO else "SHARED",
            own_rows=f"{rows} * me // {n}, {rows} * (me + 1) // {n}" if shared else rows,
            meet="        meet(sync)\n" if shared else "",
            alone=_indented(["if me == 0:", *(f"    {x}" for x in last)] if shared else last),
            arguments=", ".join(emitted.arguments), rows=rows,
            width_x=X.size // rows, width_y=Y.size // rows,
            x=f"x{self._carry}", y=f"x{self._carry + 1}",
        )  # fmt: skip

    def _allocate(self, graph: Graph) -> dict[str, Array]:
        made = self._emitted
        buffers = {f"x{i}": empty(v.type.size, v.type.dtype) for i, v in enumerate(graph.inputs)}
        buffers |= {f"k{i}": flat(k.value) for i, k in enumerate(made.constants)}
        buffers |= {f"o{i}": empty(t.size, t.dtype) for i, t in enumerate(made.outputs)}
        return buffers | {name: empty(n, np.dtype(name[2:])) for name, n in made.workspaces.items()}

    def _signature(self, graph: Graph, x: np.dtype[Any], y: np.dtype[Any]) -> list[Any]:
        from numba import types

        order = array_type(np.dtype(np.int64))
        total = array_type(np.dtype(np.float64))
        data = [array_type(x), array_type(y)]
        eta = scalar_or_array_type(graph.inputs[-1].type)
        known = {"me": types.int64, "sync": order, self._eta: eta}
        arguments = [
            known[name] if name in known else array_type(self._buffers[name].dtype)
            for name in self._emitted.arguments
        ]
        return [order, types.int64, types.int64, *data, total, *arguments]

    @property
    def _eta(self) -> str:
        """The name of the argument that is the learning rate."""
        return f"x{self._carry + 2}"

    def run(
        self,
        carry: Sequence[Array],
        order: Array,
        first: int,
        steps: int,
        X: Array,
        Y: Array,
        eta: float,
        cost_sum: float,
    ) -> tuple[int, list[Array], float]:
        """Steps from position ``first`` of ``order``: how many were done, new carry, new sum."""
        for i, x in enumerate(carry):
            self._buffers[f"x{i}"][:] = x.reshape(-1)
        total = np.array([cost_sum])
        given = order, first, steps, X.reshape(-1), Y.reshape(-1), total

        def call(me: int, sync: Array) -> int:
            known = {"me": me, "sync": sync, self._eta: eta}
            return self._run(
                *given,
                *(known[x] if x in known else self._buffers[x] for x in self._emitted.arguments),
            )

        done = self._threads.run(call)
        new = [self._buffers[f"x{i}"].copy().reshape(x.shape) for i, x in enumerate(carry)]
        return int(done), new, float(total[0])


def _indented(lines: Sequence[str]) -> str:
    return "".join(f"        {line}\n" for line in lines)


def can_loop(graph: Graph) -> bool:
    """Whether a step is native throughout, so that it can be looped over without Python."""
    return all(map(is_native, lowered(graph).equations))
