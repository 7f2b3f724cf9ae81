"""One name for each variable of a graph, as it is written in mathematics: ∂f/∂x₁.

Rests on ``names.py``, which reads the user's names in the source; what has none there gets letters.
"""

from __future__ import annotations

from chainrule.core.graph import Graph, Literal, Var
from chainrule.core.show import names as letters
from chainrule.drawing.names import names_of

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def variable_names(graph: Graph) -> dict[Var, str]:
    """A name for each variable, the user's where the source has one, else letters: a, b, ...

    The one result of a graph that has no name in its function is called as the function: ∂f/∂x.
    What is assigned again has a subscript: x, x₁, x₂.

    >>> import numpy as np, chainrule as cr
    >>> def f(x):
    ...     for _ in range(2):
    ...         x = np.sin(x)
    ...     return x + 1
    >>> list(variable_names(cr.trace(f)(1.0)).values())
    ['x', 'x₁', 'x₂', 'f']
    """
    found = dict(zip(graph.inputs, graph.input_names, strict=False))
    for v, name in names_of(graph.equations).items():
        found[v] = name
    if len(graph.outputs) == 1:
        found.update(_named_as_its_function(graph, found))
    every = [*graph.inputs, *(v for e in graph.equations for v in e.outputs)]
    taken: dict[str, int] = {}
    fresh = letters()
    names: dict[Var, str] = {}
    given = {found.get(v, "") for v in every}
    for v in every:
        name = found.get(v, "")
        if not name:
            name = next(n for n in fresh if n not in given)
        taken[name] = taken.get(name, 0) + 1
        names[v] = name if taken[name] == 1 else name + str(taken[name] - 1).translate(SUBSCRIPTS)
    return names


def _named_as_its_function(graph: Graph, found: dict[Var, str]) -> dict[Var, str]:
    v = graph.outputs[0]
    made = [e.source for e in graph.equations if v in e.outputs and e.source is not None]
    if isinstance(v, Literal) or found.get(v) or not made or not made[0].function.isidentifier():
        return {}
    return {v: made[0].function}
