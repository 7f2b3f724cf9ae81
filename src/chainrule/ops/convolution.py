"""Convolution along the last axes: bilinear, and each factor's transpose is a convolution again.

``full`` has every overlap, ``c_k = sum_i a_{k-i} v_i``; ``valid`` only those where all of ``v``
lies in ``a``, which must be as long. The two modes are each other's transposes, so derivatives of
any order cost what the function does; what NumPy and SciPy call ``same`` is a slice of ``full``.
Axes before the last ``rank`` are stacks, the same in both factors.
"""

from __future__ import annotations

import string
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.primitive import edge, primitive
from chainrule.core.trace import shape_of
from chainrule.ops.batch import Flags, with_axis
from chainrule.ops.define import Array, match, spread, ufunc_dtype
from chainrule.ops.reductions import flip

FULL, VALID = "full", "valid"


def convolved_shape(a: tuple[int, ...], v: tuple[int, ...], mode: str) -> tuple[int, ...]:
    """The lengths of a convolution's axes, of those of its factors."""
    if mode == FULL:
        return tuple(m + n - 1 for m, n in zip(a, v, strict=True))
    return tuple(m - n + 1 for m, n in zip(a, v, strict=True))


def larger_first(a: Array, v: Array, rank: int) -> tuple[Array, Array]:
    """The two factors of a full convolution, which commute, with the smaller one as the second."""
    sizes = [int(np.prod(shape_of(x)[len(shape_of(x)) - rank :])) for x in (a, v)]
    return (v, a) if sizes[1] > sizes[0] else (a, v)


def _value(a: Any, v: Any, mode: str, rank: int) -> Any:
    if a.ndim == rank == 1:
        return np.convolve(a, v, cast("Any", mode))
    if mode == FULL:
        a, v = larger_first(a, v, rank)
        around = [(n - 1, n - 1) for n in v.shape[-rank:]]
        a = np.pad(a, [(0, 0)] * (a.ndim - rank) + around)
    axes = tuple(range(-rank, 0))
    windows = np.lib.stride_tricks.sliding_window_view(a, v.shape[-rank:], axes)
    at, within = string.ascii_lowercase[:rank], string.ascii_uppercase[:rank]
    return np.einsum(f"...{at}{within},...{within}->...{at}", windows, np.flip(v, axes))


def _type(a: ArrayType, v: ArrayType, mode: str, rank: int) -> ArrayType:
    lengths = convolved_shape(a.shape[-rank:], v.shape[-rank:], mode)
    lead = a.shape[:-rank]
    if lead != v.shape[:-rank] or min(*a.shape[-rank:], *v.shape[-rank:], *lengths) < 1:
        raise ShapeError(
            f"convolve: shapes {a.shape} and {v.shape} do not fit: no axis may be empty, and with"
            " mode 'valid' one array must be at least as long as the other in every axis"
        )
    return ArrayType((*lead, *lengths), ufunc_dtype(np.multiply, a, v))


def _reversed(x: Array, rank: int) -> Array:
    last = len(shape_of(x))
    return flip(x, axes=tuple(range(last - rank, last)))


def _pull_a(ct: Array, out: Array, a: Array, v: Array, mode: str, rank: int) -> Array:
    other = VALID if mode == FULL else FULL
    return match(convolution(ct, _reversed(v, rank), mode=other, rank=rank), a)


def _pull_v(ct: Array, out: Array, a: Array, v: Array, mode: str, rank: int) -> Array:
    factors = (ct, _reversed(a, rank)) if mode == FULL else (_reversed(a, rank), ct)
    return match(convolution(*factors, mode=VALID, rank=rank), v)


def _push_a(t: Array, out: Array, a: Array, v: Array, mode: str, rank: int) -> Array:
    return spread(convolution(t, v, mode=mode, rank=rank), out)


def _push_v(t: Array, out: Array, a: Array, v: Array, mode: str, rank: int) -> Array:
    return spread(convolution(a, t, mode=mode, rank=rank), out)


def _batch(batched: Flags, size: int, a: Array, v: Array, mode: str, rank: int) -> Array:
    a, v = with_axis(a, batched[0], size), with_axis(v, batched[1], size)
    return convolution(a, v, mode=mode, rank=rank)


convolution = primitive(
    "convolve", _value, _type, (edge(_push_a, _pull_a), edge(_push_v, _pull_v)), batch=_batch
)
