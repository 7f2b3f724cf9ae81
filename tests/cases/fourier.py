"""Fourier transforms: complex, of real arrays, and back to real ones."""

from __future__ import annotations

import numpy as np

from .table import case, x, z

for _f in (np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft):
    case(_f.__name__, _f, z(2, 5))
    case(f"{_f.__name__}-real", _f, x(4))
for _f in (np.fft.rfft, np.fft.ihfft):
    case(_f.__name__, _f, x(2, 5))
    case(f"{_f.__name__}-even", _f, x(4))
case("fft-cropped", lambda a: np.fft.fft(a, 3, axis=0, norm="ortho"), z(5, 2))
case("fft-filled", lambda a: np.fft.fft(a, 6, norm="forward"), x(4))
case("ifft-filled", lambda a: np.fft.ifft(a, n=4, norm="forward"), z(3))
case("rfft-cropped", lambda a: np.fft.rfft(a, 4, axis=0, norm="ortho"), x(6, 2))
case("rfft-filled", lambda a: np.fft.rfft(a, 7, norm="forward"), x(4))
case("irfft-odd", lambda a: np.fft.irfft(a, 5, norm="ortho"), z(3))
case("irfft-cropped", lambda a: np.fft.irfft(a, 3, axis=0, norm="forward"), z(5, 2))
case("irfft-filled", lambda a: np.fft.irfft(a, 8), z(3))
case("irfft-one", lambda a: np.fft.irfft(a, 1), z(1))
case("hfft-filled", lambda a: np.fft.hfft(a, 6, norm="ortho"), z(3))
case("ihfft-cropped", lambda a: np.fft.ihfft(a, 3, norm="forward"), x(4))
case("fft-float32", np.fft.fft, x(4, dtype=np.float32))
case("rfft-float32", np.fft.rfft, x(5, dtype=np.float32))
case("irfft-complex64", np.fft.irfft, z(3, dtype=np.complex64))
case("irfft-float16", np.fft.irfft, x(3, dtype=np.float16))
case("fft2", np.fft.fft2, z(2, 3, 2))
case("ifft2", np.fft.ifft2, x(3, 2))
case("rfft2", np.fft.rfft2, x(3, 4))
case("irfft2", np.fft.irfft2, z(2, 3))
case("fftn", np.fft.fftn, z(2, 2, 3))
case("fftn-sizes", lambda a: np.fft.fftn(a, s=(3, -1), axes=(0, 2), norm="ortho"), x(2, 2, 3))
case("fftn-repeated", lambda a: np.fft.fftn(a, s=(2, 3), axes=(0, 0)), z(3, 2))
case("ifftn", lambda a: np.fft.ifftn(a, axes=(1, 0)), z(2, 3))
case("rfftn", np.fft.rfftn, x(2, 2, 3))
case("rfftn-sizes", lambda a: np.fft.rfftn(a, s=(3, 5), axes=(0, 1)), x(2, 4))
case("irfftn", np.fft.irfftn, z(2, 1, 3))
case("irfftn-sizes", lambda a: np.fft.irfftn(a, s=(3, 3), axes=(0, 1)), z(2, 3))
case("fftshift", np.fft.fftshift, x(3, 4))
case("fftshift-axis", lambda a: np.fft.fftshift(a, axes=-1), z(2, 5))
case("ifftshift", lambda a: np.fft.ifftshift(a, axes=(0, 1)), x(5, 2))
case("fft-convolution",
     lambda a, b: np.fft.irfft(np.fft.rfft(a, 6) * np.fft.rfft(b, 6), 6), x(3), x(4))  # fmt: skip
case("fft-power-spectrum", lambda a: np.abs(np.fft.rfft(a)) ** 2, x(6))
