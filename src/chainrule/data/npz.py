"""Reads NPZ files: a zip archive of ``.npy`` arrays, with no trust in what the file claims.

A file says three times how large an array is: in the zip directory, in the ``.npy`` header and by
the bytes that are there. All three must agree before memory is taken, so a damaged or hostile file
costs no more than its own size times what DEFLATE can shrink. Object arrays would need pickle and
are refused. Source: NEP 1, "A Simple File Format for NumPy Arrays".

Rests on zipfile and ``numpy.lib.format``. ``parts.py`` says what comes out.
"""

import io
import math
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from chainrule.core.errors import DataError, FileFormatError
from chainrule.data.excerpt import excerpt, listing
from chainrule.data.parts import Array, Pair, Parts
from chainrule.data.source import DEFLATE_LIMIT, require_file

#: More than any header of a plain array; numpy.lib.format refuses more than 10,000 characters.
HEADER_LIMIT = 10_240

CHUNK = 1 << 20

#: Endings of array names, by split. No ending: a file without splits of its own.
ENDINGS = {
    "": "train",
    "_train": "train",
    "_val": "validation",
    "_valid": "validation",
    "_validation": "validation",
    "_test": "test",
}

#: What zipfile, zlib and numpy.lib.format raise on damaged input.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,
    RuntimeError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    OSError,
)


