"""Which equations run together: loops that share one iteration space, and calls between them.

Equations are taken in order. An elementwise equation, or a reduction of one, joins the first loop
that runs late enough to read its operands and has room for it (``fusion.py``); else it opens a new
one. Views cost nothing and belong to no group, and so do values put together of parts, as long as
only loops read them (``pieces.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.executors.native.along import ALONG, along
from chainrule.executors.native.fusion import REDUCTIONS, Loop
from chainrule.executors.native.lapack import LINEAR_ALGEBRA, Factors, lapack_groups
from chainrule.executors.native.pieces import Part, Pieces, Place, around, selection
from chainrule.executors.native.refs import Base, Ref, contiguous
from chainrule.executors.native.schedule import (
    CONTROL,
    INDEXING,
    PRODUCTS,
    VIEWS,
    Control,
    Group,
    Indexed,
    Move,
    Product,
    Schedule,
    becoming,
    blas_layout,
    constant_of,
    held_graphs,
    is_number,
    matrix,
    standing,
    strong,
)
from chainrule.ops.elementwise import copied
from chainrule.ops.index import Slot

MOST_PARTS = 64  # of a value that has no memory of its own
MOST_READ = 8  # parts of one that loops read where they lie


def schedule(graph: Graph, *, shared: bool = False, whole: bool = False) -> Schedule:
    """Group the equations of a graph, all of which must be native.

    If the work is ``shared`` by threads, each loop keeps an axis that no sum in it runs along. With
    ``whole`` loops are not cut into blocks: a team cuts them in its own way.
    """
    return _Scheduler(graph, shared=shared, whole=whole).run({})


class _Scheduler:
    def __init__(self, graph: Graph, *, shared: bool = False, whole: bool = False) -> None:
        self.graph = graph
        self.shared = shared
        self.whole = whole
        self.groups: list[Group] = []
        self.refs: dict[Base, Ref] = {v: Ref.whole(v) for v in graph.inputs}
        self.pieces: dict[Base, Pieces] = {}  # of values that have no memory of their own
        self.solid: dict[Base, Var] = {}  # the same values in memory, once somebody wanted them so
        self.pieced: dict[Base, Var] = {}  # copies in one piece of views that are not
        self.made_in: dict[Var, int] = {}
        self.factors: Factors = {}
        self.after: dict[Base, int] = {}  # first group that may read a base as a whole
        self.finished: dict[Base, int] = {}  # first group that may read it through a view

    def run(self, carried: Mapping[int, int]) -> Schedule:
        """The schedule; ``carried[i]`` is the input that holds the carry that output i becomes."""
        for equation in self.graph.equations:
            self._place(equation)
        outputs: list[Var] = []
        for i, x in enumerate(self.graph.outputs):
            given = isinstance(x, Var) and x in self.graph.inputs
            reshaped = None if given or i in carried else self._reshaped(x, outputs)
            if reshaped is not None:
                outputs.append(reshaped)
            else:
                outputs.append(Var(strong(x)) if given else self._own_output(x, outputs))
        targets = {outputs[i]: self.graph.inputs[j] for i, j in carried.items()}
        replaced = {self.graph.inputs[j]: outputs[i] for i, j in carried.items()}
        for x, out in zip(self.graph.outputs, outputs, strict=True):
            if isinstance(x, Var) and x in self.graph.inputs:
                self._copy_early(x, out, replaced.get(x))
        return Schedule(self.graph, self.groups, self.refs, outputs, targets)

    def _copy_early(self, x: Var, out: Var, new: Var | None) -> None:
        """An input that is a result, copied before a new carry takes its place."""
        stop = self.made_in.get(new, -1) if new is not None else len(self.groups) - 1
        corner = (0,) * len(x.type.shape)
        operands = [self._read(x, x.type.shape)]
        self.refs[out] = Ref.whole(out)
        for group in self.groups[: stop + 1]:
            if not isinstance(group, Loop) or group.shape != x.type.shape:
                continue
            if group.fits(corner, group.shape, operands, reduces=False):
                group.add(Equation(copied, (x,), (out,)), corner, operands)
                return
        self.groups.insert(0, Move(self.ref(x), Ref.whole(out)))
        self.made_in = {v: i + 1 for v, i in self.made_in.items()}

    def _own_output(self, x: Var | Literal, taken: Sequence[Var]) -> Var:
        """A base that is returned: the value's own, or a copy of a view."""
        x = self._in_memory(x)
        ref = self.ref(x)
        if not isinstance(x, Var) or ref.base is not x or not ref.is_whole:
            return self._copy(x)
        return x if x in self.made_in and x not in taken else self._copy(x)

    def _reshaped(self, x: Var | Literal, taken: Sequence[Var]) -> Var | None:
        """The base that a result is all of in another shape, which in memory is the same."""
        ref = self.refs.get(x)
        if ref is None or not isinstance(ref.base, Var) or ref.base not in self.made_in:
            return None
        whole = ref.offset == 0 and ref.is_contiguous and ref.size == ref.base.type.size
        return ref.base if whole and ref.base not in taken else None

    def _copy(self, x: Var | Literal) -> Var:
        """A value in memory of its own, in C order."""
        x = self._in_memory(x)
        ref, copy = self.ref(x), Var(strong(x))
        if isinstance(ref.base, Var) and ref.is_contiguous:  # it can share a loop
            self._join(Equation(copied, (x,), (copy,)), copy.type.shape)
        else:
            self._alone(Move(ref, Ref.whole(copy)), copy)
        return copy

    def ref(self, x: Var | Literal) -> Ref:
        if x not in self.refs:
            self.refs[x] = Ref.whole(x)
        return self.refs[x]

    def _place(self, equation: Equation) -> None:
        name, out = equation.primitive.name, equation.outputs[0]
        if name in CONTROL:
            self._control(equation)
        elif name in INDEXING and any(type(part) is Slot for part in equation.params["index"]):
            equation = self._with_operands_in_memory(equation)
            if name == "getitem":
                x, *arrays = equation.inputs
                equation = _on((self._in_an_array(x), *arrays), equation)
            self._alone(Indexed(equation), out)
        elif name in ("scatter_add", "setitem"):
            self._put(out, equation)
        elif name in VIEWS or name == "getitem":
            self._view(equation)
        elif name in PRODUCTS:
            equation = self._with_operands_in_memory(equation)
            *rest, x, y = equation.inputs
            operands = (*rest, self._readable_by_blas(x), self._readable_by_blas(y))
            self._alone(Product(_on(operands, equation)), out)
        elif name in LINEAR_ALGEBRA or name in ALONG:
            self._routines(self._with_operands_in_memory(equation))
        elif name == "concatenate":
            self._concatenate(equation)
        else:
            reduces = name in REDUCTIONS
            self._join(equation, equation.inputs[0].type.shape if reduces else out.type.shape)

    # ---- views and parts ------------------------------------------------------------------------

    def _view(self, equation: Equation) -> None:
        name, (out,), (x, *_) = equation.primitive.name, equation.outputs, equation.inputs
        if name == "getitem" and x in self.pieces:
            chosen = selection(equation.params["index"], x.type.shape)
            if chosen is not None:
                self._is_made_of(out, self.pieces[x].within(chosen.box, chosen.kept).parts)
                return
        if name == "reshape" and x in self.pieces:
            reshaped = self.pieces[x].reshaped(out.type.shape)
            if reshaped is not None:
                self._is_made_of(out, reshaped.parts)
                return
        ref = self.ref(self._in_memory(x))
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

    def _put(self, out: Var, equation: Equation) -> None:
        """A value put into a part of another, or of zeros, where slices say."""
        value, shape = equation.inputs[-1], out.type.shape
        zero = Literal(0, ArrayType((), out.type.dtype))
        is_written = equation.primitive.name == "setitem"
        background = self._in_memory(equation.inputs[0]) if is_written else zero
        behind = self.ref(background).broadcast(shape)
        chosen = selection(equation.params["index"], shape)
        if chosen is None:
            whole = Ref.whole(out)
            self._alone(Move(behind, whole), out)
            part = whole.sliced(equation.params["index"])
            fitted = _fitted(self.ref(self._in_memory(value)), part.shape)
            self._alone(Move(fitted, part), out)
            return
        rest = [Part(box.begin, box.of(behind)) for box in around(chosen.box, shape)]
        put = map(chosen.filled, self._parts(value, chosen.shape))
        self._is_made_of(out, (*put, *rest))

    def _concatenate(self, equation: Equation) -> None:
        (out,) = equation.outputs
        axis: int = equation.params["axis"]
        parts: list[Part] = []
        start = 0
        for x in equation.inputs:
            by = tuple(start if i == axis else 0 for i in range(len(x.type.shape)))
            parts += [Part(p.box.moved(by).begin, p.ref) for p in self._parts(x, x.type.shape)]
            start += x.type.shape[axis]
        self._is_made_of(out, parts)

    def _parts(self, x: Var | Literal, shape: tuple[int, ...]) -> Sequence[Part]:
        """The views that an operand consists of, over a shape that it is broadcast to."""
        if x in self.pieces and self.pieces[x].shape == shape:
            return self.pieces[x].parts
        return [Part((0,) * len(shape), _fitted(self.ref(self._in_memory(x)), shape))]

    def _read(self, x: Var | Literal, shape: tuple[int, ...]) -> Sequence[Part]:
        """The views that a loop reads for an operand: of one of many parts that in memory."""
        many = x in self.pieces and len(self.pieces[x].parts) > MOST_READ
        return self._parts(self._in_memory(x) if many else x, shape)

    def _is_made_of(self, out: Var, parts: Sequence[Part]) -> None:
        if len(parts) == 1:
            self.refs[out] = parts[0].ref
        else:
            self.pieces[out] = Pieces(out.type.shape, tuple(parts))
            if len(parts) > MOST_PARTS:
                self._in_memory(out)

    def _in_memory(self, x: Var | Literal) -> Var | Literal:
        """The value as a base or a view of one: parts are put together first.

        What makes a part writes it where it is wanted, if its loop can do that.
        """
        if x not in self.pieces:
            return x
        if x not in self.solid:
            self.solid[x] = whole = Var(strong(x))
            self.refs[whole] = Ref.whole(whole)
            for part in self.pieces[x].parts:
                self._put_part(part.ref, part.box.of(Ref.whole(whole)))
        return self.solid[x]

    def _put_part(self, source: Ref, target: Ref) -> None:
        source, target = source.squeezed, target.squeezed
        assert isinstance(target.base, Var)
        if not isinstance(source.base, Var) or 0 in source.strides:
            self._alone(Move(source, target), target.base)
            return
        kind = ArrayType(source.shape, target.base.type.dtype)
        x, out = Var(kind), Var(kind)
        self.refs[x] = source
        index = self._join(Equation(copied, (x,), (out,)), source.shape)
        loop = self.groups[index]
        assert isinstance(loop, Loop)
        loop.targets[out] = target
        self._is_written(target.base, index)

    # ---- groups ---------------------------------------------------------------------------------

    def _with_operands_in_memory(self, equation: Equation) -> Equation:
        return _on(tuple(map(self._in_memory, equation.inputs)), equation)

    def _routines(self, equation: Equation) -> None:
        """Linear algebra, and what runs along an axis, as calls."""
        name, (x, *rest) = equation.primitive.name, equation.inputs
        if name in ALONG:
            found = [along(_on((x, *rest), equation), self.ref(self._in_an_array(x)))]
        else:
            x = self._readable_by_blas(x) if name == "solve_triangular" else x
            found = lapack_groups(_on((x, *rest), equation), self.ref, self.factors)
        for group in found:
            self._alone(group, *group.writes)

    def _in_an_array(self, x: Var | Literal) -> Var | Literal:
        """What is read by an address must be an array."""
        return self._copy(x) if is_number(self.ref(x)) else x

    def _readable_by_blas(self, x: Var | Literal) -> Var | Literal:
        """BLAS wants matrices with one stride of 1; other views are copied first."""
        ref = self.ref(x)
        return self._copy(x) if blas_layout(matrix(ref)) is None or is_number(ref) else x

    def _control(self, equation: Equation) -> None:
        """A loop or branch; what it reads in every turn must lie in memory in one piece."""
        equation = self._with_operands_in_memory(equation)
        stands = set(standing(equation))
        operands = [self._in_one_piece(x) if x in stands else x for x in equation.inputs]
        parts = {
            name: _Scheduler(graph).run(becoming(equation, name))
            for name, graph in held_graphs(equation).items()
        }
        self._alone(Control(_on(operands, equation), parts), *equation.outputs)

    def _in_one_piece(self, x: Var | Literal) -> Var | Literal:
        ref = self.ref(x)
        uniform = isinstance(ref.base, Literal) and constant_of(ref.base) is not None
        if not uniform and ref.is_contiguous:
            return x
        if x not in self.pieced:
            self.pieced[x] = self._copy(x)
        return self.pieced[x]

    def _alone(self, group: Group, *outputs: Var) -> None:
        self.groups.append(group)
        if isinstance(group, (Product, Indexed, Control)):
            for x in group.equation.inputs:
                self.ref(x)  # literals are met here for the first time
        for out in outputs:
            self.refs[out] = Ref.whole(out)
            self._is_written(out, len(self.groups) - 1)

    def _is_written(self, out: Var, index: int) -> None:
        self.made_in.setdefault(out, index)
        self.after[out] = self.finished[out] = max(self.finished.get(out, 0), index + 1)

    def _join(self, equation: Equation, shape: tuple[int, ...]) -> int:
        """Let an elementwise equation or a reduction run in a loop; returns which."""
        reduces = equation.primitive.name in REDUCTIONS
        operands = [self._read(x, shape) for x in equation.inputs]
        fresh = Loop(shape, whole=self.whole)
        if not fresh.fits((0,) * len(shape), shape, operands, reduces=reduces):
            operands = [self._parts(self._in_memory(x), shape) for x in equation.inputs]
        index, begin = self._room(equation, operands, shape)
        if index == len(self.groups):
            self.groups.append(fresh)
        group = self.groups[index]
        assert isinstance(group, Loop)
        group.add(equation, begin, operands)
        (out,) = equation.outputs
        self.refs[out] = Ref.whole(out)
        self.made_in[out] = index
        self.after[out] = index + 1 if reduces else index
        self.finished[out] = index + 1
        return index

    def _room(
        self, equation: Equation, operands: list[Sequence[Part]], shape: tuple[int, ...]
    ) -> tuple[int, Place]:
        """The first loop that an equation can run in, and where in it; or one more."""
        reduces = equation.primitive.name in REDUCTIONS
        parts = [part for operand in operands for part in operand]
        ready = max((self.finished.get(p.ref.base, 0) for p in parts), default=0)
        corner = (0,) * len(shape)
        # In the loop that makes the last operand it finds that in a register, at the right place
        if ready and isinstance(g := self.groups[ready - 1], Loop) and len(g.shape) == len(shape):
            for begin in g.places(parts, corner):
                if self.shared and reduces and g.would_be_reduced(equation):
                    break
                if self._sees(g, ready - 1, parts, begin) and g.fits(
                    begin, shape, operands, reduces=reduces
                ):
                    return ready - 1, begin
        for i in range(ready, len(self.groups)):
            g = self.groups[i]
            if isinstance(g, Loop) and g.shape == shape:
                divides = self.shared and reduces and g.would_be_reduced(equation)
                if not divides and g.fits(corner, shape, operands, reduces=reduces):
                    return i, corner
        return len(self.groups), corner

    def _sees(self, loop: Loop, index: int, parts: Sequence[Part], begin: Place) -> bool:
        """Whether all operands are there, or in registers where an equation would run."""
        for part in parts:
            place = tuple(b + p for b, p in zip(begin, part.begin, strict=True))
            if self.finished.get(part.ref.base, 0) > index and not loop.in_register(
                part.ref, place
            ):
                return False
        return True


def _on(operands: Sequence[Var | Literal], equation: Equation) -> Equation:
    """An equation with other operands."""
    return Equation(
        equation.primitive, tuple(operands), equation.outputs, equation.params, equation.source
    )


def _fitted(ref: Ref, shape: tuple[int, ...]) -> Ref:
    """A view broadcast to a shape; leading axes of length one that this has not are left out."""
    extra = max(0, len(ref.shape) - len(shape))
    return Ref(ref.base, ref.shape[extra:], ref.strides[extra:], ref.offset).broadcast(shape)
