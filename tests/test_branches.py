"""``cr.compile(f, branches=True)``: always the plain function's result; few runs of it."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.branches import tree
from chainrule.core.tree import flatten

from .branch_programs import PROGRAMS, inputs, run

EXECUTORS = ("native", "interpreter")
both = pytest.mark.parametrize("executor", EXECUTORS)


def equal(found, expected):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
        assert np.result_type(one) == np.result_type(other)


def counted(f):
    calls = []

    def counting(*args, **kwargs):
        calls.append(args)
        return f(*args, **kwargs)

    return counting, calls


# ---- random programs ----------------------------------------------------------------------------


@settings(max_examples=150)
@given(PROGRAMS, st.lists(st.integers(0, 60), min_size=4, max_size=10))
def test_random_programs_give_what_they_give_uncompiled(program, seeds):
    f, calls = counted(lambda values: run(program, values))
    compiled = cr.compile(f, executor="interpreter", branches=True)
    for seed in seeds * 2:
        equal(compiled(inputs(seed)), run(program, inputs(seed)))
    assert len(calls) <= len(set(seeds))  # each input's path is known from the first call on


@settings(max_examples=6)
@given(PROGRAMS.filter(lambda p: any(s[0] in ("branch", "while") for s in p)))
def test_random_programs_as_machine_code(program):
    compiled = cr.compile(lambda values: run(program, values), branches=True)
    for seed in (*range(5), *range(5)):
        equal(compiled(inputs(seed)), run(program, inputs(seed)))


@settings(max_examples=40)
@given(PROGRAMS, st.lists(st.integers(0, 60), min_size=3, max_size=6))
def test_gradients_of_random_programs(program, seeds):
    def gradient(values):
        return [
            *cr.grad(lambda v: np.sum(run(program, v)[0]) * run(program, v)[1])(values).values()
        ]

    compiled = cr.compile(gradient, executor="interpreter", branches=True)
    for seed in seeds * 2:
        equal(compiled(inputs(seed)), gradient(inputs(seed)))


# ---- guards and paths ---------------------------------------------------------------------------


def newton(a):
    x = a
    while np.abs(x * x - a) > 1e-9:
        x = (x + a / x) / 2
    return x


@both
def test_runs_the_function_once_for_each_path(executor):
    f, calls = counted(lambda x: np.exp(x) if np.sum(x) > 0 else x - 1)
    compiled = cr.compile(f, executor=executor, branches=True)
    for sign in (1.0, -1.0, 1.0, 2.0, -3.0, 4.0):
        x = np.full(3, sign)
        np.testing.assert_allclose(compiled(x), np.exp(x) if sign > 0 else x - 1, rtol=1e-15)
    assert len(calls) == 2


@both
def test_loops_share_the_code_of_their_turns(executor):
    compiled = cr.compile(newton, executor=executor, branches=True)
    for a in (2.0, 9.0, 100.0, 1e6, 2.0, 9.0, 100.0, 1e6):
        assert compiled(a) == pytest.approx(newton(a), rel=1e-15)
    assert "4 paths of 4 graphs; 8 calls: 4 by graphs" in compiled.report()


def test_one_guard_for_a_value_that_is_asked_for_twice():
    def f(x):
        positive = x > 0
        return (x if positive else -x) + (1 if positive else 2)

    compiled = cr.compile(f, executor="interpreter", branches=True)
    assert [compiled(x) for x in (1.0, -1.0, 2.0, -2.0)] == [2.0, 3.0, 3.0, 4.0]
    assert "2 paths of 3 graphs" in compiled.report()


@both
def test_integers_and_masks_are_guards_by_their_values(executor):
    def f(x, n):
        return [np.sum(x[x > n])] + [x * i for i in range(n)]

    counting, calls = counted(f)
    compiled = cr.compile(counting, executor=executor, branches=True)
    x = np.array([0.5, 1.5, 2.5])
    for n in (0, 1, 2, 1, 0):
        equal(compiled(x, n), f(x, n))
    equal(compiled(x + 0.25, 1), f(x + 0.25, 1))  # the same mask: no new path
    assert len(calls) == 3


def test_all_ways_to_look_at_a_value_are_guarded():
    looks = {
        "bool": lambda x: 1.0 if x[0] else 2.0,
        "and": lambda x: x[0] and x[1],
        "not": lambda x: 1.0 * (not x[0]),
        "in": lambda x: 1.0 * (x[0] in (1.0, 2.0)),
        "max": lambda x: max(x[0], x[1]) + min(x[1], x[2]),
        "sorted": lambda x: np.stack(sorted(x)),
        "int": lambda x: np.ones(1 + int(x[0])),
        "range": lambda x: np.ones(len(range(np.argmax(x) + 1))),
        "list": lambda x: [10.0, 20.0, 30.0][np.argmax(x)],
        "slice": lambda x: x[: np.argmax(x)],
        "reshape": lambda x: np.reshape(x, (np.argmax(x) * 0 + 3, 1)),
        "mask": lambda x: x[x > 1],
        "of truths": lambda x: x[x.astype(bool)],
        "nonzero": lambda x: np.nonzero(x)[0] + 0,
        "method": lambda x: x.nonzero()[0] + 0,
        "where": lambda x: x[np.where(x > 1)],
        "mask to write": lambda x: cr.grad(lambda y: np.sum(y[y > 1] ** 2))(x),
        "in a gradient": lambda x: cr.grad(lambda y: y[0] ** 2 if y[1] > 1 else y[2])(x),
        "in two": lambda x: cr.hessian(lambda y: y[0] ** 3 if y[1] > 1 else y[2] ** 2)(x),
        "in a sweep": lambda x: cr.jvp(lambda y: y * 2 if y[1] > 1 else y, (x,), (x,))[1],
    }
    arrays = [np.array(v) for v in ((0.0, 1.0, 2.0), (2.0, 0.0, 1.0), (1.0, 2.0, 0.0))]
    for name, f in looks.items():
        compiled = cr.compile(f, executor="interpreter", branches=True)
        for x in arrays * 2:
            np.testing.assert_array_equal(compiled(x), f(x), err_msg=name)
            assert "Traced" not in repr(compiled(x)), name


def test_text_of_a_traced_value_shows_no_number_that_is_not_guarded():
    seen = []
    compiled = cr.compile(lambda x: (seen.append(repr(x)), x + 1)[1], branches=True)
    compiled(3.0)
    assert seen == ["Traced(float64~)"]


# ---- the path not taken -------------------------------------------------------------------------


@both
def test_a_path_that_is_not_taken_does_not_fail_or_hang(executor):
    def f(a, x):
        if np.abs(np.linalg.det(a)) > 1e-12:
            return np.linalg.solve(a, x)
        if x[0] > 0:
            return cr.while_loop(lambda s: np.any(s > 1), lambda s: s / 2, x)  # ends for a > 0
        return x * 0

    compiled = cr.compile(f, executor=executor, branches=True)
    cases = [
        (np.eye(2) * 2, np.array([1.0, 2.0])),
        (np.ones((2, 2)), np.array([5.0, 2.0])),
        (np.ones((2, 2)), np.array([-1.0, np.inf])),  # would loop for ever
    ]
    with np.errstate(all="ignore"):
        for _ in range(3):
            for case in cases:
                np.testing.assert_allclose(compiled(*case), f(*case))
    assert "3 paths" in compiled.report()


@both
def test_what_the_function_raises_it_raises_each_time(executor):
    def f(x):
        y = np.exp(x)
        if x[0] < 0:
            raise LookupError("negative")
        return np.log(y)

    compiled = cr.compile(f, executor=executor, branches=True)
    for _ in range(3):
        with pytest.raises(LookupError, match="negative"):
            compiled(np.array([-1.0]))
        np.testing.assert_allclose(compiled(np.array([1.0])), [1.0])
    assert "1 path of 2 graphs; 6 calls: 2 by graphs" in compiled.report()


def test_work_that_a_guard_does_not_need_is_left_for_later():
    def f(x, flag):
        heavy = np.linalg.inv(x)  # fails for what the first branch is for
        return x * 0 if flag > 1 else heavy

    compiled = cr.compile(f, executor="interpreter", branches=True)
    compiled(np.eye(2), 2.0)
    np.testing.assert_array_equal(compiled(np.eye(2), 0.0), np.eye(2))
    assert compiled(np.zeros((2, 2)), 2.0).tolist() == [[0.0, 0.0], [0.0, 0.0]]


@both
def test_a_branch_that_asks_for_an_overflow_gets_it(executor):
    def f(x):
        y = np.log(np.sum(np.exp(x)))
        return -1.0 if np.isinf(y) else y

    compiled = cr.compile(f, executor=executor, branches=True)
    with np.errstate(over="ignore"):
        assert [compiled(np.full(2, v)) for v in (1000.0, 1000.0, 1000.0)] == [-1.0] * 3


# ---- arguments and results ----------------------------------------------------------------------


@both
def test_containers_static_arguments_and_keywords(executor):
    def f(p, how, *, scale=1.0, twice=False):
        y = np.sin(p["a"]) if how == "sin" else p["b"][0]
        y = y * scale if np.sum(y) > 0 else y - scale
        return {"y": 2 * y if twice else y, "p": (p["a"], 1.0)}

    compiled = cr.compile(f, executor=executor, branches=True)
    for sign in (1.0, -1.0, 1.0, -1.0):
        for how in ("sin", "other"):
            for rest in ({}, {"scale": 3.0, "twice": True}):
                p = {"a": np.full(3, sign), "b": [np.full(2, -sign)]}
                found, expected = compiled(p, how, **rest), f(p, how, **rest)
                np.testing.assert_allclose(found["y"], expected["y"], rtol=1e-15)
                np.testing.assert_array_equal(found["p"][0], p["a"])
                assert found["p"][1] == 1.0


@both
def test_results_share_no_memory_and_arguments_are_not_written_to(executor):
    constant = np.ones(3)

    def f(x):
        view = x[1:]
        if x[0] > 0:
            view[0] = 5.0
        return x, view, constant, constant

    compiled = cr.compile(f, executor=executor, branches=True)
    for _ in range(3):
        for first in (1.0, -1.0):
            x = np.array([first, 2.0, 3.0])
            found = compiled(x)
            assert x.tolist() == [first, 2.0, 3.0]
            assert found[0].tolist() == [first, 5.0 if first > 0 else 2.0, 3.0]
            for result in found:
                result[:] = 100.0
            assert x.tolist() == [first, 2.0, 3.0]
    assert constant.tolist() == [1.0, 1.0, 1.0]


def test_the_layout_of_an_array_decides_what_a_write_changes():
    def f(x):
        flat = x.reshape(-1)  # a view of an array in C order, a copy of others
        if x[0, 0] > 0:
            flat[0] = 7.0
        return x

    compiled = cr.compile(f, executor="interpreter", branches=True)
    x = np.arange(1.0, 5.0).reshape(2, 2)
    for array in (x, x.T, np.repeat(x, 2, axis=1)[:, ::2], x, x.T):
        np.testing.assert_array_equal(compiled(array), f(array.copy(order="K") + 0 * array))


def test_types_are_those_of_the_plain_function():
    def f(x, n, eta):
        return x * eta if n > 1 else x * (n * 0.5)

    compiled = cr.compile(f, branches=True)
    for n in (1, 2, 1, 2):
        for eta in (0.5, np.float64(0.5)):
            for dtype in (np.float32, np.float64):
                x = np.ones(2, dtype)
                assert compiled(x, n, eta).dtype == f(x, n, eta).dtype
    number = cr.compile(lambda eta: (eta * 2 if eta > 0 else eta, 1, np.float32(1)), branches=True)
    for eta in (0.5, 0.5, 0.5):
        assert [type(x) for x in number(eta)] == [float, int, np.float32]


# ---- limits -------------------------------------------------------------------------------------


def test_after_the_limit_new_paths_run_uncompiled_and_the_report_says_so(monkeypatch):
    monkeypatch.setattr(tree, "MOST_GRAPHS", 6)
    f, calls = counted(lambda x: np.sum(x[x > 0] ** 2))
    compiled = cr.compile(f, executor="interpreter", branches=True)
    rng = np.random.default_rng(0)
    arrays = list(rng.standard_normal((30, 8)))
    for x in arrays:
        assert compiled(x) == np.sum(x[x > 0] ** 2)
    assert len(calls) == 30
    assert compiled(arrays[0]) == np.sum(arrays[0][arrays[0] > 0] ** 2)
    assert len(calls) == 30  # a path that was kept
    report = compiled.report()
    assert (
        "5 paths of 6 graphs; 31 calls: 1 by graphs, 6 by running it anew, 24 uncompiled" in report
    )
    assert "no more paths are kept: more than 6 graphs" in report
    assert f"{__file__}" in report and "mask, missed 5 times" in report


def test_a_long_loop_is_bounded(monkeypatch):
    monkeypatch.setattr(tree, "MOST_PARTS", 50)

    def count(n):
        i = 0 * n
        while i < n:
            i = i + 1
        return i

    compiled = cr.compile(count, executor="interpreter", branches=True)
    assert [compiled(n) for n in (3, 100, 3, 200, 5)] == [3, 100, 3, 200, 5]
    assert "1 path of" in compiled.report() and "2 uncompiled" in compiled.report()


def test_uncompiled_runs_keep_arguments_and_results_apart(monkeypatch):
    monkeypatch.setattr(tree, "MOST_GRAPHS", 0)

    def f(x, y):
        if x[0] > 0:
            x[0] = 10.0
        return x, y

    compiled = cr.compile(f, executor="interpreter", branches=True)
    for _ in range(3):
        for first in (1.0, -1.0):
            x, y = np.array([first, 2.0]), np.zeros(2)
            found = compiled(x, y)
            assert x.tolist() == [first, 2.0]
            assert found[0].tolist() == [10.0 if first > 0 else first, 2.0]
            assert not np.shares_memory(found[1], y)
            found[1][:] = 1.0


def test_a_function_of_more_than_its_arguments_is_run_uncompiled():
    state = {"limit": 0.0, "extra": False}

    def f(x):
        if state["extra"] and x > 100:
            return x
        return x * 2 if x > state["limit"] else -x

    compiled = cr.compile(f, executor="interpreter", branches=True)
    assert compiled(1.0) == 2.0
    state["extra"] = True
    assert compiled(-1.0) == 1.0
    assert "it looked at other values than before" in compiled.report()
    assert compiled(-2.0) == 2.0


# ---- nesting ------------------------------------------------------------------------------------


def smooth(x, y):
    z = np.tanh(x * y)
    return np.sum(z * z) if np.sum(z) > 0 else np.sum(np.exp(z))


POINTS = [(np.array([0.3, 0.7]), 1.0), (np.array([0.3, 0.7]), -1.0)]


@both
def test_compiled_derivatives_equal_plain_ones(executor):
    kinds = (cr.grad, cr.value_and_grad, cr.jacobian, cr.hessian)
    for derive in kinds[:1] if executor == "native" else kinds:
        plain, compiled = (
            derive(smooth),
            cr.compile(derive(smooth), executor=executor, branches=True),
        )
        for point in POINTS * 2:
            pairs = zip(flatten(compiled(*point))[0], flatten(plain(*point))[0], strict=True)
            for one, other in pairs:
                np.testing.assert_allclose(one, other, rtol=1e-13)


def test_inside_of_transforms_that_know_values_it_is_the_plain_function():
    compiled = cr.compile(smooth, executor="interpreter", branches=True)
    for point in POINTS:
        for _ in range(2):
            np.testing.assert_array_equal(cr.grad(compiled)(*point), cr.grad(smooth)(*point))
            np.testing.assert_array_equal(cr.hessian(compiled)(*point), cr.hessian(smooth)(*point))
            assert str(cr.trace(compiled)(*point)) == str(cr.trace(smooth)(*point))


def test_compiled_with_branches_inside_of_compiled_with_branches():
    inner = cr.compile(lambda x: x * 2 if x > 0 else -x, executor="interpreter", branches=True)
    outer = cr.compile(lambda x: inner(x) + inner(x - 1), executor="interpreter", branches=True)
    for x in (2.0, 0.5, -1.0, 2.0, 0.5, -1.0):
        assert outer(x) == (x * 2 if x > 0 else -x) + ((x - 1) * 2 if x > 1 else 1 - x)
    assert inner.report() == "not called yet"


@pytest.mark.parametrize("opaque", [False, True])
def test_functions_with_rules_of_their_own(opaque):
    @cr.custom_derivative
    def f(x):
        if opaque:
            x = np.asarray([float(v) for v in x])  # what no tracing allows
        return x * 2 if np.sum(x) > 0 else x * 3

    f.def_vjp(lambda x: (f(x), x), lambda x, ct: (ct * 10 if x[0] > 0 else ct * 20,))

    def cost(x):
        return np.sum(f(x) if x[1] > 0 else x)

    for g in (cost, cr.grad(cost)):
        compiled = cr.compile(g, executor="interpreter", branches=True)
        for x in ((1.0, 1.0), (-1.0, 2.0), (1.0, -1.0), (-3.0, 1.0)) * 2:
            np.testing.assert_array_equal(compiled(np.array(x)), g(np.array(x)))
        names = [e.primitive.name for e in compiled.graph(np.ones(2)).equations]
        assert ("custom" in names) == (opaque and g is cost)


def test_checkpoints_and_loops():
    def f(x):
        if x[0] > 0:
            return np.sum(cr.checkpoint(np.tanh)(x))
        return np.sum(cr.scan(lambda c, v: (c * v, c), 1.0, x)[1])

    compiled = cr.compile(cr.grad(f), executor="interpreter", branches=True)
    for x in (np.array([1.0, 2.0]), np.array([-1.0, 2.0])) * 2:
        np.testing.assert_allclose(compiled(x), cr.grad(f)(x), rtol=1e-15)


def test_what_is_closed_over_may_be_traced():
    def f(x):
        inner = cr.compile(lambda y: y * x if y > x else x, executor="interpreter", branches=True)
        return inner(2.0) + inner(2.0)

    compiled = cr.compile(f, executor="interpreter", branches=True)
    for x in (1.0, 3.0, 1.5, 4.0):
        assert compiled(x) == f(x) == (4 * x if x < 2 else 2 * x)
        assert cr.grad(f)(x) == (4.0 if x < 2 else 2.0)


def test_where_only_types_are_known_a_branch_is_an_error_that_names_branches():
    compiled = cr.compile(smooth, branches=True)
    for f in (smooth, compiled):
        with pytest.raises(cr.ChainruleError, match=r"np\.where.*branches=True"):
            cr.compile(f)(*POINTS[0])
    with pytest.raises(cr.ChainruleError, match="branches=True"):
        cr.compile(lambda x: x[x > 0])(np.ones(3))
    with pytest.raises(cr.ChainruleError, match="branches=True"):
        cr.compile(lambda x, n: [x for _ in range(n)])(np.ones(3), 2)


def test_donate_is_refused():
    with pytest.raises(cr.ChainruleError, match="donate and branches=True"):
        cr.compile(smooth, branches=True, donate=0)


# ---- what there is to see -----------------------------------------------------------------------


def test_as_a_decorator_with_graph_and_source():
    @cr.compile(branches=True)
    def leaky(x):
        """A leaky rectifier."""
        y = np.tanh(x) * np.exp(x) + np.sin(x)
        return y if np.sum(y) > 0 else y / 10

    assert leaky.__doc__ == "A leaky rectifier."
    assert leaky.report() == "not called yet"
    x = np.array([1.0, 2.0])
    assert "div" not in str(leaky.graph(x)) and "div" in str(leaky.graph(-x))
    assert leaky.source == ""
    leaky(x), leaky(x)
    assert "def run" in leaky.source


def test_threads_may_call_at_once():
    def f(x):
        n = 0
        while np.sum(x) > 1:
            x, n = x / 2, n + 1
        return x, n

    compiled = cr.compile(f, executor="interpreter", branches=True)
    wrong = []

    def work(seed):
        for scale in np.random.default_rng(seed).integers(0, 20, 50):
            x = np.full(2, 2.0**scale)
            found, expected = compiled(x), f(x)
            if found[1] != expected[1] or (found[0] != expected[0]).any():
                wrong.append(scale)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert "20 paths" in compiled.report() and "300 calls" in compiled.report()


def test_a_path_that_is_taken_once_is_not_compiled():
    compiled = cr.compile(smooth, branches=True)
    compiled(*POINTS[0])
    assert compiled.source == ""
