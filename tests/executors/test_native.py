"""The native executor: emitted source equals the interpreter on every case, and so does its machine
code; the cache never trusts what it cannot check."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.core.primitive import PRIMITIVES
from chainrule.core.tree import flatten
from chainrule.executors.native import build as build_module
from chainrule.executors.native import executor as executor_module
from chainrule.executors.native import fusion
from chainrule.executors.native.executor import native
from chainrule.executors.native.expressions import template
from chainrule.executors.native.memory import plan_memory
from chainrule.executors.native.schedule import is_native
from chainrule.executors.native.scheduler import schedule
from chainrule.executors.native.segments import cut

from ..cases import CASES
from .emulate import emulated
from .inventory import DIRECTIONS, documented, graph_of, table
from .owners import check_owners


@pytest.fixture
def python(monkeypatch):
    monkeypatch.setattr(executor_module, "build", emulated)


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def assert_same(found, expected, ulps=100):
    kinds = [np.result_type(b) for b in expected]
    # a float64 may be the sum of float32
    coarsest = max((np.finfo(kind).eps for kind in kinds if kind.kind in "fc"), default=0)
    for a, b, kind in zip(found, expected, kinds, strict=True):
        assert (np.shape(a), np.result_type(a)) == (np.shape(b), kind)
        eps = coarsest if kind.kind in "fc" else 0
        finite = np.abs(b)[np.isfinite(b)] if kind.kind in "fc" else np.zeros(0)
        size = float(np.max(finite, initial=0.0))
        np.testing.assert_allclose(a, b, rtol=ulps * eps, atol=0.5 * ulps * eps * size)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_emitted_source_equals_the_interpreter(case, direction, python):
    graph = graph_of(case, direction)
    if graph is None:
        return
    inputs = flatten((case.inputs, {}))[0]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        assert_same(native(graph).run(inputs), evaluate(graph, inputs))


def test_the_document_says_what_is_left():
    assert documented() == table(), "python -m tests.executors.inventory"


SAMPLE = [c for c in CASES if zlib.crc32(c.name.encode()) % 40 == 0]


@pytest.mark.parametrize("case", SAMPLE, ids=lambda c: c.name)
def test_machine_code_equals_the_interpreter(case, cache):
    graph = graph_of(case, "forward")
    if graph is None or not any(map(is_native, graph.equations)):
        return
    inputs = flatten((case.inputs, {}))[0]
    with np.errstate(all="ignore"):
        assert_same(native(graph).run(inputs), evaluate(graph, inputs), ulps=8)


def network(w1, b1, w2, b2, x, y):
    a = cr.nn.sigmoid(x @ w1.T + b1)
    return np.mean(np.sum((cr.nn.softmax(a @ w2.T + b2) - y) ** 2, axis=1))


def network_inputs(dtype):
    rng = np.random.default_rng(0)
    shapes = [(6, 5), (6,), (3, 6), (3,), (7, 5), (7, 3)]
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradient_of_a_network_compiled(dtype, cache):
    inputs = network_inputs(dtype)
    f = cr.compile(cr.value_and_grad(network, argnums=(0, 1, 2, 3)), executor="native")
    expected = cr.value_and_grad(network, argnums=(0, 1, 2, 3))(*inputs)
    assert_same(flatten(f(*inputs))[0], flatten(expected)[0], ulps=200)
    assert "0 of" not in f.report()
    assert "in the interpreter" not in f.report()
    assert "def run(" in f.source
    assert "test_native.py:" in f.source  # loops name the user's lines


def test_what_is_not_native_runs_in_the_interpreter_and_is_reported(cache):
    def f(x):
        return np.abs(np.exp(1j * x)) * 2 + np.exp(x)

    compiled = cr.compile(f, executor="native")
    x = np.linspace(0.0, 1.0, 5)
    np.testing.assert_allclose(compiled(x), f(x), rtol=1e-15)
    assert (
        "3 of 6 equations native; in the interpreter: abs x1, exp x1, mul x1" in compiled.report()
    )


def test_results_of_two_calls_share_no_memory(cache):
    f = cr.compile(lambda x: (x + 1, x * 2), executor="native")
    first = f(np.ones(4))
    second = f(np.zeros(4))
    np.testing.assert_array_equal(first[0], np.full(4, 2.0))
    assert not np.shares_memory(first[0], second[0])


UPDATES = {
    "number": (lambda w, d, a: w - 0.5 * (d.T @ a), 3),
    "argument": (lambda w, d, a, s: w - s * (d.T @ a), 4),
    "computed": (lambda w, d, a: w - np.sum(a) * (d.T @ a), 3),
    "product on the left": (lambda w, d, a: w - (d.T @ a) * 0.5, 3),
    "transposed weights": (lambda w, d, a: w - 0.5 * (a.T @ d).T, 3),
    "weights are a factor": (lambda w, d, a: w - 0.1 * (w @ w.T @ w), 3),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", UPDATES)
def test_update_of_weights_in_one_product(name, dtype, python):
    f, n = UPDATES[name]
    rng = np.random.default_rng(0)
    shapes = [(3, 4), (5, 3), (5, 4)]
    inputs = [*(rng.standard_normal(shape).astype(dtype) for shape in shapes), 0.25][:n]
    graph = cr.compile(f).graph(*inputs)
    names = [e.primitive.name for e in graph.equations]
    assert "subtract_product" in names
    assert_same(native(graph).run(inputs), [f(*inputs)])
    assert_same(evaluate(graph, inputs), [f(*inputs)])


# ---- random graphs -------------------------------------------------------------------------------

UNARY = [np.exp, np.tanh, np.sin, np.square, np.negative, np.abs, cr.nn.sigmoid]
BINARY = [np.add, np.subtract, np.multiply, np.maximum]


def broadcasts(x, y):
    try:
        np.broadcast_shapes(np.shape(x), np.shape(y))
    except ValueError:
        return False
    return True


def shifted(x, y):
    """A stencil: neighbours of x along the first axis, times something of y."""
    factor = y if np.shape(y) == np.shape(x) else x
    return np.concatenate([x[:1], x[1:] * factor[:-1]])


def written_over(x, y, i):
    """x with a slice of it replaced."""
    z = x * 1.0
    if i % 3 == 0:
        z[1:] = x[:-1] * 0.5
    elif i % 3 == 1:
        z[..., :1] = 0.25
    else:
        z[0] = y[0] if np.shape(y) == np.shape(x) else 1.5
    return z


def looped(x, y, i):
    """A scan whose step takes slices of the carry and of what it closes over."""
    rate = y if np.shape(y) == np.shape(x) else 0.5 * x

    def step(carry, e):
        kept, moved = carry
        slope = shifted(kept, rate) * e
        back = np.concatenate([moved[1:] + rate[:-1], moved[:1]])
        new = (np.tanh(kept + slope), back) if i % 2 else (back, kept + 0.1 * slope)
        return new, kept[-1:] if i % 3 else moved

    (first, second), ys = cr.scan(step, (x * 0.5, x), np.linspace(0.1, 0.4, 3))
    return first + second + np.sum(ys)


def random_program(choices):
    """A function of two matrices built from a list of numbers."""

    def f(a, b):
        values = [a, b, a @ b.T, np.sum(a, axis=0)]
        for i, (kind, left, right) in enumerate(choices):
            x, y = values[left % len(values)], values[right % len(values)]
            long = np.ndim(x) > 0 and np.shape(x)[0] > 1
            if kind < len(UNARY):
                values.append(UNARY[kind](x * 0.5))
            elif kind < len(UNARY) + len(BINARY):
                values.append(BINARY[kind - len(UNARY)](x, y if broadcasts(x, y) else 0.5))
            elif kind == 11:
                values.append(np.sum(x, axis=-1, keepdims=True) if np.ndim(x) else x)
            elif kind == 12:
                values.append(x.T if np.ndim(x) == 2 and i % 2 else np.ravel(x)[::-1] * 1.0)
            elif kind == 13 and np.ndim(x) == 2:
                values.append(np.tanh(x @ x.T))
            elif kind == 14 and long:
                values.append(x[1:] if i % 2 else x[..., :-1] if np.shape(x)[-1] > 1 else x[:-1])
            elif kind == 15 and long:
                other = y if np.shape(x) == np.shape(y) else x
                along = (x[1:], other[:1]) if i % 2 else (other[..., :1], x[..., 1:])
                values.append(np.concatenate(along, axis=0 if i % 2 else -1))
            elif kind == 16 and long:
                values.append(shifted(x, y))
            elif kind == 17 and long:
                values.append(written_over(x, y, i))
            elif kind == 18 and long:
                values.append(looped(x, y, i))
            else:
                values.append(np.where(x > 0, x, 0.1 * x))
        return sum(np.sum(np.tanh(0.1 * v)) for v in values)

    return f


A, B = (np.random.default_rng(i).standard_normal((3, 4)) for i in (0, 1))
EXAMPLES = int(os.environ.get("CHAINRULE_EXAMPLES", "1000"))
CHOICES = st.lists(
    st.tuples(st.integers(0, 19), st.integers(0, 99), st.integers(0, 99)), max_size=9
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(CHOICES, st.sampled_from([1, 64]))
def test_random_graphs_forward_and_reverse(choices, shortest):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executor_module, "build", emulated)
        patch.setattr(fusion, "SHORTEST", shortest)  # whether loops are cut across short rows
        f = random_program(choices)
        for g in (f, cr.grad(f, argnums=(0, 1))):
            graph = cr.compile(g, executor="native").graph(A, B)
            assert_same(native(graph).run([A, B]), evaluate(graph, [A, B]), ulps=1000)


@settings(max_examples=200, deadline=None)
@given(CHOICES)
def test_nothing_is_overwritten_before_it_was_read(choices):
    f = random_program(choices)
    for g in (f, cr.grad(f, argnums=(0, 1))):
        graph = cr.compile(g, executor="native").graph(A, B)
        for segment in cut(graph):
            if segment.native:
                plan = schedule(segment.graph)
                check_owners(plan, plan_memory(plan))


# ---- the cache -----------------------------------------------------------------------------------


def kernel():
    """Compile something small, and what it gives."""
    return cr.compile(lambda x: np.exp(x) * 3, executor="native")(np.arange(4.0))


EXPECTED = np.exp(np.arange(4.0)) * 3


def built(cache: Path) -> list[Path]:
    return [p for p in cache.iterdir() if not p.name.startswith(".")]


def test_second_process_finds_what_the_first_has_built(cache):
    kernel()
    (folder,) = built(cache)
    before = {p: p.stat().st_mtime_ns for p in folder.rglob("*")}
    kernel()
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("*")} == before
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


@pytest.mark.parametrize("damage", ["truncate", "flip", "remove", "garbage manifest", "extra file"])
def test_damaged_cache_is_built_again(cache, damage):
    kernel()
    (folder,) = built(cache)
    code = next(p for p in folder.rglob("*.nbc"))
    data = code.read_bytes()
    if damage == "truncate":
        code.write_bytes(data[: len(data) // 2])
    elif damage == "flip":
        code.write_bytes(data[:100] + bytes([data[100] ^ 255]) + data[101:])
    elif damage == "remove":
        code.unlink()
    elif damage == "garbage manifest":
        (folder / "manifest.json").write_text("{")
    else:
        (folder / "__pycache__" / "more.nbc").write_bytes(b"x")
    np.testing.assert_allclose(kernel(), EXPECTED, rtol=1e-15)
    assert build_module._is_sound(*built(cache))


@pytest.mark.parametrize("what", ["folder", "file"])
def test_cache_that_others_can_write_to_is_not_read(cache, what):
    kernel()
    (folder,) = built(cache)
    target = folder if what == "folder" else next(folder.rglob("*.nbc"))
    target.chmod(0o777)
    assert not build_module._is_sound(folder)
    np.testing.assert_allclose(kernel(), EXPECTED, rtol=1e-15)


def test_root_that_others_can_write_to_keeps_nothing(cache):
    cache.mkdir(mode=0o777)
    cache.chmod(0o777)
    np.testing.assert_allclose(kernel(), EXPECTED, rtol=1e-15)
    assert built(cache) == []


def test_no_place_for_a_cache(monkeypatch):
    monkeypatch.setenv("CHAINRULE_CACHE", "/proc/chainrule")
    np.testing.assert_allclose(kernel(), EXPECTED, rtol=1e-15)


def test_two_processes_that_compile_at_once(cache):
    code = (
        "import numpy as np, chainrule as cr\n"
        "f = cr.compile(lambda x: np.exp(x) * 3, executor='native')\n"
        "assert np.allclose(f(np.arange(4.0)), np.exp(np.arange(4.0)) * 3)\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], env=os.environ.copy()) for _ in range(2)
    ]
    assert [p.wait(120) for p in running] == [0, 0]
    assert len(built(cache)) == 1


@pytest.mark.parametrize("index", [7, -8])
def test_an_index_out_of_range_is_numpys_error(index, monkeypatch):
    monkeypatch.setattr(executor_module, "build", emulated)
    read = cr.compile(lambda x, i: x[i] * 2)
    assert read(np.arange(7.0), np.array([-7, 6])).tolist() == [0.0, 12.0]
    assert "interpreter" not in read.report()
    with pytest.raises(IndexError, match="axis 0 with size 7"):
        read(np.arange(7.0), np.array([0, index]))


def _all_expressions(x, y):
    """Every elementwise function that has a native form for numbers of this dtype."""
    kind = x.dtype
    found = []
    for name, primitive in PRIMITIVES.items():
        text = template(name, kind, kind)
        if text is None or name in ("copy", "stop_gradient", "mul_or_zero"):
            continue
        count = 3 if "{z}" in text else 2 if "{y}" in text else 1
        found.append(primitive(*(x, y, x)[:count]))
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int32", "bool"])
def test_every_elementwise_function_as_machine_code(dtype):
    rng = np.random.default_rng(2)
    x, y = (rng.uniform(0.05, 0.95, 40) * (1 if dtype[0] == "f" else 9) for _ in "xy")
    x, y = x.astype(dtype), y.astype(dtype)
    compiled = cr.compile(_all_expressions)
    with np.errstate(all="ignore"):
        wanted = _all_expressions(x, y)
        found = compiled(x, y)
    assert "interpreter" not in compiled.report()
    for a, b in zip(found, wanted, strict=True):
        assert a.dtype == b.dtype
        if a.dtype.kind == "f":
            np.testing.assert_array_max_ulp(a, b, 4)
        else:
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "bool"])
@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 2), (0, 1, 2)])
def test_reductions_over_any_axes(dtype, axes, monkeypatch):
    monkeypatch.setattr(executor_module, "build", emulated)
    x = np.random.default_rng(1).integers(-3, 4, (3, 4, 5)).astype(dtype)

    def every(x):
        functions = (np.sum, np.prod, np.max, np.min, np.all, np.any)
        return [f(x, axis=axes) for f in functions]

    compiled = cr.compile(every)
    for a, b in zip(compiled(x), every(x), strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-6)
    assert "interpreter" not in compiled.report()
