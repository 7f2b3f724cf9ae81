"""``docs/diagnosis.md`` lists the rules as they are."""

from __future__ import annotations

from pathlib import Path

from chainrule.insight.diagnosis.diagnose import RULES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "diagnosis.md"


def table() -> str:
    """The rules as a table in Markdown: what the document has."""
    texts = [(rule.name, rule.threshold, rule.source) for rule in RULES]
    rows = ["| " + " | ".join(x.replace("|", r"\|") for x in row) + " |" for row in texts]
    return "\n".join(["| rule | threshold | source |", "|---|---|---|", *rows])


def test_the_document_has_the_rules():
    assert table() in DOCUMENT.read_text(encoding="utf-8")
