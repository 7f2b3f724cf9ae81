"""Gradients as sums over paths, and the source lines they come from."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.insight.paths import paths
from chainrule.insight.provenance import provenance


def essay(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e  # noqa: RET504 - the essay's name


def test_the_essays_graph():
    found = paths(essay, 2.0, 1.0, input="b")
    assert (found.gradient, found.count, found.nonzero) == (5.0, 2, 2)
    assert [p.product for p in found.largest] == [3.0, 2.0]
    assert [[s.to for s in p.steps] for p in found.largest] == [["d", "e"], ["c", "e"]]
    assert str(found) == "\n".join(
        [
            "∂e/∂b = 5: 2 paths",
            "  b → d → e: 1 · 3 = 3",
            "  b → c → e: 1 · 2 = 2",
            "multiplications and additions: 3 factored, 3 if each path is multiplied out by itself",
            "  ∂e/∂d = 3",
            "  ∂e/∂c = 2",
            "  ∂e/∂b = ∂e/∂c · ∂c/∂b + ∂e/∂d · ∂d/∂b = 2 · 1 + 3 · 1 = 5",
            "all 2 derivatives of this function: 2 sweeps forwards (one for each input), or"
            " 1 sweep backwards (one for each output)",
        ]
    )
    assert "<table>" in found._repr_html_()


def test_paths_are_counted_exactly_beyond_any_walk():
    def powers(x):
        for _ in range(100):
            x = np.sin(x) + np.cos(x)
        return x

    found = paths(powers, 0.3)
    assert found.count == 2**100 == found.nonzero
    assert found.unfactored == 2**100 * 199 + 2**100 - 1
    assert found.factored == 498
    assert found.gradient == pytest.approx(float(cr.grad(powers)(0.3)), rel=1e-9)
    assert "1.3e+30" in str(found)
    products = [abs(p.product) for p in found.largest]
    assert products == sorted(products, reverse=True) and len(products) == 5


def test_a_factor_that_stands_twice_has_two_edges():
    def square(x):
        for _ in range(60):
            x = x * x
        return x

    assert paths(square, 1.0).count == 2**60
    found = paths(lambda x: x * x, 3.0)
    assert (found.count, found.gradient, [p.product for p in found.largest]) == (2, 6.0, [3.0, 3.0])


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_counts_and_largest_of_random_graphs_by_walking_all_paths(data):
    """Random sums and products of earlier values, against all paths walked one by one."""
    steps = [
        (data.draw(st.integers(0, i)), data.draw(st.integers(0, i)), data.draw(st.booleans()))
        for i in range(data.draw(st.integers(1, 8)))
    ]

    def f(x):
        values = [x]
        for i, j, product in steps:
            a, b = values[i], values[j]
            values.append(a * b if product else 0.5 * a - b)
        return values[-1]

    graph = cr.trace(f)(1.3)
    numbers = graph.numbers
    uses: dict = {}
    for e in graph.equations:
        for place, x in enumerate(e.inputs):
            operands = [numbers.value(y) for y in e.inputs]
            is_product = e.primitive.name == "mul"
            slope = operands[1 - place] if is_product else 1.0 - 2 * place
            uses.setdefault(x, []).append((e.outputs[0], float(slope)))

    def walk(v):
        if v is graph.outputs[0]:
            yield 1.0
        for to, slope in uses.get(v, []):
            for rest in walk(to):
                yield slope * rest

    products = list(walk(graph.inputs[0]))
    found = paths(graph, largest=3)
    assert found.count == len(products)
    assert found.nonzero == sum(p != 0 for p in products)
    assert found.gradient == pytest.approx(math.fsum(products))
    assert found.absolute == pytest.approx(math.fsum(map(abs, products)))
    largest = sorted(map(abs, products), reverse=True)[:3]
    assert [abs(p.product) for p in found.largest] == pytest.approx(largest)


def test_a_network_has_a_path_for_each_way_through_its_layers():
    stack = cr.nn.stack.stack_of(cr.nn.Network([3, 4, 5, 2], activation=["tanh", "relu", "tanh"]))

    def cost(w1, w2, w3):
        weights = {1: w1, 2: w2, 3: w3}
        return np.sum(stack.forward(np.ones((1, 3)), np.eye(2)[:1], weights).costs)

    args = tuple(stack.weights.values())
    found = paths(cost, *args, input=("w1", (2, 1)))
    z = stack.forward(np.ones((1, 3)), np.eye(2)[:1]).z[2]
    alive = int(np.sum(z > 0))
    assert 0 < alive < 5 and found.count == alive * 2  # no way leads through a dead neuron
    assert found.gradient == pytest.approx(cr.grad(cost)(*args)[2, 1])
    total = sum(p.product for p in paths(cost, *args, input=(0, (2, 1)), largest=10).largest)
    assert total == pytest.approx(found.gradient)
    assert found.forward_sweeps == sum(w.size for w in args) and found.reverse_sweeps == 1


def test_a_factor_that_happens_to_be_0_keeps_its_edge():
    W, x = np.ones((2, 3)), np.array([0.0, 1.0, 2.0])
    found = paths(lambda W, x: np.sum((W @ x) ** 2), W, x, input=(0, (0, 0)))
    assert (found.gradient, found.count, found.nonzero) == (0, 1, 0)
    assert paths(lambda W, x: np.sum((W @ x) ** 2), W, x, input=(1, 0)).count == 2
    fixed = paths(lambda W: np.sum((W @ x) ** 2), W, input=(0, (0, 0)))  # x is a constant
    assert fixed.count == 0
    taken = paths(lambda m, W, x: np.sum(np.where(m, W @ x, 0)), np.array([True, False]), W, x,
                  input=(2, 0))  # fmt: skip
    assert taken.count == 1


def test_reads_have_one_path_and_results_are_chosen():
    def f(x):
        return np.stack([x[0] * x[1], x[2]])

    x = np.array([2.0, 3.0, 4.0])
    assert paths(f, x, input=(0, 1), output=(0, 0)).gradient == 2.0
    assert paths(f, x, input=(0, 2), output=(0, 0)).count == 0
    assert paths(f, x, input=(0, 2), output=(0, 1)).count == 1
    assert "0 paths" in str(paths(f, x, input=(0, 2), output=(0, 0)))


def test_bad_input():
    with pytest.raises(cr.ChainruleError, match=r"inputs of the graph are a, b; not 'c'"):
        paths(essay, 1.0, 2.0, input="c")
    with pytest.raises(cr.ChainruleError, match="say which entry"):
        paths(np.sin, np.ones(3))
    with pytest.raises(cr.ChainruleError, match=r"shape \(3,\); \(3,\) is no index"):
        paths(np.sum, np.ones(3), input=(0, (3,)))
    with pytest.raises(cr.ChainruleError, match="traced by types"):
        paths(cr.trace(np.sin)(cr.ArrayType((), "float64")))
    with pytest.raises(cr.ChainruleError, match="real floating-point"):
        paths(lambda x: x * 2.0, 3)
    with pytest.raises(cr.ChainruleError, match="largest=-1"):
        paths(np.sin, 1.0, largest=-1)
    with pytest.raises(cr.ChainruleError, match="1 outputs; not 2"):
        paths(np.sin, 1.0, output=2)


# ---- provenance ----------------------------------------------------------------------------------


def penalised(W, x, y):
    h = np.tanh(W @ x)
    penalty = 0.1 * np.sum(W**2)
    out = np.sum(h * y)
    return (out - 1) ** 2 + penalty


ARGS = (np.arange(6.0).reshape(2, 3) / 10, np.array([1.0, -0.5, 2.0]), np.array([1.0, 2.0]))


def test_lines_of_the_source_and_their_parts():
    found = provenance(penalised, *ARGS, input=("W", (0, 2)))
    by_line = {line.text: line for line in found.lines}
    penalty = by_line["penalty = 0.1 * np.sum(W**2)"]
    hidden = by_line["h = np.tanh(W @ x)"]
    last = by_line["return (out - 1) ** 2 + penalty"]
    assert found.gradient == pytest.approx(cr.grad(penalised)(*ARGS)[0, 2])
    assert penalty.direct == penalty.through == pytest.approx(0.2 * 0.2)
    assert hidden.direct + penalty.direct == pytest.approx(found.gradient)
    assert last.through == pytest.approx(found.gradient) and last.direct == 0
    assert "100.0%" in str(found) and "<table>" in found._repr_html_()


def test_every_cut_through_a_program_carries_the_whole_gradient():
    found = provenance(penalised, *ARGS, input=("x", 1))
    through = [line.through for line in found.lines]
    assert through == pytest.approx([found.gradient] * 3)  # no way leads through the penalty


def test_uses_of_the_input_add_up_for_every_entry():
    gradient = cr.grad(penalised)(*ARGS)
    for index in itertools.product(range(2), range(3)):
        found = provenance(penalised, *ARGS, input=(0, index))
        assert sum(line.direct for line in found.lines) == pytest.approx(gradient[index])


def test_the_entry_of_the_largest_gradient_is_the_default():
    gradient = cr.grad(penalised)(*ARGS)
    largest = np.unravel_index(np.argmax(np.abs(gradient)), gradient.shape)
    assert provenance(penalised, *ARGS).gradient == pytest.approx(gradient[largest])


def test_a_graph_through_a_loop():
    def f(x):
        last, _ = cr.scan(lambda c, _: (np.sin(c), c), x, None, length=3)
        return last * 2

    found = provenance(f, 0.5)
    assert found.gradient == pytest.approx(float(cr.grad(f)(0.5)))
    assert paths(f, 0.5).gradient == pytest.approx(found.gradient)


def test_names_of_what_is_assigned_again():
    def stages(x):
        for _ in range(2):
            half = 0.5 * x
            x = half + np.sin(x)
        return np.exp(x)

    found = paths(stages, 1.0, largest=4)
    assert (found.input, found.output) == ("x", "stages")
    visited = {step.to for path in found.largest for step in path.steps}
    assert {"half₁", "half₂", "x₁", "x₂", "stages"} < visited


def test_shares_of_what_cancels_are_not_shown():
    def balanced(x):
        gain = 3 * x
        loss = x**2
        return gain - loss

    assert "100.0%" in str(provenance(balanced, 1.0))
    level = provenance(balanced, 1.5)
    assert level.gradient == 0 and "%" not in str(level) and "%" not in level._repr_html_()


def test_results_show_their_text_at_a_prompt():
    found = paths(essay, 2.0, 1.0, input="b")
    assert repr(found) == str(found)
    lines = provenance(essay, 2.0, 1.0, input="b")
    assert repr(lines) == str(lines)


def test_too_many_local_derivatives_are_refused_before_they_are_computed(monkeypatch):
    monkeypatch.setattr("chainrule.insight.local.MOST_EDGES", 100)
    monkeypatch.setattr("chainrule.insight.local.plan_jacobian", None)  # is not reached
    with pytest.raises(cr.ChainruleError, match="more than 100 local derivatives"):
        paths(lambda x: np.sum(x @ x), np.ones((5, 5)))
