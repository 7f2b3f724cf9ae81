"""Emitted modules run as plain Python, without Numba: thousands of graphs in seconds.

The source is what is tested; decorators do nothing, the two intrinsics and BLAS are NumPy's.
"""

from __future__ import annotations

import functools
import math
import re
from fractions import Fraction

import numpy as np


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


def emulated(source: str, _signature: object):
    """The function ``run`` of an emitted module, in place of ``build``."""
    text = re.sub(r"@intrinsic.*?, codegen\n", "", source, flags=re.DOTALL)
    text = re.sub(r"# By name and not.*?\n\n\n", "", text, flags=re.DOTALL)
    text = re.sub(r"binding.add_symbol\(.*?\n\n\n", "", text, flags=re.DOTALL)
    text = re.sub(r"^def fold\(.*?\n\n\n", "", text, flags=re.DOTALL | re.MULTILINE)
    text = text[text.index("from numpy import") :]
    names = {
        "np": np,
        "math": math,
        "start": Pointer,
        "turns": lambda n: n,
        "apart": lambda: None,
        "choose": lambda condition, x, y: x if condition else y,
        "OPTIONS": {},
        "njit": lambda **_options: lambda f: f,
    }
    exec(compile(text, "<emitted>", "exec"), names)
    for t, floats, integers in (("32", np.float32, np.int32), ("64", np.float64, np.int64)):
        names[f"as_int{t}"] = lambda x, f=floats, i=integers: f(x).view(i)
        names[f"block_float{t}"] = lambda f=floats: np.empty(256, f)
        for how, (combine, neutral) in FOLDS.items():
            names[f"{how}_of_float{t}"] = folded(combine, neutral)
    names["fused"] = fused
    names["bits_float32"] = lambda x: np.int32(x).view(np.float32)
    names["bits_float64"] = lambda x: np.int64(x).view(np.float64)
    names["gemv_float32"] = names["gemv_float64"] = gemv
    names["gemm_float32"] = names["gemm_float64"] = gemm
    return names["run"]
