"""Reverse mode is the transpose of forward mode: <u, J t> = <J^T u, t>."""

from __future__ import annotations

import numpy as np

import chainrule as cr
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten, unflatten

from ..cases import Case
from .pairing import DIFFERENTIABLE, directions, every, of_floats, pair, precision


@every(DIFFERENTIABLE)
def test_vjp_is_the_transpose_of_jvp(case: Case) -> None:
    f, xs = of_floats(case)
    ts = directions(xs, 2)
    pushed = flatten(cr.jvp(f, xs, ts)[1])[0]
    out, pullback = cr.vjp(f, *xs)
    outs, structure = flatten(out)
    us = [
        u if type_of(o).dtype.kind in "fc" else u * 0
        for u, o in zip(directions(outs, 3), outs, strict=True)
    ]
    pulled = pullback(unflatten(structure, us))
    sizes = sum(float(np.sum(np.abs(u * t))) for u, t in zip(us, pushed, strict=True))
    tolerance = precision(xs, outs)["rtol"] * (1 + sizes)
    assert abs(pair(us, pushed) - pair(pulled, ts)) <= tolerance


@every(DIFFERENTIABLE)
def test_a_gradient_has_the_type_of_its_input(case: Case) -> None:
    f, xs = of_floats(case)
    out, pullback = cr.vjp(f, *xs)
    outs, structure = flatten(out)
    for x, g in zip(xs, pullback(unflatten(structure, directions(outs, 4))), strict=True):
        assert np.shape(g) == np.shape(x)
        assert type_of(g).dtype == type_of(x).dtype
        if isinstance(g, np.ndarray) and g.ndim:
            assert g.flags.writeable
