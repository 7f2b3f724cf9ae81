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
from chainrule.sparse.pattern import propagate
from chainrule.sparse.rules import Step, rule

Array = Any
FOLLOWED = 1 << 10  # steps of a loop whose carries are told apart


def of_graph(graph: Graph, values: Sequence[Any]) -> Rows:
    """The pattern of all outputs of a graph in all its inputs; integers have empty columns."""
    sizes = [v.type.size for v in graph.inputs]
    columns, first = sum(sizes), 0
    rows: list[Rows | None] = []
    for v, size in zip(graph.inputs, sizes, strict=True):
        rows.append(own(first, size, columns) if v.type.dtype.kind in "fc" else None)
        first += size
    found = propagate(graph, rows, values, columns)
    return stacked(found, [x.type.size for x in graph.outputs], columns)


@rule("cond")
def branches(step: Step) -> list[Rows | None]:
    """Of a known predicate its branch, else both."""
    chosen = step.values[0]
    names = ("true", "false") if chosen is None else ("true",) if chosen else ("false",)
    found = [
        propagate(step.params[name], step.rows[1:], step.values[1:], step.columns) for name in names
    ]
    return [union(parts) for parts in zip(*found, strict=True)]


@rule("while_loop")
def repeated(step: Step) -> list[Rows | None]:
    """All that any number of steps brings."""
    n, sizes = step.params["constants"], [prod(shape) for shape in step.shapes]
    links = of_graph(step.params["body"], [*step.values[:n], *[None] * (len(sizes) - n)])
    known = stacked(step.rows[:n], sizes[:n], step.columns)
    carry = stacked(step.rows[n:], sizes[n:], step.columns)
    at = known.shape[0]
    carry = _closure(carry, links[:, at:], composed(links[:, :at], known))
    return _parted(carry, sizes[n:])


@rule("scan")
def scanned(step: Step) -> list[Rows | None]:
    """Step by step, or by the fixed point if there are many steps that hand something on."""
    p, sizes = step.params, [prod(shape) for shape in step.shapes]
    n, m, length = p["constants"], p["constants"] + p["carries"], p["length"]
    carry = stacked(step.rows[n:m], sizes[n:m], step.columns)
    each = [x.type.size for x in p["body"].outputs[m - n :]]
    if length == 0:
        return [*_parted(carry, sizes[n:m]), *[None] * len(each)]
    links = of_graph(p["body"], [*step.values[:n], *[None] * (len(sizes) - n)])
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
    return [*_parted(last, sizes[n:m]), *_of_each(ys, each, length)]


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
