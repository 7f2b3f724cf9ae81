"""One name for each variable of a graph, as it is written in mathematics: ∂f/∂x₁.

Rests on ``names.py``, which reads the user's names in the source; what has none there gets letters.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator

from chainrule.core.graph import Graph, Literal, Var
from chainrule.core.show import names as letters
from chainrule.drawing.names import names_of

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def variable_names(graph: Graph) -> dict[Var, str]:
    """A name for each variable, the user's where the source has one, else letters: a, b, ...

    The one result of a graph that has no name in its function is called as the function: ∂f/∂x.
    What is assigned again is counted: x₁, x₂, after x if it is an argument.

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
    taken = set(found.values())
    fresh = (name for name in letters() if name not in taken)
    for v in (*graph.inputs, *(v for e in graph.equations for v in e.outputs)):
        found[v] = found.get(v) or next(fresh)
    given = {found[v] for v in graph.inputs}
    made = [v for e in graph.equations for v in e.outputs]
    often = Counter(found[v] for v in made)
    numbers: dict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))
    for v in made:
        name = found[v]
        if name in given or often[name] > 1:
            found[v] = name + str(next(numbers[name])).translate(SUBSCRIPTS)
    return found


def _named_as_its_function(graph: Graph, found: dict[Var, str]) -> dict[Var, str]:
    v = graph.outputs[0]
    made = [e.source for e in graph.equations if v in e.outputs and e.source is not None]
    if isinstance(v, Literal) or found.get(v) or not made or not made[0].function.isidentifier():
        return {}
    return {v: made[0].function}
