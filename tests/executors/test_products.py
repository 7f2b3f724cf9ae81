"""Matrix products as machine code: all shapes, layouts and dtypes against NumPy; and the promise of
``by_rows.py`` and ``by_dots.py`` that an entry's bits do not depend on what is around it."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.executors.native.build import build
from chainrule.executors.native.emit import DTYPE_NAMES
from chainrule.executors.native.executor import array_type
from chainrule.executors.native.kernels import FUNCTIONS, PRELUDE, text_of
from chainrule.executors.native.products import TEXTS, Factors, cost, line, way_of

RUN = """
@njit(cache=True, **OPTIONS)
def run(way, m, n, k, alpha, a, a0, s, t, b, b0, u, v, beta, c, c0, ldc):
    if way == 0:
        product_by_rows(m, n, k, alpha, a, a0, s, t, b, b0, u, v, beta, c, c0, ldc)
    elif way == 1:
        product_by_dots(m, n, k, alpha, a, a0, s, b, b0, v, beta, c, c0, ldc)
    elif way == 2:
        gemm_{t}(t != 1, v != 1, m, n, k, alpha, a, a0, max(s, t), b, b0, max(u, v), beta, c, c0,
                 ldc)
    else:
        gemv_{t}(t != 1, m if t == 1 else k, k if t == 1 else m, alpha, a, a0, max(s, t), b, b0,
                 u, beta, c, c0, ldc)
"""
WAYS = {"rows": 0, "dots": 1, "gemm": 2, "gemv": 3}
DTYPES = ["float32", "float64"]
# Dtypes and bits of a vector; None: what the host has
KINDS = [("float32", None), ("float64", None), ("float32", 256), ("float64", 128)]


@functools.cache
def kernels(dtype, bits):
    """The kernels of a dtype, for a width of vectors."""
    from numba import from_dtype, types

    source = RUN.replace("{t}", dtype)
    text = PRELUDE + DTYPE_NAMES + text_of(source, FUNCTIONS | TEXTS) + source
    if bits is not None:
        text, found = re.subn(r"^BITS = .*$", f"BITS = {bits}", text, flags=re.MULTILINE)
        assert found == 1
    i, x, array = types.int64, from_dtype(np.dtype(dtype)), array_type(np.dtype(dtype))
    signature = [i, i, i, i, x, array, i, i, i, array, i, i, i, x, array, i, i]
    return build(text, signature)


class Problem:
    """Random factors in memory that is NaN around them, and a result to add to or to replace."""

    def __init__(self, way, m, n, k, layout, dtype, alpha, beta, extra=(0, 0, 0), seed=0):
        self.rng = np.random.default_rng(seed)
        self.way, self.sizes, self.dtype = WAYS[way], (m, n, k), np.dtype(dtype)
        self.alpha, self.beta = self.dtype.type(alpha), self.dtype.type(beta)
        self.a = self._placed(m, k, layout[0] == "T", extra[0])
        self.b = self._placed(k, n, layout[1] == "T", extra[1])
        self.c = self._placed(m, n, False, extra[2])
        if beta == 0:
            self.c[0][...] = np.nan  # is not to be read
        self.before = self.c[0].copy()

    def _placed(self, rows, columns, turned, extra):
        """A flat array, where the matrix begins, its strides, and the matrix."""
        shape = (columns, rows) if turned else (rows, columns)
        distance, begin = shape[1] + extra, 2 * extra
        flat = np.full(begin + shape[0] * distance + 3, np.nan, self.dtype)
        view = np.lib.stride_tricks.as_strided(
            flat[begin:], shape, (distance * flat.itemsize, flat.itemsize)
        )
        view[...] = self.rng.uniform(-1, 1, shape)
        return flat, begin, ((1, distance) if turned else (distance, 1)), view.T if turned else view

    def run(self, kernel, rows=slice(None), columns=slice(None)):
        """Compute some rows and columns of the result."""
        (a, a0, (s, t), _), (b, b0, (u, v), _), (c, c0, (ldc, _), _) = self.a, self.b, self.c
        m, n, k = self.sizes
        i, stop, _ = rows.indices(m)
        j, end, _ = columns.indices(n)
        kernel(
            self.way, stop - i, end - j, k, self.alpha, a, a0 + i * s, s, t, b, b0 + j * v, u, v,
            self.beta, c, c0 + i * ldc + j, ldc,
        )  # fmt: skip

    def check(self):
        """The result is NumPy's, and what is around it is as before."""
        (_, _, _, a), (_, _, _, b), (flat, _, _, c) = self.a, self.b, self.c
        old = np.zeros_like(c)
        if self.beta:
            after = flat.copy()
            flat[...] = self.before
            old = c.copy()
            flat[...] = after
        wide = float(self.alpha) * (a.astype(float) @ b.astype(float)) + float(self.beta) * old
        size = abs(self.alpha) * (np.abs(a) @ np.abs(b)) + np.abs(self.beta * old)
        assert np.all(np.abs(c - wide) <= 4 * np.sqrt(a.shape[1]) * np.finfo(c.dtype).eps * size)
        found = flat.copy()
        flat[...] = 0
        c[...] = 1
        inside = flat == 1
        np.testing.assert_array_equal(found[~inside], self.before[~inside])


