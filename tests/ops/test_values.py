"""Through tracing every case gives NumPy's values, dtypes, shapes and kinds of result."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.core.tree import flatten

from ..cases import CASES, Case
from ..transforms.pairing import DIFFERENTIABLE, every, of_floats


def assert_same(found: Any, expected: Any) -> None:
    found_leaves, found_structure = flatten(found)
    leaves, structure = flatten(expected)
    assert found_structure == structure
    for a, b in zip(found_leaves, leaves, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        eps = float(np.finfo(np.asarray(b).dtype).eps) if np.asarray(b).dtype.kind in "fc" else 0
        np.testing.assert_allclose(a, b, rtol=8 * eps, atol=8 * eps)


@every(DIFFERENTIABLE)
def test_a_value_under_differentiation_is_numpys(case: Case) -> None:
    f, xs = of_floats(case)
    assert_same(cr.vjp(f, *xs)[0], f(*xs))


@every(CASES)
def test_a_graph_computes_numpys_value(case: Case) -> None:
    graph = cr.trace(case.f)(*case.inputs)
    assert_same(evaluate(graph, flatten(case.inputs)[0]), flatten(case.f(*case.inputs))[0])


@every(CASES)
def test_inputs_are_left_alone(case: Case) -> None:
    before = [np.array(x) for x in case.inputs]
    cr.trace(case.f)(*case.inputs)
    for a, b in zip(before, case.inputs, strict=True):
        np.testing.assert_array_equal(a, b)
