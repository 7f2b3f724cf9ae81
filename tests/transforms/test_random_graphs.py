"""On random graphs of all that is registered: both modes are one map, and so are their nestings."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
from hypothesis import given, note, settings

import chainrule as cr

from ..random_graphs import START, graph_of, graphs, names

EXAMPLES = int(os.environ.get("CHAINRULE_EXAMPLES", "1000"))


def direction(seed: int, size: int = 6) -> Any:
    return np.random.default_rng(seed).uniform(-1, 1, size)


@settings(max_examples=EXAMPLES, deadline=None)
@given(graphs(5))
def test_reverse_is_the_transpose_of_forward(choices):
    """<u, J v> = <J^T u, v> to 1e-12 of the sum of the terms' sizes."""
    note(names(choices))
    f, v = graph_of(choices), direction(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out, pushed = cr.jvp(f, (START,), (v,))
        u = direction(2, len(out))
        (pulled,) = cr.vjp(f, START)[1](u)
    terms = np.concatenate([u * pushed, pulled * v])
    assert np.all(np.isfinite(terms))
    bound = 1e-12 * np.sum(np.abs(terms)) + 1e-18  # all terms cancel in the variance of a shift
    assert abs(np.sum(u * pushed) - np.sum(pulled * v)) <= bound


@settings(max_examples=EXAMPLES // 8, deadline=None)
@given(graphs(3))
def test_the_four_second_derivatives_are_one(choices):
    """Forward over reverse, reverse over forward, forward over forward, reverse over reverse."""
    note(names(choices))
    f, s, t = graph_of(choices), direction(3), direction(4)

    def loss(x):
        return np.sum(np.sin(f(x)))

    def along(direction):
        return lambda x: cr.jvp(loss, (x,), (direction,))[1]

    gradient = cr.grad(loss)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        forward_reverse = cr.jvp(gradient, (START,), (t,))[1]
        reverse_forward = cr.grad(along(t))(START)
        reverse_reverse = cr.grad(lambda x: np.sum(gradient(x) * t))(START)
        forward_forward = cr.jvp(along(t), (START,), (s,))[1]
    size = np.sum(np.abs(forward_reverse)) + np.sum(np.abs(gradient(START)))
    assert np.isfinite(size)
    for other in (reverse_forward, reverse_reverse):
        assert np.max(np.abs(other - forward_reverse)) <= 1e-10 * size
    assert abs(forward_forward - np.sum(s * forward_reverse)) <= 1e-10 * size
