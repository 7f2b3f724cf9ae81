"""The reverse sweep of ``scan`` with a bound on what it keeps.

The steps are cut into blocks. Going back, what the steps need is kept for one block at a time; of
the carries before the blocks as many are kept as there is room for, and the others computed again
in the best order (``revolve.py``). If all are kept, that is a scan of scans forwards and one
backwards. Steps that fill no block come first and are made again on their own.

Everything is written with loops, so it can be differentiated and compiled in turn; a derivative of
the reverse sweep keeps what loops keep.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.core.graph import Equation, Graph
from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import shape_of, type_of
from chainrule.core.tree import Structure, flatten, unflatten
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem
from chainrule.transforms.control.body import graph_of, is_float, or_zero, strong_type
from chainrule.transforms.control.revolve import Stack, State, empty_stack, state_before
from chainrule.transforms.control.scan import loop, pull_at_once, scan_p
from chainrule.transforms.control.shape import Limit, Shape
from chainrule.transforms.control.while_loop import while_loop

Parts = tuple[Any, ...]


def with_limits(graph: Graph, limits: Mapping[Equation, Limit]) -> Graph:
    """The same graph; going back, these scans keep no more than their limits say.

    A limit is how many steps make a block, and how many carries before blocks are kept.
    """
    equations = tuple(
        replace(e, params={**e.params, "limit": limits[e]}) if e in limits else e
        for e in graph.equations
    )
    return replace(graph, equations=equations)


@dataclass(frozen=True)
class _Blocks:
    """A scan cut into blocks: its body, the shape of one, what is wanted of the reverse."""

    body: Graph
    block: Shape
    constants: Sequence[Any]
    wanted: Sequence[bool]
    count: int

    def advanced(self, carry: State, xs: Sequence[Any]) -> State:
        """The carry after a block, or after the steps that fill none."""
        carries = self.body.outputs[: self.block.carries]
        only = Graph(self.body.inputs, self.body.equations, carries)
        shape = {"constants": self.block.constants, "carries": self.block.carries}
        steps = self.block.steps
        return tuple(scan_p(*self.constants, *carry, *xs, body=only, **shape, **steps))

    def pulled(self, carry: State, xs: Sequence[Any], cts: _Cotangents, ct_ys: Parts) -> Any:
        """Cotangents before a block, from the carry before it and the cotangents after it."""
        floats = [is_float(type_of(x)) for x in carry]
        feed = iter(cts.carry)
        arriving = [*(next(feed) if ok else None for ok in floats), *ct_ys]
        inputs = [*self.constants, *carry, *xs]
        pulled = pull_at_once(arriving, self.wanted, inputs, self.body, self.block)
        ct_constants, ct_carry, ct_xs = self.block.inputs(pulled)
        added = zip(cts.sums, _present(ct_constants), strict=True)
        before = _Cotangents(tuple(_present(ct_carry)), tuple(s + ct for s, ct in added))
        return before, tuple(_present(ct_xs))


@dataclass(frozen=True)
class _Cotangents:
    """Of the carry and, summed up so far, of the constants; those of floats that are wanted."""

    carry: Parts
    sums: Parts

    @property
    def parts(self) -> tuple[Parts, Parts]:
        return self.carry, self.sums


def pull_in_blocks(
    cts: Sequence[Any], wanted: Sequence[bool], inputs: Sequence[Any], body: Graph, parts: Shape
) -> list[Any]:
    """The cotangents of a scan's inputs, with ``parts.limit = (steps of a block, slots)``."""
    assert parts.limit is not None
    length, slots = parts.limit
    count, left = divmod(parts.length, length)
    constants, carry, xs = parts.inputs(inputs)
    useful = [w and is_float(type_of(x)) for w, x in zip(wanted, inputs, strict=True)]
    moving = [is_float(type_of(x)) for x in carry]
    flags = [*useful[: parts.constants], *moving, *parts.inputs(useful)[2]]
    blocks = _Blocks(body, replace(parts, length=length, limit=None), constants, flags, count)
    after = _after(cts, blocks, carry, moving)
    ct_ys = parts.outputs(cts)[1]
    rest, piled = _cut(xs, count, length, parts.reverse)
    rest_ct, piled_ct = _cut(ct_ys, count, length, parts.reverse)
    first, few = tuple(carry), replace(blocks, block=replace(blocks.block, length=left))
    middle = few.advanced(first, rest) if left else first
    backwards = _with_all if slots >= count else _with_some
    found, ct_piled = backwards(blocks, middle, piled, piled_ct, after, slots)
    ct_xs = [np.reshape(ct, (count * length, *shape_of(ct)[2:])) for ct in ct_piled]
    if left:
        found, more = _apart(few, first, rest, found, rest_ct)
        pairs = zip(ct_xs, more, strict=True)
        ct_xs = [np.concatenate((a, b) if parts.reverse else (b, a)) for a, b in pairs]
    feed = iter((*found.sums, *found.carry, *ct_xs))
    pulled = [next(feed) if flag else None for flag in flags]
    return [ct if use else None for ct, use in zip(pulled, useful, strict=True)]


