"""Passes keep a graph well formed and its numbers what the interpreter says."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.passes.dce import eliminate_dead_code
from chainrule.passes.transposes import push_transposes

rng = np.random.default_rng(0)
A, B, C = rng.standard_normal((4, 3)), rng.standard_normal((4, 5)), rng.standard_normal((5, 3))

PROGRAMS = {
    "nothing to do": (lambda a, b: a.T @ b, (A, B)),
    "transposed product": (lambda a, b: (a.T @ b).T, (A, B)),
    "both factors transposed": (lambda a, c: (a.T.T @ c.T).T, (C, A)),
    "product read twice": (lambda a, b: ((a.T @ b).T, np.sum(a.T @ b)), (A, B)),
    "transposed twice": (lambda a: a.T.T + a, (A,)),
    "transposed output": (lambda a: a.T, (A,)),
    "other axes": (lambda a: np.transpose(a[None], (1, 0, 2)), (A,)),
    "unused": (lambda a, b: (a @ np.ones((3, 2)), np.sum(a))[1], (A, B)),
    "gradient of dense layers": (
        cr.grad(lambda w, x: np.sum(np.tanh(np.tanh(x @ w.T) @ w[:3, :].T)), argnums=(0, 1)),
        (rng.standard_normal((3, 3)), rng.standard_normal((6, 3))),
    ),
    "matrix times vector": (cr.grad(lambda w, x: np.sum((w @ x) ** 2)), (A, np.ones(3))),
}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("rewrite", [eliminate_dead_code, push_transposes])
def test_same_numbers_from_a_well_formed_graph(name, rewrite):
    f, args = PROGRAMS[name]
    graph = cr.trace(f)(*args)
    after = cr.check_graph(rewrite(cr.check_graph(graph)))
    for before, now in zip(evaluate(graph, args), evaluate(after, args), strict=True):
        np.testing.assert_allclose(now, before, rtol=1e-13, atol=1e-14)


def test_dead_equations_go_and_inputs_stay():
    graph = cr.trace(lambda a, b: (np.exp(b), a * 2)[1])(1.0, 2.0)
    assert str(eliminate_dead_code(graph)) == (
        "graph(a: float64~, b: float64~)\n  c: float64~ = mul a 2\n  return c"
    )


def test_weight_gradient_has_the_layout_of_the_weights():
    def cost(w, x):
        return np.sum(np.tanh(x @ w.T))

    graph = cr.trace(cr.grad(cost))(np.ones((3, 2)), np.ones((5, 2)))
    names = [e.primitive.name for e in eliminate_dead_code(push_transposes(graph)).equations]
    assert names[-2:] == ["transpose", "matmul"]  # delta.T @ x, not (x.T @ delta).T
    (found,) = evaluate(push_transposes(graph), [np.ones((3, 2)), np.ones((5, 2))])
    assert found.flags.c_contiguous
