"""The numbers of a graph as a table: value and cotangent of each variable, beside its source line.

What ``graph.numbers`` shows at a prompt and in a notebook. Rests on ``edge_text.py``, so that the
table says what stands on the edges of the drawn graph.
"""

from __future__ import annotations

from chainrule.core.columns import aligned
from chainrule.core.graph import Graph, Source, Var, VariableNumbers
from chainrule.core.html import table
from chainrule.drawing.edge_text import EdgeTexts
from chainrule.drawing.names import line_of
from chainrule.drawing.variable_names import variable_names

MOST = 40
"""Rows of a table; of more variables the first and the last half of them are shown."""


def number_lines(graph: Graph, numbers: VariableNumbers) -> str:
    """The table as text."""
    rows = [_head(graph), *_rows(graph, numbers)]
    texts = [max(len(row[i]) for row in rows) for i in (3, 4)]  # to the left, as they are read
    return "\n".join(aligned([[*row[:3], *map(str.ljust, row[3:], texts)] for row in rows]))


def number_html(graph: Graph, numbers: VariableNumbers) -> str:
    """The table as HTML."""
    return table(_head(graph), _rows(graph, numbers))


def _head(graph: Graph) -> list[str]:
    names = variable_names(graph)
    outputs = [names[x] for x in graph.outputs if isinstance(x, Var)]
    derivative = f"∂{outputs[0]}/∂" if len(graph.outputs) == len(outputs) == 1 else "cotangent"
    return ["variable", "value", derivative, "operation", "line"]


def _rows(graph: Graph, numbers: VariableNumbers) -> list[list[str]]:
    names, texts = variable_names(graph), EdgeTexts(numbers, graph)
    made: list[tuple[Var, str, Source | None]] = [(v, "input", None) for v in graph.inputs]
    made += [(v, e.primitive.name, e.source) for e in graph.equations for v in e.outputs]
    left_out = len(made) - MOST
    shown = made if left_out <= 0 else made[: MOST // 2] + made[-MOST // 2 :]
    rows = [
        [names[v], texts.of(v).value, texts.of(v).gradient, operation, _line(source)]
        for v, operation, source in shown
    ]
    if left_out > 0:
        rows.insert(MOST // 2, [f"({left_out:,} more)", "", "", "", ""])
    return rows


def _line(source: Source | None) -> str:
    return f"{source.line}: {line_of(source)}".strip(" :") if source is not None else ""