@dataclass(frozen=True)
class Header:
    """What the archive says about one array; ``offset`` is where its numbers begin."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    offset: int


def read_npz(path: str | Path) -> Parts:
    """The arrays x_train, y_train, x_val, y_val, x_test, y_test, or X and Y, whichever are there.

    Names in either case; ``x_valid`` and ``x_validation`` too; other arrays are left unread. Arrays
    keep shape and dtype. Raises FileFormatError for a damaged file, DataError for missing names.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "small.npz"
    >>> np.savez(path, X=np.zeros((5, 2)), Y=np.arange(5))
    >>> read_npz(path).train.X.shape
    (5, 2)
    """
    path = require_file(path)
    with _opened(path) as archive:
        infos = _array_members(archive, path)
        roles = _roles(path, list(infos))
        arrays = {name: _read(archive, infos[name], path) for name in roles.values()}
    pairs: dict[str, Pair] = {}
    for split in ("train", "validation", "test"):
        x_name, y_name = roles.get(f"x {split}"), roles.get(f"y {split}")
        if x_name is None:
            continue
        expected = y_name or ("Y" if len(x_name) == 1 else "y" + x_name[1:])
        Y = None if y_name is None else arrays[y_name]
        pairs[split] = Pair(
            arrays[x_name], Y, f"{path}: array {x_name!r}", f"{path}: array {expected!r}"
        )
    return Parts(path, **pairs)


def list_npz(path: str | Path) -> tuple[Header, ...]:
    """The headers of all arrays in the file; numbers are not read.

    Raises FileFormatError for a damaged file.
    """
    path = require_file(path)
    with _opened(path) as archive:
        return tuple(_list(archive, info, path) for info in _array_members(archive, path).values())


@contextmanager
def _opened(path: Path) -> Generator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DataError:
        raise
    except DAMAGE as error:
        detail = excerpt(error) or type(error).__name__
        raise FileFormatError(
            f"{path}: is not an intact NPZ file ({detail}); write it again with numpy.savez."
        ) from error


def _array_members(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    infos: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name, dot, ending = info.filename.rpartition(".")
        if dot and ending == "npy":
            if name in infos:
                raise FileFormatError(
                    f"{path}: holds two arrays named {excerpt(name)!r}; write it again."
                )
            infos[name] = info
    if not infos:
        raise FileFormatError(f"{path}: holds no .npy arrays; write it with numpy.savez.")
    return infos


def _roles(path: Path, names: list[str]) -> dict[str, str]:
    """Which array is X or Y of which split: {"x train": "X_train", ...}."""
    roles: dict[str, str] = {}
    for name in names:
        letter, ending = name[:1].lower(), name[1:].lower()
        if letter not in ("x", "y") or ending not in ENDINGS:
            continue
        role = f"{letter} {ENDINGS[ending]}"
        if role in roles:
            raise DataError(
                f"{path}: arrays {roles[role]!r} and {name!r} could both be meant;"
                " keep one of them."
            )
        roles[role] = name
    if not any(role.startswith("x ") for role in roles):
        raise DataError(
            f"{path}: holds the arrays {listing(sorted(names))};"
            " name them x_train, y_train, x_test and y_test, or X and Y."
        )
    return roles


def _check_member(info: zipfile.ZipInfo, path: Path) -> None:
    """Refuse a member whose claims cannot be true, before a byte of it is unpacked."""
    place = f"{path}: array {excerpt(info.filename.removesuffix('.npy'))!r}"
    if info.flag_bits & 1:
        raise FileFormatError(f"{place} is encrypted; store it without a password.")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileFormatError(
            f"{place} is compressed by method {info.compress_type}, which NPZ does not use;"
            " write it again with numpy.savez_compressed."
        )
    there = path.stat().st_size - info.header_offset
    if info.compress_size > there:
        raise FileFormatError(
            f"{place} claims {info.compress_size} bytes of the file, but {there} are left;"
            " the file is truncated, copy it again."
        )
    if info.file_size > DEFLATE_LIMIT * info.compress_size:
        raise FileFormatError(
            f"{place} claims to unpack {info.compress_size} bytes to {info.file_size},"
            " more than DEFLATE can; the file is damaged, copy it again."
        )


def _header(start: bytes, info: zipfile.ZipInfo, path: Path) -> Header:
    """The header of an array, whose claims are checked against the size of its member."""
    name = info.filename.removesuffix(".npy")
    stream = io.BytesIO(start)
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise FileFormatError(
            f"{path}: array {excerpt(name)!r} has .npy version {version}; save it as a plain array."
        )
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    with warnings.catch_warnings():
        # NumPy warns of headers that Python 2 wrote, and reads them all the same.
        warnings.simplefilter("ignore")
        shape, fortran, dtype = read(stream)
    header = Header(name, shape, dtype, fortran, stream.tell())
    if dtype.kind != "O" and (
        min(shape, default=0) < 0
        or header.offset + math.prod(shape) * dtype.itemsize != info.file_size
    ):
        raise FileFormatError(
            f"{path}: array {excerpt(name)!r} claims shape {excerpt(shape)} of"
            f" {excerpt(dtype)}, which is not"
            f" the {info.file_size - header.offset} bytes that it has; the file is damaged,"
            " write it again."
        )
    return header


def _list(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> Header:
    _check_member(info, path)
    with archive.open(info) as stream:
        return _header(stream.read(HEADER_LIMIT), info, path)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> Array:
    """One array, in native byte order; memory is taken only after all claims agree."""
    _check_member(info, path)
    with archive.open(info) as stream:
        start = stream.read(HEADER_LIMIT)
        header = _header(start, info, path)
        if header.dtype.kind not in "biuf":
            raise DataError(
                f"{path}: array {header.name!r} holds {excerpt(header.dtype)}, which"
                f" {'only pickle could read' if header.dtype.hasobject else 'is not numbers'};"
                " store an array of real numbers."
            )
        raw = np.empty(info.file_size - header.offset, np.uint8)
        piece, filled = start[header.offset :], 0
        while piece:
            raw[filled : filled + len(piece)] = np.frombuffer(piece, np.uint8)
            filled += len(piece)
            # At the last byte zipfile compares the checksum.
            piece = stream.read(CHUNK)
    if filled != raw.size:
        raise FileFormatError(
            f"{path}: array {header.name!r} ends after {filled} of {raw.size} bytes;"
            " the file is truncated, copy it again."
        )
    flat = raw.view(header.dtype).astype(header.dtype.newbyteorder("="), copy=False)
    return flat.reshape(header.shape, order="F" if header.fortran else "C")
