"""``while_loop``: a loop that ends when a predicate of its carry is false.

The equation holds two graphs, of the predicate and of a step; both take the constants and the
carry. Forward mode carries tangents beside the carry.

Reverse mode needs the carries in the order from last to first, and how many there are is known only
when the loop runs. So it counts the steps first and then keeps a stack of a given number of
carries, and computes the others again in the best order (``revolve.py``): with s slots each step is
made at most r times if there are no more than C(s + r, s) steps. Without a bound on memory s is 64:
two times suffice for 2,000 steps, four for 800,000. It is written as loops of its own, so it can be
differentiated and compiled in turn. Where the number of steps is known, ``scan`` is faster.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.graph import ArrayType, Graph
from chainrule.core.interpreter import Make, evaluate, interpreted
from chainrule.core.primitive import Joint, primitive
from chainrule.core.trace import type_of
from chainrule.core.tracebacks import users_frames
from chainrule.core.tree import flatten, unflatten
from chainrule.transforms.control.batch import batch_while
from chainrule.transforms.control.body import (
    as_array,
    cotangents_of,
    graph_of,
    is_float,
    is_predicate,
    or_zero,
    require_carry,
    strong_type,
    tangents_of,
    trace_body,
    with_inputs,
)
from chainrule.transforms.control.in_place import overwriting
from chainrule.transforms.control.revolve import (
    Advance,
    Stack,
    State,
    empty_stack,
    state_before,
)

Flags = tuple[bool, ...]
SLOTS = 64  # carries that are kept where no bound on memory is given


def prepared(
    make: Make, *, test: Graph, body: Graph, constants: int, slots: int = SLOTS
) -> Callable[..., tuple[Any, ...]]:
    """The loop as a function of its inputs, its graphs made executable by ``make``."""
    body, written = overwriting(body, constants)
    holds, step = make(test), make(body)

    def run(*inputs: Any) -> tuple[Any, ...]:
        known, carry = inputs[:constants], list(inputs[constants:])
        first = True
        while holds([*known, *carry])[0]:
            if first:
                for i in written:
                    carry[i] = np.array(carry[i])
                first = False
            carry = step([*known, *carry])
        return tuple(carry)

    return run


def _value(*inputs: Any, **params: Any) -> tuple[Any, ...]:
    return prepared(interpreted, **params)(*inputs)


def _types(
    *inputs: ArrayType, test: Graph, body: Graph, constants: int, slots: int = SLOTS
) -> tuple[ArrayType, ...]:
    given = [(t.shape, t.dtype) for t in inputs]
    for name, graph in (("predicate", test), ("step", body)):
        wanted = [(v.type.shape, v.type.dtype) for v in graph.inputs]
        if given != wanted:
            raise ShapeError(f"while_loop: the {name} takes {wanted}, got {given}")
    is_predicate(test.outputs[0].type, "while_loop: the predicate")
    return tuple(inputs[constants:])


# ---- forward mode -------------------------------------------------------------------------------


def _push(
    tangents: Sequence[Any],
    _out: Any,
    *inputs: Any,
    test: Graph,
    body: Graph,
    constants: int,
    **slots: int,
) -> list[Any]:
    floats = [is_float(type_of(x)) for x in inputs]
    known, carry = inputs[:constants], inputs[constants:]
    tc = [t if ok else None for t, ok in zip(tangents, floats, strict=True)][:constants]
    flags = tuple(t is not None for t in tc)
    moving = tuple(floats[constants:])
    start = [
        or_zero(t, x) for t, x, ok in zip(tangents[constants:], carry, moving, strict=True) if ok
    ]
    graphs = _tangent_graphs(test, body, constants, flags, moving)
    given = [t for t in tc if t is not None]
    results = while_p(
        *known, *given, *carry, *start, test=graphs[0], body=graphs[1],
        constants=constants + len(given), **slots,
    )  # fmt: skip
    pushed = iter(results[len(carry) :])
    return [next(pushed) if ok else None for ok in moving]


@lru_cache(maxsize=1024)
def _tangent_graphs(
    test: Graph, body: Graph, constants: int, flags: Flags, moving: Flags
) -> tuple[Graph, Graph]:
    """Predicate and step of constants, their tangents, carry, its tangents."""
    types = [v.type for v in body.inputs]
    known, carry = types[:constants], types[constants:]
    groups = known, [*itertools.compress(known, flags)], carry, [*itertools.compress(carry, moving)]
    arguments = [t for group in groups for t in group]

    def parts(values: Sequence[Any]) -> list[list[Any]]:
        feed = iter(values)
        return [[*itertools.islice(feed, len(group))] for group in groups]

    def step(*values: Any) -> Any:
        c, tc, k, tk = parts(values)
        feed = iter([*tc, *tk])
        directions = [next(feed) if flag else None for flag in (*flags, *moving)]
        outputs, pushed = tangents_of(body, [*c, *k], directions)
        return [*outputs, *itertools.compress(pushed, moving)]

    def holds(*values: Any) -> Any:
        c, _, k, _ = parts(values)
        return evaluate(test, [*c, *k])

    return graph_of(holds, arguments), graph_of(step, arguments)


# ---- reverse mode -------------------------------------------------------------------------------


def _pull(
    cts: Sequence[Any],
    _out: Any,
    wanted: Sequence[bool],
    *inputs: Any,
    test: Graph,
    body: Graph,
    constants: int,
    slots: int = SLOTS,
) -> list[Any]:
    known, first = inputs[:constants], inputs[constants:]
    useful = [w and is_float(type_of(x)) for w, x in zip(wanted, known, strict=False)]
    moving = [is_float(type_of(x)) for x in first]

    def advanced(carry: Any, at: Any, count: Any) -> Any:
        def step(state: Any) -> Any:
            return tuple(evaluate(body, [*known, *state[0]])), state[1] - 1

        return while_loop(lambda state: state[1] > 0, step, (carry, count))[0]

    def pulled(carry: Any, arrived: Any, sums: Any) -> Any:
        arriving = iter(arrived)
        given = [next(arriving) if ok else None for ok in moving]
        back = cotangents_of(body, [*known, *carry], given, [*useful, *moving])
        added, ct = back[: len(sums)], back[len(sums) :]
        return tuple(ct), tuple(s + a for s, a in zip(sums, added, strict=True))

    steps = _count(known, first, test, body)
    ct = tuple(or_zero(t, x) for t, x, ok in zip(cts, first, moving, strict=True) if ok)
    sums = tuple(or_zero(None, x) for x in itertools.compress(known, useful))
    ct, sums = _backwards(steps, tuple(first), (ct, sums), slots, advanced, pulled)
    feed = iter((*sums, *ct))
    return [next(feed) if ok else None for ok in (*useful, *moving)]


def _count(known: Sequence[Any], first: Sequence[Any], test: Graph, body: Graph) -> Any:
    """How many steps the loop makes."""

    def step(state: Any) -> Any:
        return tuple(evaluate(body, [*known, *state[0]])), state[1] + 1

    def holds(state: Any) -> Any:
        return evaluate(test, [*known, *state[0]])[0]

    return while_loop(holds, step, (tuple(first), 0))[1]


def _backwards(
    steps: Any,
    first: State,
    start: tuple[Any, Any],
    slots: int,
    advanced: Advance,
    pulled: Callable[[Any, Any, Any], Any],
) -> Any:
    """From the last step to the first: ``pulled(carry before the step, *cotangents)`` for each."""

    def one(state: Any) -> Any:
        left, stack, cotangents = state
        carry, stack = state_before(left - 1, first, Stack(*stack), advanced, while_loop)
        return left - 1, tuple(stack), pulled(carry, *cotangents)

    state = (steps, tuple(empty_stack(first, slots)), start)
    return while_loop(lambda state: state[0] > 0, one, state)[2]


while_p = primitive(
    "while_loop", _value, _types, Joint(_push, _pull), batch=batch_while, several=True
)


# ---- what users call ----------------------------------------------------------------------------


def while_loop(
    cond: Callable[[Any], Any],
    body: Callable[[Any], Any],
    init: Any,
    memory: int | None = None,
) -> Any:
    """``while cond(carry): carry = body(carry)``, from ``carry = init``; returns the last carry.

    Args:
        cond: a predicate of the carry: one boolean.
        body: the step. The carry that it returns has the structure, shapes and dtypes of the one it
            takes. Both are traced once, by types, and may close over arrays and traced values.
        init: the first carry, an array or a nested container of arrays.
        memory: bytes for the carries that reverse mode keeps. If those of all steps fit, each is
            kept; else as many as fit are, and the others computed again. Without, 64 are kept.
            (While the interpreter writes to a stack that is full it has two of them.)

    Raises:
        ShapeError: the step changes the type of the carry.
        ArgumentError: the predicate is not one boolean, or ``memory`` has no room for one carry.

    >>> import numpy as np, chainrule as cr
    >>> def root(a):  # Newton's iteration for the square root
    ...     far = lambda x: np.abs(x * x - a) > 1e-12
    ...     return cr.while_loop(far, lambda x: (x + a / x) / 2, a)
    >>> root(2.0), cr.grad(root)(2.0)
    (np.float64(1.414213562373...), np.float64(0.353553390593...))
    """
    with users_frames:
        leaves, structure = flatten(init)
        types = [strong_type(x) for x in leaves]

        def of_leaves(f: Callable[[Any], Any]) -> Callable[..., Any]:
            return lambda *xs: f(unflatten(structure, xs))

        test, step = trace_body(of_leaves(cond), types), trace_body(of_leaves(body), types)
        require_carry("while_loop", structure, types, step, step.structure)
        if len(test.graph.outputs) != 1:
            raise ShapeError("while_loop: the predicate must return one boolean")
        is_predicate(test.graph.outputs[0].type, "while_loop: the predicate")
        constants = list({id(x): x for x in (*test.constants, *step.constants)}.values())
        results = while_p(
            *constants,
            *(as_array(x, t) for x, t in zip(leaves, types, strict=True)),
            test=with_inputs(test, constants),
            body=with_inputs(step, constants),
            constants=len(constants),
            **_slots(types, memory),
        )
        return unflatten(structure, results)


def _slots(types: Sequence[ArrayType], memory: int | None) -> dict[str, int]:
    """The parameter that says how many carries are kept, if it is not the usual number."""
    if memory is None:
        return {}
    least = max(1, sum(math.prod(t.shape) * t.dtype.itemsize for t in types))
    if memory < least:
        raise ArgumentError(
            f"while_loop: memory={memory} bytes have no room for one carry; the least is"
            f" memory={least}"
        )
    return {"slots": memory // least}
