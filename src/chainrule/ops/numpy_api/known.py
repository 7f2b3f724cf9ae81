"""Whole numbers that decide a shape, so that their values must be known."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array
from chainrule.ops.indexing import mask_positions, read
from chainrule.ops.shaping import reshape


def known(x: Any) -> Any:
    """Integers or truth values as a plain array; traced ones are looked at (``core/peek.py``).

    Where only types are known, the error of ``operator.index`` or of a mask says so.
    """
    if not isinstance(x, TracedValue):
        array = np.asarray(x)
        return array.astype(np.intp) if isinstance(x, list) and not array.size else array
    here = shape_of(x)
    if type_of(x).dtype.kind == "b" and here:
        mask = np.zeros(here, np.bool_)
        mask[mask_positions(x)] = True
        return mask
    flat: Array = reshape(x, shape=(type_of(x).size,))
    numbers = [operator.index(read(flat, i)) for i in range(shape_of(flat)[0])]
    return np.array(numbers, np.intp).reshape(here)
