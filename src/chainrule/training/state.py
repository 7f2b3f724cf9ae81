"""Where training stands: everything that the rest of it depends on, as one immutable value.

A state goes into a checkpoint and comes back with the same bits, so that training that was killed
and resumed ends with the parameters of training that was not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from chainrule.core.errors import RunError
from chainrule.core.tree import flatten, unflatten
from chainrule.files.checkpoints import Checkpoint

Record = dict[str, Any]


@dataclass(frozen=True)
class TrainingState:
    """Parameters, optimiser state and position: the next step is number ``batch`` of ``epoch``.

    Epochs count from 1, mini-batches from 0. ``cost_sum`` (of ``seen`` examples) and ``seconds``
    belong to the current epoch, ``steps`` to the whole training; ``history`` has a record for each
    epoch that is complete.
    """

    params: Any
    optimiser: Any
    epoch: int = 1
    batch: int = 0
    steps: int = 0
    cost_sum: float = 0.0
    seen: int = 0
    seconds: float = 0.0
    history: tuple[Record, ...] = ()

    def stepped(self, params: Any, optimiser: Any, cost: float, examples: int) -> TrainingState:
        """The state after one mini-batch of mean cost ``cost``."""
        # not dataclasses.replace, which takes twice the time of this, in every step
        return TrainingState(
            params,
            optimiser,
            self.epoch,
            self.batch + 1,
            self.steps + 1,
            self.cost_sum + cost * examples,
            self.seen + examples,
            self.seconds,
            self.history,
        )

    def next_epoch(self, *record: Record) -> TrainingState:
        """The state at the beginning of the next epoch; ``record``, if kept, tells of the last."""
        return TrainingState(
            self.params,
            self.optimiser,
            self.epoch + 1,
            steps=self.steps,
            history=(*self.history, *record),
        )

    def timed(self, seconds: float) -> TrainingState:
        """The state with the time that its epoch has taken so far."""
        return replace(self, seconds=seconds)

    @property
    def mean_cost(self) -> float:
        """The mean cost of the examples that this epoch has seen."""
        return self.cost_sum / max(self.seen, 1)

    @property
    def is_finite(self) -> bool:
        """Whether no parameter is NaN or infinite."""
        leaves, _ = flatten(self.params)
        return all(bool(np.isfinite(x).all()) for x in leaves)


def to_checkpoint(state: TrainingState, seed: int) -> Checkpoint:
    """The state as tensors and plain numbers.

    There is no generator to keep: the order of the examples is a function of seed and epoch, see
    ``feed.py``.
    """
    leaves, _ = flatten((state.params, state.optimiser))
    tensors = {f"{i:06d}": np.asarray(x) for i, x in enumerate(leaves)}
    position: dict[str, Any] = {
        "seed": seed,
        "epoch": state.epoch,
        "batch": state.batch,
        "steps": state.steps,
        "cost_sum": state.cost_sum,
        "seen": state.seen,
        "seconds": state.seconds,
        "history": list(state.history),
    }
    return Checkpoint(tensors, position)


def from_checkpoint(checkpoint: Checkpoint, like: TrainingState, seed: int) -> TrainingState:
    """The state that :func:`to_checkpoint` saved; ``like`` is a fresh one of the same model.

    Raises:
        RunError: the checkpoint belongs to another model, optimiser, seed or program.
    """
    leaves, structure = flatten((like.params, like.optimiser))
    saved = saved_leaves(checkpoint)
    if [(x.shape, x.dtype) for x in saved] != [(np.shape(x), np.asarray(x).dtype) for x in leaves]:
        raise RunError(
            "the checkpoint holds parameters of other shapes or dtypes than this model and"
            " optimiser; resume with the settings that the run began with"
        )
    position = cast("dict[str, Any]", checkpoint.state)
    params, optimiser = unflatten(structure, saved)
    try:
        state = TrainingState(
            params,
            optimiser,
            int(position["epoch"]),
            int(position["batch"]),
            int(position["steps"]),
            float(position["cost_sum"]),
            int(position["seen"]),
            float(position["seconds"]),
            tuple(dict(record) for record in position["history"]),
        )
        made_with = position["seed"]
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"the checkpoint's position in the training is damaged: {error!r}"
        ) from error
    if made_with != seed:
        raise RunError(f"the checkpoint was made with seed {made_with}, not {seed}")
    return state


def saved_leaves(checkpoint: Checkpoint) -> list[Any]:
    """The arrays of a checkpoint in order: those of the parameters first, then the optimiser's."""
    return [checkpoint.tensors[name] for name in sorted(checkpoint.tensors)]
