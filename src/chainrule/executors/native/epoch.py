"""Training steps as one native loop: mini-batches are gathered, steps follow, no Python between.

Examples lie far away and come in random order, so eight rows before one is copied it is called from
memory; the first ones of a mini-batch then come while the step before it is computed.

The step's graph takes ``(carry..., X, Y, eta)`` and gives ``(cost, carry...)``. The carry
(parameters and optimiser state) is overwritten in place where the graph allows it, copied back
where not. The loop ends when its steps are done or a cost is not finite.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.graph import Graph
from chainrule.executors.native.build import build
from chainrule.executors.native.emit import emit
from chainrule.executors.native.executor import array_type, empty, flat, scalar_or_array_type
from chainrule.executors.native.places import COPY, PREFETCH
from chainrule.executors.native.schedule import is_native

Array = Any

_LOOP = '''\
@njit(cache=True, **OPTIONS)
def run(order, first, steps, data_x, data_y, total, {arguments}):
    """Steps of {rows} examples from position ``first`` of ``order``; returns how many were done."""
    for step in range(steps):
        for i in range({rows}):
            row = order[first + step * {rows} + i]
            copy_entries({x}, i * {width_x}, data_x, row * {width_x}, {width_x})
            copy_entries({y}, i * {width_y}, data_y, row * {width_y}, {width_y})
            following = order[first + min(step * {rows} + i + 8, steps * {rows} - 1)]
            prefetch(data_x, following * {width_x}, {width_x})
        step_once({arguments})
        if not np.isfinite(o0[0]):
            return step
        total[0] += np.float64(o0[0]) * {rows}
{copies}    return steps
'''


class NativeLoop:
    """The compiled loop over a step, with its buffers."""

    def __init__(self, graph: Graph) -> None:
        """``graph`` is the step at full mini-batches; see :func:`can_loop`."""
        self._carry = len(graph.outputs) - 1
        X, Y = (graph.inputs[self._carry + i].type for i in (0, 1))
        donated = {i + 1: i for i in range(self._carry)}
        emitted = emit(graph, name="step_once", cached=False, donated=donated)
        copied = [i for i in range(self._carry) if i + 1 not in emitted.overwrites]
        self.source = f"{emitted.source}\n\n{COPY}\n\n{PREFETCH}\n\n" + _LOOP.format(
            arguments=", ".join(emitted.arguments), rows=X.shape[0],
            width_x=X.size // X.shape[0], width_y=Y.size // Y.shape[0],
            x=f"x{self._carry}", y=f"x{self._carry + 1}",
            copies="".join(f"        x{i}[:] = o{i + 1}\n" for i in copied),
        )  # fmt: skip
        self._emitted = emitted
        self._buffers = self._allocate(graph)
        self._run = build(self.source, self._signature(graph, X.dtype, Y.dtype))

    def _allocate(self, graph: Graph) -> dict[str, Array]:
        made = self._emitted
        buffers = {f"x{i}": empty(v.type.size, v.type.dtype) for i, v in enumerate(graph.inputs)}
        buffers |= {f"k{i}": flat(k.value) for i, k in enumerate(made.constants)}
        buffers |= {f"o{i}": empty(t.size, t.dtype) for i, t in enumerate(made.outputs)}
        return buffers | {name: empty(n, np.dtype(name[2:])) for name, n in made.workspaces.items()}

    def _signature(self, graph: Graph, x: np.dtype[Any], y: np.dtype[Any]) -> list[Any]:
        from numba import types

        eta = f"x{self._carry + 2}"
        arguments = [
            scalar_or_array_type(graph.inputs[-1].type)
            if name == eta
            else array_type(self._buffers[name].dtype)
            for name in self._emitted.arguments
        ]
        order = array_type(np.dtype(np.int64))
        total = array_type(np.dtype(np.float64))
        data = [array_type(x), array_type(y)]
        return [order, types.int64, types.int64, *data, total, *arguments]

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
        buffers = self._buffers
        for i, x in enumerate(carry):
            buffers[f"x{i}"][:] = x.reshape(-1)
        total = np.array([cost_sum])
        names = self._emitted.arguments
        last = f"x{self._carry + 2}"
        arguments = [eta if name == last else buffers[name] for name in names]
        done = self._run(order, first, steps, X.reshape(-1), Y.reshape(-1), total, *arguments)
        new = [buffers[f"x{i}"].copy().reshape(x.shape) for i, x in enumerate(carry)]
        return int(done), new, float(total[0])


def can_loop(graph: Graph) -> bool:
    """Whether a step is native throughout, so that it can be looped over without Python."""
    return all(map(is_native, graph.equations))
