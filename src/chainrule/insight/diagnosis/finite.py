"""The rule that comes first: whether all numbers are finite."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule.checking.nonfinite import find_nonfinite
from chainrule.insight.curvature import cost_of_parameters
from chainrule.insight.diagnosis.case import Case
from chainrule.insight.diagnosis.finding import Rule, Verdict
from chainrule.insight.diagnosis.words import count, listing


def is_finite(case: Case) -> bool:
    """Whether parameters, activations, errors and costs are all finite."""
    return not _places(case)


def _not_finite(case: Case) -> Verdict:
    bad = _places(case)
    epochs = [i for i, record in enumerate(case.history, start=1) if not _finite_cost(record)]
    numbers: dict[str, Any] = {"places": bad, "epochs": epochs}
    if not bad and not epochs:
        return Verdict("healthy", "parameters, activations, errors and costs are finite", numbers)
    texts = [f"{count(n, 'number')} of {where}" for where, n in bad.items()]
    if epochs:
        texts.append(f"the cost of epoch {listing(epochs)}")
    first = _first(case) if bad else ""
    return Verdict(
        "illness",
        f"Not finite: {listing(texts)}.{first}",
        numbers,
        "a smaller eta if it happened in training; costs that are computed from z"
        " (cross-entropy, log-likelihood by name) instead of a logarithm of outputs",
    )


def _places(case: Case) -> dict[str, int]:
    named: dict[str, Any] = {"the costs": case.costs}
    if case.stack is not None:
        named |= {f"the weights of layer {n}": w for n, w in case.stack.weights.items()}
        named |= {f"the biases of layer {n}": b for n, b in case.stack.biases.items()}
    named |= {f"a[{n}]": a for n, a in case.a.items()}
    named |= {f"delta[{n}]": d for n, d in case.delta.items()}
    counts = {where: int(np.sum(~np.isfinite(x))) for where, x in named.items()}
    return {where: n for where, n in counts.items() if n}


def _first(case: Case) -> str:
    """Where the first one is made."""
    if case.stack is None:
        return ""
    f = cost_of_parameters(case.stack, case.X, case.Y, case.decay)
    found = find_nonfinite(f, (case.stack.weights, case.stack.biases))
    if found is None or found.kind == "argument":
        return ""
    return f" The first is made by {found.primitive}: {found.found}."


def _finite_cost(record: Any) -> bool:
    cost = record.get("cost")
    return not isinstance(cost, float) or math.isfinite(cost)


RULES = (
    Rule(
        "numbers not finite",
        _not_finite,
        "any NaN or infinity among parameters, activations, errors and costs: illness",
        "IEEE 754: what is computed from a NaN is NaN",
        needs_finite=False,
    ),
)
