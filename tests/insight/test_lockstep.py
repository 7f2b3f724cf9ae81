"""Both sweeps node by node: the essay's numbers, and cr.jvp and cr.vjp for every primitive."""

import numpy as np
import pytest
from tests.cases import CASES
from tests.insight.latex_checks import faults

import chainrule as cr
from chainrule.core.graph import Var
from chainrule.core.tree import flatten, unflatten
from chainrule.insight.local import Point, input_point, output_point
from chainrule.insight.lockstep import Lockstep


def essay(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e  # noqa: RET504 - the essay's name


def sweeps_of(f, *args, start=0, end=0):
    graph = cr.trace(f)(*args)
    return Lockstep(graph, input_point(graph, start), output_point(graph, end))


def test_the_essay():
    sweeps = sweeps_of(essay, 2.0, 1.0, start="b")
    forward = {str(s.sums[0].name.text): float(s.sums[0].value) for s in sweeps.forward}
    assert list(forward.items()) == [("ȧ", 0.0), ("ḃ", 1.0), ("ċ", 1.0), ("ḋ", 1.0), ("ė", 5.0)]
    assert [s.key for s in sweeps.reverse] == ["e2", "e1", "e0", "i1", "i0"]
    b = sweeps.reverse[3].sums[0]
    assert b.text == ("b̄", "c̄ · ∂c/∂b + d̄ · ∂d/∂b", "c̄ + d̄", "2 + 3", "5")
    assert b.latex[1] == (
        r"\bar{c} \, \frac{\partial c}{\partial b} + \bar{d} \, \frac{\partial d}{\partial b}"
    )
    kinds = [s.sums[0].kind for s in (*sweeps.forward[:3], *sweeps.reverse[:1])]
    assert kinds == ["other", "start", "sum", "start"]


def test_what_no_path_reaches():
    def f(x, y):
        z = np.sin(x)
        np.cos(y)
        return z * 2.0

    sweeps = sweeps_of(f, 0.5, 2.0, start="y")
    assert [float(s.sums[0].value) for s in sweeps.forward] == [
        0,
        1,
        0,
        pytest.approx(-np.sin(2)),
        0,
    ]
    assert [s.sums[0].kind for s in sweeps.reverse] == ["start", "none", "sum", "none", "sum"]


def test_an_output_that_is_used_further_and_named_points():
    def f(x):
        y = cr.insight.name(np.sin(x), "y")
        return y, y * y

    sweeps = sweeps_of(f, 0.5)
    y = next(s for s in sweeps.reverse if s.sums[0].name.text == "ȳ")
    assert float(y.sums[0].value) == 1.0
    both = sweeps_of(f, 0.5, end=1)
    y = next(s for s in both.reverse if s.sums[0].name.text == "ȳ")
    assert float(y.sums[0].value) == pytest.approx(2 * np.sin(0.5))
    assert len(both.forward) == 3


def test_a_sum_of_many_terms_is_not_written_out():
    def f(x):
        total = x
        for _ in range(12):
            total = total + x
        return total

    x = sweeps_of(f, 1.0).reverse[-1].sums[0]
    assert (float(x.value), x.text) == (13.0, ("x̄", "13"))


def one_case_for_each_primitive():
    found = {}
    for case in CASES:
        if case.argnums:
            with np.errstate(all="ignore"):
                graph = cr.trace(case.f)(*case.inputs)
            fs = [v for v in (*graph.inputs, *graph.outputs) if v.type.dtype.kind == "f"]
            is_real = len(fs) == len(graph.inputs) + len(graph.outputs)
            if is_real and all(isinstance(x, Var) and x.type.size for x in graph.outputs):
                for e in graph.equations[:12]:
                    found.setdefault(e.primitive.name, (case, graph))
    return found.values()


def test_every_primitive_forwards_and_backwards():
    made = 0
    for case, graph in one_case_for_each_primitive():
        start, end = Point(graph.inputs[-1], 0), Point(graph.outputs[-1], 0)
        with np.errstate(all="ignore"):
            sweeps = Lockstep(graph, start, end)
            forward = {s.variable: s for step in sweeps.forward for s in step.sums}
            reverse = {s.variable: s for step in sweeps.reverse for s in step.sums}
            tangents = [forward[v].value for v in graph.inputs]
            cotangents = [np.zeros(x.type.shape, x.type.dtype) for x in graph.outputs]
            cotangents[-1].reshape(-1)[0] = 1
            inputs = [graph.numbers.value(v) for v in graph.inputs]
            pushed = flatten(cr.jvp(case.f, inputs, tangents)[1])[0]
            out, pull = cr.vjp(case.f, *inputs)
            pulled = pull(unflatten(flatten(out)[1], cotangents))
        for x, expected in zip(graph.outputs, pushed, strict=True):
            np.testing.assert_allclose(forward[x].value, expected, rtol=1e-9, err_msg=case.name)
        for v, expected in zip(graph.inputs, pulled, strict=True):
            np.testing.assert_allclose(reverse[v].value, expected, rtol=1e-9, err_msg=case.name)
        for found in (*forward.values(), *reverse.values()):
            assert faults(" = ".join(found.latex)) == [], (case.name, found.latex)
        made += 1
    assert made > 80
