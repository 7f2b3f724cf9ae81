"""Every primitive says how it is differentiated, and the table of cases reaches all there is."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ChainruleError
from chainrule.core.primitive import (
    NO_BATCH,
    NUMPY,
    PIECEWISE_CONSTANT,
    PRIMITIVES,
    Edge,
    Joint,
    NoRule,
    Primitive,
)
from chainrule.ops.define import as_operand

from ..cases import CASES
from ..transforms.pairing import DIFFERENTIABLE, curved_loss, of_floats


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_every_primitive_states_its_derivative(name: str) -> None:
    primitive = PRIMITIVES[name]
    derivative = primitive.derivative
    assert primitive.name == name
    assert primitive.is_constant == (derivative is PIECEWISE_CONSTANT)
    if isinstance(derivative, tuple):
        assert derivative
        assert all(
            isinstance(e, Edge) and callable(e.push) and callable(e.pull) for e in derivative
        )
    elif isinstance(derivative, NoRule):
        assert derivative.why
    else:
        assert isinstance(derivative, Joint) or derivative is PIECEWISE_CONSTANT


@pytest.mark.parametrize("name", sorted(PRIMITIVES))
def test_every_primitive_states_how_it_is_batched(name: str) -> None:
    rule = PRIMITIVES[name].batch
    assert rule is not NO_BATCH
    assert rule.why if isinstance(rule, NoRule) else callable(rule)


def test_every_primitive_is_in_a_case() -> None:
    used: set[str] = set()
    for case in CASES:
        used |= {e.primitive.name for e in cr.trace(case.f)(*case.inputs).equations}
    for case in DIFFERENTIABLE:
        f, xs = of_floats(case)
        gradient = cr.trace(cr.grad(curved_loss(f, 1), tuple(range(len(xs)))))(*xs)
        used |= {e.primitive.name for e in gradient.equations}
    assert set(PRIMITIVES) - used == set()


def test_every_numpy_function_is_in_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    called: set[Any] = set()

    def noted(key: Any, target: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            called.add(key)
            operands = map(as_operand, args) if isinstance(target, Primitive) else args
            return target(*operands, **kwargs)

        return call

    for key, target in NUMPY.items():
        monkeypatch.setitem(NUMPY, key, noted(key, target))
    for case in CASES:
        cr.trace(case.f)(*case.inputs)
    assert [k for k in NUMPY if k not in called] == []
    assert {operator.getitem, operator.setitem, np.ufunc} <= called


def test_a_missing_rule_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    why = NoRule("bits have no derivative")
    lacking = Primitive("count_bits", np.floor, lambda x: x, why, NoRule("bits have no batch"))
    monkeypatch.setitem(NUMPY, np.floor, lacking)
    for run in (cr.grad(np.floor), lambda x: cr.jvp(np.floor, (x,), (1.0,))):
        with pytest.raises(
            ChainruleError, match=r"count_bits has no rule.*bits have no derivative"
        ):
            run(1.5)
    with pytest.raises(ChainruleError, match=r"count_bits has no rule for vmap: bits have no b"):
        cr.vmap(np.floor)(np.ones(3))


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="'add' exists already"):
        cr.core.primitive.primitive("add", np.add, lambda x, y: x, PIECEWISE_CONSTANT)
