"""``cr.insight.diagnose``: all rules on one subject."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np

from chainrule.core.errors import ArgumentError
from chainrule.core.tracebacks import users_frames
from chainrule.insight.diagnosis import (
    data as of_data,
)
from chainrule.insight.diagnosis import (
    errors,
    finite,
    learning_rate,
    neurons,
    progress,
)
from chainrule.insight.diagnosis import (
    examples as of_examples,
)
from chainrule.insight.diagnosis.case import CannotJudge, Case
from chainrule.insight.diagnosis.finding import SEVERITIES, Diagnosis, Finding, Rule
from chainrule.insight.diagnosis.subject import (
    Sampling,
    Subject,
    descent_of,
    of_model,
    of_record,
    of_run,
)
from chainrule.insight.subject import subject_of
from chainrule.nn.record import Record
from chainrule.nn.stack import GivenCost
from chainrule.training.optim import Optimiser
from chainrule.training.result import FitResult

RULES: tuple[Rule, ...] = (
    *finite.RULES,
    *errors.RULES,
    *neurons.RULES,
    *learning_rate.RULES,
    *of_examples.RULES,
    *of_data.RULES,
    *progress.RULES,
)
"""Every rule, in the order in which they are reported where they are equally bad."""


def diagnose(
    subject: Any,
    data: Any = None,
    *,
    params: Any = None,
    cost: GivenCost = None,
    eta: float | None = None,
    optimiser: Optimiser | None = None,
    batch_size: int | None = None,
    examples: int = 1000,
    seed: int = 0,
) -> Diagnosis:
    """What ails a network, in words, with the numbers behind them.

    Vanishing and exploding errors; saturated, dead, constant and equal neurons; a learning rate too
    high or too low for the curvature that is measured; an example that dominates its mini-batch;
    labels that look wrong; inputs, targets and classes that make learning hard; nothing learned, a
    jumping cost, training for too long; numbers that are not finite. Each rule names its source and
    its threshold; what is healthy and what could not be judged is said, too.

    Args:
        subject: a run folder (its path, or the result of ``cr.fit(out=...)``), which brings model,
            data, learning rate and history; a Network, a Sequential with ``params`` and ``cost``,
            or a result of ``cr.fit``; or a record (``net.record``), of which only some rules can
            tell.
        data: examples (X, Y), a list of pairs (x, y) or a data set of ``cr.data``, scaled as those
            that the model is trained on. A run that ``chainrule train`` made knows its data.
        eta: the learning rate; plain gradient descent unless ``optimiser`` says otherwise.
        optimiser: such as ``cr.optim.sgd(0.1, momentum=0.9)``.
        batch_size: examples in a mini-batch; that of the run, else 32.
        examples: how many examples, drawn by ``seed``, the measures rest on. Labels and inputs are
            looked at in all examples.

    Returns:
        :class:`Diagnosis`: ``findings``, ``healthy`` and ``unjudged``; ``diagnosis[rule]`` is what
        one rule found.

    Raises:
        ArgumentError: data are missing, or the subject is none of these.
        RunError: the run does not say what data it was trained on; give ``data=``.
        DataError, ShapeError: the examples do not fit the model.

    >>> import numpy as np, chainrule as cr
    >>> net = cr.nn.Network([4] + [10] * 8 + [2], init="scaled")
    >>> X, y = np.random.default_rng(0).normal(size=(50, 4)), np.arange(50) % 2
    >>> found = cr.insight.diagnose(net, (X, y), eta=0.5)
    >>> found["vanishing errors"].severity
    'illness'
    """
    with users_frames, np.errstate(all="ignore"):  # what is not finite is found, not warned of
        if examples < 1:
            raise ArgumentError(f"diagnose: examples must be at least 1, got {examples}")
        sampling, descent = Sampling(examples, seed), descent_of(eta, optimiser)
        if isinstance(subject, Record):
            found = of_record(subject, sampling)
        elif isinstance(subject, (str, Path)):
            found = of_run(subject, data, descent, batch_size, sampling)
        elif isinstance(subject, FitResult) and subject.run is not None:
            found = of_run(subject.run, data, descent, batch_size, sampling)
        else:
            if data is None:
                raise ArgumentError("diagnose: a model needs data: diagnose(model, (X, Y))")
            found = of_model(
                subject_of(subject, params, cost), data, descent, batch_size, sampling,
                subject.history if isinstance(subject, FitResult) else (),
            )  # fmt: skip
        return _judged(found)


def _judged(subject: Subject) -> Diagnosis:
    finite_numbers = finite.is_finite(subject.case)
    findings: list[Finding] = []
    unjudged: dict[str, str] = {}
    for rule in RULES:
        if rule.needs_finite and not finite_numbers:
            unjudged[rule.name] = "the network's numbers are not all finite"
            continue
        found = _asked(rule, subject.case)
        if isinstance(found, str):
            unjudged[rule.name] = found
        else:
            findings.append(found)
    ordered = sorted(findings, key=lambda f: SEVERITIES.index(f.severity))
    ill = tuple(f for f in ordered if f.severity != "healthy")
    well = tuple(f for f in ordered if f.severity == "healthy")
    return Diagnosis(subject.name, subject.looked_at, ill, well, unjudged)


def _asked(rule: Rule, case: Case) -> Finding | str:
    """What the rule found, or why it cannot judge."""
    try:
        verdict = rule.judge(case)
    except CannotJudge as missing:
        return cast("str", missing.args[0])
    return Finding(
        rule.name, verdict.severity, verdict.sentence, verdict.numbers, rule.threshold,
        rule.source, verdict.remedy,
    )  # fmt: skip
