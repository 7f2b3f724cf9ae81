"""Threads on one schedule: for any number of them, in any order, what one would compute."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.core.tree import flatten
from chainrule.executors.native.emit import emit
from chainrule.executors.native.lowering import lowered
from chainrule.executors.native.schedule import is_native
from chainrule.executors.native.team import FIXED_PARTS, Team

from ..cases import CASES
from .emulate import emulated
from .inventory import graph_of
from .test_native import A, B, assert_same, random_program


class Turns:
    """Threads that run one at a time, from meeting to meeting, in an order that is turned around
    after each: what one thread does before another has done its part shows."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.changed = threading.Condition()
        self.order = list(range(n))
        self.waiting: list[int] = []  # those that have come to the next meeting, or to the end
        self.current = 0
        self.done: set[int] = set()
        self.me = threading.local()

    def begin(self, me: int) -> None:
        self.me.number = me
        with self.changed:
            self.changed.wait_for(lambda: self.order[self.current] == me)

    def meet(self, _sync: Any) -> None:
        me = self.me.number
        with self.changed:
            assert not self.done, "a thread ended where others meet"
            turn = self._pass_on()
            self.changed.wait_for(
                lambda: self.turn_number != turn and self.order[self.current] == me
            )

    turn_number = 0

    def _pass_on(self) -> int:
        turn = self.turn_number
        self.current += 1
        if self.current == self.n:
            self.order, self.current = self.order[::-1], 0
            self.turn_number += 1
        self.changed.notify_all()
        return turn

    def end(self) -> None:
        with self.changed:
            self.done.add(self.me.number)
            self._pass_on()


def run_as_team(graph: Any, inputs: Sequence[Any], team: Team) -> list[Any]:
    """The outputs of a graph, its emitted source run as Python by the threads of a team."""
    emitted = emit(graph, team=team)
    turns = Turns(team.threads)
    run = emulated(emitted.source, None, meet=turns.meet)
    arrays = [
        x.ravel() if v.type.shape else v.type.dtype.type(x)
        for x, v in zip(inputs, graph.inputs, strict=True)
    ]
    outputs = [np.empty(t.size, t.dtype) for t in emitted.outputs]
    arguments = [
        *arrays, *(np.ravel(k.value) for k in emitted.constants), *outputs,
        *(np.full(n, 77, name[2:]) for name, n in emitted.workspaces.items()),
    ]  # fmt: skip
    failures: list[BaseException] = []

    def member(me: int) -> None:
        turns.begin(me)
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                run(me, None, *arguments)
        except BaseException as error:  # shown by the test that waits for the threads
            failures.append(error)
        turns.end()

    threads = [threading.Thread(target=member, args=(me,)) for me in range(team.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures, failures
    return [o.reshape(t.shape) for o, t in zip(outputs, emitted.outputs, strict=True)]


@pytest.mark.parametrize("direction", ["forward", "reverse"])
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_team_computes_what_one_does(case, direction):
    graph = graph_of(case, direction)
    graph = None if graph is None else lowered(graph)
    if graph is None or not graph.equations or not all(map(is_native, graph.equations)):
        return
    inputs = flatten((case.inputs, {}))[0]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = run_as_team(graph, inputs, Team(2, 2))
        assert_same(found, [np.asarray(x) for x in evaluate(graph, inputs)])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 99), st.integers(0, 99)), max_size=9),
    st.integers(2, 4),
)
def test_random_graphs(choices, threads):
    for g in (f := random_program(choices), cr.grad(f, argnums=(0, 1))):
        graph = cr.compile(g).graph(A, B)
        found = run_as_team(graph, [A, B], Team(threads, threads))
        assert_same(found, evaluate(graph, [A, B]), ulps=1000)


def step(w1, b1, w2, b2, x, y):
    """A step of gradient descent, with layers that are cut at multiples of 16 and at odd places."""

    def cost(w1, b1, w2, b2):
        z = np.maximum(x @ w1.T + b1, 0) @ w2.T + b2
        log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
        return -np.mean(np.sum(y * log_p, axis=1))

    value, gradients = cr.value_and_grad(cost, argnums=(0, 1, 2, 3))(w1, b1, w2, b2)
    return value, *(p - 0.5 * g for p, g in zip((w1, b1, w2, b2), gradients, strict=True))


@pytest.mark.parametrize("threads", [1, 2, 3, 5, 11])
def test_the_bits_of_a_deterministic_team_do_not_depend_on_its_threads(threads):
    rng = np.random.default_rng(0)
    shapes = [(300, 20), (300,), (7, 300), (7,), (40, 20), (40, 7)]
    inputs = [0.3 * rng.standard_normal(shape, np.float32) for shape in shapes]
    graph = cr.compile(step).graph(*inputs)
    found = run_as_team(graph, inputs, Team(threads, FIXED_PARTS))
    one = run_as_team(graph, inputs, Team(1, FIXED_PARTS))
    assert [x.tobytes() for x in found] == [x.tobytes() for x in one]
    assert_same(found, [np.asarray(x) for x in evaluate(graph, inputs)])
