"""How wide a text will be, without a font at hand.

Of each character the wider of two is taken: Liberation Sans, which has the widths of Arial and
Helvetica, and DejaVu Sans, the widest font that systems put in for a sans-serif one. So no text
leaves its box, whatever font the reader has.
"""

from __future__ import annotations

import unicodedata

# thousandths of the font size, from the space to the tilde
_WIDTHS = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,  # to /
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 556,  # to ?
    1015, 684, 686, 722, 770, 667, 611, 778, 752, 295, 500, 667, 557, 863, 748, 787,  # to O
    667, 787, 722, 667, 611, 732, 684, 989, 685, 667, 685, 390, 337, 390, 838, 556,  # to _
    500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,  # to o
    635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
)  # fmt: skip
_BOLD = 1.12


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text in pixels, at most, at a font size in pixels.

    >>> width_of("tanh", 10), width_of("∂C/∂w", 10) > width_of("dC/dw", 10)
    (22.73, True)
    """
    total = sum(map(_width, text)) / 1000 * size
    return round(total * (_BOLD if bold else 1.0), 2)


def _width(character: str) -> int:
    code = ord(character) - 32
    if 0 <= code < len(_WIDTHS):
        return _WIDTHS[code]
    if unicodedata.combining(character):
        return 0
    return 1000 if unicodedata.east_asian_width(character) in "WFA" else 850


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, the last of them an ellipsis if some are left out.

    >>> shortened("float64[512, 784]", 10)
    'float64[5…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"
