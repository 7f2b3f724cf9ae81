"""Random programs with aliases mean on traced values what they mean in NumPy, or are refused.

``alias_programs.py`` writes them. ``CHAINRULE_EXAMPLES=20000`` tries more than the 1,000.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as cr
from chainrule.core.errors import ChainruleError

from .alias_programs import STARTS, AliasProgram, Step, build

EXAMPLES = int(os.environ.get("CHAINRULE_EXAMPLES", "1000"))
V = np.sin(np.arange(12.0) * 1.7) + 0.1
T = np.cos(np.arange(12.0))
STEPS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 6), st.integers(0, 6), st.integers(0, 1)),
    min_size=3,
    max_size=14,
)
REFUSALS = (
    "whether both share memory depends",  # by types alone: the layout is not known
    "a broadcast array is read-only",
    "x is a number",  # NumPy's numbers have methods that write to a copy and change nothing
    "v shares memory with x",
    "y and z share memory",  # which is written last is not defined
    "..., out=y): y has shape",  # np.cumsum broadcasts to its out in NumPy
    "whose values are not known",  # a mask, by types alone
    "x[True] and x[False] are not recorded",  # of a 0-d array
)


def loss(program: AliasProgram, v: Any) -> Any:
    total = 0.0
    for i, r in enumerate(program(v)):
        weights = np.cos(1.0 + i + np.arange(np.size(r))).reshape(np.shape(r))
        total = total + np.sum(np.sin(r) * weights)
    return total


class Tally:
    """How many programs ran, and why others were refused."""

    def __init__(self) -> None:
        self.ran = 0
        self.refused: Counter[str] = Counter()

    def refuse(self, error: ChainruleError) -> None:
        text = str(error)
        known = [reason for reason in REFUSALS if reason in text]
        assert known, text
        self.refused[known[0]] += 1

    def check(self, share: float) -> None:
        assert sum(self.refused.values()) <= share * (self.ran + 1), self.refused


def test_programs_equal_numpy_and_have_its_derivative() -> None:
    tally = Tally()

    @settings(max_examples=EXAMPLES)
    @given(st.sampled_from(sorted(STARTS)), STEPS)
    def run(start: str, steps: list[Step]) -> None:
        program = build(start, steps, V)
        with np.errstate(all="ignore"):
            expected = program(V.copy())
            try:
                found, pullback = cr.vjp(program, V)
            except ChainruleError as error:
                tally.refuse(error)
                return
            except Exception as error:
                error.add_note(repr(program))
                raise
            tally.ran += 1
            for right, value in zip(expected, found, strict=True):
                assert np.shape(value) == np.shape(right), program
                np.testing.assert_allclose(
                    value, right, rtol=1e-12, atol=1e-12, err_msg=str(program)
                )
            weights = [np.cos(1.0 + i + np.arange(np.size(r))).reshape(np.shape(r))
                       for i, r in enumerate(expected)]  # fmt: skip
            (gradient,) = pullback(weights)
            if tally.ran % 4 == 0:
                _, tangents = cr.jvp(program, (V,), (T,))
                forward = sum(np.sum(w * t) for w, t in zip(weights, tangents, strict=True))
                np.testing.assert_allclose(gradient @ T, forward, 1e-9, 1e-9, err_msg=str(program))
                compare_with_differences(program, weights, forward)

    run()
    tally.check(0.02)


def compare_with_differences(program: AliasProgram, weights: list[Any], forward: Any) -> None:
    """At two steps: where these disagree there is a kink, and nothing to compare with."""
    differences: list[float] = []
    for h in (1e-5, 5e-6):
        try:
            above, below = program(V + h * T), program(V - h * T)
            differences.append(sum(np.sum(w * (a - b)) for w, a, b in
                                   zip(weights, above, below, strict=True)) / (2 * h))  # fmt: skip
        except (ValueError, IndexError):  # a mask chose other entries
            return
    if np.isclose(*differences, rtol=1e-6, atol=1e-6):
        np.testing.assert_allclose(forward, differences[1], 1e-4, 1e-4, err_msg=str(program))


def test_programs_traced_by_types_equal_numpy() -> None:
    tally = Tally()

    @settings(max_examples=EXAMPLES // 4)
    @given(st.sampled_from(sorted(STARTS)), STEPS)
    def run(start: str, steps: list[Step]) -> None:
        program = build(start, steps, V)
        with np.errstate(all="ignore"):
            try:
                graph = cr.trace(program)(cr.ArrayType(V.shape, V.dtype))
            except ChainruleError as error:
                tally.refuse(error)
                return
            tally.ran += 1
            found = cr.core.interpreter.evaluate(cr.check_graph(graph), [V])
            for right, value in zip(program(V.copy()), found, strict=True):
                np.testing.assert_allclose(value, right, 1e-12, 1e-12, err_msg=str(program))

    run()
    tally.check(0.5)
