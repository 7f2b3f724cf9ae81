"""The rules of loops and branches: the pattern of the body once, then products of patterns.

The body's graph is walked once with its own inputs as columns. A step then is a product of Boolean
matrices, and so is what comes of many steps. Where a loop is too long to be followed step by step,
or of unknown length, its carry gets all that any number of steps can bring (a fixed point), which
is never too little.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from chainrule.core.graph import Graph
from chainrule.sparse.dependence import (
    Rows,
    composed,
    empty,
    gathered,
    made,
    own,
    places,
    pooled,
    stacked,
    union,
)
from chainrule.sparse.pattern import integers_read, propagate
from chainrule.sparse.rules import Several, Step, rule

Array = Any
FOLLOWED = 1 << 10  # steps of a loop whose carries are told apart


def links_of(graph: Graph, step: Step, known: int) -> Rows:
    """The pattern of all outputs of a body in all its inputs; integers have empty columns.

    Values are known of the first inputs of the step alone, ``known`` of them.
    """
    sizes = [v.type.size for v in graph.inputs]
    columns, first = sum(sizes), 0
    rows: list[Rows | None] = []
    for v, size in zip(graph.inputs, sizes, strict=True):
        rows.append(own(first, size, columns) if v.type.dtype.kind in "fc" else None)
        first += size
    values = [*step.values[:known], *[None] * (len(sizes) - known)]
    found, _ = propagate(graph, rows, values, columns, step.inside)
    return stacked(found, [x.type.size for x in graph.outputs], columns)


@rule("checkpoint")
def held(step: Step) -> Several:
    """What the graph says that the equation holds."""
    return propagate(step.params["body"], step.rows, step.values, step.columns, step.inside)


@rule("cond")
def branches(step: Step) -> Several:
    """Of a known predicate its branch, else both."""
    chosen = step.values[0]
    true, false = (
        propagate(step.params[name], step.rows[1:], step.values[1:], step.columns, step.inside)
        for name in ("true", "false")
    )
    if chosen is not None:
        return true if chosen else false
    both = [union(parts) for parts in zip(true[0], false[0], strict=True)]
    return both, [None] * len(both)


@rule("while_loop")
def repeated(step: Step) -> Several:
    """All that any number of steps brings."""
    n, sizes = step.params["constants"], [prod(shape) for shape in step.shapes]
    links = links_of(step.params["body"], step, n)
    known = stacked(step.rows[:n], sizes[:n], step.columns)
    carry = stacked(step.rows[n:], sizes[n:], step.columns)
    at = known.shape[0]
    carry = _closure(carry, links[:, at:], composed(links[:, :at], known))
    return _parted(carry, sizes[n:]), [None] * len(sizes[n:])


@rule("scan")
def scanned(step: Step) -> Several:
    """Step by step, or by the fixed point if there are many steps that hand something on."""
    p, sizes = step.params, [prod(shape) for shape in step.shapes]
    n, m, length = p["constants"], p["constants"] + p["carries"], p["length"]
    carry = stacked(step.rows[n:m], sizes[n:m], step.columns)
    each = [x.type.size for x in p["body"].outputs[m - n :]]
    unknown = [None] * len(step.equation.outputs)
    if length == 0:
        return [*_parted(carry, sizes[n:m]), *[None] * len(each)], unknown
    if length <= FOLLOWED and _reads_integers(p["body"], step.values[n:]):
        return _one_by_one(step)
    links = links_of(p["body"], step, n)
    at, to = sum(sizes[:n]), sum(sizes[:m])
    known = stacked(step.rows[:n], sizes[:n], step.columns)
    xs = _by_steps(step.rows[m:], sizes[m:], length, step.columns)
    new, shown = links[: to - at], links[to - at :]
    brought = union([
        _tiled(composed(new[:, :at], known), length), _at_each(new[:, to:], xs, length),
    ])  # fmt: skip
    before, last = _carries(carry, new[:, at:to], brought, length, reverse=p["reverse"])
    ys = union([
        _tiled(composed(shown[:, :at], known), length), _at_each(shown[:, to:], xs, length),
        _at_each(shown[:, at:to], before(), length) if shown[:, at:to].nnz else None,
    ])  # fmt: skip
    return [*_parted(last, sizes[n:m]), *_of_each(ys, each, length)], unknown


def _reads_integers(body: Graph, values: Sequence[Any]) -> bool:
    """Whether an index or a condition in a step is made of a carry or x whose values are known."""
    read = integers_read(body.equations)
    own_inputs = body.inputs[len(body.inputs) - len(values) :]
    return any(v in read and x is not None for v, x in zip(own_inputs, values, strict=True))


def _one_by_one(step: Step) -> Several:
    """Each step walked by itself, with the integers that it reads."""
    p = step.params
    n, m, body = p["constants"], p["constants"] + p["carries"], p["body"]
    rows, values = step.rows[n:m], step.values[n:m]
    made: list[tuple[Sequence[Rows | None], Sequence[Any]]] = []
    order = range(p["length"])
    for t in reversed(order) if p["reverse"] else order:
        parts = [
            None if r is None else r[t * prod(s[1:]) : (t + 1) * prod(s[1:])]
            for r, s in zip(step.rows[m:], step.shapes[m:], strict=True)
        ]
        xs = [None if x is None else x[t] for x in step.values[m:]]
        found, known = propagate(
            body, [*step.rows[:n], *rows, *parts], [*step.values[:n], *values, *xs], step.columns,
            step.inside,
        )  # fmt: skip
        rows, values = found[: m - n], known[: m - n]
        made.append((found[m - n :], known[m - n :]))
    if p["reverse"]:
        made.reverse()
    sizes = [x.type.size for x in body.outputs[m - n :]]
    ys = [
        stacked([found[i] for found, _ in made], [size] * len(made), step.columns)
        for i, size in enumerate(sizes)
    ]
    shown = [
        None if any(known[i] is None for _, known in made) else np.stack([k[i] for _, k in made])
        for i in range(len(sizes))
    ]
    return [*rows, *ys], [*values, *shown]


def _carries(
    carry: Rows, links: Rows, brought: Rows | None, length: int, *, reverse: bool
) -> tuple[Callable[[], Rows], Rows]:
    """The carries before each step, one below the other, when they are asked for; the last one.

    ``brought`` is what constants and xs bring into the carry, step by step.
    """
    size, columns = carry.shape
    if links.nnz and length > FOLLOWED:
        every = pooled(brought, (length, size), (0,))
        fixed = _closure(carry, links, every)
        return lambda: _tiled(fixed, length), fixed
    entering: Rows = empty(size * length, columns) if brought is None else brought
    steps = [entering[t * size : (t + 1) * size] for t in range(length)] if links.nnz else []
    before = [carry]
    for part in reversed(steps) if reverse else steps:
        new = union([composed(links, before[-1]), part])
        before.append(empty(size, columns) if new is None else new)
    if links.nnz:
        parts = before[-2::-1] if reverse else before[:-1]
        return lambda: stacked(parts, [size] * length, columns), before[-1]
    # a step forgets the carry that it gets
    if reverse:
        parts = [entering[size:], carry]
        return lambda: stacked(parts, [size * (length - 1), size], columns), entering[:size]
    parts = [carry, entering[: size * (length - 1)]]
    return lambda: stacked(parts, [size, size * (length - 1)], columns), entering[
        size * (length - 1) :
    ]


def _closure(carry: Rows, links: Rows, brought: Rows | None) -> Rows:
    """The least rows that have the carry's, what is brought, and what a step makes of them."""
    total = union([carry, brought])
    if total is None:
        return carry
    while True:
        more = union([total, composed(links, total)])
        if more is None or more.nnz == total.nnz:
            return total
        total = more


