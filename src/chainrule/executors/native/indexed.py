"""Reading, adding and writing at integer arrays: ``x[i]``, its transpose, and ``x[i] = v``.

The nest runs over the entries of the indexed part. Integer arrays stand next to each other in the
index, so the axes before and after them have strides; along theirs the place in ``x`` is computed
from the arrays' entries, which are checked against the axis as NumPy does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Literal, Var
from chainrule.executors.native.nest import Nest
from chainrule.executors.native.refs import Base, Ref
from chainrule.ops.index import Slot

if TYPE_CHECKING:
    from chainrule.executors.native.emit import Writer

READ, ADD, WRITE = "getitem", "scatter_add", "setitem"


@dataclass(frozen=True)
class Parts:
    """An indexing equation taken apart: the values other than integer arrays, and those."""

    values: Sequence[Base]
    arrays: Sequence[Base]
    index: tuple[Any, ...]

    @classmethod
    def of(cls, equation: Equation) -> Parts:
        """The parts of an equation of one of the three primitives."""
        n = 2 if equation.primitive.name == WRITE else 1
        return cls(equation.inputs[:n], equation.inputs[n:], equation.params["index"])


def is_emitted(equation: Equation) -> bool:
    """Whether an indexing equation has a native form."""
    parts = Parts.of(equation)
    if len({x.type.dtype for x in (*parts.values, *equation.outputs)}) != 1:
        return False
    slots = [i for i, part in enumerate(parts.index) if type(part) is Slot]
    if not slots:
        return True
    plain = any(isinstance(part, int) for part in parts.index)
    together = slots == list(range(slots[0], slots[-1] + 1))
    integers = all(x.type.dtype.kind == "i" for x in parts.arrays)
    return together and integers and not plain


def window(index: tuple[Any, ...], whole: Ref) -> tuple[Ref, int]:
    """What the slices of an index leave of an array, and the first axis with an integer array."""
    cut = tuple(slice(None) if type(part) is Slot else part for part in index)
    first = next(i for i, part in enumerate(index) if type(part) is Slot)
    view = whole.sliced(cut)
    if Ellipsis in index[:first]:  # count from the end: each later part is one axis
        return view, len(view.shape) - (len(index) - first)
    return view, first


def write_indexed(writer: Writer, equation: Equation) -> None:
    """Add the lines for an equation with integer arrays in its index."""
    name, (out,), parts = equation.primitive.name, equation.outputs, Parts.of(equation)
    refs = writer.plan.refs
    whole = refs[parts.values[0]] if name == READ else Ref.whole(out)
    if name == ADD:
        writer.move(_zeros(out))
    elif name == WRITE:
        writer.copy(refs[parts.values[0]], Ref.whole(out))
    view, axis = window(parts.index, whole)
    shape, data = _part(view, axis, [refs[x] for x in parts.arrays])
    nest = Nest(shape)
    _locate(writer, nest, parts.arrays, view, axis)
    spot = writer.memory.spots[whole.base]
    suffix = "".join(f" + j{n} * {view.strides[axis + n]}" for n in range(len(parts.arrays)))
    place = nest.gathered(spot.array, spot.at(view.offset), data, suffix)
    if name == READ:
        target = writer.memory.spots[out]
        nest.stores.append((nest.operand(target.array, target.at(), Ref.whole(out).strides), place))
    else:
        value = writer.read(nest, _fitted(refs[parts.values[-1]], shape), {})
        nest.lines.append(f"{place} {'+=' if name == ADD else '='} {value}")
    writer.call(nest, [equation])


def _zeros(out: Var) -> Any:
    from chainrule.executors.native.schedule import Move  # which imports this file

    zero = Literal(0, ArrayType((), out.type.dtype))
    return Move(Ref.whole(zero).broadcast(out.type.shape), Ref.whole(out))


def _fitted(ref: Ref, shape: tuple[int, ...]) -> Ref:
    """A value that is written, without leading axes of length one that the part has not."""
    extra = len(ref.shape) - len(shape)
    return Ref(ref.base, ref.shape[extra:], ref.strides[extra:], ref.offset) if extra > 0 else ref


def _part(view: Ref, axis: int, arrays: Sequence[Ref]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shape of the indexed part and the strides of ``view`` in it, 0 along the arrays' axes."""
    middle = np.broadcast_shapes(*(a.shape for a in arrays))
    rest = axis + len(arrays)
    shape = (*view.shape[:axis], *middle, *view.shape[rest:])
    return shape, (*view.strides[:axis], *(0,) * len(middle), *view.strides[rest:])


def _locate(writer: Writer, nest: Nest, arrays: Sequence[Base], view: Ref, axis: int) -> None:
    """Lines that find the places ``j0, j1 ...`` along the axes of the integer arrays."""
    after = len(view.shape) - axis - len(arrays)
    for n, x in enumerate(arrays):
        ref, size = writer.plan.refs[x], view.shape[axis + n]
        padded = Ref(
            ref.base, (*ref.shape, *(1,) * after), (*ref.strides, *(0,) * after), ref.offset
        )
        entry = writer.read(nest, padded, {})
        nest.lines += [
            f"j{n} = int64({entry})",
            f"if j{n} < -{size} or j{n} >= {size}:",
            f'    raise IndexError("index is out of bounds for axis {axis + n} with size {size}")',
            f"j{n} = j{n} + {size} if j{n} < 0 else j{n}",
        ]
