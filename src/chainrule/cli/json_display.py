"""What ``chainrule train --json`` prints: one JSON object a line, told apart by ``event``.

=============  ==================================================================================
``start``      ``data layers cost optimiser eta batch_size epochs seed train validation test run``,
               and the ``epoch`` (from 1) and ``batch`` (from 0) that training begins with
``epoch``      the line that metrics.jsonl has: ``epoch cost eta seconds examples_per_second
               validation_cost``, ``validation_accuracy`` or ``validation_r2``
``finished``   ``run epochs``: in place of ``start``, when there is nothing left to resume
``done``       ``run examples test_cost``, ``test_accuracy`` or ``test_r2``
``interrupted``  ``run``, and ``resume``, the command that goes on
=============  ==================================================================================

A number that is not finite is null.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from chainrule.cli.output import say_json
from chainrule.cli.paste import resume_command
from chainrule.cli.plan import Plan
from chainrule.training.events import EpochDone, Event, Started


class JsonDisplay:
    """Events of a training as JSON lines."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Write a line for the start and one for each epoch."""
        if isinstance(event, EpochDone):
            say_json(event="epoch", **event.record)
        elif isinstance(event, Started):
            self._started(event)

    def _started(self, event: Started) -> None:
        if event.epoch > event.epochs:
            say_json(event="finished", run=str(event.run), epochs=event.epochs)
            return
        data, options = self._plan.data, self._plan.options
        told = ("layers", "cost", "optimiser", "eta", "batch_size", "seed")
        say_json(
            event="start", data=data.name, **{name: options[name] for name in told},
            train=len(data.train.X), validation=len(data.validation.X), test=len(data.test.X),
            run=str(event.run), epochs=event.epochs, epoch=event.epoch, batch=event.batch,
        )  # fmt: skip

    def interrupted(self, out: Path) -> None:
        """Say how to go on after Ctrl-C."""
        say_json(event="interrupted", run=str(out), resume=resume_command(out))

    def done(self, out: Path, test: dict[str, float], examples: int) -> None:
        """Say how good the network is on the test examples."""
        found = {f"test_{name}": value for name, value in test.items()}
        say_json(event="done", run=str(out), examples=examples, **found)
