"""A view has each equation of a graph once, and each use of a variable."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from tests.cases import CASES
from tests.drawing.graphs import GRAPHS, essay, held, network
from tests.drawing.written import written
from tests.random_graphs import START, graph_of, graphs

import chainrule as cr
from chainrule.core.graph import Graph, Literal, Var
from chainrule.drawing.names import names_of
from chainrule.drawing.of_graph import view_of
from chainrule.drawing.view import View
from chainrule.transforms.numbers import Numbers


def wanted(graph: Graph, prefix: str = "") -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Keys of nodes, and (start, end) of edges, as the graph says by itself."""
    starts = {v: f"{prefix}i{n}" for n, v in enumerate(graph.inputs)}
    nodes = Counter(starts.values())
    edges: Counter[tuple[str, str]] = Counter()
    for n, e in enumerate(graph.equations):
        key = f"{prefix}e{n}"
        if e.primitive.name == "name" and isinstance(e.inputs[0], Var):
            starts[e.outputs[0]] = starts[e.inputs[0]]
            continue
        nodes[key] += 1
        starts |= dict.fromkeys(e.outputs, key)
        for i, x in enumerate(e.inputs):
            if isinstance(x, Literal) and x.type.shape:
                nodes[f"{key}c{i}"] += 1
            if isinstance(x, Var) or x.type.shape:
                edges[starts[x] if isinstance(x, Var) else f"{key}c{i}", key] += 1
        for name, inner in e.params.items():
            if isinstance(inner, Graph):
                more_nodes, more_edges = wanted(inner, f"{key}.{name}.")
                nodes, edges = nodes + more_nodes, edges + more_edges
                edges += Counter((key, f"{key}.{name}.i{k}") for k, _ in enumerate(inner.inputs))
    for n, x in enumerate(graph.outputs):
        key = f"{prefix}o{n}"
        nodes[key] += 1
        if isinstance(x, Literal):
            nodes[f"{key}c"] += 1
        edges[starts[x] if isinstance(x, Var) else f"{key}c", key] += 1
    return nodes, edges


def check(graph: Graph, view: View) -> None:
    nodes, edges = wanted(graph)
    assert Counter(node.key for node in view.nodes) == nodes
    assert Counter((e.start, e.end) for e in view.edges) == edges
    assert all(node.label.strip() and node.detail for node in view.nodes)
    order = {node.key: n for n, node in enumerate(view.nodes)}
    groups = {group.key: group for group in view.groups}
    assert len(groups) == len(view.groups)
    assert not groups.keys() & order.keys()
    for child in (*view.nodes, *view.groups):
        seen: list[str] = []
        key = child.group
        while key:
            assert key not in seen
            seen.append(key)
            key = groups[key].group
    for group in view.groups:
        assert group.label
        assert any(child.group == group.key for child in (*view.nodes, *view.groups))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cases_have_each_equation_and_use_once(case):
    graph = cr.trace(case.f)(*case.inputs)
    check(graph, view_of(graph))


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_have_each_equation_and_use_once(name):
    graph = GRAPHS[name]()
    check(graph, view_of(graph))


@given(graphs(longest=12))
@settings(max_examples=25)
def test_random_graphs_have_each_equation_and_use_once(choices):
    graph = cr.trace(graph_of(choices))(START)
    check(graph, view_of(graph))


def test_the_essays_graph():
    assert written(view_of(essay())) == (
        "i0 input [a]\n"
        "i1 input [b]\n"
        "e0 operation [+ | c] <- i0.a (2; 2) <- i1.b (1; 5)\n"
        "e1 operation [+ 1 | d] <- i1.b (1; 5)\n"
        "e2 operation [×] <- e0.c (3; 2) <- e1.d (2; 3)\n"
        "o0 output [output] <- e2.e (6; 1)"
    )


def test_a_network():
    view = view_of(replace(network([2, 2, 1]), numbers=None))
    assert written(view) == (
        "i0 input [weights[0] | 2 × 2]\n"
        "i1 input [weights[1] | 1 × 2]\n"
        "i2 input [biases[0] | 2]\n"
        "i3 input [biases[1] | 1]\n"
        "i4 input [X | 4 × 2]\n"
        "i5 input [Y | 4 × 1]\n"
        "e0 operation [.T] <- i0.weights[0]\n"
        "e1 operation [@] <- i4.X <- e0.g\n"
        "e2 operation [+ | z] <- e1.h <- i2.biases[0]\n"
        "e3 operation [tanh | a] <- e2.z\n"
        "e4 operation [.T] <- i1.weights[1]\n"
        "e5 operation [@] <- e3.a <- e4.k\n"
        "e6 operation [+ | z] <- e5.l <- i3.biases[1]\n"
        "e7 operation [tanh | a] <- e6.z\n"
        "e8 operation [−] <- e7.a <- i5.Y\n"
        "e9 operation [^ 2] <- e8.o\n"
        "e10 operation [sum | axes 0, 1] <- e9.p\n"
        "o0 output [output] <- e10.q"
    )
    (weights,) = [node for node in view.nodes if node.key == "e0"]
    file, _, line = weights.source.rpartition(":")
    assert file.endswith("graphs.py")
    assert Path(file).read_text().splitlines()[int(line) - 1].strip() == "z = a @ w.T + b"
    assert weights.detail == "transpose, order (1, 0): float64[2, 2]\nz = a @ w.T + b"