def layouts(way):
    return {"dots": ["NT"], "gemv": ["NN", "TN"]}.get(way, ["NN", "NT", "TN", "TT"])


FACTORS = [(1, 0), (-0.5, 1), (2, 0.75), (0, 1)]
SHAPES = [(1, 1, 1), (10, 30, 784), (30, 784, 10), (7, 65, 17), (64, 20, 300), (13, 129, 513)]


@pytest.mark.parametrize(("dtype", "bits"), KINDS)
@pytest.mark.parametrize("way", ["rows", "dots", "gemm"])
def test_a_table_of_products(way, dtype, bits):
    if way == "gemm" and bits is not None:
        return
    kernel = kernels(dtype, bits)
    for layout in layouts(way):
        for m, n, k in SHAPES:
            for alpha, beta in FACTORS:
                problem = Problem(way, m, n, k, layout, dtype, alpha, beta, (3, 2, 1))
                problem.run(kernel)
                problem.check()


SIZES = st.integers(1, 40) | st.sampled_from([47, 48, 49, 63, 64, 65, 127, 130, 255, 256, 257, 520])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_products_of_any_shape(data):
    way = data.draw(st.sampled_from(list(WAYS)))
    m, n, k = (data.draw(SIZES) for _ in range(3))
    dtype, layout = data.draw(st.sampled_from(DTYPES)), data.draw(st.sampled_from(layouts(way)))
    alpha, beta = data.draw(st.sampled_from(FACTORS))
    extra = data.draw(st.tuples(*[st.integers(0, 17)] * 3))
    n, extra = (1, (*extra[:2], 0)) if way == "gemv" else (n, extra)
    problem = Problem(way, m, n, k, layout, dtype, alpha, beta, extra, seed=m + n + k)
    problem.run(kernels(dtype, None))
    problem.check()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_bits_do_not_depend_on_how_a_product_is_cut(data):
    way = data.draw(st.sampled_from(["rows", "dots"]))
    m, n, k = (data.draw(SIZES) for _ in range(3))
    (dtype, bits), layout = (
        data.draw(st.sampled_from(KINDS)),
        data.draw(st.sampled_from(layouts(way))),
    )
    alpha, beta = data.draw(st.sampled_from(FACTORS))
    whole, parts = (Problem(way, m, n, k, layout, dtype, alpha, beta, seed=k) for _ in range(2))
    row, column = data.draw(st.integers(0, m)), data.draw(st.integers(0, n))
    whole.run(kernels(dtype, bits))
    for rows in (slice(row), slice(row, None)):
        for columns in (slice(column), slice(column, None)):
            parts.run(kernels(dtype, bits), rows, columns)
    np.testing.assert_array_equal(parts.c[0], whole.c[0])


# ---- the choice ----------------------------------------------------------------------------------


def chosen(m, n, k, layout, dtype="float32"):
    """The function that is called for a product."""
    a, b = (1, m) if layout[0] == "T" else (k, 1), (1, k) if layout[1] == "T" else (n, 1)
    f = Factors(dtype, (m, n, k), "1", "0", "a, at(0)", a, "b, at(0)", b, "c, at(0)", n)
    text = line(f, way_of(f))
    return text.split("(")[0]


@pytest.mark.parametrize(
    ("shape", "layout", "way"),
    [
        ((10, 30, 784), "NT", "product_by_dots"),
        ((30, 784, 10), "TN", "product_by_rows"),
        ((64, 128, 256), "NT", "product_by_rows"),  # turned: its sums are short for their number
        ((64, 256, 128), "NN", "product_by_rows"),
        ((1000, 1, 100), "NN", "product_by_dots"),
        ((100, 1, 1000), "TN", "product_by_rows"),
        ((1, 100, 1000), "NN", "product_by_rows"),
        ((1024, 4, 1024), "NN", "gemm_float32"),  # a quarter of a vector would be used
    ],
)
def test_the_way_of_some_shapes(shape, layout, way):
    assert chosen(*shape, layout) == way


def test_by_dots_needs_both_factors_along_the_sum():
    assert cost("dots", (4, 4, 4), (4, 1), (4, 1), 4) == np.inf
    assert cost("dots", (4, 4, 4), (4, 1), (1, 4), 4) < np.inf


@pytest.mark.parametrize("dtype", DTYPES)
def test_compiled_products_of_all_ranks(dtype, tmp_path, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))
    rng = np.random.default_rng(0)
    shapes = [(40, 50), (50, 70), (3, 40, 50), (3, 50, 6), (50,), (40,), (1024, 100), (4, 100)]
    inputs = [rng.standard_normal(shape).astype(dtype) for shape in shapes]

    def products(a, b, stack, others, x, y, tall, few):
        return (
            a @ b, b.T @ a.T, stack @ b, stack @ others, a @ others, a @ x, y @ a, a.T @ y, x @ x,
            tall @ few.T, few @ tall.T, a @ b[:, 0], a[:, ::2] @ b[::2],
        )  # fmt: skip

    compiled = cr.compile(products)
    for found, wanted in zip(compiled(*inputs), products(*inputs), strict=True):
        assert found.dtype == wanted.dtype
        bound = 1000 * np.finfo(dtype).eps
        np.testing.assert_allclose(found, wanted, rtol=bound, atol=bound)
    assert "interpreter" not in compiled.report()
