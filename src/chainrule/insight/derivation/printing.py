"""The derivation of a function as text, LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.core.html import table
from chainrule.insight.notation.expression import Constant, Expression, Symbol
from chainrule.insight.notation.latex import latex
from chainrule.insight.notation.styles import width
from chainrule.insight.notation.text import text

if TYPE_CHECKING:
    from chainrule.insight.derivation.edges import Contribution
    from chainrule.insight.derivation.function import (
        CotangentSum,
        FunctionDerivation,
        Row,
        Step,
    )

SMALL = 4  # entries of a vector whose numbers are shown
HEAD = ("source", "forward", "reverse, read upwards")

Cells = tuple[str, str, str]


def number_text(value: Any) -> str:
    """The number of a scalar or small vector; "" of anything larger."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufc" or array.ndim > 1 or array.size > SMALL:
        return ""
    if array.ndim == 0:
        return _digits(array.item())
    return f"[{', '.join(_digits(x) for x in array.tolist())}]"


def _digits(x: Any) -> str:
    if isinstance(x, complex):
        return f"{x:.5g}".replace("j", "i")
    return str(x) if isinstance(x, (bool, int)) else f"{x:.6g}"


def _equals(value: Any) -> str:
    shown = number_text(value)
    return f" = {shown}" if shown else ""


# ---- text ----------------------------------------------------------------------------------------


def as_text(d: FunctionDerivation) -> str:
    """Columns of source, forward and reverse; then the reverse sweep in its order."""
    parts = [_title(d), "", *_columns(list(_cells(d)))]
    parts += ["", _sweep_title(d), *(_sum_text(s) for s in d.sweep), "", *_notes(d)]
    return "\n".join(line.rstrip() for line in parts)


def _title(d: FunctionDerivation) -> str:
    given = ", ".join(f"{s.text}{_equals(x) or f': {s.type}'}" for s, x in d.inputs)
    return f"{d.name} at {given}"


def _sweep_title(d: FunctionDerivation) -> str:
    outputs = ", ".join(s.text for s in d.outputs)
    above = d.outputs[0].text if len(d.outputs) == 1 else "outputs"
    what = f"x̄ = d{above}/dx" if len(above) == 1 else f"x̄ = d {above} / dx"
    return f"The reverse sweep in its order, from {outputs}; {what} is the cotangent of x"


def _cells(d: FunctionDerivation) -> Iterator[Cells]:
    with_source = any(row.source for row in d.rows)
    yield HEAD
    hidden = d.left_out
    for i, row in enumerate(d.rows):
        if hidden and i == _cut(d.rows):
            yield ("...", f"({hidden:,} equations)", "")
        yield from _row_cells(row if with_source else row)


def _cut(rows: Sequence[Row]) -> int:
    """The row before which the equations that are left out would stand."""
    total = sum(len(row.steps) for row in rows)
    count = 0
    for i, row in enumerate(rows):
        if count >= (total + 1) // 2:
            return i
        count += len(row.steps)
    return len(rows)


def _row_cells(row: Row) -> Iterator[Cells]:
    source = row.source
    if not row.steps:
        yield (source, "", "")
    for step in row.steps:
        reverse = [_contribution_text(c) for c in step.contributions] or [""]
        forward = [_step_text(step)] + [""] * (len(reverse) - 1)
        for left, right in zip(forward, reverse, strict=True):
            yield (source, left, right)
            source = ""


def _step_text(step: Step) -> str:
    if len(step.left) > 1:
        names = ", ".join(s.text for s in step.left)
        return f"{names} = {text(step.right[0])}"
    return f"{step.left[0].text} = {text(step.right[0])}{_equals(step.values[0])}"


def _contribution_text(c: Contribution) -> str:
    return f"{c}{_equals(c.value)}"


def _sum_text(s: CotangentSum) -> str:
    terms = " + ".join(_term(c) for c in s.terms)
    if s.hidden:
        terms += f" + ... ({s.hidden} more)"
    numbers = ""
    shown = [number_text(c.value) for c in s.terms]
    if len(shown) > 1 and all(shown) and not s.hidden:
        numbers = " = " + " + ".join(f"({n})" if n.startswith("-") else n for n in shown)
    if not terms:
        return f"{s.left.text}{_equals(s.value) or ' is given'}"
    return f"{s.left.text} = {terms}{numbers}{_equals(s.value)}"


def _term(c: Contribution) -> str:
    written = text(c.expression)
    return f"scatter{c.index}({written})" if c.index else written


