"""What a path leads to: which kind of data file, told by its name and, failing that, its content.

Rests on the standard library. ``load.py``, ``rows.py`` and ``describe.py`` ask it which reader to
use.
"""

import zlib
from pathlib import Path
from typing import Literal

from chainrule.core.errors import DataError

Kind = Literal["npz", "idx", "csv", "parquet"]

GZIP_MAGIC = b"\x1f\x8b"

#: DEFLATE cannot shrink anything further than this; a file that claims more is lying.
DEFLATE_LIMIT = 1032

FORMATS = "CSV (.csv, .tsv, also .gz), Parquet (.parquet), NPZ (.npz) or IDX (as MNIST's files)"


def require_file(path: str | Path) -> Path:
    """The path of a file that is there and not empty; raises DataError that says what is wrong.

    >>> require_file("nowhere.npz")
    Traceback (most recent call last):
    chainrule.core.errors.DataError: nowhere.npz: there is no such file; check the path.
    """
    path = Path(path)
    if path.is_dir():
        raise DataError(f"{path}: is a folder, not a file; name a file in it.")
    try:
        size = path.stat().st_size
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(f"{path}: there is no such file; check the path.") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error}); check the path.") from error
    if not size:
        raise DataError(f"{path}: the file is empty; put data into it or name another one.")
    return path


def kind_of(path: Path) -> Kind:
    """The format of a file, or "idx" for a folder (which can only hold a set of IDX files).

    Raises DataError if there is no file, or it is of no known format.
    """
    if path.is_dir():
        return "idx"
    require_file(path)
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".csv", ".tsv")):
        return "csv"
    if name.endswith(".npz"):
        return "npz"
    if name.endswith((".parquet", ".pq")):
        return "parquet"
    if name.endswith((".idx", "-ubyte", ".ubyte")):
        return "idx"
    return _kind_by_content(path)


def _kind_by_content(path: Path) -> Kind:
    start = read_start(path, 64)
    if start.startswith(GZIP_MAGIC):
        try:
            start = zlib.decompressobj(31).decompress(start, 4)
        except zlib.error:
            start = b""
    if start.startswith(b"PK\x03\x04"):
        return "npz"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"\0\0"):
        return "idx"
    raise DataError(f"{path}: is of no known format; give {FORMATS}.")


def read_start(path: Path, size: int) -> bytes:
    """The first bytes of a file; raises DataError if the system refuses to read it."""
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error}).") from error
