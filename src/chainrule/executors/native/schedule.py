"""What a schedule is made of: groups of equations that run together, in an order.

``scheduler.py`` makes one of a graph. A group is a loop that equations share (``fusion.py``), a
product, a copy, a read or write at integer arrays, or a loop or branch of the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.executors.native.along import ALONG
from chainrule.executors.native.expressions import template
from chainrule.executors.native.fusion import REDUCTIONS, Loop
from chainrule.executors.native.indexed import is_emitted
from chainrule.executors.native.lapack import LINEAR_ALGEBRA, is_lapack
from chainrule.executors.native.refs import Base, Ref
from chainrule.executors.native.routines import Routine

VIEWS = frozenset({"transpose", "broadcast_to", "reshape", "flip"})
PRODUCTS = frozenset({"matmul", "subtract_product"})
INDEXING = frozenset({"getitem", "scatter_add", "setitem"})
CONTROL = frozenset({"scan", "while_loop", "cond", "checkpoint"})
_FLOATS = frozenset({np.dtype(np.float32), np.dtype(np.float64)})
_NUMBERS = _FLOATS | {np.dtype(np.int64), np.dtype(np.int32)}
KNOWN = _NUMBERS | {np.dtype(np.bool_)}


@dataclass(eq=False)
class Product:
    """One matrix product, done by BLAS."""

    equation: Equation


@dataclass(eq=False)
class Move:
    """A copy of a view into (a part of) another buffer."""

    source: Ref
    target: Ref


@dataclass(eq=False)
class Indexed:
    """Reading, adding or writing at integer arrays."""

    equation: Equation


@dataclass(eq=False)
class Control:
    """A loop or branch of the graph, with the schedules of the graphs that it holds."""

    equation: Equation
    parts: dict[str, Schedule]


Group = Loop | Product | Move | Indexed | Control | Routine


@dataclass
class Schedule:
    """The groups in the order in which they run, and how every variable is reached.

    ``outputs`` are the bases that hold the results, each whole and each its own. ``carried`` maps
    those that become the carry of a loop to the inputs that hold it.
    """

    graph: Graph
    groups: list[Group]
    refs: dict[Base, Ref]
    outputs: list[Var]
    carried: Mapping[Var, Var]


def is_native(equation: Equation) -> bool:
    """Whether an equation can be emitted."""
    types = [x.type for x in (*equation.inputs, *equation.outputs)]
    if any(t.dtype not in KNOWN for t in types) or any(0 in t.shape for t in types):
        return False
    if equation.primitive.several:
        return equation.primitive.name in CONTROL and all(map(is_native, _held(equation)))
    name, (out,) = equation.primitive.name, equation.outputs
    if types[:-1] and template(name, operand_dtype(types[:-1]), out.type.dtype) is not None:
        return True
    if name == "subtract_product":
        return out.type.dtype in _FLOATS and types[2].dtype == types[3].dtype == out.type.dtype
    if name == "matmul":
        vectors = types[0].ndim == 1 or types[1].ndim == 1
        return out.type.dtype in _FLOATS and all(
            1 <= t.ndim <= (2 if vectors else t.ndim) and t.dtype == out.type.dtype
            for t in types[:2]
        )
    if name in REDUCTIONS or name in ALONG:
        return True
    if name in LINEAR_ALGEBRA:
        return is_lapack(equation)
    if name in INDEXING:
        return is_emitted(equation)
    return name in VIEWS or name in {"select", "convert", "convert_to_discrete", "concatenate"}


def _held(equation: Equation) -> list[Equation]:
    """The equations of the graphs that a loop or branch holds."""
    return [e for graph in held_graphs(equation).values() for e in graph.equations]


def held_graphs(equation: Equation) -> dict[str, Graph]:
    """The graphs that a loop or branch holds, by the name of the parameter."""
    return {name: x for name, x in equation.params.items() if isinstance(x, Graph)}


def operand_dtype(types: Sequence[ArrayType]) -> Any:
    """The dtype that operands are brought to; a Python number gives way to an array (NEP 50)."""
    strong = [t.dtype for t in types if not t.weak]
    if not strong:
        return np.result_type(*(t.dtype for t in types))
    found = np.result_type(*strong)
    kinds = "biuf"
    weak = [
        t.dtype for t in types if t.weak and kinds.index(t.dtype.kind) > kinds.index(found.kind)
    ]
    return np.result_type(*weak) if weak else found


def standing(equation: Equation) -> Sequence[Var | Literal]:
    """The operands of a loop or branch that it does not copy into the buffer of a carry."""
    inputs, params = equation.inputs, equation.params
    if equation.primitive.name == "cond":
        return inputs[1:]
    if equation.primitive.name == "checkpoint":
        return inputs
    n: int = params["constants"]
    return (*inputs[:n], *inputs[n + len(carries(equation)) :])


def carries(equation: Equation) -> Sequence[Var | Literal]:
    """The operands of a loop that are its first carry."""
    name, inputs, params = equation.primitive.name, equation.inputs, equation.params
    if name in ("cond", "checkpoint"):
        return ()
    n: int = params["constants"]
    return inputs[n : n + params["carries"]] if name == "scan" else inputs[n:]


def becoming(equation: Equation, part: str) -> dict[int, int]:
    """Which outputs of a loop's body become which of its inputs."""
    if part != "body" or equation.primitive.name == "checkpoint":
        return {}
    n: int = equation.params["constants"]
    return {i: n + i for i in range(len(carries(equation)))}


