"""Keywords and methods of ufuncs on traced values: NumPy's values, dtypes and errors; derivatives.

A row is a function of one array that runs on plain NumPy as it stands, which says what is right.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ChainruleError, DTypeError, ShapeError, TraceError

X = np.array([[0.7, -1.3, 2.1], [1.6, 0.4, -0.9]])
POSITIVE = np.abs(X)
INTS = np.array([[6, 4, 3], [2, 9, 5]])
MASK = np.array([[True, False, True], [False, False, True]])

Row = tuple[str, Callable[[Any], Any], Any]
ROWS: list[Row] = []


def row(name: str, f: Callable[[Any], Any], x: Any = X) -> None:
    ROWS.append((name, f, x))


# ---- out= and where= -----------------------------------------------------------------------------


def into_part(x: Any) -> Any:
    y = x * 1.0
    returned = np.exp(x[0], out=y[1])
    return y * x, returned


def into_itself(x: Any) -> Any:
    y = x * 2.0
    np.multiply(y, x, out=y)
    np.sin(y, y)
    return y


def widened(x: Any) -> Any:
    y = x * 0.0
    np.add(x[0], 1.0, out=y)
    return y * x


def narrowed(x: Any) -> Any:
    y = np.zeros_like(x, dtype=np.float32)
    np.multiply(x, x, out=y)
    return y


def several(x: Any) -> Any:
    fraction, whole = np.zeros_like(x), np.zeros_like(x)
    assert np.modf(x, out=(fraction, whole))[0] is fraction
    quotient, rest = np.divmod(x, 0.37, out=(None, whole))
    return fraction * x, whole, quotient, rest


def masked(x: Any) -> Any:
    y = np.full_like(x, -1.0)
    np.log(x, out=y, where=x > 0)
    return y * x


def masked_divide(x: Any) -> Any:
    y = x * 3.0
    np.divide(1.0, x - 2.1, out=y, where=~MASK)
    return y


row("out-part", into_part)
row("out-itself", into_itself)
row("out-widened", widened)
row("out-float32", narrowed)
row("out-several", several)
row("where-log", masked)
row("where-divide", masked_divide)
row("where-true", lambda x: np.exp(x, where=True))
row("dtype", lambda x: np.multiply(x, x, dtype=np.float32))
row("dtype-of-integers", lambda x: np.exp(np.arange(3), dtype=np.float32) * x)
row("signature", lambda x: np.add(x, 1, signature="dd->d"))
row("casting", lambda x: np.add(x, 1.5, casting="unsafe", dtype=np.float32, order="C"))
row("subok", lambda x: np.exp(x, subok=False))


@pytest.mark.parametrize(
    "reduction",
    ["sum", "prod", "max", "min", "mean", "var", "std", "cumsum"],
)
def test_out_of_reductions(reduction: str) -> None:
    def f(x: Any) -> Any:
        y = np.zeros_like(x) if reduction == "cumsum" else np.zeros_like(x[0])
        returned = getattr(np, reduction)(x, axis=0, out=y)
        assert returned is y
        return y * y

    check(f, X)


def test_out_of_functions() -> None:
    def f(x: Any) -> Any:
        y = np.zeros_like(x)
        np.clip(x, -1.0, 1.0, y)
        z = np.zeros_like(x, shape=(4, 3))
        np.concatenate([x, y], out=z)
        np.take(x, [1, 0], 0, z[:2])
        np.matmul(x, x.T, out=z[2:, :2])
        np.dot(x[0], 2.0, out=y[0])
        np.stack([x[0], y[1]], out=y)
        np.matmul(x.T, x, out=z[1:])
        np.einsum("ij->j", x, out=y[1])
        np.round(x, 1, out=x)
        return y, z, x

    check(f, X)


def test_sums_are_computed_in_the_dtype_of_out() -> None:
    x = np.full(3, 0.6)
    count = np.zeros(2, np.int64)
    np.sum(np.stack([x, x]), axis=1, out=count)

    def f(x: Any) -> Any:
        y = np.zeros_like(x, shape=(2,), dtype=np.int64)
        np.sum(np.stack([x, x]), 1, None, y)
        return y

    np.testing.assert_array_equal(cr.vjp(f, x)[0], count)


# ---- reduce and accumulate -----------------------------------------------------------------------

for _name in (
    "add", "multiply", "maximum", "minimum", "fmax", "fmin", "hypot", "logaddexp", "logaddexp2",
    "subtract", "divide",
):  # fmt: skip
    _ufunc = getattr(np, _name)
    row(f"{_name}.reduce", _ufunc.reduce)
    row(f"{_name}.reduce-1", lambda x, u=_ufunc: u.reduce(x, axis=-1, keepdims=True))
    row(f"{_name}.reduce-initial", lambda x, u=_ufunc: u.reduce(x, 1, initial=0.3))
    row(f"{_name}.accumulate", lambda x, u=_ufunc: u.accumulate(x, axis=1))
    row(f"{_name}.accumulate-0", _ufunc.accumulate)
    row(f"{_name}.reduceat", lambda x, u=_ufunc: u.reduceat(x, [0, 2, 1], axis=1))
    row(f"{_name}.reduce-where", lambda x, u=_ufunc: u.reduce(x, 1, initial=0.3, where=MASK))
for _name in ("add", "multiply", "maximum", "hypot", "logaddexp", "fmin"):
    _ufunc = getattr(np, _name)
    row(f"{_name}.reduce-all", lambda x, u=_ufunc: u.reduce(x, axis=None))
    row(f"{_name}.reduce-axes", lambda x, u=_ufunc: u.reduce(x, axis=(0, 1), keepdims=True))
    row(
        f"{_name}.reduce-long",
        lambda x, u=_ufunc: u.reduce(np.resize(np.arange(11.0), 11) * x[0, 0]),
    )
for _name in ("bitwise_and", "bitwise_or", "bitwise_xor", "gcd", "lcm", "floor_divide", "power"):
    _ufunc = getattr(np, _name)
    row(f"{_name}.reduce", lambda x, u=_ufunc: u.reduce(np.zeros_like(x, dtype=int) + INTS, axis=1))
    row(f"{_name}.accumulate", lambda x, u=_ufunc: u.accumulate(np.zeros_like(x, dtype=int) + INTS))
for _name in ("logical_and", "logical_or", "logical_xor"):
    _ufunc = getattr(np, _name)
    row(f"{_name}.reduce", lambda x, u=_ufunc: u.reduce(x - 0.7, axis=1))
    row(f"{_name}.accumulate", lambda x, u=_ufunc: u.accumulate(x - 0.7, axis=1))
row("arctan2.reduce", np.arctan2.reduce)  # along axis 1 NumPy 2.4 itself is wrong
row("arctan2.accumulate", np.arctan2.accumulate)
row("power.reduce", lambda x: np.power.reduce(x, axis=0), POSITIVE)
row("power.accumulate", lambda x: np.power.accumulate(x, axis=0), POSITIVE)
row("divide.reduce-integers", lambda x: np.divide.reduce(INTS) * x)
row("hypot.reduce-empty", lambda x: np.hypot.reduce(x[:, :0], axis=1) + x[:, 0])
row("subtract.reduce-where", lambda x: np.subtract.reduce(x, 1, initial=x[0, 0], where=x > 0))
row("maximum.reduce-dtype", lambda x: np.maximum.reduce(x, dtype=np.float32))
row("add.reduce-no-axes", lambda x: np.add.reduce(x, axis=()))
row("add.accumulate-dtype", lambda x: np.add.accumulate(x, dtype=np.float32))


def reduced_into(x: Any) -> Any:
    y = x * 1.0
    assert np.subtract.reduce(x, axis=1, out=y[:, 0]).shape == (2,)
    np.multiply.accumulate(x, 1, None, y)
    np.add.reduceat(x, [0, 1], axis=1, out=y[:, :2])
    return y


row("reduce-out", reduced_into)

# ---- outer and products --------------------------------------------------------------------------


def outer_into(x: Any) -> Any:
    y = np.zeros_like(x, shape=(2, 3, 3))
    np.multiply.outer(x, x[0], out=y)
    return y


row("outer", lambda x: np.subtract.outer(x, x[0]))
row("outer-list", lambda x: np.add.outer([1.0, 2.0], x[0]))
row("outer-dtype", lambda x: np.multiply.outer(x, x[0], dtype=np.float32))
row("outer-out", outer_into)
row("matmul-axes", lambda x: np.matmul(x, x, axes=[(1, 0), (0, 1), (1, 0)]))
row("matmul-axes-vector", lambda x: np.matmul(x, x[:, 0], axes=[(1, 0), (0,), (0,)]))

# ---- at ------------------------------------------------------------------------------------------

PLACES = np.array([0, 1, 0, 0])
for _name in ("add", "subtract", "multiply", "divide", "maximum", "minimum", "hypot", "power"):
    _ufunc = getattr(np, _name)

    def _at(x: Any, u: Any = _ufunc) -> Any:
        y = x * 1.5
        row = y[0]
        u.at(y, PLACES, x[1, 1] * np.arange(1.0, 13.0).reshape(4, 3))
        u.at(y, (slice(None), [2, 2]), x[:, :2])
        u.at(y, (1, 0), 0.5)
        u.at(y, MASK, x[0, 2])
        return y, row * x[0]

    row(f"{_name}.at", _at, POSITIVE)


def unary_at(x: Any) -> Any:
    y = x * 1.5
    np.sin.at(y, (0, [1, 1, 1]))
    np.negative.at(y, ([0, 0], [2, 2]))
    return y


def plain_values_at(x: Any) -> Any:
    y = np.zeros_like(x)
    np.add.at(y, (PLACES, PLACES[::-1]), 2.0)
    np.add.at(y.T, PLACES, np.array([1.0, 2.0]))
    return y * x


row("unary.at", unary_at)
row("add.at-plain-values", plain_values_at)


# ---- what is tested of each ----------------------------------------------------------------------


def leaves(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]


def check(f: Callable[[Any], Any], x: Any) -> None:
    with np.errstate(all="ignore"):
        expected = leaves(f(x.copy()))
    out, pullback = cr.vjp(lambda x: tuple(leaves(f(x))), x)
    _, tangents = cr.jvp(lambda x: tuple(leaves(f(x))), (x,), (np.cos(x),))
    for value, right in zip(out, expected, strict=True):
        assert (np.shape(value), np.asarray(value).dtype) == (np.shape(right), right.dtype)
        np.testing.assert_allclose(value, right, rtol=1e-6 if right.dtype == np.float32 else 1e-13)
    h = 1e-6
    with np.errstate(all="ignore"):
        above, below = leaves(f(x + h * np.cos(x))), leaves(f(x - h * np.cos(x)))
    weights = [np.sin(1.0 + np.arange(np.size(v))).reshape(np.shape(v)) for v in expected]
    smooth = [v.dtype == np.float64 for v in expected]
    for t, a, b, is_smooth in zip(tangents, above, below, smooth, strict=True):
        if is_smooth:
            np.testing.assert_allclose(t, (a - b) / (2 * h), rtol=1e-5, atol=1e-7)
    (g,) = pullback(tuple(w.astype(v.dtype) if v.dtype.kind == "f" else np.zeros(v.shape, v.dtype)
                          for w, v in zip(weights, out, strict=True)))  # fmt: skip
    forward = sum(
        np.sum(w * t) for w, t, v in zip(weights, tangents, out, strict=True) if v.dtype.kind == "f"
    )
    np.testing.assert_allclose(np.sum(g * np.cos(x)), forward, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("f", "x"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_values_and_derivatives(f: Callable[[Any], Any], x: Any) -> None:
    check(f, x)


BY_TYPES = [r for r in ROWS if not r[0].startswith(("where-log", "subtract.reduce-where"))]


@pytest.mark.parametrize(("f", "x"), [r[1:] for r in BY_TYPES], ids=[r[0] for r in BY_TYPES])
def test_traced_by_types(f: Callable[[Any], Any], x: Any) -> None:
    graph = cr.trace(f)(cr.ArrayType(x.shape, x.dtype))
    found = cr.core.interpreter.evaluate(graph, [x])
    with np.errstate(all="ignore"):
        for value, right in zip(found, leaves(f(x.copy())), strict=True):
            np.testing.assert_allclose(value, right, rtol=1e-6)


def test_traced_indices_are_added_at() -> None:
    def f(x: Any, i: Any) -> Any:
        y = x * 0.0
        np.add.at(y, i, x * x)
        return y

    i = np.array([0, 2, 2])
    graph = cr.trace(f)(cr.ArrayType((3,), np.dtype(float)), cr.ArrayType((3,), np.dtype(int)))
    (found,) = cr.core.interpreter.evaluate(graph, [X[0], i])
    np.testing.assert_array_equal(found, f(X[0], i))
    with pytest.raises(TraceError, match=r"np.multiply.at at traced indices.*np.add.at"):
        cr.trace(lambda x, i: np.multiply.at(x, i, 2.0))(X[0], i)


def test_a_mask_without_out_and_a_plain_out_are_refused() -> None:
    with pytest.raises(TraceError, match=r"np.log\(where=...\) leaves entries undefined; pass out"):
        cr.grad(lambda x: np.sum(np.log(x, where=x > 0)))(X)
    for f in (
        lambda x: np.exp(x, out=np.zeros(3)),
        lambda x: np.add.reduce(x, out=np.zeros(())),
        lambda x: np.sum(x, out=np.zeros(())),
        lambda x: np.cumsum(x, 0, None, np.zeros(3)),
    ):
        with pytest.raises(TraceError, match=r"out=...\): a plain ndarray cannot hold.*zeros_like"):
            cr.grad(f)(X[0])


def test_shapes_and_dtypes_of_out_are_checked() -> None:
    def f(out: Callable[[Any], Any]) -> None:
        cr.grad(lambda x: np.sum(np.multiply(x, x, out=out(x))))(X)

    with pytest.raises(ShapeError, match=r"np.multiply.*y has shape \(2, 2\), the result .*\(2, 3"):
        f(lambda x: x[:, :2])
    with pytest.raises(DTypeError, match=r"cannot cast float64 to the int64 of y"):
        f(lambda x: np.zeros_like(x, dtype=int))
    with pytest.raises(ShapeError, match=r"np.sum.*y has shape \(2, 3\)"):
        cr.grad(lambda x: np.sum(x, axis=0, out=x))(X)
    with pytest.raises(TraceError, match=r"np.exp\(..., out=x\): x is a number"):
        cr.grad(lambda x: np.exp(x, out=x))(1.0)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.subtract.reduce(x, axis=(0, 1)),
        lambda x: np.subtract.reduce(x, axis=1, where=MASK),
        lambda x: np.maximum.reduce(x, axis=1, where=MASK),
        lambda x: np.fmax.reduce(x[:0]),
        lambda x: np.exp.reduce(x),
        lambda x: np.less.accumulate(x),
        lambda x: np.add.accumulate(x, axis=None),
        lambda x: np.add.reduceat(x, [0, 7]),
        lambda x: np.add.at(x, [5], 1.0),
        lambda x: np.add.at(x, [0], np.ones((1, 1, 3))),
        lambda x: np.exp.at(x, [0], 1.0),
        lambda x: np.add(x, x, dtype=np.float32, casting="safe"),
        lambda x: np.exp(x, out=x, where=np.array([1.0, 0.0, 1.0])),
        lambda x: np.matmul(x, x.T, keepdims=True),
        lambda x: np.add(x, x, axes=[(0,), (0,), (0,)]),
    ],
)
def test_numpys_errors_stay_errors(f: Callable[[Any], Any]) -> None:
    with pytest.raises((TypeError, ValueError, IndexError, RuntimeError)):
        f(X.copy())
    with pytest.raises((TypeError, ValueError, IndexError, RuntimeError, ChainruleError)):
        cr.grad(lambda x: np.sum(f(x)))(X)
