"""How far a training has come: its state, the way there, and what can be done next.

One thread at a time moves it (``trainer.py``); questions read its timeline and curves meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from chainrule.explorer.learning.course import Course, restarted
from chainrule.explorer.learning.curves import Curves, EpochEnd, Point
from chainrule.explorer.learning.etas import Etas
from chainrule.explorer.learning.measures import measured, score_name
from chainrule.explorer.learning.timeline import Timeline
from chainrule.explorer.subjects import NetworkSubject
from chainrule.training.advance import NotFiniteError
from chainrule.training.metrics import score
from chainrule.training.state import TrainingState


class DivergedError(ArithmeticError):
    """Training cannot go on from where it stands with this learning rate; the text says why."""


class Progress:
    """A training that can be moved on, back, and another way.

    Args:
        network: what is trained, and where its training stood.
        forgotten: called with a step when what came after it is no longer so.

    Attributes:
        state: where training stands.
        eta: the learning rate of the next step.
        etas: those of the steps that were taken.
        ended: the epochs that have ended and that nobody was told of yet.
    """

    def __init__(self, network: NetworkSubject, forgotten: Callable[[int], None]) -> None:
        self._forgotten = forgotten
        self.timeline = Timeline(network.begin, self._replay)
        self._begin(network)

    def _begin(self, network: NetworkSubject) -> None:
        self.course = Course(network)
        self.state = network.begin
        self.eta = network.eta
        self.etas = Etas(((self.state.steps, network.eta),))
        batches = -(-len(network.data.train) // network.batch_size)
        past = (EpochEnd.of_record(x, int(x["epoch"]) * batches) for x in self.state.history)
        self.curves = Curves(tuple(past))
        self.ended: list[EpochEnd] = []
        self._stand()

    def _stand(self) -> None:
        """Nothing has been trained since somebody looked."""
        self._moving: Iterator[TrainingState] | None = None
        self._again = False  # whether steps are taken that were taken before
        self._mean = self.state.mean_cost if self.state.seen else None
        self._sum, self._seen = 0.0, 0

    def _replay(self, state: TrainingState, step: int) -> TrainingState:
        return self.course.replay(state, step, self.etas)

    # ---- moving ------------------------------------------------------------------------------

    def train(self, goal: float) -> None:
        """Train for about a tenth of a second, at most to the step ``goal``.

        Raises:
            DivergedError: the cost became NaN or infinite; the state is one before that.
        """
        if self._moving is None:
            self._moving = self._moves(goal)
        before = self.state
        try:
            reached = next(self._moving, None)
        except NotFiniteError as error:
            at = f"epoch {error.state.epoch}, mini-batch {error.state.batch + 1:,}"
            self._stand_before(f"{error} in {at}")
        if reached is None:  # the end of an epoch, or of what is known with one learning rate
            self._moving = None
            return
        self.state = reached
        if self._again:
            self.eta = self.etas.at(reached.steps)
        self._mean = reached.mean_cost
        self._sum += reached.cost_sum - before.cost_sum
        self._seen += reached.seen - before.seen
        if reached.batch == self.course.feed.batches:
            self._end_epoch()

    def _moves(self, goal: float) -> Iterator[TrainingState]:
        """The way on from here; what came after is forgotten if it took another one."""
        here, end = self.state.steps, goal
        self._again = False
        if here < self.timeline.last:
            if self.eta != self.etas.at(here):
                self._forget_after(here)
            else:
                self._again = True
                end = min(end, self.timeline.last, self.etas.next_change(here) or math.inf)
        if here >= self.timeline.last:
            self.etas = self.etas.since(here, self.eta)
        return self.course.go(self.state, self.eta, None if end == math.inf else int(end) - here)

    def _end_epoch(self) -> None:
        """Score the network as ``cr.fit`` does, and turn to the next epoch."""
        state, ready = self.state, self.course.ready
        if not state.is_finite:  # by the last step, which no cost has followed
            self._stand_before(f"parameters became infinite at the end of epoch {state.epoch}")
        validation = quality = None
        if ready.validation is not None:
            X, Y, classes = ready.validation
            found = score(ready.model, ready.cost, state.params, X, Y, classes=classes)
            validation, quality = found["cost"], found[score_name(ready)]
        end = EpochEnd(state.steps, state.epoch, state.mean_cost, validation, quality)
        self.curves.end_epoch(end)
        self.ended.append(end)
        self.state = self.course.turned(state)
        self._moving = None

    def _stand_before(self, what: str) -> NoReturn:
        """Go back to the last good state, and raise."""
        if not self.state.is_finite:
            self.state = self.timeline.state(self.timeline.last)
        self.timeline.add(self.state)
        self._stand()
        raise DivergedError(what)

    def rewind(self, step: int) -> None:
        """Stand at a step that was reached before.

        Raises:
            ArgumentError: it was not.
        """
        self.state = self.timeline.state(step)
        self.eta = self.etas.at(step)
        self._stand()

    def set_eta(self, eta: float) -> None:
        """Take the steps to come with another learning rate."""
        self.eta = eta
        self._moving = None

    def halt(self) -> None:
        """Have the next steps begin anew from where training stands."""
        self._moving = None

    def restart(self, params: Any, **settings: Any) -> None:
        """Begin anew from other parameters, with other settings."""
        self._begin(restarted(self.course.network, params, **settings))
        self.timeline.begin_anew(self.state, self._replay)
        self._forgotten(-1)

    def _forget_after(self, step: int) -> None:
        self.timeline.add(self.state)
        self.timeline.forget_after(step)
        self.curves.forget_after(step)
        self.etas = self.etas.since(step, self.eta)
        self._forgotten(step)

    # ---- looking -----------------------------------------------------------------------------

    def look(self) -> Point:
        """Keep the state, and see what can be seen of it.

        Raises:
            DivergedError: a parameter is NaN or infinite; the state is one before that.
        """
        if not self.state.is_finite:
            self._stand_before(f"parameters became infinite before step {self.state.steps:,}")
        self.timeline.add(self.state)
        point = self.view()
        self._sum, self._seen = 0.0, 0
        self.curves.add(point)
        return point

    def view(self) -> Point:
        """What can be seen where training stands."""
        state, mean = self.state, self._mean
        recent = self._sum / self._seen if self._seen else None
        known = self.curves.at(state.steps)
        if known is not None and recent is None:  # training stands here again
            mean, recent = known.mean, known.recent
        measures = measured(self.course, state, self.eta)
        return Point(state.steps, state.epoch, self.eta, mean, recent, measures)
