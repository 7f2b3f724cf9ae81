"""Small images in the terminal: two pixels a character, or shades of characters without colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

Array = Any

_SHADES = " .:-=+*#%@"
_HALF = "▀"  # the upper half of a character cell; the lower half is its background
# PuOr of ColorBrewer: brown below zero, violet above, which colour-blind readers can tell apart.
_BELOW, _MIDDLE, _ABOVE = (179, 88, 6), (247, 247, 247), (84, 39, 136)
_SIGNED_SHADES = "@#*=- ·:+%$"


def picture(image: Array, console: Console, *, signed: bool = False) -> list[Text]:
    """An image of numbers, in lines for a console.

    ``signed``: zero is the middle, and both signs have a colour; else the least is black and the
    largest white. Without colours there are characters, one pixel each: ``@#*=-`` for negative
    ones and ``:+%$`` for positive ones if signed.

    >>> lines = picture(np.eye(2), Console(color_system=None))
    >>> [line.plain for line in lines]
    ['@ ', ' @']
    """
    shades = _signed(image) if signed else _unsigned(image)
    if console.color_system is None:
        characters = _SIGNED_SHADES if signed else _SHADES
        places = np.rint(shades * (len(characters) - 1)).astype(int)
        return [Text("".join(characters[i] for i in row)) for row in places]
    colours = _blend(shades) if signed else np.repeat(255 * shades[..., None], 3, axis=2)
    pixels = np.rint(colours).astype(int)
    if len(pixels) % 2:
        pixels = np.concatenate([pixels, pixels[-1:]])
    return [_line(upper, lower) for upper, lower in zip(pixels[::2], pixels[1::2], strict=True)]


def side_by_side(pictures: list[tuple[str, list[Text]]], gap: int = 4) -> list[Text]:
    """Pictures of equal height beside each other, each under its title."""
    columns = [[Text(title, "bold"), *lines] for title, lines in pictures]
    widths = [max(line.cell_len for line in column) for column in columns]
    rows: list[Text] = []
    for parts in zip(*columns, strict=True):
        row = Text()
        for part, width in zip(parts, widths, strict=True):
            row.append_text(part)
            row.append(" " * (width - part.cell_len + gap))
        row.rstrip()
        rows.append(row)
    return rows


def _unsigned(image: Array) -> Array:
    least, span = image.min(), np.ptp(image)
    return (image - least) / span if span else np.zeros(image.shape)


def _signed(image: Array) -> Array:
    largest = np.abs(image).max()
    return 0.5 + image / (2 * largest) if largest else np.full(image.shape, 0.5)


def _blend(shades: Array) -> Array:
    """From one colour over white to the other."""
    below, middle, above = (np.array(c, float) for c in (_BELOW, _MIDDLE, _ABOVE))
    t = 2 * shades[..., None] - 1
    nearer: Array = np.where(t < 0, below, above)
    return middle + (nearer - middle) * np.abs(t)


def _line(upper: Array, lower: Array) -> Text:
    line = Text()
    for a, b in zip(upper.tolist(), lower.tolist(), strict=True):
        line.append(_HALF, Style(color=Color.from_rgb(*a), bgcolor=Color.from_rgb(*b)))
    return line
