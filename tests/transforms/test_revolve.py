"""Sequences reversed with few states kept: the schedule is optimal, derivatives are the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten
from chainrule.executors.native import executor
from chainrule.executors.native.emit import emit
from chainrule.executors.native.lowering import lowered
from chainrule.transforms.control.limited import with_limits
from chainrule.transforms.control.revolve import (
    actions,
    empty_stack,
    fewest_advances,
    state_before,
)
from chainrule.transforms.control.scan import loop
from chainrule.transforms.control.shape import Limit

from ..executors.emulate import emulated

rng = np.random.default_rng(5)
STEPS = 11
W, c0, xs = rng.normal(size=(3, 3)) / 2, rng.normal(size=3), rng.normal(size=(STEPS, 3))


@cache
def least(steps: int, slots: int) -> int:
    """The fewest advances, by trying every place for the next state to keep."""
    if steps < 2:
        return 0
    if slots == 1:
        return steps * (steps - 1) // 2
    return min(k + least(steps - k, slots - 1) + least(k, slots) for k in range(1, steps))


@pytest.mark.parametrize("slots", range(1, 7))
def test_the_schedule_is_the_best_there_is(slots: int) -> None:
    for steps in range(60):
        kept, at, made, wanted = [0], 0, 0, steps - 1
        for what, step in actions(steps, slots):
            if what == "advance":
                made, at = made + step - at, step
            elif what == "keep":
                assert at == step
                kept.append(step)
                assert len(kept) <= slots
            else:
                assert at == step == wanted
                wanted -= 1
                if kept[-1] == step:
                    kept.pop()
                at = kept[-1] if kept else 0
        assert wanted == -1
        assert made == least(steps, slots) == fewest_advances(steps, slots)


@pytest.mark.parametrize("slots", range(1, 6))
def test_the_stack_in_a_graph_follows_the_schedule(slots: int) -> None:
    def advance(state: Any, at: Any, count: Any) -> Any:
        assert state[0] == at
        made.append(count)
        return (state[0] + count,)

    def in_python(test: Any, step: Any, state: Any) -> Any:
        while test(state):
            state = step(state)
        return state

    for steps in range(40):
        made: list[Any] = []
        first = (np.int64(0),)
        stack = empty_stack(first, slots)
        for last in reversed(range(steps)):
            state, stack = state_before(last, first, stack, advance, in_python)
            assert state[0] == last
        assert sum(made) == fewest_advances(steps, slots)


def recurrent(reverse: bool) -> Callable[..., Any]:
    """A step with a constant, xs, ys, and a carry of floats and of an integer."""

    def f(W: Any, c: Any, xs: Any) -> Any:
        def step(state: Any, x: Any) -> Any:
            c, n = state
            c = np.tanh(W @ c + x * n * 0.1)
            return (c, n + 1), np.sum(c * c)

        (c, n), ys = loop(step, (c, 0), xs, None, reverse=reverse)
        return np.sum(c) * n + np.sum(ys * ys)

    return f


def with_limit(f: Callable[..., Any], limit: Limit) -> Callable[..., Any]:
    def limited(*args: Any) -> Any:
        graph = cr.trace(f)(*map(type_of, args))
        scans = {e: limit for e in graph.equations if e.primitive.name == "scan"}
        assert scans
        return evaluate(with_limits(graph, scans), args)[0]

    return limited


def close(found: Any, wanted: Any) -> None:
    for a, b in zip(flatten(found)[0], flatten(wanted)[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def both(f: Callable[..., Any]) -> Callable[..., Any]:
    return cr.value_and_grad(f, (0, 1, 2))


LIMITS = [(1, 1), (1, 2), (1, 4), (1, STEPS), (2, 2), (3, 2), (3, 3), (5, 1), (STEPS, 1)]


@pytest.mark.parametrize("limit", LIMITS, ids=str)
@pytest.mark.parametrize("reverse", [False, True])
def test_gradients(reverse: bool, limit: Limit) -> None:
    f = recurrent(reverse)
    g, wanted = with_limit(f, limit), both(f)(W, c0, xs)
    close(both(g)(W, c0, xs), wanted)
    close(cr.compile(both(g), executor="interpreter")(W, c0, xs), wanted)
    cr.check_graph(cr.trace(both(g))(W, c0, xs))


@pytest.mark.parametrize("limit", [(1, 3), (3, 2), (2, 5)], ids=str)
@pytest.mark.parametrize("reverse", [False, True])
def test_source_run_as_python(limit: Limit, reverse: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "build", emulated)
    f = recurrent(reverse)
    close(cr.compile(both(with_limit(f, limit)))(W, c0, xs), both(f)(W, c0, xs))


def test_machine_code() -> None:
    f = recurrent(False)
    compiled = cr.compile(both(with_limit(f, (2, 3))))
    close(compiled(W, c0, xs), both(f)(W, c0, xs))
    assert "interpreter" not in compiled.report()


def test_machine_code_keeps_the_states_in_one_place() -> None:
    """More slots take the room of so many carries, and of no copies of them."""
    f, many = recurrent(False), np.ones((500, 3))

    def room(slots: int) -> int:
        compiled = cr.compile(both(with_limit(f, (1, slots))))
        return emit(lowered(compiled.graph(W, c0, many))).workspaces["w_float64"]

    assert room(357) - room(229) == 128 * 3


def test_second_order() -> None:
    f = recurrent(False)
    wanted = cr.hessian(f, 1)(W, c0, xs)
    for limit in [(2, 3), (3, 3)]:
        g = with_limit(f, limit)
        close(cr.hessian(g, 1)(W, c0, xs), wanted)
        close(cr.jacobian(cr.grad(g, 1), 1, mode="reverse")(W, c0, xs), wanted)


def test_cotangents_that_are_not_asked_for_are_left_out() -> None:
    f = recurrent(False)
    close(cr.grad(with_limit(f, (2, 2)), 1)(W, c0, xs), cr.grad(f, 1)(W, c0, xs))


def test_a_loop_without_xs() -> None:
    def f(y: Any, a: Any) -> Any:
        y, _ = cr.scan(lambda y, _: (y + 0.1 * np.sin(a * y), None), y, None, length=STEPS)
        return np.sum(y * y)

    for limit in [(2, 2), (3, 5)]:
        g = with_limit(f, limit)
        close(cr.grad(g, (0, 1))(c0, 0.7), cr.grad(f, (0, 1))(c0, 0.7))


def test_examples_that_are_batched() -> None:
    f, many = recurrent(False), np.stack([c0, -c0, 2 * c0])
    wanted = np.stack([cr.grad(f, 1)(W, c, xs) for c in many])
    for limit in [(2, 3), (3, 3)]:
        g = with_limit(f, limit)
        close(cr.vmap(cr.grad(g, 1), (None, 0, None))(W, many, xs), wanted)
        total = lambda c, g=g: np.sum(cr.vmap(g, (None, 0, None))(W, c, xs))
        close(cr.grad(total)(many), wanted)