def _tiled(rows: Rows | None, length: int) -> Rows | None:
    """The same rows at each step."""
    size = 0 if rows is None else int(rows.shape[0])
    return gathered(rows, np.tile(np.arange(size), length))


def _at_each(links: Rows, rows: Rows | None, length: int) -> Rows | None:
    """The links applied at each step to the rows of that step."""
    if rows is None or not links.nnz:
        return None
    columns = links.shape[1]
    steps = np.arange(length)[:, None]
    indices = (steps * columns + links.indices).ravel()
    starts = np.append((steps * links.nnz + links.indptr[:-1]).ravel(), len(indices))
    return composed(made(indices, starts, columns * length), rows)


def _by_steps(
    parts: Sequence[Rows | None], sizes: Sequence[int], length: int, columns: int
) -> Rows | None:
    """The rows of stacked arrays in the order of the steps that read them."""
    starts = np.cumsum([0, *sizes])[:-1]
    order = [a + places((length, n // length)) for a, n in zip(starts, sizes, strict=True)]
    if not order:
        return None
    return gathered(stacked(parts, sizes, columns), np.concatenate(order, axis=1))


def _of_each(ys: Rows | None, sizes: Sequence[int], length: int) -> list[Rows | None]:
    """The rows of each result of a step, stacked: the reverse of :func:`_by_steps`."""
    order = places((length, sum(sizes)))
    parts = np.split(order, np.cumsum(sizes)[:-1], axis=1) if sizes else []
    return [gathered(ys, part) for part in parts]


def _parted(rows: Rows, sizes: Sequence[int]) -> list[Rows | None]:
    """The rows of several values that lie one below the other."""
    ends = np.cumsum(sizes)
    return [rows[end - size : end] for end, size in zip(ends, sizes, strict=True)]
