"""The example that is looked at: one of the test examples, or a digit that somebody drew.

The page names it by a text that its address can hold: ``"8"`` is test example 8; ``"5:AAD..."`` is
a drawing that shall be a 5, sixteen levels of grey for each pixel, two pixels a byte, in base64.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.data.dataset import Dataset
from chainrule.explorer.subjects import target_row

Array = Any
LEVELS = 15  # of grey above white, in a drawing


@dataclass(frozen=True, eq=False)
class Example:
    """Input ``x`` (1, n_in), target row ``y`` (1, n_out), and the class number, if any."""

    name: str
    x: Array
    y: Array
    label: int | None


def example_named(name: str, data: Dataset, dtype: Any) -> Example:
    """The example that a text names.

    Raises:
        ArgumentError: it names none.
    """
    label, drawn, pixels = name.partition(":")
    number = int(label) if label.isascii() and label.isdigit() and len(label) < 10 else -1
    if drawn:
        if not 0 <= number < len(data.classes):
            raise ArgumentError(
                f"a drawing needs one of {len(data.classes)} classes, not {label!r}"
            )
        x = drawing_of(pixels, data.n_in).astype(dtype)
        return Example(name, x[None], target_row(data, number, dtype), number)
    if not 0 <= number < len(data.test):
        raise ArgumentError(f"there are {len(data.test):,} examples, numbered from 0; not {name!r}")
    y = data.test.Y[number]
    x = data.test.X[number : number + 1].astype(dtype)
    return Example(name, x, target_row(data, y, dtype), int(y) if data.classes else None)


def drawing_of(text: str, pixels: int) -> Array:
    """The pixels of a drawing, from 0 to 1.

    >>> drawing_of("D/A=", 4)
    array([0., 1., 1., 0.])
    """
    try:
        packed = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except (binascii.Error, ValueError):
        packed = np.zeros(0, np.uint8)
    levels = np.stack([packed >> 4, packed & 15], axis=1).reshape(-1)
    if not pixels <= levels.size <= pixels + 1:
        raise ArgumentError(f"a drawing has {pixels} pixels of four bits each, in base64")
    return levels[:pixels] / LEVELS


def drawing_text(pixels: Array) -> str:
    """Pixels from 0 to 1 as the text of a drawing, to the nearest of sixteen levels.

    >>> drawing_text(np.array([0.0, 1.0, 1.0, 0.0]))
    'D/A='
    """
    levels = np.round(np.append(pixels, 0.0)[: pixels.size + pixels.size % 2] * LEVELS)
    high, low = levels.astype(np.uint8).reshape(-1, 2).T
    return base64.b64encode((high << 4 | low).tobytes()).decode()
