"""Evaluating a graph gives the numbers of running the function, and so does the prepared form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.interpreter import evaluate, interpret
from chainrule.core.tree import flatten

from ..cases import CASES, Case
from ..transforms.pairing import DIFFERENTIABLE, curved_loss, every, of_floats


def assert_equal(found: list[Any], expected: list[Any]) -> None:
    for a, b in zip(found, expected, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        narrow = np.asarray(b).dtype.kind in "fc" and np.finfo(np.asarray(b).dtype).eps > 1e-8
        tolerance = 2 * float(np.finfo(np.asarray(b).dtype).eps) if narrow else 1e-14
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@every(CASES)
def test_prepared_graphs_give_the_numbers_of_evaluated_ones(case: Case) -> None:
    graph = cr.trace(case.f)(*case.inputs)
    expected = evaluate(graph, case.inputs)
    run = interpret(graph)
    assert_equal(run(case.inputs), expected)
    assert_equal(run(case.inputs), expected)


@every(DIFFERENTIABLE)
def test_gradient_graphs_give_the_numbers_of_the_gradient(case: Case) -> None:
    f, xs = of_floats(case)
    gradient = cr.grad(curved_loss(f, 8), tuple(range(len(xs))))
    graph = cr.trace(gradient)(*xs)
    expected = flatten(gradient(*xs))[0]
    assert_equal(evaluate(graph, xs), expected)
    assert_equal(interpret(graph)(xs), expected)


def test_a_wrong_number_of_inputs_is_refused() -> None:
    graph = cr.trace(lambda a, b: a * b)(2.0, 3.0)
    for run in (interpret(graph), lambda inputs: evaluate(graph, inputs)):
        with pytest.raises(cr.core.errors.ShapeError, match="has 2 inputs, got 1"):
            run([2.0])
