"""The one text form of a graph, used by tests, the command line and the page.

Variables are named a, b, ..., z, aa, ab, ... in the order in which they come to be; every variable
is followed by its type, a ``~`` marking a Python number. Parameters stand in brackets after the
primitive; graphs that an equation holds follow below it. The form is stable: equal graphs print
equally.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np

from chainrule.core.graph import Equation, Graph, Literal, Var


def names() -> Iterator[str]:
    """a, b, ..., z, aa, ab, ..."""
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_lowercase, repeat=length):
            yield "".join(letters)


def show(graph: Graph, *, sources: bool = False, note: Callable[[Var], str] | None = None) -> str:
    """A graph as text; with ``sources`` each line ends in the user's file and line.

    ``note`` gives a text for each variable of the graph, such as its value, that ends its line.

    >>> import chainrule as cr
    >>> print(show(cr.trace(lambda x: x * x + 1)(3.0)))
    graph(a: float64~)
      b: float64~ = mul a a
      c: float64~ = add b 1
      return c
    """
    fresh = names()
    known: dict[Var, str] = {v: next(fresh) for v in graph.inputs}
    head = ", ".join(f"{known[v]}: {v.type}" for v in graph.inputs)
    lines = [f"graph({head})"]
    if note is not None:
        lines += [_noted(f"  {known[v]}", note(v)) for v in graph.inputs]
    for equation in graph.equations:
        for v in equation.outputs:
            known[v] = next(fresh)
        notes: list[str] = []
        if sources and equation.source is not None:
            notes.append(equation.source.short)
        if note is not None:
            notes += [note(v) for v in equation.outputs]
        lines.append(_noted(f"  {_equation(equation, known)}", "  ".join(filter(None, notes))))
        for name, held in equation.params.items():
            if isinstance(held, Graph):
                inner = show(held, sources=sources).splitlines()
                lines += [f"    {name}: {inner[0]}", *(f"    {text}" for text in inner[1:])]
    results = " ".join(_operand(x, known) for x in graph.outputs)
    lines.append(f"  return {results}")
    return "\n".join(lines)


def _noted(line: str, note: str) -> str:
    return f"{line:<60}  # {note}" if note else line


def _equation(equation: Equation, known: dict[Var, str]) -> str:
    left = ", ".join(f"{known[v]}: {v.type}" for v in equation.outputs)
    plain = {k: v for k, v in equation.params.items() if not isinstance(v, Graph)}
    params = ", ".join(f"{k}={_param(v)}" for k, v in plain.items())
    right = " ".join(_operand(x, known) for x in equation.inputs)
    call = f"{equation.primitive.name}[{params}]" if params else equation.primitive.name
    return f"{left} = {call} {right}"


def _operand(x: Var | Literal, known: dict[Var, str]) -> str:
    if isinstance(x, Var):
        return known[x]
    if x.type.shape == ():
        value: Any = x.value
        return str(np.asarray(value).item())
    return f"<{x.type}>"


def _param(value: Any) -> str:
    if isinstance(value, tuple):
        parts = [_param(v) for v in cast("tuple[Any, ...]", value)]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if isinstance(value, slice):
        whole = cast("slice[Any, Any, Any]", value)
        bounds = ["" if b is None else str(b) for b in (whole.start, whole.stop)]
        step = "" if whole.step is None else f":{whole.step}"
        return f"{bounds[0]}:{bounds[1]}{step}"
    return "..." if value is Ellipsis else str(value)
