"""``scan``: a loop of known length with a carry; forward and reverse are scans again.

The equation holds the graph of one step, ``(constants, carry, x) -> (carry, y)``. Its inputs are
constants, the first carry and the xs, stacked along their first axis; its results the last carry
and the ys, stacked.

Forward mode carries a tangent beside each carry. Reverse mode runs the loop again to keep what the
backward steps need (see ``residuals.py``), then a loop from the last step to the first whose carry
is the cotangent of the carry and the sums of those of the constants. In a compiled function the
second forward loop is merged with the first (``passes/loops.py``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.graph import ArrayType, Graph
from chainrule.core.interpreter import Make, evaluate, interpreted
from chainrule.core.primitive import Joint, primitive
from chainrule.core.trace import shape_of, type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten, unflatten
from chainrule.transforms.control.batch import batch_scan
from chainrule.transforms.control.body import (
    Body,
    as_array,
    cotangents_of,
    graph_of,
    is_float,
    or_zero,
    require_carry,
    strong_type,
    tangents_of,
    trace_body,
)
from chainrule.transforms.control.residuals import Halves, split
from chainrule.transforms.control.shape import Shape

Flags = tuple[bool, ...]


def prepared(make: Make, *, body: Graph, **shape: Any) -> Callable[..., tuple[Any, ...]]:
    """The loop as a function of its inputs, with a step that ``make`` makes of the body."""
    parts, step = Shape(**shape), make(body)
    made_types = [x.type for x in parts.outputs(body.outputs)[1]]

    def run(*inputs: Any) -> tuple[Any, ...]:
        constants, carry, xs = parts.inputs(inputs)
        ys = [np.empty((parts.length, *t.shape), t.dtype) for t in made_types]
        for t in parts.order:
            carry, made = parts.outputs(step([*constants, *carry, *(x[t] for x in xs)]))
            for y, value in zip(ys, made, strict=True):
                y[t] = value
        return (*carry, *ys)

    return run


def _value(*inputs: Any, **params: Any) -> tuple[Any, ...]:
    return prepared(interpreted, **params)(*inputs)


def _types(*inputs: ArrayType, body: Graph, **shape: Any) -> tuple[ArrayType, ...]:
    parts = Shape(**shape)
    constants, carry, xs = parts.inputs(inputs)
    for x in xs:
        if x.shape[:1] != (parts.length,):
            raise ShapeError(f"scan: {parts.length} steps, but xs of shape {x.shape}")
    entries = [ArrayType(x.shape[1:], x.dtype) for x in xs]
    given = [(t.shape, t.dtype) for t in (*constants, *carry, *entries)]
    wanted = [(v.type.shape, v.type.dtype) for v in body.inputs]
    if given != wanted:
        raise ShapeError(f"scan: the body takes {wanted}, got {given}")
    last, made = parts.outputs([x.type for x in body.outputs])
    return (*last, *(ArrayType((parts.length, *t.shape), t.dtype) for t in made))


# ---- forward mode -------------------------------------------------------------------------------


def _push(tangents: Sequence[Any], _out: Any, *inputs: Any, body: Graph, **shape: Any) -> Any:
    parts = Shape(**shape)
    floats = [is_float(type_of(x)) for x in inputs]
    useful = [t if ok else None for t, ok in zip(tangents, floats, strict=True)]
    constants, carry, xs = parts.inputs(inputs)
    tc, tk, tx = parts.inputs(useful)
    moving = tuple(is_float(type_of(x)) for x in carry)
    flags = (tuple(t is not None for t in tc), moving, tuple(t is not None for t in tx))
    start = [or_zero(t, x) for t, x, flag in zip(tk, carry, moving, strict=True) if flag]
    results = scan_p(
        *constants, *_given(tc), *carry, *start, *xs, *_given(tx),
        body=_tangent_body(body, parts, flags), constants=len(constants) + sum(flags[0]),
        carries=len(carry) + len(start), **parts.steps,
    )  # fmt: skip
    last = iter(results[len(carry) : len(carry) + len(start)])
    ys = results[len(carry) + len(start) :]
    _, made = parts.outputs(body.outputs)
    pushed = iter(ys[len(made) :])
    return [
        *(next(last) if flag else None for flag in moving),
        *(next(pushed) if is_float(y.type) else None for y in made),
    ]


@lru_cache(maxsize=1024)
def _tangent_body(body: Graph, parts: Shape, flags: tuple[Flags, Flags, Flags]) -> Graph:
    """Constants and their tangents, carry and its tangents, x and its tangents, to the like."""
    types = [v.type for v in body.inputs]
    kinds = parts.inputs(types)
    arguments = [
        t
        for kind, flag in zip(kinds, flags, strict=True)
        for t in (*kind, *itertools.compress(kind, flag))
    ]

    def step(*values: Any) -> Any:
        feed = iter(values)
        primals: list[Any] = []
        tangents: list[Any] = []
        for kind, flag in zip(kinds, flags, strict=True):
            primals += itertools.islice(feed, len(kind))
            tangents += [next(feed) if f else None for f in flag]
        outputs, pushed = tangents_of(body, primals, tangents)
        carry, ys = parts.outputs(outputs)
        carry_t, ys_t = parts.outputs(pushed)
        floats = [is_float(type_of(y)) for y in ys]
        return [
            *carry, *itertools.compress(carry_t, flags[1]), *ys, *itertools.compress(ys_t, floats),
        ]  # fmt: skip

    return graph_of(step, arguments)


# ---- reverse mode -------------------------------------------------------------------------------


def _pull(
    cts: Sequence[Any], _out: Any, wanted: Sequence[bool], *inputs: Any, body: Graph, **shape: Any
) -> list[Any]:
    parts = Shape(**shape)
    if parts.limit is not None:
        from chainrule.transforms.control.limited import pull_in_blocks  # made of scans itself

        return pull_in_blocks(cts, wanted, inputs, body, parts)
    return pull_at_once(cts, wanted, inputs, body, parts)


def pull_at_once(
    cts: Sequence[Any], wanted: Sequence[bool], inputs: Sequence[Any], body: Graph, parts: Shape
) -> list[Any]:
    """The cotangents of a scan's inputs; what the steps back need is kept for all steps."""
    useful = tuple(w and is_float(type_of(x)) for w, x in zip(wanted, inputs, strict=True))
    constants, carry, xs = parts.inputs(inputs)
    ct_last, ct_ys = parts.outputs(cts)
    moving = tuple(is_float(type_of(x)) for x in carry)
    arriving = tuple(ct is not None for ct in ct_ys)
    halves = _halves(body, parts, useful, arriving)
    forward = _forward_body(halves, body, parts)
    kept = scan_p(
        *inputs, body=forward, constants=parts.constants, carries=parts.carries,
        length=parts.length, reverse=parts.reverse,
    )[parts.carries :]  # fmt: skip
    start = [or_zero(ct, x) for ct, x, flag in zip(ct_last, carry, moving, strict=True) if flag]
    want_constants, _, want_xs = parts.inputs(useful)
    sums = [or_zero(None, x) for x in itertools.compress(constants, want_constants)]
    results = scan_p(
        *constants, *start, *sums, *xs, *kept, *_given(ct_ys),
        body=_backward_body(halves, parts, useful, moving), constants=len(constants),
        carries=len(start) + len(sums), length=parts.length, reverse=not parts.reverse,
    )  # fmt: skip
    feed = iter(results)
    ct_carry = [next(feed) if flag else None for flag in moving]
    ct_constants = [next(feed) if flag else None for flag in want_constants]
    ct_xs = [next(feed) if flag else None for flag in want_xs]
    return [*ct_constants, *ct_carry, *ct_xs]


