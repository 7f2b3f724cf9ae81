"""Each parameter against differences, and the V-curve over their step."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.checking.parameters import check_parameters
from chainrule.checking.step_size import STEPS, v_curve
from chainrule.core.errors import ArgumentError
from chainrule.nn.objective import mean_cost


def doubled_rule():
    """The sine with a derivative that is twice too large."""
    wave = cr.custom_derivative(lambda x: np.sin(x))
    wave.def_vjp(lambda x: (np.sin(x), x), lambda x, ct: (2 * ct * np.cos(x),))
    return wave


def network_cost(activation, cost):
    net = cr.nn.Network([4, 5, 3], activation=activation, cost=cost)
    rng = np.random.default_rng(1)
    X, Y = rng.random((3, 4)), np.eye(3)
    return (lambda params: mean_cost(net, net.cost)(params, X, Y)), net.params


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "gelu"])
@pytest.mark.parametrize("cost", ["quadratic", "log-likelihood", "cross-entropy"])
def test_every_parameter_of_a_network_agrees(activation, cost):
    report = check_parameters(*network_cost(activation, cost), executor="interpreter")
    assert report.agrees and report.checked == report.parameters == 43, report
    assert all(a.unclear == 0 for a in report.arguments)
    assert [a.shape for a in report.arguments] == [(5,), (5, 4), (3,), (3, 5)]


def test_a_cost_that_cancels_is_no_false_alarm():
    """Its terms are 1e8 times as large as itself, so its last digits are rounding."""
    report = check_parameters(
        lambda x: np.sum(1e8 + np.sin(x)) - 2e8, np.array([0.3, 1.0]), executor="interpreter"
    )
    assert report.agrees, report


def test_wrong_ones_are_found_and_named():
    wave = doubled_rule()
    report = check_parameters(
        lambda w, b: np.sum(np.sin(w)) + np.sum(wave(b)), np.ones((2, 2)), np.array([0.5, 1.5]),
        executor="interpreter", names=["weights", "biases"],
    )  # fmt: skip
    assert (report.wrong, report.agrees) == (2, False)
    assert {w.name for w in report.worst if not w.agrees} == {"biases[0]", "biases[1]"}
    (worst,) = (w for w in report.worst if w.name == "biases[0]")
    assert worst.analytic == pytest.approx(2 * np.cos(0.5))
    assert worst.numeric == pytest.approx(np.cos(0.5), rel=1e-9)
    text = str(report)
    page = report._repr_html_()
    assert "2 are wrong" in page and page.count("<td") > 2 and "biases[1]" in page
    assert "2 are wrong" in text and "biases" in text and "WRONG" in text


def test_a_kink_is_not_judged():
    report = check_parameters(lambda x: np.sum(np.abs(x)), np.array([0.0, 1.0]))
    (argument,) = report.arguments
    assert (argument.unclear, argument.wrong) == (0, 0)  # slopes of both sides cancel at 0 itself
    near = check_parameters(lambda x: np.sum(np.abs(x)), np.array([5e-5, 1.0]))
    assert near.agrees and near.arguments[0].unclear == 1 and "not judged" in str(near)


def test_some_of_many():
    seen: list[tuple[int, int]] = []
    report = check_parameters(
        lambda x: np.sum(x**2), np.ones(5000), most=1000, executor="interpreter",
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert (report.checked, report.parameters) == (1000, 5000)
    assert seen == [(500, 1000), (1000, 1000)]
    assert str(report).startswith("1,000 of 5,000 parameters")


def test_arguments_are_left_as_they_were():
    x = np.array([1.0, 2.0])
    check_parameters(lambda x: np.sum(x**3), x, executor="interpreter")
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_python_branches_on_values():
    def f(x):
        return np.sum(x**2) if x[0] > 0 else np.sum(x**3)

    assert check_parameters(f, np.array([1.0, 2.0]), executor="interpreter").agrees


def test_bad_input():
    with pytest.raises(cr.ChainruleError, match=r"returns float64\[2\].*np\.sum"):
        check_parameters(np.sin, np.ones(2), executor="interpreter")
    with pytest.raises(cr.ChainruleError, match="step=0"):
        check_parameters(np.sum, np.ones(2), step=0)
    with pytest.raises(cr.ChainruleError, match="2 names for 1 arrays"):
        check_parameters(np.sum, np.ones(2), names=["a", "b"], executor="interpreter")
    with pytest.raises(cr.ChainruleError, match="positive steps"):
        v_curve(np.sin, 1.0, steps=[0.1, 0.0])
    with pytest.raises(cr.ChainruleError, match="complex"):
        check_parameters(lambda z: np.abs(z), 1j)


def test_the_v_curve_has_the_slopes_of_the_theory():
    curve = v_curve(np.exp, 1.0)
    assert curve.steps == STEPS
    truncated = [i for i, e in enumerate(curve.steps) if 1e-4 < e < 0.02]
    steps = np.log([curve.steps[i] for i in truncated])
    for errors, order in ((curve.forward, 1), (curve.central, 2)):
        slope = np.polyfit(steps, np.log([errors[i] for i in truncated]), 1)[0]
        assert slope == pytest.approx(order, abs=0.02)
    step, error = curve.best
    assert 1e-7 < step < 1e-4 and error < 1e-8
    assert min(curve.forward) > 1e-11  # half of the digits, with luck some more
    assert curve.central[-1] > 1e-3  # rounding


def test_the_v_curve_of_a_wrong_derivative_is_flat():
    curve = v_curve(doubled_rule(), 0.7)
    small = [error for e, error in zip(curve.steps, curve.central) if 1e-10 < e < 1e-4]
    assert small == pytest.approx([0.5] * len(small), rel=1e-4)
    assert "no step comes near" in str(curve) and "no step comes near" in curve._repr_html_()


def test_a_slope_of_zero_has_absolute_errors():
    curve = v_curve(lambda x: np.sum(0 * x) + 1.0, np.ones(2))
    assert curve.derivative == 0 and max(curve.central) == 0


def test_parameters_are_called_as_the_function_calls_them():
    def cost(layers, scale):
        return scale * sum(np.sum(np.sin(w)) for w in layers)

    layers = [np.ones((2, 2)), np.ones(2)]
    text = str(check_parameters(cost, layers, 2.0, executor="interpreter", worst=0))
    assert all(name in text for name in ("layers[0]", "layers[1]", "scale"))
    text = str(check_parameters(lambda *xs: np.sum(xs[0] ** 2), np.ones(2), executor="interpreter"))
    assert "argument 0[1]" in text


def test_a_derivative_that_is_nan_is_wrong():
    wave = cr.custom_derivative(lambda x: np.sin(x))
    wave.def_vjp(lambda x: (np.sin(x), x), lambda x, ct: (ct * np.nan,))
    report = check_parameters(lambda x: np.sum(wave(x)), np.ones(2), executor="interpreter")
    assert report.wrong == 2 and not report.agrees
    assert [w.name for w in report.worst] == ["x[0]", "x[1]"]


@pytest.mark.filterwarnings("ignore:invalid value")
def test_beside_nan_nothing_is_judged():
    """One side of 1e-5 has no logarithm."""
    report = check_parameters(np.log, 1e-5, executor="interpreter")
    assert report.agrees and not report.worst and report.arguments[0].unclear == 1
    assert "1 parameter of log" in str(report) and "1 not judged" in str(report)
    with pytest.raises(ArgumentError, match="check_parameters: log is nan here"):
        check_parameters(np.log, -1.0, executor="interpreter")
    with pytest.raises(ArgumentError, match="v_curve: log is nan here"):
        v_curve(np.log, -1.0)


def test_a_double_has_no_more_than_16_digits():
    assert "where 16 digits are right" in str(v_curve(lambda x: 3 * x, 1.0, steps=[0.5, 0.25]))
