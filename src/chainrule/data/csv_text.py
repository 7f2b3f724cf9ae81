"""The text of a CSV file: where its lines, header and broken rows are, for clear error messages.

Rests on the standard library's csv, gzip. ``table.py`` leaves the fast reading to polars and asks
here first for the header and, when something is wrong, for the line.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from chainrule.core.errors import DataError, FileFormatError
from chainrule.data.excerpt import excerpt
from chainrule.data.source import GZIP_MAGIC, require_file

Line = tuple[int, list[str]]


def read_text(path: str | Path) -> str:
    """The text of a UTF-8 file, gzipped or not, without byte order mark and empty last lines.

    Raises FileFormatError, with the line, for what is not UTF-8, and for damaged gzip.
    """
    path = require_file(path)
    try:
        raw = path.read_bytes()
        if raw.startswith(GZIP_MAGIC):
            raw = gzip.decompress(raw)
    except (EOFError, zlib.error, OSError) as error:
        raise FileFormatError(
            f"{path}: cannot be read or unpacked ({error}); copy the file again."
        ) from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileFormatError(
            f"{path}: line {line} holds the byte 0x{raw[error.start]:02X}, which is not UTF-8;"
            " save the file as UTF-8."
        ) from error
    return text.removeprefix("\ufeff").rstrip("\r\n")


def header_of(text: str, separator: str, path: Path) -> tuple[str, ...]:
    """The column names, stripped of blanks.

    Raises DataError if there are none, one is empty or two are the same.
    """
    lines = _lines(text, separator, path)
    first = next(lines, None)
    names = () if first is None else tuple(cell.strip() for cell in first[1])
    if not names:
        raise DataError(f"{path}: the file is empty; its first line must name the columns.")
    if "" in names:
        raise DataError(
            f"{path}: column {names.index('') + 1} of {len(names)} has no name in the header;"
            " name it, or remove it if it only numbers the rows."
        )
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise DataError(
            f"{path}: two columns are named {excerpt(twice[0])!r};"
            " give each column a name of its own."
        )
    if next(lines, None) is None:
        raise DataError(f"{path}: there are no rows below the header; add at least one example.")
    return names


def line_of_row(text: str, separator: str, row: int, path: Path) -> int:
    """The line, counted from 1, in which a row, counted from 0 below the header, begins.

    >>> line_of_row('a,b\\n"two\\nlines",1\\n2,3', ",", 1, Path("x.csv"))
    4
    """
    above = [last for last, _ in islice(_lines(text, separator, path), row + 1)]
    return above[-1] + 1


def require_even_rows(text: str, separator: str, width: int, path: Path) -> int:
    """How many rows are below the header, which all have ``width`` cells.

    Raises FileFormatError with the first line of another width, or whose quotes are wrong.
    """
    before, rows = 0, -1
    for last, cells in _lines(text, separator, path):
        if len(cells) != width:
            found = "is empty" if not cells else f"has {len(cells)} cells"
            raise FileFormatError(
                f"{path}: line {before + 1} {found} where the header has {width};"
                " correct or remove the line."
            )
        before, rows = last, rows + 1
    return rows


def _lines(text: str, separator: str, path: Path) -> Iterator[Line]:
    """Rows as (last line, cells), from the header on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    started = False
    try:
        for cells in reader:
            started = started or bool(cells)
            if started:
                yield reader.line_num, cells
    except csv.Error as error:
        raise FileFormatError(
            f"{path}: line {reader.line_num} cannot be read as CSV ({error}); check its quotes."
        ) from error
