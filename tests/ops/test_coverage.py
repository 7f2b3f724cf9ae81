"""Every public callable of NumPy is differentiable, constant, apart from arrays, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.primitive import CONSTANT, NUMPY, REFUSED, Primitive

from . import coverage
from .coverage import Entry, Kind


def test_nothing_of_numpy_is_forgotten_and_the_document_says_so() -> None:
    assert coverage.DOCUMENT.read_text() == coverage.document(), "python -m tests.ops.coverage"


def test_at_least_330_callables_work_on_traced_values() -> None:
    n = coverage.counts()
    working = n[Kind.DIFFERENTIABLE] + n[Kind.CONSTANT]
    assert working >= 330
    readme = (coverage.DOCUMENT.parents[1] / "README.md").read_text()
    assert f"Of NumPy's public callables\n{working} work" in readme


def test_what_is_listed_exists_and_is_listed_once() -> None:
    names = {name.rsplit(".", 1)[1] for name, _ in coverage.public_callables()}
    lists = (coverage.OUTSIDE_REFUSED.keys(), coverage.OUTSIDE_APART, coverage.THROUGH)
    assert set().union(*lists) <= names
    assert sum(map(len, lists)) == len(set().union(*lists))
    assert NUMPY.keys() & REFUSED.keys() == set()
    assert NUMPY.keys() >= CONSTANT


@pytest.mark.parametrize("entry", [e for e in coverage.entries() if e.function in REFUSED],
                         ids=lambda e: e.name)  # fmt: skip
def test_a_refusal_says_why(entry: Entry) -> None:
    assert len(entry.why) > 15

    def call(x: Any) -> Any:
        if isinstance(entry.function, np.ufunc):
            return x.__array_ufunc__(entry.function, "__call__", x)
        return x.__array_function__(entry.function, (type(x),), (x,), {})

    with pytest.raises(cr.ChainruleError) as error:
        cr.trace(call)(np.ones(3))
    assert entry.why in str(error.value)
    assert entry.name in str(error.value)


def test_constant_functions_record_no_derivative() -> None:
    for key in CONSTANT:
        assert not isinstance(NUMPY[key], Primitive)
