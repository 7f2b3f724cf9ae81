"""Emitted modules run as plain Python, without Numba: thousands of graphs in seconds.

The source is what is tested; decorators do nothing, intrinsics are Python's, BLAS is NumPy's and
LAPACK SciPy's.
"""

from __future__ import annotations

import math
import re

import numpy as np
from scipy import linalg
from scipy.linalg import lapack


def gemm(turn_a, turn_b, m, n, k, alpha, a, a0, lda, b, b0, ldb, beta, c, c0, ldc):
    def matrix(x, start, rows, columns, ld, turned):
        x, size = x[start:], x.itemsize
        shape = (columns, rows) if turned else (rows, columns)
        view = np.lib.stride_tricks.as_strided(x, shape, (ld * size, size))
        return view.T if turned else view

    product = matrix(a, a0, m, k, lda, turn_a) @ matrix(b, b0, k, n, ldb, turn_b)
    out = matrix(c, c0, m, n, ldc, False)
    out[...] = alpha * product + (beta * out if beta else 0)


def gemv(turn, m, n, alpha, a, a0, lda, x, x0, incx, beta, y, y0, incy):
    size = a.itemsize
    matrix = np.lib.stride_tricks.as_strided(a[a0:], (m, n), (lda * size, size))
    matrix = matrix.T if turn else matrix
    rows, columns = matrix.shape
    vector = x[x0 : x0 + (columns - 1) * incx + 1 : incx]
    out = y[y0 : y0 + (rows - 1) * incy + 1 : incy]
    out[...] = alpha * (matrix @ vector) + (beta * out if beta else 0)


def by_columns(x, start, n, ld):
    size = x.itemsize
    return np.lib.stride_tricks.as_strided(x[start:], (n, n), (size, ld * size))


def potrf(n, a, a0, info, i0):
    matrix = by_columns(a, a0, n, n)
    factor, info[i0] = lapack.get_lapack_funcs("potrf", (a,))(matrix, lower=0, clean=0)
    matrix[...] = factor


def getrf(n, a, a0, pivots, p0):
    matrix = by_columns(a, a0, n, n)
    factor, exchanged, _ = lapack.get_lapack_funcs("getrf", (a,))(matrix)
    matrix[...] = factor
    pivots[p0 : p0 + n] = exchanged + 1


def trsm(upper, turn, unit, n, k, m, m0, ldm, b, b0):
    """``op(M)^T X = B``."""
    factor = by_columns(m, m0, n, ldm)
    x = b[b0 : b0 + n * k].reshape(n, k)
    x[...] = linalg.solve_triangular(factor, x, 0 if turn else 1, not upper, unit)


def trsv(upper, turn, unit, n, m, m0, ldm, b, b0):
    trsm(upper, not turn, unit, n, 1, m, m0, ldm, b, b0)


LIBRARY = {
    f"{f.__name__}_{kind}": f
    for f in (gemm, gemv, potrf, getrf, trsm, trsv)
    for kind in ("float32", "float64")
}


def emulated(source: str, _signature: object):
    """The function ``run`` of an emitted module, in place of ``build``."""
    text = re.sub(r"@intrinsic.*?, codegen\n", "", source, flags=re.DOTALL)
    text = re.sub(r"# By name and not.*?\n\n\n", "", text, flags=re.DOTALL)
    text = re.sub(r"binding.add_symbol\(.*?\n\n\n", "", text, flags=re.DOTALL)
    text = text[text.index("from numpy import") :]
    names = {
        "np": np,
        "math": math,
        "apart": lambda: None,
        "choose": lambda condition, x, y: x if condition else y,
        "OPTIONS": {},
        "njit": lambda **_options: lambda f: f,
    }
    exec(compile(text, "<emitted>", "exec"), names)
    names["bits_float32"] = lambda x: np.int32(x).view(np.float32)
    names["bits_float64"] = lambda x: np.int64(x).view(np.float64)
    names |= LIBRARY
    return names["run"]
