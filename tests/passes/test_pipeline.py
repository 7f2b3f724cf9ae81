"""The pipeline keeps every graph well formed and every value, on all cases, after each pass."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.passes.cse import share_common
from chainrule.passes.loops import merge_scans, trim_scans
from chainrule.passes.pipeline import Pipeline

from ..cases import CASES, Case
from ..transforms.control_cases import TWINS, Twin


def checked(graph: cr.Graph, inputs) -> None:
    wanted = evaluate(graph, inputs)

    def check(name: str, before: cr.Graph, after: cr.Graph) -> None:
        cr.check_graph(after)
        assert len(after.inputs) == len(before.inputs), name
        for a, b in zip(evaluate(after, inputs), wanted, strict=True):
            assert np.result_type(a) == np.result_type(b), name
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14, err_msg=name)

    Pipeline(on_step=check)(graph)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore")
def test_each_pass_keeps_values(case: Case) -> None:
    checked(cr.trace(case.f)(*case.inputs), list(case.inputs))


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_each_pass_keeps_loops(twin: Twin) -> None:
    every = cr.value_and_grad(twin.ours, tuple(range(len(twin.args))))
    checked(cr.trace(every)(*twin.args), list(twin.args))


def test_hook_sees_each_pass_in_order() -> None:
    seen: list[str] = []
    Pipeline(on_step=lambda name, *_: seen.append(name))(cr.trace(np.sin)(1.0))
    assert seen[0] == seen[-1] == "eliminate_dead_code"
    assert "share_common" in seen and "merge_scans" in seen


def test_equal_numbers_of_other_types_stay_apart() -> None:
    def f(x):
        return x * 2, x * 2.0, x * np.float32(2), x * -0.0, x * 0.0

    graph = share_common(cr.trace(f)(np.ones(2, np.float32)))
    assert len(graph.equations) == 5


def test_forward_loop_of_reverse_mode_is_merged() -> None:
    def f(c, x):
        return np.sum(cr.scan(lambda c, e: (np.sin(c * e), c), c, x)[1])

    graph = cr.trace(cr.value_and_grad(f))(0.5, np.ones(3))
    count = [e.primitive.name for e in graph.equations].count("scan")
    merged = trim_scans(merge_scans(share_common(graph)))
    assert (count, [e.primitive.name for e in merged.equations].count("scan")) == (3, 2)
    assert str(Pipeline()(graph)) == GOLDEN


GOLDEN = """\
graph(a: float64~, b: float64[3])
  c: float64, d: float64[3], e: float64[3] = \
scan[constants=0, carries=1, length=3, reverse=False] a b
    body: graph(a: float64, b: float64)
      c: float64 = mul a b
      d: float64 = sin c
      e: float64 = cos c
      return d a e
  f: float64 = sum[axes=(0,)] d
  g: float64 = scan[constants=0, carries=1, length=3, reverse=True] 0.0 b e <float64[3]>
    body: graph(a: float64, b: float64, c: float64, d: float64)
      e: float64 = mul a c
      f: float64 = mul e b
      g: float64 = add d f
      return g
  return f g"""


def test_loops_that_go_different_ways_stay_apart() -> None:
    def f(c, x):
        one, _ = cr.scan(lambda c, e: (c + e, None), c, x)
        two, _ = cr.scan(lambda c, e: (c * e, None), c, x)
        return one + two

    graph = Pipeline()(cr.trace(f)(0.5, np.ones(3)))
    assert [e.primitive.name for e in graph.equations] == ["scan", "scan", "add"]


def test_loops_lose_what_nobody_reads() -> None:
    def f(c, x, y):
        def step(carry, e):
            a, b = carry
            return (a + e[0], b * e[1]), (a, b)

        (last, _), _ = cr.scan(step, (c, c), (x, y))
        return last

    graph = Pipeline()(cr.trace(f)(0.5, np.ones(3), np.ones(3)))
    (scan,) = graph.equations
    assert (len(scan.inputs), len(scan.outputs), scan.params["carries"]) == (2, 1, 1)
