"""Rules on the learning rate: against the curvature that it meets."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from chainrule.core.tree import map_leaves
from chainrule.insight.curvature import cost_of_parameters
from chainrule.insight.diagnosis.case import CannotJudge, Case, Descent
from chainrule.insight.diagnosis.finding import Rule, Verdict
from chainrule.insight.diagnosis.words import number, percent
from chainrule.transforms.derived import grad

_HOVER = 1.2  # at the edge of stability lambda_max stays somewhat above its limit
_STEPS = 10
_LOW = 0.01
_LEARNED = 0.1  # of the cost of a constant answer: what is left after most has been learned


def _too_high(case: Case) -> Verdict:
    descent, ratio = _judged(case)
    c = case.curvature
    now, start = _numbers(case), _start_ratio(case)
    numbers = now | ({} if start is None else {"start_over_limit": start})
    sharp = "lambda_max of the scaled Hessian" if descent.scale is not None else "lambda_max"
    what = f"{sharp} {number(c.largest)}, limit {number(descent.limit)} for eta {descent.eta:g}"
    if ratio > 1:
        return _above_limit(case, what, ratio, numbers)
    if start is not None and start > 1 and case.cost > 0.9 * case.constant_cost:
        return Verdict(
            "illness",
            f"The learning rate was too high to begin with: before training lambda_max was"
            f" {number(start)} times its limit {number(descent.limit)} for eta {descent.eta:g}, and"
            f" the cost never got below that of a constant answer ({number(case.cost)}).",
            numbers,
            f"eta below {number(descent.eta / start)} at the start",
        )
    if case.sharpness > descent.limit and descent.name != "adam":
        return Verdict(
            "note",
            f"Steps are stable for the mean cost ({what}), but single mini-batches of"
            f" {case.batch_size} are sharper along their own gradients ({number(case.sharpness)}),"
            " so their steps overshoot.",
            numbers,
            "a smaller eta towards the end (schedule=), or larger mini-batches",
        )
    return Verdict("healthy", f"{what}: {percent(ratio)} of it", numbers)


def _above_limit(case: Case, what: str, ratio: float, numbers: dict[str, Any]) -> Verdict:
    descent = case.rule_of_descent
    remedy = f"eta below {number(descent.eta / ratio)}; half of that is the fastest for one eta"
    if ratio <= _HOVER:
        return Verdict(
            "note",
            f"The learning rate is at the edge of stability: {what}. Full-batch descent of networks"
            " works there; with a smaller one the cost would fall more smoothly.",
            numbers,
            remedy,
        )
    head = f"The learning rate is too high: {what}, {number(ratio)} times as much."
    if descent.name == "adam":
        return Verdict("warning", head, numbers, remedy)
    after = _cost_after(case, descent)
    numbers |= {"steps": _STEPS, "cost_after_steps": after}
    growth = "" if descent.settings else (
        " A step multiplies the distance along the sharpest direction by"
        f" {number(abs(1 - descent.eta * numbers['lambda_max']))}."
    )  # fmt: skip
    really = f"{_STEPS} steps of full-batch descent really take the cost from" + (
        f" {number(numbers['cost'])} to {number(after)}"
    )
    if after < numbers["cost"]:
        return Verdict(
            "warning", f"{head}{growth} {really}: to where it is flatter.", numbers, remedy
        )
    return Verdict("illness", f"{head}{growth} {really}.", numbers, remedy)


def _cost_after(case: Case, descent: Descent) -> float:
    """The cost after some steps along the full gradient, in reality."""
    f = cost_of_parameters(case.network, case.X, case.Y, case.decay)
    momentum = descent.settings.get("momentum", 0.0)

    def faster(v: Any, g: Any) -> Any:
        return momentum * v - descent.eta * g

    with np.errstate(all="ignore"):
        point = case.network.weights, case.network.biases
        velocity = map_leaves(np.zeros_like, point)
        gradient = grad(f)
        for _ in range(_STEPS):
            velocity = map_leaves(faster, velocity, gradient(point))
            point = map_leaves(operator.add, point, velocity)
        return float(f(point))


def _too_low(case: Case) -> Verdict:
    descent, ratio = _judged(case)
    c = case.curvature
    start = _start_ratio(case)
    low = 2 * max(ratio, start or 0.0)  # as a part of 1 / lambda_max
    numbers = _numbers(case) | {"part_of_half_limit": low}
    plain = descent.name == "sgd" and not descent.settings
    part = percent(low) + " of" if low < 1.5 else number(low) + " times"
    fraction = f"eta is {part} {'1/lambda_max' if plain else 'half its limit'}"
    if start is not None:
        fraction += " (the larger of now and at the start)"
    if case.cost <= _LEARNED * case.constant_cost:
        return Verdict(
            "healthy",
            f"most is learned (cost {number(case.cost)}, {number(case.constant_cost)} for a"
            f" constant answer), and curvature is small there; {fraction}",
            numbers,
        )
    if low >= _LOW:
        return Verdict("healthy", fraction, numbers)
    best = f", the best one {number(c.gain(c.best_step))}" if math.isfinite(c.best_step) else ""
    gain = (
        f" A step along the gradient lowers the cost of {number(case.cost)} by"
        f" {number(c.gain(descent.eta))}{best}."
        if descent.scale is None
        else ""
    )
    return Verdict(
        "warning",
        f"The learning rate is too low: {fraction}, lambda_max is {number(c.largest)}.{gain}",
        numbers,
        f"eta up to {number(descent.eta / low)}; with mini-batches begin with a tenth of that. If"
        " errors vanish or neurons are saturated, cure that first: it makes the cost flat",
    )


# ---- what both measure ---------------------------------------------------------------------------


def _judged(case: Case) -> tuple[Descent, float]:
    """The rule of descent, and lambda_max over its limit."""
    descent = case.rule_of_descent
    c = case.curvature
    if descent.name == "adam" and descent.scale is None:
        raise CannotJudge(
            f"Adam scales each parameter's step, so lambda_max = {number(c.largest)} is no measure"
            f" of its eta; its limit is {number(descent.limit)} for the Hessian scaled by its"
            " moments (Cohen et al. 2022), which only a run's checkpoint holds"
        )
    if c.largest <= 0 or not c.gradient_norm:
        raise CannotJudge(
            f"the cost is flat here: lambda_max {number(c.largest)}, gradient"
            f" {number(c.gradient_norm)}"
        )
    return descent, c.largest / descent.limit


def _start_ratio(case: Case) -> float | None:
    descent = case.rule_of_descent
    if case.start_curvature is None or descent.name == "adam":
        return None
    return case.start_curvature.largest / descent.limit


def _numbers(case: Case) -> dict[str, Any]:
    descent, c = case.rule_of_descent, case.curvature
    numbers: dict[str, Any] = {
        "eta": descent.eta,
        "lambda_max": c.largest,
        "limit": descent.limit,
        "over_limit": c.largest / descent.limit,
        "batch_sharpness": case.sharpness,
        "cost": c.cost,
    }
    if descent.name == "sgd":
        numbers |= {"best_step": c.best_step, "predicted_change": -c.gain(descent.eta)}
    return numbers


RULES = (
    Rule(
        "learning rate too high",
        _too_high,
        f"lambda_max above 2/eta (momentum: 2(1+mu)/eta; Adam: 2(1+beta1)/((1-beta1) eta), of the"
        f" scaled Hessian): note, as networks hover there; above {_HOVER} times that: warning, and"
        f" illness if {_STEPS} steps raise the cost",
        "LeCun, Bottou, Orr and Müller 1998, section 5.1; Cohen, Kaur, Li, Kolter and Talwalkar"
        " 2021; Adam: Cohen et al. 2022; flatter regions: Lewkowycz et al. 2020; mini-batches:"
        " Andreyev and Beneventano 2024",
    ),
    Rule(
        "learning rate too low",
        _too_low,
        f"eta below {_LOW:g}/lambda_max now and at the start, with more than"
        f" {percent(_LEARNED)} of the cost of a constant answer left: warning",
        "LeCun, Bottou, Orr and Müller 1998, section 5.1: 1/lambda_max is the fastest step of one"
        " eta for all",
    ),
)
