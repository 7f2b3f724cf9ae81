"""Which call of the user's program is running: its text, and what it calls.

Only looked up when an error is raised. Python keeps for each instruction the place of its
expression in the source; a function of C that asks a traced value for a number has no frame of its
own, so the innermost frame of the user's stands at the call itself.
"""

from __future__ import annotations

import ast
import dis
import inspect
import linecache
import sys
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from chainrule.core.trace import is_of_library

_LONGEST = 60


class Call(NamedTuple):
    """The expression of the user's that is running; parts that are not known are empty.

    ``name`` and ``owner`` of ``np.array(x)`` are array and np; ``stores`` is the z of ``z[0] = x``,
    ``reads`` that of ``z[x]``.
    """

    text: str = ""
    name: str = ""
    owner: str = ""
    stores: str = ""
    reads: str = ""


def users_call() -> Call:
    """The expression that is running in the innermost frame which is the user's."""
    frame = inspect.currentframe()
    while frame is not None and is_of_library(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return Call()
    call = _parsed(_expression(frame))
    if dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith("STORE"):
        return call._replace(stores=call.reads, reads="")
    return call


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


def _parsed(text: str) -> Call:
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return Call()
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."
    if isinstance(node, ast.Subscript):
        return Call(shown, reads=ast.unparse(node.value))
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
    scipy = sys.modules.get("scipy")
    if scipy is None or scipy.__file__ is None:
        return None
    root, found = Path(scipy.__file__).parent, None
    frame = inspect.currentframe()
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(root):
            module = file.relative_to(root).parts[0]
            if not module.startswith("_"):
                found = module, _function_name(frame)
            elif frame.f_code.co_name == "wrapper":
                found = _wrapped(frame) or found
        elif not is_of_library(str(file)):
            break
        frame = frame.f_back
    return found


def _function_name(frame: FrameType) -> str:
    """The name of a running function; that of a method with its class's, as ``norm.pdf``."""
    name = frame.f_code.co_name
    if "self" not in frame.f_locals:
        return name
    owner = type(frame.f_locals["self"]).__name__.removesuffix("_gen")
    return owner if name.startswith("__") else f"{owner}.{name}"


def _wrapped(frame: FrameType) -> tuple[str, str] | None:
    """The module and the name of the function that a decorator of SciPy's wraps."""
    for value in frame.f_locals.values():
        if inspect.isfunction(value) and value.__module__.startswith("scipy."):
            return value.__module__.split(".")[1], value.__name__
    return None
