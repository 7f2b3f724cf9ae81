"""A question of the page and what becomes of it: the answer's bytes, or what went wrong in words.

The server, the notebook and the export all ask here, so that an error is told alike everywhere.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.core.errors import ChainruleError, GradientError
from chainrule.core.tracebacks import is_internal, line_in
from chainrule.explorer.questions import answer
from chainrule.explorer.session import Session
from chainrule.explorer.wire import encode

CAUGHT = (Exception, SystemExit)  # a user's function may do anything, exit included


@dataclass(frozen=True)
class Failed:
    """Why there is no answer, as the page shows it.

    Attributes:
        text: what went wrong.
        expected: it is told on purpose, or comes from the user's function; else it is a mistake
            of the package, whose traceback is in the terminal.
    """

    text: str
    expected: bool


def answered(session: Session, question: str, params: Mapping[str, Any]) -> bytes | Failed:
    """The bytes of the answer, or why there is none; nothing is raised.

    >>> answered(Session(), "graph.colour", {})
    Failed(text="there is no question 'graph.colour'", expected=True)
    """
    try:
        return encode(answer(session, question, params))
    except CAUGHT as error:
        return told(session, question, error)


def told(session: Session, what: str, error: BaseException) -> Failed:
    """An error in words: with the line of a user's function, or as a mistake of ours."""
    where = _users_line(session, error)
    kind = "" if isinstance(error, ChainruleError) else f"{type(error).__name__}: "
    if where is not None and not isinstance(error, GradientError):
        return Failed(f"{where}: {kind}{error}", expected=True)
    if isinstance(error, ChainruleError):
        return Failed(str(error), expected=True)
    traceback.print_exception(error, file=sys.stderr)
    return Failed(
        f"{what} failed by a mistake in chainrule: {kind}{error}; the traceback is where chainrule"
        " runs",
        expected=False,
    )


def _users_line(session: Session, error: BaseException) -> str | None:
    """The line of a function's file in which an error arose."""
    files = [f.file for f in session.functions.values() if f.file and not is_internal(f.file)]
    return line_in(error, files)