@lru_cache(maxsize=1024)
def _halves(body: Graph, parts: Shape, useful: Flags, arriving: Flags) -> Halves:
    joint = _joint(body, parts, useful, arriving)
    return split(joint, len(body.inputs), parts.carry)


@lru_cache(maxsize=1024)
def _forward_body(halves: Halves, body: Graph, parts: Shape) -> Graph:
    """The step with its new carry as results, and with what is to be kept as y."""

    def step(*values: Any) -> Any:
        return [*parts.outputs(evaluate(body, values))[0], *evaluate(halves.first, values)]

    return graph_of(step, [v.type for v in body.inputs])


def _joint(body: Graph, parts: Shape, useful: Flags, arriving: Flags) -> Graph:
    """One step forwards and back: (inputs, cotangents of outputs) -> cotangents of inputs.

    The carry's cotangents come in and go out wherever the carry is of floats.
    """
    types = [v.type for v in body.inputs]
    _, carry, _ = parts.inputs(types)
    _, ys = parts.outputs([x.type for x in body.outputs])
    moving = [is_float(t) for t in carry]
    c, _, x = parts.inputs(useful)
    wanted = (*c, *moving, *x)

    def both(*values: Any) -> Any:
        feed = iter(values[len(types) :])
        cts = [next(feed) if flag else None for flag in (*moving, *arriving)]
        pulled = iter(cotangents_of(body, values[: len(types)], cts, wanted))
        ct_constants = list(itertools.islice(pulled, sum(c)))
        ct_carry = itertools.islice(pulled, sum(moving))
        return [*ct_carry, *ct_constants, *pulled]

    cts = [*itertools.compress(carry, moving), *itertools.compress(ys, arriving)]
    return graph_of(both, [*types, *cts])


@lru_cache(maxsize=1024)
def _backward_body(halves: Halves, parts: Shape, useful: Flags, moving: Flags) -> Graph:
    """(constants, ct of the carry, sums so far, xs, kept, ct of y) -> the next ones and ct of x."""
    n_sums = sum(parts.inputs(useful)[0])
    n_moving = sum(moving)
    types = [v.type for v in halves.inputs]
    constants, _, xs = parts.inputs(types)
    cts = [v.type for v in halves.cotangents]
    kept = [v.type for v in halves.kept]
    sums = list(itertools.compress(constants, parts.inputs(useful)[0]))
    arguments = [*constants, *cts[:n_moving], *sums, *xs, *kept, *cts[n_moving:]]

    def step(*values: Any) -> Any:
        feed = iter(values)
        groups = (constants, cts[:n_moving], sums, xs, kept, cts[n_moving:])
        c, ct_carry, so_far, x, known, ct_y = ([*itertools.islice(feed, len(g))] for g in groups)
        pulled = evaluate(halves.second, [*c, *x, *known, *ct_carry, *ct_y])
        added = pulled[n_moving : n_moving + n_sums]
        total = [s + ct for s, ct in zip(so_far, added, strict=True)]
        return [*pulled[:n_moving], *total, *pulled[n_moving + n_sums :]]

    return graph_of(step, arguments)


