"""A run folder: one training and everything that it leaves on the disk.

::

    runs/mnist-1/
    ├── config.toml          what was asked for; its presence makes the folder a run
    ├── metrics.jsonl        one line an epoch (history.py)
    ├── checkpoint/          the last two states to go on from (checkpoints.py)
    ├── model.safetensors    the trained parameters (parameters.py)
    └── lock                 held by the process that trains here (lock.py)

Any number of processes may read a run while one trains in it.
"""

import os
import tomllib
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, cast

import numpy as np
import tomli_w

from chainrule.core.errors import FileFormatError, RunError
from chainrule.files.atomic import is_temporary, make_folder, remove_stale, write_atomic
from chainrule.files.history import append_record, load_history, save_history
from chainrule.files.json_values import JSON
from chainrule.files.lock import exclusive_lock

_CONFIG = "config.toml"
_LOCK = "lock"
_MAX_DEPTH = 100


@dataclass(frozen=True)
class RunFolder:
    """A folder that holds a run; :meth:`create` makes one and :meth:`open` finds one.

    >>> import tempfile
    >>> path = RunFolder.next_free(tempfile.mkdtemp(), "mnist")
    >>> run = RunFolder.create(path, {"layers": [784, 30, 10], "eta": 3.0})
    >>> with run.locked():
    ...     run.append_metrics({"epoch": 1, "accuracy": 0.9129})
    >>> RunFolder.open(path).config, run.read_metrics()
    ({'layers': [784, 30, 10], 'eta': 3.0}, [{'epoch': 1, 'accuracy': 0.9129}])
    """

    path: Path

    @classmethod
    def create(cls, path: str | os.PathLike[str], config: Mapping[str, object]) -> "RunFolder":
        """Make the folder, with its parents, and write its configuration.

        A folder that is there already will do if it is empty.

        Errors: :class:`~chainrule.RunError` when there is a run, another file, or a folder with
        other files in it, and for a value that TOML cannot hold; ``OSError`` when the disk refuses.
        """
        run = cls(Path(path))
        text = tomli_w.dumps(_plain_table(config, "config", 0))
        try:
            data = text.encode()
        except UnicodeEncodeError as error:
            raise RunError(
                f"{run.path}: config holds text that is not Unicode: {error}."
            ) from error
        run._refuse_if_taken()
        make_folder(run.path)
        with run.locked():
            run._refuse_if_taken()  # another process may have been quicker
            write_atomic(run.path / _CONFIG, data)
        return run

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> "RunFolder":
        """Find a run that is there.

        Errors: :class:`~chainrule.RunError` when there is no folder or no run in it,
        :class:`~chainrule.FileFormatError` when its configuration is not TOML.
        """
        run = cls(Path(path))
        if not run.path.exists():
            raise RunError(f"{run.path}: there is no such run folder; check the path.")
        if not run.path.is_dir():
            raise RunError(f"{run.path}: this is a file; give the path of a run folder.")
        if not (run.path / _CONFIG).exists():
            raise RunError(
                f"{run.path}: this is not a run folder, it lacks {_CONFIG}; check the path."
            )
        _ = run.config
        return run

    @staticmethod
    def next_free(parent: str | os.PathLike[str], stem: str) -> Path:
        """Give the first of ``parent/stem-1``, ``parent/stem-2`` ... that does not exist."""
        number = 1
        while os.path.lexists(path := Path(parent) / f"{stem}-{number}"):
            number += 1
        return path

    @property
    def config(self) -> dict[str, Any]:
        """The configuration, read from ``config.toml``."""
        path = self.path / _CONFIG
        try:
            return tomllib.loads(path.read_bytes().decode())
        except (ValueError, RecursionError) as error:
            raise FileFormatError(
                f"{path}: this is not TOML ({error}); repair that place or restore the file."
            ) from error

    def replace_config(self, config: Mapping[str, object]) -> None:
        """Write another configuration; a run that is resumed may have more epochs than before.

        Nothing is written if it says the same. Errors as for :meth:`create`.
        """
        table = _plain_table(config, "config", 0)
        if table != self.config:
            write_atomic(self.path / _CONFIG, tomli_w.dumps(table).encode())

    @property
    def model_path(self) -> Path:
        """Where the trained parameters lie."""
        return self.path / "model.safetensors"

    @property
    def metrics_path(self) -> Path:
        """Where the history lies."""
        return self.path / "metrics.jsonl"

    @property
    def checkpoint_folder(self) -> Path:
        """Where the checkpoints lie."""
        return self.path / "checkpoint"

    @contextmanager
    def locked(self) -> Generator[None]:
        """Keep other processes from training here while the ``with`` block runs.

        What a killed process left half-written is removed first.

        Errors: :class:`~chainrule.RunError` when a process trains here already.
        """
        refusal = (
            f"{self.path}: another process is training in this run folder; wait for it, or choose "
            f"another --out."
        )
        with exclusive_lock(self.path / _LOCK, refusal):
            remove_stale(self.path)
            remove_stale(self.checkpoint_folder)
            yield

    def append_metrics(self, record: Mapping[str, object]) -> None:
        """Add one record to the history; it has reached the disk when this returns."""
        append_record(self.metrics_path, record)

    def read_metrics(self) -> list[dict[str, JSON]]:
        """Read the history; it is empty before the first epoch has ended."""
        return load_history(self.metrics_path) if self.metrics_path.exists() else []

    def rewrite_metrics(self, records: Iterable[Mapping[str, object]]) -> None:
        """Replace the history at once, as resuming from a checkpoint does."""
        save_history(self.metrics_path, records)

    def _refuse_if_taken(self) -> None:
        """Raise unless a new run can begin here."""
        if not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            raise RunError(f"{self.path}: this is a file, not a folder; choose another --out.")
        names = {entry.name for entry in self.path.iterdir()}
        if _CONFIG in names:
            raise RunError(
                f"{self.path}: this folder already holds a run; choose another --out, or continue "
                f"it with --resume."
            )
        foreign = sorted(name for name in names if name != _LOCK and not is_temporary(name))
        if foreign:
            raise RunError(
                f"{self.path}: this folder holds other files ({foreign[0]!r}); choose another "
                f"--out, or an empty folder."
            )


def _plain_table(table: Mapping[str, object], place: str, depth: int) -> dict[str, object]:
    """Check a table of a configuration and make it plain Python."""
    plain: dict[str, object] = {}
    for key, value in table.items():
        if not isinstance(key, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise RunError(f"{place} has the key {key!r}, but keys in TOML are strings.")
        plain[key] = _plain(value, f"{place}.{key}", depth + 1)
    return plain


def _plain(value: object, place: str, depth: int) -> object:
    """Check a value of a configuration and make it plain Python."""
    if depth > _MAX_DEPTH:
        raise RunError(f"{place[:80]}... is nested more than {_MAX_DEPTH} deep (a circle?).")
    if isinstance(value, np.bool_ | np.integer | np.floating):
        value = cast(object, value.item())
    if isinstance(value, bool | int | float | str | date | datetime | time):
        return value
    if isinstance(value, dict):
        return _plain_table(cast("dict[str, object]", value), place, depth)
    if isinstance(value, list | tuple):
        items = cast("list[object]", cast(object, value))
        return [_plain(item, f"{place}[{i}]", depth + 1) for i, item in enumerate(items)]
    remedy = (
        "leave the key out" if value is None else "use booleans, numbers, strings, lists, dicts"
    )
    raise RunError(
        f"{place} is of type {type(value).__name__}, which {_CONFIG} cannot hold; {remedy}."
    )
