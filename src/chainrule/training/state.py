"""Where training stands: everything that the rest of it depends on, as one immutable value.

A state goes into a checkpoint and comes back with the same bits, so that training that was killed and
resumed ends with the parameters of training that was not.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from chainrule.core.errors import RunError
from chainrule.core.tree import flatten, unflatten
from chainrule.files.checkpoints import Checkpoint

History = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class TrainingState:
    """Parameters, optimiser state and position: the next step is number ``batch`` of ``epoch``.

    ``cost_sum`` and ``seen`` belong to the current epoch; ``history`` has a record for each epoch that
    is complete. Epochs count from 1, mini-batches from 0.
    """

    params: Any
    optimiser: Any
    epoch: int = 1
    batch: int = 0
    cost_sum: float = 0.0
    seen: int = 0
    seconds: float = 0.0
    history: History = field(default=())

    def stepped(self, params: Any, optimiser: Any, cost: float, examples: int) -> TrainingState:
        """The state after one mini-batch of mean cost ``cost``."""
        return TrainingState(
            params,
            optimiser,
            self.epoch,
            self.batch + 1,
            self.cost_sum + cost * examples,
            self.seen + examples,
            self.seconds,
            self.history,
        )

    def next_epoch(self, record: dict[str, Any]) -> TrainingState:
        """The state at the beginning of the next epoch."""
        return replace(
            self,
            epoch=self.epoch + 1,
            batch=0,
            cost_sum=0.0,
            seen=0,
            seconds=0.0,
            history=(*self.history, record),
        )

    @property
    def steps_key(self) -> int:
        """A number that grows with every step: names the checkpoint."""
        return self.epoch * 10_000_000 + self.batch


def to_checkpoint(state: TrainingState, seed: int) -> Checkpoint:
    """The state as tensors and plain numbers. The random state is (seed, epoch), see ``feed.py``."""
    leaves, _ = flatten((state.params, state.optimiser))
    tensors = {f"{i:04d}": np.asarray(x) for i, x in enumerate(leaves)}
    position: dict[str, Any] = {
        "seed": seed,
        "epoch": state.epoch,
        "batch": state.batch,
        "cost_sum": state.cost_sum,
        "seen": state.seen,
        "seconds": state.seconds,
        "history": list(state.history),
    }
    return Checkpoint(tensors, position)


def from_checkpoint(checkpoint: Checkpoint, like: TrainingState, seed: int) -> TrainingState:
    """The state that :func:`to_checkpoint` saved; ``like`` is a fresh one of the same model.

    Raises:
        RunError: the checkpoint belongs to another model, optimiser or seed.
    """
    leaves, structure = flatten((like.params, like.optimiser))
    saved = [checkpoint.tensors[name] for name in sorted(checkpoint.tensors)]
    shapes = [(x.shape, x.dtype) for x in saved]
    if shapes != [(np.shape(x), np.asarray(x).dtype) for x in leaves]:
        raise RunError(
            "the checkpoint holds parameters of other shapes or dtypes than this model and optimiser;"
            " resume with the settings that the run began with"
        )
    position = cast("dict[str, Any]", checkpoint.state)
    if position["seed"] != seed:
        raise RunError(f"the checkpoint was made with seed {position['seed']}, not {seed}")
    params, optimiser = unflatten(structure, saved)
    return TrainingState(
        params,
        optimiser,
        position["epoch"],
        position["batch"],
        position["cost_sum"],
        position["seen"],
        position["seconds"],
        tuple(position["history"]),
    )


def is_finite(state: TrainingState) -> bool:
    """Whether no parameter is NaN or infinite."""
    leaves, _ = flatten(state.params)
    return all(bool(np.isfinite(x).all()) for x in leaves)
