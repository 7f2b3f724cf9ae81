"""The reference executor: a loop over equations that calls NumPy. It defines what a graph means.

Every other executor, and every pass, is tested against this one. It is a part of the core because
control flow is made of equations that hold graphs: what such an equation means is what the
interpreter makes of its graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from chainrule.core.errors import ShapeError
from chainrule.core.graph import Graph, Literal, Var
from chainrule.core.trace import bind, standing_for, wants_sources

Run = Callable[[Sequence[Any]], list[Any]]
Make = Callable[[Graph], Run]  # what makes a graph executable, such as :func:`interpret`


def evaluate(graph: Graph, inputs: Sequence[Any]) -> list[Any]:
    """The outputs of a graph at plain or traced inputs, one equation after the other.

    >>> import chainrule as cr
    >>> evaluate(cr.trace(lambda a, b: (a + b) * (b + 1))(2.0, 1.0), [2.0, 1.0])
    [6.0]
    """
    _require_count(graph, inputs)
    known: dict[Var, Any] = dict(zip(graph.inputs, inputs, strict=True))

    def value_of(x: Var | Literal) -> Any:
        return x.value if isinstance(x, Literal) else known[x]

    with_lines = wants_sources(inputs)
    for equation in graph.equations:
        operands = [*map(value_of, equation.inputs)]
        if with_lines and equation.source is not None:
            with standing_for(equation.source):
                result = bind(equation.primitive, operands, equation.params)
        else:
            result = bind(equation.primitive, operands, equation.params)
        results = result if equation.primitive.several else (result,)
        known.update(zip(equation.outputs, results, strict=True))
    return [value_of(x) for x in graph.outputs]


def interpret(graph: Graph) -> Run:
    """A graph as a function of plain arrays: :func:`evaluate`, prepared once for many calls.

    Variables and literals become places in a list; a value is dropped after its last use.
    """
    places: dict[Var | Literal, int] = {}
    initial: list[Any] = []

    def place(x: Var | Literal) -> int:
        if x not in places:
            places[x] = len(initial)
            initial.append(x.value if isinstance(x, Literal) else None)
        return places[x]

    n_inputs = len([place(v) for v in graph.inputs])
    equations = [
        (e.primitive.value, [*map(place, e.inputs)], dict(e.params), [*map(place, e.outputs)])
        for e in graph.equations
    ]
    results = [place(x) for x in graph.outputs]
    pinned = {i for x, i in places.items() if isinstance(x, Literal)} | set(results)
    steps = [
        (*prepared, e.primitive.several, dropped)
        for e, prepared, dropped in zip(
            graph.equations, equations, _last_uses(equations, pinned), strict=True
        )
    ]

    def run(inputs: Sequence[Any]) -> list[Any]:
        _require_count(graph, inputs)
        values = initial.copy()
        values[:n_inputs] = inputs
        for value, operands, params, out, several, dropped in steps:
            result = value(*[values[i] for i in operands], **params)
            if several:
                for i, x in zip(out, result, strict=True):
                    values[i] = x
            else:
                values[out[0]] = result
            for i in dropped:
                values[i] = None
            result = x = None  # these names keep nothing alive
        return [values[i] for i in results]

    return run


interpreted = lru_cache(maxsize=1024)(interpret)
""":func:`interpret` of graphs that equations hold, which run again and again."""


def _require_count(graph: Graph, inputs: Sequence[Any]) -> None:
    if len(inputs) != len(graph.inputs):
        raise ShapeError(f"the graph has {len(graph.inputs)} inputs, got {len(inputs)}")


def _last_uses(
    equations: Sequence[tuple[Any, list[int], Any, list[int]]], pinned: set[int]
) -> list[Any]:
    """For each equation the places that nobody reads after it."""
    seen = set(pinned)
    dropped: list[tuple[int, ...]] = []
    for _, operands, _, out in reversed(equations):
        here = {i for i in (*operands, *out) if i not in seen}
        seen |= here
        dropped.append(tuple(here))
    return dropped[::-1]
