"""Places in arrays and bits in numbers: ravel_multi_index, unravel_index, packbits ..."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from chainrule.core.errors import DTypeError
from chainrule.core.trace import TracedValue, shape_of, type_of
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.numpy_api.implements import constant
from chainrule.ops.numpy_api.selecting import within
from chainrule.ops.numpy_api.shapes import moveaxis
from chainrule.ops.reductions import sum_p
from chainrule.ops.shaping import concatenate, reshape, slice_axis

_INTP = np.dtype(np.intp)


def _strides(dims: Sequence[int], order: str) -> list[int]:
    if order not in ("C", "F"):
        raise ValueError("only 'C' or 'F' order is permitted")
    n = len(dims)
    parts = [dims[i + 1 :] if order == "C" else dims[:i] for i in range(n)]
    return [math.prod(part) for part in parts]


def _integers(x: Any, name: str) -> Array:
    x = as_operand(x)
    if type_of(x).dtype.kind not in "iu":
        raise DTypeError(f"{name}: indices must be integers, got {type_of(x)}")
    return as_dtype(x, _INTP)


@constant(np.ravel_multi_index)
def ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: str = "C") -> Array:
    """``np.ravel_multi_index``; that indices are in range is checked where they are known."""
    sizes = [int(n) for n in np.atleast_1d(dims)]
    parts = [_integers(x, "ravel_multi_index") for x in multi_index]
    if len(parts) != len(sizes):
        raise ValueError(f"parameter multi_index must be a sequence of length {len(sizes)}")
    modes = [mode] * len(sizes) if isinstance(mode, str) else [*mode]
    for x, n, how in zip(parts, sizes, modes, strict=True):
        if how == "raise" and not isinstance(x, TracedValue) and np.any((x < 0) | (x >= n)):
            raise ValueError("invalid entry in coordinates array")
    total = 0
    for x, n, how, stride in zip(parts, sizes, modes, _strides(sizes, order), strict=True):
        total = total + within(x, n, how) * stride
    return total


@constant(np.unravel_index)
def unravel_index(indices: Any, shape: Any, order: str = "C") -> tuple[Array, ...]:
    """``np.unravel_index``; that indices are in range is checked where they are known."""
    sizes = [int(n) for n in np.atleast_1d(shape)]
    places = _integers(indices, "unravel_index")
    if not isinstance(indices, TracedValue):
        return cast("Any", np.unravel_index)(places, tuple(sizes), order)
    return tuple(
        (places // stride) % n for n, stride in zip(sizes, _strides(sizes, order), strict=True)
    )


@constant(np.tril_indices_from)
def tril_indices_from(arr: Array, k: int = 0) -> Any:
    """``np.tril_indices_from``: of the shape alone."""
    _require_matrix(arr)
    return np.tril_indices(shape_of(arr)[-2], k=k, m=shape_of(arr)[-1])


@constant(np.triu_indices_from)
def triu_indices_from(arr: Array, k: int = 0) -> Any:
    """``np.triu_indices_from``: of the shape alone."""
    _require_matrix(arr)
    return np.triu_indices(shape_of(arr)[-2], k=k, m=shape_of(arr)[-1])


def _require_matrix(arr: Array) -> None:
    if len(shape_of(arr)) != 2:
        raise ValueError("input array must be 2-d")


@constant(np.diag_indices_from)
def diag_indices_from(arr: Array) -> Any:
    """``np.diag_indices_from``: of the shape alone."""
    shape = shape_of(arr)
    if len(shape) < 2:
        raise ValueError("input array must be at least 2-d")
    if len(set(shape)) != 1:
        raise ValueError("All dimensions of input must be of equal length")
    return np.diag_indices(shape[0], len(shape))


# ---- bits ----------------------------------------------------------------------------------------

_BYTE = np.dtype(np.uint8)


def _bit_axis(a: Array, axis: int | None) -> tuple[Array, int]:
    """The array with the axis of bits at the end, and where that axis was."""
    if axis is None:
        return reshape(a, shape=(type_of(a).size,)), 0
    axis = axis_of(axis, len(shape_of(a)))
    return moveaxis(a, axis, -1), axis


def _shifts(bitorder: str) -> Any:
    if bitorder not in ("big", "little"):
        raise ValueError("'bitorder' must be either 'little' or 'big'")
    shifts = np.arange(8, dtype=_BYTE)
    return shifts[::-1] if bitorder == "big" else shifts


@constant(np.packbits)
def packbits(a: Array, /, axis: int | None = None, bitorder: str = "big") -> Array:
    """``np.packbits``: eight truth values become one byte."""
    a = as_operand(a)
    if type_of(a).dtype.kind not in "iub":
        raise TypeError("Expected an input array of integer or boolean data type")
    bits, axis = _bit_axis(a, axis)
    *lead, n = shape_of(bits)
    bits = bits if type_of(bits).dtype.kind == "b" else bits != 0
    if n % 8:
        bits = concatenate([bits, np.zeros((*lead, -n % 8), np.bool_)], len(lead))
    eights = as_dtype(reshape(bits, shape=(*lead, -(-n // 8), 8)), _BYTE) << _shifts(bitorder)
    return moveaxis(as_dtype(sum_p(eights, axes=(len(lead) + 1,)), _BYTE), -1, axis)


@constant(np.unpackbits)
def unpackbits(
    a: Array, /, axis: int | None = None, count: int | None = None, bitorder: str = "big"
) -> Array:
    """``np.unpackbits``: a byte becomes eight numbers 0 or 1."""
    a = as_operand(a)
    if type_of(a).dtype != _BYTE:
        raise TypeError("Expected an input array of unsigned byte data type")
    octets, axis = _bit_axis(a, axis)
    *lead, n = shape_of(octets)
    apart = (reshape(octets, shape=(*lead, n, 1)) >> _shifts(bitorder)) & np.uint8(1)
    bits = reshape(apart, shape=(*lead, 8 * n))
    wanted = 8 * n if count is None else int(count)
    if wanted < 0:
        wanted = max(8 * n + wanted, 0)
    if wanted > 8 * n:
        bits = concatenate([bits, np.zeros((*lead, wanted - 8 * n), _BYTE)], len(lead))
    return moveaxis(slice_axis(bits, len(lead), 0, wanted), -1, axis)
