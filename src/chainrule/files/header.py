"""The header of a safetensors file, read with suspicion.

A safetensors file is 8 bytes that hold the header's length, the header (JSON: for each tensor its
dtype, its shape and where its bytes lie; and a mapping of strings called ``__metadata__``), and
then the tensors' bytes. Here everything that the header claims is compared with the size of the
file before memory is taken for it, so a damaged file costs an error and not the machine.
``tensors.py`` reads the tensors.
"""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from chainrule.core.errors import FileFormatError

MAX_HEADER = 100_000_000
"""The longest header, in bytes, that the safetensors library reads."""

RESERVED = "__metadata__"
"""The header's name for the metadata: no tensor can have it."""

# NumPy's names and sizes in bytes of the dtypes that NumPy and safetensors share
_DTYPES = {
    "F16": 2, "F32": 4, "F64": 8, "C64": 8, "BOOL": 1,
    "I8": 1, "I16": 2, "I32": 4, "I64": 8, "U8": 1, "U16": 2, "U32": 4, "U64": 8,
}  # fmt: skip
_MAX_DIMENSIONS = 64  # NumPy's limits
_MAX_BYTES = 2**63 - 1


@dataclass(frozen=True)
class Header:
    """The tensors' names, sorted, and the metadata."""

    names: tuple[str, ...]
    metadata: dict[str, str]


def read_header(path: str | os.PathLike[str]) -> Header:
    """Read and check the header of a safetensors file.

    Errors: :class:`~chainrule.FileFormatError` when the file is not safetensors, is shorter than
    its header claims, or holds a dtype that NumPy lacks; ``OSError`` when it cannot be read.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "empty.safetensors"
    >>> path.touch()
    >>> read_header(path)
    Traceback (most recent call last):
    chainrule.core.errors.FileFormatError: ...empty.safetensors: the file is empty; ...
    """
    with Path(path).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise damaged(path, "the file is empty")
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > MAX_HEADER:
            raise damaged(path, "it does not begin as a safetensors file")
        if length > size - 8:
            raise damaged(
                path, f"it is cut off: {size} bytes, too few for a header of {length} bytes"
            )
        text = file.read(length)
    try:
        header = cast(object, json.loads(text))
    except (ValueError, RecursionError) as error:
        raise damaged(path, f"its header is not JSON ({error})") from error
    if not isinstance(header, dict):
        raise damaged(path, "its header is not a JSON object")
    entries = cast("dict[str, object]", header)
    metadata = _checked_metadata(entries.pop(RESERVED, {}), path)
    for name, entry in entries.items():
        _check_tensor(name, entry, size - 8 - length, path)
    return Header(tuple(sorted(entries)), metadata)


def damaged(path: str | os.PathLike[str], what: str) -> FileFormatError:
    """Make the error for a file that cannot be used: its name, what is wrong, and the remedy.

    >>> print(damaged("model.safetensors", "the file is empty"))
    model.safetensors: the file is empty; restore it from a copy or make it anew.
    """
    return FileFormatError(f"{os.fspath(path)}: {what}; restore it from a copy or make it anew.")


def _checked_metadata(value: object, path: str | os.PathLike[str]) -> dict[str, str]:
    """Check that the metadata maps strings to strings."""
    if isinstance(value, dict):
        items = cast("dict[str, object]", value)
        metadata = {key: text for key, text in items.items() if isinstance(text, str)}
        if len(metadata) == len(items):
            return metadata
    raise damaged(path, "its metadata is not a mapping of strings to strings")


def _check_tensor(name: str, entry: object, available: int, path: str | os.PathLike[str]) -> None:
    """Check one tensor's entry against the number of bytes that follow the header."""
    fields = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
    if set(fields) != {"dtype", "shape", "data_offsets"}:
        raise damaged(path, f"the header's entry for tensor {name!r} is not a tensor's")
    dtype, shape = fields["dtype"], _sizes(fields["shape"])
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise FileFormatError(
            f"{os.fspath(path)}: tensor {name!r} has dtype {dtype}, which NumPy lacks; convert it "
            f"to one of {', '.join(_DTYPES)} with the program that wrote it."
        )
    if shape is None or len(shape) > _MAX_DIMENSIONS:
        raise damaged(path, f"tensor {name!r} has the impossible shape {fields['shape']!r:.100}")
    offsets = _sizes(fields["data_offsets"])
    if offsets is None or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise damaged(path, f"the offsets of tensor {name!r} are not two increasing numbers")
    if offsets[1] > available:
        raise damaged(
            path,
            f"it is cut off or corrupt: tensor {name!r} ends at byte {offsets[1]:.6g} of the data, "
            f"and the file holds {available} bytes of data",
        )
    # an axis of length 0 makes an array empty, but NumPy wants the other axes to fit all the same
    if math.prod(size or 1 for size in shape) * _DTYPES[dtype] > _MAX_BYTES:
        raise damaged(path, f"tensor {name!r} has the impossible shape {fields['shape']!r:.100}")
    if math.prod(shape) * _DTYPES[dtype] != offsets[1] - offsets[0]:
        raise damaged(
            path,
            f"tensor {name!r} of dtype {dtype} and shape {shape} does not fill the "
            f"{offsets[1] - offsets[0]} bytes that the header gives it",
        )


def _sizes(value: object) -> list[int] | None:
    """Read a list of integers that are not negative, or None if it is anything else."""
    if not isinstance(value, list):
        return None
    sizes = [item for item in cast("list[object]", value) if type(item) is int and item >= 0]
    return sizes if len(sizes) == len(cast("list[object]", value)) else None
