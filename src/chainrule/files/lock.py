"""One process at a time: a lock that dies with the process that holds it.

It rests on the operating system's lock on an open file (``flock``), not on the file's existence:
a process that is killed, even by ``kill -9``, leaves no lock behind. ``runs.py`` uses it to keep
two trainings out of one folder.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from chainrule.core.errors import RunError
from chainrule.files.atomic import explained

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def exclusive_lock(path: Path, refusal: str) -> Generator[None]:
    """Hold the lock file ``path`` while the ``with`` block runs.

    The file is made when it is not there, and stays: to remove it would let two processes lock two
    different files of the same name.

    Errors: :class:`~chainrule.RunError` with the text ``refusal`` when it is held already;
    ``OSError`` with the path when the file system cannot lock.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "lock"
    >>> with exclusive_lock(path, "taken"), exclusive_lock(path, "taken"):
    ...     pass
    Traceback (most recent call last):
    chainrule.core.errors.RunError: taken
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise explained(error, path) from error
    try:
        try:
            _try_lock(descriptor)
        except (BlockingIOError, PermissionError) as error:  # flock's and Windows' word for "held"
            raise RunError(refusal) from error
        except OSError as error:
            raise explained(error, path) from error
        yield
    finally:
        os.close(descriptor)  # gives the lock back
