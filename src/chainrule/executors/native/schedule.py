"""Which equations run together: loops that share one iteration space, and calls between them.

Equations are taken in order. An elementwise equation, or a reduction of one, joins the first loop
of its shape that runs late enough to read its operands; else it opens a new loop. Views cost
nothing and belong to no group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.executors.native.along import ALONG, along
from chainrule.executors.native.expressions import template
from chainrule.executors.native.indexed import is_emitted
from chainrule.executors.native.lapack import LINEAR_ALGEBRA, Factors, is_lapack, lapack_groups
from chainrule.executors.native.refs import Base, Ref, contiguous
from chainrule.executors.native.routines import Routine
from chainrule.ops.indexing import Slot

REDUCTIONS = frozenset({"sum", "max", "min", "prod", "all", "any"})
VIEWS = frozenset({"transpose", "broadcast_to", "reshape", "flip"})
PRODUCTS = frozenset({"matmul", "subtract_product"})
INDEXING = frozenset({"getitem", "scatter_add", "setitem"})
CONTROL = frozenset({"scan", "while_loop", "cond"})
_FLOATS = frozenset({np.dtype(np.float32), np.dtype(np.float64)})
_NUMBERS = _FLOATS | {np.dtype(np.int64), np.dtype(np.int32)}
KNOWN = _NUMBERS | {np.dtype(np.bool_)}


@dataclass(eq=False)
class Loop:
    """Equations that are computed entry by entry over one shape, reductions at their edges."""

    shape: tuple[int, ...]
    equations: list[Equation] = field(default_factory=list[Equation])


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
    return [e for graph in _graphs(equation).values() for e in graph.equations]


def _graphs(equation: Equation) -> dict[str, Graph]:
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


def schedule(graph: Graph, *, shared: bool = False) -> Schedule:
    """Group the equations of a graph, all of which must be native.

    If the work is ``shared`` by threads, each loop keeps an axis that no sum in it runs along.
    """
    return _Scheduler(graph, shared=shared).run({})


class _Scheduler:
    def __init__(self, graph: Graph, *, shared: bool = False) -> None:
        self.graph = graph
        self.shared = shared
        self.groups: list[Group] = []
        self.refs: dict[Base, Ref] = {v: Ref.whole(v) for v in graph.inputs}
        self.made_in: dict[Var, int] = {}
        self.after: dict[Base, int] = {}  # first group that may read a base as a whole
        self.finished: dict[Base, int] = {}  # first group that may read it through a view
        self.factors: Factors = {}

    def run(self, carried: Mapping[int, int]) -> Schedule:
        """The schedule; ``carried[i]`` is the input that holds the carry that output i becomes."""
        # Inputs that are results are copied first, so that a new carry can take their place
        early = {
            i: self._copy(x) for i, x in enumerate(self.graph.outputs) if x in self.graph.inputs
        }
        for equation in self.graph.equations:
            self._place(equation)
        outputs = [
            early[i] if i in early else self._own_output(x, i)
            for i, x in enumerate(self.graph.outputs)
        ]
        targets = {outputs[i]: self.graph.inputs[j] for i, j in carried.items()}
        return Schedule(self.graph, self.groups, self.refs, outputs, targets)

    def _own_output(self, x: Var | Literal, number: int) -> Var:
        """A base that is returned as output ``number``: the value's own, or a copy of a view."""
        ref = self.ref(x)
        if not isinstance(x, Var) or ref.base is not x or not ref.is_whole:
            return self._copy(x)
        fresh = x in self.made_in and x not in self.graph.outputs[:number]
        return x if fresh else self._copy(x)

    def _copy(self, x: Var | Literal) -> Var:
        """A value in memory of its own, in C order."""
        copy = Var(ArrayType(x.type.shape, x.type.dtype))
        self._alone(Move(self.ref(x), Ref.whole(copy)), copy)
        return copy

    def ref(self, x: Var | Literal) -> Ref:
        if x not in self.refs:
            self.refs[x] = Ref.whole(x)
        return self.refs[x]

    def _place(self, equation: Equation) -> None:
        name, out = equation.primitive.name, equation.outputs[0]
        for x in equation.inputs:
            self.ref(x)  # literals are met here for the first time
        if name in CONTROL:
            self._control(equation)
        elif name in INDEXING and any(type(part) is Slot for part in equation.params["index"]):
            if name == "getitem":
                self._put_in_memory(equation.inputs[0])
            self._alone(Indexed(equation), out)
        elif name == "scatter_add":
            self._put(out, Literal(0, ArrayType((), out.type.dtype)), equation)
        elif name == "setitem":
            self._put(out, equation.inputs[0], equation)
        elif name in VIEWS or name == "getitem":
            self._view(equation)
        elif name in PRODUCTS:
            for x in equation.inputs[-2:]:
                self._make_readable_by_blas(x)
            self._alone(Product(equation), out)
        elif name in LINEAR_ALGEBRA:
            if name == "solve_triangular":
                self._make_readable_by_blas(equation.inputs[0])
            for group in lapack_groups(equation, self.ref, self.factors):
                self._alone(group, *group.writes)
        elif name in ALONG:
            (x,) = equation.inputs
            self._put_in_memory(x)
            group = along(equation, self.ref(x))
            self._alone(group, *group.writes)
        elif name == "concatenate":
            self._concatenate(equation)
        else:
            shape = equation.inputs[0].type.shape if name in REDUCTIONS else out.type.shape
            self._join(equation, shape, reduces=name in REDUCTIONS)

    def _view(self, equation: Equation) -> None:
        name, (out,) = equation.primitive.name, equation.outputs
        ref = self.ref(equation.inputs[0])
        if name == "transpose":
            self.refs[out] = ref.transposed(equation.params["order"])
        elif name == "broadcast_to":
            self.refs[out] = ref.broadcast(out.type.shape)
        elif name == "getitem":
            self.refs[out] = ref.sliced(equation.params["index"])
        elif name == "flip":
            axes: tuple[int, ...] = equation.params["axes"]
            turned = [slice(None, None, -1 if i in axes else 1) for i in range(len(ref.shape))]
            self.refs[out] = ref.sliced(turned)
        else:
            reshaped = ref.reshaped(out.type.shape)
            if reshaped is None:
                self._alone(Move(ref, Ref(out, ref.shape, contiguous(ref.shape))), out)
            else:
                self.refs[out] = reshaped

    def _put(self, out: Var, background: Var | Literal, equation: Equation) -> None:
        """A value put into a part of another, or of zeros, where slices say."""
        whole = Ref.whole(out)
        self._alone(Move(self.ref(background).broadcast(whole.shape), whole), out)
        part = whole.sliced(equation.params["index"])
        value = self.ref(equation.inputs[-1])
        extra = max(0, len(value.shape) - len(part.shape))  # leading axes of length one
        value = Ref(value.base, value.shape[extra:], value.strides[extra:], value.offset)
        self._alone(Move(value.broadcast(part.shape), part), out)

    def _concatenate(self, equation: Equation) -> None:
        (out,) = equation.outputs
        axis: int = equation.params["axis"]
        whole, start = Ref.whole(out), 0
        for x in equation.inputs:
            stop = start + x.type.shape[axis]
            part = whole.sliced((*(slice(None),) * axis, slice(start, stop)))
            self._alone(Move(self.ref(x), part), out)
            start = stop

    def _make_readable_by_blas(self, x: Var | Literal) -> None:
        """BLAS wants matrices with one stride of 1; other views are copied first."""
        ref = self.ref(x)
        if blas_layout(matrix(ref)) is None or is_number(ref):
            self.refs[x] = Ref.whole(self._copy(x))

    def _put_in_memory(self, x: Var | Literal) -> None:
        """What is read by an address must be an array."""
        if is_number(self.ref(x)):
            self.refs[x] = Ref.whole(self._copy(x))

    def _control(self, equation: Equation) -> None:
        """A loop or branch; what it reads in every turn must lie in memory in one piece."""
        for x in standing(equation):
            ref = self.ref(x)
            uniform = isinstance(ref.base, Literal) and constant_of(ref.base) is not None
            if uniform or not ref.is_contiguous:
                self.refs[x] = Ref.whole(self._copy(x))
        parts = {
            name: _Scheduler(graph).run(_carried(equation, name))
            for name, graph in _graphs(equation).items()
        }
        self._alone(Control(equation, parts), *equation.outputs)

    def _alone(self, group: Group, *outputs: Var) -> None:
        self.groups.append(group)
        index = len(self.groups) - 1
        for out in outputs:
            self.refs[out] = Ref.whole(out)
            self.made_in.setdefault(out, index)
            self.after[out] = self.finished[out] = index + 1

    def _join(self, equation: Equation, shape: tuple[int, ...], *, reduces: bool) -> None:
        earliest = 0
        for x in equation.inputs:
            ref = self.ref(x)
            inside = ref.is_whole and ref.shape == shape
            when = self.after if inside else self.finished
            earliest = max(earliest, when.get(ref.base, 0))
        index = next(
            (
                i
                for i in range(earliest, len(self.groups))
                if isinstance(g := self.groups[i], Loop)
                and g.shape == shape
                and not (self.shared and reduces and _would_be_whole(g, equation))
            ),
            None,
        )
        if index is None:
            self.groups.append(Loop(shape))
            index = len(self.groups) - 1
        group = self.groups[index]
        assert isinstance(group, Loop)
        group.equations.append(equation)
        (out,) = equation.outputs
        self.refs[out] = Ref.whole(out)
        self.made_in[out] = index
        self.after[out] = index + 1 if reduces else index
        self.finished[out] = index + 1


