"""Going back through a sequence of steps with room for a few of its states.

To undo step n the state before it is needed, then that before step n - 1, and so on. ``slots``
states can be kept, the first of which is the one that the sequence begins with; the others are
computed again, forwards from the newest state kept. Kept states are a stack: the newest one is the
next to be needed and the first to be dropped.

With s slots and every step made again at most r times, C(s + r, s) steps can be undone. With n
steps at hand, between two of these numbers, the fewest steps forwards that suffice are ``r n - C(s
+ r, r - 1)``, and :func:`stride` says how far to go to the next state to keep: Griewank and
Walther, "Algorithm 799: revolve", ACM Transactions on Mathematical Software 26 (2000), section 2.

:func:`actions` is the schedule in plain numbers. :func:`state_before` does the same in a graph,
where the number of steps may be known only when it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops.elementwise import select
from chainrule.ops.index import Slot
from chainrule.ops.indexing import getitem, setitem
from chainrule.ops.shaping import broadcast_to

State = tuple[Any, ...]
Loop = Callable[[Callable[[Any], Any], Callable[[Any], Any], Any], Any]
Advance = Callable[[State, Any, Any], State]


class Action(NamedTuple):
    """``advance`` to a step, ``keep`` the state before it, or ``reverse`` it."""

    what: str
    step: int


def actions(steps: int, slots: int) -> Iterator[Action]:
    """The schedule that reverses ``steps`` steps with ``slots`` states kept, the first included.

    >>> print(*(f"{a.what} {a.step}" for a in actions(4, 2)), sep=", ")
    advance 1, keep 1, advance 3, reverse 3, advance 2, reverse 2, reverse 1, reverse 0
    """
    stack = [0]
    for last in reversed(range(steps)):
        at = stack[-1]
        while at < last:
            left, free = last + 1 - at, slots + 1 - len(stack)
            at = at + stride(left, free) if free > 1 else last
            yield Action("advance", at)
            if at < last:
                stack.append(at)
                yield Action("keep", at)
        yield Action("reverse", last)
        if stack[-1] == last:
            stack.pop()


def fewest_advances(steps: int, slots: int) -> int:
    """The steps forwards of the best schedule, t(n, s) = r n - C(s + r, r - 1).

    >>> fewest_advances(4, 2), sum(fewest_advances(n, 3) for n in range(20))
    (4, 336)
    """
    if steps < 2:
        return 0
    times, most = _repetitions(steps, slots, _in_python)
    return int(times * steps - most * times // (slots + 1))


def _in_python(test: Callable[[Any], Any], step: Callable[[Any], Any], state: Any) -> Any:
    while test(state):
        state = step(state)
    return state


def _repetitions(left: Any, slots: Any, loop: Loop) -> tuple[Any, Any]:
    """The smallest r > 0 for which C(s + r, s) >= n, and that number."""

    def more(state: Any) -> Any:
        r, most = state
        return r + 1, most * (slots + r + 1) // (r + 1)

    return loop(lambda state: state[1] < left, more, (1, slots + 1))


def stride(left: Any, slots: Any, loop: Loop = _in_python) -> Any:
    """How many of ``left`` > 1 steps to make to the next state to keep; ``slots`` > 1 are free.

    The slot of the newest state is one of them. The parts before and after the next state are, with
    slots s and s - 1, in the ranges C(s+r-2, s) ... C(s+r-1, s) and C(s+r-2, s-1) ... C(s+r-1, s-1)
    where r and r - 1 repetitions are best.
    """
    r, most = _repetitions(left, slots, loop)  # C(s + r, s)
    before = most * r // (slots + r)  # C(s + r - 1, s)
    least = before * (r - 1) // (slots + r - 1)  # C(s + r - 2, s)
    after = most - before  # C(s + r - 1, s - 1)
    return np.maximum(1, np.maximum(least, left - after))


# ---- the same in a graph -------------------------------------------------------------------------


class Stack(NamedTuple):
    """How many states are kept beside the first; the steps that they are before; the states."""

    count: Any
    steps: Any
    states: State


def empty_stack(first: Sequence[Any], slots: int) -> Stack:
    """A stack for states like the first, which has one of the slots and is kept elsewhere."""
    steps = np.zeros(slots - 1, np.int64)
    return Stack(0, steps, tuple(_pile(x, slots - 1) for x in first) if slots > 1 else ())


def state_before(
    last: Any, first: State, stack: Stack, advance: Advance, loop: Loop
) -> tuple[State, Stack]:
    """The state before step ``last``, and the stack when that step is undone.

    ``advance(state, at, count)`` makes steps forwards from step ``at``.
    """
    count, steps, piles = stack
    slots = shape_of(steps)[0] + 1
    if slots == 1:
        return advance(first, 0, last), stack

    def apart(position: Any) -> Any:
        at, count, _, _, _ = position
        return (at < last) & (count < slots - 1)

    def closer(position: Any) -> Any:
        at, count, steps, state, piles = position
        further = stride(last + 1 - at, slots - count, loop)
        state, at = advance(state, at, further), at + further
        kept = tuple(_put(p, count, x) for p, x in zip(piles, state, strict=True))
        return at, count + 1, _put(steps, count, at), state, kept

    newest, is_first = np.maximum(count - 1, 0), count == 0
    at = select(is_first, 0, _entry(steps, newest))
    pairs = zip(first, piles, strict=True)
    state = tuple(select(is_first, x, _entry(p, newest)) for x, p in pairs)
    at, count, steps, state, piles = loop(apart, closer, (at, count, steps, state, piles))
    state = advance(state, at, last - at)
    used = (count > 0) & (_entry(steps, np.maximum(count - 1, 0)) == last)
    return state, Stack(count - used, steps, piles)


def _pile(x: Any, n: int) -> Any:
    return broadcast_to(np.zeros((), type_of(x).dtype), shape=(n, *shape_of(x)))


def _put(pile: Any, index: Any, x: Any) -> Any:
    return setitem(pile, x, index, index=(Slot(0),))


def _entry(pile: Any, index: Any) -> Any:
    return getitem(pile, index, index=(Slot(0),))
