"""Every pair of transformations, in both orders: eager, compiled, interpreted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.tree import flatten
from chainrule.executors.native import executor as executor_module

from ..executors.emulate import emulated
from .nesting import REFUSED, TRANSFORMS, Transform, cases_of, nested

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
    refused = REFUSED.get((outer.name, inner.name))
    for case in cases_of(outer, inner, count):
        found, wanted, xs = nested(outer, inner, case)
        if refused is not None:
            with pytest.raises(cr.ChainruleError, match=refused):
                found(*xs)
            continue
        with np.errstate(all="ignore"):
            values = wanted(*xs)
            close(found(*xs), values, f"{case.name}, eager")
            for executor in ("native", "interpreter"):
                made = cr.compile(found, executor=executor)
                close(made(*xs), values, f"{case.name}, {executor}")


def close(found: Any, wanted: Any, context: str) -> None:
    """Equal numbers; containers may differ in kind."""
    a, b = flatten(found)[0], flatten(wanted)[0]
    assert [np.shape(x) for x in a] == [np.shape(x) for x in b], context
    for x, y in zip(a, b, strict=True):
        scale = 1 + float(np.max(np.abs(y), initial=0))
        np.testing.assert_allclose(x, y, rtol=1e-7, atol=1e-8 * scale, err_msg=context)