def strong(x: Var | Literal) -> ArrayType:
    """The type of a value in memory: a Python number there is an array's."""
    return ArrayType(x.type.shape, x.type.dtype)


def constant_of(literal: Literal) -> object | None:
    """The number that a literal holds everywhere, or None if it holds several."""
    value = np.asarray(literal.value)
    if value.size == 0:
        return None
    first = value.reshape(-1)[0]
    same = value.ndim == 0 or bool(np.all((value == first) | ((value != value) & (first != first))))
    return first.item() if same else None


def is_number(ref: Ref) -> bool:
    """Whether a view may be of one number that is in no array: an argument by value, a constant."""
    base = ref.base
    return base.type.shape == () or (isinstance(base, Literal) and constant_of(base) is not None)


def as_row(ref: Ref) -> Ref:
    """A vector on the left of a product as a matrix of one row."""
    if len(ref.shape) != 1:
        return ref
    (n,), (stride,) = ref.shape, ref.strides
    return Ref(ref.base, (1, n), (n * stride, stride), ref.offset)


def as_column(ref: Ref) -> Ref:
    """A vector on the right of a product as a matrix of one column."""
    if len(ref.shape) != 1:
        return ref
    return Ref(ref.base, (*ref.shape, 1), (*ref.strides, 1), ref.offset)


def matrix(ref: Ref) -> Ref:
    """The first matrix of a stack."""
    return Ref(ref.base, ref.shape[-2:], ref.strides[-2:], ref.offset)


def joined_rows(a: Ref, b: Ref, c: Ref) -> tuple[Ref, Ref, Ref]:
    """The factors and the result of a product of stacks, seen over the result's stack.

    A stack of matrices in one piece, times one matrix, is one product with all their rows.
    """
    if len(c.shape) > 2 and len(b.shape) == 2 and a.is_contiguous:
        (k, n), rows = b.shape, a.size // b.shape[0]
        return Ref(a.base, (rows, k), (k, 1), a.offset), b, Ref(c.base, (rows, n), (n, 1), c.offset)
    batch = c.shape[:-2]
    return a.broadcast((*batch, *a.shape[-2:])), b.broadcast((*batch, *b.shape[-2:])), c


def product_views(equation: Equation, refs: Mapping[Base, Ref]) -> tuple[Ref, Ref, Ref]:
    """The factors and the result of a product as (stacks of) matrices."""
    *_, x, y = equation.inputs
    a, b = as_row(refs[x]), as_column(refs[y])
    c = Ref.whole(equation.outputs[0])
    if len(c.shape) < 2 or len(a.shape) == len(b.shape) == 2:
        c = Ref(c.base, (a.shape[0], b.shape[1]), (b.shape[1], 1))
    return joined_rows(a, b, c)


def blas_layout(ref: Ref) -> tuple[bool, int] | None:
    """Whether a matrix lies transposed, and the stride of its rows; None if BLAS cannot read it."""
    shape, strides = ref.shape, ref.strides
    if len(shape) == 1:
        shape, strides = (shape[0], 1), (strides[0], 1)
        return (False, strides[0]) if strides[0] >= 1 else None
    (m, n), (s, t) = shape, strides
    if (t == 1 or n == 1) and (s >= n or m == 1):
        return False, max(s if m > 1 else n, n)
    if (s == 1 or m == 1) and (t >= m or n == 1):
        return True, max(t if n > 1 else m, m)
    return None
