"""Which call of the user's program is running: its text, and what it calls.

Only looked up when an error is raised. Python keeps for each instruction the place of its
expression in the source; a function of C that asks a traced value for a number has no frame of its
own, so the innermost frame of the user's stands at the call itself.
"""

from __future__ import annotations

import ast
import inspect
import linecache
from itertools import islice
from types import FrameType
from typing import NamedTuple

from chainrule.core.trace import is_of_library

_LONGEST = 60


class Call(NamedTuple):
    """The expression of the user's that is running; parts that are not known are empty.

    ``name`` and ``owner`` of ``np.array(x)`` are array and np; ``stores`` is the z of ``z[0] = x``.
    """

    text: str = ""
    name: str = ""
    owner: str = ""
    stores: str = ""


def users_call() -> Call:
    """The expression that is running in the innermost frame which is the user's."""
    frame = inspect.currentframe()
    while frame is not None and is_of_library(frame.f_code.co_filename):
        frame = frame.f_back
    return Call() if frame is None else _read(_expression(frame))


def _expression(frame: FrameType) -> str:
    places = islice(frame.f_code.co_positions(), frame.f_lasti // 2, None)
    first, last, start, end = next(places, (None,) * 4)
    if first is None or last is None or start is None or end is None:
        return ""
    lines = [linecache.getline(frame.f_code.co_filename, n) for n in range(first, last + 1)]
    text = [line.encode() for line in lines]  # columns count bytes
    text[-1] = text[-1][:end]
    text[0] = text[0][start:]
    return " ".join(part.decode().strip() for part in text)


def _read(text: str) -> Call:
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return Call()
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."
    if isinstance(node, ast.Subscript):
        return Call(shown, stores=ast.unparse(node.value))
    if not isinstance(node, ast.Call):
        return Call(shown)
    called = node.func
    if isinstance(called, ast.Call):  # np.vectorize(f)(x)
        called = called.func
    if isinstance(called, ast.Attribute):
        return Call(shown, called.attr, ast.unparse(called.value))
    return Call(shown, called.id if isinstance(called, ast.Name) else "")


def scipy_call() -> tuple[str, str] | None:
    """The module and the name of the function of SciPy's that the user called, if one is running.

    >>> scipy_call() is None
    True
    """
    found: tuple[str, str] | None = None
    frame = inspect.currentframe()
    while frame is not None:
        parts = str(frame.f_globals.get("__name__", "")).split(".")
        if parts[0] == "scipy":
            if len(parts) > 1 and not parts[1].startswith("_"):
                found = parts[1], frame.f_code.co_name
        elif not is_of_library(frame.f_code.co_filename):
            break
        frame = frame.f_back
    return found
