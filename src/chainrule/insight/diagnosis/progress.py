"""Rules on how training goes: nothing learned, a cost that jumps, training for too long."""

from __future__ import annotations

import itertools
import math
from typing import Any

from chainrule.insight.diagnosis.case import CannotJudge, Case
from chainrule.insight.diagnosis.finding import Rule, Severity, Verdict
from chainrule.insight.diagnosis.words import count, number, percent

_RISE = {"illness": 1.0, "warning": 0.1}
_NOTHING, _LARGE = 0.98, 2.0
_LOSS = {"warning": 0.05, "illness": 0.5}


def _nothing_learned(case: Case) -> Verdict:
    _ = case.examples  # without targets nothing can be judged
    cost, constant = case.cost, case.constant_cost
    if not constant > 0:
        raise CannotJudge("the targets are all the same")
    ratio = cost / constant
    numbers = {"cost": cost, "constant_cost": constant, "ratio": ratio}
    sentence = (
        f"cost {number(cost)}, {number(constant)} for always answering with the mean of the targets"
    )
    if ratio < _NOTHING:
        return Verdict("healthy", sentence, numbers)
    if case.history:
        return Verdict(
            "illness",
            f"After {count(len(case.history), 'epoch')} the network is no better than a constant"
            f" answer: {sentence}.",
            numbers,
            "see the other findings for what keeps it from learning",
        )
    if ratio < _LARGE:
        return Verdict("note", f"Nothing is learned as yet: {sentence}.", numbers, "train it")
    return Verdict(
        "warning",
        f"The cost is {number(ratio)} times that of a constant answer: {sentence}. If the network"
        " is not trained yet, its outputs begin far from the targets.",
        numbers,
        "train it; the smaller its outputs are at the start, the sooner it is better than a"
        " constant answer: init='scaled' (or 'he' for relu), if it has another one",
    )


def _unsteady(case: Case) -> Verdict:
    costs = _curve(case, "cost", 3)
    best, worst_rise, at = costs[0], 0.0, 1
    for epoch, c in enumerate(costs[1:], start=2):
        rise = c / best - 1 if best > 0 and math.isfinite(c) else math.inf
        if rise > worst_rise:
            worst_rise, at = rise, epoch
        best = min(best, c)
    rises = sum(b > a for a, b in itertools.pairwise(costs))
    numbers = {"largest_rise": worst_rise, "epoch": at, "rises": rises, "epochs": len(costs)}
    levels: list[Severity] = [s for s in ("illness", "warning") if worst_rise > _RISE[s]]
    if not levels:
        return Verdict(
            "healthy",
            f"the cost rose in {rises} of {count(len(costs), 'epoch')}, never by more than"
            f" {percent(worst_rise)} over its lowest",
            numbers,
        )
    return Verdict(
        levels[0],
        f"The cost jumps: in epoch {at} it was {percent(worst_rise)} above its lowest before, and"
        f" it rose in {rises} of {count(len(costs), 'epoch')}.",
        numbers,
        "a smaller eta, or one that falls (schedule=)",
    )


def _overfitting(case: Case) -> Verdict:
    costs = _curve(case, "validation_cost", 2)
    best = min(costs)
    epoch = costs.index(best) + 1
    loss = costs[-1] / best - 1 if best > 0 else 0.0
    last = case.history[-1]
    numbers = {
        "generalisation_loss": loss,
        "best_epoch": epoch,
        "epochs": len(costs),
        "cost": last.get("cost"),
        "validation_cost": costs[-1],
    }
    sentence = (
        f"the cost on held-out examples is {number(costs[-1])}, {percent(loss)} above its lowest in"
        f" epoch {epoch} of {len(costs)}"
    )
    if loss <= _LOSS["warning"]:
        return Verdict("healthy", sentence, numbers)
    if not _still_falls(case, epoch):
        return Verdict("healthy", f"{sentence}; so is that on training examples", numbers)
    return Verdict(
        "illness" if loss > _LOSS["illness"] else "warning",
        f"Trained for too long: {sentence}, while that on training examples is"
        f" {number(float(last.get('cost', math.nan)))}.",
        numbers,
        f"stop near epoch {epoch}; l2, more data or a smaller network",
    )


def _still_falls(case: Case, epoch: int) -> bool:
    """Whether training lowered its own cost after an epoch, as it does when it overfits."""
    costs: list[Any] = [case.history[i].get("cost") for i in (epoch - 1, -1)]
    return None in costs or bool(costs[1] < costs[0])


def _curve(case: Case, key: str, least: int) -> list[float]:
    curve: list[Any] = [record.get(key) for record in case.history]
    found = [float(c) for c in curve if isinstance(c, (int, float))]
    if len(found) < least:
        raise CannotJudge(f"no history with the {key.replace('_', ' ')} of {least} epochs or more")
    return found


RULES = (
    Rule(
        "nothing learned",
        _nothing_learned,
        "cost not below 98% of that of the best constant answer: note, after training illness;"
        " twice as high before training: warning",
        "Karpathy 2019, A recipe for training neural networks (input-independent baseline); proper"
        " scoring: Gneiting and Raftery 2007",
    ),
    Rule(
        "unsteady cost",
        _unsteady,
        "an epoch's cost 10% above the lowest before it: warning; twice as high: illness",
        "Nielsen, chapter 3, how to choose a neural network's hyper-parameters: learning rate",
        needs_finite=False,
    ),
    Rule(
        "overfitting",
        _overfitting,
        "generalisation loss E_va/E_opt - 1 above 5%: warning; above 50%: illness",
        "Prechelt 1998, Early stopping - but when?, section 2 (criterion GL with alpha = 5)",
        needs_finite=False,
    ),
)
