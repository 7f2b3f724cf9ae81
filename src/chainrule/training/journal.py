"""What training leaves in its run folder, and how it is taken up again.

Checkpoints are written at the end of epochs and every half minute within long ones; the model is
written when training is finished, so a run with a model is a finished run. Without a folder nothing
is written. ``files/runs.py`` has the layout of the folder, ``settings.py`` what must not change.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.core.errors import RunError
from chainrule.files.checkpoints import load_latest, save_checkpoint
from chainrule.files.parameters import save
from chainrule.files.runs import RunFolder
from chainrule.training.settings import require_same_settings
from chainrule.training.state import TrainingState, from_checkpoint, to_checkpoint

BETWEEN_CHECKPOINTS = 30.0  # seconds within an epoch
BETWEEN_EPOCH_CHECKPOINTS = 1.0  # seconds, so that short epochs do not wait for the disk


@dataclass
class Journal:
    """The run folder of one training, or none; ``config`` is what its config.toml says."""

    run: RunFolder | None
    config: dict[str, Any]
    seed: int
    saved_at: float = field(default_factory=time.monotonic)

    @property
    def folder(self) -> Path | None:
        """Where the run lies, if it is kept."""
        return None if self.run is None else self.run.path

    def begin(self, fresh: TrainingState, epochs: int) -> TrainingState:
        """The state to start from: the latest checkpoint's if there is one, else ``fresh``.

        Raises:
            RunError: the run has done more epochs already, or its checkpoint is of another model.
        """
        if self.run is None:
            return fresh
        found = load_latest(self.run.checkpoint_folder)
        state = fresh if found is None else from_checkpoint(found[1], fresh, self.seed)
        done = state.epoch - 1
        least = state.epoch if state.batch else done
        if epochs < least:
            raise RunError(
                f"{self.run.path}: {done} epochs{' and a part of the next' if state.batch else ''}"
                f" are done already; {epochs} is too few, give at least {least} as the number of"
                " epochs"
            )
        if done < epochs:  # a finished run is left as it is
            self.run.model_path.unlink(missing_ok=True)
            self.run.replace_config(self.config)
            self.run.rewrite_metrics(state.history)  # lines of epochs that will run again go
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
        if self.run is not None and state.is_finite:
            checkpoint = to_checkpoint(state, self.seed)
            save_checkpoint(self.run.checkpoint_folder, checkpoint, state.steps)
            self.saved_at = time.monotonic()

    def finish(self, state: TrainingState) -> None:
        """Write the model, unless it is there since the run was finished."""
        if self.run is not None and not self.run.model_path.exists():
            save(self.run.model_path, state.params)

    @property
    def kept(self) -> str:
        """What there is to go back to when training fails, as the end of a message."""
        if self.run is None:
            return ""
        folder = self.run.checkpoint_folder
        if not (folder.is_dir() and any(folder.iterdir())):
            return f"; {self.run.path} holds no checkpoint yet"
        return f"; the last good checkpoint is kept in {folder}"


@contextmanager
def open_journal(
    out: str | Path | None, config: dict[str, Any], *, resume: bool, seed: int
) -> Generator[Journal]:
    """The journal of a new run in ``out``, or of the run there if ``resume``; locked while in use.

    Raises:
        RunError: the folder is taken, in use, or holds a run with other settings.
    """
    if out is None:
        if resume:
            raise RunError("resume=True needs out=, the run folder to go on in")
        yield Journal(None, config, seed)
        return
    run = _resumed(Path(out), config) if resume else RunFolder.create(out, config)
    with run.locked():
        yield Journal(run, config, seed)


def _resumed(path: Path, config: dict[str, Any]) -> RunFolder:
    if not (path / "config.toml").exists():  # killed before it had begun, or never started
        return RunFolder.create(path, config)
    run = RunFolder.open(path)
    require_same_settings(run.config, config, str(path))
    return run
