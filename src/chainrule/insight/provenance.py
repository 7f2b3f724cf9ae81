"""Where a gradient comes from: which lines of the source contribute how much to one entry of it.

An edge of the graph carries ``cotangent · derivative · tangent``: the sum of the products of all
paths from the input to the output that go through it (the tangent is d edge / d input, the
cotangent d output / d edge). Of a line it is asked what flows into it from other lines. What leaves
the input itself adds up to the gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.columns import aligned
from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Equation, Graph, Source, Var, VariableNumbers
from chainrule.core.html import table
from chainrule.core.interpreter import evaluate
from chainrule.core.tracebacks import users_frames
from chainrule.drawing.names import line_of
from chainrule.drawing.short import number
from chainrule.drawing.variable_names import variable_names
from chainrule.insight.local import (
    Point,
    entry_text,
    input_point,
    output_point,
    with_numbers,
)
from chainrule.transforms.jvp import jvp
from chainrule.transforms.numbers import Numbers
from chainrule.transforms.sweeps import uncounted
from chainrule.transforms.trace import trace

Array = Any


@dataclass(frozen=True)
class LineShare:
    """One line of the source and its part in a derivative.

    Attributes:
        source: the place, None for operations that no line of the user's made.
        text: the line itself.
        direct: what the uses of the input on this line contribute; adds up to the derivative.
        through: what comes in from other lines and from the input, and goes on to the output.
        operations: how many equations the line made.
    """

    source: Source | None
    text: str
    direct: float
    through: float
    operations: int


@dataclass(frozen=True)
class Provenance:
    """The source lines behind one entry of a gradient, in the order of the program."""

    input: str
    output: str
    gradient: float
    lines: tuple[LineShare, ...]

    def __str__(self) -> str:
        head = f"∂{self.output}/∂{self.input} = {number(self.gradient)}, by source line"
        columns = ["line", "uses of the input", "flows through", "share"]
        found = aligned([["", *columns[1:]], *([r[0], *r[1:]] for r in self._rows())])
        return "\n".join([head, *(f"  {line}" for line in found)])

    __repr__ = __str__

    def _rows(self) -> list[list[str]]:
        most = max((abs(line.through) for line in self.lines), default=0.0)
        shares = abs(self.gradient) > 1e-6 * most  # shares of what cancels say nothing
        return [
            [
                f"{line.source.line}: {line.text}" if line.source else "(no line)",
                number(line.direct) if line.direct else "",
                number(line.through),
                f"{line.through / self.gradient:.1%}" if shares else "",
            ]
            for line in self.lines
        ]

    def _repr_html_(self) -> str:
        head = ["line", "uses of the input", "flows through", "share"]
        caption = f"∂{self.output}/∂{self.input} = {number(self.gradient)}"
        return table(head, self._rows(), caption)


def provenance(
    f: Callable[..., Any] | Graph, *args: Any, input: Any = 0, output: Any = 0
) -> Provenance:
    """Which lines of the source contribute how much to one entry of a gradient.

    ``through(line) = sum over edges into the line of cotangent · derivative · tangent``

    Args:
        f: a function of plain NumPy, or a graph that was traced at values.
        args: the arguments of the function.
        input: the argument, by its number or name, or ``(argument, index)``; without an index the
            entry of the largest gradient.
        output: the result, by its number, or ``(result, index)``.

    Returns:
        :class:`Provenance`. What ``uses of the input`` contribute adds up to the derivative; what
        ``flows through`` a line is the sum of the products of all paths through it, so a line that
        everything passes has all of it. In a loop, a path that comes back to a line counts again.

    Raises:
        ArgumentError: there is no such input or output.
        DTypeError: one of them is not a real floating-point number.

    >>> import numpy as np
    >>> graph = trace(lambda x: x**2 + 3 * x)(2.0)
    >>> found = provenance(graph)
    >>> found.gradient, sum(line.direct for line in found.lines)
    (7.0, 7.0)
    """
    with users_frames, uncounted():
        graph = f if isinstance(f, Graph) else trace(f)(*args)
        with_numbers(graph)
        start, end = input_point(graph, input), output_point(graph, output)
        numbers = Numbers(graph, _inputs(graph), _seeds(graph, end))
        start = _chosen(start, numbers)
        tangents = _tangents(graph, start)
        names = variable_names(graph)
        gradient = float(np.ravel(_cotangent(numbers, start.variable))[start.entry])
    return Provenance(
        names[start.variable] + entry_text(start.variable, start.entry),
        names[end.variable] + entry_text(end.variable, end.entry),
        gradient,
        tuple(_lines(graph, start.variable, numbers, tangents)),
    )


def _inputs(graph: Graph) -> list[Any]:
    numbers = with_numbers(graph)
    return [numbers.value(v) for v in graph.inputs]


def _seeds(graph: Graph, end: Point) -> list[Any]:
    """The cotangents of the outputs: 1 at the entry that is looked at."""
    seeds: list[Any] = [None] * len(graph.outputs)
    one = np.zeros(end.variable.type.size, end.variable.type.dtype)
    one[end.entry] = 1
    seeds[graph.outputs.index(end.variable)] = one.reshape(end.variable.type.shape)
    return seeds


def _cotangent(numbers: VariableNumbers, v: Var) -> Array:
    ct = numbers.cotangent(v)
    return np.zeros(v.type.shape, v.type.dtype) if ct is None else np.asarray(ct)


def _chosen(start: Point, numbers: VariableNumbers) -> Point:
    if start.entry >= 0:
        return start
    slopes = np.abs(np.ravel(_cotangent(numbers, start.variable)))
    if not slopes.size:
        raise ArgumentError(f"the input is {start.variable.type}, which has no entry")
    return Point(start.variable, int(np.argmax(slopes)))


def _tangents(graph: Graph, start: Point) -> dict[Var, Array]:
    """d variable / d input number, for each variable of floating-point numbers."""
    followed = [v for e in graph.equations for v in e.outputs if v.type.dtype.kind == "f"]
    every = Graph(graph.inputs, graph.equations, tuple(followed))
    values = _inputs(graph)
    place = graph.inputs.index(start.variable)
    one = np.zeros(start.variable.type.size, start.variable.type.dtype)
    one[start.entry] = 1
    direction = one.reshape(start.variable.type.shape)

    def of_input(x: Array) -> list[Array]:
        return evaluate(every, [*values[:place], x, *values[place + 1 :]])

    here = np.asarray(values[place])[()]
    _, made = jvp(of_input, (here,), (direction[()],))
    return {start.variable: direction, **dict(zip(followed, made, strict=True))}


def _lines(
    graph: Graph, start: Var, numbers: VariableNumbers, tangents: dict[Var, Array]
) -> list[LineShare]:
    made_by: dict[Any, Source | None] = {v: e.source for e in graph.equations for v in e.outputs}
    direct: dict[Any, float] = {}
    through: dict[Any, float] = {}
    operations: dict[Any, int] = {}
    sources: dict[Any, Source | None] = {}
    for e in graph.equations:
        key = _key(e.source)
        for x, flow in _flows(e, numbers, tangents):
            sources.setdefault(key, e.source)
            if x is start:
                direct[key] = direct.get(key, 0.0) + flow
            if x is start or _key(made_by.get(x)) != key:
                through[key] = through.get(key, 0.0) + flow
        operations[key] = operations.get(key, 0) + 1
    order = sorted(sources, key=lambda key: (key is None, key))
    return [
        LineShare(
            sources[key], line_of(sources[key]), direct.get(key, 0.0), through.get(key, 0.0),
            operations[key],
        )
        for key in order
    ]  # fmt: skip


def _key(source: Source | None) -> tuple[str, int] | None:
    return None if source is None else (source.file, source.line)


def _flows(
    e: Equation, numbers: VariableNumbers, tangents: dict[Var, Array]
) -> list[tuple[Var, float]]:
    """What each operand of an equation brings to the output: ``(variable, flow)``."""
    followed = [x for x in e.inputs if isinstance(x, Var) and _moves(tangents.get(x))]
    if e.primitive.is_constant or not followed:
        return []
    cts = [numbers.cotangent(v) for v in e.outputs]
    if all(ct is None for ct in cts):
        return []
    alone = Graph(tuple(dict.fromkeys(x for x in e.inputs if isinstance(x, Var))), (e,), e.outputs)
    pulled = Numbers(alone, [numbers.value(x) for x in alone.inputs], cts)
    found: list[tuple[Var, float]] = []
    for x in dict.fromkeys(followed):
        ct = pulled.cotangent(x)
        if ct is not None:
            found.append((x, float(np.vdot(np.asarray(ct), np.asarray(tangents[x])))))
    return [(x, flow) for x, flow in found if flow and math.isfinite(flow)]


def _moves(tangent: Array | None) -> bool:
    return tangent is not None and bool(np.any(tangent))
