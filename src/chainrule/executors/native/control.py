"""Loops and branches of the graph as loops and branches of the emitted function.

A carry lives in the buffer of its result: the first one is copied there, each turn reads it there
and leaves the next one there. The xs are read and the ys written where the step says; nothing is
allocated inside a loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from chainrule.executors.native.memory import Spot
from chainrule.executors.native.refs import Base, Ref
from chainrule.executors.native.schedule import Control, Move, carries

if TYPE_CHECKING:
    from chainrule.executors.native.emit import Writer


Spots = Sequence[Spot]


def write_control(writer: Writer, group: Control) -> None:
    """Add the lines for a loop or branch to those of the graph around it."""
    name = group.equation.primitive.name
    _WRITTEN[name](writer, group)


def _scan(writer: Writer, group: Control) -> None:
    equation = group.equation
    length: int = equation.params["length"]
    begun = _begin(writer, group)
    step = f"step{writer.depth}"
    n_carries = len(begun)
    xs = equation.inputs[equation.params["constants"] + n_carries :]
    ys = equation.outputs[n_carries:]
    entries = [_entry(writer, x, step) for x in xs]
    results = [*begun, *(_entry(writer, y, step) for y in ys)]
    order = f"range({length - 1}, -1, -1)" if equation.params["reverse"] else f"range({length})"
    writer.calls.append(f"for {step} in {order}:")
    inputs = [*_constants(writer, group), *begun, *entries]
    writer.calls += _indented(_lines(writer, group, "body", inputs, results))


def _while(writer: Writer, group: Control) -> None:
    begun = _begin(writer, group)
    inputs = [*_constants(writer, group), *begun]
    (holds,) = group.parts["test"].outputs
    spots = _spots(writer, group, "test", inputs, None)
    writer.calls.append("while True:")
    writer.calls += _indented(_lines(writer, group, "test", inputs, None))
    writer.calls += _indented([f"if not {spots[holds].array}[{spots[holds].at()}]:", "    break"])
    writer.calls += _indented(_lines(writer, group, "body", inputs, begun))


def _cond(writer: Writer, group: Control) -> None:
    pred, *operands = group.equation.inputs
    inputs = [_spot(writer, x) for x in operands]
    results = [writer.memory.spots[v] for v in group.equation.outputs]
    for head, part in ((f"if {writer.scalar(pred)}:", "true"), ("else:", "false")):
        writer.calls.append(head)
        writer.calls += _indented(_lines(writer, group, part, inputs, results) or ["pass"])


def _checkpoint(writer: Writer, group: Control) -> None:
    """Its lines, at the place where it stands."""
    inputs = [_spot(writer, x) for x in group.equation.inputs]
    results = [writer.memory.spots[v] for v in group.equation.outputs]
    writer.calls += _lines(writer, group, "body", inputs, results)


_WRITTEN = {"scan": _scan, "while_loop": _while, "cond": _cond, "checkpoint": _checkpoint}


def _begin(writer: Writer, group: Control) -> list[Spot]:
    """Copy the first carries to where the loop keeps them."""
    places: list[Spot] = []
    for x, out in zip(carries(group.equation), group.equation.outputs, strict=False):
        ref, spot = writer.plan.refs[x], writer.memory.spots[out]
        if not (ref.is_whole and writer.memory.spots.get(ref.base) == spot):
            writer.move(Move(ref, Ref.whole(out)))
        places.append(spot)
    return places


def _constants(writer: Writer, group: Control) -> list[Spot]:
    n: int = group.equation.params["constants"]
    return [_spot(writer, x) for x in group.equation.inputs[:n]]


def _spot(writer: Writer, x: Base) -> Spot:
    ref = writer.plan.refs[x]
    spot = writer.memory.spots[ref.base]
    return spot if spot.by_value else spot.shifted(ref.offset)


def _entry(writer: Writer, x: Base, step: str) -> Spot:
    """Where the entry of one step lies in what is stacked over the steps."""
    size = x.type.size // x.type.shape[0]
    return _spot(writer, x).shifted(0, f" + {step} * {size}" if size > 1 else f" + {step}")


def _lines(
    writer: Writer, group: Control, part: str, inputs: Spots, outputs: Spots | None
) -> list[str]:
    """The lines of one of the graphs that the group holds."""
    from chainrule.executors.native.emit import Writer as Inner  # the two call each other

    planned = writer.memory.parts[group][part]
    memory = replace(planned, spots=_spots(writer, group, part, inputs, outputs))
    schedule = group.parts[part]
    inner = Inner(schedule, memory, writer.functions, writer.depth + 1)
    for member in schedule.groups:
        inner.write(member)
    return inner.calls


def _spots(
    writer: Writer, group: Control, part: str, inputs: Spots, outputs: Spots | None
) -> dict[Base, Spot]:
    """Where the values of an inner graph are, as the graph around it sees them.

    Without ``outputs`` its results stay in its workspace.
    """
    schedule, planned = group.parts[part], writer.memory.parts[group][part]
    found = {v: _rebased(writer, group, spot) for v, spot in planned.spots.items()}
    found |= dict(zip(schedule.graph.inputs, inputs, strict=True))
    for v, spot in zip(schedule.outputs, outputs or (), strict=False):
        if planned.spots[v].array == "":
            found[v] = spot
    return found


def _rebased(writer: Writer, group: Control, spot: Spot) -> Spot:
    if not spot.array.startswith("w_"):
        return spot
    base = writer.memory.spots[writer.memory.scratch[group, spot.array]]
    return base.shifted(spot.offset)


def _indented(lines: Sequence[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)
