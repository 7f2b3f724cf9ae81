"""A training's history: one JSON object a line, as in ``metrics.jsonl``.

A line is added when an epoch ends and has reached the disk before training goes on. A process that
is killed while it writes leaves a last line without its end; readers pass over it, and the next
line that is added takes its place. Values are those of ``json_values.py``; ``runs.py`` says where
the file lies.
"""

import os
from collections.abc import Iterable, Mapping
from io import FileIO
from pathlib import Path

from chainrule.core.errors import FileFormatError
from chainrule.files.atomic import explained, sync_folder, write_atomic
from chainrule.files.json_values import JSON, from_text, to_text


def save_history(path: str | os.PathLike[str], records: Iterable[Mapping[str, object]]) -> None:
    """Write records as JSON lines, replacing the file at once.

    Floats keep all their bits; NaN and the infinities are written as the strings "NaN",
    "Infinity" and "-Infinity" and read back as floats.

    Errors: :class:`~chainrule.DataError` for a value that JSON cannot hold, ``OSError`` when the
    disk refuses; the old file is intact then.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "history.jsonl"
    >>> save_history(path, [{"epoch": 1, "cost": 0.1}, {"epoch": 2, "cost": float("nan")}])
    >>> load_history(path)
    [{'epoch': 1, 'cost': 0.1}, {'epoch': 2, 'cost': nan}]
    """
    write_atomic(path, [_line(record) for record in records])


def load_history(path: str | os.PathLike[str]) -> list[dict[str, JSON]]:
    r"""Read JSON lines; a last line that was cut off in the middle is left out.

    Errors: :class:`~chainrule.FileFormatError` that names the line when one that is complete is
    not a JSON object; ``OSError`` when the file cannot be read.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "history.jsonl"
    >>> _ = path.write_text('{"epoch": 1}\n{"epoch": 2}\n{"epo')
    >>> load_history(path)
    [{'epoch': 1}, {'epoch': 2}]
    """
    *lines, tail = Path(path).read_bytes().split(b"\n")
    records = [_record(line, path, number) for number, line in enumerate(lines, start=1)]
    if _is_record(tail):
        records.append(_record(tail, path, len(lines) + 1))
    return records


def append_record(path: str | os.PathLike[str], record: Mapping[str, object]) -> None:
    """Add one record at the end of the file and return when the disk has it.

    The file is made when it is not there. What a killed process left of a last line is removed
    first. Errors as for :func:`save_history`; the records before are intact then.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "history.jsonl"
    >>> append_record(path, {"epoch": 1})
    >>> append_record(path, {"epoch": 2})
    >>> load_history(path)
    [{'epoch': 1}, {'epoch': 2}]
    """
    try:
        # unbuffered, so that a failed write leaves nothing that closing would try again
        with Path(path).open("a+b", buffering=0) as file:
            _append(file, _line(record))
    except OSError as error:
        raise explained(error, path) from error


def _append(file: FileIO, line: bytes) -> None:
    """Put ``line`` after the last whole record."""
    kept, line = _end_of_records(file, line)
    file.truncate(kept)
    try:
        while line:
            line = line[file.write(line) :]
        os.fsync(file.fileno())
        if kept == 0:
            sync_folder(Path(file.name).parent)  # the file may be new
    except BaseException:
        file.truncate(kept)  # no half a line, whatever went wrong
        raise


def _end_of_records(file: FileIO, line: bytes) -> tuple[int, bytes]:
    """Find where the last whole record ends, and what to write there to add ``line``."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 1))
    if file.read() in (b"", b"\n"):
        return size, line
    # only after a kill or an edit by hand, so reading it all does not matter
    file.seek(0)
    tail = file.readall().rpartition(b"\n")[2]
    if _is_record(tail):
        return size, b"\n" + line
    return size - len(tail), line


def _line(record: Mapping[str, object]) -> bytes:
    """Write one record as a line."""
    return to_text(dict(record), "record").encode("ascii") + b"\n"


def _is_record(line: bytes) -> bool:
    """Tell whether a last line without its end is whole: a cut JSON object is never one."""
    try:
        return isinstance(from_text(line), dict)
    except ValueError:
        return False


def _record(line: bytes, path: str | os.PathLike[str], number: int) -> dict[str, JSON]:
    """Read one line as a JSON object."""
    try:
        value = from_text(line)
    except ValueError as error:
        raise FileFormatError(
            f"{os.fspath(path)}: line {number} is not JSON ({error}); remove or repair that line."
        ) from error
    if not isinstance(value, dict):
        raise FileFormatError(
            f"{os.fspath(path)}: line {number} is a JSON {type(value).__name__}, not an object; "
            f"remove or repair that line."
        )
    return value
