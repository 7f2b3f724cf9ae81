"""A rule, and what it found: plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from chainrule.insight.diagnosis.case import Case

Severity = Literal["illness", "warning", "note", "healthy"]

SEVERITIES: tuple[Severity, ...] = ("illness", "warning", "note", "healthy")
"""The worst first: an illness stops or spoils learning, a warning costs, a note is to be known."""


class Verdict(NamedTuple):
    """What a rule says of a case; ``remedy`` is empty where nothing is to be done."""

    severity: Severity
    sentence: str
    numbers: Mapping[str, Any]
    remedy: str = ""


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong.

    Attributes:
        name: of the illness.
        judge: the verdict on a case; raises ``CannotJudge`` if the case lacks what it takes.
        threshold: in words, with the numbers that decide.
        source: where the rule comes from.
        needs_finite: whether it has no meaning for a network whose numbers are not finite.
    """

    name: str
    judge: Callable[[Case], Verdict]
    threshold: str
    source: str
    needs_finite: bool = True


@dataclass(frozen=True)
class Finding:
    """What a rule found.

    Attributes:
        rule: the name of the rule.
        severity: "illness", "warning", "note" or "healthy".
        sentence: what was found, in words.
        numbers: the numbers behind it, by name.
        threshold: what decides.
        source: where the rule comes from.
        remedy: what to try; empty if healthy.
    """

    rule: str
    severity: Severity
    sentence: str
    numbers: Mapping[str, Any]
    threshold: str
    source: str
    remedy: str

    def __str__(self) -> str:
        from chainrule.insight.diagnosis.report import finding_text

        return finding_text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from chainrule.insight.diagnosis.report import finding_html

        return finding_html(self)


@dataclass(frozen=True)
class Diagnosis:
    """What was found, what is healthy, and what could not be judged.

    Attributes:
        subject: what was diagnosed, in words.
        looked_at: on which numbers this rests.
        findings: the worst first.
        healthy: rules that found nothing, with their numbers.
        unjudged: rule -> why it could not be judged.
    """

    subject: str
    looked_at: str
    findings: tuple[Finding, ...]
    healthy: tuple[Finding, ...]
    unjudged: Mapping[str, str] = field(default_factory=dict[str, str])

    def __getitem__(self, rule: str) -> Finding:
        """What the rule of that name found, or that it found nothing."""
        for finding in (*self.findings, *self.healthy):
            if finding.rule == rule:
                return finding
        raise KeyError(self.unjudged.get(rule, f"{rule!r} is not one of the rules"))

    def __str__(self) -> str:
        from chainrule.insight.diagnosis.report import text

        return text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from chainrule.insight.diagnosis.report import html

        return html(self)
