"""How training advances through an epoch: step by step, or many steps in one native loop.

Both give the same states in the same order; the native loop only shows fewer of them, about ten a
second, which is when Python can look after progress, checkpoints and Ctrl-C.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, Protocol

from chainrule.compile import Compiled, Executor
from chainrule.core.tree import flatten, unflatten
from chainrule.training.feed import ArrayFeed, Feed
from chainrule.training.state import TrainingState

IN_ONE_GO = 0.08  # seconds


class Advance(Protocol):
    """How training goes on from a state to the end of its epoch, or for at most ``steps`` steps."""

    def __call__(
        self, state: TrainingState, eta: float, steps: int | None = None
    ) -> Iterator[TrainingState]:
        """States that were reached, the last one at the end.

        Raises:
            NotFiniteError: a cost is NaN or infinite.
        """
        ...


class NotFiniteError(ArithmeticError):
    """The cost of a step is NaN or infinite; ``state`` is where it happened."""

    def __init__(self, cost: float, state: TrainingState) -> None:
        super().__init__(f"the cost became {cost}")
        self.state = state


def advancing(
    feed: Feed,
    step: Compiled,
    executor: Executor,
    start: TrainingState,
    *,
    threads: int | None,
    deterministic: bool,
) -> Advance:
    """The fastest way to advance: a native loop where feed, executor and graph allow it."""
    if executor == "native" and isinstance(feed, ArrayFeed) and feed.examples >= feed.batch_size:
        from chainrule.executors.native.epoch import NativeLoop, can_loop
        from chainrule.executors.native.team import team_for

        X, Y = (rows[: feed.batch_size] for rows in feed.rows[:2])
        graph = step.graph(start.params, start.optimiser, X, Y, 1.0)
        if can_loop(graph):
            team = team_for(graph, threads, deterministic=deterministic)
            return _in_loops(feed, NativeLoop(graph, team), step)
    return _step_by_step(feed, step)


def _step_by_step(feed: Feed, step: Compiled) -> Advance:
    def advance(
        state: TrainingState, eta: float, steps: int | None = None
    ) -> Iterator[TrainingState]:
        for X, Y in islice(feed.epoch(state.epoch, state.batch), steps):
            cost, params, optimiser = step(state.params, state.optimiser, X, Y, eta)
            cost = float(cost)
            if not math.isfinite(cost):
                raise NotFiniteError(cost, state)
            state = state.stepped(params, optimiser, cost, len(X))
            yield state

    return advance


def _in_loops(feed: ArrayFeed, loop: Any, step: Compiled) -> Advance:
    """Full mini-batches in native loops of about a tenth of a second, a short last one alone."""
    X, Y, _ = feed.rows
    size = feed.batch_size
    full = feed.examples // size
    rest = _step_by_step(feed, step)

    def advance(
        state: TrainingState, eta: float, steps: int | None = None
    ) -> Iterator[TrainingState]:
        order, go = feed.order(state.epoch), 64
        goal = feed.batches if steps is None else min(feed.batches, state.batch + steps)
        while state.batch < min(full, goal):
            go = min(go, min(full, goal) - state.batch)
            carry, structure = flatten((state.params, state.optimiser))
            began = time.perf_counter()
            done, carry, cost_sum = loop.run(
                carry, order, state.batch * size, go, X, Y, eta, state.cost_sum
            )
            params, optimiser = unflatten(structure, carry)
            state = replace(
                state, params=params, optimiser=optimiser, cost_sum=cost_sum,
                batch=state.batch + done, steps=state.steps + done, seen=state.seen + done * size,
            )  # fmt: skip
            if done < go:
                raise NotFiniteError(math.nan, state)
            yield state
            seconds = max(time.perf_counter() - began, 1e-6)
            go = max(1, int(go * min(8.0, IN_ONE_GO / seconds)))
        yield from rest(state, eta, goal - state.batch)

    return advance
