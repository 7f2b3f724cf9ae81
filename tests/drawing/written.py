"""A view as text, for golden texts: a line a node, with what comes into it."""

from __future__ import annotations

from chainrule.drawing.view import View


def written(view: View) -> str:
    lines: list[str] = []
    for node in view.nodes:
        text = node.label.replace("\n", " | ")
        coming = [
            _edge(e.start, e.variable, e.value, e.gradient) for e in view.edges if e.end == node.key
        ]
        lines.append(f"{node.key} {node.kind} [{text}]" + "".join(f" <- {c}" for c in coming))
    return "\n".join(lines)


def _edge(start: str, variable: str, value: str, gradient: str) -> str:
    numbers = f" ({value}; {gradient})" if value else ""
    return f"{start}.{variable}{numbers}"
