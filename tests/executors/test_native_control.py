"""Loops and branches in native code: equal to Python's, values and derivatives.

Emitted source runs as plain Python for every case; a sample is built by Numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.tree import flatten
from chainrule.executors.native import executor

from ..transforms.control_cases import TWINS, Twin
from .emulate import emulated


def every(f: Callable[..., Any], twin: Twin) -> Callable[..., Any]:
    return cr.value_and_grad(f, tuple(range(len(twin.args))))


KINDS: dict[str, Callable[[Callable[..., Any], Twin], Callable[..., Any]]] = {
    "value": lambda f, _: f,
    "reverse": every,
    "forward": lambda f, _: cr.jacobian(f, mode="forward"),
    "second": lambda f, _: cr.hessian(f),
}


def check(twin: Twin, kind: str) -> Any:
    compiled = cr.compile(KINDS[kind](twin.ours, twin))
    found = flatten(compiled(*twin.args))[0]
    wanted = flatten(KINDS[kind](twin.python, twin)(*twin.args))[0]
    for a, b in zip(found, wanted, strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    return compiled


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)
def test_source_run_as_python(twin: Twin, kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(executor, "build", emulated)
    check(twin, kind)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("scan", "reverse"),
        ("scan in scan", "value"),
        ("while", "forward"),
        ("cond in scan", "reverse"),
    ],
)
def test_machine_code(name: str, kind: str):
    (twin,) = (t for t in TWINS if t.name == name)
    compiled = check(twin, kind)
    report = compiled.report()
    assert "interpreter" not in report, report


def test_carries_change_places():
    """Each step writes what the other one still has to be read from."""
    swap = cr.compile(
        lambda a, b: cr.scan(lambda c, x: ((c[1], c[0] + x), c[0]), (a, b), np.arange(1.0, 6.0))
    )
    (a, b), ys = swap(np.ones(3), np.zeros(3))
    x, y, seen = np.ones(3), np.zeros(3), []
    for e in np.arange(1.0, 6.0):
        seen.append(x)
        x, y = y, x + e
    np.testing.assert_array_equal(a, x)
    np.testing.assert_array_equal(b, y)
    np.testing.assert_array_equal(ys, seen)


def test_inputs_are_left_alone():
    start, xs = np.ones(4), np.ones((3, 4))
    loop = cr.compile(lambda c, x: cr.scan(lambda c, x: (c * 2 + x, c), c, x))
    loop(start, xs)
    np.testing.assert_array_equal(start, np.ones(4))
    np.testing.assert_array_equal(xs, np.ones((3, 4)))


def test_loops_stand_in_the_source():
    loop = cr.compile(lambda c, x: cr.scan(lambda c, x: (c * 2 + x, c), c, x))
    loop(np.ones(4), np.ones((3, 4)))
    assert "for step0 in range(3):" in loop.source
    assert "# scan  (test_native_control.py:" in loop.source
