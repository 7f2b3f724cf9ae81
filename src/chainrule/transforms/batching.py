"""Batching: a walk forwards over a graph that computes many examples at once.

At every equation of which an input is batched, the primitive's batch rule takes its place; all
else is computed once for all examples. Values that are themselves traced make the walk a part of
the outer recording, as in ``jvp.py``, so batching nests with everything.

``vmap.py`` is what users call. Loops and branches batch the graphs that they hold by
:func:`batched_graph`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.core.primitive import batch_rule
from chainrule.core.trace import Trace, bind, standing_for
from chainrule.ops.batch import with_axis
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze

Flags = tuple[bool, ...]


def evaluate_batched(
    graph: Graph, inputs: Sequence[Any], batched: Sequence[bool], size: int
) -> tuple[list[Any], Flags]:
    """The outputs of a graph for ``size`` examples, and which of them differ between examples.

    Inputs whose flag in ``batched`` is true have the axis of examples first, and so have outputs.
    """
    known: dict[Var, tuple[Any, bool]] = {}
    known.update(zip(graph.inputs, zip(inputs, batched, strict=True), strict=True))

    def value_of(x: Var | Literal) -> tuple[Any, bool]:
        return (x.value, False) if isinstance(x, Literal) else known[x]

    last_use = {x: i for i, e in enumerate(graph.equations) for x in e.inputs}
    last_use.update(dict.fromkeys(graph.outputs, len(graph.equations)))
    for i, equation in enumerate(graph.equations):
        pairs = [value_of(x) for x in equation.inputs]
        values, flags = [x for x, _ in pairs], tuple(flag for _, flag in pairs)
        primitive, made = equation.primitive, any(flags)
        if equation.source is None:
            result = _result(equation, values, flags, size)
        else:
            with standing_for(equation.source):
                result = _result(equation, values, flags, size)
        if not primitive.several:
            known[equation.outputs[0]] = result, made
        else:
            results, which = result if made else (result, (False,) * len(result))
            pairs = zip(results, which, strict=True)
            known.update(zip(equation.outputs, pairs, strict=True))
        for x in equation.inputs:
            if isinstance(x, Var) and last_use[x] == i:
                known.pop(x, None)  # free its memory
    found = [value_of(x) for x in graph.outputs]
    return [x for x, _ in found], tuple(flag for _, flag in found)


def _result(equation: Equation, values: Sequence[Any], flags: Flags, size: int) -> Any:
    if any(flags):
        return batch_rule(equation.primitive)(flags, size, *values, **equation.params)
    return bind(equation.primitive, values, equation.params)


@lru_cache(maxsize=1024)
def batched_graph(
    graph: Graph, batched: Flags, size: int, forced: Flags | None = None
) -> tuple[Graph, Flags]:
    """The graph of a batch, and which of its outputs are batched: at least the ``forced`` ones."""
    flags: Flags = ()

    def of_batch(*values: Any) -> list[Any]:
        nonlocal flags
        outputs, found = evaluate_batched(graph, values, batched, size)
        flags = tuple(a or b for a, b in zip(found, forced or found, strict=True))
        return [
            with_axis(x, have, size) if want else x
            for x, have, want in zip(outputs, found, flags, strict=True)
        ]

    types = [
        ArrayType((size, *v.type.shape), v.type.dtype) if flag else v.type
        for v, flag in zip(graph.inputs, batched, strict=True)
    ]
    recording = record(of_batch, types, trace=Trace(differentiates=False))
    return freeze(recording), flags
