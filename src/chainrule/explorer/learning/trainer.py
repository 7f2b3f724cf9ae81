"""The training of a session: a thread that trains as the pages wish, and tells them of it.

Wishes (start, pause, another learning rate ...) may come from several pages at once. They wait in
one queue; the thread looks there between two stretches of steps, ten times a second, and grants one
after the other. So nothing but the thread changes what it works on (``progress.py``).

The event "training" tells where training stands, and what the latest look has seen. Reports are
numbered: a page that has missed one asks for the whole history.
"""

from __future__ import annotations

import math
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, Literal

from chainrule.core.errors import ArgumentError, ChainruleError
from chainrule.explorer.learning.progress import DivergedError, Progress
from chainrule.explorer.subjects import NetworkSubject

Tell = Callable[[str, Mapping[str, Any]], None]
Status = Literal["ready", "compiling", "running", "paused", "diverged", "failed"]
Wish = Callable[[], None]
Facts = dict[str, Any]

BETWEEN_REPORTS = 0.12  # seconds at least
SHARE = 0.1  # of the time may go into looking
RATE_OVER = 1.0  # seconds
STOPS_WITHIN = 2.0  # seconds: the thread stops between two steps, but not while it compiles


class Trainer:
    """Trains the network of a session.

    Args:
        network: what is trained.
        tell: tells all pages of an event, see :meth:`Session.tell`.
        forgotten: called with a step when what came after it is no longer so.

    Each wish returns at once, with a future that is done when it has been looked at.
    """

    def __init__(
        self, network: NetworkSubject, tell: Tell, forgotten: Callable[[int], None]
    ) -> None:
        self._tell = tell
        self.progress = Progress(network, forgotten)
        self._wishes: SimpleQueue[tuple[Wish, Future[None]]] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._closed = False
        self._goal: float | None = None  # the step to stop at
        self._status: Status = "ready"
        self._message = ""
        self._reported = self._looked = 0.0  # when, and for how many seconds
        self._pace: deque[tuple[float, int]] = deque()
        self._reports, self._steps = 0, self.progress.timeline.steps
        self._facts = self._standing()

    # ---- wishes ------------------------------------------------------------------------------

    def start(self) -> Future[None]:
        """Train until somebody pauses."""
        return self._wish(lambda: self._aim(math.inf))

    def pause(self) -> Future[None]:
        """Stop between two steps."""
        return self._wish(self._pause)

    def step(self) -> Future[None]:
        """Train on one mini-batch, and pause."""
        return self._wish(lambda: self._aim(self.progress.state.steps + 1))

    def epochs(self, n: int = 1) -> Future[None]:
        """Train to the end of the epoch, or of the last of ``n``, and pause."""

        def wish() -> None:
            state, feed = self.progress.state, self.progress.course.feed
            self._aim(state.steps + n * feed.batches - state.batch)

        return self._wish(wish)

    def rewind(self, step: int) -> Future[None]:
        """Go to a step that was reached before, and pause."""
        return self._wish(lambda: self._rewind(step))

    def set_eta(self, eta: float) -> Future[None]:
        """Take the steps to come with another learning rate."""
        return self._wish(lambda: self._set_eta(eta))

    def restart(self, params: Any, **settings: Any) -> Future[None]:
        """Begin anew from other parameters, with other settings of the network's training.

        The learning rate stays that of the next step, unless it is among them.
        """
        return self._wish(lambda: self._restart(params, settings))

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._closed, thread = True, self._thread
        if thread is not None:
            self._wishes.put((lambda: None, Future()))
            thread.join(STOPS_WITHIN)

    def _wish(self, wish: Wish) -> Future[None]:
        done: Future[None] = Future()
        with self._lock:
            if self._closed:
                raise ChainruleError("training has ended with the session; open the page anew")
            self._wishes.put((wish, done))
            if self._thread is None:
                self._thread = Thread(target=self._run, name="training", daemon=True)
                self._thread.start()
        return done

    # ---- the thread --------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closed:
            try:
                wish, done = self._wishes.get(block=self._goal is None)
            except Empty:
                self._guarded(self._train)
                continue
            self.progress.halt()
            self._guarded(wish)
            done.set_result(None)

    def _guarded(self, do: Wish) -> None:
        """Do something; what goes wrong is told to the pages, and the thread lives on."""
        try:
            try:
                do()
            except DivergedError as error:
                step = f"{self.progress.state.steps:,}"
                self._stop(
                    "diverged",
                    f"Training diverged: {error}. It stands at step {step}, before that. Take a"
                    " smaller η, then go on from here, or rewind further.",
                )
            except ArgumentError as error:  # a step that was forgotten meanwhile
                self._stop("paused", str(error))
        except Exception as error:  # an activation of the user may raise anything; the thread stays
            traceback.print_exception(error, file=sys.stderr)
            text = f"{type(error).__name__}: {error}; the traceback is where chainrule runs"
            self._goal, self._status, self._message = None, "failed", text
            self._tell_standing()

    def _train(self) -> None:
        progress, goal = self.progress, self._goal
        assert goal is not None
        progress.train(goal)
        now = time.monotonic()
        if progress.state.steps >= goal:
            self._pause()
        elif now - self._reported >= max(BETWEEN_REPORTS, self._looked / SHARE):
            self._report()

    def _aim(self, goal: float) -> None:
        self._message = ""
        if not self.progress.course.compiled:
            self._status = "compiling"
            self._tell_standing()
            self.progress.course.compile()
        if self._goal is None:
            self._pace.clear()
        self._goal, self._status = goal, "running"
        self._report()

    def _pause(self) -> None:
        if self._goal is not None:
            self._stop("paused")

    def _rewind(self, step: int) -> None:
        self._pause()
        self.progress.rewind(step)
        self._stop("paused")

    def _set_eta(self, eta: float) -> None:
        self.progress.set_eta(eta)
        self._report()

    def _restart(self, params: Any, settings: dict[str, Any]) -> None:
        self.progress.restart(params, **{"eta": self.progress.eta, **settings})
        self._stop("ready")

    def _stop(self, status: Status, message: str = "") -> None:
        self._goal, self._status, self._message = None, status, message
        self._pace.clear()
        self._report()

    # ---- telling -----------------------------------------------------------------------------

    @property
    def facts(self) -> Facts:
        """Where training stands, as the pages were told."""
        return self._facts

    def _report(self) -> None:
        """Look at where training stands, and tell."""
        began = time.monotonic()
        point = self.progress.look()
        self._pace.append((began, point.step))
        while len(self._pace) > 2 and began - self._pace[0][0] > RATE_OVER:
            self._pace.popleft()
        steps = self.progress.timeline.steps
        if steps != self._steps:
            self._tell("steps", {"steps": steps})
        self._steps = steps
        ended, self.progress.ended = self.progress.ended, []
        self._tell_standing(point=point.plain(), ends=[end.plain() for end in ended])
        self._reported = time.monotonic()
        self._looked = self._reported - began

    def _tell_standing(self, **seen: Any) -> None:
        self._reports += 1
        self._facts = self._standing()
        self._tell("training", {**self._facts, **seen})

    def _standing(self) -> Facts:
        progress = self.progress
        state, network = progress.state, progress.course.network
        steps = progress.timeline.steps
        return {
            "status": self._status,
            "message": self._message,
            "step": state.steps,
            "first": steps[0],
            "last": steps[-1],
            "epoch": state.epoch,
            "batch": state.batch,
            "batches": -(-len(network.data.train) // network.batch_size),
            "eta": progress.eta,
            "batch_size": network.batch_size,
            "seed": network.seed,
            "rate": self._rate(),
            "report": self._reports,
        }

    def _rate(self) -> float | None:
        """Examples a second, over the last second or so."""
        if len(self._pace) < 2:
            return None
        (first, before), (now, after) = self._pace[0], self._pace[-1]
        return (after - before) * self.progress.course.network.batch_size / (now - first)
