"""Loop nests of native code: the order of sums, and that LLVM makes vector code of them."""

from __future__ import annotations

import re

import numpy as np
import pytest

import chainrule as cr
from chainrule.executors.native import executor as executor_module
from chainrule.executors.native.build import build
from chainrule.nn import sigmoid

from .emulate import FOLDS, emulated, folded


def in_promised_order(x, how="sum"):
    """Blocks of 256 in 32 lanes; blocks in pairs, as a binary counter carries."""
    combine, neutral = FOLDS[how]
    fold = folded(combine, neutral)
    blocks = [fold(x[i : i + 256], min(256, len(x) - i)) for i in range(0, len(x), 256)]
    sums = []  # of 2^i blocks
    for k, s in enumerate(blocks):
        while k & 1:
            s = combine(sums.pop(), s)
            k >>= 1
        sums.append(s)
    total = x.dtype.type(neutral)
    for s in reversed(sums):
        total = combine(s, total)
    return total


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [32, 33, 100, 255, 256, 257, 1000, 100_003])
def test_sums_have_the_promised_order(n, dtype):
    x = np.random.default_rng(n).normal(size=n).astype(dtype) * 1000
    assert cr.compile(np.sum)(x) == in_promised_order(x)
    rows = np.stack([x, x[::-1]])
    found = cr.compile(lambda x: np.sum(x, axis=1))(rows)
    assert found.tolist() == [in_promised_order(row) for row in rows]
    # over two loops that are not one: rows of more columns
    wide = np.pad(rows, ((0, 0), (0, 3)))
    total = cr.compile(lambda x: np.sum(x[:, :-3]))(wide)
    np.testing.assert_allclose(total, np.sum(rows, dtype=np.float64), rtol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_long_sums_are_as_exact_as_pairwise_ones(dtype):
    x = np.random.default_rng(0).random(1_000_000).astype(dtype)
    exact = np.sum(x.astype(np.longdouble))
    eps = np.finfo(dtype).eps
    assert abs(cr.compile(np.sum)(x) - exact) < 2 * eps * exact
    assert (
        abs(cr.compile(lambda x: np.sum(x * x))(x) - np.sum(x.astype("g") ** 2)) < 2 * eps * exact
    )


@pytest.mark.parametrize("n", [7, 40, 256, 700])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "int32", "bool"])
def test_reductions_as_machine_code(dtype, n):
    x = np.random.default_rng(n).integers(-3, 4, (3, n)).astype(dtype)

    def every(x):
        functions = (np.sum, np.prod, np.max, np.min, np.all, np.any)
        return [f(x, axis=axes) for f in functions for axes in (0, 1, None)]

    compiled = cr.compile(every)
    for a, b in zip(compiled(x), every(x), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    assert "interpreter" not in compiled.report()


@pytest.mark.parametrize("place", [0, 13, 32, 300, 699])
@pytest.mark.parametrize("f", [np.max, np.min])
def test_a_nan_is_the_largest_and_the_smallest(f, place):
    x = np.arange(700.0)
    x[place] = np.nan
    assert np.isnan(cr.compile(f)(x))
    assert np.isnan(cr.compile(f)(x[:5] * x[place]))


def test_long_transposes_run_in_tiles(monkeypatch):
    x, y = np.random.default_rng(0).random((1100, 20)), np.arange(1100.0)
    for how in (emulated, build):
        monkeypatch.setattr(executor_module, "build", how)
        compiled = cr.compile(lambda x, y: x.T * 2 + y)
        np.testing.assert_array_equal(compiled(x, y), x.T * 2 + y)
        assert "for j in range(0, 1100, 64):" in compiled.source


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_far_angle_does_not_change_the_others(dtype):
    x = np.random.default_rng(0).normal(size=100).astype(dtype)
    functions = cr.compile(lambda x: (np.sin(x), np.cos(x), np.tan(x)))
    near = functions(x)
    x[7] = 1e9
    for a, b in zip(functions(x), near, strict=True):
        np.testing.assert_array_equal(np.delete(a, 7), np.delete(b, 7))


X = np.random.default_rng(0).random((300, 515))
LOOPS = {
    "a map": (lambda x: np.exp(x) * np.tanh(x) + sigmoid(x), "mul"),
    "logarithm and sine": (lambda x: np.log(x) + np.sin(x), "mul"),
    "sums of rows": (lambda x: np.sum(x * x, axis=1), "add"),
    "sums of columns": (lambda x: np.sum(x * x, axis=0), "add"),
    "sums of rows of a transpose": (lambda x: np.sum(x.T * x.T, axis=1), "add"),
    "sum of all": (lambda x: np.sum(np.exp(x)), "add"),
    "a broadcast": (lambda x: np.maximum(x - x[0], 0.5) * x[:, :1], "mul"),
    "a part": (lambda x: x[1:, 3:] * x[:-1, :-3], "mul"),
    "temporaries": (lambda x: (x - np.max(x, axis=1, keepdims=True)) * np.sum(x, axis=0), "mul"),
    "booleans": (lambda x: np.where((x > 0.5) & (x < 0.7), x * x, x), "mul"),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOOPS)
def test_loops_become_vector_code(name, dtype, monkeypatch, tmp_path):
    from llvmlite import binding

    if not binding.get_host_cpu_features().get("avx2"):
        pytest.skip("no vectors of 32 bytes here")
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))
    kernels = []

    def keep(source, signature):
        kernels.append(build(source, signature))
        return kernels[-1]

    monkeypatch.setattr(executor_module, "build", keep)
    f, operation = LOOPS[name]
    cr.compile(f)(X.astype(dtype))
    (assembly,) = kernels[-1].inspect_asm().values()
    letter = "s" if dtype == "float32" else "d"
    wide = rf"\b(?:v{operation}|vf\w+)p{letter}\s[^\n]*[yz]mm"
    assert len(re.findall(wide, assembly)) >= 2
    assert not re.search(r"\bvgather|\bvscatter", assembly)
