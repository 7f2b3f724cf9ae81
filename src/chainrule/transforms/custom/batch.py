"""A call of a batch: the function by its graph, and its rules, each under ``vmap``.

What is the same for all examples stays so; its cotangent is the sum over the examples.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from chainrule.core.graph import Graph
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.ops.batch import with_axis
from chainrule.transforms.batching import Flags, evaluate_batched
from chainrule.transforms.custom.arguments import Arguments, arrays_in
from chainrule.transforms.custom.call import Call, Rules
from chainrule.transforms.directions import or_zeros
from chainrule.transforms.vmap import vmap


def batched_call(call: Call, graph: Graph, structure: Structure, batched: Flags, size: int) -> Call:
    """The call for ``size`` examples, as a function of leaves with the examples' axis first.

    ``structure`` is that of the call's result.
    """

    def value(*inputs: Any) -> list[Any]:
        outputs, flags = evaluate_batched(graph, inputs, batched, size)
        return [with_axis(x, flag, size) for x, flag in zip(outputs, flags, strict=True)]

    value.__name__ = str(call)
    rules = Rules(
        _push(call, structure, batched) if call.rules.push else None,
        _pull(call, structure, batched) if call.rules.pull else None,
        _forward(call, batched) if call.rules.forward else None,
    )
    return Call(value, rules, Arguments(flatten((0.0,) * len(batched))[1], {}))


def _axes(batched: Flags) -> tuple[int | None, ...]:
    return tuple(0 if flag else None for flag in batched)


def _push(call: Call, structure: Structure, batched: Flags) -> Callable[[Any, Any, Any], Any]:
    def one(out: Any, inputs: Any, tangents: Any) -> Any:
        return or_zeros(call.push(unflatten(structure, out), inputs, tangents), out)

    return vmap(one, (0, _axes(batched), _axes(batched)))


def _pull(call: Call, structure: Structure, batched: Flags) -> Callable[[Any, Any, Any, Any], Any]:
    def pull(out: Any, inputs: Any, residuals: Any, cts: Any) -> tuple[Any, ...]:
        held, arrays = cast("tuple[Any, Any]", residuals or (None, ()))

        def one(out: Any, inputs: Any, arrays: Any, cts: Any) -> Any:
            kept = None if held is None else held.filled(arrays)
            return or_zeros(call.pull(unflatten(structure, out), inputs, kept, cts), inputs)

        pulled = vmap(one, (0, _axes(batched), 0, 0))(out, inputs, arrays, cts)
        pairs = zip(pulled, batched, strict=True)
        return tuple(ct if flag else np.sum(ct, axis=0) for ct, flag in pairs)

    return pull


def _forward(call: Call, batched: Flags) -> Callable[..., Any]:
    def forward(*inputs: Any) -> Any:
        held: list[Arguments] = []

        def one(*xs: Any) -> Any:
            out, residuals = call.forward(xs)
            constants, arrays = arrays_in(residuals)
            held.append(constants)
            return flatten(out)[0], arrays

        out, arrays = vmap(one, _axes(batched))(*inputs)
        return out, (held[0], arrays)

    return forward
