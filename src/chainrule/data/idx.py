"""Reads IDX files, the format of MNIST, gzipped or not, alone or as a set of images and labels.

An IDX file is two zero bytes, a code of the dtype, the number of dimensions, each dimension as a
big-endian uint32, and the numbers, big-endian. The dimensions are compared with the bytes that are
there before memory is taken. Source: the MNIST page of Y. LeCun, C. Cortes and C. Burges.

Rests on gzip and NumPy. ``parts.py`` says what comes out.
"""

import gzip
import math
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from chainrule.core.errors import DataError, FileFormatError
from chainrule.data.excerpt import listing
from chainrule.data.parts import Array, Pair, Parts
from chainrule.data.source import DEFLATE_LIMIT, GZIP_MAGIC, require_file

DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}

#: NumPy itself takes 64; no data set comes near.
MOST_DIMENSIONS = 32

CHUNK = 1 << 20


@dataclass(frozen=True)
class Header:
    """What the file says of itself; ``size`` counts the bytes before the numbers."""

    dtype: np.dtype[np.generic]
    shape: tuple[int, ...]
    size: int


def read_idx(path: str | Path) -> Array:
    """The array of one IDX file, in native byte order.

    Raises FileFormatError for a file that is truncated, damaged or not IDX.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "labels-idx1-ubyte"
    >>> _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]))
    >>> read_idx(path)
    array([7, 9], dtype=uint8)
    """
    path = require_file(path)
    with _opened(path) as (stream, zipped):
        header = _header(stream, path, zipped)
        expected = math.prod(header.shape) * header.dtype.itemsize
        body = bytearray()
        while len(body) <= expected:
            piece = stream.read(min(CHUNK, expected + 1 - len(body)))
            if not piece:
                break
            body += piece
    if len(body) != expected:
        raise _size_error(path, header, "more" if len(body) > expected else str(len(body)))
    flat = np.frombuffer(body, header.dtype)
    return flat.astype(header.dtype.newbyteorder("="), copy=False).reshape(header.shape)


def idx_header(path: str | Path) -> Header:
    """Dtype and shape of an IDX file; numbers are not read.

    Raises FileFormatError as ``read_idx`` does.
    """
    path = require_file(path)
    with _opened(path) as (stream, zipped):
        return _header(stream, path, zipped)


def read_idx_set(path: str | Path) -> Parts:
    """Images with the labels that lie beside them, named as MNIST's files are; a folder of such.

    ``train-images-idx3-ubyte`` goes with ``train-labels-idx1-ubyte`` and with the same two named
    ``t10k-`` or ``test-``, which are the test split; each with or without ``.gz``, and with ``.``
    for the last ``-`` but one. Raises FileFormatError for damaged files, DataError for missing
    ones.
    """
    path = Path(path)
    images = _images_in(path) if path.is_dir() else _images_of(require_file(path))
    test = _beside(images, "train", "t10k") or _beside(images, "train", "test")
    return Parts(path, train=_pair(images), test=None if test is None else _pair(test))


def _pair(images: Path) -> Pair:
    labels = labels_of(images)
    if labels is not None:
        return Pair(read_idx(images), read_idx(labels), str(images), str(labels))
    name = images.name.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    missing = (
        str(images.with_name(name))
        if "images" in images.name
        else f"{images}: a file of labels beside it, named as MNIST's are,"
    )
    return Pair(read_idx(images), None, str(images), missing)


def labels_of(images: Path) -> Path | None:
    """The file of labels beside a file of images, or None."""
    return _beside(images, "images", "labels")


def _images_of(path: Path) -> Path:
    """The file of images that the path means: itself, or the one beside a file of labels."""
    if "labels" not in path.name:
        return path
    images = _beside(path, "labels", "images")
    if images is None:
        raise DataError(f"{path}: holds labels and their images are not beside it; put them there.")
    return images


def _images_in(folder: Path) -> Path:
    """The one file of (training) images in a folder."""
    # MNIST may lie there gzipped and unpacked; the names without .gz are then one.
    found = {
        p.name.removesuffix(".gz"): p for p in sorted(folder.glob("*images?idx3-ubyte*"))[::-1]
    }
    training = [p for name, p in found.items() if "train" in name] or list(found.values())
    if not training:
        raise DataError(
            f"{folder}: no IDX files in this folder; it must hold files named as MNIST's,"
            " such as train-images-idx3-ubyte.gz."
        )
    if len(training) > 1:
        names = listing(sorted(p.name for p in training))
        raise DataError(f"{folder}: several sets of images in this folder ({names}); name one.")
    return training[0]


def _beside(path: Path, old: str, new: str) -> Path | None:
    """The file whose name has ``new`` for ``old`` (and the dimensions that go with it), if any."""
    if old not in path.name:
        return None
    name = path.name.removesuffix(".gz").replace(old, new)
    if new == "labels":
        name = name.replace("idx3", "idx1")
    elif new == "images":
        name = name.replace("idx1", "idx3")
    spellings = (name, name.replace("-idx", ".idx"), name.replace(".idx", "-idx"))
    for candidate in (n + end for n in spellings for end in ("", ".gz")):
        if (path.parent / candidate).is_file():
            return path.parent / candidate
    return None


@contextmanager
def _opened(path: Path) -> Generator[tuple[IO[bytes] | gzip.GzipFile, bool]]:
    """The file's stream, unpacked if its content (not its name) is gzip."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            if zipped:
                with gzip.open(raw) as unpacked:
                    yield unpacked, zipped
            else:
                yield raw, zipped
    except (EOFError, zlib.error, OSError) as error:
        raise FileFormatError(
            f"{path}: cannot be read as gzip or IDX ({error}); copy the file again."
        ) from error


def _header(stream: IO[bytes] | gzip.GzipFile, path: Path, zipped: bool) -> Header:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES:
        raise FileFormatError(
            f"{path}: begins with {magic.hex(' ') or 'nothing'}, which no IDX file does;"
            " check that it is one."
        )
    ndim = magic[3]
    if not 1 <= ndim <= MOST_DIMENSIONS:
        raise FileFormatError(
            f"{path}: claims {ndim} dimensions; an IDX file has 1 to {MOST_DIMENSIONS}."
        )
    raw = stream.read(4 * ndim)
    if len(raw) < 4 * ndim:
        raise FileFormatError(f"{path}: ends inside its header; the file is truncated.")
    shape = tuple(int(d) for d in np.frombuffer(raw, ">u4"))
    header = Header(np.dtype(DTYPES[magic[2]]), shape, 4 + 4 * ndim)
    size = path.stat().st_size
    claimed = header.size + math.prod(shape) * header.dtype.itemsize
    if (claimed > DEFLATE_LIMIT * size) if zipped else (claimed != size):
        raise _size_error(path, header, f"{size - header.size}" if not zipped else "far fewer")
    return header


def _size_error(path: Path, header: Header, there: str) -> FileFormatError:
    expected = math.prod(header.shape) * header.dtype.itemsize
    return FileFormatError(
        f"{path}: claims shape {header.shape} of {header.dtype}, {expected} bytes, but {there}"
        " are there; the file is truncated or damaged, copy it again."
    )
