"""Which recorded operation makes a derivative wrong: each is checked by itself.

The function is recorded with the user's lines and walked with numbers. Each operation is a function
of its operands, so it is checked as the whole is: forward against reverse, against differences of
its value, batched, compiled. Where it fails in what its derivative is made of (a wrong ``cos`` in
the derivative of ``sin``), the graph of that derivative is walked in turn.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.checking import ways as w
from chainrule.checking.comparing import (
    DIFFERENCES,
    Disagreement,
    Kink,
    Outcome,
    Settings,
    compare,
    directions_of,
)
from chainrule.checking.differences import NOISE_STEP
from chainrule.checking.inside import Operation, operations
from chainrule.checking.problem import Leaves, copied, is_float, moved, where
from chainrule.core.errors import ChainruleError
from chainrule.core.graph import Graph, Literal, Source
from chainrule.core.trace import Trace, bind
from chainrule.transforms.jvp import jvp
from chainrule.transforms.recording import record
from chainrule.transforms.trace import freeze
from chainrule.transforms.vjp import vjp

STEPS = 3  # of each loop are looked into


@dataclass(frozen=True)
class Blame:
    """The operation to blame.

    Attributes:
        primitive: its name, with that of the function if it has rules of its own.
        source: the user's file, line and function, where known.
        path: the loops and branches around it.
        derivative_of: the operation whose derivative it is a part of.
        rules: for a function with rules of its own, what states them, with file and line.
        wrong: what two ways say of this operation.
    """

    primitive: str
    source: Source | None
    path: tuple[str, ...]
    derivative_of: str | None
    rules: tuple[str, ...]
    wrong: Disagreement

    def __str__(self) -> str:
        part = f", which the derivative of {self.derivative_of} uses," if self.derivative_of else ""
        inside = f" (in {', in '.join(reversed(self.path))})" if self.path else ""
        a, b = self.wrong.pair
        x, y = (number_text(n) for n in self.wrong.numbers)
        lines = [
            f"to blame: {self.primitive}{part} at {line_text(self.source)}{inside}",
            f"  of this operation alone {a} gives {x}, {b} gives {y}",
        ]
        return "\n".join([*lines, *(f"  {rule}" for rule in self.rules)])

    __repr__ = __str__


@dataclass(frozen=True)
class Search:
    """What a walk over the operations found: one to blame, or why none is.

    ``kinks`` are operations that have a kink there, or a comparison that turns out otherwise near
    by: the derivative of a sum of kinks is none of its slopes.
    """

    blame: Blame | None
    kinks: tuple[tuple[str, Source | None], ...]


def number_text(number: complex) -> str:
    """A number for reading."""
    return f"{number.real:.10g}" if number.imag == 0 else f"{number:.10g}"


def line_text(source: Source | None) -> str:
    """``file:line in function: the text of the line``."""
    if source is None:
        return "a line that is not known"
    text = linecache.getline(source.file, source.line).strip()
    return f"{source} in {source.function}" + (f": {text}" if text else "")


def find(
    f: Callable[..., Any], xs: Leaves, failed: Sequence[Disagreement], settings: Settings
) -> Search:
    """Walk over the operations of ``f``, a function of leaves, for those that fail likewise."""
    order = max(1, failed[0].order)  # the lowest: what is wrong there is wrong in higher ones
    names = {name for d in failed if d.order <= order for name in d.pair}
    asked = Settings(
        order,
        settings.executor if any(name.startswith("compiled") for name in names) else None,
        any(name.startswith("batched") for name in names),
        True,
    )
    graph = graph_with_lines(f, xs)
    seen: list[tuple[str, Source | None]] = []
    for operation in operations(graph, xs, through_rules=False, steps=STEPS):
        outcome = _checked(operation, asked)
        if outcome is None:
            continue
        failures = outcome.failed or [_outside(k) for k in outcome.kinks if outside(k)]
        if failures:
            return Search(_blamed(operation, failures[0], asked), tuple(seen))
        if outcome.kinks:
            seen.append((operation.equation.primitive.name, operation.source))
    return Search(None, tuple(dict.fromkeys([*seen, *_borders(f, xs)])))


def _borders(f: Callable[..., Any], xs: Leaves) -> Iterator[tuple[str, Source | None]]:
    """Operations of whole numbers and truth values that give others a tiny step away."""
    d = directions_of(f, xs, 1, 0)[0]
    here = [*operations(graph_with_lines(f, xs), xs, through_rules=False, steps=STEPS)]
    for step in (NOISE_STEP, -NOISE_STEP):
        near = moved(xs, d.t, step)
        try:
            graph = graph_with_lines(f, near)
            there = [*operations(graph, near, through_rules=False, steps=STEPS)]
        except Exception:  # beyond the domain of a user's function
            continue
        for p, q in zip(here, there, strict=False):
            one = p.equation.primitive
            if one is not q.equation.primitive:
                yield f"a branch before {one.name}", p.source
                break
            if one.is_constant and not all(map(np.array_equal, p.results, q.results)):
                yield one.name, p.source


def graph_with_lines(f: Callable[..., Any], xs: Leaves) -> Graph:
    """The graph of a function of leaves at values, with the user's lines."""
    return freeze(record(f, xs, trace=Trace(differentiates=False, sources=True)))


