"""The training steps that can be looked at: all that were taken, some of them kept.

Training adds states from a thread of its own while the page asks about earlier ones. What is kept
is thinned out evenly, so memory is bounded; a step between two that are kept is trained again from
the one before, which gives the same bits (``course.py``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tree import flatten
from chainrule.explorer.learning.thinning import crowded
from chainrule.training.state import TrainingState

Replay = Callable[[TrainingState, int], TrainingState]

MOST = 400  # states
MOST_BYTES = 256_000_000
_REPLAYED = 8  # states between those, the latest that somebody asked for


class Timeline:
    """States of training by step.

    Args:
        state: where training begins.
        replay: ``replay(state, step)`` trains from a state to a later step, as it was trained.
        most, most_bytes: bounds on what is kept.

    >>> def replay(state, step):
    ...     return TrainingState({"w": np.full(1, step)}, (), steps=step)
    >>> timeline = Timeline(TrainingState({"w": np.zeros(1)}, ()), replay)
    >>> timeline.add(replay(None, 100))
    >>> timeline.steps, timeline.at(100), timeline.at(42)
    ((0, 100), {'w': array([100])}, {'w': array([42])})
    """

    def __init__(
        self,
        state: TrainingState,
        replay: Replay,
        *,
        most: int = MOST,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._lock = Lock()
        self._generation = 0
        self._most, self._most_bytes = most, most_bytes
        self._begin(state, replay)

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps that are kept, ascending: the first and the last that there are, and some."""
        with self._lock:
            return tuple(self._steps)

    @property
    def generation(self) -> int:
        """Grows when a step becomes another one: what was computed of it before holds no more."""
        with self._lock:
            return self._generation

    @property
    def last(self) -> int:
        """The latest step."""
        with self._lock:
            return self._steps[-1]

    def at(self, step: int) -> Any:
        """The parameters after ``step`` steps.

        Raises:
            ArgumentError: training has not come there, or began later.
        """
        return self.state(step).params

    def state(self, step: int) -> TrainingState:
        """The whole state after ``step`` steps, trained again if it is not kept.

        Raises:
            ArgumentError: training has not come there, or began later.
        """
        with self._lock:
            found = self._states.get(step) or self._replayed.get(step)
            first, last = self._steps[0], self._steps[-1]
            if found is not None:
                return found
            if not first < step < last:
                raise ArgumentError(
                    f"there is no training step {step:,}: those that can be looked at go from"
                    f" {first:,} to {last:,}"
                )
            before = self._states[self._steps[bisect_right(self._steps, step) - 1]]
            replay, generation = self._replay, self._generation
        found = replay(before, step)
        with self._lock:
            if generation == self._generation:  # else it has become another step meanwhile
                self._replayed[step] = found
                if len(self._replayed) > _REPLAYED:
                    self._replayed.popitem(last=False)
        return found

    def add(self, state: TrainingState) -> None:
        """Keep a state, for a while."""
        with self._lock:
            if state.steps not in self._states:
                self._steps.insert(bisect_right(self._steps, state.steps), state.steps)
            self._states[state.steps] = state
            size = max(1, _bytes_of(state))
            while len(self._steps) > max(3, min(self._most, self._most_bytes // size)):
                dropped = crowded(self._steps)
                self._steps.remove(dropped)
                del self._states[dropped]

    def forget_after(self, step: int) -> None:
        """Forget what came after a step, which must be known."""
        state = self.state(step)
        with self._lock:
            self._generation += 1
            self._replayed.clear()
            self._states = {n: s for n, s in self._states.items() if n < step} | {step: state}
            self._steps = sorted(self._states)

    def begin_anew(self, state: TrainingState, replay: Replay) -> None:
        """Forget everything; training begins with another state."""
        with self._lock:
            self._generation += 1
            self._begin(state, replay)

    def _begin(self, state: TrainingState, replay: Replay) -> None:
        self._states = {state.steps: state}
        self._steps = [state.steps]
        self._replayed: OrderedDict[int, TrainingState] = OrderedDict()
        self._replay = replay


def _bytes_of(state: TrainingState) -> int:
    leaves, _ = flatten((state.params, state.optimiser))
    return sum(np.asarray(x).nbytes for x in leaves)