def _would_be_whole(loop: Loop, reduction: Equation) -> bool:
    """Whether with one more reduction no axis were left along which a loop could be cut."""
    reduced = {
        axis
        for e in (*loop.equations, reduction)
        if e.primitive.name in REDUCTIONS
        for axis in e.params["axes"]
    }
    return all(n == 1 or axis in reduced for axis, n in enumerate(loop.shape))


def standing(equation: Equation) -> Sequence[Var | Literal]:
    """The operands of a loop or branch that it does not copy into the buffer of a carry."""
    inputs, params = equation.inputs, equation.params
    if equation.primitive.name == "cond":
        return inputs[1:]
    n: int = params["constants"]
    return (*inputs[:n], *inputs[n + len(carries(equation)) :])


def carries(equation: Equation) -> Sequence[Var | Literal]:
    """The operands of a loop that are its first carry."""
    name, inputs, params = equation.primitive.name, equation.inputs, equation.params
    if name == "cond":
        return ()
    n: int = params["constants"]
    return inputs[n : n + params["carries"]] if name == "scan" else inputs[n:]


def _carried(equation: Equation, part: str) -> dict[int, int]:
    """Which outputs of a loop's body become which of its inputs."""
    if part != "body":
        return {}
    n: int = equation.params["constants"]
    return {i: n + i for i in range(len(carries(equation)))}


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
