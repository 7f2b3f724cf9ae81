"""Small images in the terminal."""

from __future__ import annotations

import numpy as np
from rich.console import Console

from chainrule.cli.pictures import picture, side_by_side

PLAIN = Console(color_system=None)
COLOURS = Console(color_system="truecolor", force_terminal=True)


def test_shades_without_colours():
    lines = picture(np.array([[0.0, 0.5, 1.0]]), PLAIN)
    assert [line.plain for line in lines] == [" =@"] or [line.plain for line in lines] == [" -@"]
    signed = picture(np.array([[-2.0, 0.0, 2.0]]), PLAIN, signed=True)
    assert [line.plain for line in signed] == ["@ $"]


def test_nothing_to_see_is_blank():
    assert picture(np.zeros((2, 2)), PLAIN)[0].plain == "  "
    assert picture(np.zeros((2, 2)), PLAIN, signed=True)[0].plain == "  "


def test_two_pixels_a_character_with_colours():
    lines = picture(np.array([[0.0], [1.0], [0.0]]), COLOURS)
    assert [line.plain for line in lines] == ["▀", "▀"]
    style = lines[0].spans[0].style
    assert (style.color.triplet, style.bgcolor.triplet) == ((0, 0, 0), (255, 255, 255))
    signed = picture(np.array([[-1.0], [0.0]]), COLOURS, signed=True)[0].spans[0].style
    assert (signed.color.triplet, signed.bgcolor.triplet) == ((179, 88, 6), (247, 247, 247))


def test_side_by_side():
    rows = side_by_side([("left", picture(np.eye(3), PLAIN)), ("b", picture(np.eye(3), PLAIN))])
    assert [row.plain for row in rows] == ["left    b", "@       @", " @       @", "  @       @"]
