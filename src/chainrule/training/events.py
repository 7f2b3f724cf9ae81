"""What callbacks are told while a model trains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


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


Event = Progress | EpochDone
Callback = Callable[[Event], None]
