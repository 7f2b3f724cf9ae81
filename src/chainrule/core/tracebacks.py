"""Short tracebacks: of an error that leaves a public function, the frames that are the user's.

Between the user's call and the user's function lie frames of the package, of NumPy's dispatch and
of optree, which say nothing to whoever made the mistake. Public functions run their work inside of
:data:`users_frames`, which takes these frames out of the traceback of what passes through, and of
its causes. The frame of the public function itself stays. With the environment variable
``CHAINRULE_TRACEBACK=full`` all stay.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from traceback import extract_tb
from types import TracebackType

import numpy as np
import optree

from chainrule.core.errors import TraceError

VARIABLE = "CHAINRULE_TRACEBACK"
_INTERNAL = tuple(
    f"{folder}{os.sep}"
    for folder in (
        Path(__file__).resolve().parents[1],
        Path(np.__file__).resolve().parent,
        Path(optree.__file__).resolve().parent,
    )
)


class UsersFrames:
    """A context that shortens the traceback of an error on its way out; see the module.

    >>> with users_frames:
    ...     raise ValueError("told to the user")
    Traceback (most recent call last):
        ...
    ValueError: told to the user
    """

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        told = _told_by_numpy(error)
        if told is not None:
            frames = None if traceback is None else _users(traceback.tb_next)
            raise told.with_traceback(frames) from None
        if isinstance(error, Exception) and os.environ.get(VARIABLE) != "full":
            _shorten(error, traceback)


users_frames = UsersFrames()


def is_internal(file: str) -> bool:
    """Whether a file is of the package, of NumPy or of optree, and no user's."""
    return file.startswith(_INTERNAL) or file.startswith("<__array")


def line_in(error: BaseException, files: Collection[str]) -> str | None:
    """Where an error passed one of the files last, as ``model.py:12``; None if it never was there.

    >>> try:
    ...     1 / 0
    ... except ZeroDivisionError as error:
    ...     print(line_in(error, []))
    None
    """
    frames = extract_tb(error.__traceback__)
    lines = [f"{Path(f.filename).name}:{f.lineno}" for f in frames if f.filename in files]
    return lines[-1] if lines else None


def _told_by_numpy(error: BaseException | None) -> TraceError | None:
    """The error behind NumPy's "setting an array element with a sequence", which says nothing."""
    cause = None if error is None else error.__cause__
    return cause if isinstance(error, ValueError) and isinstance(cause, TraceError) else None


def _shorten(error: Exception, traceback: TracebackType | None) -> None:
    if traceback is not None:  # its first frame is the public function's
        error.__traceback__ = _with_next(traceback, _users(traceback.tb_next))
    seen = {id(error)}
    causes = [error.__cause__, error.__context__]
    while causes:
        cause = causes.pop()
        if cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            cause.__traceback__ = _users(cause.__traceback__)
            causes += [cause.__cause__, cause.__context__]


def _users(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback without internal frames."""
    kept: list[TracebackType] = []
    while traceback is not None:
        if not is_internal(traceback.tb_frame.f_code.co_filename):
            kept.append(traceback)
        traceback = traceback.tb_next
    whole: TracebackType | None = None
    for one in reversed(kept):
        whole = _with_next(one, whole)
    return whole


def _with_next(one: TracebackType, following: TracebackType | None) -> TracebackType:
    return TracebackType(following, one.tb_frame, one.tb_lasti, one.tb_lineno)
