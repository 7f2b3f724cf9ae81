"""Second derivatives by every nesting of the two modes agree, with each other and with differences.

With g the gradient of a real loss and t a direction: the derivative of g along t, the gradient of
the derivative along t, and the gradient of <g, t> are all H t; the derivative of the derivative
along t, along s, is <s, H t>.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr

from ..cases import Case
from .pairing import (
    DIFFERENTIABLE,
    curved_loss,
    difference,
    directions,
    every,
    of_floats,
    pair,
    precision,
    wide,
)


@every([c for c in DIFFERENTIABLE if not c.constant])
def test_the_orders_of_differentiation_agree(case: Case) -> None:
    f, xs = of_floats(case)
    ts = directions(xs, 5)
    every_argument = tuple(range(len(xs)))
    loss = curved_loss(f, 6)
    gradient = cr.grad(loss, every_argument)

    def along(*values: Any) -> Any:
        return cr.jvp(loss, values, ts)[1]

    def paired(*values: Any) -> Any:
        return sum(np.sum(np.real(g * t)) for g, t in zip(gradient(*values), ts, strict=True))

    forward_over_reverse = cr.jvp(gradient, xs, ts)[1]
    tolerance = precision(xs)
    if case.smooth:
        _assert_close(forward_over_reverse, difference(gradient, xs, ts), tolerance)
    _assert_close(cr.grad(paired, every_argument)(*xs), forward_over_reverse, tolerance)
    if case.name != "stop_gradient":  # what is stopped for one order is not for the other
        _assert_close(cr.grad(along, every_argument)(*xs), forward_over_reverse, tolerance)
        ss = directions(xs, 8)
        twice = cr.jvp(along, xs, ss)[1]
        terms = [np.abs(wide(s) * wide(h)) for s, h in zip(ss, forward_over_reverse, strict=True)]
        size = 1 + sum(float(np.sum(t)) for t in terms)
        off = abs(float(twice) - pair(ss, forward_over_reverse))
        assert off <= 20 * size * (tolerance["rtol"] + tolerance["atol"])


def _assert_close(found: Any, expected: Any, tolerance: dict[str, float]) -> None:
    for a, b in zip(found, expected, strict=True):
        scale = 1 + float(np.max(np.abs(b), initial=0))
        atol = tolerance["atol"] * scale * 20
        np.testing.assert_allclose(a, b, rtol=tolerance["rtol"] * 20, atol=atol)
