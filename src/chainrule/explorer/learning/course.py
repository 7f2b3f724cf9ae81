"""How the training of a session goes on: the loop of ``cr.fit``, to any step and again.

A state, the learning rates and the order of the examples, which is a function of seed and epoch,
decide all that follows. So steps that were taken once can be taken again, to the same bits: one by
one, in one go, or from any state on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from threading import Lock, RLock
from typing import Any

import numpy as np

from chainrule.explorer.learning.etas import Etas
from chainrule.explorer.subjects import NetworkSubject
from chainrule.training.advance import Advance
from chainrule.training.feed import ArrayFeed
from chainrule.training.prepare import Prepared, limited_blas, prepare
from chainrule.training.state import TrainingState

Array = Any


class Course:
    """The training of a network by mini-batches of one size, in the order of one seed.

    Several threads may ask for steps; they take turns.
    """

    def __init__(self, network: NetworkSubject) -> None:
        self.network = network
        self._preparing, self._stepping = Lock(), RLock()
        self._ready: Prepared | None = None
        self._advance: Advance | None = None

    @property
    def ready(self) -> Prepared:
        """What is trained, its examples checked when somebody first asks."""
        with self._preparing:
            if self._ready is None:
                net = self.network
                train, held_out = net.data.train, net.data.validation
                self._ready = prepare(
                    net.model, (train.X, train.Y), cost=net.cost, optimiser=net.rule,
                    batch_size=net.batch_size, seed=net.seed, params=net.begin.params, l2=net.l2,
                    validation=(held_out.X, held_out.Y) if len(held_out) else None,
                )  # fmt: skip
            return self._ready

    @property
    def feed(self) -> ArrayFeed:
        """The mini-batches."""
        feed = self.ready.feed
        assert isinstance(feed, ArrayFeed)
        return feed

    @property
    def compiled(self) -> bool:
        """Whether steps can be taken at once."""
        return self._advance is not None

    def compile(self) -> Advance:
        """The loop, compiled when somebody first asks, which takes some seconds."""
        with self._stepping:
            if self._advance is None:
                ready, feed = self.ready, self.feed
                advance = ready.advancing(deterministic=self.network.deterministic)
                if short := feed.examples % feed.batch_size:  # a step of its own, compiled, too
                    state, (X, Y, _) = ready.fresh, feed.rows
                    ready.step(state.params, state.optimiser, X[:short], Y[:short], 0.0)
                self._advance = advance
            return self._advance

    def go(self, state: TrainingState, eta: float, steps: int | None) -> Iterator[TrainingState]:
        """States on the way to the end of the epoch, or ``steps`` steps further, ten a second.

        Raises:
            NotFiniteError: the cost became NaN or infinite.
        """
        states = self.compile()(state, eta, steps)
        deterministic = self.network.deterministic
        while True:
            with self._stepping, np.errstate(all="ignore"), limited_blas(None, deterministic):
                reached = next(states, None)
            if reached is None:
                return
            yield reached

    def turned(self, state: TrainingState) -> TrainingState:
        """The state at the beginning of the next epoch, if this one is complete."""
        return state.next_epoch() if state.batch == self.feed.batches else state

    def replay(self, state: TrainingState, step: int, etas: Etas) -> TrainingState:
        """The state at a later step, by steps that were taken before."""
        while state.steps < step:
            goal = min(step, etas.next_change(state.steps) or step)
            for reached in self.go(state, etas.at(state.steps), goal - state.steps):
                state = reached
            state = self.turned(state)
        return state

    def mini_batch(self, state: TrainingState) -> tuple[Array, Array, Array]:
        """The mini-batch of the step after a state: numbers of its examples, inputs, targets."""
        feed, first = self.feed, state.batch * self.network.batch_size
        chosen = feed.order(state.epoch)[first : first + feed.batch_size]
        return chosen, feed.rows.X[chosen], feed.rows.Y[chosen]


def restarted(network: NetworkSubject, params: Any, **settings: Any) -> NetworkSubject:
    """The network before any training, with other parameters and settings."""
    return replace(network, params=params, reached=None, **settings)
