"""Reductions and products within ``8 n eps sum|terms|`` of exact results, values and derivatives.

For n terms of one entry of the result or of the derivative. The exact results are computed with
fractions (floats are fractions) where the function is rational, else with mpmath.
"""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr

from ..arrays import SHAPES, arrays, pairs

EXAMPLES = int(os.environ.get("CHAINRULE_EXAMPLES", "1000"))
REAL = (np.float16, np.float32, np.float64)
ALL = (*REAL, np.complex64, np.complex128)


def exact(x: Any) -> Any:
    """An array of the same numbers as fractions; of complex ones as numbers of mpmath."""
    to = (lambda v: mp.mpc(complex(v))) if x.dtype.kind == "c" else (lambda v: Fraction(float(v)))
    out = np.empty(x.shape, object)
    for i in np.ndindex(x.shape):
        out[i] = to(x[i])
    return out


def assert_near(found: Any, true: Any, terms: Any, n: int, eps: float) -> None:
    """Each entry within ``8 n eps`` of the size of its terms."""
    found, true, terms = (np.asarray(a, object) for a in (found, true, terms))
    assert found.shape == true.shape
    for f, t, size in zip(found.ravel(), true.ravel(), terms.ravel(), strict=True):
        f = mp.mpc(complex(f)) if np.iscomplexobj(f) else mp.mpf(float(f))
        t = t if isinstance(t, mp.mpc) else _mpf(t)
        assert abs(f - t) <= 8 * max(n, 1) * eps * _mpf(size) + mp.mpf(2) ** -1070


def _mpf(x: Any) -> Any:
    if isinstance(x, Fraction):
        return mp.mpf(x.numerator) / x.denominator
    return x if isinstance(x, (mp.mpf, mp.mpc)) else mp.mpf(float(x))


def size_of(x: Any) -> Any:
    """Absolute values; of complex numbers, too."""
    return np.vectorize(abs, otypes=[object])(x) if x.size else x


def axis_of(data: Any, x: Any) -> Any:
    return data.draw(st.sampled_from([None, *range(x.ndim)])) if x.ndim else None


def weights_of(out: Any) -> Any:
    """Cotangents of both signs, not all of one size."""
    n = np.arange(np.size(out)).reshape(np.shape(out))
    return np.asarray((1.0 + n % 3) * (-1.0) ** n).astype(np.asarray(out).dtype)[()]


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(st.data(), arrays(ALL))
def test_sums_and_means(data, x):
    """Linear ones: the derivative is the cotangent, spread, to the last bit of the division."""
    axis = axis_of(data, x)
    name = data.draw(st.sampled_from(["sum", "mean", "cumsum"]))
    if name == "mean" and (x.size == 0 or (axis is not None and x.shape[axis] == 0)):
        return
    f = getattr(np, name)
    out, pullback = cr.vjp(lambda x: f(x, axis=axis), x)
    n = x.size if axis is None else x.shape[axis]
    eps = float(np.finfo(x.dtype).eps)
    with mp.workdps(50):
        values, scale = exact(x), Fraction(1, n) if name == "mean" else 1
        kept = {"axis": axis} if axis is not None else {}
        g = getattr(np, "cumsum" if name == "cumsum" else "sum")
        true, terms = g(values, **kept) * scale, g(size_of(values), **kept) * scale
        assert_near(out, true, terms, n, eps)
        u = weights_of(out)
        _, pushed = cr.jvp(lambda x: f(x, axis=axis), (x,), (x,))
        assert_near(pushed, true, terms, n, eps)
        back, sizes = pulled_back(exact(np.asarray(u)), name, x, axis, scale)
        assert_near(pullback(u)[0], back, sizes, n, eps)


