"""The native executor: a graph as machine code, with the interpreter for what is not native yet.

The equations are cut into segments: as many native ones as can run, then those that only the
interpreter knows, and so on. Each native segment becomes one compiled function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Graph, Literal, Var
from chainrule.core.interpreter import interpret
from chainrule.executors.executable import Executable, Run
from chainrule.executors.native.build import build
from chainrule.executors.native.emit import emit
from chainrule.executors.native.segments import Segment, cut

Array = Any


def native(graph: Graph) -> Executable:
    """A graph as a function of plain arrays that runs as machine code where it can."""
    segments = cut(graph)
    parts = [NativeSegment(s.graph) if s.native else interpret(s.graph) for s in segments]
    return Executable(
        _joined(graph, segments, parts),
        tuple(part.source for part in parts if isinstance(part, NativeSegment)),
        tuple(e.primitive.name for s in segments if not s.native for e in s.graph.equations),
    )


def _joined(graph: Graph, segments: Sequence[Segment], parts: Sequence[Run]) -> Run:
    """One function of several segments; a single one that is the whole graph is that function."""
    if len(parts) == 1:
        inner = segments[0].graph
        if inner.inputs == graph.inputs and inner.outputs == graph.outputs:
            return parts[0]

    def run(inputs: Sequence[Any]) -> list[Any]:
        known: dict[Var | Literal, Any] = dict(zip(graph.inputs, inputs, strict=True))
        for segment, part in zip(segments, parts, strict=True):
            made = part([known[v] for v in segment.graph.inputs])
            known.update(zip(segment.graph.outputs, made, strict=True))
        return [known[x] if isinstance(x, Var) else x.value for x in graph.outputs]

    return run


class NativeSegment:
    """A graph that is native throughout, compiled. Safe to call from several threads."""

    def __init__(self, graph: Graph) -> None:
        emitted = emit(graph)
        self.source = emitted.source
        self._constants = [flat(k.value) for k in emitted.constants]
        self._spaces = [(n, np.dtype(name[2:])) for name, n in emitted.workspaces.items()]
        self._free: list[list[Array]] = []  # workspaces that no call is using
        self._outputs = [(t.size, t.dtype, t.shape) for t in emitted.outputs]
        self._scalars = [v.type.dtype.type if v.type.shape == () else None for v in graph.inputs]
        self._run = build(
            emitted.source,
            [
                *(scalar_or_array_type(v.type) for v in graph.inputs),
                *(array_type(k.dtype) for k in self._constants),
                *(array_type(dtype) for _, dtype, _ in self._outputs),
                *(array_type(dtype) for _, dtype in self._spaces),
            ],
        )

    def __call__(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs for plain arrays and numbers of the graph's types."""
        arguments = [
            x.ravel() if scalar is None else scalar(x)
            for x, scalar in zip(inputs, self._scalars, strict=True)
        ]
        outputs = [np.empty(n, dtype) for n, dtype, _ in self._outputs]
        try:
            spaces = self._free.pop()
        except IndexError:
            spaces = [empty(n, dtype) for n, dtype in self._spaces]
        self._run(*arguments, *self._constants, *outputs, *spaces)
        self._free.append(spaces)
        return [
            out[0] if shape == () else out if len(shape) == 1 else out.reshape(shape)
            for out, (_, _, shape) in zip(outputs, self._outputs, strict=True)
        ]


def flat(x: Array) -> Array:
    """The entries in C order, one after the other, without a copy where they lie so."""
    return x.ravel()


def empty(n: int, dtype: np.dtype[Any]) -> Array:
    """A flat array that begins where a cache line does: vectors in it do not lie across two."""
    line = 64
    room = np.empty(n * dtype.itemsize + line, np.uint8)
    start = -room.ctypes.data % line
    return room[start : start + n * dtype.itemsize].view(dtype)


def array_type(dtype: np.dtype[Any]) -> Any:
    """Numba's type of a flat array."""
    from numba import from_dtype, types

    return types.Array(from_dtype(dtype), 1, "C")


def scalar_or_array_type(kind: ArrayType) -> Any:
    """Numba's type of an argument: numbers are passed by value."""
    from numba import from_dtype

    return from_dtype(kind.dtype) if kind.shape == () else array_type(kind.dtype)