def _apart(
    few: _Blocks, carry: State, xs: Parts, cts: _Cotangents, ct_ys: Parts
) -> tuple[_Cotangents, Parts]:
    """The steps that fill no block, reversed by an equation of its own.

    It would else become one loop with the one that made them first, and what it keeps be kept
    while the blocks are reversed.
    """
    given, structure = flatten((few.constants, carry, xs, cts.parts, ct_ys))
    results: list[Structure] = []

    def pulled(*values: Any) -> list[Any]:
        constants, *at_hand = unflatten(structure, values)
        carry, xs, parts, ct_ys = at_hand
        blocks = replace(few, constants=constants)
        found, ct_xs = blocks.pulled(carry, xs, _Cotangents(*parts), ct_ys)
        leaves, form = flatten((found.parts, ct_xs))
        results.append(form)
        return leaves

    body = graph_of(pulled, list(map(strong_type, given)))
    parts, ct_xs = unflatten(results[0], PRIMITIVES["checkpoint"](*given, body=body))
    return _Cotangents(*parts), ct_xs


def _after(
    cts: Sequence[Any], blocks: _Blocks, carry: Sequence[Any], moving: Sequence[bool]
) -> _Cotangents:
    """The cotangents after the last step."""
    last = zip(cts[: len(carry)], carry, moving, strict=True)
    wanted = itertools.compress(blocks.constants, blocks.wanted)
    return _Cotangents(
        tuple(or_zero(ct, x) for ct, x, ok in last if ok),
        tuple(or_zero(None, x) for x in wanted),
    )


def _cut(xs: Sequence[Any], count: int, length: int, reverse: bool) -> tuple[Parts, Parts]:
    """The entries of the steps that run first and fill no block, and those of the blocks."""
    left = [0 if x is None else shape_of(x)[0] - count * length for x in xs]

    def piled(x: Any, n: int) -> Any:
        part = x[: count * length] if reverse else x[n:]
        return np.reshape(part, (count, length, *shape_of(x)[1:]))

    rest = tuple(
        None if x is None else (x[count * length :] if reverse else x[:n])
        for x, n in zip(xs, left, strict=True)
    )
    return rest, tuple(None if x is None else piled(x, n) for x, n in zip(xs, left, strict=True))


def _with_all(
    blocks: _Blocks, first: State, xs: Parts, ct_ys: Parts, cts: _Cotangents, _slots: int
) -> tuple[_Cotangents, list[Any]]:
    """All carries before blocks are kept: one more sweep forwards."""
    reverse, count = blocks.block.reverse, blocks.count

    def step(carry: State, x: Parts) -> tuple[State, State]:
        return blocks.advanced(carry, x), carry

    _, kept = loop(step, first, xs, count, reverse=reverse)

    def back(parts: Any, at_hand: Any) -> Any:
        carry, x, ct_y = at_hand
        found, ct_x = blocks.pulled(carry, x, _Cotangents(*parts), ct_y)
        return found.parts, ct_x

    parts, ct_xs = loop(back, cts.parts, (kept, xs, ct_ys), count, reverse=not reverse)
    return _Cotangents(*parts), list(ct_xs)


def _with_some(
    blocks: _Blocks, first: State, xs: Parts, ct_ys: Parts, cts: _Cotangents, slots: int
) -> tuple[_Cotangents, list[Any]]:
    """As many carries before blocks are kept as there are slots."""
    reverse, count = blocks.block.reverse, blocks.count

    def advance(carry: State, at: Any, steps: Any) -> State:
        def one(state: Any) -> Any:
            place = count - 1 - state[1] if reverse else state[1]
            x = tuple(getitem(x, place, index=(Slot(0),)) for x in xs)
            return blocks.advanced(state[0], x), state[1] + 1

        end = at + steps
        return while_loop(lambda state: state[1] < end, one, (carry, at))[0]

    def back(state: Any, at_hand: Any) -> Any:
        left, parts, stack = state
        x, ct_y = at_hand
        carry, stack = state_before(left - 1, first, Stack(*stack), advance, while_loop)
        found, ct_x = blocks.pulled(carry, x, _Cotangents(*parts), ct_y)
        return (left - 1, found.parts, tuple(stack)), ct_x

    start = (count, cts.parts, tuple(empty_stack(first, slots)))
    (_, parts, _), ct_xs = loop(back, start, (xs, ct_ys), count, reverse=not reverse)
    return _Cotangents(*parts), list(ct_xs)


def _present(values: Sequence[Any]) -> list[Any]:
    return [x for x in values if x is not None]
