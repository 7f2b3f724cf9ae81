"""``scipy.signal``: convolution and correlation of arrays with any number of axes."""

from __future__ import annotations

from math import log2, prod
from typing import Any, cast

import numpy as np
from scipy import fft

from chainrule.core.errors import ShapeError
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.convolution import FULL, VALID, convolution, convolved_shape, larger_first
from chainrule.ops.define import Array, as_dtype, as_operand
from chainrule.ops.elementwise import conj, is_complex, rint
from chainrule.ops.indexing import getitem
from chainrule.ops.reductions import flip


def convolve(in1: Array, in2: Array, mode: str = "full", method: str = "auto") -> Array:
    """``scipy.signal.convolve``: ``c_k = sum_i in1_{k-i} in2_i`` over all axes, linear in each.

    Args:
        in1: an array.
        in2: an array of as many axes, such as a kernel.
        mode: "full", every overlap; "valid", those where the smaller one lies in the larger one;
            "same", the middle part of "full", of the shape of ``in1``.
        method: "direct", the sum as it stands; "fft", by Fourier transforms, with rounding errors
            of the size of the largest entries; "auto", the latter where it is much faster.

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
    if method not in ("auto", "direct", "fft"):
        raise ValueError(f"convolve: method is {method!r}, must be 'auto', 'direct' or 'fft'")
    if mode not in (FULL, VALID, "same"):
        raise ValueError(f"convolve: mode is {mode!r}, must be 'full', 'valid' or 'same'")
    shape, other = shape_of(in1), shape_of(in2)
    rank = len(shape)
    if rank != len(other):
        raise ShapeError(f"convolve: arrays of {shape} and {other} differ in their number of axes")
    if rank == 0:
        return in1 * in2
    if mode == VALID and any(n > m for m, n in zip(shape, other, strict=True)):
        in1, in2, shape, other = in2, in1, other, shape
    if method == "fft" or (method == "auto" and _is_faster_by_fft(in1, in2)):
        whole = _by_fft(in1, in2)
        if mode == VALID:
            return _part(whole, convolved_shape(shape, other, VALID))
    elif mode == VALID:
        return convolution(in1, in2, mode=VALID, rank=rank)
    else:
        whole = convolution(*larger_first(in1, in2, rank), mode=FULL, rank=rank)
    return whole if mode == FULL else _part(whole, shape)


def _part(whole: Array, shape: tuple[int, ...]) -> Array:
    """The middle of an array."""
    starts = [(full - n) // 2 for full, n in zip(shape_of(whole), shape, strict=True)]
    return getitem(whole, index=tuple(slice(i, i + n) for i, n in zip(starts, shape, strict=True)))


def _is_faster_by_fft(in1: Array, in2: Array) -> bool:
    """By the number of operations; whole numbers are left exact."""
    if not {type_of(x).dtype.kind for x in (in1, in2)} & {"f", "c"}:
        return False
    size = prod(convolved_shape(shape_of(in1), shape_of(in2), FULL))
    return type_of(in1).size * type_of(in2).size > 60 * size * log2(size + 1)


def _by_fft(in1: Array, in2: Array) -> Array:
    """The convolution theorem; lengths are rounded up to ones that transform fast."""
    shape = convolved_shape(shape_of(in1), shape_of(in2), FULL)
    dtype = np.result_type(type_of(in1).dtype, type_of(in2).dtype)
    lengths: list[int] = [cast("Any", fft).next_fast_len(n) for n in shape]
    axes = tuple(range(len(shape)))
    if dtype.kind == "c":
        spectrum = np.fft.fftn(in1, lengths, axes) * np.fft.fftn(in2, lengths, axes)
        whole: Array = np.fft.ifftn(spectrum, lengths, axes)
    else:
        spectrum = np.fft.rfftn(in1, lengths, axes) * np.fft.rfftn(in2, lengths, axes)
        whole = np.fft.irfftn(spectrum, lengths, axes)
    if dtype.kind not in "fc":
        whole = rint(whole)
    return as_dtype(getitem(whole, index=tuple(slice(0, n) for n in shape)), dtype)


def correlate(in1: Array, in2: Array, mode: str = "full", method: str = "auto") -> Array:
    """``scipy.signal.correlate``: :func:`convolve` with ``conj(in2)`` reversed.

    >>> import numpy as np
    >>> correlate(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.5]))
    array([0.5, 2. , 3.5, 3. , 0. ])
    """
    in2 = as_operand(in2)
    turned = flip(conj(in2) if is_complex(in2) else in2, axes=tuple(range(len(shape_of(in2)))))
    return convolve(in1, turned, mode, method)
