"""The training loop: epochs of steps over mini-batches, until done, stopped or diverged.

The state is replaced whole after each step, so every break leaves a state to go on from. What is
trained is put together in ``fit.py``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError, DivergenceError
from chainrule.nn.costs import Cost
from chainrule.nn.layers import Model
from chainrule.training.advance import Advance, NotFiniteError
from chainrule.training.events import Callback, EpochDone, Event, Progress, Started
from chainrule.training.feed import Feed
from chainrule.training.interrupt import StopRequest
from chainrule.training.journal import Journal
from chainrule.training.metrics import score
from chainrule.training.rows import Rows
from chainrule.training.state import TrainingState

Schedule = Callable[[int], float]
BETWEEN_PROGRESS = 0.1  # seconds


@dataclass(frozen=True)
class Training:
    """What stays the same while a model trains."""

    model: Model
    cost: Cost
    feed: Feed
    advance: Advance
    eta: float
    schedule: Schedule | None
    epochs: int
    validation: Rows | None
    callbacks: Sequence[Callback]
    journal: Journal
    stop: StopRequest

    def tell(self, event: Event) -> None:
        """Tell all callbacks; one that raises KeyboardInterrupt asks to stop, as Ctrl-C does."""
        for callback in self.callbacks:
            try:
                callback(event)
            except KeyboardInterrupt:
                self.stop.on_signal()

    def learning_rate(self, epoch: int) -> float:
        """The learning rate of an epoch."""
        factor = 1.0 if self.schedule is None else float(self.schedule(epoch))
        if not (factor >= 0 and math.isfinite(factor)):
            raise ArgumentError(
                f"schedule({epoch}) gave {factor}; a factor on the learning rate is a finite number"
                " of at least 0"
            )
        return self.eta * factor


def train(training: Training, state: TrainingState) -> TrainingState:
    """Train from ``state`` to the end of the last epoch, or until somebody asks to stop.

    Either way the state that was reached is in the run folder, if there is one, when this returns.
    """
    epochs, journal = training.epochs, training.journal
    run = journal.folder
    training.tell(Started(state.epoch, epochs, state.batch, run))
    while state.epoch <= epochs and not training.stop.requested:
        epoch, state = state.epoch, _epoch(training, state)
        if state.epoch > epoch:
            record = state.history[-1]
            journal.epoch_done(state, last=state.epoch > epochs)
            training.tell(EpochDone(epoch, epochs, record, state.params))
    if state.epoch > epochs:
        journal.finish(state)
    else:
        journal.checkpoint(state)
    return state


def _epoch(training: Training, state: TrainingState) -> TrainingState:
    """Train to the end of the current epoch, or until somebody asks to stop."""
    eta = training.learning_rate(state.epoch)
    stop = training.stop
    seen, began = state.seen, time.monotonic() - state.seconds
    resumed = told = time.monotonic()
    with np.errstate(all="ignore"):  # a step that overflows is found by its cost, and reported
        states, complete = training.advance(state, eta), False
        while not stop.requested:
            try:
                reached = next(states, None)
            except NotFiniteError as error:
                raise _diverged(str(error), error.state, training.journal) from None
            if reached is None:
                complete = True
                break
            state = reached
            now = time.monotonic()
            if now - told >= BETWEEN_PROGRESS:
                told = now
                _tell_progress(training, state, (state.seen - seen) / (now - resumed))
                training.journal.step_done(state.timed(now - began))
    if not complete and state.batch != training.feed.batches:
        return state.timed(time.monotonic() - began)
    if not state.is_finite:  # by the last step, which no cost has followed
        raise _diverged("parameters became infinite", state, training.journal)
    state = state.timed(time.monotonic() - began)
    return state.next_epoch(_record(training, state, eta))


def _tell_progress(training: Training, state: TrainingState, rate: float) -> None:
    training.tell(
        Progress(
            state.epoch,
            training.epochs,
            state.batch,
            training.feed.batches,
            state.mean_cost,
            rate,
        )
    )


def _record(training: Training, state: TrainingState, eta: float) -> dict[str, Any]:
    record: dict[str, Any] = {
        "epoch": state.epoch,
        "cost": state.mean_cost,
        "eta": eta,
        "seconds": round(state.seconds, 4),
        "examples_per_second": round(state.seen / max(state.seconds, 1e-9), 1),
    }
    if training.validation is not None:
        X, Y, classes = training.validation
        found = score(training.model, training.cost, state.params, X, Y, classes=classes)
        record |= {f"validation_{name}": value for name, value in found.items()}
    return record


def _diverged(what: str, state: TrainingState, journal: Journal) -> DivergenceError:
    return DivergenceError(
        f"{what} in epoch {state.epoch}, mini-batch {state.batch + 1}; try a smaller learning rate"
        f"{journal.kept}"
    )
