"""A diagnosis as text for a terminal and as HTML for a notebook: the same words and numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from html import escape
from typing import Any, cast

from chainrule.core.html import folded, table
from chainrule.insight.diagnosis.finding import Diagnosis, Finding

_WIDTH = 96
_SHOWN = 10


def text(diagnosis: Diagnosis) -> str:
    """Findings in full, the worst first; what is healthy and what is not judged in a line each."""
    lines = [*_wrapped(f"Diagnosis of {diagnosis.subject}", ""), f"looked at {diagnosis.looked_at}"]
    for finding in diagnosis.findings:
        lines += ["", finding_text(finding)]
    if not diagnosis.findings:
        lines += ["", "Nothing was found."]
    for head, rows in _remarks(diagnosis):
        lines += ["", f"{head}:"]
        for name, remark in rows:
            lines += _wrapped(f"{name}: {remark}", "  ")
    return "\n".join(lines)


def finding_text(finding: Finding) -> str:
    """One finding in full."""
    lines = [f"{finding.severity.upper()}: {finding.rule}", *_wrapped(finding.sentence, "  ")]
    if finding.remedy:
        lines += _wrapped(f"try: {finding.remedy}", "  ")
    return "\n".join([*lines, *_wrapped(f"rule: {finding.threshold} ({finding.source})", "  ")])


def html(diagnosis: Diagnosis) -> str:
    """The same, with the numbers of each finding to unfold."""
    parts = [
        f"<p><b>Diagnosis of {escape(diagnosis.subject)}</b><br>"
        f"looked at {escape(diagnosis.looked_at)}</p>"
    ]
    parts += [finding_html(finding) for finding in diagnosis.findings]
    if not diagnosis.findings:
        parts.append("<p>Nothing was found.</p>")
    for head, rows in _remarks(diagnosis):
        lines = [f"<li><b>{escape(name)}</b>: {escape(remark)}</li>" for name, remark in rows]
        parts.append(folded(head, f"<ul>{''.join(lines)}</ul>"))
    return "\n".join(parts)


def _remarks(diagnosis: Diagnosis) -> list[tuple[str, list[tuple[str, str]]]]:
    healthy = [(f.rule, f.sentence) for f in diagnosis.healthy]
    reasons: dict[str, list[str]] = {}
    for rule, why in diagnosis.unjudged.items():
        reasons.setdefault(why, []).append(rule)
    unjudged = [(", ".join(rules), why) for why, rules in reasons.items()]
    return [(head, rows) for head, rows in (("healthy", healthy), ("not judged", unjudged)) if rows]


def finding_html(finding: Finding) -> str:
    """One finding in full, with its numbers to unfold."""
    remedy = f"<br><i>Try:</i> {escape(finding.remedy)}." if finding.remedy else ""
    rows = [(name, _short(value)) for name, value in finding.numbers.items()]
    return (
        f"<p><b>{escape(finding.severity)}: {escape(finding.rule)}</b><br>"
        f"{escape(finding.sentence)}{remedy}<br>"
        f"<small>Rule: {escape(finding.threshold)} ({escape(finding.source)}).</small></p>\n"
        + folded("numbers", table(("", ""), rows))
    )


def _short(value: Any) -> str:
    """A number, or numbers by name or in order, the first of them."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        named = cast("Mapping[Any, Any]", value)
        return "; ".join(f"{name}: {_short(x)}" for name, x in named.items())
    if isinstance(value, list):
        items = cast("list[Any]", value)
        rest = f" and {len(items) - _SHOWN:,} more" if len(items) > _SHOWN else ""
        return ", ".join(_short(x) for x in items[:_SHOWN]) + rest
    return str(value)


def _wrapped(line: str, indent: str) -> list[str]:
    return textwrap.wrap(
        line, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
