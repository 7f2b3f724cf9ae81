"""A symbol for each variable of a program: the user's name for it where there is one.

A name that stood for several values, as in a loop, is numbered: x, x₁, x₂. What has no name is
v₁, v₂, ... in the order in which it comes to be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.core.graph import Graph, Literal, Var
from chainrule.insight.notation.expression import Symbol
from chainrule.insight.notation.names import latex_name, numbered, symbol

_FRESH = ("v", "u", "t", "w", "node")


def symbols_of(
    graph: Graph,
    inputs: Sequence[str],
    names: dict[Var, str],
    transposes: Mapping[Var, Var],
    function: str,
    avoided: Collection[str] = (),
) -> dict[Var, Symbol]:
    """Symbols of all variables.

    Args:
        graph: the graph.
        inputs: names of its inputs, as arguments of the function.
        names: the first name that a variable had in the program.
        transposes: variables that are written where they are used, and what they are of.
        function: the function's name, for a result that has none.
        avoided: names of other things, not to be used for what has no name.
    """
    given = {**names}
    for v, name in zip(graph.inputs, inputs, strict=True):
        if name.isidentifier() or v not in given:
            given[v] = name  # an argument's own name; of a part of one, the name it was taken by
    made = [v for e in graph.equations for v in e.outputs]
    last = graph.outputs[0] if len(graph.outputs) == 1 else None
    if isinstance(last, Var) and last not in given:
        taken = {*given.values(), *avoided}
        short = [function] if len(function) == 1 else []
        given[last] = next(n for n in (*short, "y", "f", "result", "output") if n not in taken)
    return _numbered(graph, made, given, transposes, avoided)


def _numbered(
    graph: Graph,
    made: Sequence[Var],
    given: dict[Var, str],
    transposes: Mapping[Var, Var],
    avoided: Collection[str],
) -> dict[Var, Symbol]:
    often = Counter(given[v] for v in (*graph.inputs, *made) if v in given)
    fresh = next(n for n in _FRESH if n not in often and n not in avoided)
    counts: Counter[str] = Counter()
    shown: set[str] = set()
    symbols: dict[Var, Symbol] = {}
    for v in (*graph.inputs, *made):
        if v in transposes:
            of = symbols[transposes[v]]
            symbols[v] = Symbol(f"{of.text}ᵀ", rf"{{{of.latex}}}^{{\top}}", v.type)
            continue
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


def symbols_of_arrays(
    graph: Graph, known: Mapping[str, Any], taken: Collection[str]
) -> dict[Literal, Symbol]:
    """Symbols of the arrays that stand in a graph: the user's names, else K₁, K₂, ...

    Args:
        graph: the graph.
        known: plain arrays by the names that they have in the program.
        taken: texts of symbols that stand for something else.
    """
    symbols: dict[Literal, Symbol] = {}
    unnamed: list[tuple[Any, Symbol]] = []
    for x in dict.fromkeys(x for e in graph.equations for x in e.inputs):
        if not isinstance(x, Literal) or not x.type.shape:
            continue
        name = next((n for n, y in known.items() if n not in taken and _is_same(x.value, y)), None)
        if name is not None:
            symbols[x] = symbol(name, x.type)
            continue
        found = next((s for y, s in unnamed if _is_same(x.value, y)), None)
        if found is None:
            found = numbered("K", len(unnamed) + 1, x.type)
            unnamed.append((np.asarray(x.value), found))
        symbols[x] = found
    return symbols


def _is_same(x: Any, y: Any) -> bool:
    here, there = np.asarray(x), np.asarray(y)
    if not isinstance(y, np.ndarray) or here.shape != there.shape or here.dtype != there.dtype:
        return False
    return bool(np.array_equal(here, there, equal_nan=here.dtype.kind in "fc"))
