"""``cr.insight.record``: named points of any function, checked against ``cr.grad``."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

import chainrule as cr
from chainrule.compile import Compiled
from chainrule.core.errors import ArgumentError, NoRuleError, ShapeError, TraceError
from chainrule.insight.keeping import selection
from chainrule.insight.named_points import numbers_of

name, record = cr.insight.name, cr.insight.record

W = np.array([[0.1, -0.2], [0.3, 0.4]])
X = np.array([[1.0, 2.0], [-0.5, 0.3], [0.2, -1.0]])


def cost_of_row(W, x, shift=0.0):
    z = name(W @ x, "z") + shift
    return np.sum(name(np.tanh(z), "a") ** 3)


def costs(W, X):
    return np.sum(name(np.tanh(name(X @ W.T, "z")), "a") ** 3, axis=1)


def test_values_and_cotangents_of_points_and_arguments():
    x = X[0]
    r = record(cost_of_row, W, x)
    a = np.tanh(W @ x)
    assert r.output == cost_of_row(W, x)
    np.testing.assert_array_equal(r.value["a"], a)
    np.testing.assert_allclose(r.cotangent["a"], 3 * a**2, rtol=1e-14)
    shifted = cr.grad(cost_of_row, 2)(W, x, np.zeros(2))
    np.testing.assert_allclose(r.cotangent["z"], shifted, rtol=1e-14)
    np.testing.assert_allclose(r.cotangent["W"], cr.grad(cost_of_row)(W, x), rtol=1e-14)
    np.testing.assert_allclose(r.cotangent["x"], cr.grad(cost_of_row, 1)(W, x), rtol=1e-14)
    assert r.names == ("W", "x", "z", "a")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_one_cost_a_row_gives_cotangents_a_row(dtype):
    r = record(costs, W.astype(dtype), X.astype(dtype))
    assert r.output.shape == (3,)
    assert r.cotangent["z"].dtype == dtype
    close = {"rtol": 1e-12 if dtype == "float64" else 2e-5}
    for i, x in enumerate(X):
        one = record(cost_of_row, W, x)
        for part in ("z", "a"):
            np.testing.assert_allclose(r.value[part][i], one.value[part], **close)
            np.testing.assert_allclose(r.cotangent[part][i], one.cotangent[part], **close)
    assert "d sum(output)" in str(r)


def test_a_name_changes_nothing_and_is_gone_when_compiled():
    x = X[0]
    assert name(x, "x") is x
    assert name(2, "n") == 2
    plain = lambda W, x: np.sum(np.tanh(W @ x) ** 3)
    named, unnamed = (cr.compile(f, executor="interpreter") for f in (cost_of_row, plain))
    assert str(named.graph(W, x)).count("=") > 0
    assert "name" not in str(named.graph(W, x))
    assert len(unnamed.graph(W, x).equations) <= len(named.graph(W, x).equations)
    gradient = cr.compile(cr.grad(cost_of_row), executor="interpreter").graph(W, x)
    without = cr.compile(cr.grad(plain), executor="interpreter").graph(W, x)
    assert "name" not in str(gradient)
    assert len(without.equations) <= len(gradient.equations)
    assert "name[name=z]" in str(cr.trace(cost_of_row)(W, x))
    np.testing.assert_allclose(cr.grad(cost_of_row)(W, x), cr.grad(plain)(W, x), rtol=1e-15)


def test_a_name_hinders_no_other_derivative():
    def loss(W, x, y):
        return np.sum((name(np.tanh(name(W @ x, "z")), "a") - y) ** 2)

    norms = cr.per_example_norms(loss, W, X, X[:, :2])
    assert not norms.materialised  # products of factors, named or not
    pattern = cr.sparse_jacobian(lambda x: name(x**2, "h"), np.ones(3))
    assert pattern.nnz == 3
    assert cr.jet(lambda x: name(x**2, "h"), 3.0, [1.0, 0.0])[1] == [6.0, 2.0]


def test_a_name_fuses_away():
    shapes = lambda f: str(cr.compile(f, executor="interpreter").graph(X))
    assert shapes(lambda x: np.exp(name(x * 2, "h")) + 1) == shapes(lambda x: np.exp(x * 2) + 1)


def test_writes_go_through_a_name():
    def written(x):
        y = x * 1.0
        h = name(y, "h")
        h[0] = 5.0
        return y * h

    expected = np.array([25.0, 4.0])
    np.testing.assert_array_equal(written(np.array([1.0, 2.0])), expected)
    assert cr.jvp(written, (np.array([1.0, 2.0]),), (np.ones(2),))[0].tolist() == [25.0, 4.0]
    compiled = cr.compile(written, executor="interpreter")
    np.testing.assert_array_equal(compiled(np.array([1.0, 2.0])), expected)


# ---- loops, branches, functions ------------------------------------------------------------------


def rolled(W, xs):
    def step(h, x):
        h = name(np.tanh(W @ h + x), "h")
        return h, name(np.sum(h), "s")

    h, sums = cr.scan(step, np.zeros(2), xs)
    return np.sum(h**2) + np.sum(sums**2)


def unrolled(W, xs):
    h, total = np.zeros(2), 0.0
    for x in xs:
        h = name(np.tanh(W @ h + x), "h")
        total = total + name(np.sum(h), "s") ** 2
    return np.sum(h**2) + total


def test_a_python_loop_gives_a_list_and_a_scan_a_stack():
    loop, scan = record(unrolled, W, X), record(rolled, W, X)
    assert [h.shape for h in loop.value["h"]] == [(2,)] * 3
    for part in ("h", "s"):
        np.testing.assert_allclose(scan.value[part], loop.value[part], rtol=1e-13)
        np.testing.assert_allclose(scan.cotangent[part], loop.cotangent[part], rtol=1e-12)
    np.testing.assert_allclose(scan.cotangent["W"], cr.grad(unrolled)(W, X), rtol=1e-12)
    assert "h[2]" in str(loop)


def test_a_scan_in_a_scan_stacks_twice():
    def f(x):
        def inner(c, e):
            return name(np.sin(c * e), "c"), None

        def outer(c, row):
            return cr.scan(inner, c, row)[0], None

        return cr.scan(outer, x, X)[0]

    def plain(x, shifts):
        for row, steps in zip(X, shifts):
            for e, shift in zip(row, steps):
                x = np.sin(x * e) + shift
        return x

    r = record(f, 1.3)
    assert r.value["c"].shape == r.cotangent["c"].shape == (3, 2)
    expected = cr.grad(plain, 1)(1.3, np.zeros((3, 2)))
    np.testing.assert_allclose(r.cotangent["c"], expected, rtol=1e-12)
    assert r.value["c"][-1, -1] == r.output


@pytest.mark.parametrize("x", [4.0, -4.0])
def test_branches(x):
    def f(x):
        return cr.cond(
            x > 0,
            lambda x: name(np.sqrt(x), "both") * name(x, "positive"),
            lambda x: name(x**2, "both") + 0.0,
            x,
        )

    r = record(f, x)
    assert r.value["both"] == (2.0 if x > 0 else 16.0)
    assert r.cotangent["both"] == (4.0 if x > 0 else 1.0)
    assert r.cotangent["positive"] == (2.0 if x > 0 else 0.0)
    assert np.isnan(r.value["positive"]) == (x < 0)
    assert record(f, x, keep="both").names == ("both",)


def test_pythons_own_branches_and_masks():
    def f(x):
        h = name(x * x, "h")
        while h > 1:
            h = name(h / 3, "third")
        return h

    r = record(f, 6.0)
    assert [float(v) for v in r.value["third"]] == [12.0, 4.0, 4 / 3, 4 / 9]
    assert r.cotangent["h"] == pytest.approx(1 / 81)
    assert r.cotangent["x"] == pytest.approx(12 / 81)
    assert "third" not in record(f, 0.5).value
    positive = record(lambda x: np.sum(name(x[x > 0], "p") ** 2), X[1])
    assert positive.cotangent["p"].tolist() == [0.6]


def test_vmap_grad_checkpoint_and_compiled_functions_inside():
    row = cr.compile(cost_of_row, executor="interpreter")
    mapped = record(lambda W, X: cr.vmap(row, in_axes=(None, 0))(W, X), W, X)
    direct = record(costs, W, X)
    saved = record(lambda W, X: cr.checkpoint(costs)(W, X), W, X)
    for part in ("z", "a", "W"):
        np.testing.assert_allclose(mapped.cotangent[part], direct.cotangent[part], rtol=1e-13)
        np.testing.assert_allclose(saved.cotangent[part], direct.cotangent[part], rtol=1e-13)
        np.testing.assert_array_equal(saved.value[part], direct.value[part])

    def slope(W, shift):
        inner = lambda W: np.sum((name(np.tanh(W @ X[0]), "a") + shift) ** 3)
        return np.sum(cr.grad(inner)(W) ** 2)

    second = record(lambda W: slope(W, 0.0), W)  # the value, and its slope, depend on the point
    expected = cr.grad(slope, 1)(W, np.zeros(2))
    np.testing.assert_allclose(second.cotangent["a"], expected, rtol=1e-12)


def test_constants_can_be_named():
    def f(x):
        def step(c, e):
            return name(W, "W")[0, 0] * c + e, None

        return cr.scan(step, 0.0, x)[0] + name(3.0, "three") * x[0]

    r = record(f, np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(r.value["W"], W)
    np.testing.assert_allclose(r.cotangent["W"], [[2 * 0.1 + 2.0, 0.0], [0.0, 0.0]])
    assert r.cotangent["three"] == 1.0


# ---- a function that is compiled already ---------------------------------------------------------


def test_of_a_compiled_function_the_record_is_compiled_once():
    traced = []

    def f(W, x):
        traced.append(1)
        return cost_of_row(W, x)

    compiled = cr.compile(f, executor="interpreter")
    first = record(compiled, W, X[0])
    again = record(compiled, 2 * W, X[0])
    assert len(traced) == 1
    np.testing.assert_array_equal(again.cotangent["z"], record(f, 2 * W, X[0]).cotangent["z"])
    assert not np.array_equal(again.cotangent["z"], first.cotangent["z"])
    assert record(compiled, W, X[0], keep="z").names == ("z",)
    branching = cr.compile(lambda x: name(-x, "h") if x < 0 else x, branches=True)
    assert record(branching, -2.0).value["h"] == 2.0


def test_of_a_compiled_function_arguments_may_come_by_name():
    compiled = cr.compile(cost_of_row, executor="interpreter")
    for args, named in (((W, X[0]), {}), ((), {"x": X[0], "W": W}), ((W,), {"x": X[0]})):
        r = record(compiled, *args, **named)
        np.testing.assert_array_equal(r.value["x"], X[0])
        np.testing.assert_array_equal(r.cotangent["W"], record(compiled, W, X[0]).cotangent["W"])


def test_of_a_plain_function_what_it_closes_over_is_as_it_is():
    scale = np.ones(2)
    f = lambda x: np.sum(name(scale * x, "h"))
    record(f, X[0])
    scale *= 3
    assert record(f, X[0]).value["h"].tolist() == [3.0, 6.0]


def test_machine_code_gives_the_same():
    plain, native = record(rolled, W, X), record(rolled, W, X, executor="native")
    np.testing.assert_allclose(native.cotangent["h"], plain.cotangent["h"], rtol=1e-12)
    np.testing.assert_allclose(native.value["s"], plain.value["s"], rtol=1e-12)


# ---- what is asked for ---------------------------------------------------------------------------


def graph_of(f, names, keep, *args):
    run = Compiled(numbers_of(f, names, selection(keep)), "interpreter")
    return run.graph(*args)


def test_only_what_is_asked_for_is_computed():
    every = graph_of(costs, ["W", "X"], None, W, X)
    part = graph_of(costs, ["W", "X"], ["cotangent of z"], W, X)
    values = graph_of(costs, ["W", "X"], ["value of z"], W, X)
    assert len(every.outputs) == 1 + 2 + 2 + 2
    assert len(part.outputs) == len(values.outputs) == 2
    assert [e.primitive.name for e in part.equations].count("matmul") == 1
    assert [e.primitive.name for e in every.equations].count("matmul") == 3
    assert len(values.equations) < len(part.equations) < len(every.equations)


def test_a_loop_stacks_only_what_is_asked_for():
    names = ["W", "xs"]
    for keep, count in ((["value of s"], 2), (["value of h"], 2), ("output", 0)):
        if count:
            graph = graph_of(rolled, names, keep, W, X)
            (loop,) = [e for e in graph.equations if e.primitive.name == "scan"]
            assert len(loop.inputs) == 3  # W, the first carry, xs: no probe
    both = [e for e in graph_of(rolled, names, "h", W, X).equations if e.primitive.name == "scan"]
    assert len(both) == 2  # forwards and back


@pytest.mark.parametrize(
    ("keep", "values", "cotangents"),
    [
        (["z"], {"z"}, {"z"}),
        ("z", {"z"}, {"z"}),
        (["value of z", "cotangent of W"], {"z"}, {"W"}),
        (["values"], {"W", "x", "z", "a"}, set()),
        (["cotangents", "value of a"], {"a"}, {"W", "x", "z", "a"}),
        ([], set(), set()),
    ],
)
def test_keep(keep, values, cotangents):
    r = record(cost_of_row, W, X[0], keep=keep)
    assert (set(r.value), set(r.cotangent)) == (values, cotangents)
    assert r.output == cost_of_row(W, X[0])


def test_what_was_not_kept_says_how_to_ask_for_it():
    r = record(cost_of_row, W, X[0], keep=["value of z"])
    with pytest.raises(ArgumentError, match=r"keep=\[\.\.\., 'cotangent of z'\]"):
        r.cotangent["z"]
    with pytest.raises(ArgumentError, match="named 'q'; there are 'W', 'x', 'z', 'a'; name a valu"):
        r.value["q"]
    with pytest.raises(ArgumentError, match="keep asks for 'q', but there are 'W', 'x', 'z', 'a'"):
        record(cost_of_row, W, X[0], keep=["cotangent of q"])
    assert r.value.get("a") is None


def test_arguments_of_every_kind():
    def f(params, labels, *rest, scale=1.0, flag="no"):
        h = name(params[0]["w"] * rest[0] + labels, "h")
        return np.sum(h * params[1]) * scale

    params = [{"w": X[0]}, 2.0]
    r = record(f, params, np.array([1, 2]), X[1], scale=3.0, flag="yes")
    assert list(r.value) == ["params", "labels", "argument 2", "flag", "scale", "h"]
    assert r.cotangent["params"][0]["w"].tolist() == (6 * X[1]).tolist()
    assert set(r.cotangent) == {"params", "argument 2", "scale", "h"}
    with pytest.raises(ArgumentError, match=r"'labels' is int64\[2\], in which nothing has"):
        r.cotangent["labels"]
    params[0]["w"][0] = 99.0
    assert r.value["params"][0]["w"][0] == 1.0  # as it was
    assert "params[0]['w']" in str(r)
    X[0, 0] = 1.0


# ---- what cannot be ------------------------------------------------------------------------------


def squared():
    square = cr.custom_derivative(lambda x: name(x * x, "inside"))
    square.def_jvp(lambda p, t: (p[0] ** 2, 2 * p[0] * t[0]))
    return square


def unused(x):
    name(x * 2, "h")
    return x


ERRORS = {
    "while_loop": (
        lambda x: cr.while_loop(lambda x: x < 9, lambda x: name(x * 2, "h"), x),
        NoRuleError, r"'h' \(.*test_record.py:\d+\) is named inside of a while_loop.*use cr.scan",
    ),
    "custom": (lambda x: squared()(x), NoRuleError, "a derivative of its own.*its arguments or"),
    "differentiated loop": (
        lambda x: cr.grad(lambda x: rolled(x * W, X))(x),
        NoRuleError, "'h' is named inside of a loop.*its value is computed twice",
    ),
    "unused": (unused, ArgumentError, r"nothing is computed from.*write x = name\(x, 'h'\)"),
    "two results": (lambda x: (x, name(x, "h")), ShapeError, r"return the cost alone.*'values'"),
    "whole number": (lambda x: name(x, "h") > 0, ShapeError, "one real array.*returned bool"),
    "argument's name": (lambda x: name(x, "x"), ArgumentError, "'x' is the name of an argument"),
    "reserved": (lambda x: name(x, "values"), ArgumentError, "keep= of record has a meaning for"),
    "reserved start": (lambda x: name(x, "value of h"), ArgumentError, "has a meaning for"),
    "list": (lambda x: name([x, x], "h"), TraceError, "x is list .*name the arrays in it"),
    "integer in a branch": (
        lambda x: cr.cond(x > 0, lambda x: name(np.ceil(x).astype(int), "n") * x, lambda x: x, x),
        ArgumentError, "'n'.*no NaN to say that the other branch was taken",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ERRORS)
def test_errors_say_what_to_do(case):
    f, kind, message = ERRORS[case]
    with pytest.raises(kind, match=message):
        record(f, 1.5)


def test_values_where_there_is_no_cotangent():
    assert record(unused, 1.5, keep=["value of h"]).value["h"] == 3.0
    both = record(lambda x: (x, name(x * 2, "h")), 1.5, keep=["values"])
    assert (both.output, both.value["h"]) == ((1.5, 3.0), 3.0)
    twice = record(lambda x: cr.grad(lambda x: rolled(x * W, X))(x), 1.5, keep=["value of h"])
    np.testing.assert_allclose(twice.value["h"], record(rolled, 1.5 * W, X).value["h"], rtol=1e-14)


def test_numbers_are_those_of_the_function_as_it_is_written():
    def f(x):  # compiled, it has the finite value
        return np.log(np.sum(name(np.exp(x), "e")))

    with np.errstate(over="ignore"):
        r = record(f, np.array([1000.0, 0.0]))
    assert r.output == np.inf
    assert r.value["e"].tolist() == [np.inf, 1.0]
    silent = record(lambda x: np.where(x > 0, name(np.log(x), "l"), 0.0), np.array([0.0, 1.0]))
    assert silent.value["l"].tolist() == [-np.inf, 0.0]
    assert silent.cotangent["x"].tolist() == [0.0, 1.0]


def test_bad_arguments_of_record():
    with pytest.raises(ArgumentError, match="executor 'gpu' is not one of native, interpreter"):
        record(costs, W, X, executor="gpu")
    with pytest.raises(ArgumentError, match=r"insight\.record takes a function, got float64"):
        record(cost_of_row(W, X[0]), W)


# ---- how it reads --------------------------------------------------------------------------------


def test_text_and_html_have_the_same_numbers():
    r = record(costs, W, X)
    lines = str(r).splitlines()
    assert lines[0].startswith("costs: output float64[3]; cotangents are d sum(output) / d point")
    assert lines[1].split() == ["name", "type", "value", "cotangent", "where"]
    assert "test_record.py:" in str(r)
    cells = [e.text for e in ElementTree.fromstring(r._repr_html_()).iter("td")]
    for part in (r.value, r.cotangent):
        for line in " ".join(f"{x:.4g}" for x in part["W"].ravel()).split():
            assert line in str(r)
            assert any(line in cell for cell in cells if cell)
    large = str(record(costs, W, np.tile(X, (50, 1)), keep="z"))
    assert "norm " in large
    assert "cotangent" not in str(record(costs, W, X, keep="values")).splitlines()[1]
