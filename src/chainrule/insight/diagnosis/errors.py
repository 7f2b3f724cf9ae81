"""Rules on errors: vanishing and exploding from layer to layer."""

from __future__ import annotations

import math

from chainrule.insight.diagnosis.case import CannotJudge, Case
from chainrule.insight.diagnosis.finding import Rule, Severity, Verdict
from chainrule.insight.diagnosis.words import number, times
from chainrule.insight.error_flow import ErrorFlow

_WARNING, _ILLNESS = 100.0, 1000.0


def _vanishing(case: Case) -> Verdict:
    flow = _flow(case)
    severity = _severity(1 / flow.factor if flow.factor else math.inf)
    return _verdict(
        flow, severity, "vanish", worst=min(_ratios(flow), key=lambda n: _ratios(flow)[n]),
        remedy="an activation that lets errors pass (relu, with init='he'), weights scaled to"
        " 1/sqrt(n_in) (init='scaled'), fewer layers",
    )  # fmt: skip


def _exploding(case: Case) -> Verdict:
    flow = _flow(case)
    return _verdict(
        flow, _severity(flow.factor), "explode",
        worst=max(_ratios(flow), key=lambda n: _ratios(flow)[n]),
        remedy="smaller weights (init='scaled' or 'he'), a smaller eta until they are",
    )  # fmt: skip


def _flow(case: Case) -> ErrorFlow:
    flow = case.flow
    if len(flow.layers) < 2:
        raise CannotJudge("a single layer has no way for errors to go")
    if not flow.layers[max(flow.layers)].norm:
        raise CannotJudge("the errors of the output layer are 0: there is nothing to learn")
    return flow


def _severity(factor: float) -> Severity:
    return "illness" if factor > _ILLNESS else "warning" if factor > _WARNING else "healthy"


def _ratios(flow: ErrorFlow) -> dict[int, float]:
    """Layer -> its errors over those of the next; 0 / 0 is no further loss."""
    below = {n: layer for n, layer in flow.layers.items() if n + 1 in flow.layers}
    return {n: 1.0 if layer.ratio is None else layer.ratio for n, layer in below.items()}


def _verdict(flow: ErrorFlow, severity: Severity, what: str, worst: int, remedy: str) -> Verdict:
    last = max(flow.layers)
    numbers = {
        "factor": flow.factor,
        "per_layer": flow.per_layer,
        "norms": {n: layer.norm for n, layer in flow.layers.items()},
        "ratios": _ratios(flow),
        "gradient_over_weights": {n: layer.relative for n, layer in flow.layers.items()},
        "layer": worst,
    }
    way = (
        f"from layer {last} back to layer 1 errors change by a factor of {number(flow.factor)},"
        f" {number(flow.per_layer)} a layer"
    )
    if severity == "healthy":
        return Verdict(severity, way, numbers)
    first, end = flow.layers[1].relative, flow.layers[last].relative
    step = (
        ""
        if first is None or end is None
        else f". The gradient is {number(first)} of the weights in layer 1, {number(end)} in layer"
        f" {last}"
    )
    sentence = (
        f"Errors {what}: {way}; most between layers {worst + 1} and {worst}"
        f" ({times(_ratios(flow)[worst])}){step}."
    )
    return Verdict(severity, sentence, numbers, remedy)


RULES = (
    Rule(
        "vanishing errors",
        _vanishing,
        "|delta[1]| below 1/100 of |delta[L]|: warning; below 1/1,000: illness",
        "Hochreiter 1991; Nielsen, chapter 5; Glorot and Bengio 2010, section 4.2",
    ),
    Rule(
        "exploding errors",
        _exploding,
        "|delta[1]| above 100 times |delta[L]|: warning; above 1,000 times: illness",
        "Nielsen, chapter 5; Pascanu, Mikolov and Bengio 2013, section 2.1",
    ),
)
