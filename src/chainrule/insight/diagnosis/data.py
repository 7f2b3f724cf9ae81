"""Rules on the data: inputs out of scale, targets out of reach, classes that are rare."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.insight.diagnosis.case import CannotJudge, Case
from chainrule.insight.diagnosis.finding import Rule, Severity, Verdict
from chainrule.insight.diagnosis.words import count, listing, number, percent
from chainrule.insight.labels import classes_of
from chainrule.insight.slopes import slope_of

Array = Any
_SIZE, _SPREADS, _LENGTHS = 10.0, 100.0, 20.0
_PARTS = 4096
_AT_LEAST = 5  # examples a class
_RARE = {"warning": 100.0, "note": 10.0}


def _inputs(case: Case) -> Verdict:
    X = case.examples.X
    spreads, lengths = _spreads_and_lengths(X)
    size = float(np.linalg.norm(lengths) / np.sqrt(X.size))
    varying = spreads[spreads > 0]
    middle = float(np.median(varying)) if varying.size else 0.0
    median = float(np.median(lengths))
    widest, longest = int(np.argmax(spreads)), int(np.argmax(lengths))
    numbers: dict[str, Any] = {
        "root_mean_square": size,
        "examples": len(X),
        "features": X.shape[1],
        "constant_features": int(np.sum(spreads == 0)),
        "widest_feature": widest,
        "widest_over_median": float(spreads[widest] / middle) if middle else 1.0,
        "longest_example": longest,
        "longest_over_median": float(lengths[longest] / median) if median else 1.0,
    }
    faults = _faults_of_inputs(numbers)
    constant = numbers["constant_features"]
    same = f", {count(constant, 'input')} of {X.shape[1]} the same in all examples" * bool(constant)
    if not faults:
        return Verdict("healthy", f"root mean square {number(size)}{same}", numbers)
    return Verdict(
        "warning",
        f"Inputs out of scale: {listing(faults)}. The cost is then narrow in some directions and"
        " flat in others, and one eta does not fit all.",
        numbers,
        "shift each input to mean 0 and scale it to deviation 1 over the training examples",
    )


def _faults_of_inputs(numbers: dict[str, Any]) -> list[str]:
    faults: list[str] = []
    size, features = numbers["root_mean_square"], numbers["features"]
    if size > _SIZE or (0 < size < 1 / _SIZE**2):
        faults.append(f"the inputs' root mean square is {number(size)}")
    if numbers["widest_over_median"] > _SPREADS:
        faults.append(
            f"input {numbers['widest_feature']} spreads {number(numbers['widest_over_median'])}"
            " times as wide as the median one"
        )
    if numbers["longest_over_median"] > _LENGTHS:
        faults.append(
            f"example {numbers['longest_example']} is {number(numbers['longest_over_median'])}"
            " times as long as the median one"
        )
    if numbers["constant_features"] == features and numbers["examples"] > 1:
        faults.append("all examples are equal")
    return faults


def _spreads_and_lengths(X: Array) -> tuple[Array, Array]:
    """Standard deviation of each input, length of each example; some rows at a time.

    Deviations from the first row, so that an input that never changes has a spread of exactly 0.
    """
    total = np.zeros(X.shape[1])
    squares, lengths = np.zeros_like(total), np.zeros(len(X))
    for start in range(0, len(X), _PARTS):
        part = np.asarray(X[start : start + _PARTS], np.float64)
        lengths[start : start + _PARTS] = np.linalg.norm(part, axis=1)
        part = part - X[0]
        total += part.sum(axis=0)
        squares += np.einsum("ij,ij->j", part, part)
    variance = squares / len(X) - (total / len(X)) ** 2
    return np.sqrt(np.maximum(variance, 0.0)), lengths


def _targets(case: Case) -> Verdict:
    stack = case.network
    f = stack.activations[stack.depth]
    slope = slope_of(f)
    low, high = (0.0, 1.0) if slope is None else (slope.low, slope.high)
    if slope is None and f is not stack.cost.output:
        raise CannotJudge(f"the output activation {f.__name__} mixes neurons")
    Y = case.examples.Y
    least, greatest = float(Y.min()), float(Y.max())
    outside = float(((low - 1e-6 > Y) | (high + 1e-6 < Y)).mean())
    numbers = {"from": least, "to": greatest, "low": low, "high": high, "outside": outside}
    ranges = (
        f"targets from {number(least)} to {number(greatest)}, outputs of {f.__name__} from"
        f" {number(low)} to {number(high)}"
    )
    if not outside:
        return Verdict("healthy", ranges, numbers)
    return Verdict(
        "illness",
        f"The output layer cannot reach {percent(outside)} of the targets: {ranges}.",
        numbers,
        "scale the targets into the range, or end in a layer without activation (identity)",
    )


def _imbalance(case: Case) -> Verdict:
    rows = case.examples
    if not rows.classes:
        raise CannotJudge("the targets are not classes")
    k = max(rows.Y.shape[1], 2)
    if len(rows.Y) < _AT_LEAST * k:
        raise CannotJudge(f"{count(len(rows.Y), 'example')} of {k} classes tell nothing of them")
    counts = np.bincount(classes_of(rows.Y), minlength=k)
    names = case.classes or tuple(map(str, range(k)))
    rarest, commonest = int(np.argmin(counts)), int(np.argmax(counts))
    ratio = float(counts[commonest] / counts[rarest]) if counts[rarest] else float("inf")
    numbers = {"counts": counts.tolist(), "ratio": ratio}
    if ratio == 1:
        return Verdict("healthy", f"each class has {count(int(counts[0]), 'example')}", numbers)
    sentence = (
        f"class {names[rarest]} has {count(int(counts[rarest]), 'example')}, class"
        f" {names[commonest]} {counts[commonest]:,}"
    )
    if ratio < _RARE["note"]:
        return Verdict("healthy", sentence, numbers)
    severity: Severity = "warning" if ratio >= _RARE["warning"] else "note"
    return Verdict(
        severity,
        f"Rare classes: {sentence}. Accuracy says little then, and the rare class is learned last.",
        numbers,
        "look at recall class by class; repeat rare examples, or weigh their costs",
    )


RULES = (
    Rule(
        "inputs out of scale",
        _inputs,
        f"root mean square above {_SIZE:g} or below {1 / _SIZE**2:g}, an input spread more than"
        f" {_SPREADS:g} times as wide as the median, or an example {_LENGTHS:g} times as long:"
        " warning",
        "LeCun, Bottou, Orr and Müller 1998, section 4.3",
    ),
    Rule(
        "targets out of reach",
        _targets,
        "any target outside of the range of the output activation: illness",
        "LeCun, Bottou, Orr and Müller 1998, section 4.5",
    ),
    Rule(
        "rare classes",
        _imbalance,
        f"the commonest class {_RARE['note']:g} times as common as the rarest: note,"
        f" {_RARE['warning']:g} times: warning",
        "Buda, Maki and Mazurowski 2018",
        needs_finite=False,
    ),
)
