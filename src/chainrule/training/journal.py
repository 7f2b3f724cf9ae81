"""What training leaves in its run folder, and how it is taken up again.

Checkpoints are written at the end of epochs and every half minute within long ones, never of
parameters that are not finite. Without a folder nothing is written; see ``files/runs.py`` for the layout.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.core.errors import RunError
from chainrule.files.checkpoints import load_latest, save_checkpoint
from chainrule.files.parameters import save
from chainrule.files.runs import RunFolder
from chainrule.training.state import TrainingState, from_checkpoint, is_finite, to_checkpoint

BETWEEN_CHECKPOINTS = 30.0  # seconds within an epoch
BETWEEN_EPOCH_CHECKPOINTS = 1.0  # seconds, so that short epochs do not wait for the disk


@dataclass
class Journal:
    """The run folder of one training, or none."""

    run: RunFolder | None
    seed: int
    saved_at: float = field(default_factory=time.monotonic)

    def begin(self, fresh: TrainingState) -> TrainingState:
        """The state to start from: the latest checkpoint's if there is one, else ``fresh``."""
        if self.run is None:
            return fresh
        found = load_latest(self.run.checkpoint_folder)
        state = fresh if found is None else from_checkpoint(found[1], fresh, self.seed)
        self.run.rewrite_metrics(state.history)  # lines of epochs that will be run again go
        return state

    def epoch_done(self, state: TrainingState, *, last: bool) -> None:
        """Note a complete epoch."""
        if self.run is None:
            return
        self.run.append_metrics(state.history[-1])
        if last or time.monotonic() - self.saved_at >= BETWEEN_EPOCH_CHECKPOINTS:
            self.checkpoint(state)

    def step_done(self, state: TrainingState) -> None:
        """Write a checkpoint if the last one is long ago."""
        if self.run is not None and time.monotonic() - self.saved_at >= BETWEEN_CHECKPOINTS:
            self.checkpoint(state)

    def checkpoint(self, state: TrainingState) -> None:
        """Write a checkpoint now; one of parameters that are not finite would be of no use."""
        if self.run is not None and is_finite(state):
            checkpoint = to_checkpoint(state, self.seed)
            save_checkpoint(self.run.checkpoint_folder, checkpoint, state.steps_key)
            self.saved_at = time.monotonic()

    def finish(self, state: TrainingState) -> None:
        """Write the model."""
        if self.run is not None:
            save(self.run.model_path, state.params)


@contextmanager
def open_journal(
    out: str | Path | None, config: dict[str, Any], *, resume: bool, seed: int
) -> Iterator[Journal]:
    """The journal of a new run in ``out``, or of the run there if ``resume``; locked while in use.

    Raises:
        RunError: the folder is taken, in use, or holds a run with other settings.
    """
    if out is None:
        if resume:
            raise RunError("resume=True needs out=, the run folder to go on in")
        yield Journal(None, seed)
        return
    run = _resumed(Path(out), config) if resume else RunFolder.create(out, config)
    with run.locked():
        yield Journal(run, seed)


def _resumed(path: Path, config: dict[str, Any]) -> RunFolder:
    if not (path / "config.toml").exists():  # killed before it had begun, or never started
        return RunFolder.create(path, config)
    run = RunFolder.open(path)
    before = run.config
    for section in ("model", "training", "data"):
        for key, value in config.get(section, {}).items():
            was = before.get(section, {}).get(key)
            if key != "epochs" and was != value:
                raise RunError(
                    f"{path}: the run began with {section}.{key} = {was!r}, not {value!r};"
                    " resume it with the same settings, or choose another --out"
                )
    return run
