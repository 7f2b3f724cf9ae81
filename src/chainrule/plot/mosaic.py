"""Many small images in one Axes: tiles side by side, with a caption each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.plot.canvas import Axes

Array = Any


def image_shape(shape: Sequence[int] | None, n: int, what: str) -> tuple[int, int]:
    """Rows and columns of an image of ``n`` numbers: those given, or those of a square.

    >>> image_shape(None, 784, "an example")
    (28, 28)
    """
    if shape is None:
        side = math.isqrt(n)
        if side * side != n:
            raise ShapeError(
                f"{what} has {n} numbers, which make no square; give shape=(rows, columns)"
            )
        return side, side
    if len(shape) != 2 or math.prod(shape) != n:
        raise ShapeError(f"shape {tuple(shape)} is not rows x columns of the {n} numbers of {what}")
    return int(shape[0]), int(shape[1])


def columns_of(n: int, given: int | None) -> int:
    """How many tiles stand in a row: 5 to 12, without gaps in the last row where that can be.

    >>> columns_of(24, None), columns_of(30, None), columns_of(3, None)
    (6, 6, 3)
    """
    if given is not None or n <= 5:
        return given or n
    return min(range(5, 13), key=lambda c: (-n % c, abs(c - math.sqrt(2 * n))))


def size_of(n: int, columns: int, *, extra: float = 0.5) -> tuple[float, float]:
    """Inches for ``n`` tiles with captions."""
    return max(3.2, 0.78 * columns + 0.4), max(1.6, 0.95 * math.ceil(n / columns) + extra)


def tiles(images: Array, columns: int, gap: float = 0.35) -> tuple[Array, list[tuple[int, int]]]:
    """One image of all, NaN between the tiles, and the place (row, column) of each tile's corner.

    >>> whole, places = tiles(np.ones((3, 2, 2)), columns=2, gap=0.5)
    >>> whole.shape, places
    ((5, 5), [(0, 0), (0, 3), (3, 0)])
    """
    n, height, width = np.shape(images)
    down, right = height + max(1, round(gap * height)), width + max(1, round(0.12 * width))
    rows = math.ceil(n / columns)
    whole = np.full((rows * down - (down - height), columns * right - (right - width)), np.nan)
    places = [((i // columns) * down, (i % columns) * right) for i in range(n)]
    for image, (y, x) in zip(images, places, strict=True):
        whole[y : y + height, x : x + width] = image
    return whole, places


def draw(ax: Axes, images: Array, captions: Sequence[str], columns: int, **settings: Any) -> Any:
    """Draw images (n, rows, columns) with a caption above each; returns what ``imshow`` does."""
    whole, places = tiles(images, columns)
    drawn = ax.imshow(whole, **settings)
    width = np.shape(images)[2]
    for caption, (y, x) in zip(captions, places, strict=True):
        ax.text(
            x + (width - 1) / 2, y - 1, caption, ha="center", va="bottom", fontsize=7, clip_on=False
        )
    ax.set_axis_off()
    return drawn
