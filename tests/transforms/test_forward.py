"""Forward mode agrees with central differences."""

from __future__ import annotations

import numpy as np

import chainrule as cr
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten

from ..cases import Case
from .pairing import DIFFERENTIABLE, difference, directions, every, of_floats, precision


@every([c for c in DIFFERENTIABLE if c.smooth])
def test_jvp_is_the_difference(case: Case) -> None:
    f, xs = of_floats(case)
    ts = directions(xs, 1)
    out, out_tangent = cr.jvp(f, xs, ts)
    pushed = flatten(out_tangent)[0]
    expected = difference(f, xs, ts)
    for value, found, wanted in zip(flatten(out)[0], pushed, expected, strict=True):
        assert np.shape(found) == np.shape(value)
        assert type_of(found).dtype == type_of(value).dtype
        if type_of(value).dtype.kind in "fc":
            np.testing.assert_allclose(found, wanted, **precision(xs, value))
        if case.constant:
            assert not np.any(found)
