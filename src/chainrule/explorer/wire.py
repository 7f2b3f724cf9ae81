"""How an answer travels: JSON, with its arrays behind it as float32 buffers.

Four bytes, little-endian, say how long the JSON is; it is padded with spaces so that the buffers
begin at a multiple of four, and the page reads them where they lie. An array stands in the JSON as
``{"$tensor": [first, shape]}``, ``first`` counting floats; NaN and the infinities, which JSON has
not, as ``{"$float": "nan"}``. The other side of this is ``web/src/engine/wire.ts``.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

Plain = Any  # what JSON has, and NumPy arrays and scalars, nested


def encode(answer: Plain) -> bytes:
    """An answer as bytes.

    >>> encode({"x": np.array([1.0, 2.0])})[4:44]
    b'{"x":{"$tensor":[0,[2]]}}   \\x00\\x00\\x80?\\x00\\x00\\x00@'
    """
    buffers: list[bytes] = []
    text = json.dumps(_plain(answer, buffers), separators=(",", ":"), allow_nan=False)
    head = text.encode()
    head += b" " * (-len(head) % 4)
    return b"".join([struct.pack("<I", len(head)), head, *buffers])


def plain(x: Plain) -> Plain:
    """What an event tells, as JSON has it: arrays as lists, NaN as in an answer.

    >>> plain({"cost": np.float64("nan"), "norms": np.array([1.0, 2.0])})
    {'cost': {'$float': 'nan'}, 'norms': [1.0, 2.0]}
    """
    if isinstance(x, np.ndarray):
        return plain(cast("Plain", x).tolist())
    if isinstance(x, Mapping):
        return {str(k): plain(v) for k, v in cast("Mapping[Any, Plain]", x).items()}
    if isinstance(x, Sequence) and not isinstance(x, str):
        return [plain(each) for each in cast("Sequence[Plain]", x)]
    return _plain(x, [])


def _plain(x: Plain, buffers: list[bytes]) -> Plain:
    """``x`` with its arrays put into ``buffers``."""
    if isinstance(x, np.ndarray):
        return _tensor(cast("Plain", x), buffers)
    if isinstance(x, np.generic):
        return _plain(cast("Plain", x.item()), buffers)
    if isinstance(x, float):
        return x if math.isfinite(x) else {"$float": str(x)}
    if isinstance(x, Mapping):
        items = cast("Mapping[Any, Plain]", x).items()
        return {str(key): _plain(value, buffers) for key, value in items}
    if isinstance(x, Sequence) and not isinstance(x, str):
        return [_plain(each, buffers) for each in cast("Sequence[Plain]", x)]
    return cast("Plain", x)


def _tensor(x: Plain, buffers: list[bytes]) -> Plain:
    first = sum(map(len, buffers)) // 4
    with np.errstate(over="ignore"):  # beyond the range of float32 it is infinite, and shown so
        buffers.append(np.ascontiguousarray(x, "<f4").tobytes())
    return {"$tensor": [first, list(x.shape)]}
