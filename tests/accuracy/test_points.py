"""At special points all derivatives are the documented ones: both modes, plain and compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.executors.native import executor as executor_module

from ..executors.emulate import emulated
from .points import POINTS, Point
from .special import DOCUMENT, document

every = pytest.mark.parametrize("point", POINTS, ids=[f"{p.text} at {p.x}" for p in POINTS])


def argument(point: Point) -> Any:
    return np.array(point.x) if isinstance(point.x, list) else point.x


def seed(point: Point) -> Any:
    """A cotangent of the value's kind."""
    return 1.0 + 0j if isinstance(point.x, complex) and "abs" not in point.text else 1.0


def pulled(point: Point) -> Any:
    return lambda x: cr.vjp(point.f, x)[1](seed(point))[0]


def assert_slope(found: Any, point: Point) -> None:
    np.testing.assert_allclose(found, point.slope, rtol=4e-15, atol=0, equal_nan=True)


@every
def test_forward_and_reverse(point):
    x = argument(point)
    with np.errstate(all="ignore"):
        assert_slope(pulled(point)(x), point)
        if isinstance(point.x, list):
            assert_slope([cr.jvp(point.f, (x,), (t,))[1] for t in np.eye(len(x))], point)
        else:
            assert_slope(cr.jvp(point.f, (x,), (x * 0 + 1 if abs(x) < 1e300 else 1.0,))[1], point)


@every
def test_arrays_of_the_point(point):
    """Not only scalars: three times the point, each for itself."""
    x = np.stack([argument(point)] * 3)
    with np.errstate(all="ignore"):
        found = cr.vjp(lambda x: np.stack([point.f(x[i]) for i in range(3)]), x)[1](
            np.full(3, seed(point))
        )[0]
    for row in found:
        assert_slope(row, point)


@every
@pytest.mark.parametrize("executor", ["interpreter", "native"])
def test_compiled(point, executor, monkeypatch):
    monkeypatch.setattr(executor_module, "build", emulated)
    with np.errstate(all="ignore"):
        found = cr.compile(pulled(point), executor=executor)(np.asarray(argument(point)))
    assert_slope(found, point)


@pytest.mark.long
def test_machine_code():
    """All at once, as one function of all points."""
    real = [p for p in POINTS if not isinstance(p.x, complex)]
    with np.errstate(all="ignore"):
        found = cr.compile(lambda xs: [pulled(p)(x) for p, x in zip(real, xs, strict=True)])(
            [np.asarray(argument(p)) for p in real]
        )
    for slope, point in zip(found, real, strict=True):
        assert_slope(slope, point)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_zero_wins_on_both_sides(dtype):
    t = np.array([0.0, np.inf, np.nan, 2.0, np.inf, 0.0]).astype(dtype)
    partial = np.array([np.inf, 0.0, 0.0, 3.0, 2.0, 5.0]).astype(dtype)
    with np.errstate(invalid="ignore"):
        found = cr.jvp(lambda x: x * partial, (t,), (t,))[1]
    assert found.dtype == dtype
    np.testing.assert_array_equal(np.real(found), [0, 0, 0, 6, np.inf, 0])


def test_the_document_is_what_the_table_says():
    assert DOCUMENT.read_text() == document()
