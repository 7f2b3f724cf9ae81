"""A schedule as Python source for Numba: one function a distinct loop nest, one that calls.

Arrays are flat; indices are written out with their strides, which are constants. Loops carry the
file and line of the user's code that they come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from chainrule.core.graph import ArrayType, Equation, Graph, Literal, Var
from chainrule.executors.native.along import ALONG, write_along
from chainrule.executors.native.circular import FUNCTIONS_OF_ANGLES
from chainrule.executors.native.control import write_control
from chainrule.executors.native.expressions import power, template
from chainrule.executors.native.fusion import REDUCTIONS, Loop
from chainrule.executors.native.indexed import write_indexed
from chainrule.executors.native.kernels import FUNCTIONS, PRELUDE, text_of
from chainrule.executors.native.lapack import write_lapack
from chainrule.executors.native.memory import Memory, plan_memory
from chainrule.executors.native.nest import Nest
from chainrule.executors.native.products import TEXTS, write_product
from chainrule.executors.native.reductions import Reduction
from chainrule.executors.native.refs import Ref
from chainrule.executors.native.routines import Routine
from chainrule.executors.native.schedule import (
    Control,
    Group,
    Indexed,
    Move,
    Product,
    Schedule,
    constant_of,
    operand_dtype,
)
from chainrule.executors.native.scheduler import schedule
from chainrule.executors.native.team import SOLO, Cut, Team, divide, team_text

OFTEN = 4  # calls of one loop from which on it stays a function of its own
DTYPE_NAMES = """
from numpy import bool_, float32, float64, int32, int64, uint8

at = int64  # of a number as it stands, Numba would make a function for each value

"""
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
    team: Team = SOLO,
) -> Emitted:
    """The native form of a graph all of whose equations are native, as the function ``name``.

    ``donated[i] = j`` lets output i overwrite input j, where nothing reads that input afterwards;
    :attr:`Emitted.overwrites` says which ones do. Inputs that are donated are arrays, also 0-d
    ones. For a ``team`` all its threads call the function at once, each with its number ``me`` and
    the counters ``sync`` by which they meet.
    """
    plan = schedule(graph, shared=team.threads > 1, whole=team != SOLO)
    memory = plan_memory(plan, donated)
    writer = Writer(plan, memory, {}, team=team)
    for group in plan.groups:
        writer.write(group)
    arguments = [
        *(("me", "sync") if team != SOLO else ()),
        *(f"x{i}" for i in range(len(graph.inputs))),
        *(f"k{i}" for i in range(len(memory.arrays))),
        *(f"o{i}" for i in range(len(plan.outputs)) if i not in memory.overwrites),
        *memory.sizes,
    ]
    body = "\n".join(f"    {line}" for line in (*writer.bounds(), *writer.calls)) or "    pass"
    kept = "cache=True, " if cached else ""
    options = f"{kept}**OPTIONS" if team == SOLO else f"{kept}**SHARED"
    main = f"@njit({options})\ndef {name}({', '.join(arguments)}):\n{body}\n"
    functions = "\n\n".join(_kept_apart(text, writer.calls) for text in writer.functions.values())
    shared = team_text(team)
    called = text_of(shared + functions + main, FUNCTIONS | TEXTS)
    parts = [PRELUDE + DTYPE_NAMES, called, shared, functions, main]
    source = "\n\n".join(part.strip() + "\n" for part in parts if part.strip())
    types = [ArrayType(x.type.shape, x.type.dtype) for x in graph.outputs]
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
        self,
        plan: Schedule,
        memory: Memory,
        functions: dict[str, str],
        depth: int = 0,
        team: Team = SOLO,
    ) -> None:
        self.plan = plan
        self.memory = memory
        self.functions = functions
        self.calls: list[str] = []
        self.depth = depth
        self.team = team
        self.division = divide(plan, memory, team) if team != SOLO else None
        self.cut: Cut | None = None  # of the group that is being written
        self._cut_sizes: set[int] = set()

    def write(self, group: Group) -> None:
        """Add the lines for one group: for a team, those by which its threads share it, too."""
        if self.division is None:
            self._group(group)
            return
        if group in self.division.meetings:
            self.calls.append("meet(sync)")
        self.cut = self.division.cuts[group]
        begin = len(self.calls)
        self._group(group)
        if self.cut is None and self.team.threads > 1:
            alone = [f"    {line}" for line in self.calls[begin:]]
            self.calls[begin:] = ["if me == 0:", *alone]
        self.cut = None

    def bounds(self) -> list[str]:
        """Lines that find the thread's own range of each size that is cut."""
        lines = ["first, last = parts_of(me)"] if self.division is not None else []
        for n in sorted(self._cut_sizes):
            lines.append(f"lo{n}, hi{n} = bound(at({n}), first), bound(at({n}), last)")
        return lines

    def own_range(self, n: int) -> tuple[str, str]:
        """The names of where the thread's own range of ``n`` entries begins and ends."""
        self._cut_sizes.add(n)
        return f"lo{n}", f"hi{n}"

    def _group(self, group: Group) -> None:
        if isinstance(group, Product):
            write_product(self, group)
        elif isinstance(group, Move):
            self.move(group)
        elif isinstance(group, Indexed):
            write_indexed(self, group.equation)
        elif isinstance(group, Routine):
            self.comment([group.equation])
            (write_along if group.name in ALONG else write_lapack)(self, group)
        elif isinstance(group, Control):
            self.comment([group.equation])
            write_control(self, group)
        else:
            self._loop(group)

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
        nest = self._nest(group.source.shape)
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
            nest = self._nest(block.shape)
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

    def _nest(self, shape: tuple[int, ...]) -> Nest:
        return Nest(shape, cut=self.cut.axis if self.cut is not None else None)

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
            nest.parameters[number] = spot.array
            return f"a{number}"  # a scalar argument
        return f"(@{number} != 0)" if base.type.dtype == np.bool_ else f"@{number}"

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
        exponent = equation.inputs[-1]
        if name == "pow" and isinstance(exponent, Literal) and dtype.kind == "f":
            text = power(constant_of(exponent)) or text
        assert text is not None, name
        cast = [_cast(x, kind, t) for x, kind in zip(operands, types, strict=True)]
        if name in FUNCTIONS_OF_ANGLES:
            nest.angles.append(cast[0])
        text = text.format(t=t, **dict(zip("xyz", cast, strict=False)))
        # Numba computes with 64 bits, and what stays in a register would not wrap around
        return f"int32({text})" if out.type.dtype == np.int32 else text

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
        self.comment(equations)
        actual = list(nest.parameters)
        if nest.cut is not None:
            actual += self.own_range(nest.shape[nest.cut])
        self.calls.append(f"{name}({', '.join(actual)})")

    def comment(self, equations: list[Equation]) -> None:
        """Add the user's lines that a group comes from."""
        places = dict.fromkeys(
            f"{Path(e.source.file).name}:{e.source.line}" for e in equations if e.source is not None
        )
        names = " ".join(e.primitive.name for e in equations)
        names = names if len(names) < 60 else names[:57] + "..."
        if equations:
            self.calls.append(f"# {names}  ({', '.join(places)})"[:98])

    def _function(self, key: str) -> str:
        if key not in self.functions:
            name = f"loop{len(self.functions)}"
            self.functions[key] = f"@njit(**OPTIONS)\ndef {name}{key}"
        return self.functions[key].split("def ", 1)[1].split("(", 1)[0]


def _cast(text: str, kind: ArrayType, t: str) -> str:
    return text if _dtype(kind.dtype) == t else f"{t}({text})"
