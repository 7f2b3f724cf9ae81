"""What ``chainrule train`` shows: a live terminal display, or JSON lines for programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from chainrule.data.dataset import Dataset
from chainrule.nn.network import Network
from chainrule.training.events import EpochDone, Event
from chainrule.training.events import Progress as Moment


class Display(Protocol):
    """Follows one training from start to end."""

    def start(
        self, net: Network, data: Dataset, out: Path, *, eta: float, options: dict[str, Any]
    ) -> None:
        """Say what is about to happen."""
        ...

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


class JsonDisplay:
    """One JSON object a line: ``start``, ``epoch`` ..., then ``done`` or ``interrupted``."""

    def _say(self, event: str, **fields: Any) -> None:
        sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
        sys.stdout.flush()

    def start(
        self, net: Network, data: Dataset, out: Path, *, eta: float, options: dict[str, Any]
    ) -> None:
        """Say what is about to happen."""
        self._say(
            "start", data=data.name, layers=net.sizes, cost=net.cost.name, eta=eta,
            optimiser=options["optimiser"], batch_size=options["batch_size"],
            epochs=options["epochs"], seed=options["seed"], train=len(data.train.X),
            validation=len(data.validation.X), test=len(data.test.X), run=str(out),
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Write a line for each epoch."""
        if isinstance(event, EpochDone):
            self._say("epoch", **event.record)

    def interrupted(self, out: Path) -> None:
        """Say how to go on after Ctrl-C."""
        self._say("interrupted", run=str(out), resume=resume_command(out))

    def done(self, out: Path, test: dict[str, float], examples: int) -> None:
        """Say how good the network is on the test examples."""
        self._say("done", run=str(out), examples=examples, **{f"test_{k}": v for k, v in test.items()})


class TerminalDisplay:
    """A line for each epoch and, on a terminal, a live bar with the time left."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("{task.fields[speed]:>9,.0f} examples/s  cost {task.fields[cost]:.4f}"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._task = self._progress.add_task(
            "train", total=None, epoch="1", speed=0.0, cost=float("nan")
        )

    def start(
        self, net: Network, data: Dataset, out: Path, *, eta: float, options: dict[str, Any]
    ) -> None:
        """Say what is about to happen."""
        layers = " - ".join(map(str, net.sizes))
        self.console.print(
            f"[bold]{layers}[/bold] on {data.name}: {len(data.train.X):,} examples to train on,"
            f" {len(data.validation.X):,} to follow, {len(data.test.X):,} to test"
        )
        self.console.print(
            f"{net.cost.name} cost, {options['optimiser']} with eta {eta:g}, mini-batches of"
            f" {options['batch_size']}, {options['epochs']} epochs, seed {options['seed']}"
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, event: Event) -> None:
        """Move the bar, or print the line of an epoch."""
        if isinstance(event, Moment):
            whole = (event.batches or event.batch) * event.epochs
            now = (event.batches or event.batch) * (event.epoch - 1) + event.batch
            self._progress.update(
                self._task, total=whole, completed=now, epoch=f"{event.epoch}/{event.epochs}",
                speed=event.examples_per_second, cost=event.cost,
            )  # fmt: skip
            return
        record = event.record
        self._progress.console.print(
            f"epoch {event.epoch:>{len(str(event.epochs))}}/{event.epochs}"
            f"   cost {record['cost']:.4f}{_held_out(record)}"
            f"   {record['examples_per_second']:>9,.0f} examples/s"
        )

    def interrupted(self, out: Path) -> None:
        """Say how to go on after Ctrl-C."""
        self._progress.stop()
        self.console.print(f"stopped; a checkpoint is in {out}")
        self.console.print(f"go on with: [bold]{resume_command(out)}[/bold]", soft_wrap=True)

    def done(self, out: Path, test: dict[str, float], examples: int) -> None:
        """Say how good the network is on the test examples."""
        what = (
            f"accuracy {test['accuracy']:.2%}" if "accuracy" in test else f"R^2 {test['r2']:.4f}"
        )
        self.console.print(
            f"[bold]test {what}[/bold] (cost {test['cost']:.4f}) on {examples:,} examples"
        )
        self.console.print(f"run folder: {out}", soft_wrap=True)
        self.console.print("next:")
        self.console.print(f"  chainrule evaluate {out}", soft_wrap=True)
        self.console.print(f"  chainrule predict {out} FILE", soft_wrap=True)


def _held_out(record: dict[str, Any]) -> str:
    if "validation_accuracy" in record:
        return f"   validation accuracy {record['validation_accuracy']:.2%}"
    if "validation_r2" in record:
        return f"   validation R^2 {record['validation_r2']:.4f}"
    return ""


def resume_command(out: Path) -> str:
    """The command that goes on with a run."""
    return f"chainrule train --resume --out {out}"
