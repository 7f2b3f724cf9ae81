"""The two sweeps over a traced function as plain data, and all derivatives that they find."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Var
from chainrule.drawing.short import FEW as FEW_ENTRIES
from chainrule.drawing.short import magnitude, short
from chainrule.explorer.functions.entries import Entries
from chainrule.explorer.functions.on_picture import OnPicture
from chainrule.explorer.functions.traced import Traced
from chainrule.insight.lockstep import Lockstep, NodeStep
from chainrule.insight.sums import Sum
from chainrule.transforms.numbers import Numbers

Plain = Any
Array = Any
FEW = 20  # inputs of which the first one is where forward mode starts at first
MOST_NODES = 300
MOST_DERIVATIVES = 1_000  # that are told, of all inputs and outputs
MOST_ENTRIES = 10_000


def lockstep_answer(traced: Traced, start: int, end: int) -> Plain:
    """Both sweeps, node by node.

    Args:
        traced: the function.
        start: the input that forward mode starts from; -1 for the first one, or, of many, the one
            with the largest derivative.
        end: the output that reverse mode starts from.

    Raises:
        ArgumentError: there is no such input or output, or the graph is too large to be shown.
    """
    graph = traced.graph
    _require_small(traced)
    inputs = Entries(graph.inputs, traced.symbols, "input")
    outputs = Entries(graph.outputs, traced.symbols, "output")
    to = outputs.point(end)
    seeds = _seeds(graph.outputs, to.variable, to.entry)
    row = _row(traced.numbers.from_cotangents(seeds), inputs)
    if start < 0:
        start = 0 if len(inputs) <= FEW else int(np.argmax(np.abs(row)))
    on = OnPicture(traced)
    sweeps = Lockstep(on.graph, inputs.point(start), to, traced.symbols)
    return {
        "function": traced.subject.name,
        "inputs": inputs.plain(),
        "outputs": outputs.plain(),
        "n": len(inputs),
        "m": len(outputs),
        "start": start,
        "end": end,
        "start_text": inputs.text(start),
        "end_text": outputs.text(end),
        **on.plain(),
        "forward": [_step(step, on, traced) for step in sweeps.forward],
        "reverse": [_step(step, on, traced) for step in sweeps.reverse],
        "jacobian": _jacobian(traced, inputs, outputs),
    }


def _require_small(traced: Traced) -> None:
    nodes = len(traced.graph.inputs) + len(traced.graph.equations)
    if nodes > MOST_NODES:
        raise ArgumentError(
            f"{traced.subject.name} has {nodes:,} nodes; the two sweeps are shown for up to"
            f" {MOST_NODES}, so choose a smaller function"
        )


def _step(step: NodeStep, on: OnPicture, traced: Traced) -> Plain:
    sums = [_sum(x, traced.symbols[x.variable].text) for x in step.sums]
    return {"box": on.of_node(step.key), "sums": sums}


def _sum(x: Sum, variable: str) -> Plain:
    return {
        "variable": variable,
        "name": x.name.text,
        "kind": x.kind,
        "latex": x.latex,
        "text": x.text,
        "short": short(x.value),
        "brief": _brief(x.value),
        "value": _value(x.value),
    }


def _value(x: Array) -> Plain:
    """A number, or an array of real ones; None if it is too large to be sent."""
    if np.ndim(x) == 0:
        number: Any = np.real(x)
        return float(number)
    return x if x.size <= MOST_ENTRIES and x.dtype.kind == "f" else None


def _brief(x: Array) -> str:
    """What fits into a box: of an array that is not small its norm."""
    few = np.ndim(x) == 0 or (np.ndim(x) == 1 and np.size(x) <= FEW_ENTRIES)
    return short(x) if few else f"norm {magnitude(x):.3g}"


def _seeds(outputs: Any, variable: Var, entry: int) -> list[Array | None]:
    one = np.zeros(variable.type.shape, variable.type.dtype)
    one.reshape(-1)[entry] = 1
    at = outputs.index(variable)
    return [one[()] if n == at else None for n in range(len(outputs))]


def _row(numbers: Numbers, inputs: Entries) -> Array:
    """The derivatives of what the seeds say in all inputs."""
    parts: list[Array] = []
    for v in inputs.variables:
        found = numbers.cotangent(v)
        parts.append(np.zeros(v.type.size) if found is None else np.ravel(found))
    return np.concatenate(parts) if parts else np.zeros(0)


def _jacobian(traced: Traced, inputs: Entries, outputs: Entries) -> Array | None:
    """All derivatives, a row for each output; None if there are very many."""
    if not 0 < len(inputs) * len(outputs) <= MOST_DERIVATIVES:
        return None
    rows: list[Array] = []
    for number in range(len(outputs)):
        at = outputs.point(number)
        seeds = _seeds(traced.graph.outputs, at.variable, at.entry)
        rows.append(_row(traced.numbers.from_cotangents(seeds), inputs))
    return np.array(rows)