def _given(values: Iterable[Any]) -> list[Any]:
    return [x for x in values if x is not None]


scan_p = primitive("scan", _value, _types, Joint(_push, _pull), batch=batch_scan, several=True)


# ---- what users call ----------------------------------------------------------------------------


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]], init: Any, xs: Any = None, length: int | None = None
) -> tuple[Any, Any]:
    """``carry, y = f(carry, x)`` for each ``x`` along the first axis of ``xs``.

    As the Python loop ``for x in xs: carry, y = f(carry, x); ys.append(y)``, but the graph has one
    equation for the loop, however long it is, and a compiled loop is native.

    Args:
        f: the step. It is traced once by types, so it cannot branch on values; the carry that it
            returns has the structure, shapes and dtypes of the one it takes. It may close over
            arrays and traced values, in which it is differentiated too.
        init: the first carry, an array or a nested container of arrays.
        xs: arrays of the same first length, in a nested container; None for steps without input.
        length: number of steps; may be left out where ``xs`` says it.

    Returns:
        ``(carry, ys)``: the last carry, and the ys of all steps stacked along a new first axis.

    Raises:
        ShapeError: the carry changes its type, or ``xs`` differ in length.
        ArgumentError: neither ``xs`` nor ``length`` says how many steps there are.

    >>> import numpy as np, chainrule as cr
    >>> cr.scan(lambda total, x: (total + x, total), 0.0, np.array([1.0, 2.0, 3.0]))
    (np.float64(6.0), array([0., 1., 3.]))
    """
    with users_frames:
        return loop(f, init, xs, length, reverse=False)


def loop(
    f: Callable[[Any, Any], tuple[Any, Any]], init: Any, xs: Any, length: int | None, *,
    reverse: bool,
) -> tuple[Any, Any]:  # fmt: skip
    """:func:`scan`, in ``reverse`` from the last entry of the xs to the first."""
    leaves, structure = flatten(init)
    entries, xs_structure = flatten(xs)
    steps = _length(entries, length)
    types, body = _traced_step(f, leaves, structure, entries, xs_structure)
    arrays = [as_array(x, t) for x, t in zip(leaves, types, strict=True)]
    results = scan_p(
        *body.constants, *arrays, *entries,
        body=body.graph, constants=len(body.constants), carries=len(leaves), length=steps,
        reverse=reverse,
    )  # fmt: skip
    return unflatten(body.structure, results)


def _length(entries: Sequence[Any], length: int | None) -> int:
    shapes: list[tuple[int, ...]] = [shape_of(x) for x in entries]
    if any(shape == () for shape in shapes):
        raise ShapeError(f"scan: xs must have a first axis to go along, got shapes {shapes}")
    found = {shape[0] for shape in shapes}
    if length is not None:
        found.add(length)
    if not found:
        raise ArgumentError("scan: without xs, say how many steps: scan(f, init, None, length=n)")
    if len(found) > 1:
        raise ShapeError(f"scan: xs of shapes {shapes} and length={length} differ in steps")
    (steps,) = found
    if steps < 0:
        raise ArgumentError(f"scan: length={steps} is negative")
    return steps


def _traced_step(
    f: Callable[[Any, Any], Any], leaves: Any, structure: Any, entries: Any, xs_structure: Any
) -> tuple[list[ArrayType], Body]:
    """The types of the carry and the traced step.

    A carry that begins as a Python number takes the dtype that the step gives it.
    """
    xs_types = [ArrayType(shape_of(x)[1:], type_of(x).dtype) for x in entries]
    types = [strong_type(x) for x in leaves]
    n = len(leaves)

    def step(*values: Any) -> Any:
        pair = f(unflatten(structure, values[:n]), unflatten(xs_structure, values[n:]))
        if not isinstance(pair, tuple) or len(cast("tuple[Any, ...]", pair)) != 2:
            raise ShapeError("scan: the step must return a pair (carry, y)")
        return cast("tuple[Any, Any]", pair)

    body = trace_body(step, [*map(type_of, leaves), *xs_types])
    if any(type_of(x).weak for x in leaves):
        types = [
            x.type if type_of(leaf).weak and x.type.shape == () else old
            for leaf, x, old in zip(leaves, body.graph.outputs, types, strict=False)
        ]
        types = [replace(t, weak=False) for t in types]
        body = trace_body(step, [*types, *xs_types])
    require_carry("scan", structure, types, body, body.structure.child(0))
    return types, body
