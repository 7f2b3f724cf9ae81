"""Emitted modules run as plain Python, without Numba: thousands of graphs in seconds.

The source is what is tested; decorators do nothing, and what is written for LLVM or calls BLAS or
LAPACK has NumPy and SciPy as its stand-ins.
"""

from __future__ import annotations

import functools
import math
import re
from fractions import Fraction

import numpy as np
from scipy import linalg
from scipy import special as scipy_special
from scipy.linalg import lapack

from chainrule.executors.native.kernels import FUNCTIONS
from chainrule.executors.native.products import TEXTS
from chainrule.executors.native.special import CALLED

FLOATS = ("float32", "float64")


def _seen(x, start, shape, strides):
    size = x.itemsize
    return np.lib.stride_tricks.as_strided(x[start:], shape, [s * size for s in strides])


def _update(out, alpha, product, beta):
    out[...] = alpha * product + (beta * out if beta else 0)


def by_rows(m, n, k, alpha, a, a0, row, step, b, b0, down, right, beta, c, c0, ldc):
    left, right = _seen(a, a0, (m, k), (row, step)), _seen(b, b0, (k, n), (down, right))
    product = np.zeros((m, n), c.dtype)
    for p in range(k):  # the same order for each entry, as the kernels promise
        product += np.multiply.outer(left[:, p], right[p])
    _update(_seen(c, c0, (m, n), (ldc, 1)), alpha, product, beta)


def by_dots(m, n, k, alpha, a, a0, lda, b, b0, ldb, beta, c, c0, ldc):
    by_rows(m, n, k, alpha, a, a0, lda, 1, b, b0, 1, ldb, beta, c, c0, ldc)


def gemm(turn_a, turn_b, m, n, k, alpha, a, a0, lda, b, b0, ldb, beta, c, c0, ldc):
    left = _seen(a, a0, (m, k), (1, lda) if turn_a else (lda, 1))
    right = _seen(b, b0, (k, n), (1, ldb) if turn_b else (ldb, 1))
    _update(_seen(c, c0, (m, n), (ldc, 1)), alpha, left @ right, beta)


def gemv(turn, m, n, alpha, a, a0, lda, x, x0, incx, beta, y, y0, incy):
    matrix = _seen(a, a0, (m, n), (lda, 1))
    matrix = matrix.T if turn else matrix
    rows, columns = matrix.shape
    product = matrix @ _seen(x, x0, (columns,), (incx,))
    _update(_seen(y, y0, (rows,), (incy,)), alpha, product, beta)


def by_columns(x, start, n, ld):
    return _seen(x, start, (n, n), (1, ld))


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


def fused(x, y, z):
    """``x y + z`` rounded once: exactly, as fractions, where all are numbers."""
    plain = x * y + z
    if not (np.isfinite(plain) and plain):
        return plain
    return type(x)(Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)))


class Pointer:
    """Entries of an array counted from one of them."""

    def __init__(self, array, offset):
        self.array, self.offset = array, offset

    def __getitem__(self, i):
        assert 0 <= self.offset + i < len(self.array)
        return self.array[self.offset + i]

    def __setitem__(self, i, value):
        assert 0 <= self.offset + i < len(self.array)
        self.array[self.offset + i] = value


def folded(combine, neutral):
    """A block in 32 lanes, each in order, and those by halves: the order that is promised."""

    def fold(block, count):
        padded = np.full(-(-count // 32) * 32, neutral, block.dtype)
        padded[:count] = block[:count]
        lanes = functools.reduce(combine, padded.reshape(-1, 32), padded.dtype.type(neutral))
        while len(lanes) > 1:
            lanes = combine(*lanes.reshape(2, -1))
        return lanes[0]

    return fold


FOLDS = {
    "sum": (np.add, 0.0),
    "prod": (np.multiply, 1.0),
    "max": (np.maximum, -np.inf),
    "min": (np.minimum, np.inf),
}


STAND_INS = {
    "product_by_rows": by_rows,
    "product_by_dots": by_dots,
    "bits_float32": lambda x: np.int32(x).view(np.float32),
    "bits_float64": lambda x: np.int64(x).view(np.float64),
    "as_int32": lambda x: np.float32(x).view(np.int32),
    "as_int64": lambda x: np.float64(x).view(np.int64),
    "block_float32": lambda: np.empty(256, np.float32),
    "block_float64": lambda: np.empty(256, np.float64),
    "fused": fused,
    "start": Pointer,
    "turns": lambda n: n,
    "apart": lambda: None,
    "choose": lambda condition, x, y: x if condition else y,
    **{f"{f.__name__}_{t}": f for f in (gemm, gemv, potrf, getrf, trsm, trsv) for t in FLOATS},
    **{
        f"special_{name}_{t}": getattr(scipy_special, name)
        for name, _ in CALLED.values()
        for t in FLOATS
    },
    **{f"{how}_of_{t}": folded(*FOLDS[how]) for how in FOLDS for t in FLOATS},
}
WRITTEN_FOR_LLVM = [
    *TEXTS.values(),
    *(FUNCTIONS[x] for x in (*STAND_INS, "fold") if x in FUNCTIONS),
]


def emulated(source: str, _signature: object, meet=None):
    """The function ``run`` of an emitted module, in place of ``build``; ``meet`` is for threads."""
    text = source[source.index("from numpy import") :]
    for known in WRITTEN_FOR_LLVM:
        text = text.replace(known.strip(), "")
    text = re.sub(r"@intrinsic.*?, codegen\n", "", text, flags=re.DOTALL)
    text = re.sub(r"# By name and not.*?\n\n\n", "", text, flags=re.DOTALL)
    text = re.sub(r"give_way = .*\n", "", text)
    names = {
        "np": np,
        "math": math,
        "OPTIONS": {},
        "njit": lambda **_options: lambda f: f,
    }
    exec(compile(text, "<emitted>", "exec"), names)
    names |= STAND_INS | {"meet": meet}
    return names["run"]
