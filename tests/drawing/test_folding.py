"""Folding keeps paths, closes no cycles, and brings graphs of any size to one readable picture."""

from __future__ import annotations

import random
import time
from functools import cache

import numpy as np
import pytest
from tests.drawing.graphs import GRAPHS
from tests.drawing.views import random_view

import chainrule as cr
from chainrule.drawing.folding import FROM, TO, Insides, folded, inside
from chainrule.drawing.of_graph import view_of
from chainrule.drawing.stepping import steps_of
from chainrule.drawing.view import View

MOST_VISIBLE = 60


@cache
def drawn(name: str) -> View:
    return view_of(GRAPHS[name]())


def reached(view: View) -> dict[str, set[str]]:
    """For each node all that it leads to; an error if the view has a cycle."""
    after: dict[str, list[str]] = {node.key: [] for node in view.nodes}
    missing = dict.fromkeys(after, 0)
    for edge in view.edges:
        after[edge.start].append(edge.end)
        missing[edge.end] += 1
    ready, order = [key for key, n in missing.items() if n == 0], []
    while ready:
        order.append(ready.pop())
        for end in after[order[-1]]:
            missing[end] -= 1
            ready += [end] if missing[end] == 0 else []
    assert len(order) == len(after), "a cycle"
    found: dict[str, set[str]] = {}
    for key in reversed(order):
        found[key] = {key}.union(*(found[end] for end in after[key]))
    return found


def standing(view: View, open_groups: set[str]) -> dict[str, str]:
    """The box that stands for each node, found from the inside outwards."""
    around = {group.key: group.group for group in view.groups}
    found: dict[str, str] = {}
    for node in view.nodes:
        found[node.key], key = node.key, node.group
        while key:
            if key not in open_groups:
                found[node.key] = key
            key = around[key]
    return found


def check_folding(view: View, open_groups: set[str]) -> View:
    small = folded(view, open_groups)
    stands = standing(view, open_groups)
    assert {node.key for node in small.nodes} == set(stands.values())
    wanted = {(stands[e.start], stands[e.end]) for e in view.edges}
    assert {(e.start, e.end) for e in small.edges} == {(a, b) for a, b in wanted if a != b}
    keys = {group.key for group in small.groups}
    assert keys <= open_groups
    assert all(node.group in keys | {""} for node in (*small.nodes, *small.groups))
    return small


@pytest.mark.parametrize("name", GRAPHS)
def test_folded_graphs_have_no_cycles_and_fit_into_a_picture(name):
    view = drawn(name)
    small = check_folding(view, set())
    reached(small)
    assert len(small.nodes) <= MOST_VISIBLE
    insides = Insides(view)
    assert all(len(insides.of(group.key).nodes) <= MOST_VISIBLE for group in view.groups)


@pytest.mark.parametrize("name", ["held", "twelve layers", "unrolled gradient"])
def test_paths_are_kept_whatever_is_open(name):
    view = drawn(name)
    paths = reached(view)
    rng = random.Random(0)
    for _ in range(10):
        opened = {group.key for group in view.groups if rng.random() < 0.5}
        small = reached(check_folding(view, opened))
        stands = standing(view, opened)
        for start, ends in paths.items():
            assert {stands[end] for end in ends} <= small[stands[start]]


@pytest.mark.parametrize("seed", range(40))
def test_random_views(seed):
    view = random_view(seed)
    rng = random.Random(seed)
    opened = {group.key for group in view.groups if rng.random() < 0.5}
    reached(check_folding(view, opened))
    assert folded(view, {group.key for group in view.groups}).nodes == view.nodes


@pytest.mark.parametrize("name", GRAPHS)
def test_pictures_of_groups_have_all_that_is_in_them(name):
    view = drawn(name)
    insides = Insides(view)
    seen = {node.key for node in folded(view).nodes if node.kind != "group"}
    waiting = list(insides.children(""))
    while waiting:
        key = waiting.pop()
        for block in insides.blocks(key):
            seen |= {n.key for n in insides.of(block).nodes if n.kind != "group"}
            waiting += insides.children(block)
    assert {key for key in seen if key.split(" ")[0] not in (FROM, TO)} == {
        node.key for node in view.nodes
    }


def test_a_group_shows_where_its_variables_come_from_and_go():
    view = drawn("unrolled")
    (loop,) = [group.key for group in view.groups if group.times == 99]
    block = inside(view, loop)
    labels = [(n.kind, n.label.splitlines()[0]) for n in block.nodes]
    stubs = [(kind, label) for kind, label in labels if kind in ("input", "output")]
    assert sorted(stubs) == [
        ("input", "U"), ("input", "W"), ("input", "b"), ("input", "h"), ("input", "xs"),
        ("output", "h"),
    ]  # fmt: skip
    assert block.title == "@ + tanh × 99"


