"""A schedule as Python source for Numba: one function a distinct loop nest, one that calls.

Arrays are flat; indices are written out with their strides, which are constants. Loops carry the
file and line of the user's code that they come from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.executors.native.control import write_control
from chainrule.executors.native.expressions import template
from chainrule.executors.native.fusion import REDUCTIONS, Loop
from chainrule.executors.native.indexed import write_indexed
from chainrule.executors.native.kernels import FUNCTIONS, PRELUDE, text_of
from chainrule.executors.native.memory import Memory, plan_memory
from chainrule.executors.native.nest import Nest, Reduction
from chainrule.executors.native.refs import Ref
from chainrule.executors.native.schedule import (
    Control,
    Group,
    Indexed,
    Move,
    Product,
    Schedule,
    as_column,
    as_row,
    blas_layout,
    constant_of,
    joined_rows,
    matrix,
    operand_dtype,
)
from chainrule.executors.native.scheduler import schedule

OFTEN = 4  # calls of one loop from which on it stays a function of its own
_TYPE_NAMES = {"bool": "bool_"}


@dataclass(frozen=True)
class Emitted:
    """Source text, the constants it takes, and what its arguments must be."""

    source: str
    arguments: list[str]
    constants: list[Literal]
    outputs: list[ArrayType]
    workspaces: dict[str, int]
    overwrites: dict[int, int]


def emit(
    graph: Graph,
    *,
    name: str = "run",
    cached: bool = True,
    donated: Mapping[int, int] = MappingProxyType({}),
) -> Emitted:
    """The native form of a graph all of whose equations are native, as the function ``name``.

    ``donated[i] = j`` lets output i overwrite input j, where nothing reads that input afterwards;
    :attr:`Emitted.overwrites` says which ones do. Inputs that are donated are arrays, also 0-d
    ones.
    """
    plan = schedule(graph)
    memory = plan_memory(plan, donated)
    writer = Writer(plan, memory, {})
    for group in plan.groups:
        writer.write(group)
    arguments = [
        *(f"x{i}" for i in range(len(graph.inputs))),
        *(f"k{i}" for i in range(len(memory.arrays))),
        *(f"o{i}" for i in range(len(plan.outputs)) if i not in memory.overwrites),
        *memory.sizes,
    ]
    body = "\n".join(f"    {line}" for line in writer.calls) or "    pass"
    options = "cache=True, **OPTIONS" if cached else "**OPTIONS"
    main = f"@njit({options})\ndef {name}({', '.join(arguments)}):\n{body}\n"
    functions = "\n\n".join(_kept_apart(text, writer.calls) for text in writer.functions.values())
    used = {name for name in FUNCTIONS if re.search(rf"\b{name}\(", functions + main)}
    parts = [PRELUDE + _dtype_names(), text_of(used), functions, main]
    source = "\n\n".join(part.strip() + "\n" for part in parts if part.strip())
    types = [v.type for v in plan.outputs]
    return Emitted(source, arguments, memory.arrays, types, memory.sizes, memory.overwrites)


def _kept_apart(text: str, calls: list[str]) -> str:
    """A function's text; one that is called often is not to be copied to all its places.

    The machine code of a network of fifty layers is then that of a few layers, and so is the time
    to make it.
    """
    head, body = text.split(":\n", 1)
    name = head.split("def ", 1)[1].split("(", 1)[0]
    often = sum(call.lstrip().startswith(f"{name}(") for call in calls) >= OFTEN
    return f"{head}:\n    apart()\n{body}" if often else text


def _dtype_names() -> str:
    return (
        "from numpy import bool_, float32, float64, int32, int64\n\n"
        "at = int64  # of a number as it stands, Numba would make a function for each value\n"
    )


def _dtype(name: np.dtype) -> str:
    return _TYPE_NAMES.get(name.name, name.name)


def _number(value: object, dtype: np.dtype) -> str:
    if isinstance(value, bool):
        return str(value)
    text = repr(value)
    if text in ("inf", "-inf", "nan"):
        text = text.replace("inf", "np.inf").replace("nan", "np.nan")
    return f"{_dtype(dtype)}({text})"


class Writer:
    """Writes the groups of a schedule: functions for the nests, and the lines that call them.

    ``depth`` counts the loops of the graph around this schedule.
    """

    def __init__(
        self, plan: Schedule, memory: Memory, functions: dict[str, str], depth: int = 0
    ) -> None:
        self.plan = plan
        self.memory = memory
        self.functions = functions
        self.calls: list[str] = []
        self.depth = depth

    def write(self, group: Group) -> None:
        """Add the lines for one group."""
        if isinstance(group, Product):
            self._product(group)
        elif isinstance(group, Move):
            self.move(group)
        elif isinstance(group, Indexed):
            write_indexed(self, group.equation)
        elif isinstance(group, Control):
            self.calls += comment([group.equation])
            write_control(self, group)
        else:
            self._loop(group)

    # ---- products ---------------------------------------------------------------------------

    def _product(self, group: Product) -> None:
        """``out = a @ b``, or ``out = w - s * (a @ b)``, as one call of BLAS; stacks in loops."""
        equation, (out,) = group.equation, group.equation.outputs
        *update, x, y = equation.inputs
        a, b = as_row(self.plan.refs[x]), as_column(self.plan.refs[y])
        c = Ref.whole(out)
        if len(c.shape) < 2 or len(a.shape) == len(b.shape) == 2:
            c = Ref(c.base, (a.shape[0], b.shape[1]), (b.shape[1], 1))
        a, b, c = joined_rows(a, b, c)
        t = _dtype(out.type.dtype)
        factors = f"{t}(1)", f"{t}(0)"
        if update:
            w, s = update
            factors = f"{t}(-{self.scalar(s)})", f"{t}(1)"
            self.copy(self.plan.refs[w], Ref.whole(out))
        self.calls += comment([equation])
        batch = c.shape[:-2]
        pad = ""
        for axis, n in enumerate(batch):
            self.calls.append(f"{pad}for b{axis} in range({n}):")
            pad += "    "
        self.calls.append(pad + self._gemm(t, factors, a, b, c))

    def _gemm(self, t: str, factors: tuple[str, str], a: Ref, b: Ref, c: Ref) -> str:
        (m, k), n = a.shape[-2:], b.shape[-1]
        (turn_a, lda), (turn_b, ldb) = _layout(matrix(a)), _layout(matrix(b))
        alpha, beta = factors
        if n == 1 and m > 1:
            return self._gemv(t, factors, a, b, c, b.strides[-2])
        if m == 1 and n > 1:
            turned = replace(b, shape=(*b.shape[:-2], n, k), strides=_swapped(b.strides))
            return self._gemv(t, factors, turned, a, c, a.strides[-1])
        return (
            f"gemm_{t}({turn_a}, {turn_b}, at({m}), at({n}), at({k}), {alpha},"
            f" {self._begin(a)}, at({lda}), {self._begin(b)}, at({ldb}), {beta},"
            f" {self._begin(c)}, at({n}))"
        )

    def _gemv(self, t: str, factors: tuple[str, str], a: Ref, x: Ref, y: Ref, step: int) -> str:
        """A matrix times a vector whose entries are ``step`` apart; the result lies in one row."""
        turned, lda = _layout(matrix(a))
        m, n = a.shape[-2:]
        rows, columns = (n, m) if turned else (m, n)
        alpha, beta = factors
        return (
            f"gemv_{t}({turned}, at({rows}), at({columns}), {alpha}, {self._begin(a)}, at({lda}),"
            f" {self._begin(x)}, at({max(step, 1)}), {beta}, {self._begin(y)}, at(1))"
        )

    def _begin(self, ref: Ref) -> str:
        """The array of a stack of matrices, and where the current one begins."""
        spot = self.memory.spots[ref.base]
        steps = "".join(f" + b{i} * {s}" for i, s in enumerate(ref.strides[:-2]) if s)
        return f"{spot.array}, at({spot.at(ref.offset)}{steps})"

    def scalar(self, x: Var | Literal) -> str:
        """A 0-d operand outside of loops."""
        ref = self.plan.refs[x]
        if isinstance(ref.base, Literal) and ref.base not in self.memory.spots:
            return _number(constant_of(ref.base), ref.base.type.dtype)
        spot = self.memory.spots[ref.base]
        return spot.array if spot.by_value else f"{spot.array}[{spot.at(ref.offset)}]"

    # ---- loops ------------------------------------------------------------------------------

    def move(self, group: Move) -> None:
        """A copy of a view."""
        nest = Nest(group.source.shape)
        value = self.read(nest, group.source.normal, {})
        target = self.memory.spots[group.target.base]
        to = nest.operand(target.array, target.at(group.target.offset), group.target.strides)
        nest.stores.append((to, value))
        self.call(nest, [])

    def copy(self, source: Ref, target: Ref) -> None:
        """A copy, unless both are the same memory."""
        spots = self.memory.spots
        in_place = spots.get(source.base) == spots[target.base]
        if not in_place or replace(source, base=target.base) != target:
            self.move(Move(source, target))

    def _loop(self, group: Loop) -> None:
        """A nest for each block of the loop."""
        for block, equations in group.blocks():
            nest = Nest(block.shape)
            local: dict[Ref, str] = {}
            for equation in equations:
                operands = [
                    self.read(nest, group.view(equation, i, block), local)
                    for i in range(len(equation.inputs))
                ]
                if equation.primitive.name in REDUCTIONS:
                    nest.reductions.append(self._reduction(nest, equation, operands[0]))
                    continue
                name, (out,) = f"v{len(local)}", equation.outputs
                nest.lines.append(f"{name} = {self._expression(nest, equation, operands)}")
                inner = block.moved(tuple(-b for b in group.where[equation].begin))
                local[inner.of(Ref.whole(out)).normal] = name
                target = group.target(equation, block)
                if target.base in self.memory.spots:
                    spot = self.memory.spots[target.base]
                    at = nest.operand(spot.array, spot.at(target.offset), target.strides)
                    nest.stores.append((at, name))
            self.call(nest, equations)

    def read(self, nest: Nest, ref: Ref, local: dict[Ref, str]) -> str:
        """An operand inside a nest: a local name, a constant, a scalar or an indexed load."""
        base = ref.base
        if isinstance(base, Literal) and base not in self.memory.spots:
            return _number(constant_of(base), base.type.dtype)
        if ref in local:
            return local[ref]
        spot = self.memory.spots[base]
        wide = ref.broadcast(nest.shape).normal
        if wide not in nest.known:
            nest.known[wide] = nest.operand(spot.array, spot.at(ref.offset), wide.strides)
        number = nest.known[wide]
        if spot.by_value:
            nest.parameters[number] = (spot.array, "0")
            return f"a{number}"  # a scalar argument
        return f"@{number}"

    def _expression(self, nest: Nest, equation: Equation, operands: list[str]) -> str:
        """The scalar expression of an elementwise equation."""
        name, (out,) = equation.primitive.name, equation.outputs
        types = [x.type for x in equation.inputs]
        if name == "select":
            cond, x, y = operands
            t = _dtype(out.type.dtype)
            return f"choose({cond}, {_cast(x, types[1], t)}, {_cast(y, types[2], t)})"
        if name in ("convert", "convert_to_discrete"):
            return _cast(operands[0], types[0], _dtype(out.type.dtype))
        dtype = operand_dtype(types)
        t = _dtype(dtype)
        text = template(name, dtype, out.type.dtype)
        assert text is not None, name
        cast = [_cast(x, kind, t) for x, kind in zip(operands, types, strict=True)]
        return text.format(t=t, **dict(zip("xy", cast, strict=False)))

    def _reduction(self, nest: Nest, equation: Equation, value: str) -> Reduction:
        (out,), axes = equation.outputs, equation.params["axes"]
        t = "bool_" if equation.primitive.name in ("all", "any") else _dtype(out.type.dtype)
        steps = iter(Ref.whole(out).strides)
        strides = tuple(0 if i in axes else next(steps) for i in range(len(nest.shape)))
        spot = self.memory.spots[out]
        to = nest.operand(spot.array, spot.at(), strides)
        cast = _cast(value, equation.inputs[0].type, t)
        return Reduction(to, cast, equation.primitive.name, _dtype(out.type.dtype))

    def call(self, nest: Nest, equations: list[Equation]) -> None:
        """A call of the nest's function, which is written once for all nests of the same text."""
        name = self._function(nest.text())
        self.calls += comment(equations)
        actual = ", ".join(f"{array}, at({offset})" for array, offset in nest.parameters)
        self.calls.append(f"{name}({actual})")

    def _function(self, key: str) -> str:
        if key not in self.functions:
            name = f"loop{len(self.functions)}"
            self.functions[key] = f"@njit(**OPTIONS)\ndef {name}{key}"
        return self.functions[key].split("def ", 1)[1].split("(", 1)[0]


def _layout(ref: Ref) -> tuple[bool, int]:
    layout = blas_layout(ref)
    if layout is None:
        raise AssertionError(f"{ref} was not copied for BLAS")
    return layout


def _swapped(strides: tuple[int, ...]) -> tuple[int, ...]:
    return (*strides[:-2], strides[-1], strides[-2])


def _cast(text: str, kind: ArrayType, t: str) -> str:
    return text if _dtype(kind.dtype) == t else f"{t}({text})"


def comment(equations: list[Equation]) -> list[str]:
    """The user's lines that a group comes from."""
    places = dict.fromkeys(
        f"{Path(e.source.file).name}:{e.source.line}" for e in equations if e.source is not None
    )
    names = " ".join(e.primitive.name for e in equations)
    names = names if len(names) < 60 else names[:57] + "..."
    return [f"# {names}  ({', '.join(places)})"[:98]] if equations else []
