"""Ways to damage a file, and what must follow."""

import resource
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from chainrule.core.errors import FileFormatError


def safetensors_file(header: bytes, data: bytes = b"", length: int | None = None) -> bytes:
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def survives(path: Path, content: bytes, read: Callable[[Path], object], right: Callable) -> bool:
    """Read a damaged file: the right content, or a FileFormatError that names it."""
    path.write_bytes(content)
    try:
        result = read(path)
    except FileFormatError as error:
        assert str(path) in str(error)
        assert len(str(error)) < 600
        return False
    assert right(result)
    return True


@contextmanager
def little_memory(more: int = 300 * 2**20) -> Iterator[None]:
    """Let the process take only a little more address space: a huge allocation fails."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + more, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def same_arrays(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Compare names, dtypes, shapes and bits."""
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype
        and one[name].shape == other[name].shape
        and one[name].tobytes() == other[name].tobytes()
        for name in one
    )
