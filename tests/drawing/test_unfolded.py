"""What goes where in a picture in which nothing is folded."""

from __future__ import annotations

import numpy as np

import chainrule as cr
from chainrule.drawing.of_graph import view_of
from chainrule.drawing.unfolded import unfolded


def layers(params, x):
    for w in params:
        x = np.tanh(x @ w)
    return np.sum(x)


def test_parameters_stand_in_the_layer_that_uses_them() -> None:
    view = view_of(cr.trace(layers)([np.eye(2)] * 12, np.ones((1, 2))))
    home = unfolded(view)
    group = {node.key: node.group for node in home.nodes}
    products = {node.key for node in home.nodes if node.label.startswith("@")}
    uses = [e for e in home.edges if e.end in products and e.variable.startswith("params")]
    assert len(uses) == 12
    assert all(group[e.start] == group[e.end] != "" for e in uses)
    assert len({group[e.start] for e in uses}) == 12
    assert home.edges == view.edges and len(home.nodes) == len(view.nodes)


def test_inputs_of_several_groups_stand_around_them() -> None:
    view = view_of(cr.trace(cr.grad(layers))([np.eye(2)] * 30, np.ones((1, 2))))
    home = unfolded(view)
    kept = {group.key for group in home.groups}
    assert kept < {group.key for group in view.groups}
    assert all(node.group in kept | {""} for node in home.nodes)


def test_bodies_of_branches_keep_their_inputs() -> None:
    def f(x):
        return cr.cond(x > 0, lambda x: np.sin(x), lambda x: x * x, x)

    view = view_of(cr.trace(f)(0.5))
    before = {node.key: node.group for node in view.nodes if node.group}
    after = {node.key: node.group for node in unfolded(view).nodes}
    assert before and before.items() <= after.items()