def pulled_back(u: Any, name: str, x: Any, axis: Any, scale: Any) -> Any:
    """What a sum, mean or running sum sends back, and the size of the terms."""
    if name != "cumsum":
        spread = u if axis is None else np.expand_dims(u, axis)
        both = spread * scale, size_of(np.asarray(u)) * scale
        sizes = both[1] if axis is None else np.expand_dims(both[1], axis)
        return np.broadcast_to(both[0], x.shape), np.broadcast_to(sizes, x.shape)
    along = 0 if axis is None else axis
    back = [np.flip(np.cumsum(np.flip(a, along), axis=along), along) for a in (u, size_of(u))]
    return tuple(a.reshape(x.shape) for a in back)


@settings(max_examples=EXAMPLES // 8, deadline=None)
@given(arrays((np.float32, np.float64), [(), (1,), (5,), (2, 3), (3, 1, 2)], size=1.5))
def test_products(x):
    out, pullback = cr.vjp(np.prod, x)
    flat = list(exact(x).ravel())
    eps = float(np.finfo(x.dtype).eps)
    with mp.workdps(50):
        true = np.prod(np.array(flat, object)) if flat else Fraction(1)
        assert_near(out, true, abs(true), x.size, eps)
        others = [
            np.prod(np.array([Fraction(1), *flat[:i], *flat[i + 1 :]], object))
            for i in range(len(flat))
        ]
        wanted = np.array(others, object).reshape(x.shape)
        assert_near(pullback(out.dtype.type(1))[0], wanted, size_of(wanted), x.size, eps)


@settings(max_examples=EXAMPLES // 8, deadline=None)
@given(arrays((np.float32, np.float64), [(1,), (4,), (7,), (2, 3), (40,)]), st.data())
def test_variances_deviations_and_norms(x, data):
    """Derivatives of var, std, the norm and logsumexp, as formulas of mpmath."""
    name = data.draw(st.sampled_from(["var", "std", "norm", "logsumexp"]))
    f = {
        "var": np.var,
        "std": np.std,
        "norm": lambda x: np.sqrt(np.sum(x * x)),
        "logsumexp": lambda x: np.log(np.sum(np.exp(x))),
    }[name]
    n, eps = x.size, float(np.finfo(x.dtype).eps)
    with mp.workdps(50):
        v = [mp.mpf(float(a)) for a in x.ravel()]
        mean = mp.fsum(v) / n
        away = [a - mean for a in v]
        size = mp.fsum(map(abs, v)) / n
        variance = mp.fsum(a * a for a in away) / n
        spread = mp.fsum((abs(a) + size) ** 2 for a in v) / n
        length, total = mp.sqrt(mp.fsum(a * a for a in v)), mp.fsum(map(mp.exp, v))
        deviation = mp.sqrt(variance)
        if name in ("std", "norm") and (deviation < 1e-3 * size or length == 0):
            return  # a root near 0 has lost its digits in what it is the root of
        true, slopes, terms, slope_terms = {
            "var": (variance, [2 * a / n for a in away], spread,
                    [2 * (abs(a) + size) / n for a in v]),
            "std": (deviation, [a / n / (deviation or 1) for a in away], spread / (deviation or 1),
                    [(abs(a) + size) / n * spread / (variance * deviation or 1) for a in v]),
            "norm": (length, [a / (length or 1) for a in v], length, [1] * n),
            "logsumexp": (mp.log(total), [mp.exp(a) / total for a in v], 1 + max(map(abs, v)),
                          [mp.exp(a) / total * (1 + abs(a)) for a in v]),
        }[name]  # fmt: skip
        value, gradient = cr.value_and_grad(f)(x)
        assert_near(value, true, terms, n, eps)
        assert_near(gradient.ravel(), np.array(slopes, object), slope_terms, n, eps)


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(st.data(), pairs(ALL[1:], [(0,), (1,), (6,), (90,)]))
def test_dot_products(data, both):
    """dot, inner, vdot-like sums and einsum of two vectors: apart, the same, overlapping views."""
    x, y = both
    f = data.draw(
        st.sampled_from(
            [np.dot, np.inner, np.matmul, lambda x, y: np.einsum("i,i->", x, y),
             lambda x, y: np.sum(x * y)]
        )
    )  # fmt: skip
    if x.shape != y.shape:
        x, y = (x, np.broadcast_to(y, x.shape)) if x.size >= y.size else (x, y[: len(x)])
    eps = float(np.finfo(x.dtype).eps)
    with mp.workdps(50):
        a, b = exact(x), exact(y)
        products = a * b
        true = np.sum(products) if x.size else Fraction(0)
        terms = np.sum(size_of(products)) if x.size else Fraction(0)
        out, pullback = cr.vjp(f, x, y)
        assert_near(out, true, terms, x.size, eps)
        g, h = pullback(np.asarray(1).astype(x.dtype)[()])
        assert_near(g, b, size_of(b), 1, eps)
        assert_near(h, a, size_of(a), 1, eps)
        pushed = cr.jvp(f, (x, y), (x, y))[1]
        assert_near(pushed, 2 * true, 2 * terms, 2 * max(x.size, 1), eps)


@settings(max_examples=EXAMPLES // 8, deadline=None)
@given(arrays((np.float32, np.float64), [(3, 4), (1, 4), (5, 1), (0, 3), (3, 0)]), st.data())
def test_matrix_products(x, data):
    """``x @ x.T`` and ``x @ y``, with the derivative of a loss that weighs the entries."""
    y = x.T if data.draw(st.booleans()) else data.draw(arrays([x.dtype], [(x.shape[1], 2)]))
    eps = float(np.finfo(x.dtype).eps)
    with mp.workdps(50):
        a, b = exact(x), exact(y)
        out, pullback = cr.vjp(np.matmul, x, y)
        u = np.asarray(weights_of(out))
        w = exact(u)
        zero = Fraction(0)
        for found, left, right in ((out, a, b), *zip(pullback(u), (w, a.T), (b.T, w), strict=True)):
            inner = left.shape[1]
            true = np.full((left.shape[0], right.shape[1]), zero, object)
            terms = true.copy()
            for k in range(inner):
                part = np.multiply.outer(left[:, k], right[k])
                true, terms = true + part, terms + size_of(part)
            assert_near(found, true, terms, inner, eps)


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(arrays(REAL, [s for s in SHAPES if 0 not in s]), st.data())
def test_extremes(x, data):
    """The largest entry and its derivative are exact; ties share."""
    axis = axis_of(data, x)
    f = data.draw(st.sampled_from([np.max, np.min]))
    out, pullback = cr.vjp(lambda x: f(x, axis=axis), x)
    np.testing.assert_array_equal(out, f(x, axis=axis))
    chosen = x == f(x, axis=axis, keepdims=True)
    share = chosen / np.sum(chosen, axis=axis, keepdims=True)
    found = pullback(np.ones_like(out))[0]
    np.testing.assert_allclose(found, share, rtol=2 * np.finfo(x.dtype).eps)
    assert found.dtype == x.dtype


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(st.data(), pairs(REAL, SHAPES))
def test_elementwise_functions_of_any_layout(data, both):
    """Memory has no part in a derivative: that of an array is that of its entries, bit by bit."""
    f = data.draw(
        st.sampled_from([np.multiply, np.divide, np.hypot, np.arctan2, np.maximum, np.logaddexp,
                         np.add, lambda x, y: np.tanh(x) * np.exp(y), np.fmin])
    )  # fmt: skip
    x, y = both
    with np.errstate(all="ignore"):
        out, pullback = cr.vjp(f, x, y)
        np.testing.assert_array_max_ulp(out, f(x, y), 4)  # NumPy has other code for strides
        found = pullback(np.ones_like(out))
        wide = [np.broadcast_to(a, np.shape(out)).copy() for a in (x, y)]
        entries = cr.vjp(f, *wide)[1](np.ones_like(out))
    for g, whole, operand in zip(found, entries, both, strict=True):
        assert g.shape == operand.shape and g.dtype == operand.dtype
        if operand.shape == np.shape(out):
            np.testing.assert_array_max_ulp(g, whole, 4)
