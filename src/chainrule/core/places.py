"""A line of the user's program in words: ``file:line``, or the line of a notebook's cell.

A notebook compiles its cells as files with names like ``/tmp/ipykernel_812/1639803286.py``, which
tell a reader nothing, and are others in each run.
"""

from __future__ import annotations

from pathlib import Path


def place(file: str, line: int) -> str:
    """Where a line is, with the whole path of its file.

    >>> place("/home/ada/model.py", 7), place("/tmp/ipykernel_812/1639803286.py", 7)
    ('/home/ada/model.py:7', 'notebook cell, line 7')
    """
    return f"notebook cell, line {line}" if _is_of_notebook(file) else f"{file}:{line}"


def short_place(file: str, line: int) -> str:
    """The same without folders.

    >>> short_place("/home/ada/model.py", 7)
    'model.py:7'
    """
    return place(file if _is_of_notebook(file) else Path(file).name, line)


def _is_of_notebook(file: str) -> bool:
    return Path(file).parent.name.startswith("ipykernel_")
