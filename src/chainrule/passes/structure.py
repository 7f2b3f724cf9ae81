"""Rewrites of shapes, views and indices: the functions behind the table in ``simplify.py``.

Each takes the walk and an equation and returns what stands for its result, or None.
"""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np

from chainrule.core.graph import Equation, Literal
from chainrule.ops.index import Slot
from chainrule.ops.shaping import broadcast_to, reshape, transpose
from chainrule.passes.literals import like
from chainrule.passes.rewriting import Operand, Rewriting


def reshaped_twice(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """A reshape of a reshape is one, and none if the shape is the first again."""
    made = rewriting.maker(equation.inputs[0], "reshape")
    if made is None:
        return None
    x, kind = made.inputs[0], equation.outputs[0].type
    return x if x.type == kind else rewriting.apply(reshape, x, shape=kind.shape)


def transposed_twice(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """A transpose of a transpose is one, and none if the order is the first again."""
    order: tuple[int, ...] = equation.params["order"]
    if tuple(order) == tuple(range(len(order))):
        return equation.inputs[0]
    made = rewriting.maker(equation.inputs[0], "transpose")
    if made is None:
        return None
    both = tuple(made.params["order"][i] for i in order)
    return rewriting.apply(transpose, made.inputs[0], order=both)


def broadcast_twice(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """A broadcast of a broadcast is one."""
    made = rewriting.maker(equation.inputs[0], "broadcast_to")
    shape = equation.outputs[0].type.shape
    return None if made is None else rewriting.apply(broadcast_to, made.inputs[0], shape=shape)


def flipped_twice(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """Flips along the same axes cancel."""
    made = rewriting.maker(equation.inputs[0], "flip")
    axes = tuple(equation.params["axes"])
    same = made is not None and tuple(made.params["axes"]) == axes
    return made.inputs[0] if same and made is not None else None


def without_broadcasts(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """An elementwise function broadcasts by itself.

    An operand that was broadcast is read as it was before, an array of equal entries as a number,
    if the shape of the result comes from the others.
    """
    inputs, shape = list(equation.inputs), equation.outputs[0].type.shape
    for place, x in enumerate(inputs):
        narrow = _narrow(rewriting, x)
        if narrow is not None:
            others = [z.type.shape for i, z in enumerate(inputs) if i != place]
            if np.broadcast_shapes(narrow.type.shape, *others) == shape:
                inputs[place] = narrow
    if all(x is before for x, before in zip(inputs, equation.inputs, strict=True)):
        return None
    return rewriting.apply(equation.primitive, *inputs)


def _narrow(rewriting: Rewriting, x: Operand) -> Operand | None:
    made = rewriting.maker(x, "broadcast_to")
    if made is not None:
        (source,) = made.inputs
        return None if source.type.weak else source
    if isinstance(x, Literal) and x.type.shape:
        number = rewriting.number(x)
        return None if number is None else like(x, number)
    return None


def reduced_along_nothing(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """An extreme or product of one entry is the entry.

    Not so a sum, which makes 0.0 of -0.0.
    """
    (x,) = equation.inputs
    axes: tuple[int, ...] = equation.params["axes"]
    if any(x.type.shape[i] != 1 for i in axes):
        return None
    shape = equation.outputs[0].type.shape
    return x if x.type.shape == shape else rewriting.apply(reshape, x, shape=shape)


# ---- indices -------------------------------------------------------------------------------------


def _is_basic(index: tuple[Any, ...]) -> bool:
    return not any(type(part) is Slot for part in index)


def _keeps_order(index: tuple[Any, ...]) -> bool:
    steps = (cast("Any", part).step for part in index if isinstance(part, slice))
    return all(step is None or step > 0 for step in steps)


def taken_whole(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """Reading all entries in their order is a reshape, and so is adding them into zeros."""
    (x, *arrays), (out,) = equation.inputs, equation.outputs
    index: tuple[Any, ...] = equation.params["index"]
    if arrays or not _keeps_order(index) or x.type.size != out.type.size:
        return None
    if not out.type.shape or not x.type.size:
        return None  # an entry is a NumPy number, a reshaped array is not
    if (
        equation.primitive.name == "scatter_add"
        and _part_size(out.type.shape, index) != x.type.size
    ):
        return None
    return x if x.type == out.type else rewriting.apply(reshape, x, shape=out.type.shape)


def _part_size(shape: tuple[int, ...], index: tuple[Any, ...]) -> int:
    model = np.broadcast_to(np.empty((), np.bool_), shape)
    return math.prod(np.shape(model[index]))


def read_where_written(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """``zeros with x added at i, read at i -> x``, the same after ``x[i] = v``; slices only."""
    index: tuple[Any, ...] = equation.params["index"]
    made = rewriting.maker(equation.inputs[0], "scatter_add", "setitem")
    if made is None or not _is_basic(index) or made.params["index"] != index:
        return None
    written = made.inputs[0 if made.primitive.name == "scatter_add" else 1]
    return written if written.type == equation.outputs[0].type else None


def read_of_joined(rewriting: Rewriting, equation: Equation) -> Operand | None:
    """Reading what was one part of a concatenation."""
    made = rewriting.maker(equation.inputs[0], "concatenate")
    index: tuple[Any, ...] = equation.params["index"]
    if made is None:
        return None
    axis: int = made.params["axis"]
    if len(index) != axis + 1 or any(part != slice(None) for part in index[:axis]):
        return None
    part, start = index[axis], 0
    if not isinstance(part, slice):
        return None
    wanted = part.indices(equation.inputs[0].type.shape[axis])
    for x in made.inputs:
        stop = start + x.type.shape[axis]
        if wanted == (start, stop, 1) and x.type == equation.outputs[0].type:
            return x
        start = stop
    return None
