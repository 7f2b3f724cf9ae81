"""A symbol for each variable of a program: the user's name for it where there is one.

A name that stood for several values, as in a loop, is numbered: x, x₁, x₂. What has no name is
v₁, v₂, ... in the order in which it comes to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from chainrule.core.graph import Graph, Literal, Var
from chainrule.insight.notation.expression import Symbol
from chainrule.insight.notation.names import latex_name, numbered, symbol

_FRESH = ("v", "u", "t", "w", "node")
_LONGEST = 12  # letters of a function's name that stands for its result


def symbols_of(
    graph: Graph, inputs: Sequence[str], names: dict[Var, str], function: str
) -> dict[Var, Symbol]:
    """Symbols of all variables.

    Args:
        graph: the graph.
        inputs: names of its inputs, as arguments of the function.
        names: the first name that a variable had in the program.
        function: the function's name, for a result that has none.
    """
    given = {**names}
    for v, name in zip(graph.inputs, inputs, strict=True):
        if name.isidentifier() or v not in given:
            given[v] = name  # an argument's own name; of a part of one, the name it was taken by
    made = [v for e in graph.equations for v in e.outputs]
    last = graph.outputs[0] if len(graph.outputs) == 1 else None
    if isinstance(last, Var) and last not in given:
        taken = set(given.values())
        short = function.isidentifier() and len(function) <= _LONGEST and function not in taken
        given[last] = function if short else next(n for n in ("y", "f", "result") if n not in taken)
    return _numbered(graph, made, given)


def _numbered(graph: Graph, made: Sequence[Var], given: dict[Var, str]) -> dict[Var, Symbol]:
    often = Counter(given[v] for v in (*graph.inputs, *made) if v in given)
    fresh = next(n for n in _FRESH if n not in often)
    counts: Counter[str] = Counter()
    shown: set[str] = set()
    symbols: dict[Var, Symbol] = {}
    for v in (*graph.inputs, *made):
        name = given.get(v, fresh)
        if v in graph.inputs or (often[name] == 1 and name != fresh):
            found = symbol(name, v.type)
        else:
            counts[name] += 1
            found = numbered(name, counts[name], v.type)
        if found.latex in shown:  # W1, and the first value of W
            found = Symbol(found.text, _apart(name, counts[name]), v.type)
        shown.add(found.latex)
        symbols[v] = found
    return symbols


def _apart(name: str, number: int) -> str:
    plain = latex_name(name)
    return f"{plain}^{{({number})}}" if number else rf"\mathtt{{{name}}}"


def constant_names(graph: Graph) -> dict[Literal, str]:
    """K₁, K₂, ... for the arrays that stand in a graph, in their order."""
    arrays = [x for e in graph.equations for x in e.inputs if isinstance(x, Literal)]
    return {x: f"K{i}" for i, x in enumerate((x for x in arrays if x.type.shape), start=1)}
