"""A drawing made as MNIST's digits were made: scaled into a box, its centre of mass in the middle.

LeCun, Cortes and Burges (1998), "The MNIST database": each digit was scaled into 20 x 20 pixels,
its aspect kept, and moved by whole pixels so that its centre of mass is in the middle of 28 x 28.
A network that learned such digits knows no others.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from scipy import ndimage

Array = Any
_ndimage = cast("Any", ndimage)  # its types are not known to the last
SHARE = 20 / 28  # of the shorter side of an image: the box


def centred(ink: Array) -> Array:
    """The drawing ``ink`` (rows, columns), from 0 to 1, in its box in the middle.

    An image without ink stays as it is, as does one that was made so before.

    >>> ink = np.zeros((7, 7))
    >>> ink[0, 0:5] = 1.0
    >>> centred(ink)[3]
    array([0., 1., 1., 1., 1., 1., 0.])
    """
    shape = np.array(ink.shape)
    if not ink.any():
        return ink
    first, last = _bounds(ink)
    side = round(SHARE * float(shape.min()))
    scale = side / float((last - first).max() + 1)
    # Shrinking leaves pixels out, so each takes its neighbours in before.
    smooth = _ndimage.gaussian_filter(ink, (1 / scale - 1) / 2) if scale < 1 else ink
    centre = (np.array(_ndimage.center_of_mass(ink)) - first + 0.5) * scale - 0.5  # in the box
    moved = cast("Array", np.round(shape // 2 - centre))
    # Pixel o of the image is found at (o - moved + 1/2) / scale - 1/2 + first of the drawing.
    offset = (0.5 - moved) / scale - 0.5 + first
    found = _ndimage.affine_transform(smooth, np.full(2, 1 / scale), offset, order=1)
    return np.clip(found, 0.0, 1.0)


def _bounds(ink: Array) -> tuple[Array, Array]:
    """The first and the last row and column with ink."""
    where = np.argwhere(ink > 0)
    return where.min(axis=0), where.max(axis=0)
