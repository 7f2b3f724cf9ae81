"""Fourier transforms of traced values: every length, axis and norm as NumPy's, errors included."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import DTypeError, TraceError
from chainrule.core.interpreter import evaluate

LINES = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
PLANES = ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn")


def outcome(f: Any, x: Any) -> Any:
    """The result, or the class of the error."""
    try:
        return f(x)
    except (ValueError, TypeError, IndexError) as error:
        return type(error)


def assert_as_numpy(f: Any, x: Any) -> None:
    expected = outcome(f, x)
    found = outcome(lambda x: evaluate(cr.trace(f)(x), [x])[0], x)
    if isinstance(expected, type):
        assert isinstance(found, type)
        assert issubclass(found, (ValueError, TypeError, IndexError))
    else:
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(found, expected, rtol=1e-3 if x.itemsize < 8 else 1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex128", "int8"])
@pytest.mark.parametrize("name", LINES)
def test_every_length_axis_and_norm(name: str, dtype: str) -> None:
    transform = getattr(np.fft, name)
    rng = np.random.default_rng(0)
    shapes = ((1,), (4,), (3, 2), (0,), (2, 0))
    for shape in shapes[:3] if name in ("irfft", "hfft") else shapes:  # of nothing: not initialised
        x = (3 * rng.standard_normal(shape)).astype(dtype)
        for axis in (0, -1, 3):
            for n in (None, 1, 2, 5, 0):
                for norm in (None, "ortho", "forward", "backward", "none of these"):
                    assert_as_numpy(lambda x, o=(n, axis, norm): transform(x, *o), x)


@pytest.mark.parametrize("name", PLANES)
def test_every_choice_of_sizes_and_axes(name: str) -> None:
    transform = getattr(np.fft, name)
    options: tuple[dict[str, Any], ...] = (
        {}, {"axes": (0,)}, {"axes": ()}, {"axes": (0, 1), "s": (3, -1)}, {"axes": (1, 1)},
        {"axes": (1, 0), "s": (0, 1)}, {"s": (1,), "axes": (0, 1)},
    )  # fmt: skip
    for shape in ((3, 2), (3,), (2, 3, 4)):
        x = np.random.default_rng(1).standard_normal(shape)
        for o in options:
            assert_as_numpy(lambda x, o=o: transform(x, **o), x)


def test_sizes_without_axes_are_of_the_last_ones() -> None:
    x = np.random.default_rng(2).standard_normal((2, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # NumPy's, of axes that are left out
        assert_as_numpy(lambda x: np.fft.fftn(x, s=(2,)), x)


def test_errors_say_what_to_write_instead() -> None:
    with pytest.raises(TraceError, match=r"np\.fft.*a plain ndarray cannot hold a traced value"):
        cr.trace(lambda x: np.fft.fft(x, out=np.zeros(3, complex)))(np.ones(3))
    with pytest.raises(DTypeError, match=r"rfft is not defined for complex128; use np.fft.fft"):
        cr.trace(np.fft.rfft)(np.ones(3, complex))
    with pytest.raises(ValueError, match="Invalid norm value twice"):
        cr.grad(lambda x: np.sum(np.fft.irfft(x, None, -1, "twice")))(np.ones(3))
