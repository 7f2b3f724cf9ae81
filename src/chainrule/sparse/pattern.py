"""The pattern of a Jacobian: a walk forwards over the graph with sets of inputs, not numbers.

Every variable gets the rows of ``dependence.py`` by the rule of its primitive (``rules.py``). What
comes out covers all entries that can be nonzero; nothing is evaluated but indices, conditions and
what they are made of, where that is constant. Values that are piecewise constant depend on nothing
(Griewank and Walther, Evaluating Derivatives, 2008, section 7.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.core.trace import bind
from chainrule.sparse.dependence import Rows, own, stacked
from chainrule.sparse.rules import RULES, Step, anything

Operand = Var | Literal


def pattern_of(graph: Graph, wanted: Sequence[int], values: Mapping[int, Any]) -> Rows:
    """The pattern of the derivative of all outputs in some inputs, as a Boolean ``csr_array``.

    Args:
        graph: what is differentiated.
        wanted: the inputs to differentiate, by their number; their entries are the columns.
        values: values of other inputs that the pattern may depend on: indices and masks.

    >>> import numpy as np, chainrule as cr
    >>> graph = cr.trace(lambda x: x[1:] * x[:-1])(np.ones(4))
    >>> pattern_of(graph, [0], {}).toarray().astype(int)
    array([[1, 1, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 1, 1]])
    """
    sizes = [graph.inputs[i].type.size for i in wanted]
    columns = sum(sizes)
    rows: list[Rows | None] = [None] * len(graph.inputs)
    for i, size, end in zip(wanted, sizes, np.cumsum(sizes), strict=True):
        rows[i] = own(int(end) - size, size, columns)
    found = propagate(graph, rows, [values.get(i) for i in range(len(rows))], columns)
    return stacked(found, [x.type.size for x in graph.outputs], columns)


def propagate(
    graph: Graph, rows: Sequence[Rows | None], values: Sequence[Any], columns: int
) -> list[Rows | None]:
    """The rows of the outputs, from those of the inputs and from the values that are known.

    A value of None is not known.
    """
    known: dict[Operand, Any] = dict(zip(graph.inputs, values, strict=True))
    found: dict[Operand, Rows | None] = dict(zip(graph.inputs, rows, strict=True))
    live = _live(graph)
    evaluated = _evaluated(live)
    last = _last_uses(live)

    def value(x: Operand) -> Any:
        return x.value if isinstance(x, Literal) else known.get(x)

    for i, e in enumerate(live):
        inputs = [found.get(x) for x in e.inputs]
        if any(r is not None for r in inputs):
            step = Step(e, inputs, [value(x) for x in e.inputs], columns)
            found.update(zip(e.outputs, _results(step), strict=True))
        elif any(v in evaluated for v in e.outputs):
            known.update(zip(e.outputs, _values(e, [value(x) for x in e.inputs]), strict=True))
        for x in last[i]:
            if x not in graph.outputs:
                found.pop(x, None)
    return [found.get(x) for x in graph.outputs]


def _results(step: Step) -> Sequence[Rows | None]:
    e = step.equation
    if e.primitive.is_constant:
        return [None] * len(e.outputs)
    try:
        result = RULES.get(e.primitive.name, anything)(step)
    except ArgumentError as error:
        place = f" ({e.source})" if e.source else ""
        raise ArgumentError(f"{e.primitive.name}{place}: {error}") from None
    results = result if e.primitive.several else [result]
    return [
        rows if v.type.dtype.kind in "fc" else None
        for v, rows in zip(e.outputs, results, strict=True)
    ]


def _values(e: Equation, inputs: Sequence[Any]) -> Sequence[Any]:
    """The values of an equation that depends on no input of the derivative, if they are known."""
    if any(x is None for x in inputs):
        return [None] * len(e.outputs)
    result = bind(e.primitive, inputs, e.params)
    return result if e.primitive.several else [result]


def _live(graph: Graph) -> list[Equation]:
    needed: set[Operand] = set(graph.outputs)
    live: list[Equation] = []
    for e in reversed(graph.equations):
        if any(v in needed for v in e.outputs):
            needed.update(e.inputs)
            live.append(e)
    return live[::-1]


def _evaluated(equations: Sequence[Equation]) -> set[Operand]:
    """Integers and truth values that are read, and all that they are made of."""
    wanted: set[Operand] = set()
    for e in reversed(equations):
        if any(v in wanted for v in e.outputs):
            wanted.update(e.inputs)
        else:
            wanted.update(x for x in e.inputs if x.type.dtype.kind in "iub")
    return wanted


def _last_uses(equations: Sequence[Equation]) -> list[list[Operand]]:
    """For each equation the variables that nobody reads after it."""
    seen: set[Operand] = set()
    last: list[list[Operand]] = []
    for e in reversed(equations):
        here = {x for x in (*e.inputs, *e.outputs) if x not in seen}
        seen |= here
        last.append(list(here))
    return last[::-1]