def _notes(d: FunctionDerivation) -> list[str]:
    notes = [f"Each line was computed with numbers; largest relative error {d.error:.1e}."]
    if d.left_out:
        total = d.left_out + sum(len(row.steps) for row in d.rows)
        notes.append(f"{d.left_out:,} of {total:,} equations are left out; limit={total} shows all.")
    return notes


def _columns(rows: Sequence[Cells]) -> list[str]:
    used = [i for i in range(3) if any(row[i] for row in rows[1:])]
    widths = {i: max(width(row[i]) for row in rows) for i in used}
    lines = ["  ".join(row[i] + " " * (widths[i] - width(row[i])) for i in used) for row in rows]
    return [lines[0], "  ".join("─" * widths[i] for i in used), *lines[1:]]


# ---- LaTeX ---------------------------------------------------------------------------------------


def as_latex(d: FunctionDerivation) -> str:
    """An array of source, forward and reverse, and the sweep as an aligned environment."""
    lines = [" & ".join(cells) for row in d.rows for cells in _row_latex(row)]
    body = " \\\\\n".join([r"\text{source} & \text{forward} & \text{reverse} \\ \hline", *lines])
    array = f"\\begin{{array}}{{lll}}\n{body}\n\\end{{array}}"
    sums = " \\\\\n".join(_sum_latex(s) for s in d.sweep)
    aligned = f"\\begin{{aligned}}\n{sums}\n\\end{{aligned}}"
    return f"\\begin{{gathered}}\n{array} \\\\[1em]\n{aligned}\n\\end{{gathered}}"


def _row_latex(row: Row) -> Iterator[Cells]:
    source = typewriter(row.source)
    if not row.steps:
        yield (source, "", "")
    for step in row.steps:
        left = ", ".join(s.latex for s in step.left)
        value = _equals_latex(step.values[0]) if len(step.left) == 1 else ""
        forward = f"{left} = {latex(step.right[0])}{value}"
        reverse = [_contribution_latex(c) for c in step.contributions] or [""]
        for right in reverse:
            yield (source, forward, right)
            source = forward = ""


def _contribution_latex(c: Contribution) -> str:
    written = f"{latex(c.expression)}{_equals_latex(c.value)}"
    return rf"{c.to.latex}{_index_latex(c.index)} \mathrel{{+}}= {written}"


def _index_latex(index: str) -> str:
    return index.replace(":", "{:}")


def _sum_latex(s: CotangentSum) -> str:
    terms = [
        rf"\operatorname{{scatter}}{_index_latex(c.index)}({latex(c.expression)})"
        if c.index
        else latex(c.expression)
        for c in s.terms
    ]
    if s.hidden:
        terms.append(r"\cdots")
    right = " + ".join(terms)
    value = _equals_latex(s.value)
    if not right:
        return f"{s.left.latex} &{value or rf'= {s.left.latex}'}"
    return f"{s.left.latex} &= {right}{value}"


def _equals_latex(value: Any) -> str:
    array = np.asarray(value)
    if not number_text(array) or array.ndim:
        return ""
    kind = Symbol("", "", _number_type(array)).type
    return f" = {latex(Constant(array.item(), kind))}"


def _number_type(array: Any) -> Any:
    from chainrule.core.trace import type_of

    return type_of(array)


def typewriter(source: str) -> str:
    r"""Program text in a formula: spaces stay, and what TeX reads is escaped."""
    escaped = "".join(_ESCAPED.get(c, c) for c in source)
    return rf"\texttt{{{escaped}}}" if source else ""


_ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "#": r"\#", "$": r"\$",
    "%": r"\%", "&": r"\&", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", " ": "~",
}  # fmt: skip


# ---- HTML ----------------------------------------------------------------------------------------


def as_html(d: FunctionDerivation) -> str:
    """A table of source, forward and reverse, and one of the reverse sweep."""
    rows: list[tuple[str, str, str]] = []
    for row in d.rows:
        forward = "\n".join(_aligned_steps(row))
        reverse = "\n".join(
            line for s in row.steps for line in ([*map(_contribution_text, s.contributions)] or [""])
        )
        rows.append((row.source, forward, reverse))
    first = table(HEAD, rows, _title(d))
    sweep = [(s.left.text, _sum_text(s).partition(" = ")[2], "") for s in d.sweep]
    second = table(("cotangent", "sum over all uses", ""), sweep, _sweep_title(d))
    notes = "".join(f"<p>{note}</p>" for note in _notes(d))
    return f"{first}\n{second}\n{notes}"


def _aligned_steps(row: Row) -> Iterator[str]:
    for step in row.steps:
        yield _step_text(step)
        yield from [""] * (len(step.contributions) - 1)


def expression_text(x: Expression) -> str:
    """An expression as text."""
    return text(x)