def test_numbers_of_all_blocks():
    view = drawn("unrolled")
    (loop,) = [group.key for group in view.groups if group.times == 99]
    steps = steps_of(Insides(view), loop)
    block = inside(view, loop)
    assert len(steps.numbers) == 99
    assert steps.numbers[0] == tuple((e.value, e.gradient, e.magnitude) for e in block.edges)
    (index,) = steps.labels.values()
    assert index == tuple(f"[{t}]" for t in range(1, 100))
    made = {(e.start, e.variable): (e.value, e.gradient, e.magnitude) for e in view.edges}
    last = [numbers for (_, name), numbers in made.items() if name == "h"]
    leaving = [n for n, e in enumerate(block.edges) if e.end.startswith(TO)]
    assert [steps.numbers[98][n] for n in leaving] == [last[-1]]


def test_merged_edges_tell_how_many_they_are():
    view = drawn("twelve layers")
    names = {node.key: node.label.splitlines()[0] for node in folded(view).nodes}
    edges = {(names[e.start], names[e.end]): e for e in folded(view).edges}
    weights = edges["weights[1…12] × 12", "@ + tanh × 12"]
    assert (weights.variable, weights.type) == ("12 variables", "12 × float64[8, 8]")
    norms = [e.magnitude for e in view.edges if e.start in {f"i{n}" for n in range(1, 13)}]
    assert np.isclose(weights.magnitude, np.linalg.norm(norms))


def groups_named(view: View) -> list[tuple[str, int]]:
    return [(g.label, g.times) for g in view.groups if not g.group and g.times > 1]


def test_equal_layers_fold_and_the_first_and_last_stay_apart():
    found = groups_named(drawn("twelve layers"))
    assert found == [
        ("@ + tanh", 12), ("weights[1…12]", 12), ("biases[1…12]", 12),
    ]  # fmt: skip
    labels = [n.label.splitlines()[0] for n in folded(drawn("twelve layers")).nodes]
    assert labels.count("tanh") == 2


def test_blocks_that_a_function_made_have_its_name():
    def layer(x, w):
        z = w @ x + 1
        return np.tanh(z)

    def f(x, weights):
        for w in weights:
            x = layer(x, w)
        return x

    shapes = [(3, 2), *[(3, 3)] * 8, (2, 3)]
    view = view_of(cr.trace(f)(np.ones(2), [np.ones(shape) for shape in shapes]))
    assert groups_named(view)[0] == ("layer", 8)


def test_blocks_of_a_library_have_not_the_name_of_its_caller():
    layers = [cr.nn.Dense(3, 3) for _ in range(9)]
    model = cr.nn.Sequential([f for layer in layers for f in (layer, cr.nn.tanh)])

    def f(params, x):
        return model(params, x)

    view = view_of(cr.trace(f)(model.init(0, "float64"), np.ones((2, 3))))
    assert groups_named(view)[0] == ("@ + tanh", 9)


def test_the_backward_sweep_and_the_update_of_equal_layers_fold():
    times = [t for label, t in groups_named(drawn("deep step")) if "×" in label or "tanh" in label]
    assert times == [189, 189, 189, 190]


def test_the_step_of_the_seed_network_is_drawn_in_full():
    assert drawn("step").groups == ()


def test_nested_loops_fold_in_each_other():
    def f(x):
        for _ in range(5):
            for _ in range(7):
                x = np.sin(x) * 0.5
            x = np.exp(x)
        return x

    view = view_of(cr.trace(f)(np.ones(2)))
    assert [(g.label, g.times, bool(g.group)) for g in view.groups if g.times > 1][:2] == [
        ("sin × exp", 5, False),
        ("sin ×", 7, True),
    ]
    assert len(folded(view).nodes) == 3


def test_blocks_that_are_connected_differently_are_not_equal():
    def f(x):
        for n in range(20):
            y = np.sin(x)
            z = np.cos(x if n % 2 else y)
            x = y + z
        return x

    (loop,) = [g for g in view_of(cr.trace(f)(np.ones(2))).groups if g.times > 1]
    assert loop.times == 10


def test_time_of_three_thousand_equations():
    graph = GRAPHS["deep step"]()
    assert len(graph.equations) > 3000
    view_of(graph)  # the numbers are computed once
    times: list[float] = []
    for _ in range(3):
        start = time.process_time()
        folded(view_of(graph))
        times.append(time.process_time() - start)
    assert min(times) < 1.0
