"""Long Python loops are found in recordings and warned of, and nothing else is."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core import repetition
from chainrule.core.errors import LongLoopWarning
from chainrule.core.primitive import PRIMITIVES

NAMES = sorted(PRIMITIVES)


def records(names: list[str]) -> list[Any]:
    return [(PRIMITIVES[name], [], [], {}, i, None, None) for i, name in enumerate(names)]


def decay(x: Any, n: int) -> Any:
    for _ in range(n):
        x = np.sin(x) * 0.999
    return x


@pytest.mark.parametrize("period", [1, 2, 5, 40])
@pytest.mark.parametrize("turns", [3_001, 4_500])
def test_a_repetition_is_found_wherever_it_stands(period: int, turns: int) -> None:
    rng = np.random.default_rng(period)
    body = [NAMES[i] for i in range(period)]
    before, after = ([NAMES[i] for i in rng.integers(0, 50, n)] for n in (777, 1234))
    found = repetition.find_loop(records([*before, *body * turns, *after]))
    assert found is not None
    assert (found.period, found.turns) == (period, pytest.approx(turns, abs=2))
    assert found.start == pytest.approx(777, abs=2 * period)


def test_programs_without_a_loop_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    straight = [NAMES[i] for i in rng.integers(0, 3, 100_000)]
    assert repetition.find_loop(records(straight)) is None
    assert repetition.find_loop(records(["add", "mul"] * 1_500)) is None


def test_the_warning_names_the_line_the_count_and_scan() -> None:
    with pytest.warns(LongLoopWarning) as caught:
        cr.trace(decay)(1.0, 3_500)
    (warning,) = caught
    text = str(warning.message)
    assert "3,500 iterations of 2 operations" in text and "cr.scan" in text
    assert f"{__file__}:" in text
    assert warning.filename == __file__


@pytest.mark.parametrize(
    "transform",
    [
        cr.grad,
        lambda f: cr.grad(cr.grad(f)),
        lambda f: cr.compile(cr.grad(f), executor="interpreter"),
        lambda f: cr.grad(cr.checkpoint(f)),
        cr.jacobian,
        lambda f: lambda x: cr.vmap(f)(np.array([x, x])),
        lambda f: lambda x: cr.vmap(cr.grad(f))(np.array([x, x])),
    ],
)
def test_each_transform_warns_once(transform: Any) -> None:
    with pytest.warns(LongLoopWarning) as caught:
        transform(lambda x: decay(x, 3_100))(0.5)
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_loops_of_ours_and_short_ones_do_not_warn() -> None:
    def f(x: Any) -> Any:
        return cr.scan(lambda c, _: (np.sin(c), None), decay(x, 500), None, length=5000)[0]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cr.grad(f)(0.3)
        cr.compile(cr.grad(f), executor="interpreter")(0.3)


@pytest.mark.parametrize("transform", [lambda f: f, cr.checkpoint])
def test_a_straight_program_of_many_lines_does_not_warn(transform: Any) -> None:
    lines = "\n".join("    x = np.sin(x)" for _ in range(3_300))
    names: dict[str, Any] = {"np": np}
    exec(f"def f(x):\n{lines}\n    return x", names)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cr.trace(transform(names["f"]))(0.3)


def test_looking_takes_little_of_the_time_of_recording() -> None:
    def recording(n: int) -> tuple[Any, float]:
        start = time.thread_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = cr.linearize(lambda x: decay(x, n), 0.5)
        return result, time.thread_time() - start

    _, whole = recording(100_000)
    noted = records(["sin", "mul"] * 100_000)
    start = time.thread_time()
    repetition.find_loop(noted)
    assert time.thread_time() - start < 0.3 * whole