def outside(kink: Kink) -> bool:
    """Whether the derivative at a kink is none of those between its two slopes."""
    low, high = sorted((kink.left, kink.right))
    slack = 1e-3 * (abs(low) + abs(high))
    return not low - slack <= kink.derivative <= high + slack


def _outside(kink: Kink) -> Disagreement:
    nearest = min((kink.left, kink.right), key=lambda slope: abs(slope - kink.derivative))
    numbers = complex(kink.derivative), complex(nearest)
    place = ("result", kink.entry)
    return Disagreement(1, (w.FORWARD, DIFFERENCES), numbers, 0.0, place, kink.direction)


# ---- one operation -------------------------------------------------------------------------------


def local_function(operation: Operation) -> tuple[Callable[..., list[Any]], list[Any]]:
    """The operation as a function of those operands that derivatives reach, and these."""
    e, operands = operation.equation, operation.operands
    places = [
        i
        for i, (x, v) in enumerate(zip(operands, e.inputs, strict=True))
        if is_float(x) and not isinstance(v, Literal)
    ]

    def of_floats(*values: Any) -> list[Any]:
        full = list(operands)
        for i, x in zip(places, values, strict=True):
            full[i] = x
        result = bind(e.primitive, full, e.params)
        return [x for x in (result if e.primitive.several else (result,)) if is_float(x)]

    return of_floats, [copied(operands[i]) for i in places]


def _checked(operation: Operation, asked: Settings) -> Outcome | None:
    """The operation compared as a function of its operands; None if it has no derivative."""
    primitive = operation.equation.primitive
    local, xs = local_function(operation)
    if not xs or (primitive.is_constant and asked.executor is None):
        return None
    try:
        eps = w.precision_of(local, xs)
        directions = directions_of(local, xs, 1, 0)
        if not directions[0].u:
            return None
        return compare(local, xs, directions, eps, asked)
    except ChainruleError:  # no rule: the whole would have said so, were it needed
        return None


def _blamed(operation: Operation, wrong: Disagreement, asked: Settings) -> Blame:
    name = _name(operation)
    outer = Blame(name, operation.source, operation.path, None, _rules(operation), wrong)
    if wrong.order == 0:
        return outer
    first = Settings(1, asked.executor, asked.batch)
    for graph, inputs in _derivatives(operation):
        for inner in operations(graph, inputs, through_rules=False, steps=STEPS):
            here = inner.equation.primitive
            if here is operation.equation.primitive or here.several:
                continue
            outcome = _checked(inner, first)
            if outcome is not None and outcome.failed:
                part = inner.equation.primitive.name
                return Blame(part, operation.source, operation.path, name, (), outcome.failed[0])
    return outer


def _name(operation: Operation) -> str:
    """The primitive, with the function that it stands for if that has rules of its own."""
    e = operation.equation
    name = e.primitive.name
    return f"{name} {e.params['call']}" if name == "custom" else name


def _derivatives(operation: Operation) -> Iterator[tuple[Graph, list[Any]]]:
    """The graphs of the operation's push and pull, with inputs to run them at."""
    local, xs = local_function(operation)
    d = directions_of(local, xs, 1, 0)[0]

    def push(*values: Any) -> Any:
        return jvp(local, values[: len(xs)], values[len(xs) :])[1]

    def pull(*values: Any) -> Any:
        return vjp(local, *values[: len(xs)])[1](list(values[len(xs) :]))

    for f, given in ((push, d.t), (pull, d.u)):
        inputs = [*xs, *given]
        try:
            yield graph_with_lines(f, inputs), inputs
        except ChainruleError:  # one of the two has no rule
            continue


def _rules(operation: Operation) -> tuple[str, ...]:
    """Where the rules of a function with rules of its own are written."""
    if operation.equation.primitive.name != "custom":
        return ()
    call = operation.equation.params["call"].call
    return tuple(f"{what}: {where(f)}" for what, f in call.rules.stated_by)
