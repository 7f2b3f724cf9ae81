"""The pipeline keeps every graph well formed and every value, on all cases, after each pass."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.core.tree import flatten, unflatten
from chainrule.passes.cse import share_common
from chainrule.passes.fold import fold_constants
from chainrule.passes.loops import merge_scans, trim_scans
from chainrule.passes.pipeline import Pipeline, Repeated
from chainrule.passes.simplify import simplify

from ..cases import CASES, Case
from ..transforms.control_cases import TWINS, Twin

EXACT = {
    "eliminate_dead_code", "share_common", "merge_scans", "trim_scans", "fold_constants",
    "simplify",
}  # fmt: skip
POWERS = {"pow"}  # small ones become products, which round once more


def checked(graph: cr.Graph, inputs) -> None:
    """Each pass gives a well formed graph with the values before, exact ones to the bit."""
    values = {id(graph): evaluate(graph, inputs)}
    exact = not any(e.primitive.name in POWERS for e in graph.equations)

    def check(name: str, before: cr.Graph, after: cr.Graph) -> None:
        if after is before:
            return
        cr.check_graph(after)
        assert len(after.inputs) == len(before.inputs), name
        values[id(after)] = evaluate(after, inputs)
        for a, b in zip(values[id(after)], values[id(before)], strict=True):
            assert np.result_type(a) == np.result_type(b), name
            assert np.shape(a) == np.shape(b), name
            if name in EXACT and exact:
                np.testing.assert_array_equal(a, b, err_msg=name)
            else:
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14, err_msg=name)
        kept.append(after)  # so that its id stays its own

    kept: list[cr.Graph] = []
    Pipeline(on_step=check)(graph)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore")
def test_each_pass_keeps_values(case: Case) -> None:
    checked(cr.trace(case.f)(*case.inputs), list(case.inputs))


@pytest.mark.parametrize("case", [c for c in CASES if c.argnums], ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore")
def test_each_pass_keeps_gradients(case: Case) -> None:
    def pulled(*inputs):
        def of(*xs):
            full = list(inputs)
            for i, x in zip(case.argnums, xs, strict=True):
                full[i] = x
            return case.f(*full)

        out, pullback = cr.vjp(of, *(inputs[i] for i in case.argnums))
        leaves, structure = flatten(out)
        return pullback(unflatten(structure, [np.ones_like(x) for x in leaves]))

    checked(cr.trace(pulled)(*case.inputs), list(case.inputs))


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_each_pass_keeps_loops(twin: Twin) -> None:
    every = cr.value_and_grad(twin.ours, tuple(range(len(twin.args))))
    checked(cr.trace(every)(*twin.args), list(twin.args))


def test_hook_sees_each_pass_in_order_with_the_graphs_around_it() -> None:
    seen: list[tuple[str, cr.Graph, cr.Graph]] = []
    graph = cr.trace(lambda x: np.log(1 + np.exp(x * 1)) * 2 / 2)(1.0)
    result = Pipeline(on_step=lambda *step: seen.append(step))(graph)
    names = [name for name, _, _ in seen]
    assert names[0] == names[-1] == "eliminate_dead_code"
    assert "share_common" in names and "merge_scans" in names
    assert names.index("fold_constants") < names.index("simplify") < names.index("stabilise")
    assert seen[0][1] is graph and seen[-1][2] is result
    for (_, _, after), (_, before, _) in itertools.pairwise(seen):
        assert after is before
    changed = [name for name, before, after in seen if after is not before]
    assert {"simplify", "stabilise"} <= {*changed}


def test_the_hook_tells_what_each_pass_did_inside_of_loops() -> None:
    changed: list[str] = []

    def note(name, before, after):
        if after is not before:
            changed.append(name)

    graph = cr.trace(lambda x: cr.scan(lambda c, _: (c * 1 + x, None), x, None, 3)[0])(1.0)
    after = Pipeline(on_step=note)(graph)
    assert "simplify" in changed
    (scan,) = after.equations
    assert [e.primitive.name for e in scan.params["body"].equations] == ["add"]


def test_repeated_passes_end_when_nothing_changes() -> None:
    names: list[str] = []
    group = Repeated((fold_constants, simplify))
    Pipeline((group,), on_step=lambda name, *_: names.append(name))(cr.trace(np.sin)(1.0))
    assert names == ["fold_constants", "simplify"]
    turns: list[cr.Graph] = []

    def never_done(graph: cr.Graph) -> cr.Graph:
        turns.append(graph)
        return cr.Graph(graph.inputs, graph.equations, graph.outputs)

    Pipeline((Repeated((never_done,), at_most=4),))(cr.trace(np.sin)(1.0))
    assert len(turns) == 4


@pytest.mark.parametrize("case", CASES[::7], ids=lambda case: case.name)
@pytest.mark.filterwarnings("ignore")
def test_a_second_run_changes_nothing(case: Case) -> None:
    once = Pipeline()(cr.trace(case.f)(*case.inputs))
    assert str(Pipeline()(once)) == str(once)


def test_time_is_in_proportion_to_the_graph() -> None:
    """20,000 equations take seconds, and twice as many about twice as long."""

    def chain(n):
        def f(x):
            for i in range(n // 4):
                x = np.log(1 + np.exp(-x * 1)) / 2 if i % 8 == 0 else (x - -x * 0.25) * 1.5 + i
            return x

        return f

    def seconds(n):
        graph = cr.trace(chain(n))(np.ones(2))
        began = time.process_time()
        Pipeline()(graph)
        return time.process_time() - began, len(graph.equations)

    small, _ = seconds(10_000)
    large, size = seconds(20_000)
    assert size >= 20_000
    assert large < 40  # four seconds are usual, and a machine may be slow
    assert large < 4 * small + 0.5


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
      e: float64 = mul_or_zero a c
      f: float64 = mul_or_zero e b
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
