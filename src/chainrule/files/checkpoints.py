"""Checkpoints: everything that a training needs to go on as if it had never stopped.

A checkpoint is one safetensors file of ``tensors.py``: arrays (parameters, optimiser state, best
parameters) and, as JSON in the metadata, the rest (position in the data, random state, running
sums, history). A new one is on the disk before an old one is removed, and two are kept, so that a
damaged file costs at most the distance to the one before. ``runs.py`` says where they lie.
"""

import os
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

from chainrule.core.errors import DataError, FileFormatError
from chainrule.files.atomic import make_folder
from chainrule.files.header import damaged
from chainrule.files.json_values import JSON, from_text, to_text
from chainrule.files.tensors import Array, load_tensors, save_tensors

_KEPT = 2
_KEY = "state"
_NAME = re.compile(r"checkpoint-(\d{8,})\.safetensors")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of a training between two steps: arrays by name, and everything else as JSON.

    Floats in ``state`` come back with the same bits, NaN and the infinities included (a NaN without
    its payload); tuples come back as lists and NumPy's scalars as Python's numbers.
    """

    tensors: dict[str, Array]
    state: dict[str, JSON]


def save_checkpoint(folder: str | os.PathLike[str], checkpoint: Checkpoint, number: int) -> None:
    """Write ``checkpoint-{number:08d}.safetensors``, then remove all but the last two.

    The folder is made when it is not there. The checkpoint just written is the newest: any with a
    higher number belong to a training that was abandoned (this one went on from before them), and
    are removed too. Nothing is removed before the new one has reached the disk.

    Errors: ``OSError`` that names the file (disk full ...) and :class:`~chainrule.DataError` for a
    state that JSON cannot hold or a negative number; the older checkpoints are intact then.

    >>> import numpy as np, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> for epoch in 1, 2, 3:
    ...     checkpoint = Checkpoint({"0.weights": np.zeros((3, 2))}, {"epoch": epoch})
    ...     save_checkpoint(folder, checkpoint, epoch)
    >>> sorted(os.listdir(folder))
    ['checkpoint-00000002.safetensors', 'checkpoint-00000003.safetensors']
    """
    if number < 0:
        raise DataError(f"{os.fspath(folder)}: a checkpoint's number is at least 0, not {number}.")
    place = Path(folder)
    text = to_text(checkpoint.state, "state")
    make_folder(place)
    save_tensors(place / f"checkpoint-{number:08d}.safetensors", checkpoint.tensors, {_KEY: text})
    found = _numbered(place)
    kept = {number, *sorted(n for n in found if n <= number)[-_KEPT:]}
    for other in sorted(found.keys() - kept):
        found[other].unlink(missing_ok=True)


def load_latest(folder: str | os.PathLike[str]) -> tuple[int, Checkpoint] | None:
    """Read the newest intact checkpoint and its number; None when there is none at all.

    When the newest is damaged the one before it is read, with a ``UserWarning`` that names the
    damaged file.

    Errors: :class:`~chainrule.FileFormatError` when there are checkpoints and all are damaged;
    ``OSError`` when one cannot be read.

    >>> import numpy as np, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> load_latest(folder) is None
    True
    >>> save_checkpoint(folder, Checkpoint({"0.biases": np.ones(2)}, {"epoch": 7, "sum": 0.1}), 7)
    >>> load_latest(folder)
    (7, Checkpoint(tensors={'0.biases': array([1., 1.])}, state={'epoch': 7, 'sum': 0.1}))
    """
    found = _numbered(Path(folder))
    failures: list[FileFormatError] = []
    for number in sorted(found, reverse=True):
        try:
            checkpoint = _load(found[number])
        except FileFormatError as failure:
            failures.append(failure)
        except FileNotFoundError:
            # a training has gone on meanwhile and removed it: newer ones are there
            return load_latest(folder)
        else:
            for failure in failures:
                warnings.warn(f"{failure} Going on from checkpoint {number}.", stacklevel=2)
            return number, checkpoint
    if failures:
        raise FileFormatError(
            f"{os.fspath(folder)}: every checkpoint is damaged; restore one from a copy, or start "
            f"a new run. " + " ".join(str(failure) for failure in failures)
        )
    return None


def _numbered(folder: Path) -> dict[int, Path]:
    """Find the checkpoints of a folder, by number."""
    found: dict[int, Path] = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        match = _NAME.fullmatch(path.name)
        if match and path.is_file():
            found[int(match[1])] = path
    return found


def _load(path: Path) -> Checkpoint:
    """Read one checkpoint."""
    tensors, metadata = load_tensors(path)
    if _KEY not in metadata:
        raise damaged(path, "it holds tensors but no state, so it is not a checkpoint")
    try:
        state = from_text(metadata[_KEY])
    except ValueError as error:
        raise damaged(path, f"its state is not JSON ({error})") from error
    if not isinstance(state, dict):
        raise damaged(path, "its state is not a JSON object")
    return Checkpoint(tensors, state)
