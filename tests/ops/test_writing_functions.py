"""NumPy's functions that write: every alias sees it, and what cannot be is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import DTypeError, ShapeError, TraceError

WRITERS: dict[str, Callable[[Any, Any], Any]] = {
    "put": lambda a, v: np.put(a, [1, 4], v),
    "putmask": lambda a, v: np.putmask(a, a > 2, v),
    "place": lambda a, v: np.place(a, a > 2, v),
    "copyto": lambda a, v: np.copyto(a, v[0], where=a > 2),
    "put_along_axis": lambda a, v: np.put_along_axis(a, np.array([[1], [0]]), v[:, None], 1),
    "fill_diagonal": np.fill_diagonal,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_alias_sees_what_is_written(name: str) -> None:
    def f(v: Any) -> Any:
        a = np.arange(6.0).reshape(2, 3) * v[0]
        turned, row, flat, copy = a.T, a[1], a.reshape(-1), a.copy()
        assert WRITERS[name](a, v * v) is None
        return turned, row, flat, copy, a * a

    v = np.array([1.5, -2.0])
    value, pullback = cr.vjp(f, v)
    for found, expected in zip(value, f(v), strict=True):
        np.testing.assert_array_equal(found, expected)
    cotangents = tuple(np.cos(np.arange(x.size, dtype=float)).reshape(x.shape) for x in value)
    (gradient,) = pullback(cotangents)
    h = 1e-6
    for i, e in enumerate(np.eye(2)):
        pairs = zip(f(v + h * e), f(v - h * e), cotangents, strict=True)
        difference = sum(np.sum((p - m) / (2 * h) * ct) for p, m, ct in pairs)
        np.testing.assert_allclose(gradient[i], difference, rtol=1e-6)


def test_a_write_through_a_view_reaches_the_array() -> None:
    def f(x: Any) -> Any:
        a = x * 1.0
        np.fill_diagonal(np.rot90(a), x[0, 0])
        np.put(np.vsplit(a, 2)[1], [0], 7.0)
        np.copyto(np.unstack(a, axis=1)[2], 0.0)
        return a

    x = np.arange(1.0, 7.0).reshape(2, 3)
    np.testing.assert_array_equal(cr.vjp(f, x)[0], f(x))


@pytest.mark.parametrize("name", WRITERS)
def test_a_plain_array_cannot_hold_traced_values(name: str) -> None:
    with pytest.raises(TraceError, match=r"plain (nd)?array.*zeros_like"):
        cr.grad(lambda v: np.sum(v) + (WRITERS[name](np.zeros((2, 3)), v) or 0))(np.ones(2))


def test_a_diagonal_is_read_only() -> None:
    def f(x: Any) -> Any:
        a = x * 1.0
        d = np.diagonal(a)
        a[0, 0] = 5.0
        assert d[0] == 5.0
        d[1] = 2.0
        return np.sum(a)

    with pytest.raises(TraceError, match=r"read-only view.*fill_diagonal"):
        cr.grad(f)(np.eye(2))


@pytest.mark.parametrize(
    ("write", "error", "match"),
    [
        (lambda a: np.copyto(a, 1j), DTypeError, "copyto cannot cast complex128 to float64"),
        (lambda a: np.put(a, [0], a * 1j), DTypeError, r"use v\.real"),
        (lambda a: np.putmask(a, [True], 1.0), ShapeError, r"putmask: a mask of \(1,\)"),
        (lambda a: np.place(a, a > 0, []), ValueError, "empty array"),
        (lambda a: np.fill_diagonal(a[0], 1.0), ValueError, "at least 2-d"),
        (lambda a: np.copyto(a, 1.0, where=a), DTypeError, "mask of truth values"),
    ],
)
def test_what_does_not_fit_is_refused(write: Any, error: type[Exception], match: str) -> None:
    def f(x: Any) -> Any:
        a = x * 1.0
        write(a)
        return np.sum(a)

    with pytest.raises(error, match=match):
        cr.grad(f)(np.ones((2, 3)))


def test_a_function_pads_by_writing_into_views() -> None:
    def margins(row: Any, widths: Any, axis: int, options: Any) -> None:
        row[: widths[0]] = options["factor"] * row[widths[0]]
        row[row.shape[0] - widths[1] :] = axis + 0.5

    def f(x: Any) -> Any:
        return np.pad(x, ((2, 1), (1, 2)), margins, factor=3.0)

    x = np.arange(1.0, 7.0).reshape(2, 3)
    value, pullback = cr.vjp(f, x)
    np.testing.assert_array_equal(value, f(x))
    (gradient,) = pullback(np.ones_like(value))
    h = 1e-6
    for i in np.ndindex(2, 3):
        e = np.zeros((2, 3))
        e[i] = h
        np.testing.assert_allclose(gradient[i], np.sum(f(x + e) - f(x - e)) / (2 * h), rtol=1e-6)
