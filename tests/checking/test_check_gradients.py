"""``check_gradients``: no false alarm on any case; each planted mistake is blamed by its line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import chainrule as cr
from chainrule.core.errors import ArgumentError, DTypeError, NoRuleError
from chainrule.core.primitive import PRIMITIVES, Edge, Joint
from chainrule.executors.native import expressions

from ..cases import CASES

CHECKED = [c for c in CASES if c.argnums]
X = np.array([0.3, 1.1, -0.7])


def line(f: Callable[..., Any], text: str) -> str:
    """``file:line`` of the line of ``f`` that has the text."""
    lines, start = inspect.getsourcelines(f)
    (number,) = [start + i for i, one in enumerate(lines) if text in one]
    return f"{f.__code__.co_filename}:{number}"


# ---- no false alarms -----------------------------------------------------------------------------


PARTS = [pytest.param(i, marks=[pytest.mark.long] if i else []) for i in range(8)]


@pytest.mark.parametrize("part", PARTS)
def test_no_case_is_a_false_alarm(part: int) -> None:
    alarms: list[str] = []
    for case in CHECKED[part::8]:
        with np.errstate(all="ignore"):
            try:
                cr.check_gradients(case.f, *case.inputs, directions=1, executor=None)
            except cr.GradientError as error:
                alarms.append(f"{case.name}: {error}")
    assert alarms == []


def test_no_false_alarm_by_machine_code() -> None:
    for case in CHECKED[:: len(CHECKED) // 6]:
        cr.check_gradients(case.f, *case.inputs, directions=1)


def test_hard_functions_are_no_false_alarm() -> None:
    big, small = np.array([1e8, 2e8]), np.array([1e-9, -3e-9])
    for f, x in (
        (lambda x: np.sum(np.sin(50 * x)), X),
        (lambda x: np.exp(-1 / x**2), X),
        (lambda x: (x + 1e6) - 1e6, X),
        (lambda x: np.sum(x) - np.sum(x), X),
        (lambda x: np.sum(np.exp(x) / np.sum(np.exp(x))), X),
        (lambda x: x**3, small),
        (lambda x: np.log(x), big),
        (lambda x: np.log(np.abs(x)), small),
        (lambda x: np.sqrt(x), np.array([0.0, 1.0])),
        (lambda x: np.sum(x * x), X.astype(np.float32)),
        (lambda x: np.tanh(x).astype(np.float32), X),
        (lambda x: np.arccos(x), np.array([1.0 - 1e-9, 0.5])),
        (lambda x: np.floor(x) * x, np.array([1.0, 2.5])),
        (lambda x: np.real(x * np.conj(x)), X + 1j),
    ):
        with np.errstate(all="ignore"):
            cr.check_gradients(f, x, executor=None)


# ---- what is passed and what comes back ----------------------------------------------------------


def test_the_report_names_what_was_compared() -> None:
    report = cr.check_gradients(lambda x: np.sum(np.sin(x)), X, executor="interpreter")
    ways = {c.ways for c in report.comparisons}
    assert {("forward", "reverse"), ("forward", "differences")} <= ways
    assert ("forward over reverse", "reverse over reverse") in ways
    assert ("forward over forward", "forward over reverse") in ways
    assert ("reverse", "compiled reverse") in ways
    assert ("reverse", "batched reverse") in ways
    assert all(c.agrees for c in report.comparisons)
    assert (report.numbers, report.directions) == (3, 2)
    text = str(report)
    assert "3 numbers, 2 directions" in text
    assert "order 2  forward over reverse = differences" in text
    assert "complex step" in report.differences


def test_containers_keywords_and_several_results() -> None:
    def f(p: dict[str, Any], n: int, *, scale: Any, mode: str) -> Any:
        y = p["w"] @ p["x"] * scale if mode == "product" else p["w"]
        return {"y": y**n, "count": n, "pair": (np.sum(y), np.argmax(y))}

    p = {"w": np.ones((2, 3)), "x": X}
    report = cr.check_gradients(f, p, 3, scale=2.0, mode="product", executor="interpreter")
    assert report.numbers == 10
    assert report.notes == ()


def test_branches_on_values_are_compiled_too() -> None:
    def f(x: Any) -> Any:
        return np.sin(x) if x > 0 else x * x

    for x in (0.5, -0.5):
        report = cr.check_gradients(f, x, executor="interpreter")
        assert ("reverse", "compiled reverse") in {c.ways for c in report.comparisons}


def test_every_entry_can_be_asked_for() -> None:
    report = cr.check_gradients(np.sin, X, entries=True, order=1, executor=None)
    assert report.directions == 5


def test_a_function_whose_derivative_is_not_of_first_order_alone() -> None:
    report = cr.check_gradients(np.sin, X, order=1, executor=None)
    assert {c.order for c in report.comparisons} == {0, 1}


@pytest.mark.parametrize(
    ("options", "message"),
    [({"order": 3}, "order=3"), ({"executor": "gpu"}, "'gpu'"), ({"directions": 0}, "at least 1")],
)
def test_options_out_of_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        cr.check_gradients(np.sin, X, **options)


def test_nothing_to_differentiate() -> None:
    with pytest.raises(DTypeError, match=r"no argument of floating.*int.*2\.0 for 2"):
        cr.check_gradients(lambda n: n, 3)
    with pytest.raises(NoRuleError, match="there is no derivative to check"):
        cr.check_gradients(cr.custom_derivative(lambda x: x), 1.0)


# ---- where there is no derivative ----------------------------------------------------------------


def test_a_kink_is_noted_with_both_slopes() -> None:
    report = cr.check_gradients(np.abs, np.array([0.0, 2.0]), executor=None)
    (first, _) = report.notes
    assert "f has a kink here: result[0] has left slope -" in first
    assert "the derivative given is" in first


def test_no_operation_is_blamed_for_a_sum_of_kinks() -> None:
    def f(x: Any) -> Any:
        return np.maximum(x, 0) - 3 * np.maximum(-x, 0)

    cr.check_gradients(f, 0.0, executor=None)

    def smooth(x: Any) -> Any:
        return cr.ops.special.relu(x) - cr.ops.special.relu(-x)  # x, of derivative 1

    with pytest.raises(cr.GradientError) as caught:
        cr.check_gradients(smooth, 0.0, executor=None)
    assert "no operation is wrong by itself, but these are at a kink" in str(caught.value)
    assert line(smooth, "return cr.ops") in str(caught.value)


# ---- planted mistakes ----------------------------------------------------------------------------


def plant(monkeypatch: pytest.MonkeyPatch, name: str, **changes: Any) -> None:
    """Give a primitive other rules, as if it were stated so."""
    for field, value in changes.items():
        before = getattr(PRIMITIVES[name], field)
        monkeypatch.setitem(PRIMITIVES[name].__dict__, field, value)
        assert before is not value


def scaled(use: Any, factor: float) -> Any:
    return lambda t, *rest, **params: use(t, *rest, **params) * factor


def wrong(name: str, *, push: float = 1.0, pull: float = 1.0) -> Any:
    """The derivative of a primitive with a factor in it."""
    derivative = PRIMITIVES[name].derivative
    if isinstance(derivative, Joint):
        return Joint(
            lambda ts, *rest, **params: derivative.push(ts, *rest, **params) * push,
            lambda ct, *rest, **params: [
                None if x is None else x * pull for x in derivative.pull(ct, *rest, **params)
            ],
        )
    first, *others = derivative
    return (Edge(scaled(first.push, push), scaled(first.pull, pull)), *others)


def program(x: Any) -> Any:
    a = np.tanh(x) * 2.0
    b = a @ np.arange(9.0).reshape(3, 3)
    c = np.concatenate([b, a])[1:4]
    d = np.cumsum(c)
    return np.exp(-d) + np.sum(a)


PLANTED = [
    ("tanh", "a = np.tanh", {"push": 1.01, "pull": 1.01}),
    ("exp", "np.exp(-d)", {"push": 0.5, "pull": 0.5}),
    ("matmul", "b = a @", {"pull": -1.0}),
    ("concatenate", "np.concatenate", {"push": 1.1}),
    ("concatenate", "np.concatenate", {"pull": 1.1}),
    ("getitem", "[1:4]", {"pull": 1.5}),
    ("cumsum", "np.cumsum", {"push": 2.0, "pull": 2.0}),
    ("sum", "np.sum(a)", {"pull": 2.0}),
]


@pytest.mark.parametrize(("name", "text", "factors"), PLANTED)
def test_a_wrong_derivative_is_blamed_by_name_and_line(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, factors: dict[str, float]
) -> None:
    cr.check_gradients(program, X, executor=None)
    plant(monkeypatch, name, derivative=wrong(name, **factors))
    with pytest.raises(cr.GradientError) as caught:
        cr.check_gradients(program, X, executor=None)
    assert f"to blame: {name} at {line(program, text)} in program: " in str(caught.value)


def test_a_wrong_operation_of_a_derivative_is_named_with_what_it_is_part_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def f(x: Any) -> Any:
        y = x * 2
        return np.sin(y)

    plant(monkeypatch, "cos", derivative=wrong("cos", push=2.0, pull=2.0))
    cr.check_gradients(f, X, order=1, executor=None)
    with pytest.raises(cr.GradientError) as caught:
        cr.check_gradients(f, X, executor=None)
    told = f"to blame: cos, which the derivative of sin uses, at {line(f, 'np.sin')}"
    assert told in str(caught.value)
    assert "forward over reverse and differences disagree" in str(caught.value)


def test_a_wrong_batch_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    def batch(flags: Any, size: int, x: Any, **params: Any) -> Any:
        return PRIMITIVES["cumsum"](x, **params)  # along the axis of the examples

    def f(x: Any) -> Any:
        return np.cumsum(np.sin(x), axis=0)

    plant(monkeypatch, "cumsum", batch=batch)
    with pytest.raises(cr.GradientError) as caught:
        cr.check_gradients(f, X, executor=None)
    assert "value and batched value disagree" in str(caught.value)
    assert f"to blame: cumsum at {line(f, 'np.cumsum')}" in str(caught.value)


def test_a_wrong_native_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    def f(x: Any) -> Any:
        y = x + 1.0
        return np.sum(np.sinh(y))

    monkeypatch.setitem(expressions.FLOAT_ONLY, "sinh", "cosh_{t}({x})")
    with pytest.raises(cr.GradientError) as caught:
        cr.check_gradients(f, X, order=1, directions=1)
    assert "value and compiled value disagree" in str(caught.value)
    assert f"to blame: sinh at {line(f, 'np.sinh')}" in str(caught.value)


# ---- rules that a person states, control flow ----------------------------------------------------


def test_a_wrong_forward_rule_is_named_by_its_function() -> None:
    @cr.custom_derivative
    def gamma(x: Any) -> Any:
        return special.gamma(x)

    @gamma.def_jvp
    def gamma_rule(primals: Any, tangents: Any) -> Any:
        (x,), (t,) = primals, tangents
        return gamma(x), t * gamma(x)

    def f(x: Any) -> Any:
        return np.sin(gamma(x * 2))

    with pytest.raises(cr.GradientError) as caught:
        cr.check_gradients(f, 1.3, order=1, executor=None)
    assert f"to blame: custom gamma at {line(f, 'gamma(x * 2)')} in f" in str(caught.value)
    start = gamma_rule.__code__.co_firstlineno
    assert f"forward rule: gamma_rule ({__file__}:{start})" in str(caught.value)


def test_rules_that_contradict_each_other() -> None:
    square = cr.custom_derivative(lambda x: x * x)

    @square.def_jvp
    def rule(primals: Any, tangents: Any) -> Any:
        return primals[0] ** 2, 2 * primals[0] * tangents[0]

    def backward(x: Any, ct: Any) -> Any:
        return (3 * x * ct,)

    square.def_vjp(lambda x: (x * x, x), backward)
    with pytest.raises(cr.GradientError, match="forward and reverse disagree") as caught:
        cr.check_gradients(square, 1.5, order=1, executor=None)
    assert "reverse rule, backward part: backward" in str(caught.value)


def test_an_implicit_root_of_another_equation() -> None:
    def solve(a: Any) -> Any:
        return np.sqrt(a)

    def residual(x: Any, a: Any) -> Any:
        return x**3 - a

    root = cr.implicit_root(residual, solve)
    with pytest.raises(cr.GradientError) as caught:
        cr.check_gradients(lambda a: root(a) * 2, 2.0, order=1, executor=None)
    assert "root found by: solve (" in str(caught.value)
    assert "as the root of: residual (" in str(caught.value)
    cr.check_gradients(cr.implicit_root(lambda x, a: x * x - a, solve), 2.0, executor=None)


def _scanned(x: Any) -> Any:
    return cr.scan(lambda c, e: (c * 0.5 + np.arctan(e), c), x[0], x)[0]


def _looped(x: Any) -> Any:
    return cr.while_loop(lambda c: np.sum(c) < 20, lambda c: c + np.arctan(c) ** 2 + 1, x)


def _chosen(x: Any) -> Any:
    return cr.cond(x[0] > 0, lambda x: np.arctan(x), lambda x: x, x)


def _again(x: Any) -> Any:
    return cr.checkpoint(lambda x: np.arctan(x) * x)(x)


@pytest.mark.parametrize(
    ("f", "path"),
    [
        (_scanned, "step 0 of scan"),
        (_looped, "step 0 of while_loop"),
        (_chosen, "the true branch of cond"),
        (_again, "checkpoint"),
    ],
)
def test_bodies_are_looked_into(monkeypatch: pytest.MonkeyPatch, f: Any, path: str) -> None:
    cr.check_gradients(f, X, executor=None)
    plant(monkeypatch, "arctan", derivative=wrong("arctan", push=1.2, pull=1.2))
    with pytest.raises(cr.GradientError) as caught:
        cr.check_gradients(f, X * 1.01, order=1, executor=None)
    text = str(caught.value)
    assert f"to blame: arctan at {line(f, 'np.arctan')} in <lambda>" in text
    assert f"(in {path})" in text


# ---- functions that are no functions -------------------------------------------------------------


def test_random_numbers_inside_are_found() -> None:
    rng = np.random.default_rng(0)

    def f(x: Any) -> Any:
        y = np.sin(x)
        return y * rng.normal()

    with pytest.raises(cr.GradientError, match="not deterministic: two runs") as caught:
        cr.check_gradients(f, X)
    assert f"in a constant of mul at {line(f, 'rng.normal')}" in str(caught.value)


def test_state_that_changes_is_found() -> None:
    calls: list[int] = []

    def f(x: Any) -> Any:
        calls.append(1)
        return np.sin(x) if len(calls) % 2 else np.cos(x)

    with pytest.raises(cr.GradientError, match=r"not deterministic.*first differ in what they do"):
        cr.check_gradients(f, X)


def test_arguments_that_are_written_to_are_noted() -> None:
    def f(x: Any) -> Any:
        x[0] = 1.0
        return np.sum(x * x)

    x = X.copy()
    report = cr.check_gradients(f, x, executor=None)
    assert report.notes == ("f writes into argument 0; the check gave it copies",)
    np.testing.assert_array_equal(x, X)


def test_the_worst_entry_is_named() -> None:
    pick = cr.custom_derivative(lambda w: w * w)
    pick.def_vjp(lambda w: (w * w, w), lambda w, ct: (ct * w * np.array([2.0, 3.0, 2.0]),))
    with pytest.raises(cr.GradientError, match=r"worst in argument 0\['w'\]\[1\]: .*-?3\.3"):
        cr.check_gradients(lambda p: np.sum(pick(p["w"])), {"w": X}, order=1, executor=None)
