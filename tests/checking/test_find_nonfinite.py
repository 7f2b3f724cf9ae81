"""The first NaN or Inf is found with its line, in values, cotangents, loops and arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

X = np.array([0.5, 1.0, -2.0])


def line(f: Callable[..., Any], text: str) -> int:
    lines, start = inspect.getsourcelines(f)
    (number,) = [start + i for i, one in enumerate(lines) if text in one]
    return number


def found_in(f: Callable[..., Any], *args: Any, **kwargs: Any) -> cr.NonFinite:
    found = cr.find_nonfinite(f, *args, **kwargs)
    assert found is not None
    return found


def entropy(p: Any) -> Any:
    logs = np.log(p)
    return -np.sum(p * logs)


def norm(x: Any) -> Any:
    squares = np.sum(x * x)
    return np.sqrt(squares)


def test_nothing_is_found_where_all_is_finite() -> None:
    assert cr.find_nonfinite(entropy, np.abs(X)) is None
    assert cr.find_nonfinite(norm, X) is None
    assert cr.find_nonfinite(lambda x, n: x * n, X, 3) is None
    assert cr.find_nonfinite(lambda x: np.argmax(x), X) is None


def test_the_first_value() -> None:
    found = found_in(entropy, X)
    assert (found.kind, found.primitive) == ("value", "log")
    assert found.source is not None
    assert found.source.line == line(entropy, "np.log")
    assert (found.found.nans, found.found.infinities, found.found.entries) == (1, 0, ((2,),))
    assert found.operands[0].low == -2.0
    text = str(found)
    assert text.startswith("first value that is not finite: log at ")
    assert "in entropy: logs = np.log(p)" in text
    assert "result: float64[3] from -0.693147 to 0, 1 NaN at [2]" in text
    assert "operand 0: float64[3] from -2 to 1" in text


def test_a_value_that_does_not_reach_the_result_is_found_too() -> None:
    def safe(x: Any) -> Any:
        return np.where(x > 0, np.log(x), 0.0)

    assert found_in(safe, X).primitive == "log"
    assert np.all(np.isfinite(safe(np.abs(X))))


def test_the_first_cotangent() -> None:
    found = found_in(norm, np.zeros(3))
    assert (found.kind, found.primitive) == ("cotangent", "sqrt")
    assert found.source is not None
    assert found.source.line == line(norm, "np.sqrt")
    assert found.found.infinities == 1
    assert [x.name for x in found.operands] == ["cotangent of the result", "operand 0"]


def test_an_overflow_on_the_way_back() -> None:
    def f(x: Any) -> Any:
        y = x * 1e200
        return y * 1e200

    found = found_in(f, 1e-300)
    assert found.kind == "cotangent"
    assert found.found.infinities == 1


def test_the_step_of_a_loop_is_named() -> None:
    def f(x: Any) -> Any:
        def step(c: Any, e: Any) -> Any:
            return c - e, np.log(c)

        return np.sum(cr.scan(step, x, np.array([1.0, 1.0, 1.0, 1.0]))[1])

    found = found_in(f, 2.5)
    assert (found.kind, found.primitive) == ("value", "log")
    assert found.path == ("step 3 of scan",)
    assert "in step 3 of scan" in str(found)
    assert found.source is not None
    assert found.source.line == line(f, "np.log(c)")


def test_the_step_of_a_while_loop_and_a_nested_branch() -> None:
    def f(x: Any) -> Any:
        def step(c: Any) -> Any:
            return cr.cond(c > 100.0, lambda c: c / 0.0, lambda c: c * 10.0, c)

        return cr.while_loop(lambda c: c < 1e4, step, x)

    found = found_in(f, 1.0)
    assert found.primitive == "div"
    assert found.path == ("step 3 of while_loop", "the true branch of cond")


def test_the_step_back_of_a_loop_is_named() -> None:
    def f(x: Any) -> Any:
        return cr.scan(lambda c, e: (np.sqrt(c) * e, None), x, np.array([0.0, 1.0, 1.0]))[0]

    found = found_in(f, 4.0)
    assert found.kind == "cotangent"
    assert found.path[0] == "the derivative of scan"
    assert found.path[1] == "step 2 of scan"
    assert found.source is not None
    assert found.source.line == line(f, "np.sqrt")


def test_what_came_in_by_an_argument() -> None:
    found = found_in(lambda p, y: np.sum(p["w"]) * y, {"w": np.array([1.0, np.inf])}, y=2.0)
    assert found.kind == "argument"
    assert str(found) == (
        "not finite as it is passed: argument 0['w']: float64[2] from 1 to 1, 1 Inf at [1]"
    )


@pytest.mark.parametrize("branches", [False, True])
def test_compiled_functions_are_run_by_their_python(branches: bool) -> None:
    compiled = cr.compile(entropy, executor="interpreter", branches=branches)
    found = found_in(compiled, X)
    assert found.source is not None
    assert found.source.line == line(entropy, "np.log")


def test_compiled_functions_inside_of_a_function_keep_their_lines() -> None:
    inner = cr.compile(entropy, executor="interpreter")
    found = found_in(lambda x: inner(x) * 2, X)
    assert found.source is not None
    assert found.source.line == line(entropy, "np.log")


def test_functions_with_rules_are_looked_into() -> None:
    root = cr.custom_derivative(lambda x: np.sqrt(x - 2))
    root.def_jvp(lambda primals, tangents: (root(primals[0]), tangents[0] / root(primals[0])))
    assert found_in(lambda x: root(x) * 2, 1.0).primitive == "sqrt"
    back = found_in(lambda x: root(x) * 2, 2.0)
    assert back.kind == "cotangent"


def test_gradients_are_functions_too() -> None:
    found = found_in(cr.grad(norm), np.zeros(3))
    assert found.kind == "value"
