"""What runs along an axis, each entry after the one before: cumsum, cumprod and argsort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Var
from chainrule.executors.native.nest import Nest
from chainrule.executors.native.refs import Ref
from chainrule.executors.native.routines import Routine, in_loops, steps

if TYPE_CHECKING:
    from chainrule.executors.native.emit import Writer

SCANS = {"cumsum": "+", "cumprod": "*"}
ALONG = frozenset({*SCANS, "argsort"})

ARGSORT = '''\
@njit(**OPTIONS)
def argsort_{kind}(n, x, x0, x_step, out, o0, out_step, work, w0):
    """Places of n entries in ascending order by merging: equal ones as they stand, NaN last."""
    apart()
    for i in range(n):
        work[w0 + i] = i
    old, new, width = w0, w0 + n, 1
    while width < n:
        for begin in range(0, n, 2 * width):
            left, middle, end = begin, min(begin + width, n), min(begin + 2 * width, n)
            right = middle
            for k in range(begin, end):
                if right < end:
                    a = x[x0 + work[old + min(left, n - 1)] * x_step]
                    b = x[x0 + work[old + right] * x_step]
                if right < end and (left == middle or b < a or (a != a and b == b)):
                    work[new + k] = work[old + right]
                    right += 1
                else:
                    work[new + k] = work[old + left]
                    left += 1
        old, new, width = new, old, 2 * width
    for i in range(n):
        out[o0 + i * out_step] = work[old + i]
'''
TEXTS = [ARGSORT.format(kind=kind) for kind in ("float32", "float64", "int32", "int64", "bool")]


def along(equation: Equation, x: Ref) -> Routine:
    """What an equation becomes; sorting needs room for two lists of places."""
    (out,) = equation.outputs
    name = equation.primitive.name
    if name in SCANS:
        return Routine(equation, name, (x,), (out,))
    axis: int = equation.params["axis"]
    room = Var(ArrayType((2 * x.shape[axis],), np.dtype(np.int64)))
    return Routine(equation, name, (x,), (out, room))


def write_along(writer: Writer, group: Routine) -> None:
    """Add the lines for one group."""
    write = _scan if group.name in SCANS else _argsort
    write(writer, group, group.equation.params["axis"])


def _scan(writer: Writer, group: Routine, axis: int) -> None:
    """The first entries as they are; each other one is added to, or times, what is before it."""
    (x,), out = group.reads, group.writes[0]
    whole, spot = Ref.whole(out), writer.memory.spots[out]
    t = out.type.dtype.name
    head, tail = _cut(x, axis, 0, 1), _cut(x, axis, 1, None)
    nest = Nest(head.shape)
    to = nest.operand(spot.array, spot.at(), whole.strides)
    nest.stores.append((to, f"{t}({writer.read(nest, head, {})})"))
    writer.call(nest, [group.equation])
    if x.shape[axis] == 1:
        return
    nest, step = Nest(tail.shape), whole.strides[axis]
    value = writer.read(nest, tail, {})
    # one operand for both entries, so that LLVM sees that it is the same memory
    entry = nest.gathered(spot.array, spot.at(step), whole.strides, " - back")
    nest.lines += [f"back = {step}", f"sofar = {entry}", "back = 0"]
    nest.lines.append(f"{entry} = sofar {SCANS[group.name]} {t}({value})")
    writer.call(nest, [])


def _cut(ref: Ref, axis: int, start: int, stop: int | None) -> Ref:
    return ref.sliced((*(slice(None),) * axis, slice(start, stop)))


def _argsort(writer: Writer, group: Routine, axis: int) -> None:
    (x,), (out, room) = group.reads, group.writes
    order = (*(i for i in range(len(x.shape)) if i != axis), axis)
    places = [v.transposed(order) for v in (x, Ref.whole(out))]
    arguments = ", ".join(
        f"{spot.array}, at({spot.at(v.offset)}{steps(v.strides[:-1])}), at({v.strides[-1]})"
        for v in places
        for spot in (writer.memory.spots[v.base],)
    )
    work = writer.memory.spots[room]
    n = x.shape[axis]
    call = f"argsort_{x.base.type.dtype.name}(at({n}), {arguments}, {work.array}, at({work.at()}))"
    writer.calls += in_loops(places[0].shape[:-1], call)
