"""Batch rules of what holds graphs: the graphs batched, and masks where examples differ.

What is the same for all examples stays so, a counter for instance, so a loop whose predicate does
not depend on the examples has no mask. Where the branch or the number of steps is an example's own,
both branches are computed and each example takes its own, and the loop goes on while any example
does. A branch or step that can fail or may not end (a Cholesky factor, a loop) sees, in the place
of examples that do not take it, one that does: so nothing fails that would not fail in a Python
loop over the examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.core.graph import ArrayType, Graph
from chainrule.core.interpreter import evaluate
from chainrule.core.primitive import PRIMITIVES
from chainrule.core.trace import shape_of
from chainrule.ops.batch import padded, with_axis
from chainrule.ops.elementwise import select
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem
from chainrule.ops.shaping import exchange_front
from chainrule.transforms.batching import batched_graph
from chainrule.transforms.control.body import graph_of
from chainrule.transforms.control.shape import Shape

Flags = tuple[bool, ...]


# ---- scan ----------------------------------------------------------------------------------------


def batch_scan(
    batched: Sequence[bool], size: int, *inputs: Any, body: Graph, **shape: Any
) -> tuple[list[Any], Flags]:
    """The same loop with a step of the batch."""
    parts = Shape(**shape)
    c, k, x = (tuple(flags) for flags in parts.inputs(batched))
    (many, flags), k = _batched_step(body, parts, (c, k, x), size)
    constants, carry, xs = parts.inputs(inputs)
    start = _with_axes(carry, parts.inputs(batched)[1], k, size)
    entries = [exchange_front(v) if flag else v for v, flag in zip(xs, x, strict=True)]
    results = PRIMITIVES["scan"](*constants, *start, *entries, body=many, **shape)
    last, ys = parts.outputs(results)
    placed = zip(ys, parts.outputs(flags)[1], strict=True)
    return [*last, *(exchange_front(y) if flag else y for y, flag in placed)], flags


def _batched_step(
    body: Graph, parts: Shape, flags: tuple[Flags, Flags, Flags], size: int
) -> tuple[tuple[Graph, Flags], Flags]:
    """The step of the batch with its flags, and which parts of the carry are batched."""
    c, k, x = flags
    ys = (False,) * (len(body.outputs) - len(k))
    while True:
        many = batched_graph(body, (*c, *k, *x), size, (*k, *ys))
        found = tuple(parts.outputs(many[1])[0])
        if found == k:
            return many, k
        k = found


def _with_axes(
    xs: Sequence[Any], have: Sequence[bool], want: Sequence[bool], size: int
) -> list[Any]:
    flags = zip(xs, have, want, strict=True)
    return [with_axis(x, is_batched, size) if wanted else x for x, is_batched, wanted in flags]


# ---- cond ----------------------------------------------------------------------------------------


def batch_cond(
    batched: Sequence[bool], size: int, pred: Any, *operands: Any, true: Graph, false: Graph
) -> tuple[list[Any], Flags]:
    """One branch for all examples, or, where they differ, both and a choice for each example."""
    flags = tuple(batched[1:])
    makes = [batched_graph(branch, flags, size)[1] for branch in (true, false)]
    if not batched[0]:
        either = tuple(a or b for a, b in zip(*makes, strict=True))
        many = [batched_graph(branch, flags, size, either)[0] for branch in (true, false)]
        return list(PRIMITIVES["cond"](pred, *operands, true=many[0], false=many[1])), either
    every = (True,) * len(true.outputs)
    with np.errstate(all="ignore"):  # of the branch that an example does not take
        ours = _branch(true, pred, operands, (flags, every), size)
        theirs = _branch(false, ~pred, operands, (flags, every), size)
    return [_chosen(pred, x, y) for x, y in zip(ours, theirs, strict=True)], every


def _branch(
    branch: Graph, taken: Any, operands: Sequence[Any], flags: tuple[Flags, Flags], size: int
) -> list[Any]:
    """The results of a branch, of use where it is ``taken``."""
    many, _ = batched_graph(branch, flags[0], size, flags[1])
    if not can_fail(branch):
        return evaluate(many, operands)
    seen = _of_takers(taken, operands, flags[0])
    nothing = graph_of(
        lambda *_: [np.zeros(x.type.shape, x.type.dtype) for x in many.outputs],
        [v.type for v in many.inputs],
    )
    return list(PRIMITIVES["cond"](np.any(taken), *seen, true=many, false=nothing))


def _chosen(mask: Any, x: Any, y: Any) -> Any:
    """For each example the one or the other."""
    return select(padded(mask, True, len(shape_of(x)) - 1), x, y)


# ---- while_loop ----------------------------------------------------------------------------------


def batch_while(
    batched: Sequence[bool],
    size: int,
    *inputs: Any,
    test: Graph,
    body: Graph,
    constants: int,
    **options: Any,
) -> tuple[list[Any], Flags]:
    """One loop for all examples, which goes on while any of them does; the others keep theirs."""
    c, k = tuple(batched[:constants]), tuple(batched[constants:])
    many, found = batched_graph(body, (*c, *k), size, k)
    while found != k:
        k = found
        many, found = batched_graph(body, (*c, *k), size, k)
    known, carry = inputs[:constants], inputs[constants:]
    holds, differ = batched_graph(test, (*c, *k), size)
    loop = PRIMITIVES["while_loop"]
    if not differ[0]:
        start = _with_axes(carry, batched[constants:], k, size)
        graphs = {"test": holds, "body": many}
        return list(loop(*known, *start, **graphs, constants=constants, **options)), k
    every = (True,) * len(k)
    start = _with_axes(carry, batched[constants:], every, size)
    graphs = _masked(test, body, (c, every), size)
    with np.errstate(all="ignore"):  # of steps that an example at its end does not take
        going = evaluate(batched_graph(test, (*c, *every), size)[0], [*known, *start])
        results = loop(*known, *going, *start, **graphs, constants=constants, **options)
    return list(results[1:]), every


@lru_cache(maxsize=1024)
def _masked(test: Graph, body: Graph, flags: tuple[Flags, Flags], size: int) -> dict[str, Graph]:
    """Predicate and step of constants, which examples go on, and the carry of all of them."""
    n = len(flags[0])
    holds, _ = batched_graph(test, (*flags[0], *flags[1]), size)
    many, _ = batched_graph(body, (*flags[0], *flags[1]), size, flags[1])

    def step(*values: Any) -> Any:
        known, going, carry = values[:n], values[n], values[n + 1 :]
        seen = (*known, *carry)
        if can_fail(body):
            seen = _of_takers(going, seen, (*flags[0], *flags[1]))
        moved = evaluate(many, seen)
        kept = [_chosen(going, x, old) for x, old in zip(moved, carry, strict=True)]
        return [going & evaluate(holds, [*known, *kept])[0], *kept]

    types = [v.type for v in many.inputs]
    arguments = [*types[:n], ArrayType((size,), np.dtype(np.bool_)), *types[n:]]
    goes_on = graph_of(lambda *values: [np.any(values[n])], arguments)
    return {"test": goes_on, "body": graph_of(step, arguments)}


# ---- checkpoint ----------------------------------------------------------------------------------


def batch_checkpoint(
    batched: Sequence[bool], size: int, *inputs: Any, body: Graph, memory: int | None = None
) -> tuple[list[Any], Flags]:
    """The function of the batch, with the memory of so many examples."""
    many, flags = batched_graph(body, tuple(batched), size)
    bound = {} if memory is None else {"memory": memory * max(1, size)}
    return list(PRIMITIVES["checkpoint"](*inputs, body=many, **bound)), flags


# ---- what must not be seen -----------------------------------------------------------------------

_CAN_FAIL = frozenset({"while_loop", "custom", "solve", "solve_triangular", "cholesky"})
_INDEXING = frozenset({"getitem", "scatter_add", "setitem"})


@lru_cache(maxsize=1024)
def can_fail(graph: Graph) -> bool:
    """Whether the graph of a branch may raise an error, or not end, for some inputs."""
    for e in graph.equations:
        name = e.primitive.name
        if name in _CAN_FAIL:
            return True
        if name in _INDEXING and len(e.inputs) > 1 + (name == "setitem"):  # integer arrays
            return True
        if any(isinstance(held, Graph) and can_fail(held) for held in e.params.values()):
            return True
    return False


def _of_takers(mask: Any, values: Sequence[Any], batched: Sequence[bool]) -> tuple[Any, ...]:
    """Where the mask is false, the first example where it is true stands in."""
    first = np.argmax(mask)
    return tuple(
        _chosen(mask, x, getitem(x, first, index=(Slot(0),))[None]) if flag else x
        for x, flag in zip(values, batched, strict=True)
    )
