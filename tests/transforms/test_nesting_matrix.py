"""Every pair of transformations, in both orders: eager, compiled, interpreted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.tree import flatten
from chainrule.executors.native import executor as executor_module

from ..executors.emulate import emulated
from .nesting import TRANSFORMS, Transform, cases_of, floats, nested

PAIRS = [(outer, inner) for outer in TRANSFORMS for inner in TRANSFORMS]


@pytest.fixture(autouse=True)
def python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emitted source is run as plain Python; compiling it is tested elsewhere."""
    monkeypatch.setattr(executor_module, "build", emulated)


@pytest.fixture
def count(request: pytest.FixtureRequest) -> int:
    return 40 if request.config.getoption("--long") else 2


@pytest.mark.parametrize(("outer", "inner"), PAIRS, ids=[f"{a.name} of {b.name}" for a, b in PAIRS])
def test_pair(outer: Transform, inner: Transform, count: int) -> None:
    for case in cases_of(outer, inner, count):
        found, wanted, xs = nested(outer, inner, case)
        with np.errstate(all="ignore"):
            values = wanted(*xs)
            close(found(*xs), values, f"{case.name}, eager")
            for executor in ("native", "interpreter"):
                made = cr.compile(found, executor=executor)
                close(made(*xs), values, f"{case.name}, {executor}")


# ---- what returns other things than arrays -------------------------------------------------------


def sparse(f: Any) -> Any:
    """The Jacobian in all inputs, as a sparse matrix."""
    outputs = lambda *xs: floats(flatten(f(*xs))[0])
    return lambda *xs: cr.jacobian(outputs, tuple(range(len(xs))), sparse=True)(*xs)


@pytest.mark.parametrize("inner", TRANSFORMS, ids=[t.name for t in TRANSFORMS])
def test_sparse_of(inner: Transform) -> None:
    dense = next(t for t in TRANSFORMS if t.name == "jacobian, forward")
    for case in cases_of(dense, inner, 2):
        found, wanted, xs = nested(Transform("sparse", sparse, dense.plain), inner, case)
        with np.errstate(all="ignore"):
            blocks = wanted(*xs)
            columns = [np.size(x) for x in xs]
            rows = [np.hstack([np.reshape(b, (-1, n)) for b, n in zip(row, columns, strict=True)])
                    for row in blocks]  # fmt: skip
            close(found(*xs).toarray(), np.vstack(rows), case.name)


@pytest.mark.parametrize("outer", TRANSFORMS, ids=[t.name for t in TRANSFORMS])
def test_sparse_inside_is_refused(outer: Transform) -> None:
    f = outer.make(lambda x: cr.sparse_jacobian(np.sin, x))
    with pytest.raises(cr.ChainruleError, match=r"is a scipy\.sparse array|returned csr_array"):
        f(np.array([1.0, 2.0]))


def norms(params: Any, X: Any, Y: Any) -> Any:
    return cr.per_example_norms(_loss, params, X, Y).norms


def materialised(params: Any, X: Any, Y: Any) -> Any:
    gradients = cr.vmap(cr.grad(_loss), in_axes=(None, 0, 0))(params, X, Y)
    return np.sqrt(sum(np.sum(g * g, axis=tuple(range(1, len(g.shape)))) for g in gradients))


def _loss(params: Any, x: Any, y: Any) -> Any:
    w, b = params
    return np.sum((np.tanh(w @ x + b) - y) ** 2)


@pytest.mark.parametrize("outer", TRANSFORMS, ids=[t.name for t in TRANSFORMS])
def test_norms_of_gradients_inside(outer: Transform) -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(4, 2)), rng.normal(size=(4, 2))
    xs = rng.normal(size=(2, 2)), rng.normal(size=2)
    found = outer.make(lambda w, b: norms((w, b), X, Y))
    wanted = outer.plain(lambda w, b: materialised((w, b), X, Y))
    close(found(*xs), wanted(*xs), "eager")
    close(cr.compile(found)(*xs), wanted(*xs), "compiled")


def close(found: Any, wanted: Any, context: str) -> None:
    """Equal numbers; containers may differ in kind."""
    a, b = flatten(found)[0], flatten(wanted)[0]
    assert [np.shape(x) for x in a] == [np.shape(x) for x in b], context
    for x, y in zip(a, b, strict=True):
        scale = 1 + float(np.max(np.abs(y), initial=0))
        np.testing.assert_allclose(x, y, rtol=1e-7, atol=1e-8 * scale, err_msg=context)
