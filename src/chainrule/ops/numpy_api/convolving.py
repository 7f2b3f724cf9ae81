"""NumPy's convolution and correlation of two rows of numbers, linear in each."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.convolution import FULL, VALID, convolution
from chainrule.ops.define import Array, as_operand
from chainrule.ops.elementwise import conj, is_complex
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.reductions import flip
from chainrule.ops.shaping import reshape, slice_axis


def _row(x: Any, name: str) -> Array:
    x = as_operand(x)
    if len(shape_of(x)) > 1:
        raise ShapeError(
            f"{name} takes rows of numbers, not an array of shape {shape_of(x)}; for images there"
            " is cr.scipy.signal.convolve"
        )
    if type_of(x).size == 0:
        raise ValueError(f"{name}: an array cannot be empty")
    return x if shape_of(x) else reshape(x, shape=(1,))


@implements(np.convolve)
def convolve(a: Array, v: Array, mode: str = "full") -> Array:
    """``np.convolve`` in all its modes.

    >>> import chainrule as cr
    >>> cr.grad(lambda v: np.convolve(np.array([1.0, 2.0, 3.0]), v)[2])(np.array([5.0, 7.0]))
    array([3., 2.])
    """
    a, v = _row(a, "np.convolve"), _row(v, "np.convolve")
    if shape_of(v) > shape_of(a):
        a, v = v, a
    return _overlaps(a, v, mode, (shape_of(v)[0] - 1) // 2)


@implements(np.correlate)
def correlate(a: Array, v: Array, mode: str = "valid") -> Array:
    """``np.correlate``: ``c_k = sum_n a_{n+k} conj(v_n)``."""
    if not shape_of(as_operand(a)) or not shape_of(as_operand(v)):
        raise ShapeError("np.correlate takes rows of numbers; write a * np.conj(v) for single ones")
    a, v = _row(a, "np.correlate"), _row(v, "np.correlate")
    v = flip(conj(v) if is_complex(v) else v, axes=(0,))
    if shape_of(v) > shape_of(a):
        return _overlaps(v, a, mode, shape_of(a)[0] // 2)
    return _overlaps(a, v, mode, (shape_of(v)[0] - 1) // 2)


def _overlaps(a: Array, v: Array, mode: str, begin: int) -> Array:
    if mode in (FULL, VALID):
        return convolution(a, v, mode=mode, rank=1)
    if mode != "same":
        raise ValueError(f"mode is {mode!r}, must be 'full', 'same' or 'valid'")
    length = shape_of(a)[0]
    return slice_axis(convolution(a, v, mode=FULL, rank=1), 0, begin, begin + length)
