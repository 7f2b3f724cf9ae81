"""Functions that the page brings along, made from texts whose lines it can show.

A graph knows the user's lines, and none of the package's own. What is made here counts as the
user's: it is compiled from a text that ``linecache`` knows under the name of a file.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from typing import Any


def written(text: str, file: str, names: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    """The function that a text defines.

    Args:
        text: the lines of one function.
        file: what the file of the lines is called.
        names: what the text refers to.

    >>> f = written("def f(x):\\n    return x + 1\\n", "f.py")
    >>> f(1), linecache.getline("f.py", 2)
    (2, '    return x + 1\\n')
    """
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    known = dict(names or {})
    exec(compile(text, file, "exec"), known)
    name = text.partition("(")[0].removeprefix("def ")
    return known[name]
