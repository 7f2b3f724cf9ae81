"""NumPy's Fourier transforms: ``n``, ``s``, ``axes`` and ``norm``; see ``ops/fourier.py``.

An array is cropped or filled up with zeros to the length that is asked for; of several axes the
last is transformed first, as in NumPy.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chainrule.core.trace import shape_of, type_of
from chainrule.ops import fourier
from chainrule.ops.define import Array, as_dtype, as_operand, axis_of
from chainrule.ops.elementwise import conj, copied, is_complex
from chainrule.ops.fourier import OTHER_NORM
from chainrule.ops.numpy_api.implements import implements
from chainrule.ops.shaping import concatenate, slice_axis

Sizes = Sequence[int | None] | None
Axes = Sequence[int] | None
Line = Callable[[Array, int | None, int, str], Array]  # (a, n, axis, norm)


def _checked_norm(norm: str | None) -> str:
    if norm is None:
        return "backward"
    if norm not in OTHER_NORM:
        raise ValueError(
            f'Invalid norm value {norm}; should be None, "backward", "ortho" or "forward".'
        )
    return norm


def _checked_length(n: int) -> int:
    if n < 1:
        raise ValueError(f"Invalid number of FFT data points ({n}) specified.")
    return n


def _fitted(x: Array, axis: int, n: int) -> Array:
    """``x`` cropped to the length n along an axis, or filled up with zeros."""
    shape = shape_of(x)
    have = shape[axis]
    if n < have:
        return slice_axis(x, axis, 0, n)
    if n == have:
        return x
    zeros = np.zeros((*shape[:axis], n - have, *shape[axis + 1 :]), type_of(x).dtype)
    return concatenate([x, zeros], axis)


# ---- along one axis ------------------------------------------------------------------------------


def _complex_line(inverse: bool) -> Line:
    def line(a: Array, n: int | None, axis: int, norm: str) -> Array:
        axis = axis_of(axis, len(shape_of(a)))
        n = _checked_length(shape_of(a)[axis] if n is None else operator.index(n))
        return fourier.fft(_fitted(a, axis, n), axis=axis, inverse=inverse, norm=norm)

    return line


_fft_line, _ifft_line = _complex_line(False), _complex_line(True)


def _rfft_line(a: Array, n: int | None, axis: int, norm: str) -> Array:
    axis = axis_of(axis, len(shape_of(a)))
    n = _checked_length(shape_of(a)[axis] if n is None else operator.index(n))
    return fourier.rfft(_fitted(a, axis, n), axis=axis, norm=norm)


def _irfft_line(a: Array, n: int | None, axis: int, norm: str) -> Array:
    axis = axis_of(axis, len(shape_of(a)))
    n = _checked_length(2 * (shape_of(a)[axis] - 1) if n is None else operator.index(n))
    half = _fitted(a, axis, n // 2 + 1)
    if not is_complex(half):
        half = as_dtype(half, fourier.dtype_of("fft", half))
    signal = fourier.irfft(half, axis=axis, n=n, norm=norm)
    return as_dtype(signal, fourier.dtype_of("irfft", a))


def _hfft_line(a: Array, n: int | None, axis: int, norm: str) -> Array:
    return _irfft_line(conj(a), n, axis, OTHER_NORM[norm])


def _ihfft_line(a: Array, n: int | None, axis: int, norm: str) -> Array:
    return conj(_rfft_line(a, n, axis, OTHER_NORM[norm]))


def _along_one(name: str, line: Line) -> None:
    def transform(
        a: Array, n: int | None = None, axis: int = -1, norm: str | None = None, out: Any = None
    ) -> Array:
        return line(as_operand(a), n, axis, _checked_norm(norm))

    implements(getattr(np.fft, name))(transform)


for _name, _line in (
    ("fft", _fft_line), ("ifft", _ifft_line), ("rfft", _rfft_line), ("irfft", _irfft_line),
    ("hfft", _hfft_line), ("ihfft", _ihfft_line),
):  # fmt: skip
    _along_one(_name, _line)

# ---- along several axes --------------------------------------------------------------------------


def _lines_of(a: Array, s: Sizes, axes: Axes) -> list[tuple[int, int | None]]:
    """The axes to be transformed, each with its length."""
    shape = shape_of(a)
    if s is None:
        s = (-1,) * (len(shape) if axes is None else len(axes))
    axes = range(-len(s), 0) if axes is None else axes
    if len(s) != len(axes):
        raise ValueError("Shape and axes have different lengths.")
    numbers = [axis_of(axis, len(shape)) for axis in axes]
    return [(axis, shape[axis] if n == -1 else n) for axis, n in zip(numbers, s, strict=True)]


def _complex_lines(inverse: bool) -> Callable[..., Array]:
    line = _complex_line(inverse)

    def transform(a: Array, s: Sizes, axes: Axes, norm: str) -> Array:
        lines = _lines_of(a, s, axes)
        for axis, n in reversed(lines):
            a = line(a, n, axis, norm)
        return a if lines else copied(a)

    return transform


def _rfft_lines(a: Array, s: Sizes, axes: Axes, norm: str) -> Array:
    *others, (last, n) = _lines_of(a, s, axes)
    a = _rfft_line(a, n, last, norm)
    for axis, n in reversed(others):
        a = _fft_line(a, n, axis, norm)
    return a


def _irfft_lines(a: Array, s: Sizes, axes: Axes, norm: str) -> Array:
    *others, (last, length) = _lines_of(a, s, axes)
    for axis, n in others:
        a = _ifft_line(a, n, axis, norm)
    return _irfft_line(a, None if s is None else length, last, norm)


def _along_several(name: str, default: Axes, lines: Callable[..., Array]) -> None:
    def transform(
        a: Array, s: Sizes = None, axes: Axes = default, norm: str | None = None, out: Any = None
    ) -> Array:
        return lines(as_operand(a), s, axes, _checked_norm(norm))

    implements(getattr(np.fft, name))(transform)


for _name, _lines in (
    ("fft", _complex_lines(False)), ("ifft", _complex_lines(True)),
    ("rfft", _rfft_lines), ("irfft", _irfft_lines),
):  # fmt: skip
    _along_several(f"{_name}n", None, _lines)
    _along_several(f"{_name}2", (-2, -1), _lines)

# ---- the order of frequencies --------------------------------------------------------------------


def _rolled(x: Array, axes: int | Sequence[int] | None, half: Callable[[int], int]) -> Array:
    """The first ``half(n)`` entries moved behind the others, along each axis."""
    x = as_operand(x)
    shape = shape_of(x)
    wanted = range(len(shape)) if axes is None else np.atleast_1d(axes)
    x = copied(x)
    for axis in (axis_of(axis, len(shape)) for axis in wanted):
        n = shape[axis]
        parts = slice_axis(x, axis, half(n), n), slice_axis(x, axis, 0, half(n))
        x = concatenate(parts, axis)
    return x


@implements(np.fft.fftshift)
def fftshift(x: Array, axes: int | Sequence[int] | None = None) -> Array:
    """``np.fft.fftshift``: frequency zero moves to the middle."""
    return _rolled(x, axes, lambda n: (n + 1) // 2)


@implements(np.fft.ifftshift)
def ifftshift(x: Array, axes: int | Sequence[int] | None = None) -> Array:
    """``np.fft.ifftshift``: frequency zero moves back to the front."""
    return _rolled(x, axes, lambda n: n // 2)
