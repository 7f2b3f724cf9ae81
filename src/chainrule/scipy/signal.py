"""``scipy.signal``: convolution and correlation of arrays with any number of axes."""

from __future__ import annotations

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of
from chainrule.ops.convolution import FULL, VALID, convolution, larger_first
from chainrule.ops.define import Array, as_operand
from chainrule.ops.elementwise import conj, is_complex
from chainrule.ops.indexing import getitem
from chainrule.ops.reductions import flip


def convolve(in1: Array, in2: Array, mode: str = "full", method: str = "auto") -> Array:
    """``scipy.signal.convolve``: ``c_k = sum_i in1_{k-i} in2_i`` over all axes, linear in each.

    Args:
        in1: an array.
        in2: an array of as many axes, such as a kernel.
        mode: "full", every overlap; "valid", those where the smaller one lies in the larger one;
            "same", the middle part of "full", of the shape of ``in1``.
        method: "direct", the sum as it stands, which is what "auto" takes.

    Raises:
        ShapeError: the numbers of axes differ, or with "valid" neither array is the larger one.
        ValueError: ``mode`` or ``method`` is none of these.

    >>> import numpy as np, chainrule as cr
    >>> image, edge = np.arange(9.0).reshape(3, 3), np.array([[1.0, -1.0]])
    >>> convolve(image, edge, mode="valid")
    array([[1., 1.],
           [1., 1.],
           [1., 1.]])
    >>> cr.grad(lambda k: convolve(image, k, mode="valid")[0, 0])(edge)
    array([[1., 0.]])
    """
    in1, in2 = as_operand(in1), as_operand(in2)
    if method not in ("auto", "direct"):
        raise ValueError(f"convolve: method is {method!r}, must be 'auto' or 'direct'")
    if mode not in (FULL, VALID, "same"):
        raise ValueError(f"convolve: mode is {mode!r}, must be 'full', 'valid' or 'same'")
    shape, other = shape_of(in1), shape_of(in2)
    rank = len(shape)
    if rank != len(other):
        raise ShapeError(f"convolve: arrays of {shape} and {other} differ in their number of axes")
    if rank == 0:
        return in1 * in2
    if mode == VALID:
        if any(n > m for m, n in zip(shape, other, strict=True)):
            in1, in2 = in2, in1
        return convolution(in1, in2, mode=VALID, rank=rank)
    whole = convolution(*larger_first(in1, in2, rank), mode=FULL, rank=rank)
    if mode == FULL:
        return whole
    starts = [(full - n) // 2 for full, n in zip(shape_of(whole), shape, strict=True)]
    return getitem(whole, index=tuple(slice(i, i + n) for i, n in zip(starts, shape, strict=True)))


def correlate(in1: Array, in2: Array, mode: str = "full", method: str = "auto") -> Array:
    """``scipy.signal.correlate``: :func:`convolve` with ``conj(in2)`` reversed.

    >>> import numpy as np
    >>> correlate(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.5]))
    array([0.5, 2. , 3.5, 3. , 0. ])
    """
    in2 = as_operand(in2)
    turned = flip(conj(in2) if is_complex(in2) else in2, axes=tuple(range(len(shape_of(in2)))))
    return convolve(in1, turned, mode, method)
