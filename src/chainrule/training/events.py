"""What callbacks are told while a model trains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Started:
    """Once, when everything is in place and nothing is computed yet.

    Training begins with mini-batch ``batch`` (from 0) of ``epoch`` (from 1); those are beyond 0 and
    1 in a run that is resumed, and ``epoch`` beyond ``epochs`` in one that is finished. ``run`` is
    the run folder, if there is one.
    """

    epoch: int
    epochs: int
    batch: int
    run: Path | None


@dataclass(frozen=True)
class Progress:
    """About ten times a second within an epoch. ``cost`` is the mean over the epoch so far."""

    epoch: int
    epochs: int
    batch: int
    batches: int | None
    cost: float
    examples_per_second: float


@dataclass(frozen=True)
class EpochDone:
    """After each epoch: its record, and the parameters as they are now."""

    epoch: int
    epochs: int
    record: dict[str, Any]
    params: Any


Event = Started | Progress | EpochDone
Callback = Callable[[Event], None]
