"""Discrete Fourier transforms along one axis: of complex numbers, of real ones, and back to real.

Each is linear, so what is stated is the transpose. Cotangents are paired without a conjugate, and
the matrix ``exp(-2 pi i j k / n)`` is symmetric, so ``fft`` is its own transpose. Of a real array
only half of the spectrum is kept, in which an entry stands for two unless it is its own mirror
image: hence the weights by which ``rfft`` and ``irfft`` are each other's transposes.

A parameter ``norm`` has NumPy's names: the direction that divides by the length, or ``"ortho"``.
Axes, lengths and NumPy's other functions are composed in ``numpy_api/fourier.py``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.core.errors import DTypeError, ShapeError
from chainrule.core.graph import ArrayType
from chainrule.core.trace import shape_of, type_of
from chainrule.ops.batch import along_axes
from chainrule.ops.define import Array, linear, match
from chainrule.ops.elementwise import conj

OTHER_NORM = {"backward": "forward", "forward": "backward", "ortho": "ortho"}
"""The norm with which the opposite direction has the factor that a direction has with this one."""


# ---- types ---------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _dtype(name: str, dtype: np.dtype[Any]) -> np.dtype[Any]:
    try:
        return getattr(np.fft, name)(np.ones(2, dtype)).dtype
    except TypeError:
        raise DTypeError(
            f"{name} is not defined for {dtype}; use np.fft.fft, or the real part"
        ) from None


def dtype_of(name: str, x: Array) -> np.dtype[Any]:
    """The dtype that NumPy's transform of this name gives of ``x``."""
    return _dtype(name, type_of(x).dtype)


def _with_length(name: str, x: ArrayType, axis: int, length: int) -> ArrayType:
    if min(length, x.shape[axis]) < 1:
        raise ShapeError(
            f"{name} along axis {axis} of shape {x.shape} has no data points; n must be at least 1"
        )
    return ArrayType((*x.shape[:axis], length, *x.shape[axis + 1 :]), _dtype(name, x.dtype))


def _fft_type(x: ArrayType, axis: int, inverse: bool, norm: str) -> ArrayType:
    return _with_length("fft", x, axis, x.shape[axis])


def _rfft_type(x: ArrayType, axis: int, norm: str) -> ArrayType:
    return _with_length("rfft", x, axis, x.shape[axis] // 2 + 1)


def _irfft_type(x: ArrayType, axis: int, n: int, norm: str) -> ArrayType:
    return _with_length("irfft", x, axis, n)


# ---- transforms ----------------------------------------------------------------------------------


def _fft_value(x: Any, axis: int, inverse: bool, norm: Any) -> Any:
    return np.fft.ifft(x, axis=axis, norm=norm) if inverse else np.fft.fft(x, axis=axis, norm=norm)


def _rfft_value(x: Any, axis: int, norm: Any) -> Any:
    return np.fft.rfft(x, axis=axis, norm=norm)


def _irfft_value(x: Any, axis: int, n: int, norm: Any) -> Any:
    return np.fft.irfft(x, n, axis=axis, norm=norm)


def _transpose_fft(ct: Array, x: Array, axis: int, inverse: bool, norm: str) -> Array:
    return match(fft(ct, axis=axis, inverse=inverse, norm=norm), x)


fft = linear("fft", _fft_value, _fft_type, _transpose_fft, batch=along_axes("fft"))


def _multiplicity(n: int, axis: int, like: Array) -> Any:
    """How many entries of a whole spectrum each entry of the half of length n stands for."""
    weights = np.full(n // 2 + 1, 2.0)
    weights[0] = 1.0
    if n % 2 == 0:
        weights[-1] = 1.0
    kind = type_of(like)
    real = np.result_type(kind.dtype, np.float32).char.lower()
    return weights.astype(real).reshape(-1, *(1,) * (kind.ndim - axis - 1))


def _transpose_rfft(ct: Array, x: Array, axis: int, norm: str) -> Array:
    n = shape_of(x)[axis]
    mirrored = conj(ct) / _multiplicity(n, axis, ct)
    return match(irfft(mirrored, axis=axis, n=n, norm=OTHER_NORM[norm]), x)


def _transpose_irfft(ct: Array, x: Array, axis: int, n: int, norm: str) -> Array:
    half = conj(rfft(ct, axis=axis, norm=OTHER_NORM[norm]))
    return match(half * _multiplicity(n, axis, half), x)


rfft = linear("rfft", _rfft_value, _rfft_type, _transpose_rfft, batch=along_axes("rfft"))
irfft = linear("irfft", _irfft_value, _irfft_type, _transpose_irfft, batch=along_axes("irfft"))
