"""Tracing by types: type rules say what values turn out to be, and graphs are well formed."""

from __future__ import annotations

import pytest

import chainrule as cr
from chainrule.core.trace import type_of

from ..cases import CASES, Case
from ..transforms.pairing import DIFFERENTIABLE, curved_loss, every, of_floats


@every([c for c in CASES if c.by_types])
def test_types_say_what_values_turn_out_to_be(case: Case) -> None:
    by_values = cr.check_graph(cr.trace(case.f)(*case.inputs))
    by_types = cr.check_graph(cr.trace(case.f)(*map(type_of, case.inputs)))
    assert str(by_types) == str(by_values)


@every([c for c in CASES if not c.by_types])
def test_what_needs_values_is_refused(case: Case) -> None:
    cr.check_graph(cr.trace(case.f)(*case.inputs))
    with pytest.raises(cr.ChainruleError, match="values are not known"):
        cr.trace(case.f)(*map(type_of, case.inputs))


@every([c for c in DIFFERENTIABLE if c.by_types])
def test_gradient_graphs_are_well_formed(case: Case) -> None:
    f, xs = of_floats(case)
    gradient = cr.grad(curved_loss(f, 7), tuple(range(len(xs))))
    by_values = cr.check_graph(cr.trace(gradient)(*xs))
    by_types = cr.check_graph(cr.trace(gradient)(*map(type_of, xs)))
    assert str(by_types) == str(by_values)
