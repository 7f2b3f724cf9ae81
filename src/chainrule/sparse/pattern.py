"""The pattern of a Jacobian: a walk forwards over the graph with sets of inputs, not numbers.

Every variable gets the rows of ``dependence.py`` by the rule of its primitive (``rules.py``). What
comes out covers all entries that can be nonzero; nothing is evaluated but indices, conditions and
what they are made of, where that is constant. Values that are piecewise constant depend on nothing
(Griewank and Walther, Evaluating Derivatives, 2008, section 7.1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import compress
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.core.trace import bind
from chainrule.sparse.dependence import Rows, own, stacked
from chainrule.sparse.rules import RULES, Inside, Several, Step, anything, rule
from chainrule.transforms.control.body import graph_of, tangents_of

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
    found, _ = propagate(graph, rows, [values.get(i) for i in range(len(rows))], columns)
    return stacked(found, [x.type.size for x in graph.outputs], columns)


def propagate(
    graph: Graph,
    rows: Sequence[Rows | None],
    values: Sequence[Any],
    columns: int,
    inside: Inside = frozenset(),
) -> Several:
    """The rows of the outputs, from those of the inputs, and the values that are known of both.

    A value of None is not known. ``inside`` are primitives whose own derivative this graph is.
    """
    known: dict[Operand, Any] = dict(zip(graph.inputs, values, strict=True))
    found: dict[Operand, Rows | None] = dict(zip(graph.inputs, rows, strict=True))
    live = _live(graph)
    evaluated = integers_read(live) | _discrete(graph.outputs)
    last = _last_uses(live)

    def value(x: Operand) -> Any:
        return x.value if isinstance(x, Literal) else known.get(x)

    for i, e in enumerate(live):
        inputs = [found.get(x) for x in e.inputs]
        if any(r is not None for r in inputs):
            step = Step(e, inputs, [value(x) for x in e.inputs], columns, inside)
            results, made = _results(step)
            found.update(zip(e.outputs, results, strict=True))
            known.update(zip(e.outputs, made, strict=True))
        elif any(v in evaluated for v in e.outputs):
            known.update(zip(e.outputs, _values(e, [value(x) for x in e.inputs]), strict=True))
        for x in last[i]:
            if x not in graph.outputs:
                found.pop(x, None)
    return [found.get(x) for x in graph.outputs], [value(x) for x in graph.outputs]


def _results(step: Step) -> Several:
    """The rows of the results, and their values where these are known."""
    e = step.equation
    nothing = [None] * len(e.outputs)
    if e.primitive.is_constant:
        return nothing, nothing
    try:
        result = RULES.get(e.primitive.name, of_derivative)(step)
    except ArgumentError as error:
        place = f" ({e.source})" if e.source else ""
        raise ArgumentError(f"{e.primitive.name}{place}: {error}") from None
    results, values = result if e.primitive.several else ([result], nothing)
    floats = [v.type.dtype.kind in "fc" for v in e.outputs]
    return (
        [rows if ok else None for rows, ok in zip(results, floats, strict=True)],
        [None if ok else value for value, ok in zip(values, floats, strict=True)],
    )


def of_derivative(step: Step) -> Any:
    """The rule of a primitive without one: the pattern of its own forward derivative.

    That is a linear map of tangents, made of other primitives. Where it cannot be traced by types,
    or has the primitive in it again, every entry depends on everything.
    """
    e, n = step.equation, len(step.rows)
    flags = [rows is not None for rows in step.rows]
    types = [x.type for x in e.inputs]
    inputs = tuple(map(Var, types))
    alone = Graph(inputs, (replace(e, inputs=inputs),), e.outputs)

    def tangents(*values: Any) -> list[Any]:
        given = iter(values[n:])
        directions = [next(given) if flag else None for flag in flags]
        return tangents_of(alone, values[:n], directions)[1]

    if e.primitive in step.inside:
        return anything(step)
    try:
        graph = graph_of(tangents, [*types, *compress(types, flags)])
    except (ChainruleError, TypeError, AttributeError, NotImplementedError):  # of Python on values
        return anything(step)
    results = propagate(
        graph,
        [*[None] * n, *compress(step.rows, flags)],
        [*step.values, *[None] * sum(flags)],
        step.columns,
        step.inside | {e.primitive},
    )
    return results if e.primitive.several else results[0][0]


@rule("custom")
def stated(step: Step) -> Any:
    """The derivative that a person states; what it kept with values is traced again by types."""
    params = {name: x for name, x in step.params.items() if name != "kept"}
    return of_derivative(replace(step, equation=replace(step.equation, params=params)))


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


def _discrete(operands: Sequence[Operand]) -> set[Operand]:
    return {x for x in operands if x.type.dtype.kind in "iub"}


def integers_read(equations: Sequence[Equation]) -> set[Operand]:
    """Integers and truth values that are read, and all that they are made of."""
    wanted: set[Operand] = set()
    for e in reversed(equations):
        if any(v in wanted for v in e.outputs):
            wanted.update(e.inputs)
        else:
            wanted.update(_discrete(e.inputs))
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
