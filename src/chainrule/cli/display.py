"""What ``chainrule train`` shows a person: a line for each epoch and, on a terminal, a live bar.

``json_display.py`` is the same for programs.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from chainrule.cli.output import held_out_text, line_console, strong
from chainrule.cli.paste import command, resume_command
from chainrule.cli.plan import Plan
from chainrule.training.events import EpochDone, Event, Started
from chainrule.training.events import Progress as Moment


class Display(Protocol):
    """Follows one training from start to end: called with its events, then with its end."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    def __call__(self, event: Event) -> None:
        """Take an event of the training."""
        ...

    def interrupted(self, out: Path) -> None:
        """Say how to go on after Ctrl-C."""
        ...

    def done(self, out: Path, test: dict[str, float], examples: int) -> None:
        """Say how good the network is on the test examples."""
        ...


class TerminalDisplay:
    """Lines of text, and a bar with the time left while an epoch runs."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._console = line_console()
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("{task.fields[speed]:>9,.0f} examples/s  cost {task.fields[cost]:.4f}"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Print how training begins and how each epoch ends; move the bar in between."""
        if isinstance(event, Started):
            self._started(event)
        elif isinstance(event, Moment):
            self._move(event)
        else:
            self._epoch_done(event)

    def _started(self, event: Started) -> None:
        print_line = self._console.print
        if event.epoch > event.epochs:
            print_line(f"{event.run} is finished: all its {event.epochs} epochs are done")
            longer = str(event.epochs + 10)
            again = command("train", "--resume", "--out", str(event.run), "--epochs", longer)
            print_line(f"train it for longer with: {again}")
            return
        net, data, options = self._plan.net, self._plan.data, self._plan.options
        print_line(
            strong(" - ".join(map(str, net.sizes))),
            f"on {data.name}: {len(data.train.X):,} examples to train on,"
            f" {len(data.validation.X):,} to follow, {len(data.test.X):,} to test",
        )
        print_line(
            f"{net.cost.name} cost, {options['optimiser']} with eta {options['eta']:g},"
            f" mini-batches of {options['batch_size']}, {event.epochs} epochs,"
            f" seed {options['seed']}"
        )
        if event.epoch > 1 or event.batch:
            print_line(f"going on with epoch {event.epoch}, mini-batch {event.batch + 1}")

    def _move(self, event: Moment) -> None:
        batches = event.batches or event.batch
        place: dict[str, Any] = {
            "completed": batches * (event.epoch - 1) + event.batch,
            "epoch": f"{event.epoch}/{event.epochs}",
            "speed": event.examples_per_second,
            "cost": event.cost,
        }
        if self._task is None:  # made here, so that time left is reckoned from where a run goes on
            self._task = self._progress.add_task("train", total=batches * event.epochs, **place)
        else:
            self._progress.update(self._task, **place)

    def _epoch_done(self, event: EpochDone) -> None:
        record = event.record
        held_out = {
            name.removeprefix("validation_"): value
            for name, value in record.items()
            if name.startswith("validation_")
        }
        self._console.print(
            f"epoch {event.epoch:>{len(str(event.epochs))}}/{event.epochs}"
            f"   cost {record['cost']:.4f}   validation {held_out_text(held_out)}"
            f"   {record['examples_per_second']:>9,.0f} examples/s"
        )

    def interrupted(self, out: Path) -> None:
        """Say how to go on after Ctrl-C."""
        self._console.print(f"stopped; what is done is kept in {out}")
        self._console.print("go on with:", strong(resume_command(out)))

    def done(self, out: Path, test: dict[str, float], examples: int) -> None:
        """Say how good the network is on the test examples, and what to try next."""
        self._console.print(
            strong(f"test {held_out_text(test)}"),
            f"(cost {test['cost']:.4f}) on {examples:,} examples",
        )
        self._console.print(f"run folder: {out}")
        self._console.print("next:")
        self._console.print(f"  {command('evaluate', out)}")
        self._console.print(f"  {command('predict', out)} FILE")
