"""Which folder a training writes to: the user's, or the next free one in ``runs``."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from chainrule.files.atomic import make_folder
from chainrule.files.runs import RunFolder

RUNS = Path("runs")


@contextmanager
def run_folder(given: Path | None, stem: str) -> Generator[Path]:
    """The folder given, or a new ``runs/STEM-1``, ``runs/STEM-2`` ... that is ours from here on.

    The folder is made at once, so that two commands that start together get two folders. If nothing
    was put into it by the end of the ``with`` block, it is removed again.
    """
    if given is not None:
        yield given
        return
    had_runs = RUNS.exists()
    make_folder(RUNS)
    path = _taken(stem)
    try:
        yield path
    finally:
        for folder in (path,) if had_runs else (path, RUNS):
            with suppress(OSError):  # it is in use: rmdir removes only what is empty
                folder.rmdir()


def _taken(stem: str) -> Path:
    while True:
        path = RunFolder.next_free(RUNS, stem)
        with suppress(FileExistsError):  # another command was quicker
            path.mkdir()
            return path
