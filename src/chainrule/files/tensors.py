"""Named arrays in one safetensors file, with a checksum.

It rests on the safetensors library, which other frameworks read and write too; a file holds
numbers and names and never code. To the library this adds what training needs: files that replace
their predecessor at once (``atomic.py``), a header that is checked before memory is taken
(``header.py``), a SHA-256 over the whole content, complex numbers, and equal bytes for equal
content. Nested containers are the matter of ``parameters.py``.

All our metadata is one JSON string under the key ``chainrule``: the library writes the entries of
the metadata in no fixed order.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as safetensors_bytes

from chainrule.core.errors import FileFormatError
from chainrule.files.atomic import write_atomic
from chainrule.files.header import RESERVED, damaged, read_header

Array: TypeAlias = NDArray[Any]
"""An array of any dtype and shape."""

_KEY = "chainrule"
# The beginning of our JSON string, by which it is known even if its key is damaged.
_MARK = '{"chainrule":1,'
# How complex numbers are stored: the last axis holds the real and the imaginary part.
_COMPLEX = {"complex64": "float32", "complex128": "float64"}
_PLAIN = {"float16", "float32", "float64", "bool"} | {
    f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)
}
_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class _Envelope:
    """What our JSON string in the metadata says."""

    metadata: dict[str, str]
    complex_names: tuple[str, ...]
    sha256: str

    def to_text(self) -> str:
        """Write it as the JSON string; equal content gives equal text."""
        fields = {
            "chainrule": 1,
            "complex": list(self.complex_names),
            "metadata": dict(sorted(self.metadata.items())),
            "sha256": self.sha256,
        }
        return json.dumps(fields, separators=(",", ":"))


def save_tensors(
    path: str | os.PathLike[str],
    tensors: Mapping[str, Array],
    metadata: Mapping[str, str] = _EMPTY,
) -> None:
    """Write named arrays, and strings beside them, to one safetensors file.

    Arrays of any memory layout and byte order are taken; dtypes are bool, integers of 8 to 64 bits,
    float16, float32, float64, complex64 and complex128 (complex numbers are stored as pairs of
    floats). Equal content gives equal bytes. The file replaces an old one at once and has reached
    the disk when this returns.

    Errors: :class:`~chainrule.FileFormatError` for a name or dtype that the format cannot hold;
    ``OSError`` when the disk refuses. An old file is intact then.

    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.safetensors")
    >>> save_tensors(path, {"weights": np.eye(2, dtype=np.float32)}, {"made": "by hand"})
    >>> tensors, metadata = load_tensors(path)
    >>> tensors["weights"].tolist(), metadata
    ([[1.0, 0.0], [0.0, 1.0]], {'made': 'by hand'})
    """
    content = {name: _storable(name, tensors[name], path) for name in _checked_names(tensors, path)}
    for key, text in metadata.items():
        if not isinstance(key, str) or not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise FileFormatError(f"{os.fspath(path)}: metadata {key!r} is not a string.")
    complex_names = tuple(name for name, array in content.items() if array.dtype.name in _COMPLEX)
    envelope = _Envelope(dict(metadata), complex_names, _digest(content, metadata))
    stored = {
        name: _as_pairs(array) if name in complex_names else array
        for name, array in content.items()
    }
    try:
        data = safetensors_bytes(stored, {_KEY: envelope.to_text()})
    except SafetensorError as error:
        raise FileFormatError(
            f"{os.fspath(path)}: safetensors cannot hold this content ({error}); "
            f"save less in one file."
        ) from error
    write_atomic(path, data)


def load_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """Read the arrays, sorted by name, and the metadata of a safetensors file.

    Arrays are new, writeable and C-contiguous. The checksum is verified if the file has one, which
    files of other programs have not.

    Errors: :class:`~chainrule.FileFormatError` when the file is cut off, corrupt or not
    safetensors, or holds a dtype that NumPy lacks; ``OSError`` when it cannot be read.

    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.safetensors")
    >>> save_tensors(path, {"biases": np.zeros(3), "steps": np.array(7)})
    >>> load_tensors(path)
    ({'biases': array([0., 0., 0.]), 'steps': array(7)}, {})
    """
    header = read_header(path)
    envelope = _envelope(header.metadata, path)
    try:
        with cast(Any, safe_open(path, framework="numpy")) as file:
            # the library's arrays are views of its buffers; a copy is the user's own
            tensors = {n: np.array(file.get_tensor(n)) for n in header.names}
    except SafetensorError as error:
        raise damaged(path, f"it is corrupt ({error})") from error
    for name, array in tensors.items():
        if array.dtype == np.bool_ and array.size and array.view(np.uint8).max() > 1:
            raise damaged(path, f"tensor {name!r} of booleans holds bytes other than 0 and 1")
    if envelope is None:
        return tensors, header.metadata
    for name in envelope.complex_names:
        tensors[name] = _from_pairs(name, tensors, path)
    if _digest(tensors, envelope.metadata) != envelope.sha256:
        raise damaged(path, "its content does not match its checksum")
    return tensors, envelope.metadata


def _checked_names(tensors: Mapping[str, Array], path: str | os.PathLike[str]) -> list[str]:
    """Check that names are strings that the format can hold, and sort them."""
    for name in tensors:
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise FileFormatError(f"{os.fspath(path)}: the tensor name {name!r} is not a string.")
        if name == RESERVED or any("\ud800" <= letter <= "\udfff" for letter in name):
            raise FileFormatError(
                f"{os.fspath(path)}: safetensors cannot hold a tensor named {name!r}; rename it."
            )
    return sorted(tensors)


def _storable(name: str, array: object, path: str | os.PathLike[str]) -> Array:
    """Check an array and lay it out as the file does: C order, little-endian."""
    # a masked array would lose its mask without a word
    if not isinstance(array, np.ndarray) or isinstance(cast(object, array), np.ma.MaskedArray):
        raise FileFormatError(
            f"{os.fspath(path)}: tensor {name!r} is a {type(cast(object, array)).__name__}; "
            f"give a plain NumPy array."
        )
    values = cast(Array, array)
    if values.dtype.name not in _PLAIN and values.dtype.name not in _COMPLEX:
        raise FileFormatError(
            f"{os.fspath(path)}: tensor {name!r} has dtype {values.dtype}, which safetensors "
            f"cannot hold; convert it to booleans, or to integers, floats or complex numbers of at "
            f"most 64 bits a part."
        )
    # safetensors writes the bytes in the order in which they lie in memory, whatever the strides
    return np.asarray(values, dtype=values.dtype.newbyteorder("<"), order="C")


def _as_pairs(array: Array) -> Array:
    """View complex numbers as floats with one more axis, of length 2."""
    floats = array.reshape(-1).view(_COMPLEX[array.dtype.name])
    return floats.reshape((*array.shape, 2))


def _from_pairs(name: str, tensors: dict[str, Array], path: str | os.PathLike[str]) -> Array:
    """View floats whose last axis has length 2 as complex numbers."""
    pairs = tensors.get(name, np.empty(0, np.int8))
    wanted = {floats: dtype for dtype, floats in _COMPLEX.items()}.get(pairs.dtype.name)
    if wanted is None or pairs.shape[-1:] != (2,):
        raise damaged(path, f"tensor {name!r} does not hold the pairs that its metadata promises")
    # a copy, because a view would not own its memory
    return np.array(pairs.reshape(-1).view(wanted).reshape(pairs.shape[:-1]))


def _digest(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> str:
    """Compute the SHA-256 of names, dtypes, shapes, values and metadata."""
    names = sorted(tensors)
    described = [(name, tensors[name].dtype.name, tensors[name].shape) for name in names]
    sha256 = hashlib.sha256(json.dumps([described, sorted(metadata.items())]).encode("ascii"))
    for name in names:
        array = tensors[name]
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        sha256.update(little.reshape(-1).view(np.uint8).data)
    return sha256.hexdigest()


def _envelope(metadata: Mapping[str, str], path: str | os.PathLike[str]) -> _Envelope | None:
    """Read our JSON string, or None if another program wrote the file."""
    if _KEY not in metadata and not any(text.startswith(_MARK) for text in metadata.values()):
        return None
    wrong = damaged(path, "its metadata is corrupt")
    try:
        value = cast(object, json.loads(metadata.get(_KEY, "")))
    except (ValueError, RecursionError) as error:
        raise wrong from error
    fields = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    names, strings, sha256 = (fields.get(key) for key in ("complex", "metadata", "sha256"))
    if (
        len(metadata) > 1
        or set(fields) != {"chainrule", "complex", "metadata", "sha256"}
        or not (isinstance(names, list) and isinstance(strings, dict) and isinstance(sha256, str))
    ):
        raise wrong
    texts = {key: str(text) for key, text in cast("dict[str, object]", strings).items()}
    return _Envelope(texts, tuple(map(str, cast("list[object]", names))), sha256)
