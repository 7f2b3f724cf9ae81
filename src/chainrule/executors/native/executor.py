"""The native executor: a graph as machine code, with the interpreter for what is not native yet.

The equations are cut into segments: as many native ones as can run, then those that only the
interpreter knows, and so on. Each native segment becomes one compiled function. Results may be
written into donated inputs if all is native.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.core.interpreter import Run, interpret
from chainrule.executors.executable import Executable
from chainrule.executors.native.build import build
from chainrule.executors.native.donation import writable
from chainrule.executors.native.emit import emit
from chainrule.executors.native.lowering import lowered
from chainrule.executors.native.schedule import KNOWN, is_native
from chainrule.executors.native.segments import Segment, cut
from chainrule.executors.results import separate_results
from chainrule.transforms.control.executable import executable, holds_graphs

Array = Any


NOTHING: Mapping[int, int] = MappingProxyType({})


def native(graph: Graph, donated: Mapping[int, int] = NOTHING) -> Executable:
    """A graph as a function of plain arrays that runs as machine code where it can.

    ``donated[i] = j`` lets result i be written into input j, of the same type, if all is native.
    """
    graph = lowered(graph)
    if _is_native(graph):
        return _compiled(graph, donated)
    return _in_segments(separate_results(graph))


def _in_segments(graph: Graph) -> Executable:
    segments = cut(graph)
    parts = [_compiled(s.graph) if s.native else _interpreted(s.graph) for s in segments]
    return Executable(
        _joined(graph, segments, [part.run for part in parts]),
        len(graph.equations),
        tuple(source for part in parts for source in part.sources),
        tuple(name for part in parts for name in part.interpreted),
        tuple(name for part in parts for name in part.inside),
    )


def _compiled(graph: Graph, donated: Mapping[int, int] = NOTHING) -> Executable:
    made = NativeSegment(graph, donated)
    return Executable(made, len(graph.equations), (made.source,), (), (), made.overwrites)


def _interpreted(graph: Graph) -> Executable:
    """A graph in the interpreter; what its loops and branches hold is native where it can be."""
    held: list[Executable] = []

    def make(part: Graph) -> Run:
        part = lowered(part)
        held.append(_compiled(part) if _is_native(part) else _in_segments(part))
        return held[-1].run

    def prepared(equation: Equation) -> Equation:
        if not holds_graphs(equation):
            return equation
        run = executable(equation, make)

        def value(*operands: Any, **_held: Any) -> tuple[Any, ...]:
            return run(*operands)

        return replace(equation, primitive=replace(equation.primitive, value=value))

    equations = tuple(map(prepared, graph.equations))
    return Executable(
        interpret(replace(graph, equations=equations)),
        len(equations),
        tuple(source for part in held for source in part.sources),
        tuple(e.primitive.name for e in equations),
        tuple(name for part in held for name in (*part.interpreted, *part.inside)),
    )


def _is_native(graph: Graph) -> bool:
    """Whether all equations are native, and inputs that none of them reads of a known dtype."""
    read = {x for e in graph.equations for x in e.inputs}
    known = all(v in read or v.type.dtype in KNOWN for v in graph.inputs)
    return known and bool(graph.equations) and all(map(is_native, graph.equations))


def _joined(graph: Graph, segments: Sequence[Segment], parts: Sequence[Run]) -> Run:
    """One function of several segments."""

    def run(inputs: Sequence[Any]) -> list[Any]:
        known: dict[Var | Literal, Any] = dict(zip(graph.inputs, inputs, strict=True))
        for segment, part in zip(segments, parts, strict=True):
            made = part([known[v] for v in segment.graph.inputs])
            known.update(zip(segment.graph.outputs, made, strict=True))
        return [known[x] if isinstance(x, Var) else x.value for x in graph.outputs]

    return run


class NativeSegment:
    """A graph that is native throughout, compiled. Safe to call from several threads."""

    def __init__(self, graph: Graph, donated: Mapping[int, int] = NOTHING) -> None:
        emitted = emit(graph, donated=donated)
        self.source = emitted.source
        self.overwrites = emitted.overwrites
        self._constants = [flat(k.value) for k in emitted.constants]
        self._spaces = [(n, np.dtype(name[2:])) for name, n in emitted.workspaces.items()]
        self._free: list[list[Array]] = []  # workspaces that no call is using
        self._outputs = [
            (t.shape, t.dtype) for i, t in enumerate(emitted.outputs) if i not in self.overwrites
        ]
        self._scalars = [v.type.dtype.type if v.type.shape == () else None for v in graph.inputs]
        self._run = build(
            emitted.source,
            [
                *(scalar_or_array_type(v.type) for v in graph.inputs),
                *(array_type(k.dtype) for k in self._constants),
                *(array_type(dtype) for _, dtype in self._outputs),
                *(array_type(dtype) for _, dtype in self._spaces),
            ],
        )

    def __call__(self, inputs: Sequence[Any]) -> list[Any]:
        """The outputs for plain arrays and numbers of the graph's types."""
        if self.overwrites:
            inputs = writable(inputs, self.overwrites.values(), self._constants)
        arguments = [
            x.ravel() if scalar is None else scalar(x)
            for x, scalar in zip(inputs, self._scalars, strict=True)
        ]
        outputs = [np.empty(shape, dtype) for shape, dtype in self._outputs]
        flat_outputs = [x if x.ndim == 1 else x.reshape(-1) for x in outputs]
        try:
            spaces = self._free.pop()
        except IndexError:
            spaces = [empty(n, dtype) for n, dtype in self._spaces]
        self._run(*arguments, *self._constants, *flat_outputs, *spaces)
        self._free.append(spaces)
        results = [x if x.ndim else x[()] for x in outputs]
        for i in sorted(self.overwrites):
            results.insert(i, inputs[self.overwrites[i]])
        return results


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
