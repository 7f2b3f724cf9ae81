"""Rules on single examples: one that decides a mini-batch, labels that look wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.insight.diagnosis.case import CannotJudge, Case
from chainrule.insight.diagnosis.finding import Rule, Severity, Verdict
from chainrule.insight.diagnosis.words import count, listing, number, percent
from chainrule.insight.labels import SuspectLabels, classes_of, probabilities, suspects

Array = Any
_OUTLIER = 10.0
_SHARE = 0.01
_AGREEMENT = 0.9
_PARTS = 4096


# ---- an example that dominates its mini-batch ----------------------------------------------------


def _dominating(case: Case) -> Verdict:
    norms = case.gradients.norms
    n, size = len(norms), min(case.batch_size, len(norms))
    if size < 3 or not norms.sum():
        raise CannotJudge("it takes mini-batches of at least three examples that have gradients")
    shares = _shares(norms, size)
    top = int(np.argmax(shares))
    many = int(np.sum(shares > 0.5))
    others = np.delete(norms, top)
    usual = float(np.quantile(others, 0.99)) if n >= 100 else float(others.max())
    numbers = {
        "example": top if case.indices is None else int(case.indices[top]),
        "share": float(shares[top]),
        "norm": float(norms[top]),
        "usual_largest_norm": usual,
        "median_norm": float(np.median(norms)),
        "dominating": many,
        "examples": n,
        "cosine": float(case.gradients.cosines[top]),
        "change_without": float(case.gradients.changes[top]),
    }
    if not many:
        return Verdict(
            "healthy",
            f"the largest gradient has {percent(shares[top])} of the sum of norms in a mini-batch"
            f" of {size}",
            numbers,
        )
    reasons = _out_of_scale(case, top) if norms[top] > _OUTLIER * usual else []
    return _dominating_verdict(numbers, size, reasons)


def _shares(norms: Array, size: int) -> Array:
    """Each norm over the sum of norms of a mini-batch with it, whose others are as the mean."""
    others = (norms.sum() - norms) / (len(norms) - 1)
    return norms / (norms + (size - 1) * others)


def _dominating_verdict(numbers: dict[str, Any], size: int, reasons: list[str]) -> Verdict:
    where = f"mini-batch of {size}" if numbers["examples"] > size else "mini-batch"
    one = (
        f"Example {numbers['example']} has {percent(numbers['share'])} of the sum of gradient norms"
        f" in a {where}: {number(numbers['norm'])}, where the median is"
        f" {number(numbers['median_norm'])}"
    )
    if reasons:
        return Verdict(
            "illness",
            f"{one} and hardly any other has more than {number(numbers['usual_largest_norm'])}."
            f" {' '.join(reasons)} Every step with it is its own step.",
            numbers,
            "look at the example; scale its inputs as the others', or leave it out",
        )
    return Verdict(
        "note",
        f"{one}. {count(numbers['dominating'], 'example')} of {numbers['examples']:,} would"
        " outweigh the rest of their mini-batch: the others have next to no gradient left, being"
        " learned (or saturated). None is out of scale.",
        numbers,
        "larger mini-batches make steps less dependent on single examples",
    )


def _out_of_scale(case: Case, i: int) -> list[str]:
    """Which of its input and its output error is out of scale.

    A large error of classes is none: it is bounded, and all others' may have been learned away.
    """
    inputs = np.linalg.norm(np.asarray(case.a[0], np.float64), axis=1)
    errors = np.linalg.norm(np.asarray(case.delta[max(case.delta)], np.float64), axis=1)
    looked_at = [("Its input is", inputs)]
    if case.train is None or not case.train.classes:
        looked_at.append(("Its output error is", errors))
    return [
        f"{what} {number(x[i] / np.median(x))} times as large as the median one."
        for what, x in looked_at
        if x[i] > _OUTLIER * np.median(x) > 0
    ]


# ---- labels --------------------------------------------------------------------------------------


def _labels(case: Case) -> Verdict:
    found = _suspects(case, case.examples)
    held_out = None if case.held_out is None else _suspects(case, case.held_out)
    numbers = _label_numbers(found) | (
        {} if held_out is None else {"held_out": _label_numbers(held_out)}
    )
    severity: Severity = "healthy"
    if len(found.indices) or (held_out is not None and len(held_out.indices)):
        severity = "warning" if found.share > _SHARE else "note"
    sentence = _label_sentence(case, "examples", found)
    if held_out is not None:
        sentence += f" {_label_sentence(case, 'held-out examples', held_out)}"
    if severity == "healthy":
        return Verdict(severity, "the network is sure of no other class than the label's", numbers)
    trust = (
        ". Held-out examples tell more: those that were trained on are remembered as labelled"
        if held_out is not None
        else ". If they were trained on they are remembered as labelled; probabilities from"
        " cross-validation find more (chainrule.insight.labels.suspects)"
    )
    return Verdict(
        severity,
        sentence,
        numbers,
        f"look at these examples, the first ones first: a part of them are the network's own"
        f" mistakes{trust}",
    )


def _suspects(case: Case, rows: Any) -> SuspectLabels:
    stack = case.network
    if not rows.classes:
        raise CannotJudge("the targets are not classes")
    parts = (rows.X[i : i + _PARTS] for i in range(0, len(rows.X), _PARTS))
    outputs = np.concatenate([stack.activate(part)[1][stack.depth] for part in parts])
    try:
        found = suspects(probabilities(outputs), classes_of(rows.Y))
    except ArgumentError as error:
        raise CannotJudge("the outputs are no probabilities") from error
    if found.accuracy < _AGREEMENT:
        raise CannotJudge(
            f"the network agrees with {percent(found.accuracy)} of the labels only, so most of what"
            " it contradicts are its own mistakes; train it further first"
        )
    return found


def _label_numbers(found: SuspectLabels) -> dict[str, Any]:
    return {
        "suspect": len(found.indices),
        "share": found.share,
        "agreement": found.accuracy,
        "examples": found.indices.tolist(),
        "labels": found.given.tolist(),
        "suggested": found.suggested.tolist(),
        "thresholds": found.thresholds.tolist(),
    }


def _label_sentence(case: Case, what: str, found: SuspectLabels) -> str:
    names = case.classes or tuple(map(str, range(len(found.thresholds))))
    first = [
        f"{i} ({names[y]}, rather {names[j]})"
        for i, y, j in zip(found.indices, found.given, found.suggested, strict=True)
    ]
    shown = f": {listing(first, 3)}" if first else ""
    return (
        f"Of {found.examples:,} {what} {len(found.indices):,} ({percent(found.share)}) have labels"
        f" that the network contradicts with confidence{shown}."
    )


RULES = (
    Rule(
        "dominating example",
        _dominating,
        "more than half of the sum of gradient norms in an average mini-batch: note; and more than"
        f" {_OUTLIER:g} times what 99% of the others have, with an input (or, of a regression, an"
        f" error) {_OUTLIER:g} times as large as the median: illness",
        "Katharopoulos and Fleuret 2018, section 3; Paul, Ganguli and Dziugaite 2021; leaving one"
        " out: Koh and Liang 2017, section 2",
    ),
    Rule(
        "suspect labels",
        _labels,
        "probability of another class above the mean probability of that class among examples with"
        f" its label: note; for more than {percent(_SHARE)} of the examples: warning. Judged if the"
        f" network agrees with {percent(_AGREEMENT)} of the labels",
        "Northcutt, Jiang and Chuang 2021, equation 1",
    ),
)
