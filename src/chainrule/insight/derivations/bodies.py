"""The graph inside of an equation: a turn of a loop, the branch taken, what is recomputed.

It is shown with symbols of its own, and checked at the values of its first turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chainrule.core.graph import Graph, Literal, Var
from chainrule.insight.derivations.edges import Used
from chainrule.insight.derivations.folding import foldable
from chainrule.insight.derivations.naming import symbols_of
from chainrule.insight.notation.expression import Symbol
from chainrule.transforms.control.shape import Shape

Array = Any
InnerNames = Callable[[Graph], dict[Var, str]]


@dataclass(frozen=True, eq=False)
class Inner:
    """A graph that an equation holds, with values for its inputs and symbols of its variables.

    ``transposes`` are variables that are written where they are used, and what they are of.
    """

    graph: Graph
    values: tuple[Array, ...]
    symbols: dict[Var | Literal, Symbol]
    transposes: dict[Var, Var]
    title: str


def inner_of(used: Used, names: InnerNames) -> Inner | None:
    """The graph that an equation holds, at its first values; None if it holds none that runs."""
    equation, operands = used.equation, used.operands()
    params, kind = equation.params, equation.primitive.name
    graph, first = params.get("body"), 0
    if kind == "scan":
        shape = {k: v for k, v in params.items() if k != "body"}
        parts = Shape(**shape)
        start = next(iter(parts.order), None)
        constants, carry, xs = parts.inputs(operands)
        if start is None:
            return None
        operands = [*constants, *carry, *(x[start] for x in xs)]
    elif kind == "cond":
        graph, first = params["true" if bool(operands[0]) else "false"], 1
    if not isinstance(graph, Graph):
        return None
    shared = int(params.get("constants", len(operands) if kind != "scan" else 0))
    named = names(graph)
    transposes = foldable(graph, named)
    symbols = _symbols(used, graph, first, shared, named, transposes)
    inputs = ", ".join(symbols[v].text for v in graph.inputs)
    outputs = ", ".join(
        symbols[v].text if isinstance(v, Var) else str(v.value) for v in graph.outputs
    )
    title = {"scan": "each turn", "while_loop": "each turn", "cond": "the branch taken"}
    title = f"{title.get(kind, 'inside')}: {inputs} ↦ {outputs}"
    return Inner(graph, tuple(operands[first:]), symbols, transposes, title)


def _symbols(
    used: Used,
    graph: Graph,
    first: int,
    shared: int,
    names: dict[Var, str],
    transposes: dict[Var, Var],
) -> dict[Var | Literal, Symbol]:
    """The body's own names; what it takes from around it keeps the symbol that it has there."""
    outer = used.equation.inputs[first:]
    given = [
        names.get(v) or (used.symbols[x].text if i < shared and x in used.symbols else f"x{i + 1}")
        for i, (v, x) in enumerate(zip(graph.inputs, outer, strict=True))
    ]
    around = {symbol.text[0] for symbol in used.symbols.values()}
    symbols: dict[Var | Literal, Symbol] = {
        **symbols_of(graph, given, names, transposes, "y", around)
    }
    for i, (v, x) in enumerate(zip(graph.inputs, outer, strict=True)):
        if i < shared and x in used.symbols:
            symbols[v] = used.symbols[x]
    return symbols
