"""Loops and branches of power series: the graphs that they hold, with series in place of values.

The equation stays one: a loop carries the coefficients of its carry beside it, a branch is chosen
by the value at t = 0. The graphs are found in the same way as those of tangents.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from chainrule.core.graph import ArrayType, Graph
from chainrule.core.interpreter import evaluate
from chainrule.core.trace import type_of
from chainrule.transforms.control.body import graph_of, is_float
from chainrule.transforms.control.checkpoint import checkpoint_p
from chainrule.transforms.control.cond import cond_p
from chainrule.transforms.control.scan import Shape, scan_p
from chainrule.transforms.control.while_loop import while_p
from chainrule.transforms.directions import or_zeros
from chainrule.transforms.taylor.expansion import Known, Operation, Rules
from chainrule.transforms.taylor.series import Coefficients, Series

Flags = tuple[bool, ...]
# outputs of a graph and their coefficients, from its inputs, their coefficients and the order
OfGraph = Callable[
    [Graph, Sequence[Any], Sequence[Coefficients], int], tuple[list[Any], list[list[Any]]]
]
Results = list[list[Any]]


def loops_and_branches(of_graph: OfGraph) -> Rules:
    """The rules of the primitives that hold graphs, given what a graph makes of series."""

    def rule(compute: Callable[[OfGraph, Operation, int], Results]) -> Any:
        def series(operation: Operation, known: Known) -> tuple[Series, ...]:
            return _together(lambda k: compute(of_graph, operation, k), operation, known)

        return series

    computes = {"scan": _scan, "cond": _cond, "while_loop": _while, "checkpoint": _checkpoint}
    return {name: rule(compute) for name, compute in computes.items()}


def _together(
    compute: Callable[[int], Results], operation: Operation, known: Known
) -> tuple[Series, ...]:
    """Series whose coefficients up to an order are computed at once, all results together."""
    found: Results = [[] for _ in operation.out]

    def at(i: int, k: int) -> Any:
        nonlocal found
        if len(found[i]) < k:
            found = compute(known.order or k)
        return found[i][k - 1]

    return tuple(Series([x], lambda k, i=i: at(i, k)) for i, x in enumerate(operation.out))


# ---- groups of values with their coefficients ----------------------------------------------------


def _given(operation: Operation, places: Sequence[int], flags: Flags, order: int) -> list[Any]:
    """Coefficients 1 to ``order`` of the inputs whose flag is set, one input after the other."""
    chosen = itertools.compress(places, flags)
    return [
        c
        for i in chosen
        for c in or_zeros(
            [operation.inputs[i].at(k) for k in range(1, order + 1)], [operation.values[i]] * order
        )
    ]


def _types(types: Sequence[ArrayType], flags: Flags, order: int) -> list[ArrayType]:
    """The types of values and, after them, of the coefficients of those whose flag is set."""
    return [*types, *(t for t in itertools.compress(types, flags) for _ in range(order))]


def _parted(values: Sequence[Any], flags: Flags, order: int) -> tuple[Sequence[Any], Results]:
    """Values and coefficients of one group, as :func:`_types` orders them."""
    n = len(flags)
    rest = iter(values[n:])
    return values[:n], _spread(rest, flags, order)


def _spread(rest: Iterator[Any], flags: Flags, order: int) -> Results:
    """The coefficients of all, given those of the ones whose flag is set."""
    return [[*itertools.islice(rest, order)] if flag else [None] * order for flag in flags]


def _joined(values: Sequence[Any], coefficients: Results, flags: Flags, order: int) -> list[Any]:
    """One group again; what is zero is written out."""
    chosen = itertools.compress(zip(values, coefficients, strict=True), flags)
    return [*values, *(c for x, cs in chosen for c in or_zeros(cs, [x] * order))]


def _floats(types: Sequence[ArrayType]) -> Flags:
    return tuple(map(is_float, types))


def _moving(operation: Operation) -> Flags:
    return tuple(not x.constant for x in operation.inputs)


# ---- scan ---------------------------------------------------------------------------------------


def _scan(of_graph: OfGraph, operation: Operation, order: int) -> Results:
    params = dict(operation.params)
    body: Graph = params.pop("body")
    parts = Shape(**params)
    moving, places = _moving(operation), range(len(operation.inputs))
    c, _, x = (tuple(group) for group in parts.inputs(moving))
    k = _floats(parts.inputs([v.type for v in body.inputs])[1])
    flags = (c, k, x)
    operands: list[Any] = []
    for values, group, own in zip(
        parts.inputs(operation.values), parts.inputs(places), flags, strict=True
    ):
        operands += [*values, *_given(operation, group, own, order)]
    results = scan_p(
        *operands,
        body=_scan_body(of_graph, body, parts, flags, order),
        constants=parts.constants + sum(c) * order,
        carries=parts.carries + sum(k) * order,
        length=parts.length,
        reverse=parts.reverse,
    )
    stop = parts.carries + sum(k) * order
    ys = _floats([v.type for v in parts.outputs(body.outputs)[1]])
    return [*_parted(results[:stop], k, order)[1], *_parted(results[stop:], ys, order)[1]]


@lru_cache(maxsize=1024)
def _scan_body(
    of_graph: OfGraph, body: Graph, parts: Shape, flags: tuple[Flags, Flags, Flags], order: int
) -> Graph:
    groups = parts.inputs([v.type for v in body.inputs])
    arguments = [_types(g, own, order) for g, own in zip(groups, flags, strict=True)]
    ys = _floats([x.type for x in parts.outputs(body.outputs)[1]])

    def step(*values: Any) -> Any:
        feed = iter(values)
        primals: list[Any] = []
        given: Results = []
        for group, own in zip(arguments, flags, strict=True):
            part = _parted([*itertools.islice(feed, len(group))], own, order)
            primals += part[0]
            given += part[1]
        outputs, found = of_graph(body, primals, given, order)
        pairs = zip(parts.outputs(outputs), parts.outputs(found), (flags[1], ys), strict=True)
        return [x for out, cs, own in pairs for x in _joined(out, list(cs), own, order)]

    return graph_of(step, [t for group in arguments for t in group])


# ---- graphs that are one piece: branches, and what is computed again -----------------------------


def _cond(of_graph: OfGraph, operation: Operation, order: int) -> Results:
    flags = _moving(operation)[1:]
    given = _given(operation, range(1, len(operation.inputs)), flags, order)
    branches = {
        name: _piece(of_graph, branch, flags, order) for name, branch in operation.params.items()
    }
    results = cond_p(*operation.values, *given, **branches)
    return _spread(iter(results), _floats([type_of(x) for x in operation.out]), order)


def _checkpoint(of_graph: OfGraph, operation: Operation, order: int) -> Results:
    params = dict(operation.params)
    flags = _moving(operation)
    given = _given(operation, range(len(flags)), flags, order)
    if "memory" in params:  # values, and as much for each order
        params["memory"] *= order + 1
    params["body"] = _piece(of_graph, params["body"], flags, order)
    results = checkpoint_p(*operation.values, *given, **params)
    return _spread(iter(results), _floats([type_of(x) for x in operation.out]), order)


@lru_cache(maxsize=1024)
def _piece(of_graph: OfGraph, graph: Graph, flags: Flags, order: int) -> Graph:
    """Inputs and their coefficients to the coefficients of those outputs that are floats."""
    floats = _floats([x.type for x in graph.outputs])

    def coefficients(*values: Any) -> Any:
        outputs, found = of_graph(graph, *_parted(values, flags, order), order)
        chosen = itertools.compress(zip(outputs, found, strict=True), floats)
        return [c for x, cs in chosen for c in or_zeros(cs, [x] * order)]

    return graph_of(coefficients, _types([v.type for v in graph.inputs], flags, order))


# ---- while_loop ---------------------------------------------------------------------------------


def _while(of_graph: OfGraph, operation: Operation, order: int) -> Results:
    test, body = operation.params["test"], operation.params["body"]
    n: int = operation.params["constants"]
    c = _moving(operation)[:n]
    k = _floats([v.type for v in body.inputs[n:]])
    places = range(len(operation.inputs))
    known = [*operation.values[:n], *_given(operation, places[:n], c, order)]
    start = [*operation.values[n:], *_given(operation, places[n:], k, order)]
    graphs = _while_graphs(of_graph, test, body, (c, k), order)
    results = while_p(*known, *start, test=graphs[0], body=graphs[1], constants=len(known))
    return _parted(results, k, order)[1]


@lru_cache(maxsize=1024)
def _while_graphs(
    of_graph: OfGraph, test: Graph, body: Graph, flags: tuple[Flags, Flags], order: int
) -> tuple[Graph, Graph]:
    c, k = flags
    types = [v.type for v in body.inputs]
    known, carry = _types(types[: len(c)], c, order), _types(types[len(c) :], k, order)

    def parts(values: Sequence[Any]) -> list[tuple[Sequence[Any], Results]]:
        n = len(known)
        return [_parted(values[:n], c, order), _parted(values[n:], k, order)]

    def step(*values: Any) -> Any:
        (constants, of_constants), (state, of_state) = parts(values)
        outputs, found = of_graph(body, [*constants, *state], [*of_constants, *of_state], order)
        return _joined(outputs, found, k, order)

    def holds(*values: Any) -> Any:
        (constants, _), (state, _) = parts(values)
        return evaluate(test, [*constants, *state])

    return graph_of(holds, [*known, *carry]), graph_of(step, [*known, *carry])