def test_gradients_are_those_of_the_graph():
    graph = network([3, 4, 2])
    edges = {(e.start, e.end): e for e in view_of(graph).edges}
    gradient = graph.numbers.cotangent(graph.inputs[0])
    assert np.isclose(edges["i0", "e0"].magnitude, np.linalg.norm(gradient), rtol=1e-12)


def test_names_of_the_source():
    def f(x):
        y = np.sin(x) * 2
        y += 1
        for _ in range(3):
            y = np.cos(y) + np.cos(x)
        g = lambda t: t * t
        z = g(y)
        pair = (z + 1, z + 2)
        return pair[0] * pair[1]

    named = [n.label for n in view_of(cr.trace(f)(1.0)).nodes if n.kind == "operation"]
    assert named == [
        "sin", "× 2\ny", "+ 1\ny", "cos", "cos", "+\ny", "cos", "cos", "+\ny", "cos", "cos", "+\ny",
        "×", "+ 1", "+ 2", "×",
    ]  # fmt: skip


def test_names_of_arguments():
    def f(params, x, *, scale):
        return scale["a"] * (params[0]["w"] * x)

    view = view_of(cr.trace(f)([{"w": 1.0}], 2.0, scale={"a": 3.0}))
    assert [n.label for n in view.nodes if n.kind == "input"] == ["params[0].w", "x", "scale.a"]


def test_named_points_are_names_of_variables():
    def f(x):
        hidden = cr.insight.name(np.tanh(x), "first layer")
        return cr.insight.name(cr.insight.name(hidden * 2, "inner"), "outer")

    graph = cr.trace(f)(1.0)
    check(graph, view_of(graph))
    assert written(view_of(graph)).splitlines()[1:] == [
        "e0 operation [tanh | first layer] <- i0.x (1; 0.8399)",
        "e2 operation [× 2 | outer] <- e0.first layer (0.7616; 2)",
        "o0 output [outer] <- e2.outer (1.523; 1)",
    ]


def test_a_graph_of_types_has_no_numbers():
    graph = cr.trace(lambda x: np.sum(np.exp(x)))(cr.ArrayType((3,), "float64"))
    assert {(e.value, e.gradient, e.magnitude) for e in view_of(graph).edges} == {("", "", None)}


def test_several_outputs_have_gradients_if_cotangents_are_given():
    def f(x):
        return x * x, x + 1

    graph = cr.trace(f)(3.0)
    assert {e.gradient for e in view_of(graph).edges} == {""}
    numbers = Numbers(graph, [3.0], [np.float64(1.0), np.float64(10.0)])
    assert {e.gradient for e in view_of(graph, numbers).edges if e.start == "i0"} == {"16"}


def test_what_is_not_finite_is_marked():
    def f(x):
        return np.sum(1 / x)

    with np.errstate(divide="ignore"):
        graph = cr.trace(f)(np.array([0.0, 1.0, 2.0, 3.0, 4.0]))
    edges = {(e.start, e.end): e for e in view_of(graph).edges}
    assert edges["e0", "e1"].value == "⚠ 1 inf of 5"
    assert edges["i0", "e0"].gradient == "⚠ 1 inf of 5"
    assert edges["i0", "e0"].magnitude == np.inf


def test_held_graphs_stand_in_groups_of_their_equation():
    view = view_of(held())
    groups = {g.key: g for g in view.groups}
    assert [g.label for g in view.groups if not g.group] == ["scan × 3", "cond", "checkpoint"]
    (branches,) = [g.key for g in view.groups if g.label == "cond"]
    assert [g.label for g in view.groups if g.group == branches] == ["true", "false"]
    (sine,) = [n for n in view.nodes if n.label == "sin"]
    assert groups[sine.group].label == "true"


def test_backward_equations_say_so():
    view = view_of(cr.trace(cr.grad(lambda x: np.sin(x) ** 2))(1.0))
    sweeps = {n.label: n.sweep for n in view.nodes if n.kind == "operation"}
    assert sweeps["sin"] == "" and sweeps["cos"] == "backward"
    tangents = view_of(cr.trace(lambda x: cr.jvp(np.sin, (x,), (1.0,))[1])(1.0))
    assert [n.sweep for n in tangents.nodes if n.label == "cos"] == ["forward"]


def test_derivatives_take_the_names_of_what_they_differentiate():
    def loss(w, x):
        return np.sum(np.tanh(w * x))

    ones = np.ones(3)
    for function in (
        cr.grad(loss),
        cr.value_and_grad(loss),
        cr.vmap(cr.grad(loss)),
        cr.hessian(loss),
    ):
        assert cr.trace(function)(ones, ones).input_names == ("w", "x")
    assert cr.trace(np.exp)(ones).input_names in {("",), ("x",)}
    assert cr.trace(lambda *xs: xs[0] + xs[1])(ones, ones).input_names == ("", "")


def test_the_line_that_calls_for_the_graph_names_nothing():
    """Of library code alone: its operations have that line, whose name is that of the graph."""
    model = cr.nn.Sequential([cr.nn.Dense(2, 3), cr.nn.tanh])
    graph = cr.trace(model)(model.init(0), np.ones((1, 2)))
    assert all(e.source.outside for e in graph.equations)
    assert names_of(graph.equations) == {}

    def inside(params, x):
        out = model(params, x)
        return out * 2

    found = cr.trace(inside)(model.init(0), np.ones((1, 2)))
    assert list(names_of(found.equations).values()) == ["out"]
